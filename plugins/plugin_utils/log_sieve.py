# Copyright: kubetriage.node contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A long log -> the part of it that can tell of a failure, in the memory of one chunk.

Kept are the lines that a signature may match, the line with the prefix above one that has none, reports of the OOM killer whole, the
stacks of hung tasks, the edges of each chunk (how far the log goes, and who spoke last), and a few lines about each pod that ran out of
memory, for its name.
"""

import codecs
import re
from collections import Counter

from ansible_collections.kubetriage.node.plugins.module_utils.catalogue import FAILURES
from ansible_collections.kubetriage.node.plugins.module_utils.catalogue.match import pattern, places, plain
from ansible_collections.kubetriage.node.plugins.module_utils.catalogue.programs import sources_of
from ansible_collections.kubetriage.node.plugins.plugin_utils import pasted

WHOLE = 8 << 20  # bytes of a file that is read as it is
_CHUNK = 4 << 20  # bytes
_KEPT = 12 << 20  # characters; of more than that the first sixth and the newest lines
_EDGE = 20000  # characters
_LINE = 65536  # characters of a line
_ABOVE = 50  # lines without a prefix
_TESTED = 200  # lines of one needle in a chunk
_REPORT = 1 << 20  # characters of one OOM report
_STACK = 8192  # characters of a hung task's report: hung_task reads 80 lines
_ENDS = 200  # lines of one needle in a chunk that say that something is over
_NAMING, _UIDS = 3, 50  # lines about a pod, pods
_OOM = ("invoked oom-killer", "killed process", "out of memory", "oom-kill:", "killed as a result of limit", "memory.oom.group set")
_ORIGIN = re.compile(r"(?:\d{4}-\d\d-\d\dT[\d:.,+-]+Z?|[^\W\d]{3} [ \d]\d [\d:.]+|\d{9,11}\.\d+) "
                     r"[^\s:\[\]]+ ([^\s:\[\]]+)(?:\[\d{1,9}\])?: ")
_UID = re.compile(r"pod([0-9a-f]{8}(?:[-_][0-9a-f]{4}){3}[-_][0-9a-f]{12}|[0-9a-f]{32})")


def read(file):
    """Open binary file -> (text of the lines that are kept, sentence about what was left out or None)."""
    sieve, start = _Sieve(), file.tell()
    for number, text in enumerate(_chunks(file)):
        sieve.take(number, text)
    uids = sieve.uids()
    if uids:
        file.seek(start)
        for number, text in enumerate(_chunks(file)):
            sieve.name(number, text, uids)
    return sieve.text(), None if not sieve.cut else f"of the lines that could tell of a failure only {_KEPT >> 20} MB were read, the newest"


def _chunks(file):
    """-> texts that end with a line; of a journal whose entries stand on many lines each, with an entry, and a line of JSON for each."""
    start = file.read(2)
    decoder = codecs.getincrementaldecoder("utf-16" if start in (b"\xff\xfe", b"\xfe\xff") else "utf-8")("replace")
    rest, data, begins = "", start + file.read(_CHUNK), None
    while data or rest:
        text = rest + pasted.cleaned(decoder.decode(data, not data))
        begins = begins or next((begin for form, begin in pasted.RECORDS if form.match(text)), None)
        edge = (max((match.start() for match in re.finditer(begins, text)), default=-1) if begins else text.rfind("\n")) + 1
        if not edge and data and len(text) < 2 * _CHUNK:
            rest, data = text, file.read(_CHUNK)
            continue
        edge = edge if edge and data else len(text)
        yield "\n".join(pasted.records(text[:edge].split("\n"))) if begins else text[:edge]
        rest, data = text[edge:], file.read(_CHUNK) if data else data


def _may_match(signatures, raw):
    """Tells most lines apart unread: by the program, where it is easily seen, and the pattern. Of JSON only the needle is sure."""
    if raw[:1] == "{":
        return True
    origin, line = _ORIGIN.match(raw), plain(raw)
    speaks = sources_of(origin.group(1), "any") if origin else ()
    return any((not origin or source == "any" or source in speaks) and pattern(regex).search(line) for source, regex in signatures)


class _Sieve:
    def __init__(self):
        self._begins = {needle: [("any", "")] for needle in _OOM}
        self._ends = {}
        for entry in FAILURES.values():
            for part, into in (("log", self._begins), ("ends", self._ends)):
                for source, needle, regex in entry[part]:
                    into.setdefault(needle, []).append((source, regex))
        self._lines = {}  # (number of the chunk, place in it) -> line
        self._size = 0
        self._in_report = False
        self.cut = False

    def take(self, number, text):
        ends, tested, matched = {}, Counter(), Counter()
        for needle, place, end in places(text, self._begins):
            if place in ends:
                continue
            if tested[needle] < _TESTED or 2 * matched[needle] < tested[needle]:  # else the log is full of it: testing costs more than keeping
                tested[needle] += 1
                if not _may_match(self._begins[needle], text[place:end]):
                    continue
                matched[needle] += 1
            ends[place] = end
        self._latest_ends(text, ends)
        for place in [place for place, end in ends.items() if not pasted.BEGINS.match(text, place, end)]:
            self._above(text, place, ends)
        self._reports(text, ends)
        for place in [place for place, end in ends.items() if text.find("blocked for more than", place, end) >= 0]:
            self._all(text, place, place + _STACK, ends)
        for start, end in ((0, _EDGE), (len(text) - _EDGE, len(text))):
            self._all(text, max(start, 0), end, ends)
        for place in sorted(ends):
            self._keep(number, place, text[place:ends[place]])
        if self._size > _KEPT:
            self._drop()

    def _latest_ends(self, text, ends):
        """The lines that say that a failure is over: the last ones of each kind count."""
        found = {}
        for needle, place, end in places(text, self._ends):
            found.setdefault(needle, []).append((place, end))
        for needle, spots in found.items():
            for place, end in spots[-_ENDS:]:
                if _may_match(self._ends[needle], text[place:end]):
                    ends[place] = end

    def _above(self, text, place, ends):
        for _line in range(_ABOVE):
            end = place - 1
            if end < 0:
                return
            place = text.rfind("\n", 0, end) + 1
            ends[place] = end
            if pasted.BEGINS.match(text, place, end):
                return

    def _reports(self, text, ends):
        at = 0
        while True:
            start = at if self._in_report else text.find("invoked oom-killer", at)
            if start < 0:
                return
            kill = text.find("Killed process", start, start + _REPORT)
            self._in_report = kill < 0 and start + _REPORT > len(text)
            at = (start + _REPORT if kill < 0 else kill) + 1
            self._all(text, start, at, ends)
            if at >= len(text):
                return

    def _all(self, text, start, end, ends):
        """The lines between two places."""
        place = text.rfind("\n", 0, start) + 1
        while place < min(end, len(text)):
            stop = text.find("\n", place)
            stop = len(text) if stop < 0 else stop
            ends[place] = stop
            place = stop + 1

    def _keep(self, number, place, line):
        if (number, place) not in self._lines:
            line = self._lines[number, place] = line[:_LINE]
            self._size += len(line) + 1

    def _drop(self):
        """Down to three quarters of the bound: after the first sixth, the oldest lines go."""
        self.cut = True
        first = _KEPT // 6
        for key in sorted(self._lines):
            if first > 0:
                first -= len(self._lines[key]) + 1
            elif self._size > _KEPT * 3 // 4:
                self._size -= len(self._lines.pop(key)) + 1

    def uids(self):
        found = {uid.replace("_", "-") for line in self._lines.values() for uid in _UID.findall(line)
                 if "oom" in line or "Task in" in line or "Memory cgroup" in line}
        return sorted(found)[:_UIDS]

    def name(self, number, text, uids):
        for uid in list(uids):
            at, left = text.find(uid), _NAMING
            while at >= 0 and left:
                place, end = text.rfind("\n", 0, at) + 1, text.find("\n", at)
                end = len(text) if end < 0 else end
                self._keep(number, place, text[place:end])
                at, left = text.find(uid, end), left - 1
            if left < _NAMING:
                uids.remove(uid)

    def text(self):
        return "\n".join(self._lines[key] for key in sorted(self._lines)) + "\n"
