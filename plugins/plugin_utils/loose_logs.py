# Copyright: kubetriage.node contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Pasted logs -> the two texts that a node would have given, oldest line first: the journal of its units, and the kernel's log.

A line that tells its time and its program is written as `journalctl -o short-unix` writes it; the file's name tells who speaks in the form
of its program. Other lines stay without a program, so that they can be anybody's.
"""

import re
from itertools import chain

from ansible_collections.kubetriage.node.plugins.module_utils.catalogue import FAILURES
from ansible_collections.kubetriage.node.plugins.module_utils.parse import loglines
from ansible_collections.kubetriage.node.plugins.plugin_utils.utc import iso

LOGS = ("kubelet.log", "runtime.log", "kernel.log", "notes.txt")
_HALF_YEAR = 182 * 86400
# How programs begin a message: klog (bare, structured or json), logrus. Other text without a name may be systemd's or the kernel's.
_KLOG = re.compile(r'[IWEF]\d{4} \d\d:|["{]')
_LOGRUS = re.compile(r'time=|level=|["{]')
_SPEECH = re.compile(r'[IWEF]\d{4} \d\d:|time=|level=|["{]')
_OOM = ("invoked oom-killer", "oom-kill:", "killed process")
_NOT_IN_A_NAME = re.compile(r"[\s:\[\]]")
# dmesg counts seconds since boot; these of its lines tell the time of day as well
_CLOCK = re.compile(r"^\[ *(\d{1,10}\.\d{1,9})\] .*?(?:\baudit\((\d{9,11}\.\d{1,6}):\d+\)|setting system clock to .*\((\d{9,11})\))", re.M)
_PIECE = 65536  # characters of a log's beginning and end that tell of the whole
_OFTEN = 50  # lines that are compared to tell a log that was printed newest first


class Logs:
    """journal, kernel   text, or None when no given file could hold it
    latest            epoch of the newest line, or None"""

    def __init__(self, texts, host, newest):
        """`texts`: {file of LOGS: text}; `host`: the node's name; `newest`: when the newest file was written (epoch)."""
        self._host = _NOT_IN_A_NAME.sub("_", host) or "node"
        given = [(file, texts[file]) for file in LOGS if file in texts]
        until = _year_from(given, newest)
        boot = next((moment for moment in (_boot(text) for _file, text in given) if moment is not None), None)
        journal, kernel, self._heard_kernel = [], [], False
        for place, (file, text) in enumerate(given):
            entries = loglines.entries(text, until, boot)
            if _is_newest_first(text, until, boot):
                entries = _turned_round(entries)
            self._sort_in(entries, place, file, text, journal, kernel)
        self.latest = max((when for when, _place, _line in chain(journal, kernel) if when), default=None)
        self.journal = _merged(journal) if journal else None
        self.kernel = _merged(kernel) if "kernel.log" in texts or self._heard_kernel or _is_of_kernel(kernel) else None

    def _sort_in(self, entries, place, file, text, journal, kernel):
        """Entries of one file -> (time, place, line) for each log. A line without a time keeps its place below the line above it."""
        above, prefixes = 0.0, {}
        program, speech = _program(file, text)
        for entry in entries:
            ident, spoken = entry.ident, False
            if ident is None:
                spoken = _SPEECH.match(entry.message) is not None
                ident = program if spoken and speech.match(entry.message) else None
            above = entry.time if entry.time is not None else above
            if entry.time is None:
                line = entry.raw
            elif ident is None:  # as a runtime writes it: it has no place for a program
                line = "%s stdout F %s" % (iso(entry.time), entry.message)
            else:
                who = ident, entry.pid
                if who not in prefixes:
                    prefixes[who] = self._prefix(ident, entry.pid)
                line = "%.6f%s%s" % (entry.time, prefixes[who], entry.message)
            if ident != "kernel" and (ident or file != "kernel.log"):
                journal.append((above, place, line))
            self._heard_kernel = self._heard_kernel or ident == "kernel"
            if ident == "kernel" or ident is None and not spoken:
                kernel.append((above, place, line))

    def _prefix(self, ident, pid):
        program = _NOT_IN_A_NAME.sub("_", ident)
        return " %s %s: " % (self._host, program if ident == "kernel" else "%s[%s]" % (program, pid or 0))


def _is_of_kernel(lines):
    """Does text without a program hold anything that a kernel prints? If not, nobody gave a kernel log."""
    text = "\n".join(line for _when, _place, line in lines).lower()
    needles = [needle for entry in FAILURES.values() for source, needle, _regex in entry["log"] if source == "kernel"]
    return any(needle in text for needle in _OOM + tuple(needles))


def _program(file, text):
    """-> (whose words a file holds by its name, the form in which that program speaks).

    Bare text in it may be anybody's: a log is pasted with the lines around it.
    """
    if file == "kubelet.log":
        return "kubelet", _KLOG
    if file == "runtime.log":
        return next((name for name in ("crio", "dockerd") if name in text and "containerd" not in text), "containerd"), _LOGRUS
    return None, _SPEECH


def _is_newest_first(text, until, boot):
    """Was it printed by journalctl -r? By the first lines whose times differ."""
    times = [entry.time for entry in loglines.entries(text[:_PIECE], until, boot) if entry.time is not None]
    steps = [after - before for before, after in zip(times, times[1:]) if before != after][:_OFTEN]
    return sum(1 if step < 0 else -1 for step in steps) > 0


def _turned_round(entries):
    """Message by message, as the lines of one message stand in their order there too."""
    messages = []
    for entry in entries:
        bare = entry.message == entry.raw.rstrip() and not entry.raw[:1].isalnum()
        if messages and bare and next(loglines.entries([entry.raw]), entry).ident is None:
            messages[-1].append(entry)
        else:
            messages.append([entry])
    return chain.from_iterable(reversed(messages))


def _merged(lines):
    """[(time, file, line)] -> text.

    The same line from two files is one; a line without a prefix must not look like a part of the line above it.
    """
    lines.sort(key=lambda line: line[0])
    merged, now, seen, above = [], None, {}, None
    for when, place, line in lines:
        if when != now:
            now, seen = when, {}
        if seen.setdefault(line, place) != place:
            continue
        if above is not None and above != place:
            merged.append("")
        merged.append(line)
        above = place
    return "\n".join(merged) + "\n"


def _year_from(given, newest):
    """The epoch by which stamps without a year get theirs: half a year after the newest that has one, never after the files' time."""
    times = []
    for _file, text in given:
        for piece in (text[:_PIECE], text[-_PIECE:]):
            times += [entry.time for entry in loglines.entries(piece) if entry.time is not None]
    return min(max(times) + _HALF_YEAR, newest) if times and max(times) < newest else newest


def _boot(text):
    match = _CLOCK.search(text)
    return float(match.group(2) or match.group(3)) - float(match.group(1)) if match else None
