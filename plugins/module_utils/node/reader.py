# Copyright: kubetriage.node contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Files and directories, touched by a child only: a disk, NFS or FUSE that never answers costs a deadline and that child, and no thread of ours."""

import errno
import marshal
import os
import select
import stat
import struct
import threading

from . import TimedOut
from .child import SIGKILL, close_but

_KINDS = ((stat.S_ISREG, "file"), (stat.S_ISDIR, "dir"), (stat.S_ISLNK, "link"), (stat.S_ISSOCK, "socket"))
_NAMES = 20000  # of one directory


def read(path, limit, tail):
    fd = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
    try:
        if tail:
            os.lseek(fd, max(os.fstat(fd).st_size - limit, 0), os.SEEK_SET)
        data = b""
        while len(data) < limit:
            part = os.read(fd, limit - len(data))
            if not part:
                break
            data += part
        return data
    finally:
        os.close(fd)


def names(path):
    return sorted(os.listdir(path)[:_NAMES])


def look(path):
    seen = os.lstat(path)
    target = os.readlink(path) if stat.S_ISLNK(seen.st_mode) else None
    kind = next((kind for test, kind in _KINDS if test(seen.st_mode)), "other")
    return {"kind": kind, "size": seen.st_size, "mtime": int(seen.st_mtime), "mode": stat.S_IMODE(seen.st_mode), "uid": seen.st_uid, "target": target}


def room(path):
    seen = os.statvfs(path)
    return {"size": seen.f_blocks * seen.f_frsize, "free": seen.f_bfree * seen.f_frsize, "avail": seen.f_bavail * seen.f_frsize,
            "files": seen.f_files, "ffree": seen.f_ffree, "readonly": bool(seen.f_flag & os.ST_RDONLY)}


_QUESTIONS = {function.__name__: function for function in (read, names, look, room)}


def _exactly(fd, count):
    data = b""
    while len(data) < count:
        part = os.read(fd, count - len(data))
        if not part:
            return None
        data += part
    return data


def _send(fd, value):
    data = marshal.dumps(value)
    data = struct.pack("=I", len(data)) + data
    while data:
        data = data[os.write(fd, data):]


def _receive(fd):
    head = _exactly(fd, 4)
    return marshal.loads(_exactly(fd, struct.unpack("=I", head)[0])) if head else None


def _serve(requests, answers):
    while True:
        question = _receive(requests)
        if question is None:
            return
        try:
            _send(answers, (None, _QUESTIONS[question[0]](*question[1:])))
        except OSError as error:
            _send(answers, (error.errno or errno.EIO, None))


class Reader(object):
    """Asks one child, and a new one after each that did not come back. Without a process to be had, it asks in this one."""

    def __init__(self, timeout):
        self._timeout = timeout
        self._lock = threading.Lock()
        self._child = None  # (pid, fd for requests, fd for answers)
        self._alone = False
        self._late = {}  # mount -> how often it did not answer
        self._start()

    def ask(self, question, path, *args):
        """`question`: read, names, look or room -> its answer. Raises OSError, and TimedOut at once for a mount that was late twice."""
        with self._lock:
            hung = self._mount(path, self._late) if self._late else None
            if hung and self._late[hung] > 1:
                raise TimedOut(path, "the file system at %s does not answer" % hung)
            if not self._child and not self._alone:
                self._start()
            if self._alone:
                return _QUESTIONS[question](path, *args)
            return self._wait(question, path, *args)

    def _start(self):
        requests, answers = os.pipe(), os.pipe()
        try:
            pid = os.fork()
        except OSError:  # no PIDs, no memory
            self._alone = True
            for fd in requests + answers:
                os.close(fd)
            return
        if not pid:
            try:
                close_but(requests[0], answers[1])
                _serve(requests[0], answers[1])
            finally:
                os._exit(0)
        os.close(requests[0])
        os.close(answers[1])
        self._child = (pid, requests[1], answers[0])

    def _wait(self, *question):
        pid, requests, answers = self._child
        try:
            _send(requests, question)
            if select.select([answers], [], [], self._timeout)[0]:
                failed, value = _receive(answers) or (errno.EPIPE, None)
                if failed == errno.EPIPE:
                    raise BrokenPipeError
                if failed:
                    raise OSError(failed, os.strerror(failed))
                return value
        except (TypeError, BrokenPipeError, EOFError, ValueError):  # the OOM killer took it
            self._end(os.WNOHANG)
            return _QUESTIONS[question[0]](*question[1:])
        os.kill(pid, SIGKILL)
        self._end(os.WNOHANG)
        mount = self._mount(question[1], _mounts())
        self._late[mount] = self._late.get(mount, 0) + 1
        raise TimedOut(question[1], "no answer within %g s from the file system at %s" % (self._timeout, mount))

    def _end(self, how):
        pid, requests, answers = self._child
        self._child = None
        os.close(requests)
        if not how:
            select.select([answers], [], [], 0.2)
        os.close(answers)
        try:
            os.waitpid(pid, how)
        except OSError:
            pass

    @staticmethod
    def _mount(path, mounts):
        """The longest of `mounts` that leads `path`, or None."""
        return max((mount for mount in mounts if (path + "/").startswith(mount.rstrip("/") + "/")), key=len, default=None)

    def close(self):
        """End the child, if it listens."""
        if self._child and self._lock.acquire(False):
            self._end(0)


def _mounts():
    with open("/proc/mounts", "rb") as file:  # its octal escapes (blanks) are left: such a mount counts as the one above it
        return [os.fsdecode(line.split(b" ", 2)[1]) for line in file]
