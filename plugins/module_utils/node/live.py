# Copyright: kubetriage.node contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The machine this runs on, read with deadlines and bounds; nothing is written."""

import errno
import json
import os
import select
import signal
import stat
import subprocess
import time

from . import Missing, Output, TimedOut, Unavailable
from .secrets import redact

_LIMIT = 4 * 1024 * 1024  # bytes kept of one program's output
_KINDS = ((stat.S_ISREG, "file"), (stat.S_ISDIR, "dir"), (stat.S_ISLNK, "link"), (stat.S_ISSOCK, "socket"))


def _unavailable(what, error):
    kind = Missing if error.errno in (errno.ENOENT, errno.ENOTDIR) else Unavailable
    return kind(what, os.strerror(error.errno).lower() if error.errno else str(error))


def _collect(pipes, deadline, limit):
    """{fd: bytearray} is filled until every writer has closed, the deadline passes (-> False) or `limit` bytes are in one."""
    waiting = set(pipes)
    while waiting:
        left = deadline - time.time()
        ready = select.select(list(waiting), [], [], max(left, 0))[0]
        if not ready and left <= 0:
            return False
        for fd in ready:
            part = os.read(fd, 65536)
            pipes[fd].extend(part)
            if not part:
                waiting.remove(fd)
            elif len(pipes[fd]) > limit:
                return True
    return True


def in_child(what, function, timeout):
    """function() -> JSON-able, called in a forked child: a call that never returns (dead NFS, hung FUSE) costs its deadline and no more.

    The child gives up the standard streams first, so that one stuck in the kernel cannot hold the connection open.
    """
    reader, writer = os.pipe()
    pid = os.fork()
    if not pid:
        try:
            for fd in (0, 1, 2, reader):
                os.close(fd)
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
        if not _collect(out, time.time() + timeout, _LIMIT):
            os.kill(pid, signal.SIGKILL)
            raise TimedOut(what, "no answer within %g s" % timeout)
        os.waitpid(pid, 0)
    finally:
        os.close(reader)
    try:
        answer = json.loads(out[reader].decode())
    except ValueError:
        raise Unavailable(what, "the child process ended without an answer")
    if "ok" not in answer:
        raise _unavailable(what, OSError(answer["errno"], ""))
    return answer["ok"]


class Live(object):
    def __init__(self, name=None):
        self.name = name or os.uname()[1]
        self.now = time.time()

    def run(self, name, argv, timeout=5.0):
        what = " ".join(argv)
        environment = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin:/usr/local/sbin:/usr/local/bin:/opt/bin:/snap/bin", "LC_ALL": "C", "TZ": "UTC",
                       "SYSTEMD_PAGER": "", "SYSTEMD_COLORS": "0"}
        try:
            process = subprocess.Popen(argv, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment,
                                       start_new_session=True)
        except OSError as error:  # ENOENT: no such tool; EAGAIN, ENOMEM: the node cannot fork
            raise _unavailable(argv[0], error)
        streams = {process.stdout.fileno(): bytearray(), process.stderr.fileno(): bytearray()}
        try:
            ended = _collect(streams, time.time() + timeout, _LIMIT)
            if ended and max(len(text) for text in streams.values()) <= _LIMIT:
                process.wait()
        finally:
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)
            out, err = [bytes(text[:_LIMIT]).decode("utf-8", "replace") for text in streams.values()]
            process.stdout.close()
            process.stderr.close()
        if not ended:
            raise TimedOut(what, "no answer within %g s" % timeout)
        return Output(process.poll() or 0, redact(out), redact(err[:4096]))

    def ask(self, name, function, *args, **options):
        return function(*args, timeout=options.get("timeout", 5.0))

    def read(self, path, limit=65536, tail=False):
        try:
            fd = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
            try:
                if tail:
                    size = os.fstat(fd).st_size
                    os.lseek(fd, max(size - limit, 0), os.SEEK_SET)
                data = bytearray()
                while len(data) < limit:
                    part = os.read(fd, limit - len(data))
                    if not part:
                        break
                    data.extend(part)
            finally:
                os.close(fd)
        except OSError as error:
            raise _unavailable(path, error)
        return redact(data.decode("utf-8", "replace"))

    def list(self, path):
        try:
            return sorted(os.listdir(path))
        except OSError as error:
            raise _unavailable(path, error)

    def stat(self, path):
        try:
            seen = os.lstat(path)
            target = os.readlink(path) if stat.S_ISLNK(seen.st_mode) else None
        except OSError as error:
            raise _unavailable(path, error)
        kind = next((kind for test, kind in _KINDS if test(seen.st_mode)), "other")
        return {"kind": kind, "size": seen.st_size, "mtime": int(seen.st_mtime), "mode": stat.S_IMODE(seen.st_mode), "uid": seen.st_uid,
                "target": target}

    def statvfs(self, path):
        def look():
            seen = os.statvfs(path)
            return {"size": seen.f_blocks * seen.f_frsize, "free": seen.f_bfree * seen.f_frsize, "avail": seen.f_bavail * seen.f_frsize,
                    "files": seen.f_files, "ffree": seen.f_ffree, "readonly": bool(seen.f_flag & os.ST_RDONLY)}
        return in_child(path, look, 2.0)
