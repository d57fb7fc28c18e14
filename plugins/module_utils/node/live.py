# Copyright: kubetriage.node contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The machine this runs on, read with deadlines and bounds; nothing is written."""

import os
import time

from . import Output, child, reader
from .reader import Reader
from .secrets import redact

_LIMIT = 4 * 1024 * 1024  # bytes kept of one program's output
_PATIENCE = 2.0  # seconds for one file or directory
# Nothing here waits for a device. Only a command line does: it is read from the memory of a process, which the kernel may hold locked.
_MEMORY = ("/proc/", "/sys/")


class Live(object):
    def __init__(self, name=None):
        self.name = name or os.uname()[1]
        self.now = time.time()
        self._reader = Reader(_PATIENCE)

    def run(self, name, argv, timeout=5.0):
        try:
            status, out, err = child.run(argv, timeout, _LIMIT)
        except OSError as error:
            raise child.unavailable(argv[0], error)
        return Output(status or 0, redact(out.decode("utf-8", "replace")), redact(err[:4096].decode("utf-8", "replace")))

    def ask(self, name, function, *args, **options):
        return redact.data(function(*args, timeout=options.get("timeout", 5.0)))

    def close(self):
        self._reader.close()
        child.end_all()

    def _path(self, question, path, *args):
        try:
            if path.startswith(_MEMORY) and not path.endswith("/cmdline"):
                return getattr(reader, question)(path, *args)
            return self._reader.ask(question, path, *args)
        except OSError as error:
            raise child.unavailable(path, error)

    def read(self, path, limit=65536, tail=False):
        return redact(self._path("read", path, limit, tail).decode("utf-8", "replace"))

    def list(self, path):
        return self._path("names", path)

    def stat(self, path):
        return self._path("look", path)

    def statvfs(self, path):
        return self._path("room", path)
