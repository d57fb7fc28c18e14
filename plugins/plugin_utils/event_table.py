# Copyright: kubetriage.node contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Events as kubectl prints them -> events.

Tables: `kubectl get events` (with and without -A) and the Events part of `kubectl describe`, as kubectl 1.5 to 1.36 print them. Rows are
known by themselves: the head may be cut off, and blanks may have been squeezed when the table was pasted.
"""

import re
from itertools import islice

_SPAN = r"(?:(?:\d{1,6}[smhdy]){1,4}|<unknown>|<invalid>)"
_AGE = rf"(?P<last>{_SPAN})(?: \(x(?P<count>\d{{1,9}}) over (?P<first>{_SPAN})\))?"
_AGES = rf"(?P<last_first>{_SPAN})\s+(?P<last_second>{_SPAN})\s+(?P<count>\d{{1,9}})"
_TYPE = r"(?P<type>Normal|Warning)"
_SOURCE = r"(?P<source>\{[^}]*\}|[^\s,]+(?:, \S+)?)"
_ROWS = tuple(re.compile(r"^\s*" + row + r"\s*$") for row in (
    rf"{_TYPE}\s+(?P<reason>\S+)\s+{_AGE}\s+{_SOURCE}\s+(?P<message>\S.*)",  # describe, since 1.7
    # get events -o wide, since 1.12: LASTSEEN TYPE REASON OBJECT SUBOBJECT SOURCE MESSAGE FIRSTSEEN COUNT NAME
    rf"(?:\S+\s+)??(?P<last>{_SPAN})\s+{_TYPE}\s+(?P<reason>\S+)\s+(?P<object>[A-Za-z][\w.]*/\S+)\s+(?:\S+\s+)??{_SOURCE}\s\s+"
    rf"(?P<message>\S.*?)\s+(?P<first>{_SPAN})\s+(?P<count>\d{{1,9}})\s+\S+\.[0-9a-f]{{8,20}}",
    rf"(?:\S+\s+)??{_AGE}\s+{_TYPE}\s+(?P<reason>\S+)\s+(?P<object>[A-Za-z][\w.]*/\S+)\s+(?P<message>\S.*)",  # get events, since 1.12
    # get events before: LASTSEEN FIRSTSEEN COUNT NAME KIND SUBOBJECT TYPE REASON SOURCE MESSAGE
    rf"(?:\S+\s+)??{_AGES}\s+(?P<name>\S+)\s+(?P<kind>[A-Z]\w+)\s+(?:\S+\s+)??{_TYPE}\s+(?P<reason>\S+)\s+{_SOURCE}\s+(?P<message>\S.*)",
    # describe before: FirstSeen LastSeen Count From SubObjectPath Type Reason Message
    rf"{_AGES}\s+{_SOURCE}\s+(?:\S+\s+)??{_TYPE}\s+(?P<reason>\S+)\s+(?P<message>\S.*)",
))
_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86400, "y": 31536000}
_LIMIT = 2000  # rows
_LINE = 4096  # characters
_PROBE, _PRINTED = " probe failed: ", 5  # lines
_AROUND = "*`|\u2502> \t"  # what Markdown and k9s put around a row


def age(text):
    """"7m12s", "2d4h", "1y20d" (apimachinery's HumanDuration) -> seconds; "<unknown>" and the like -> None."""
    parts = re.findall(r"(\d{1,6})([smhdy])", text or "")
    return sum(int(number) * _SECONDS[unit] for number, unit in parts) if parts else None


def _sure(text):
    """An age, or None where it is told in whole hours or days: it could be off by as much, and the order of things hangs on it."""
    return None if re.search(r"\d[hdy]$", text or "") else age(text)


def rows(text):
    """Text with tables of events in it -> [{"type", "reason", "message", "count", "last_age", "first_age", "source", "object"}].

    Ages are seconds or None, where it is not known (well enough). "object" is "kind/name" in lower case, or None where the table names
    none (describe: it is the object described).
    """
    matches = filter(None, map(_match, _whole(text.splitlines())))
    return [_event(match.groupdict()) for match in islice(matches, _LIMIT)]


def is_row(line):
    """Is it a row of such a table?"""
    return _match(line) is not None


def _whole(lines):
    """Lines -> lines, with those that a probe printed at the end of the row that they belong to."""
    row, more = None, 0
    for line in lines:
        if row is not None and more < _PRINTED and line.strip() and not line.startswith(" ") and not is_row(line):
            row, more = f"{row} {line}", more + 1
            continue
        if row is not None:
            yield row
        row, more = (line, 0) if _PROBE in line else (None, 0)
        if row is None:
            yield line
    if row is not None:
        yield row


def _match(line):
    if "Normal" not in line and "Warning" not in line:
        return None
    line = line[:_LINE].strip(_AROUND)
    return next((match for match in (row.match(line) for row in _ROWS) if match), None)


def _event(cell):
    if cell.get("last_first"):  # the older tables differ in which of the two comes first: the longer age is the first sight
        told = sorted((cell["last_first"], cell["last_second"]), key=lambda text: (age(text) is None, age(text)))
        last = age(told[0])
        first = last if age(told[1]) in (None, last) else _sure(told[1])
    else:
        last = age(cell["last"])
        first = _sure(cell["first"]) if cell.get("first") else last
    about = cell.get("object") or (f"{cell['kind']}/{cell['name']}" if cell.get("kind") else None)
    source = (cell.get("source") or "").strip("{}").split(",")[0].split(" ")[0]
    return {"type": cell["type"], "reason": cell["reason"], "message": cell["message"], "count": int(cell.get("count") or 1),
            "last_age": last, "first_age": first, "source": source or None, "object": about.lower() if about else None}
