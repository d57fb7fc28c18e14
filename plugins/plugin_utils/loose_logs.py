# Copyright: kubetriage.node contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Pasted logs -> the two texts that a node would have given: the journal of its units, and the kernel's log; each one line a message, oldest first.

A line that tells its time and its program is written as `journalctl -o short-unix` writes it; a file's name tells the program of lines that do not.
Others stay as they are.
"""

import re

from ansible_collections.kubetriage.node.plugins.module_utils.parse import klog, loglines

LOGS = ("kubelet.log", "runtime.log", "kernel.log", "notes.txt")
_HALF_YEAR = 182 * 86400
_NOT_IN_A_NAME = re.compile(r"[\s:\[\]]")
# dmesg counts seconds since boot; these of its lines tell the time of day as well
_CLOCK = re.compile(r"^\[ *(\d{1,10}\.\d{1,9})\] .*?(?:\baudit\((\d{9,11}\.\d{1,6}):\d+\)|setting system clock to .*\((\d{9,11})\))", re.M)
_OFTEN = 50  # lines that are compared to tell a log that was printed newest first


class Logs:
    """journal, kernel   text, or None when no given file could hold it
    latest            epoch of the newest line, or None"""

    def __init__(self, texts, host, newest):
        """`texts`: {file of LOGS: text}; `host`: the node's name; `newest`: epoch that no line can be later than by much (the files' own time)."""
        self._host = _NOT_IN_A_NAME.sub("_", host) or "node"
        given = [(file, texts[file]) for file in LOGS if file in texts]
        until = _year_from(given, newest)
        boot = next((moment for moment in (_boot(text) for _file, text in given) if moment is not None), None)
        journal, kernel = [], []
        for place, (file, text) in enumerate(given):
            for when, entry in _oldest_first(list(_timed(loglines.entries(text, until, boot)))):
                ident = entry.ident or _program(file, text)
                if ident != "kernel":
                    journal.append((when, place, self._line(entry, ident)))
                if ident == "kernel" or ident is None and klog.message(entry.message).level is None:
                    kernel.append((when, place, self._line(entry, ident)))
        self.latest = max((when for when, _place, _line in journal + kernel if when), default=None)
        self.journal = _merged(journal) if journal else None
        self.kernel = _merged(kernel) if kernel or "kernel.log" in texts else None

    def _line(self, entry, ident):
        if entry.time is None or ident is None:
            return entry.raw
        program = _NOT_IN_A_NAME.sub("_", ident)
        if ident != "kernel":
            program += "[%s]" % (entry.pid or 0)
        return "%.6f %s %s: %s" % (entry.time, self._host, program, entry.message)


def _timed(entries):
    """-> (time, entry): a line without a time keeps its place below the line above it."""
    above = 0.0
    for entry in entries:
        above = entry.time if entry.time is not None else above
        yield above, entry


def _program(file, text):
    if file == "kubelet.log":
        return "kubelet"
    if file == "kernel.log":
        return "kernel"
    if file == "runtime.log":
        return next((name for name in ("crio", "dockerd") if name in text and "containerd" not in text), "containerd")
    return None


def _oldest_first(lines):
    """Turn a log round that journalctl -r printed: message by message, as the lines of one message stand in their order there."""
    steps = [after - before for (before, _one), (after, _two) in zip(lines, lines[1:]) if before and after and before != after][:_OFTEN]
    if sum(1 if step < 0 else -1 for step in steps) <= 0:
        return lines
    messages = []
    for when, entry in lines:
        if messages and entry.message == entry.raw.rstrip() and next(loglines.entries([entry.raw])).ident is None and not entry.raw[:1].isalnum():
            messages[-1].append((when, entry))
        else:
            messages.append([(when, entry)])
    return [line for message in reversed(messages) for line in message]


def _merged(lines):
    """[(time, file, line)] -> text. The same line from two files is one; one without a prefix must not look like a part of the line above it."""
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
    """The epoch by which stamps without a year get theirs: half a year after the newest stamp that has one, and never after the files' own time."""
    times = []
    for _file, text in given:
        for piece in (text[:65536], text[-65536:]):
            times += [entry.time for entry in loglines.entries(piece) if entry.time is not None]
    return min(max(times) + _HALF_YEAR, newest) if times and max(times) < newest else newest


def _boot(text):
    match = _CLOCK.search(text)
    return float(match.group(2) or match.group(3)) - float(match.group(1)) if match else None
