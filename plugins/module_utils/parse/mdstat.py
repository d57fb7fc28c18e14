# Copyright: kubetriage.node contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""/proc/mdstat (drivers/md/md.c, md_seq_show) -> arrays."""

import re

_ARRAY = re.compile(r"(md\S*) : (active|inactive|broken)( \((?:auto-)?read-only\))?(?: (linear|raid\d+|multipath|faulty))? ?(.*)")
_MEMBER = re.compile(r"(\S+)\[(\d{1,5})\]((?:\([A-Z]\))*)")
_COUNT = re.compile(r"\[(\d{1,5})/(\d{1,5})\](?: \[([U_.]+)\])?")
_WORK = re.compile(r"(recovery|resync|reshape|check|repair|rebuild) *= *(?:([\d.]{1,6})%|(DELAYED|PENDING|REMOTE))")
_WITHOUT_SPARE = ("raid0", "linear")


def arrays(text):
    """-> [{"name", "state", "level", "members": [{"device", "failed", "spare"}], "wanted", "working", "map" ("U_"), "work", "percent",
    "line"}]

    state: ok, degraded (a member is missing or failed), failed (it holds no data any more: inactive, more lost than the level bears).
    work: recovery, resync, reshape, check or None. Spares and (auto-read-only) are healthy. line: the array's two first lines in one.
    """
    found = []
    for line in text.splitlines():
        match = _ARRAY.match(line)
        if match:
            name, active, _read_only, level, rest = match.groups()
            members = [{"device": device, "failed": "(F)" in marks, "spare": "(S)" in marks}
                       for device, _role, marks in _MEMBER.findall(rest)]
            found.append({"name": name, "state": "ok" if active == "active" else "failed", "level": level, "members": members,
                          "wanted": None, "working": None, "map": None, "work": None, "percent": None, "line": " ".join(line.split())})
            if level in _WITHOUT_SPARE and any(member["failed"] for member in members):
                found[-1]["state"] = "failed"
        elif found and line[:1] in (" ", "\t"):
            _detail(found[-1], line)
    return found


def _detail(array, line):
    if array["level"] is None and "super external:" in line and "super external:/" not in line:
        array["state"] = "ok"  # the container of Intel's or DDF's arrays, which is never active itself
    count = _COUNT.search(line)
    if count and array["wanted"] is None and "bitmap" not in line:
        array["wanted"], array["working"], array["map"] = int(count.group(1)), int(count.group(2)), count.group(3)
        array["line"] += " " + " ".join(line.split())
        lost = array["wanted"] - array["working"]
        if lost > 0 and array["state"] == "ok":
            array["state"] = "failed" if lost > _bears(array) else "degraded"
    work = _WORK.search(line)
    if work:
        array["work"] = work.group(1)
        try:
            array["percent"] = float(work.group(2)) if work.group(2) else 0.0
        except ValueError:
            pass


def _bears(array):
    """How many members an array may lose."""
    level = array["level"]
    if level in ("raid1", "raid10", "multipath"):
        return array["wanted"] - 1  # raid10: at most; which ones are gone decides, and a dead one is inactive or broken
    return {"raid4": 1, "raid5": 1, "raid6": 2}.get(level, 0)
