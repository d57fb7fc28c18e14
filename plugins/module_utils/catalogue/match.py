# Copyright: kubetriage.node contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Log text -> the catalogue's failures that it shows.

Cheap first: what a log repeats is looked at once, with its numbers and ids taken out; a needle that is not in that is not in the log, and
most are not. Then the text is searched for the needles that are left, and only lines that hold one are read.
"""

import re
from collections import namedtuple
from functools import lru_cache

from ..parse import loglines
from .entry import SUBJECTS
from .programs import sources_of

Match = namedtuple("Match", "id fields first last count lines over few")
Match.__doc__ = """One failure about one subject. `fields`: the pattern's named groups; `first`, `last`: epoch seconds or None; `count`:
lines; `lines`: [(time, ident, message)], the first ones and the last; `over`: a line that ends this failure came after its last line;
`few`: fewer lines than the failure takes (`least` of its entry)."""

_SUBJECTS_PER_ID = 10  # matches of one failure; lines about further subjects are counted in fields["others"] of the last one
_LINE_LIMIT = 65536    # characters of a line that are read
_MESSAGE_LIMIT = 8192  # of a message that patterns see: they may take time in the square of it
_FIELD_LIMIT = 200
_EARLIEST = 100        # lines of a match that are kept to quote the first ones
_CHUNK = 1 << 22       # characters lower-cased at once
_LINES = 20000         # lines that are kept for the next needle
_ABOVE = 4096          # characters above a line without a prefix, where the line that it continues is looked for
# The shape of a line: its letters in lower case, without those that are hexadecimal digits as well; anything else parts words.
_SHAPE = bytes(bytearray(code if 103 <= code <= 122 or code == 10 else code + 32 if 71 <= code <= 90 else 32 for code in range(256)))
_NOT_IN_A_SHAPE = b"0123456789abcdefABCDEF"
_QUOTES = re.compile(r'(?<!\\)\\+"')

_compiled = {}


def scan(text, source, failures, now=None, boot=None, limit=3):
    """Find the failures that `text` shows -> [Match], in the order of `failures`, then by subject.

    text      log lines of any format that loglines knows
    source    the program that wrote them (entry.SOURCES), "any" if unknown or mixed; a program named on the line itself decides over it
    failures  {id: entry}, at least with `log`
    now, boot epoch seconds, to complete times without a year or since boot
    limit     lines quoted per match
    """
    seen = {name: _Seen() for name in failures}
    lines, speakers = {}, {}
    for part in ("log", "ends"):
        wanted = {}
        for name, entry in failures.items():
            if part == "log" or seen[name].subjects:  # the end of what never began is of no interest
                for wants, needle, regex in entry.get(part) or ():
                    wanted.setdefault(needle, []).append((wants, regex, getattr(seen[name], part)))
        for needle, place, end in places(text, wanted):
            if place not in lines:
                if len(lines) > _LINES:
                    lines.clear()
                lines[place] = _Line(place, _read(text, place, end, now, boot))
            line = lines[place]
            if line.ident not in speakers:
                speakers[line.ident] = sources_of(line.ident, source)
            for wants, regex, into in wanted[needle]:
                if wants == "any" or wants in speakers[line.ident]:
                    found = pattern(regex).search(line.plain)
                    if found:
                        into(line, found.groupdict())
    return [match for name, entry in failures.items() for match in seen[name].matches(name, limit, entry.get("least") or (1, 0))]


def places(text, needles):
    """-> (needle, start, end) of each line of `text` that holds one of `needles` in any case, one part of the text after the other."""
    for number, (start, end) in enumerate(_parts(text)):
        shapes, words = _shapes(text)[number]
        low = None
        for needle in needles:
            if not _may_stand(_shape(needle), shapes, words):
                continue
            low = low or _lower(text[start:end])
            at = low.find(needle)
            while at >= 0:
                place = low.rfind("\n", 0, at) + 1
                at = low.find("\n", at)
                at = len(low) if at < 0 else at
                yield needle, start + place, start + at
                at = low.find(needle, at)


def _parts(text):
    """-> [(start, end)] of parts that end with a line."""
    start, parts = 0, []
    while start < len(text):
        end = start + _CHUNK
        if end < len(text):
            end = text.find("\n", end) + 1 or len(text)
        parts.append((start, end))
        start = end
    return parts


def _shape(text):
    return text.encode("utf-8", "replace").translate(_SHAPE, _NOT_IN_A_SHAPE)


@lru_cache(maxsize=2)  # several checks read the same journal
def _shapes(text):
    """-> for each part (the shapes of its lines, each once; the words of these, each once and between line breaks)"""
    found = []
    for start, end in _parts(text):
        shapes = b"\n".join(set(_shape(text[start:end]).split(b"\n")))
        found.append((shapes, b"\n%s\n" % b"\n".join(set(shapes.split()))))
    return found


def _may_stand(shape, shapes, words):
    """Can a needle of this shape be in a text? Its words first, most are in none: inner ones whole, the first one as an end, the last as a beginning."""
    parts = shape.split(b" ")
    last = len(parts) - 1
    for at, word in enumerate(parts):
        if word and (b"\n" if at else b"") + word + (b"\n" if at < last else b"") not in words:
            return False
    return shape in shapes


def _lower(text):
    """In lower case and of the same length: one letter becomes two."""
    low = text.lower()
    return low if len(low) == len(text) else text.replace("\u0130", "I").lower()


def plain(text):
    """The part that patterns see, with its escaped quotes made plain, however deep."""
    text = text[:_MESSAGE_LIMIT]
    return _QUOTES.sub('"', text) if "\\\\" in text else text.replace('\\"', '"')


def pattern(regex):
    """Compiled when a line of its program holds the needle: most never do, and compiling them all costs a node more than all else."""
    if regex not in _compiled:
        _compiled[regex] = re.compile(regex, re.IGNORECASE)
    return _compiled[regex]


def _read(text, place, end, now, boot):
    """-> (time, ident, message) of a line; one without a prefix has time and program of the line above."""
    raw = text[place:min(end, place + _LINE_LIMIT)]
    found = loglines.live(raw, boot)
    if found:
        return found[0], found[1], found[3]
    found = list(loglines.entries([raw], now, boot))
    if not found:
        return None, None, raw
    message = " ".join(entry.message for entry in found)
    if found[0].time is None and found[0].ident is None:
        above = text[max(place - _ABOVE, 0):place].splitlines()
        if above:
            found = list(loglines.entries(above + [raw], now, boot))[-1:] or found
    return found[0].time, found[0].ident, message


class _Line(object):
    """One line of the text: where it stands, when and by whom it was written, its message as it is and as patterns see it."""

    def __init__(self, place, entry):
        self.place = place
        self.time, self.ident, self.message = entry
        self.plain = plain(self.message)

    def after(self, other):
        """By their times where both have one and they differ, else by their place in the text."""
        one, two = self.time, other.time
        return one > two if one is not None and two is not None and one != two else self.place > other.place


def _subject(fields):
    return tuple(sorted((key, value[:_FIELD_LIMIT]) for key, value in fields.items() if value and key in SUBJECTS))


class _About(object):
    """The lines of one failure about one subject: how many and when, what they tell (by key, the latest word), the earliest, the last."""

    def __init__(self):
        self.count = self.others = 0
        self.times, self.lines, self.fields = [], [], {}
        self.final = None

    def add(self, line, fields):
        self.count += 1
        if line.time is not None:
            self.times.append(line.time)
        if self.final is None or line.after(self.final):
            self.final = line
        for key, value in fields.items():
            if value and (key not in self.fields or line.after(self.fields[key][0])):
                self.fields[key] = line, value[:_FIELD_LIMIT]
        self.lines.append(line)
        if len(self.lines) > _EARLIEST:
            self.earliest(_EARLIEST // 2)

    def earliest(self, limit):
        self.lines.sort(key=lambda line: (line.time or 0, line.place))
        del self.lines[limit:]
        return self.lines


class _Seen(object):
    """What was seen of one failure."""

    def __init__(self):
        self.subjects = {}
        self._ended = {}
        self._places = set()

    def log(self, line, fields):
        if line.place in self._places:  # another signature of this failure matched it as well
            return
        self._places.add(line.place)
        subject = _subject(fields)
        if subject not in self.subjects and len(self.subjects) == _SUBJECTS_PER_ID:
            list(self.subjects.values())[-1].others += 1
            return
        self.subjects.setdefault(subject, _About()).add(line, fields)

    def ends(self, line, fields):
        subject = _subject(fields)
        latest = self._ended.get(subject)
        if latest is None and len(self._ended) < _SUBJECTS_PER_ID or latest is not None and line.after(latest):
            self._ended[subject] = line

    def matches(self, name, limit, least):
        for subject in sorted(self.subjects):
            about = self.subjects[subject]
            times = sorted(about.times)
            quoted = [line for line in about.earliest(limit) if line is not about.final][:limit - 1] + [about.final]
            fields = {key: value for key, (_line, value) in about.fields.items()}
            if about.others:
                fields["others"] = about.others
            over = any(line.after(about.final) and _concerns(ended, subject) for ended, line in self._ended.items())
            yield Match(name, fields, times[0] if times else None, times[-1] if times else None, about.count,
                        [(line.time, line.ident, line.message) for line in quoted], over, _few(about.count, times, *least))


def _few(count, times, lines, seconds):
    """Were there never so many lines within so many seconds? Lines without a time are taken to be close together."""
    near = any(end - start <= seconds for start, end in zip(times, times[lines - 1:]))
    return count < lines or len(times) == count and not near


def _concerns(ended, subject):
    """Does an end that names `ended` concern `subject`? Not if both name the same kind of thing and mean different ones."""
    ended, subject = dict(ended), dict(subject)
    return all(subject.get(key, value) == value for key, value in ended.items())
