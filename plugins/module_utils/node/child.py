# Copyright: kubetriage.node contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Child processes under a deadline: programs of the node, and calls of our own that may never return."""

import errno
import json
import os
import select
import time

from . import Missing, TimedOut, Unavailable

SIGKILL, SIGPIPE = 9, 13  # signal(7); importing the module that names them costs a node 4 ms
_PATH = "/usr/sbin:/usr/bin:/sbin:/bin:/usr/local/sbin:/usr/local/bin:/opt/bin:/snap/bin"
_ENVIRONMENT = {"PATH": _PATH, "LC_ALL": "C", "TZ": "UTC", "SYSTEMD_PAGER": "", "SYSTEMD_COLORS": "0"}
_ANSWER = 4 * 1024 * 1024  # bytes
_running = set()  # programs, each the leader of its process group


def unavailable(what, error):
    """OSError -> Missing or Unavailable."""
    kind = Missing if error.errno in (errno.ENOENT, errno.ENOTDIR) else Unavailable
    return kind(what, os.strerror(error.errno).lower() if error.errno else str(error))


def run(argv, timeout, limit):
    """Run a program -> (exit status or -signal, stdout, stderr), both bytes and cut after `limit`; None instead of the status if it was
    killed for that. It and what it started are killed at the end of `timeout` seconds. Raises OSError (ENOENT: no such tool; EAGAIN,
    ENOMEM: the node cannot fork) and TimedOut."""
    deadline = time.monotonic() + timeout
    pid, out, err = _start(argv)
    _running.add(pid)
    streams = {out: bytearray(), err: bytearray()}
    status = None
    try:
        ended = _collect(streams, deadline, limit)
        if ended and max(len(text) for text in streams.values()) <= limit:
            status = _wait(pid, deadline)
    finally:
        for fd in streams:
            os.close(fd)
        if status is None:
            _end(pid)
            _wait(pid, time.monotonic() + 0.1)
        _running.discard(pid)
    if not ended or status is None and time.monotonic() >= deadline:
        raise TimedOut(" ".join(argv), "no answer within %g s" % timeout)
    return status, bytes(streams[out][:limit]), bytes(streams[err][:limit])


def end_all():
    """For the end of this process: programs that checks wait for which came too late."""
    for pid in list(_running):
        _end(pid)


def _end(pid):
    try:
        os.killpg(pid, SIGKILL)
    except OSError:  # it ended meanwhile
        pass


def _start(argv):
    """-> (pid, fd of its stdout, fd of its stderr); it leads a process group of its own."""
    program = next((path for path in (os.path.join(place, argv[0]) for place in _PATH.split(":")) if os.access(path, os.X_OK)), argv[0])
    out, out_end = os.pipe()
    err, err_end = os.pipe()
    try:
        if hasattr(os, "posix_spawn"):  # importing subprocess would cost more than starting all programs does
            pid = os.posix_spawn(program, argv, _ENVIRONMENT, setpgroup=0, setsigdef=[SIGPIPE], file_actions=[
                (os.POSIX_SPAWN_OPEN, 0, os.devnull, os.O_RDONLY, 0), (os.POSIX_SPAWN_DUP2, out_end, 1), (os.POSIX_SPAWN_DUP2, err_end, 2)])
        else:  # Python 3.6 and 3.7
            import subprocess
            process = subprocess.Popen([program] + argv[1:], stdin=subprocess.DEVNULL, stdout=out_end, stderr=err_end, env=_ENVIRONMENT,
                                       start_new_session=True)
            pid, process.returncode = process.pid, 0  # it is waited for here, not there
    except OSError:
        os.close(out)
        os.close(err)
        raise
    finally:
        os.close(out_end)
        os.close(err_end)
    return pid, out, err


def _wait(pid, deadline):
    """-> exit status, -signal, or None if it has not ended by then."""
    while True:
        done, status = os.waitpid(pid, os.WNOHANG)
        if done:
            return os.WEXITSTATUS(status) if os.WIFEXITED(status) else -os.WTERMSIG(status)
        if time.monotonic() >= deadline:
            return None
        time.sleep(0.0005)  # its streams are closed: it is about to end


def _collect(streams, deadline, limit):
    """{fd: bytearray} is filled until every writer has closed, one has more than `limit` bytes, or (-> False) the deadline passes."""
    waiting = set(streams)
    while waiting:
        left = deadline - time.monotonic()
        ready = select.select(list(waiting), [], [], max(left, 0))[0]
        if not ready and left <= 0:
            return False
        for fd in ready:
            part = os.read(fd, 65536)
            streams[fd].extend(part)
            if not part:
                waiting.remove(fd)
            elif len(streams[fd]) > limit:
                return True
    return True


def close_but(*kept):
    """For a forked child: one that is stuck in the kernel must hold neither the connection open nor the pipes of a program started meanwhile."""
    last = -1
    for fd in sorted(kept) + [256]:
        os.closerange(last + 1, fd)
        last = fd


def in_child(what, function, timeout):
    """function() -> JSON-able, called in a forked child: a call that never returns (dead NFS, hung FUSE) costs its deadline and no more. Raises
    Unavailable and TimedOut."""
    reader, writer = os.pipe()
    try:
        pid = os.fork()
    except OSError as error:  # no PIDs, no memory
        os.close(reader)
        os.close(writer)
        raise unavailable(what, error)
    if not pid:
        try:
            close_but(writer)
            try:
                answer = {"ok": function()}
            except OSError as error:
                answer = {"errno": error.errno}
            os.write(writer, json.dumps(answer).encode())
        finally:
            os._exit(0)
    os.close(writer)
    out = {reader: bytearray()}
    try:
        if not _collect(out, time.monotonic() + timeout, _ANSWER):
            os.kill(pid, SIGKILL)
            raise TimedOut(what, "no answer within %g s" % timeout)
        os.waitpid(pid, 0)
    finally:
        os.close(reader)
    try:
        answer = json.loads(out[reader].decode())
    except ValueError:
        raise Unavailable(what, "the child process ended without an answer")
    if "ok" not in answer:
        raise unavailable(what, OSError(answer["errno"], ""))
    return answer["ok"]
