# Copyright: kubetriage.node contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""One round trip to a node: a program goes in on the standard input of the node's Python or sh, what it printed comes back.

No temporary file, no module directory: whatever connection and become plugin the inventory names, only their exec is used. A plugin that has
no standard input to offer (paramiko) carries the program in the command itself.
"""

import base64
import bz2
import contextlib
import json
import os
import re
import shlex
import signal
import time
import zlib

from ansible.errors import AnsibleConnectionFailure, AnsibleError

from ansible_collections.kubetriage.node.plugins.module_utils.frame import BEGIN, END

_NO_PYTHON = "KUBETRIAGE-NO-PYTHON"
_PYTHONS = ("python3", "/usr/libexec/platform-python", "/usr/local/bin/python3", "/opt/bin/python3", "/opt/python/bin/python3")
_ANSWER_LIMIT = 64 * 1024 * 1024  # bytes after unpacking: a node must not be able to fill the controller's memory
_SAID_LIMIT = 65536  # characters of what was said instead of an answer, the last ones: in so many words a failure names itself
_ARGUMENT_LIMIT = 125000  # bytes: MAX_ARG_STRLEN of Linux is 131072, and a login shell gets the whole command as one argument

# What ssh, sudo and shells say -> kind of failure. OpenSSH's sshconnect.c and readconf.c, sudo's sudo.c, Ansible's become plugins.
_KINDS = (
    ("host_key", r"host key verification failed|remote host identification has changed|no .{0,80} host key is known"),
    ("auth", r"permission denied \(|too many authentication failures|invalid/incorrect password|authentication failed"),
    ("key", r"load key .{0,300}(?:invalid format|no such file|bad permissions)|unprotected private key|identity file .{0,300} not accessible"),
    ("resolve", r"could not resolve hostname|name or service not known|nodename nor servname"),
    ("no_banner", r"timed out during banner exchange|error reading ssh protocol banner"),
    ("refused", r"connection refused"),
    ("no_route", r"no route to host|network is unreachable|host is down"),
    ("timeout", r"timed out|no answer within"),
    ("sudo", r"sudo: (?:a password is required|not found|command not found)|sudo: .{0,200}(?:not in the sudoers|no tty present)|missing sudo password"
             r"|incorrect sudo password|is not in the sudoers file|(?:sudo|su|doas): (?:command )?not found|not allowed to execute"
             r"|premature end of stream waiting for become|you must have a tty"
             r"|waiting for privilege escalation prompt"),
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
    "no_banner": "its kernel accepts the connection and sshd says nothing: the machine hangs, or sshd does; try its console or BMC",
    "timeout": "no answer: the machine is off or hung, or a firewall drops us; try its console or BMC",
    "sudo": "becoming root failed: pass --ask-become-pass, or set ansible_become_method, or -e ansible_become=false to look without root",
    "no_shell": "it accepts connections but starts no shell: no PIDs or memory left, or the disk is full; use its console",
    "no_python": "neither Python 3.6 or newer nor a plain sh answered: carry the evidence by hand (see docs), or set ansible_python_interpreter",
    "closed": "the connection was closed before an answer: sshd cannot start a process (PIDs, memory), or a firewall ends it",
    "other": "see the message; try the same connection with: ansible NODE -m raw -a true -vvv",
}


class Unreached(Exception):
    """The node gave no answer. `kind` is a key of _NEXT, `said` the first line of what was said; str() names the cause and the next step."""

    def __init__(self, kind, said):
        super().__init__("%s; %s" % (said, _NEXT[kind]))
        self.kind = kind
        self.said = said


class Late(Unreached):
    """Our own deadline ended it: the node took the connection, or not even that, and then nothing came."""


class _Overdue(BaseException):
    """The deadline passed. No Exception, since Ansible's ssh connection tries again after any of those, without the deadline."""


class Silent(Exception):
    """The connection works, but the program there gave no answer; str() is what was said instead."""


def _first_line(text):
    said = [line.strip() for line in str(text).splitlines() if line.strip()]
    lines = [line for line in said if not re.match(r"Warning: Permanently added|Shared connection|.*debug\d:|OpenSSH_|mux_client", line)]
    return (lines or said or ["no message"])[0][:300]


def kind_of(text):
    """What a failed connection said -> kind."""
    text = text[-_SAID_LIMIT:]
    return next((kind for kind, pattern in _KINDS if re.search(pattern, text, re.IGNORECASE)), "other")


def unreached(text):
    text = re.sub(r"(Failed to connect to the host via ssh: |Data could not be sent to remote host \S+\. Make sure this host can be reached over ssh: )", "",
                  str(text)[-_SAID_LIMIT:])
    kind = kind_of(text)
    pattern = dict(_KINDS).get(kind)
    telling = [line for line in text.splitlines() if pattern and re.search(pattern, line, re.IGNORECASE)]
    return Unreached(kind, _first_line("\n".join(telling) or text))


@contextlib.contextmanager
def _deadline(seconds):
    """Ends whatever blocks: a dead ssh master or a login that never comes has no deadline of its own. The worker's children are ended as well."""
    def late(_signal, _frame):
        raise _Overdue
    before, began = signal.signal(signal.SIGALRM, late), time.monotonic()
    others = signal.alarm(seconds)  # of the task's own timeout, in seconds
    try:
        try:
            yield
        finally:
            signal.alarm(0)
    except _Overdue:
        _end_children()
        raise Late("timeout", "no answer within %d s" % seconds) from None
    finally:
        signal.signal(signal.SIGALRM, before)
        if others:
            signal.alarm(max(1, others - int(time.monotonic() - began)))


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


def _command(interpreter, code="-"):
    """`code`: what stands behind the interpreter, the standard input or a quoted -c. It starts no process beside the shell, which it replaces; its
    disk accesses wait for those of others; -B, because root's Python would write what it compiled."""
    pythons = ([interpreter] if interpreter and not interpreter.startswith("auto") else []) + list(_PYTHONS)
    words = " ".join(shlex.quote(python) for python in pythons)
    return ('i=; command -v ionice >/dev/null 2>&1 && i="ionice -t -c3"; for p in %s; do command -v "$p" >/dev/null 2>&1 && exec $i "$p" -I -S -B %s; done; '
            'echo %s' % (words, code, _NO_PYTHON))


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


def _execute(action, command, text, seconds, sudoable):
    """-> what came on standard output and standard error. `text`: for the program's standard input, None without one. Raises Unreached, Late."""
    try:
        with _deadline(max(int(seconds), 1)):
            # Ansible's own low-level exec: become and every connection plugin work. It has no public name, and core's actions live on it.
            result = action._low_level_execute_command(command, sudoable=sudoable, in_data=text.encode() if text else None)
    except AnsibleConnectionFailure as error:
        raise unreached(error.message if hasattr(error, "message") else error)
    except AnsibleError as error:
        raise unreached(error)
    return result.get("stdout", ""), "%s\n%s\n%s" % (result.get("stderr", ""), result.get("stdout", ""), "ended with %s" % result.get("rc"))


def pipes(action):
    """Has the connection a standard input for us?"""
    return bool(getattr(action._connection, "has_pipelining", False))


def ask_python(action, program, interpreter, seconds, sudoable=True):
    """Run `program` by the node's Python -> its answer. `seconds` for all of it. Raises Unreached, Late and Silent."""
    if pipes(action):
        command, text = _command(interpreter), program
    else:
        packed = base64.b85encode(bz2.compress(program.encode(), 9)).decode()  # a sixth shorter than zlib's; an alphabet without quotes
        code = "import base64,bz2;exec(bz2.decompress(base64.b85decode('%s')))" % packed
        command, text = _command(interpreter, "-c " + shlex.quote(code)), None
        if len(command) > _ARGUMENT_LIMIT:
            raise Silent("%s gives no standard input, and the probe is too long for a command" % action._connection.transport)
    out, said = _execute(action, command, text, seconds, sudoable)
    answer = unframe(out)
    if answer is None and kind_of(said) == "sudo":
        raise unreached(said)
    if answer is None:
        raise Silent(_first_line(said.replace(_NO_PYTHON, "no python3 found")))
    return answer


def ask_shell(action, script, seconds, sudoable=True):
    """Run `script` by the node's sh -> what it printed on both streams, an answer or not. Raises Unreached and Late."""
    if pipes(action):
        return _execute(action, "exec sh", script, seconds, sudoable)
    return _execute(action, "exec sh -c " + shlex.quote(script), None, seconds, sudoable)
