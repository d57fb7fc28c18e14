# Copyright: kubetriage.node contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Log text -> one Entry a line, with time and program.

A live node is asked for `journalctl -o short-unix` and `dmesg`, and these two are read here; logformats reads what else people keep, and is
compiled when the first line of it comes.
"""

import re
from collections import namedtuple

Entry = namedtuple("Entry", "time ident pid message raw clock")
Entry.__doc__ = """One line: epoch seconds or None, program ("kernel", "kubelet") or None, pid or None, text after the prefix, the line, and
whose time it is: "utc" (the stamp tells its zone), "local" (it does not, and is taken as UTC), "klog" (the same, of the program itself),
"boot" (seconds since boot), or None."""

_LINE = re.compile("^.*$", re.M)
_UNIX = re.compile(r"(\d{9,11}\.\d{1,9}) (?:[^\s:\[\]]+ )?([^\s:\[\]]*)(?:\[([^\]\s]{0,40})\])?:(?: |$)")
# What systemd or a kubelet writes to the console is in the kernel's log as well; `journalctl -o short-monotonic` names host and program.
_BOOT = re.compile(r"\[ *(\d{1,10}\.\d{1,9})(?: *< *[\d.]+ *>)?\](?:\[ *[TC]\d+\])? ?"
                   r"(?:[^\s:\[\]]+ kernel: |[^\s:\[\]]+ ([^\s:\[\]]+)\[(\d{1,9})\]: |"
                   r"((?:systemd|kubelet|containerd|dockerd|crio|k3s|rke2)[\w.-]*)\[(\d{1,9})\]: )?")
_NOBODY = (None, None, None, None)


def entries(text, now=None, boot=None):
    """Log text (or its lines) -> iterator of Entry, in the order of the text.

    now: epoch of the look, completes stamps without a year; boot: epoch of boot, completes seconds since boot. A line without a prefix (a
    table row, a wrapped value) has time and program of the line above it, up to the next blank line. Of a message with line breaks (json)
    each line is an entry.
    """
    above, read = _NOBODY, None
    for raw in _lines(text):
        found = live(raw, boot)
        if found is None and raw.strip():
            if read is None:
                from .logformats import reader
                read = reader(now, boot)
            found = read(raw)
        if found:
            when, ident, pid, message, clock = found
            above = when, ident, pid, clock
            for line in (message.split("\n") if "\n" in message else (message,)):
                yield Entry(when, ident, pid, line, raw, clock)
        elif not raw.strip():
            above = _NOBODY
        elif found is None:  # no prefix: it belongs to the line above
            yield Entry(above[0], above[1], above[2], raw.rstrip(), raw, above[3])


def _lines(text):
    if isinstance(text, str):
        return (match.group().rstrip("\r") for match in _LINE.finditer(text))
    return (line.rstrip("\r\n") for line in text)


def live(raw, boot):
    """A line as a live node prints it -> (time, ident, pid, message, clock), or None."""
    if raw[:1] == "[":
        match = _BOOT.match(raw)
        if match:
            when = None if boot is None else boot + float(match.group(1))
            return when, match.group(2) or match.group(4) or "kernel", number(match.group(3) or match.group(5)), raw[match.end():], "boot"
    elif raw[:1].isdigit():
        match = _UNIX.match(raw)
        if match:
            return float(match.group(1)), match.group(2) or None, number(match.group(3)), raw[match.end():], "utc"
    return None


def number(text):
    """A decimal of at most 19 digits -> int; anything else -> None."""
    return int(text) if isinstance(text, str) and text.isdecimal() and len(text) < 20 else None
