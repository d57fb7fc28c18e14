# Copyright: kubetriage.node contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A node that is asked each thing once and remembers the answer: what several checks share costs once, and the memory is a bundle."""

import json
import threading

from . import Unavailable


def _error(gap):
    return {"error": gap.kind, "what": gap.what, "why": gap.why}


class Recorder(object):
    """Stands before a live node; refusals and absences are remembered as well. Checks may ask from several threads."""

    def __init__(self, node):
        self.node = node
        self.name = node.name
        self.now = node.now
        self._answers = {}  # (kind, name or path) -> (argv, answer or Unavailable)
        self._locks = {}
        self._guard = threading.Lock()

    def _once(self, kind, key, argv, question, *args):
        with self._guard:
            lock = self._locks.setdefault((kind, key), threading.Lock())
        with lock:
            if (kind, key) not in self._answers:
                try:
                    answer = question(*args)
                except Unavailable as gap:
                    answer = gap
                self._answers[kind, key] = (argv, answer)
        answer = self._answers[kind, key][1]
        if isinstance(answer, Unavailable):
            raise answer
        return answer

    def run(self, name, argv, timeout=5.0):
        return self._once("run", name, list(argv), self.node.run, name, argv, timeout)

    def ask(self, name, function, *args, **options):
        argv = [function.__name__] + [str(arg) for arg in args]
        return self._once("ask", name, argv, lambda: self.node.ask(name, function, *args, **options))

    def read(self, path, limit=65536, tail=False):
        return self._once("read", path, None, self.node.read, path, limit, tail)

    def list(self, path):
        return self._once("list", path, None, self.node.list, path)

    def stat(self, path):
        return self._once("stat", path, None, self.node.stat, path)

    def statvfs(self, path):
        return self._once("statvfs", path, None, self.node.statvfs, path)

    def contents(self, meta):
        """-> {name in the bundle: text}; `meta` is what meta.json says."""
        contents, paths = {"meta.json": json.dumps(meta, indent=1, sort_keys=True)}, {}
        for (kind, key), (argv, answer) in sorted(self._answers.items(), key=lambda each: each[0]):
            gap = isinstance(answer, Unavailable)
            if kind in ("run", "ask"):
                part = "commands/%s/" % key
                contents[part + "argv.json"] = json.dumps(argv)
                if gap:
                    contents[part + "rc"] = json.dumps(_error(answer))
                else:
                    rc, out, err = answer if kind == "run" else (0, json.dumps(answer, sort_keys=True), "")
                    contents[part + "rc"], contents[part + "stdout"], contents[part + "stderr"] = str(rc), out, err
            elif kind == "read" and not gap:
                contents["files" + key] = answer
            else:
                paths.setdefault(key, {})[kind] = _error(answer) if gap else answer
        contents["paths.json"] = json.dumps(paths, indent=1, sort_keys=True)
        return contents
