# Copyright: kubetriage.node contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The form of an artifacts directory: one directory a run, closed to other users, every file whole or not there at all."""

import heapq
import json
import os
import re
import time
from urllib.parse import quote

_RUN = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
_RUNS = 50  # earlier runs that are looked into
_LARGEST = 32 << 20  # bytes of one earlier file: an artifact has some 100 kB, the summary of 10,000 nodes 5 MB


def clock():
    """The controller's time of the look, epoch seconds."""
    return time.time()


def node_path(run_dir, host):
    """Where a run keeps what it knows of one host."""
    return os.path.join(run_dir, "nodes", file_name(host) + ".json")


def new_run(base, run=None, now=None):
    """Make `<base>/<run>/` (0700) -> its absolute path; the run's name is the last part of it.

    Without a name the run is called by its time in UTC, "20261123T021530Z"; a second run in that second gets "-2". Raises ValueError for a
    name that is no plain file name or is taken (a run is one look: two would mix), OSError when the directory cannot be made.
    """
    base = os.path.abspath(os.path.expanduser(base))
    os.makedirs(base, mode=0o700, exist_ok=True)
    if run is not None:
        if not _RUN.fullmatch(run):
            raise ValueError(f"{run!r} cannot name a run: use at most 64 letters, digits, dots, dashes, underscores; no dot or dash first")
        path = os.path.join(base, run)
        try:
            os.mkdir(path, 0o700)
        except FileExistsError:
            raise ValueError(f"a run {run} is in {base} already: name this one otherwise, or remove that one") from None
        return path
    stamp = time.strftime("%Y%m%dT%H%M%SZ", time.gmtime(now))
    for number in range(1, 1000):
        run = stamp if number == 1 else f"{stamp}-{number}"
        path = os.path.join(base, run)
        try:
            os.mkdir(path, 0o700)
        except FileExistsError:
            continue
        return path
    raise FileExistsError(f"a thousand runs of {stamp} are in {base}")


def earlier_runs(run_dir, since=0):
    """-> paths of the runs in the same directory that were written to since then (epoch), the newest first, without `run_dir` itself."""
    base, own = os.path.split(os.path.abspath(run_dir))
    found = []
    try:
        with os.scandir(base) as entries:
            for entry in entries:
                if entry.name != own and _RUN.fullmatch(entry.name) and entry.is_dir(follow_symlinks=False):
                    found.append((entry.stat(follow_symlinks=False).st_mtime, entry.path))
    except OSError:  # one was removed in this moment, or the directory may not be listed: what was seen counts
        pass
    return [path for written, path in heapq.nlargest(_RUNS, found) if written >= since]


def earlier(run_dir, host):
    """Yield what earlier runs kept of a host, each the content of its nodes/<host>.json, the newest first; what is none is passed over."""
    for run in earlier_runs(run_dir):
        content = read_json(node_path(run, host))
        if str(content.get("schema")).startswith("kubetriage.node/") and isinstance(content.get("verdict"), dict):
            yield content


def read_json(path, limit=_LARGEST):
    """A file that somebody else, or a run that broke off, may have written -> the object in it; {} if it holds none, or is larger than
    `limit` bytes, or is no plain file."""
    try:
        handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
        with open(handle, "rb") as file:
            data = file.read(limit + 1)
            content = json.loads(data) if len(data) <= limit else None
    except (OSError, ValueError, RecursionError):
        return {}
    return content if isinstance(content, dict) else {}


def file_name(name):
    """A host's or Node's name -> a file name that stays in its directory: "a/b" -> "a%2Fb", ".." -> "%2E%2E"."""
    safe = quote(name, safe="")
    return safe.replace(".", "%2E") if not safe.strip(".") else safe


def unwritten(error):
    """OSError of a write -> a sentence for the user."""
    return (f"{error.filename or 'an artifact'} was not written: {error.strerror or error}; what this run wrote before is whole. "
            "Make room, or name another directory (node_triage_artifacts), and run again")


def write_json(path, data):
    """Write `data` as JSON, atomically, 0600; all but ASCII is escaped: what a node wrote is harmless in any viewer. Raises OSError."""
    write_text(path, as_json(data))


def as_json(data):
    return json.dumps(data, sort_keys=True, separators=(",", ":")) + "\n"


def write_text(path, text):
    """As write_bytes, in UTF-8."""
    write_bytes(path, text.encode("utf-8", "replace"))


def write_bytes(path, data):
    """Write the file atomically, 0600, its directory 0700 if it must be made. On an error the old file stays. Raises OSError."""
    directory, name = os.path.split(path)
    os.makedirs(directory, mode=0o700, exist_ok=True)
    temporary = os.path.join(directory, f".{name[:200]}.{os.getpid()}")
    try:
        handle = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW, 0o600)
        with open(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())  # a name must not stand before what it names: the controller may lose its power
        os.replace(temporary, path)
    except BaseException:
        try:
            os.unlink(temporary)
        except OSError:
            pass
        raise
