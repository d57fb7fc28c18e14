# Copyright: kubetriage.node contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""All checks of one node in one program: side by side, under one deadline, each alone with its own failure."""

import binascii
import json
import os
import select
import sys
import threading
import time
import zlib

from .frame import BEGIN, END
from .node.child import SIGKILL
from .node.live import Live
from .node.recorder import Recorder
from .node.secrets import redact
from .result import Result, iso


def _safely(name, check, node, window):
    """One check -> CheckResult. A defect of ours is a result too: it must not cost what the other checks found."""
    try:
        return check(node, window)
    except Exception:
        import traceback  # 3 ms that a probe without a defect need not pay
        result = Result(name)
        where = traceback.format_exc().strip().splitlines()
        result.skip(name, "defect in kubetriage, please report it: %s (%s)" % (where[-1], where[-3].strip() if len(where) > 2 else ""))
        return result.done()


def look(node, names, window, deadline):
    """Run the named checks of `node` (None: those of every look) at once -> [CheckResult] in the order of `names`; `deadline` in seconds for them all."""
    from .checks import ROUTINE, named  # after the forks of a probe: a child of a small process costs less
    names = names or ROUTINE
    functions = {name: named(name) for name in names}
    results = {}
    threads = []
    for name in names:
        thread = threading.Thread(target=lambda name=name: results.__setitem__(name, _safely(name, functions[name], node, window)))
        thread.daemon = True
        try:
            thread.start()
        except RuntimeError:  # not one thread is to be had: no PIDs, no memory
            results[name] = _safely(name, functions[name], node, window)
        threads.append(thread)
    until = time.monotonic() + deadline
    for thread in threads:
        if thread.ident:
            thread.join(max(until - time.monotonic(), 0))
    answers = []
    for name in names:
        if name not in results:
            late = Result(name)
            late.skip(name, "did not end within %g s" % deadline)
            results[name] = late.done()
        answers.append(results[name])
    return answers


def _yield_to_others():
    """Others first, unless there are so many that we would never be served: 110 shares against 1024 of each."""
    try:
        with open("/proc/loadavg") as file:
            running = int(file.read().split()[3].split("/")[0])
        if running <= 2 * (os.cpu_count() or 1):
            os.nice(10)
    except (OSError, ValueError, IndexError):
        pass


def _apart(function, deadline):
    """function() in a child, whose standard output this process passes on until it is closed.

    So a thread that the kernel does not let go of (a dead disk) can hold neither the exit nor the connection. Without a process to be had: here.
    """
    reader, writer = os.pipe()
    try:
        pid = os.fork()
    except OSError:
        return function()
    if not pid:
        os.setsid()
        os.dup2(writer, 1)
        os.dup2(writer, 2)
        os.close(writer)
        os.close(reader)
        return function()
    os.close(writer)
    until, part = time.monotonic() + deadline, b"?"
    while part and select.select([reader], [], [], max(until - time.monotonic(), 0))[0]:
        part = os.read(reader, 65536)
        left = part
        while left:
            left = left[os.write(1, left):]
    for _try in range(50):
        if part or os.waitpid(pid, os.WNOHANG)[0]:
            break
        time.sleep(0.002)
    else:
        part = b"?"
    if part:
        os.killpg(pid, SIGKILL)
    os._exit(0)


def main(options):
    """`options`: {"checks": [name], "window": s, "deadline": s, "bundle": bool, "version": str, "key": hex}; prints the framed answer.

    `key`: what the marks of secrets are made with, so that they are the controller's too; None for one of its own.
    Without a frame ("frame": False) the bundle itself is written to standard output, for a probe carried to the node by hand.
    """
    _yield_to_others()
    if options["key"]:
        redact.key = binascii.unhexlify(options["key"])
    _apart(lambda: _answer(options), options["deadline"] + 3)


def _answer(options):
    live = Live()
    node = Recorder(live)
    results = look(node, options["checks"], options["window"], options["deadline"])
    answer = {"host": node.name, "collected_at": iso(node.now), "root": os.geteuid() == 0, "checks": results}
    archive = None
    if options["bundle"]:
        from .node.tarball import tarball
        meta = {"format": "kubetriage.bundle/1", "node": node.name, "collected_at": iso(node.now), "now": node.now, "tool": options["version"],
                "root": answer["root"], "window": options["window"], "redacted": {"secrets": len(redact.marks), "places": sum(redact.marks.values())}}
        archive = tarball(node.contents(meta), node.now)
    if options["frame"]:
        if archive:
            answer["bundle"] = binascii.b2a_base64(archive, newline=False).decode()
        text = binascii.b2a_base64(zlib.compress(json.dumps(answer).encode()), newline=False).decode()
        sys.stdout.write("\n%s\n%s\n%s\n" % (BEGIN, text, END))
    else:
        sys.stdout.buffer.write(archive)
    sys.stdout.flush()
    os.close(1)
    os.close(2)
    live.close()
    os._exit(0)  # a check that hangs must not hold the connection
