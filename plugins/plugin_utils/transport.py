# Copyright: kubetriage.node contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""One round trip to a node: the probe goes in on the standard input of the node's Python, its framed answer comes back.

No temporary file, no module directory: whatever connection and become plugin the inventory names, only their exec is used.
"""

import base64
import contextlib
import json
import os
import re
import shlex
import signal
import zlib

from ansible.errors import AnsibleConnectionFailure, AnsibleError

from ansible_collections.kubetriage.node.plugins.module_utils.probe import BEGIN, END

_NO_PYTHON = "KUBETRIAGE-NO-PYTHON"
_PYTHONS = ("python3", "/usr/libexec/platform-python", "/usr/local/bin/python3", "/opt/bin/python3", "/opt/python/bin/python3")
_ANSWER_LIMIT = 64 * 1024 * 1024  # bytes after unpacking: a node must not be able to fill the controller's memory
_GRACE = 8  # seconds beside the probe's own deadline, for connecting and for the program's start

# What ssh, sudo and shells say -> kind of failure. OpenSSH's sshconnect.c and readconf.c, sudo's sudo.c, Ansible's become plugins.
_KINDS = (
    ("host_key", r"host key verification failed|remote host identification has changed|no .* host key is known"),
    ("auth", r"permission denied \(|too many authentication failures|invalid/incorrect password|authentication failed"),
    ("key", r"load key .*(?:invalid format|no such file|bad permissions)|unprotected private key|identity file .* not accessible"),
    ("resolve", r"could not resolve hostname|name or service not known|nodename nor servname"),
    ("refused", r"connection refused"),
    ("no_route", r"no route to host|network is unreachable|host is down"),
    ("timeout", r"timed out|no answer within"),
    ("sudo", r"sudo: (?:a password is required|not found|command not found)|sudo: .*(?:not in the sudoers|no tty present)|missing sudo password"
             r"|incorrect sudo password|is not in the sudoers file|(?:sudo|su|doas): (?:command )?not found|not allowed to execute"
             r"|premature end of stream waiting for become"),
    ("no_shell", r"resource temporarily unavailable|cannot fork|fork: retry|cannot allocate memory|account is (?:currently )?not available"
                 r"|exec request failed"),
    ("closed", r"connection (?:reset|closed)|kex_exchange_identification|broken pipe"),
)
_NEXT = {
    "host_key": "the node's host key is not the known one: a reinstalled node, or another machine on its address; check, then ssh-keygen -R",
    "auth": "ssh key or password refused: try ansible_user, ansible_ssh_private_key_file, or ssh by hand",
    "key": "the private key cannot be used: see ansible_ssh_private_key_file and the file's mode",
    "resolve": "the host's name has no address here: set ansible_host, or check the inventory's spelling",
    "refused": "the machine answers, but nothing listens on its ssh port: sshd is down, or another port is meant (ansible_port)",
    "no_route": "no way to the machine: it is off, its link is down, or the network between is",
    "timeout": "no answer: the machine is off or hung, or a firewall drops us; try its console or BMC",
    "sudo": "becoming root failed: pass --ask-become-pass, or set ansible_become_method, or -e ansible_become=false to look without root",
    "no_shell": "it accepts connections but starts no shell: no PIDs or memory left, or the disk is full; use its console",
    "no_python": "no Python 3.6 or newer on the node: carry the evidence by hand (see docs), or set ansible_python_interpreter",
    "closed": "the connection was closed before an answer: sshd or a firewall ends it",
    "other": "see the message; try the same connection with: ansible NODE -m raw -a true -vvv",
}


class Unreached(Exception):
    """The node gave no answer. `kind` is a key of _NEXT, `said` the first line of what was said; str() names the cause and the next step."""

    def __init__(self, kind, said):
        super().__init__("%s; %s" % (said, _NEXT[kind]))
        self.kind = kind
        self.said = said


def _first_line(text):
    lines = [line.strip() for line in str(text).splitlines()]
    lines = [line for line in lines if line and not re.match(r"Warning: Permanently added|Shared connection|.*debug\d:|OpenSSH_|mux_client", line)]
    return (lines or ["no message"])[0][:300]


def kind_of(text):
    """What a failed connection said -> kind."""
    return next((kind for kind, pattern in _KINDS if re.search(pattern, text, re.IGNORECASE)), "other")


def _unreached(text):
    text = re.sub(r"(Failed to connect to the host via ssh: |Data could not be sent to remote host \S+\. Make sure this host can be reached over ssh: )", "",
                  str(text))
    kind = kind_of(text)
    pattern = dict(_KINDS).get(kind)
    telling = [line for line in text.splitlines() if pattern and re.search(pattern, line, re.IGNORECASE)]
    return Unreached(kind, _first_line("\n".join(telling) or text))


@contextlib.contextmanager
def _deadline(seconds):
    """Ends whatever blocks: a dead ssh master or a login that never comes has no deadline of its own. The worker's children are ended as well."""
    def late(_signal, _frame):
        raise Unreached("timeout", "no answer within %d s" % seconds)
    before = signal.signal(signal.SIGALRM, late)
    signal.alarm(seconds)
    try:
        yield
    except Unreached:
        _end_children()
        raise
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)


def _end_children():
    path = "/proc/self/task/%d/children" % os.getpid()
    try:
        with open(path) as file:
            children = [int(pid) for pid in file.read().split()]
    except OSError:  # not Linux: they end with their pipes
        return
    for pid in children:
        with contextlib.suppress(OSError):
            os.kill(pid, signal.SIGTERM)


def _command(interpreter):
    pythons = ([interpreter] if interpreter and not interpreter.startswith("auto") else []) + list(_PYTHONS)
    words = " ".join(shlex.quote(python) for python in pythons)
    return 'for p in %s; do command -v "$p" >/dev/null 2>&1 && exec "$p" -I -S -; done; echo %s' % (words, _NO_PYTHON)


def unframe(text):
    """Standard output of the probe -> its answer (a dict), or None when there is no whole frame. Size-bounded: the node is not trusted."""
    match = re.search(r"^%s\r?\n([A-Za-z0-9+/=]+)\r?\n%s" % (BEGIN, END), text, re.MULTILINE)
    if not match:
        return None
    try:
        unpacker = zlib.decompressobj()
        data = unpacker.decompress(base64.b64decode(match.group(1)), _ANSWER_LIMIT)
        answer = json.loads(data.decode("utf-8", "replace")) if not unpacker.unconsumed_tail else None
    except (ValueError, zlib.error, RecursionError):
        return None
    return answer if isinstance(answer, dict) and isinstance(answer.get("checks"), list) else None


def ask(action, program, interpreter, seconds):
    """Run `program` on the node of `action` (an ActionBase) -> the probe's answer. `seconds` is the probe's own deadline. Raises Unreached."""
    try:
        with _deadline(seconds + _GRACE):
            # Ansible's own low-level exec: become and every connection plugin work. It has no public name, and core's actions live on it.
            result = action._low_level_execute_command(_command(interpreter), sudoable=True, in_data=program.encode())
    except AnsibleConnectionFailure as error:
        raise _unreached(error.message if hasattr(error, "message") else error)
    except AnsibleError as error:
        raise _unreached(error)
    answer = unframe(result.get("stdout", ""))
    if answer is not None:
        return answer
    said = "%s\n%s" % (result.get("stderr", ""), result.get("stdout", ""))
    if _NO_PYTHON in said or re.search(r"the probe needs 3\.6|SyntaxError|python\S*: (?:command )?not found", said):
        raise Unreached("no_python", _first_line(said.replace(_NO_PYTHON, "no python3 found")))
    raise _unreached(said if said.strip() else "the probe ended with %s and without an answer" % result.get("rc"))
