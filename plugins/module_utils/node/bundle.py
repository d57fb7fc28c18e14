# Copyright: kubetriage.node contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A node as a bundle remembers it: the same answers, absences and refusals that the live node gave."""

import calendar
import gzip
import io
import json
import os
import tarfile
import time
import zlib

from . import KINDS, Output, Unavailable

FORMAT = "kubetriage.bundle/1"
_LIMIT = 64 * 1024 * 1024  # bytes of all files together: a bundle is some hundred KB; more is a mistake or an attack
_ENTRIES = 20000


class BadBundle(Exception):
    """One sentence that names the bundle, what is wrong with it, and the next step."""


def _unpacked(archive, path):
    """.gz -> (its unpacked bytes, why they end too early or None). In pieces: a small file may unpack to gigabytes."""
    data, cut = bytearray(), None
    try:
        with gzip.open(archive) as file:
            while len(data) <= 2 * _LIMIT:
                part = file.read1(1 << 16)  # read() would drop what it had when the file ends too early
                if not part:
                    break
                data.extend(part)
    except (EOFError, OSError, zlib.error) as error:
        cut = error
    if len(data) > 2 * _LIMIT:
        raise BadBundle("%s: more than %d MB unpacked; this is not a bundle of ours" % (path, 2 * _LIMIT >> 20))
    return data, cut


def contents_of(archive, path):
    """A bundle as one file, by its path or as a file object -> {name in it: text}; `path` is its name in what is said of it. Raises BadBundle."""
    data, cut = _unpacked(archive, path)
    contents, total = {}, 0
    try:
        with tarfile.open(fileobj=io.BytesIO(data), mode="r:") as tar:
            for count, member in enumerate(tar):
                total += member.size
                if total > _LIMIT or count > _ENTRIES:
                    raise BadBundle("%s: more than %d MB or %d entries unpacked; this is not a bundle of ours" % (path, _LIMIT >> 20, _ENTRIES))
                if member.isfile():  # links and devices are never followed or made: members are only read into memory
                    name = member.name[2:] if member.name.startswith("./") else member.name
                    contents[name] = tar.extractfile(member).read().decode("utf-8", "replace")
    except (tarfile.TarError, EOFError, OSError, ValueError) as error:
        cut = cut or error
    if cut and not contents:
        raise BadBundle("%s: not a readable .tar.gz (%s); collect it again with playbooks/collect.yml" % (path, cut))
    if cut:
        contents["cut"] = str(cut)  # half a bundle: what is there is diagnosed, and the rest is `not in the bundle`
    if "meta.json" not in contents:  # packed with its directory: take the directory's name off
        tops = set(name.split("/", 1)[0] for name in contents if "/" in name)
        if len(tops) == 1:
            top = tops.pop() + "/"
            contents = {name[len(top):] if name.startswith(top) else name: text for name, text in contents.items()}
    return contents


def _from_dir(path):
    contents, total = {}, 0
    for folder, _dirs, names in os.walk(path):
        for name in names:
            full = os.path.join(folder, name)
            if os.path.islink(full) or not os.path.isfile(full):
                continue
            total += os.path.getsize(full)
            if total > _LIMIT or len(contents) > _ENTRIES:
                raise BadBundle("%s: more than %d MB or %d files; this is not a bundle of ours" % (path, _LIMIT >> 20, _ENTRIES))
            with io.open(full, encoding="utf-8", errors="replace") as file:
                contents[os.path.relpath(full, path)] = file.read()
    return contents


def open_bundle(path):
    """Path of a bundle (directory or .tar.gz) -> Bundle. Raises BadBundle."""
    contents = _from_dir(path) if os.path.isdir(path) else contents_of(path, path)
    try:
        meta = json.loads(contents["meta.json"])
        now = calendar.timegm(time.strptime(meta["collected_at"], "%Y-%m-%dT%H:%M:%SZ"))
        if not str(meta["format"]).startswith("kubetriage.bundle/"):
            raise ValueError("format %s" % meta["format"])
        now = float(meta.get("now", now))
        time.gmtime(now)  # not every number is a time
        return Bundle(str(meta["node"]), now, contents)
    except KeyError as error:
        raise BadBundle("%s: no %s in it, so it is not a whole bundle; collect it again with playbooks/collect.yml" % (path, error))
    except (TypeError, ValueError, OverflowError, OSError, RecursionError) as error:
        raise BadBundle("%s: meta.json cannot be understood (%s); collect it again with playbooks/collect.yml" % (path, error))


def _gap(error):
    """What Recorder stored of an Unavailable -> that Unavailable again."""
    error = error if isinstance(error, dict) else {}
    return KINDS.get(error.get("error"), Unavailable)(error.get("what", "?"), error.get("why", "unreadable in the bundle"))


class Bundle(object):
    def __init__(self, name, now, contents, absent="not in the bundle"):
        """`absent`: what is said of a thing that `contents` does not hold."""
        self.name = name
        self.now = now
        self.contents = contents
        self._absence = absent
        paths = self.json("paths.json")
        self._paths = {path: answers for path, answers in paths.items() if isinstance(answers, dict)} if isinstance(paths, dict) else {}

    def json(self, name):
        """The parsed content of one file of the bundle, or None when it is not there or not JSON."""
        try:
            return json.loads(self.contents[name])
        except (KeyError, ValueError, RecursionError):
            return None

    def _absent(self, what):
        return Unavailable(what, self._absence)

    def run(self, name, argv, timeout=5.0):
        part = "commands/%s/" % name
        rc = self.contents.get(part + "rc")
        if rc is None:
            raise self._absent(" ".join(argv))
        if rc.strip().lstrip("-").isdigit():
            return Output(int(rc), self.contents.get(part + "stdout", ""), self.contents.get(part + "stderr", ""))
        raise _gap(self.json(part + "rc"))

    def ask(self, name, function, *args, **options):
        output = self.run(name, [name] + [str(arg) for arg in args])
        try:
            return json.loads(output.out)
        except ValueError:
            raise Unavailable(name, "cut off in the bundle")

    def _path(self, kind, path):
        answer = self._paths.get(path, {}).get(kind)
        if answer is None:
            raise self._absent(path)
        if isinstance(answer, dict) and "error" in answer:
            raise _gap(answer)
        return answer

    def read(self, path, limit=65536, tail=False):
        text = self.contents.get("files" + path)
        return self._path("read", path) if text is None else text

    def list(self, path):
        return self._path("list", path)

    def stat(self, path):
        return self._path("stat", path)

    def statvfs(self, path):
        return self._path("statvfs", path)
