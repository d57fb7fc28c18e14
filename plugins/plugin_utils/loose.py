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
from ansible_collections.kubetriage.node.plugins.module_utils.parse import df, free, iptables, systemd_show
from ansible_collections.kubetriage.node.plugins.plugin_utils import loose_logs, loose_view, systemctl_status
from ansible_collections.kubetriage.node.plugins.plugin_utils.utc import iso

FILES = ("kubelet.log", "runtime.log", "kernel.log", "df.txt", "df-i.txt", "free.txt", "iptables-save.txt", "node.json", "node.yaml",
         "describe-node.txt", "events.json", "events.txt", "pods.json", "notes.txt")
_LIMIT = 128 * 1024 * 1024  # bytes of one file: of a longer one the end is read
_TABLES = 4 * 1024 * 1024  # characters of a file in which tables are looked for
_COLOUR = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")
# df's first column for what is no disk: counts of it mean nothing for the node
_UNREAL = ("tmpfs", "devtmpfs", "udev", "dev", "none", "shm", "run", "overlay", "cgroup", "cgroup2", "cgmfs", "squashfs", "efivarfs")


def is_loose(path):
    """Does the directory hold any file of a known name?"""
    return any(os.path.isfile(os.path.join(path, name)) for name in FILES)


def open_loose(path, name=None):
    """Directory -> (node name, Bundle, view or None, [sentence about what could not be read]).

    `name`: the node's, when the directory is known to be called after it; else the files may tell it. Raises BadBundle.
    """
    texts, newest, problems = _read(path)
    told = loose_view.Told(texts, name)
    node = "".join(letter if letter.isprintable() else "?" for letter in name or told.name or os.path.basename(os.path.abspath(path)))
    content, now = contents(texts, node, newest, told.latest)
    view = told.view(node, now)
    problems += ["%s: %s" % (path, problem) for problem in told.problems]
    return node, Bundle(node, now, content, "not among the given files"), view, problems


def contents(texts, node, newest, latest=None):
    """{file name: text} -> ({name in a bundle: text}, epoch of the look).

    The look was at the newest time that the files tell (`latest`: of those that are no logs), else when the newest file was written
    (`newest`).
    """
    logs = loose_logs.Logs({file: text for file, text in texts.items() if file in loose_logs.LOGS}, node, newest)
    now = max((moment for moment in (logs.latest, latest) if moment is not None), default=newest)
    found = {}
    _command(found, "journal", logs.journal, texts, ("kubelet.log", "runtime.log", "notes.txt"))
    _command(found, "dmesg", logs.kernel, texts, ("kernel.log", "notes.txt"))
    if logs.kernel is None:
        _command(found, "journal-kernel", None, texts, ("kernel.log", "notes.txt"))
    _iptables(found, texts)
    _command(found, "systemctl-show", _units(texts), texts, ("notes.txt",), "systemctl status in ")
    paths = {}
    _disks(found, paths, texts)
    _memory(found, paths, texts)
    found["paths.json"] = json.dumps(paths, indent=1, sort_keys=True)
    meta = {"format": "kubetriage.bundle/1", "how": "loose", "node": node, "collected_at": iso(now), "now": now, "files": sorted(texts)}
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
                stat = os.fstat(file.fileno())
                if stat.st_size > _LIMIT:
                    file.seek(-_LIMIT, os.SEEK_END)
                    problems.append(f"{full}: only its last {_LIMIT >> 20} MB were read; cut out the hours that matter")
                texts[name] = _text(file.read(_LIMIT))
                newest = max(newest, stat.st_mtime)
        except OSError as error:
            problems.append(f"{full}: cannot be read ({error.strerror}); check its owner and mode")
    if not any(text.strip() for text in texts.values()):
        why = "; ".join(problem.split(": ", 1)[1] for problem in problems[:1]) or "the files in it are empty"
        raise BadBundle(f"{path}: nothing to diagnose ({why}); known are {', '.join(FILES)}")
    return texts, newest, problems


def _text(data):
    """Bytes as a terminal, an editor or PowerShell wrote them -> text."""
    coding = "utf-16" if data[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig"
    text = data.decode(coding, "replace").replace("\r\n", "\n")
    return _COLOUR.sub("", text) if "\x1b" in text else text


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


def _units(texts):
    notes = texts.get("notes.txt", "")[:_TABLES]
    if re.search(r"^ActiveState=", notes, re.M) and systemd_show.units(notes):
        return notes
    return systemctl_status.shown(notes)


def _disks(found, paths, texts):
    mounts = {}
    for file in ("df.txt", "df-i.txt", "notes.txt"):
        for row in df.df(texts.get(file, "")[:_TABLES]):
            if row["mount"] and row["size"] and not _unreal(row):
                mount = mounts.setdefault(row["mount"], dict.fromkeys(("size", "free", "avail", "files", "ffree"), 0))
                mount.setdefault("row", row)
                total, free_, left = ("files", "ffree", None) if row["what"] == "inodes" else ("size", "free", "avail")
                if not mount[total]:
                    mount[total] = row["size"]
                    mount[free_] = max(row["size"] - (row["used"] or 0), 0)
                    if left:
                        mount[left] = max(row["avail"] or 0, 0)
    if not mounts:
        why = "no table of df in it" if "df.txt" in texts or "df-i.txt" in texts else "no df.txt or df-i.txt was given"
        paths["/proc/mounts"] = {"read": {"error": "unavailable", "what": "/proc/mounts", "why": why}}
        return
    lines = []
    for target, mount in mounts.items():
        row = mount.pop("row")
        paths[target] = {"statvfs": dict(mount, readonly=False)}
        lines.append(" ".join(_escaped(part) for part in (row["filesystem"] or "?", target, row["type"] or "?", "?", "0", "0")))
    found["files/proc/mounts"] = "\n".join(lines) + "\n"


def _unreal(row):
    name, kind = row["filesystem"] or "", row["type"] or ""
    if row["mount"] == "/":
        return False
    return name in _UNREAL or kind in _UNREAL or name.startswith("/dev/loop")


def _escaped(field):
    return re.sub(r"[\s\\]", lambda found: "\\%03o" % ord(found.group()), field)


def _memory(found, paths, texts):
    told, _file = _first_with(texts, ("free.txt", "notes.txt"), free.free)
    memory = (told or {}).get("memory") or {}
    if not memory.get("total"):
        why = "no table of free in it" if "free.txt" in texts else "no free.txt was given"
        paths["/proc/meminfo"] = {"read": {"error": "unavailable", "what": "/proc/meminfo", "why": why}}
        return
    available = memory.get("available")
    if available is None:
        available = (memory.get("free") or 0) + (memory.get("cache") or 0)
    swap = told.get("swap") or {}
    figures = (("MemTotal", memory["total"]), ("MemFree", memory.get("free") or 0), ("MemAvailable", available),
               ("SwapTotal", swap.get("total") or 0), ("SwapFree", swap.get("free") or 0))
    found["files/proc/meminfo"] = "".join("%s: %d kB\n" % (name, value // 1024) for name, value in figures)
