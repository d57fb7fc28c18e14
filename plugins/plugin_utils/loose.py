# Copyright: kubetriage.node contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A directory of loose logs, what an engineer has when the node is gone -> the content of a bundle, so that one reader and all checks do.

What was not given is in the content as well, as something that could not be had and why.
"""

import json
import os
import re

from ansible_collections.kubetriage.node.plugins.module_utils.node.bundle import BadBundle, Bundle
from ansible_collections.kubetriage.node.plugins.module_utils.node.secrets import redact
from ansible_collections.kubetriage.node.plugins.module_utils.parse import df, free, iptables, mdstat, systemd_show
from ansible_collections.kubetriage.node.plugins.plugin_utils import describe, log_sieve, loose_logs, loose_view, pasted, systemctl_status
from ansible_collections.kubetriage.node.plugins.plugin_utils.utc import iso

FILES = ("kubelet.log", "runtime.log", "kernel.log", "df.txt", "df-i.txt", "free.txt", "iptables-save.txt", "node.json", "node.yaml",
         "describe-node.txt", "events.json", "events.txt", "pods.json", "notes.txt")
_LOG_LIMIT = 1 << 30  # bytes of a log: of a longer one the end is read
_LIMIT = 64 << 20  # bytes of any other file
_TABLES = 4 << 20  # characters of a file in which tables are looked for
_CITED = re.compile(r"(\d{1,12}\.\d{6}) (\S+) ")
# df's first column for what is no disk: counts of it mean nothing for the node
_UNREAL = ("tmpfs", "devtmpfs", "udev", "dev", "none", "shm", "run", "overlay", "cgroup", "cgroup2", "cgmfs", "squashfs", "efivarfs")


def is_loose(path):
    """Does the directory hold any file of a known name?"""
    return any(os.path.isfile(os.path.join(path, name)) for name in FILES)


class Loose(Bundle):
    """A Bundle made of loose logs, that knows from which file a line came."""

    def __init__(self, name, now, contents):
        super().__init__(name, now, contents, "not among the given files")

    def cited(self, checks):
        """CheckResults -> the same; evidence names the file in place of the command that would have told it on a node."""
        for quote in (quote for check in checks for found in check["findings"] for quote in found["evidence"]):
            command, _blank, about = quote["source"].partition(" ")
            for log, name in (("journal", "journal"), ("kernel", "dmesg")):
                if command == log:
                    quote["source"] = self._file_of(quote, name)
            if quote["source"].startswith("systemctl show "):
                command, about = "systemctl show", about[len("show "):]
            if command in self.json("meta.json")["told_by"]:
                quote["source"] = " ".join(filter(None, (self.json("meta.json")["told_by"][command], about)))
        return checks

    def _file_of(self, quote, log):
        """The file that holds the quoted line: the one of that time, else any, else the first that could."""
        text, said = self.contents.get("commands/%s/stdout" % log, ""), quote["text"]
        said = said[:-4] if said.endswith(" ...") else said
        at, file = text.find(said), None
        while at >= 0:
            match = _CITED.match(text, text.rfind("\n", 0, at) + 1)
            if match:
                file = file or match.group(2)
                if iso(float(match.group(1))) == quote["time"]:
                    return match.group(2)
            at = text.find(said, at + 1)
        return file or self.json("commands/%s/argv.json" % log)[0]


def open_loose(path, name=None):
    """Directory -> (node name, Loose, view or None, [sentence about what could not be read]).

    `name`: the node's, when the directory is known to be called after it; else the files may tell it. Raises BadBundle.
    """
    texts, newest, problems = _read(path)
    told = loose_view.Told(texts, name)
    node = "".join(letter if letter.isprintable() else "?" for letter in name or told.name or os.path.basename(os.path.abspath(path)))
    content, now = contents(texts, node, newest, told.latest, told.zones)
    view = told.view(node, now)
    problems += ["%s: %s" % (path, problem) for problem in told.problems]
    return node, Loose(node, now, content), view, problems


def contents(texts, node, newest, latest=None, zones=()):
    """{file name: text} -> ({name in a bundle: text}, epoch of the look).

    The look was at the newest time that the files tell (`latest`: of those that are no logs, in the zones `zones`), else when the newest
    file was written (`newest`).
    """
    logs = dict(texts, **{"notes.txt": describe.without_rows(texts["notes.txt"])}) if "notes.txt" in texts else texts
    logs = loose_logs.Logs(logs, newest, latest, zones)
    now = max((moment for moment in (logs.latest, latest) if moment is not None), default=newest)
    found = {}
    _command(found, "journal", logs.journal, texts, ("kubelet.log", "runtime.log", "notes.txt"))
    _command(found, "dmesg", logs.kernel, texts, ("kernel.log", "notes.txt"))
    if logs.kernel is None:
        _command(found, "journal-kernel", None, texts, ("kernel.log", "notes.txt"))
    units, paths = _units(texts, now), {}
    _command(found, "systemctl-show", units, texts, ("notes.txt",), "systemctl status in ")
    told_by = {"iptables-save": _iptables(found, texts), "systemctl show": "notes.txt" if units else None,
               "/proc/meminfo": _memory(found, paths, texts), "statvfs": _disks(found, paths, texts), "/proc/mdstat": _arrays(found, texts)}
    found["paths.json"] = json.dumps(paths, indent=1, sort_keys=True)
    meta = {"format": "kubetriage.bundle/1", "how": "loose", "node": node, "collected_at": iso(now), "now": now, "files": sorted(texts),
            "told_by": {command: file for command, file in sorted(told_by.items()) if file}}
    found["meta.json"] = json.dumps(meta, indent=1, sort_keys=True)
    return found, now


def _read(path):
    """-> ({file: text}, mtime of the newest, [sentence])"""
    texts, newest, problems = {}, 0.0, []
    try:
        names = sorted(os.listdir(path))
    except OSError as error:
        raise BadBundle(f"{path}: cannot be listed ({error.strerror}); check its owner and mode") from error
    for name in names:
        full = os.path.join(path, name)
        if name not in FILES:
            if os.path.isfile(full) and name.endswith((".log", ".txt", ".json", ".yaml")):
                problems.append(f"{full}: not read, as its name tells nothing; known are {', '.join(FILES)}")
            continue
        if os.path.islink(full) or not os.path.isfile(full):  # a link may lead anywhere on this machine
            problems.append(f"{full}: not read, as it is no plain file")
            continue
        try:
            with open(full, "rb") as file:
                stat, cut = os.fstat(file.fileno()), None
                limit = _LOG_LIMIT if name in loose_logs.LOGS else _LIMIT
                if stat.st_size > limit:
                    file.seek(-limit, os.SEEK_END)
                    problems.append(f"{full}: only its last {limit >> 20} MB were read; cut out the hours that matter")
                if name in loose_logs.LOGS and stat.st_size > log_sieve.WHOLE:
                    texts[name], cut = log_sieve.read(file)
                else:
                    texts[name] = pasted.text_of(file.read(limit))
                if cut:
                    problems.append(f"{full}: {cut}")
                if name == "notes.txt":
                    texts[name] = pasted.unquoted(texts[name])
                texts[name] = redact(texts[name])
                newest = max(newest, stat.st_mtime)
        except OSError as error:
            problems.append(f"{full}: cannot be read ({error.strerror}); check its owner and mode")
    if not any(text.strip() for text in texts.values()):
        why = "; ".join(problem.split(": ", 1)[1] for problem in problems[:1]) or "the files in it are empty"
        raise BadBundle(f"{path}: nothing to diagnose ({why}); known are {', '.join(FILES)}")
    return texts, newest, problems


def _command(found, name, text, texts, files, what=""):
    """A command's answer, or that it could not be had."""
    part = "commands/%s/" % name
    given = [file for file in files if file in texts]
    found[part + "argv.json"] = json.dumps(given or list(files))
    if text is None:
        why = "nothing of it in " + " or ".join(given) if given and not what else "no %s%s was given" % (what, " or ".join(files))
        found[part + "rc"] = json.dumps({"error": "unavailable", "what": name, "why": why})
    else:
        found[part + "rc"], found[part + "stdout"], found[part + "stderr"] = "0", text, ""


def _first_with(texts, files, parse):
    """-> (what `parse` finds in the first of `files` that has it, that file), or (None, None)."""
    for file in files:
        if file in texts:
            found = parse(texts[file][:_TABLES])
            if found:
                return found, file
    return None, None


def _iptables(found, texts):
    _tables, file = _first_with(texts, ("iptables-save.txt", "notes.txt"), iptables.tables)
    _command(found, "iptables-save", texts[file] if file else None, texts, ("iptables-save.txt", "notes.txt"))
    return file


def _units(texts, now):
    notes = texts.get("notes.txt", "")[:_TABLES]
    if re.search(r"^ActiveState=", notes, re.M) and systemd_show.units(notes):
        return notes
    return systemctl_status.shown(notes, now)


def _disks(found, paths, texts):
    mounts, told_by = {}, None
    for file in ("df.txt", "df-i.txt", "notes.txt"):
        for row in df.df(texts.get(file, "")[:_TABLES]):
            if row["mount"] and row["size"] and not _unreal(row):
                mount = mounts.setdefault(row["mount"], dict.fromkeys(("size", "free", "avail", "files", "ffree"), 0))
                mount.setdefault("row", row)
                told_by = told_by or file
                total, free_, left = ("files", "ffree", None) if row["what"] == "inodes" else ("size", "free", "avail")
                if not mount[total]:
                    mount[total] = row["size"]
                    mount[free_] = max(row["size"] - (row["used"] or 0), 0)
                    if left:
                        mount[left] = max(row["avail"] or 0, 0)
    if not mounts:
        why = "no table of df in it" if "df.txt" in texts or "df-i.txt" in texts else "no df.txt or df-i.txt was given"
        paths["/proc/mounts"] = {"read": {"error": "unavailable", "what": "/proc/mounts", "why": why}}
        return None
    lines = []
    for target, mount in mounts.items():
        row = mount.pop("row")
        paths[target] = {"statvfs": dict(mount, readonly=False)}
        lines.append(" ".join(_escaped(part) for part in (row["filesystem"] or "?", target, row["type"] or "?", "?", "0", "0")))
    found["files/proc/mounts"] = "\n".join(lines) + "\n"
    return told_by


def _arrays(found, texts):
    """/proc/mdstat as it was pasted, or in a mail of mdadm."""
    arrays, file = _first_with(texts, ("notes.txt",), mdstat.arrays)
    if arrays:
        found["files/proc/mdstat"] = texts[file]
    return file


def _unreal(row):
    name, kind = row["filesystem"] or "", row["type"] or ""
    if name == "composefs":  # the system's image: always full, and never written to
        return True
    if row["mount"] in ("/", "/run"):  # sockets and state of the runtime are below /run
        return False
    return name in _UNREAL or kind in _UNREAL or name.startswith("/dev/loop")


def _escaped(field):
    return re.sub(r"[\s\\]", lambda found: "\\%03o" % ord(found.group()), field)


def _memory(found, paths, texts):
    told, file = _first_with(texts, ("free.txt", "notes.txt"), free.free)
    memory = (told or {}).get("memory") or {}
    if not memory.get("total"):
        why = "no table of free in it" if "free.txt" in texts else "no free.txt was given"
        paths["/proc/meminfo"] = {"read": {"error": "unavailable", "what": "/proc/meminfo", "why": why}}
        return None
    available = memory.get("available")
    if available is None:
        available = (memory.get("free") or 0) + (memory.get("cache") or 0)
    swap = told.get("swap") or {}
    figures = (("MemTotal", memory["total"]), ("MemFree", memory.get("free") or 0), ("MemAvailable", available), ("Cached", memory.get("cache")),
               ("SwapTotal", swap.get("total") or 0), ("SwapFree", swap.get("free") or 0))
    found["files/proc/meminfo"] = "".join("%s: %d kB\n" % (name, value // 1024) for name, value in figures if value is not None)
    return file
