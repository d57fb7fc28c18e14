# Copyright: kubetriage.node contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Log text of any source -> one Entry a line, with time and program.

Formats: journalctl -o short, short-precise, short-iso, short-full, short-unix, short-monotonic, with-unit, json and export; syslog
files (RFC 3164, rsyslog's ISO stamps, RFC 5424); dmesg plain, -T, -d, -r, -x, -H, --time-format iso; /dev/kmsg records; CRI container
logs; bare klog and logrus lines; Talos. Stamps without a zone are taken as UTC.
"""

import json
import re
from collections import deque, namedtuple
from itertools import chain

from . import timestamp

Entry = namedtuple("Entry", "time ident pid message raw")
Entry.__doc__ = """One line: epoch seconds or None, program ("kernel", "kubelet") or None, pid or None, text after the prefix, the line."""

# Patterns of rare formats are strings: re compiles them when the first such line comes.
_LINE = re.compile("^.*$", re.M)
_SHORT = re.compile(r"([^\W\d]{3,9}\.?|\d{1,2}[月월]) +(\d{1,2}) (\d\d):(\d\d):(\d\d)(\.\d{1,9})? ")
_FULL = re.compile(r"(?:[^\W\d]{1,4}\.? )?" + timestamp.ISO + r"(?: ([A-Z]{2,5})(?= ))?[ \t]*")
_FROM = re.compile(r"(?:[^\s:\[\]]+ )?([^\s:\[\]]+)(?:\[([^\]\s]{0,40})\])?:(?: |$)")
_CRI = re.compile(r"std(?:out|err) [FP] ?")
_UNIX = re.compile(r"(\d{9,11}\.\d{1,9}) ")
_KMSG = r"\d{1,4},\d{1,20},(\d{1,20}),[^;]{0,200};"
_SINCE_BOOT = re.compile(r"\[ *(\d{1,10}\.\d{1,9})(?: *< *[\d.]+ *>)?\](?:\[ *[TC]\d+\])? ?")
_MONOTONIC = re.compile(r"[^\s:\[\]]+ (?:(kernel)|([^\s:\[\]]+)\[(\d{1,9})\]): ")
_WALL = r"\[(?:\S{1,6} +)?([^\W\d]{3,9}\.?|\d{1,2}[月월]) *(\d{1,2}) (\d\d):(\d\d)(?::(\d\d)(?:[.,]\d+)? (\d{4}))?\] ?"
_DELTA = r"\[ *\+(\d{1,7}\.\d{1,9})\] ?"
_LEVEL = re.compile(r"<\d{1,3}>(?:1 (?=\d{4}-))?|[a-z]{3,8} *: ?[a-z]{3,6} *: (?=\[)")
_RFC5424 = r"\S+ (\S+) (\S+) \S+ (?:-|\[.*?\](?= |$)) ?"
_TALOS = r"\S+: (kern|user|daemon): +[a-z]+: \[" + timestamp.ISO + r"\]: "
_KLOG = r"[IWEF](\d\d)(\d\d) (\d\d):(\d\d):(\d\d)(\.\d{1,9})? +\d+ \S+:\d+\] "
_USERLAND = re.compile(r"(systemd[\w.-]*)\[(\d{1,9})\]: ")  # programs that write to the kernel's log
_CUT_JSON = r'"(MESSAGE|__REALTIME_TIMESTAMP|SYSLOG_IDENTIFIER|_TRANSPORT|_PID|_COMM)" ?: ?"((?:[^"\\]|\\.)*)'
_MARKS = ("-- ", "░░")  # journalctl's own lines: where a boot or the log begins, explanations


def entries(text, now=None, boot=None, pick=None):
    """Log text (or its lines) -> iterator of Entry, in the order of the text.

    now: epoch of the look, completes stamps without a year; boot: epoch of boot, completes seconds since boot. A line without a prefix (a
    table row, a wrapped value) has time and program of the line above it, up to the next blank line. `pick(line)`: only lines for which
    it is true are read, which makes a long log cheap. Of a message with line breaks (json) each line is an entry.
    """
    read = _reader(now, boot)
    above, passed = (None, None, None), deque(maxlen=64)
    for raw in _lines(text):
        if pick is not None and not pick(raw):
            passed.append(raw)
            continue
        found = read(raw)
        if found is None:  # no prefix: it belongs to the nearest line above that has one
            while passed:
                before = passed.pop()
                if not before.strip():
                    above = (None, None, None)
                    break
                found = read(before)
                if found:
                    above = found[:3]
                    break
            passed.clear()
            if raw.strip():
                yield Entry(above[0], above[1], above[2], raw.rstrip(), raw)
            else:
                above = (None, None, None)
        elif found:
            passed.clear()
            above = found[:3]
            for line in (found[3].split("\n") if "\n" in found[3] else (found[3],)):
                yield Entry(above[0], above[1], above[2], line, raw)


def _lines(text):
    if isinstance(text, str):
        lines = (match.group().rstrip("\r") for match in _LINE.finditer(text))
    else:
        lines = (line.rstrip("\r\n") for line in text)
    first = next(lines, "")
    lines = chain((first,), lines)
    return _export_as_json(lines) if first.startswith("__CURSOR=") else lines


def _export_as_json(lines):
    fields = {}
    for line in chain(lines, ("",)):
        key, equals, value = line.partition("=")
        if equals:
            fields[key] = value
        elif not line and fields:
            yield json.dumps(fields)
            fields = {}


def _reader(now, boot):
    """-> read(line) -> (time, ident, pid, message); () for a line to pass over; None for a line without a prefix."""
    minutes = {}  # "Nov 23 02:13" -> epoch: a log repeats its minutes
    last = [None]  # for stamps that are relative to the line above

    def short(match):
        key = match.string[match.start():match.start(5)]
        start = minutes.get(key, minutes)
        if start is minutes:
            number = timestamp.month(match.group(1))
            if len(minutes) > 5000:
                minutes.clear()
            start = minutes[key] = number and timestamp.without_year(
                number, int(match.group(2)), int(match.group(3)), int(match.group(4)), 0, now)
        return None if start is None else start + int(match.group(5)) + float(match.group(6) or 0)

    def program(raw, at, when):
        match = _FROM.match(raw, at)
        if not match:
            return when, None, None, raw[at:]
        ident, message = match.group(1), raw[match.end():]
        if ident == "kernel":
            inner = _SINCE_BOOT.match(message)
            return when, ident, None, message[inner.end():] if inner else message
        if ident.endswith(".service"):  # -o with-unit
            ident = ident[:-8]
        return when, ident, _int(match.group(2)), message

    def kernel(raw, at, when):
        message = raw[at:]
        match = _USERLAND.match(message)
        if match:
            return when, match.group(1), int(match.group(2)), message[match.end():]
        return when, "kernel", None, message

    def bracket(raw):
        match = _SINCE_BOOT.match(raw)
        if match:
            last[0] = when = None if boot is None else boot + float(match.group(1))
            origin = _MONOTONIC.match(raw, match.end())
            if origin:
                return when, origin.group(1) or origin.group(2), _int(origin.group(3)), raw[origin.end():]
            return kernel(raw, match.end(), when)
        match = re.match(_WALL, raw)
        if match:
            number, day, hour, minute = timestamp.month(match.group(1)), int(match.group(2)), int(match.group(3)), int(match.group(4))
            if number is None:
                when = None
            elif match.group(6):
                when = timestamp.utc(int(match.group(6)), number, day, hour, minute, int(match.group(5)))
            else:
                when = timestamp.without_year(number, day, hour, minute, 0, now)
            last[0] = when
            return kernel(raw, match.end(), when)
        match = re.match(_DELTA, raw)
        if match:
            if last[0] is not None:
                last[0] += float(match.group(1))
            return kernel(raw, match.end(), last[0])
        return None

    def digit(raw):
        match = _FULL.match(raw)
        if match:
            when, at = timestamp.of_match(match), match.end()
            if match.group(10):  # a zone by name
                shift = timestamp.offset(match.group(10))
                if shift is None:
                    at = match.start(10)
                else:
                    when -= shift
            cri = _CRI.match(raw, at)
            if cri:
                return when, None, None, raw[cri.end():]
            if raw[at:at + 1] == "[":
                return when, None, None, raw[at:]
            if raw[10] == "T" and raw[19:20] == ",":  # dmesg --time-format iso
                return kernel(raw, at, when)
            return program(raw, at, when)
        match = _UNIX.match(raw)
        if match:
            return program(raw, match.end(), float(match.group(1)))
        match = re.match(_KMSG, raw)
        if match:
            return kernel(raw, match.end(), None if boot is None else boot + int(match.group(1)) / 1e6)
        match = _SHORT.match(raw)  # "11月 23 ..."
        return program(raw, match.end(), short(match)) if match else None

    def read(raw):
        first = raw[:1]
        if first == "{":
            return _json(raw)
        if first == "[":
            return bracket(raw)
        if first == "<" or first.islower():
            match = _LEVEL.match(raw)
            if match and match.end() < len(raw):
                rest = raw[match.end():]
                if match.group().endswith("1 "):
                    stamp = _FULL.match(rest)
                    origin = stamp and re.match(_RFC5424, rest[stamp.end():])
                    if origin:
                        return timestamp.of_match(stamp), origin.group(1), _int(origin.group(2)), rest[stamp.end() + origin.end():]
                return (read(rest) if rest[0] not in "<{" else None) or (None, "kernel", None, rest)
            if raw.startswith("time="):
                return timestamp.epoch(raw[5:60]), None, None, raw
        if first == " " and raw[2:3] in "月월" and raw[1:2].isdigit():  # Chinese and Japanese months are padded to two digits
            return digit(raw[1:])
        if first.isdigit():
            return digit(raw) or talos(raw)
        if first == "-" or first == "░":
            return () if raw.startswith(_MARKS) else None
        match = _SHORT.match(raw)
        if match:
            return program(raw, match.end(), short(match))
        match = re.match(_KLOG, raw)
        if match:
            month, day, hour, minute, second = [int(part) for part in match.groups()[:5]]
            when = timestamp.without_year(month, day, hour, minute, second, now)
            return None if when is None else when + float(match.group(6) or 0), None, None, raw
        match = _FULL.match(raw)  # "Mon 2026-11-23 02:13:07 UTC host ..."
        if match:
            return digit(raw[match.start(1):])
        return talos(raw) if ": [" in raw[:80] else None

    def talos(raw):
        match = re.match(_TALOS, raw)
        if not match:
            return None
        stamp = _FULL.match(raw, match.start(2))
        return timestamp.of_match(stamp), "kernel" if match.group(1) == "kern" else None, None, raw[match.end():]

    return read


def _json(raw):
    try:
        fields = json.loads(raw)
    except (ValueError, RecursionError):
        fields = dict(re.findall(_CUT_JSON, raw))
        if "MESSAGE" in fields:
            fields["MESSAGE"] = fields["MESSAGE"].replace('\\"', '"').replace("\\n", "\n").replace("\\\\", "\\")
    if not isinstance(fields, dict):
        return None
    if "MESSAGE" in fields or "__REALTIME_TIMESTAMP" in fields:
        return _journal(fields)
    when = fields.get("ts", fields.get("time"))
    if isinstance(when, str):
        when = timestamp.epoch(when)
    elif isinstance(when, (int, float)) and not isinstance(when, bool):
        when = when / 1000.0 if when > 1e11 else float(when)  # the kubelet's json has milliseconds
    else:
        return None
    return when, None, None, raw


def _journal(fields):
    """Journal fields -> (time, ident, pid, message); a message that is no UTF-8 is a list of bytes, one too long is null."""
    message = fields.get("MESSAGE")
    if isinstance(message, list):
        message = message[0] if message and isinstance(message[0], str) else bytes(
            bytearray(part & 255 for part in message if isinstance(part, int))).decode("utf-8", "replace")
    if not isinstance(message, str):
        message = ""
    when = _int(fields.get("__REALTIME_TIMESTAMP")) or _int(fields.get("_SOURCE_REALTIME_TIMESTAMP"))
    if fields.get("_TRANSPORT") == "kernel":
        ident, pid = "kernel", None
    else:
        ident = next((fields[key] for key in ("SYSLOG_IDENTIFIER", "_COMM", "UNIT") if isinstance(fields.get(key), str)), None)
        pid = _int(fields.get("_PID")) or _int(fields.get("SYSLOG_PID"))
    return when and when / 1e6, ident, pid, message


def _int(text):
    return int(text) if isinstance(text, str) and text.isdigit() and len(text) < 20 else None
