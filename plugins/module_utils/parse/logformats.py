# Copyright: kubetriage.node contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How a log line begins, wherever it was kept -> time, program, message.

Formats: journalctl -o short, short-precise, short-iso, short-full, short-monotonic, with-unit and json; syslog files (RFC 3164 with and
without year, rsyslog's ISO stamps, RFC 5424, busybox); dmesg -T, -r, -x, -H, --time-format iso; /dev/kmsg records; logs of containers (CRI,
docker's json-file, kubectl logs --timestamps); bare klog, logrus, Go and JSON lines; Talos.
"""

import json
import re

from . import timestamp
from .loglines import number

_ISO = timestamp.ISO + r"(?: ([A-Z]{2,5}|[+-]\d\d)(?= ))?[ \t]*"
_MONTH = r"([^\W\d]{3,9}\.?|\d{1,2}[月월])"
_CLOCK = r"(\d\d):(\d\d):(\d\d)(\.\d{1,9})?"
_PATTERNS = {name: re.compile(pattern) for name, pattern in (
    ("short", r"(?:[^\W\d]{2,4}\.? (?=\D))?(?:(\d{4}) )?" + _MONTH + r" +(\d{1,2}) (?:(\d{4}) )?" + _CLOCK + r"(?: (\d{4}))?(?:: | )"),
    ("iso", r"(?:[^\W\d]{1,4}\.? )?" + _ISO),
    ("origin", r"(?:[^\s:\[\]]+ )??(?:(?:kern|user|daemon|auth|authpriv|syslog|cron|local\d)\.[a-z]{3,7} )?"
               r"([^\s:\[\]]+)(?:\[([^\]\s]{0,40})\])?:(?: |$)"),
    ("container", r"std(?:out|err) [FP](?: |$)"),
    ("unix", r"(\d{9,11}\.\d{1,9}) "),
    ("kmsg", r"\d{1,4},\d{1,20},(\d{1,20}),[^;]{0,200};"),
    ("since boot", r"\[ *(\d{1,10}\.\d{1,9})\](?:\[ *[TC]\d+\])? ?"),
    ("wall", r"\[(?:[^\s\]]{1,6} +)?" + _MONTH + r" *(\d{1,2}) (\d\d):(\d\d)(?::(\d\d)(?:[.,]\d+)? (\d{4}))?\] ?"),
    ("delta", r"\[ *\+(\d{1,7}\.\d{1,9})\] ?"),
    ("priority", r"<\d{1,3}>(?:1 (?=\d{4}-))?|"
                 r"(?:kern|user|daemon|auth|syslog|local\d) *: ?(?:emerg|alert|crit|err|warn|notice|info|debug) *: "),
    ("rfc5424", r"\S+ (\S+) (\S+) \S+ (?:-|\[.*?\](?= |$)) ?"),
    # of several nodes at once with the node first
    ("talos", r"(?: *[^\s:]+:)? *(kern|user|daemon): +[a-z]+: \[" + timestamp.ISO + r"\]: |[^\s:]+: (?=\{|[IWEF]\d{4} |time=)"),
    ("klog", r"[IWEF](\d\d)(\d\d) " + _CLOCK + r" +\d+ \S+:\d+\] "),
    ("go", r"(\d{4})/(\d\d)/(\d\d) " + _CLOCK + " "),
    ("program on the console", r"((?:systemd|kubelet|containerd|dockerd|crio|k3s|rke2)[\w.-]*)\[(\d{1,9})\]: "),
    ("cut json", r'"(MESSAGE|__REALTIME_TIMESTAMP|SYSLOG_IDENTIFIER|_TRANSPORT|_PID|_COMM)" ?: ?"((?:[^"\\]|\\.)*)'),
)}
_MARKS = ("-- ", "░░")  # journalctl's own lines: where a boot or the log begins, explanations
_MINUTES = 5000  # minutes whose epochs are remembered: a log repeats them


def reader(now, boot):
    """-> read(line) -> (time, ident, pid, message, clock) as in loglines.Entry; () for a line to pass over; None without a prefix."""
    minutes, last = {}, [None]  # "Nov 23 02:13" -> epoch; the time of the line above, for stamps that are relative to it
    match_of = {name: pattern.match for name, pattern in _PATTERNS.items()}

    def short(match):
        year, name, day, second_year, hour, minute, second, fraction, third_year = match.groups()
        key = name, day, hour, minute, year or second_year or third_year
        if key not in minutes:
            if len(minutes) > _MINUTES:
                minutes.clear()
            minutes[key] = _minute(key, now)
        return None if minutes[key] is None else minutes[key] + int(second) + float(fraction or 0)

    def program(raw, at, when, clock):
        match = match_of["origin"](raw, at)
        if not match:
            return when, None, None, raw[at:], clock
        ident, message = match.group(1), raw[match.end():]
        if ident == "kernel":
            inner = match_of["since boot"](message)  # rsyslog on Ubuntu
            return when, ident, None, message[inner.end():] if inner else message, clock
        return when, ident[:-8] if ident.endswith(".service") else ident, number(match.group(2)), message, clock  # -o with-unit

    def kernel(raw, at, when, clock):
        match = match_of["program on the console"](raw, at)
        if match:
            return when, match.group(1), number(match.group(2)), raw[match.end():], clock
        return when, "kernel", None, raw[at:], clock

    def bracket(raw):
        match = match_of["wall"](raw)
        if match:
            name, day, hour, minute, second, year = match.groups()
            when = _minute((name, day, hour, minute, year), now)
            last[0] = when if when is None else when + int(second or 0)
            return kernel(raw, match.end(), last[0], "local")
        match = match_of["delta"](raw)
        if match:
            if last[0] is not None:
                last[0] += float(match.group(1))
            return kernel(raw, match.end(), last[0], "local")
        return None

    def iso(raw, match):
        when, at, clock = timestamp.of_match(match), match.end(), "utc" if match.group(8) or match.group(9) else "local"
        name = match.group(10)
        if name:
            shift = timestamp.offset(name)
            if shift is not None:
                when, clock = when - shift, "utc"
            elif name not in timestamp.UNSURE:
                at = match.start(10)
        container = match_of["container"](raw, at)
        if container:
            return when, None, None, raw[container.end():], clock
        if raw[at:at + 1] == "[":
            return when, None, None, raw[at:], clock
        if "," in raw[match.start(7) - 1:match.start(7)] and raw[match.start(1) + 10] == "T":  # dmesg --time-format iso
            return kernel(raw, at, when, clock)
        return program(raw, at, when, clock)

    def digit(raw):
        match = match_of["iso"](raw)
        if match:
            return iso(raw, match)
        match = match_of["unix"](raw)
        if match:
            return program(raw, match.end(), float(match.group(1)), "utc")
        match = match_of["kmsg"](raw)
        if match:
            return kernel(raw, match.end(), None if boot is None else boot + int(match.group(1)) / 1e6, "boot")
        match = match_of["go"](raw)
        if match:
            year, month, day, hour, minute, second = [int(part) for part in match.groups()[:6]]
            return timestamp.utc(year, month, day, hour, minute, second) + float(match.group(7) or 0), None, None, raw[match.end():], "klog"
        match = match_of["short"](raw)  # "11月 23 ...", "2026 Nov 23 ..."
        if match:
            return program(raw, match.end(), short(match), "local")
        return talos(raw)

    def read(raw):
        first = raw[:1]
        if first == "{":
            return _json(raw)
        if first == "[":
            return bracket(raw)
        if first == "<" or first.islower():
            match = match_of["priority"](raw)
            if match and match.end() < len(raw):
                return _of_priority(raw[match.end():], match.group().endswith("1 "))
            if raw.startswith("time="):
                stamp = timestamp.ISO_STAMP.search(raw, 5, 60)
                zone = stamp and (stamp.group(8) or stamp.group(9))
                return (timestamp.of_match(stamp), None, None, raw, "utc" if zone else "local") if stamp else None
        if first == " " and raw[2:3] in "月월" and raw[1:2].isdigit():  # Chinese and Japanese months are padded to two digits
            return digit(raw[1:])
        if first.isdigit():
            return digit(raw)
        if raw.startswith(_MARKS):
            return ()
        match = match_of["short"](raw)
        if match:
            return program(raw, match.end(), short(match), "local")
        match = match_of["klog"](raw)
        if match:
            month, day, hour, minute, second = [int(part) for part in match.groups()[:5]]
            when = timestamp.without_year(month, day, hour, minute, second, now)
            return None if when is None else when + float(match.group(6) or 0), None, None, raw, "klog"
        match = match_of["iso"](raw)  # "Mon 2026-11-23 02:13:07 UTC host ..."
        if match:
            return iso(raw, match)
        return talos(raw) if ": " in raw[:80] else None

    def _of_priority(rest, is_rfc5424):
        if is_rfc5424:
            stamp = match_of["iso"](rest)
            origin = stamp and match_of["rfc5424"](rest, stamp.end())
            if origin:
                return timestamp.of_match(stamp), origin.group(1), number(origin.group(2)), rest[origin.end():], "utc"
        match = match_of["since boot"](rest)
        if match:
            return kernel(rest, match.end(), None if boot is None else boot + float(match.group(1)), "boot")
        return (read(rest) if rest[0] != "{" and not match_of["priority"](rest) else None) or kernel(rest, 0, None, None)

    def talos(raw):
        match = match_of["talos"](raw)
        if not match:
            return None
        if not match.group(1):
            return read(raw[match.end():])
        stamp = timestamp.ISO_STAMP.search(raw, match.start(2))
        return timestamp.of_match(stamp), "kernel" if match.group(1) == "kern" else "talos", None, raw[match.end():], "utc"

    return read


def _minute(key, now):
    name, day, hour, minute, year = key
    month, day, hour, minute = timestamp.month(name), int(day), int(hour), int(minute)
    if month is None:
        return None
    return timestamp.utc(int(year), month, day, hour, minute) if year else timestamp.without_year(month, day, hour, minute, 0, now)


def _json(raw):
    try:
        fields = json.loads(raw)
    except (ValueError, RecursionError):
        fields = dict(_PATTERNS["cut json"].findall(raw))
        if "MESSAGE" in fields:
            fields["MESSAGE"] = fields["MESSAGE"].replace('\\"', '"').replace("\\n", "\n").replace("\\\\", "\\")
    if not isinstance(fields, dict):
        return None
    if "MESSAGE" in fields or "__REALTIME_TIMESTAMP" in fields:
        return _journal(fields)
    when, said = fields.get("ts", fields.get("time")), raw
    if isinstance(fields.get("log"), str):  # docker's json-file
        said = fields["log"].rstrip("\n")
    if isinstance(when, str):
        when = timestamp.epoch(when)
    elif isinstance(when, (int, float)) and not isinstance(when, bool):
        when = when / 1000.0 if when > 1e11 else float(when)  # the kubelet's json has milliseconds
    else:
        return None
    return when, None, None, said, "utc"


def _journal(fields):
    """Journal fields -> as read(); a message that is no UTF-8 is a list of bytes, one too long is null."""
    message = fields.get("MESSAGE")
    if isinstance(message, list):
        message = message[0] if message and isinstance(message[0], str) else bytes(
            bytearray(part & 255 for part in message if isinstance(part, int))).decode("utf-8", "replace")
    if not isinstance(message, str):
        message = ""
    when = number(fields.get("__REALTIME_TIMESTAMP")) or number(fields.get("_SOURCE_REALTIME_TIMESTAMP"))
    if fields.get("_TRANSPORT") == "kernel":
        ident, pid = "kernel", None
    else:
        ident = next((fields[key] for key in ("SYSLOG_IDENTIFIER", "_COMM", "UNIT") if isinstance(fields.get(key), str)), None)
        pid = number(fields.get("_PID")) or number(fields.get("SYSLOG_PID"))
    return when and when / 1e6, ident, pid, message, "utc"
