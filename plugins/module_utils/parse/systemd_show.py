# Copyright: kubetriage.node contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Output of `systemctl show` for one or more units -> properties."""

import re

from . import timestamp

_PROPERTY = re.compile(r"([A-Za-z][A-Za-z0-9]*)=(.*)")
_LEADING_DAY = re.compile(r"^[^\d@]*(?=\d{4}-|@)")


def units(text):
    """-> {unit: {property: text}}, by their Id; units are separated by empty lines. A property printed more than once is joined by line
    breaks, a line that is no property belongs to the value above it."""
    found, current, last = {}, {}, None
    for line in text.split("\n") + [""]:
        match = _PROPERTY.match(line)
        if match:
            last, value = match.groups()
            current.setdefault(last, []).append(value)
        elif line.strip() and last:
            current[last].append(line)
        elif not line.strip() and current:
            unit = {name: "\n".join(values) for name, values in current.items()}
            if unit.get("Id"):
                found[unit["Id"]] = unit
            current, last = {}, None
    return found


def epoch(text):
    """Value of a ...Timestamp property ("Mon 2026-11-23 02:13:07 UTC", "@1763863987") -> epoch seconds; None for "", "n/a", 0 and a zone
    whose name is not known: ask systemctl with TZ=UTC."""
    if not text or not _LEADING_DAY.match(text):
        return None
    return timestamp.epoch(_LEADING_DAY.sub("", text)) or None
