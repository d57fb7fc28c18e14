# Copyright: kubetriage.node contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Pasted logs -> the two texts that a node would have given, oldest line first: the journal of its units, and the kernel's log.

A line that tells its time is written as `journalctl -o short-unix` writes it, with the name of its file in place of the host's, by which it
is cited, and without a program if nothing tells it, so that it can be anybody's; the file's name tells who speaks in the form of its
program. A line without a time stays as it is.
"""

import re
from collections import Counter
from itertools import chain

from ansible_collections.kubetriage.node.plugins.module_utils.catalogue import FAILURES
from ansible_collections.kubetriage.node.plugins.module_utils.catalogue.match import places
from ansible_collections.kubetriage.node.plugins.module_utils.parse import klog, loglines, timestamp
from ansible_collections.kubetriage.node.plugins.plugin_utils import clocks, pasted

LOGS = ("kubelet.log", "runtime.log", "kernel.log", "notes.txt")
_HALF_YEAR = 182 * 86400
# How programs begin a message: klog (bare, structured or json), logrus, Go's last words. Other text without a name may be systemd's or the
# kernel's.
_LAST = r"panic: |fatal error: |\[signal SIG"
_KLOG = re.compile(r'[IWEF]\d{4} \d\d:|["{]|' + _LAST)
_LOGRUS = re.compile(r'time=|level=|["{]|' + _LAST)
_SPEECH = re.compile(r'[IWEF]\d{4} \d\d:|time=|level=|["{]|' + _LAST)
_OF_A_CONTAINER = re.compile(r"\S{20,40} std(?:out|err) [FP] ")  # the CRI's log format: what a container printed is not the kernel's
_OOM = ("invoked oom-killer", "oom-kill:", "killed process")
_NOT_IN_A_NAME = re.compile(r"[\s:\[\]]")
# Where the node tells its zone: banners of journalctl, `systemctl status` and `timedatectl`
_DATED = re.compile(r"\b[^\W\d]{1,4} (\d{4}-\d\d-\d\d \d\d:\d\d:\d\d) ([A-Z]{3,5}|[+-]\d\d(?:\d\d)?)\b")
_KLOG_FILE = re.compile(r"^Log file created at: (\d{4}/\d\d/\d\d \d\d:\d\d:\d\d)", re.M)
_TIME_ZONE = re.compile(r"Time zone: \S+ \(\S+, ([+-]\d{4})\)")
_SAME = 2.0  # seconds
_PIECE = 65536  # characters of a log's beginning and end that tell of the whole
_OFTEN = 50  # lines that are compared: to tell a log that was printed newest first, and of one text


class Logs:
    """journal, kernel   text, or None when no given file could hold it
    latest            epoch of the newest line, or None"""

    def __init__(self, texts, newest, told=None, guesses=()):
        """`texts`: {file of LOGS: text}; `newest`: when the newest file was written (epoch); `told`: the newest time that other files tell;
        `guesses`: zones in which they do (seconds east of UTC)."""
        texts = {file: texts[file] for file in LOGS if file in texts}
        until = _year_from(texts, newest, told)
        files = {file: list(klog.joined(_oldest_first(loglines.entries(pasted.lines(text), until, 0.0)))) for file, text in texts.items()}
        zones, doubtful = _zones(texts)
        times = clocks.times(files, until, zones, tuple(guesses) + doubtful, told)
        journal, kernel, self._heard_kernel = [], [], False
        for place, file in enumerate(files):
            self._sort_in(zip(files[file], times[file]), place, file, _program(file, texts[file]), journal, kernel)
        self.latest = max((when for _order, _place, when, _said in chain(journal, kernel) if when is not None), default=None)
        names = list(files)
        self.journal = _merged(journal, names) if journal else None
        self.kernel = _merged(kernel, names) if "kernel.log" in texts or self._heard_kernel or _is_of_kernel(kernel) else None

    def _sort_in(self, entries, place, file, speaker, journal, kernel):
        """Entries of one file -> (order, place, time, what is said and by whom) for each log. A line without a time keeps its place below
        the line above it."""
        above, names, (program, speech) = 0.0, {}, speaker
        for entry, when in entries:
            ident, spoken = entry.ident, False
            if ident is None:
                spoken = _SPEECH.match(entry.message) is not None
                ident = program if spoken and speech.match(entry.message) else None
            said = entry.message if entry.raw.endswith("=<") else entry.raw  # a value over lines is in the message
            if when is not None:
                above = when
                if (ident, entry.pid) not in names:
                    name = _NOT_IN_A_NAME.sub("_", ident or "")
                    names[ident, entry.pid] = name if name in ("", "kernel") else "%s[%d]" % (name, entry.pid or 0)
                said = "%s: %s" % (names[ident, entry.pid], entry.message)
            line = above, place, when, said
            if ident != "kernel" and (ident or file != "kernel.log"):
                journal.append(line)
            self._heard_kernel = self._heard_kernel or ident == "kernel"
            if ident == "kernel" or ident is None and not spoken and not _OF_A_CONTAINER.match(entry.raw):
                kernel.append(line)


def _is_of_kernel(lines):
    """Does text without a program hold anything that a kernel prints? If not, nobody gave a kernel log."""
    needles = {needle for entry in FAILURES.values() for source, needle, _regex in entry["log"] if source == "kernel"}
    return any(places("\n".join(line[3] for line in lines), sorted(needles.union(_OOM))))


def _program(file, text):
    """-> (whose words a file holds by its name, the form in which that program speaks).

    Bare text in it may be anybody's: a log is pasted with the lines around it.
    """
    if file == "kubelet.log":
        return "kubelet", _KLOG
    if file == "runtime.log":
        return next((name for name in ("crio", "dockerd") if name in text and "containerd" not in text), "containerd"), _LOGRUS
    return None, _SPEECH


def _oldest_first(entries):
    """What was printed by journalctl -r, told by the first lines whose times differ, is turned round: message by message, as the lines of
    one message stand in their order there too."""
    entries = list(entries)
    timed = [entry for entry in entries if entry.time is not None]
    steps = [after.time - before.time for before, after in zip(timed, timed[1:])
             if before.time != after.time and before.clock == after.clock]
    if sum(1 if step < 0 else -1 for step in steps[:_OFTEN]) <= 0:
        return entries
    messages = []
    for entry in entries:
        if messages and entry.message == entry.raw.rstrip() and not pasted.BEGINS.match(entry.raw):
            messages[-1].append(entry)
        else:
            messages.append([entry])
    return chain.from_iterable(reversed(messages))


def _merged(lines, names):
    """[(order, place, time, text)] -> text. A line without a prefix must not look like a part of the line above it."""
    merged, above = [], None
    for _order, place, when, said in sorted(_once(lines), key=lambda line: line[:2]):
        if above is not None and above != place:
            merged.append("")
        merged.append(said if when is None else "%.6f %s %s" % (when, names[place], said))
        above = place
    return "\n".join(merged) + "\n"


def _once(lines):
    """The same line from two files, with stamps that may differ by what one leaves out, is one: that of the file with more of the log."""
    weights = Counter(line[1] for line in lines)
    if len(weights) == 1:
        return lines
    kept, seen = [], {}
    for line in sorted(lines, key=lambda line: (-weights[line[1]], line[1])):
        order, place, _when, said = line
        times = seen.setdefault(said, {})
        if any(order - _SAME <= other <= order + _SAME for of, others in times.items() if of != place for other in others):
            continue
        if len(times.setdefault(place, [])) < _OFTEN:
            times[place].append(order)
        kept.append(line)
    return kept


def _pieces(text):
    return (text,) if len(text) <= 2 * _PIECE else (text[:_PIECE], text[-_PIECE:])


def _year_from(texts, newest, told):
    """The epoch by which stamps without a year get theirs: half a year after the newest that has one, never after the files' time."""
    times = [told] if told is not None else []
    for piece in chain.from_iterable(map(_pieces, texts.values())):
        times += [timestamp.epoch(found.group(1).replace("/", "-")) for form in (_DATED, _KLOG_FILE) for found in form.finditer(piece)]
        for entry in loglines.entries(pasted.lines(piece)):
            moment = (entry.time, "utc") if entry.time is not None else clocks.told(entry.message, 0.0)
            if moment and moment[1] == "utc":
                times.append(moment[0])
    times = [moment for moment in times if moment < newest]
    return min(max(times) + _HALF_YEAR, newest) if times else newest


def _zones(texts):
    """-> ({file: seconds east of UTC}, zones that a file may mean)."""
    zones, doubtful = {}, set()
    for file, text in texts.items():
        for piece in _pieces(text):
            for found in _DATED.finditer(piece):
                if found.group(2) == "CST" and "月" in piece:
                    zones.setdefault(file, timestamp.UNSURE["CST"][-1])
                elif found.group(2) in timestamp.UNSURE:
                    doubtful.update(timestamp.UNSURE[found.group(2)])
                elif timestamp.offset(found.group(2)) is not None:
                    zones.setdefault(file, timestamp.offset(found.group(2)))
    clock = next(filter(None, (_TIME_ZONE.search(piece) for text in texts.values() for piece in _pieces(text))), None)
    if clock:
        zones.update(dict.fromkeys(texts, timestamp.offset(clock.group(1))))
    return zones, tuple(sorted(doubtful))
