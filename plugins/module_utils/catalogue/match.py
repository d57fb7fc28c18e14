# Copyright: kubetriage.node contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Log text -> the catalogue's failures that it shows.

Cheap first: the text is lower-cased once and each needle looked for in it; most are not there, and only lines that hold one are read.
"""

import re
from collections import namedtuple

from ..parse import loglines
from .entry import SUBJECTS
from .programs import sources_of

Match = namedtuple("Match", "id fields first last count lines over")
Match.__doc__ = """One failure about one subject. `fields`: the pattern's named groups; `first`, `last`: epoch seconds or None; `count`:
lines; `lines`: [(time, ident, message)], the first ones and the last; `over`: a line that ends this failure came after its last line."""

_SUBJECTS_PER_ID = 10  # matches of one failure; lines about further subjects are counted in fields["others"] of the last one
_LINE_LIMIT = 65536    # characters of a line that are read
_MESSAGE_LIMIT = 8192  # of a message that patterns see: they may take time in the square of it
_FIELD_LIMIT = 200
_READ_LINES = 500      # lines a signature reads with time and program; further ones are counted, and the last of them is read
_CHUNK = 1 << 22       # characters lower-cased at once
_ABOVE = 4096          # characters above a line without a prefix, where the line that it continues is looked for
# journalctl -o export, dmesg -H, json with bytes: a needle alone does not find the line and its time.
_SEQUENTIAL = re.compile(r'^(?:__CURSOR=|\[ *\+\d)|"MESSAGE" ?: ?\[', re.M)
_QUOTES = re.compile(r'(?<!\\)\\+"')

_compiled = {}


def scan(text, source, failures, now=None, boot=None, limit=3):
    """Find the failures that `text` shows -> [Match], in the order of `failures`, then by subject.

    text      log lines of any format that loglines knows
    source    the program that wrote them (entry.SOURCES), "any" if unknown or mixed; a program named on the line itself decides over it
    failures  {id: entry}, at least with `log` and `ends`
    now, boot epoch seconds, to complete times without a year or since boot
    limit     lines quoted per match
    """
    seen = {name: _Seen() for name in failures}
    wanted = {}
    for name, entry in failures.items():
        for part in ("log", "ends"):
            for wants, needle, regex in entry.get(part) or ():
                wanted.setdefault(needle, []).append(_Signature(wants, regex, getattr(seen[name], part)))
    reader = _Reader(text, now, boot)
    for offset, low in reader.parts():
        cache = {}
        for needle in wanted:
            if needle in low:
                for line in reader.lines(needle, low, offset, cache):
                    for signature in wanted[needle]:
                        signature.look(line, source)
    for needle in wanted:
        for signature in wanted[needle]:
            signature.finish(source)
    return [match for name in failures for match in seen[name].matches(name, limit)]


class _Line(object):
    """One line of the text: what it says, when, and who says it; read when that is asked."""

    def __init__(self, reader, place, raw):
        self.place = place
        self.raw = raw
        self._reader = reader
        self._entry = None

    def read(self):
        """-> (time, ident, message)"""
        if self._entry is None:
            self._entry = self._reader.entry(self)
        return self._entry

    def plain(self):
        """The message with its escaped quotes made plain."""
        return _QUOTES.sub('"', self.read()[2][:_MESSAGE_LIMIT])

    def may_match(self, pattern):
        """Tells most lines apart unread. A line of JSON holds more than the message, so it has to be read."""
        return self.raw.startswith("{") or pattern.search(_QUOTES.sub('"', self.raw[:_MESSAGE_LIMIT])) is not None

    def after(self, other):
        """By their times where both have one and they differ, else by their place in the text."""
        one, two = self.read()[0], other.read()[0]
        return one > two if one is not None and two is not None and one != two else self.place > other.place


class _Reader(object):
    """The text, and its lines by what they hold."""

    def __init__(self, text, now, boot):
        self._now, self._boot = now, boot
        self._known = {}
        if _SEQUENTIAL.search(text):  # all lines have to be read: what is searched then is their messages
            messages, place = [], 0
            for entry in loglines.entries(text, now, boot):
                line = _Line(self, place, entry.message[:_LINE_LIMIT].replace("\n", " "))
                line._entry = (entry.time, entry.ident, line.raw)
                self._known[place] = line
                messages.append(line.raw)
                place += len(line.raw) + 1
            text = "\n".join(messages)
        self._text = text

    def parts(self):
        """-> (offset, part of the text in lower case and of the same length), parts ending with a line."""
        start = 0
        while start < len(self._text):
            end = start + _CHUNK
            if end < len(self._text):
                end = self._text.find("\n", end) + 1 or len(self._text)
            part = self._text[start:end]
            low = part.lower()
            if len(low) != len(part):  # one letter becomes two in lower case
                low = part.replace("\u0130", "I").lower()
            yield start, low
            start = end

    def lines(self, needle, low, offset, cache):
        """The lines that hold `needle` in the part `low`, which begins at `offset`; `cache`: its lines so far, by place."""
        at = low.find(needle)
        while at >= 0:
            place = offset + low.rfind("\n", 0, at) + 1
            end = low.find("\n", at)
            end = len(low) if end < 0 else end
            if place not in cache:
                cache[place] = self._known.get(place) or _Line(self, place, self._text[place:min(offset + end, place + _LINE_LIMIT)])
            yield cache[place]
            at = low.find(needle, end)

    def entry(self, line):
        """-> (time, ident, message) of a line; one without a prefix has time and program of the line above."""
        found = list(loglines.entries([line.raw], self._now, self._boot))
        if not found:
            return None, None, line.raw
        message = " ".join(entry.message for entry in found)
        if found[0].time is None and found[0].ident is None:
            above = self._text[max(line.place - _ABOVE, 0):line.place].splitlines()
            if above:
                found = list(loglines.entries(above + [line.raw], self._now, self._boot))[-1:] or found
        return found[0].time, found[0].ident, message


class _Signature(object):
    """One signature at work; what it matches goes to `into`, the `log` or `ends` of a _Seen."""

    def __init__(self, wants, regex, into):
        self._regex = regex
        self._wants = wants
        self._into = into
        self._reads = 0
        self._unread = 0
        self._latest = None

    def _pattern(self):
        """Compiled when a line holds the needle: most never do, and compiling them all costs a node more than all else."""
        if self._regex not in _compiled:
            _compiled[self._regex] = re.compile(self._regex, re.IGNORECASE)
        return _compiled[self._regex]

    def look(self, line, source):
        if line.may_match(self._pattern()):
            if self._reads < _READ_LINES:
                self._reads += 1
                self._take(line, source, 1)
            else:
                self._unread += 1
                self._latest = line

    def finish(self, source):
        if self._latest:
            self._take(self._latest, source, self._unread)

    def _take(self, line, source, count):
        found = self._pattern().search(line.plain())
        if found and (self._wants == "any" or self._wants in sources_of(line.read()[1], source)):
            self._into(line, {key: value[:_FIELD_LIMIT] for key, value in found.groupdict().items() if value}, count)


def _subject(fields):
    return tuple(sorted((key, value) for key, value in fields.items() if key in SUBJECTS))


class _About(object):
    """The lines of one failure about one subject."""

    def __init__(self):
        self.fields = {}
        self.count = 0
        self.lines = []
        self.final = None


class _Seen(object):
    """What was seen of one failure."""

    def __init__(self):
        self._subjects = {}
        self._ended = {}
        self._places = set()

    def log(self, line, fields, count):
        if line.place in self._places:  # another signature of this failure matched it as well
            return
        self._places.add(line.place)
        subject = _subject(fields)
        if subject not in self._subjects and len(self._subjects) == _SUBJECTS_PER_ID:
            last = list(self._subjects.values())[-1]
            last.fields["others"] = last.fields.get("others", 0) + count
            return
        about = self._subjects.setdefault(subject, _About())
        about.count += count
        about.lines.append(line)
        if about.final is None or line.after(about.final):
            about.final = line
            about.fields.update(fields)

    def ends(self, line, fields, _count):
        subject = _subject(fields)
        latest = self._ended.get(subject)
        if latest is None and len(self._ended) < _SUBJECTS_PER_ID or latest is not None and line.after(latest):
            self._ended[subject] = line

    def matches(self, name, limit):
        for subject in sorted(self._subjects):
            about = self._subjects[subject]
            times = [line.read()[0] for line in about.lines if line.read()[0] is not None]
            lines = sorted(about.lines, key=lambda line: (line.read()[0] or 0, line.place))
            quoted = [line for line in lines if line is not about.final][:limit - 1] + [about.final]
            over = any(line.after(about.final) and _concerns(ended, subject) for ended, line in self._ended.items())
            yield Match(name, about.fields, min(times) if times else None, max(times) if times else None, about.count,
                        [line.read() for line in quoted], over)


def _concerns(ended, subject):
    """Does an end that names `ended` concern `subject`? Not if both name the same kind of thing and mean different ones."""
    ended, subject = dict(ended), dict(subject)
    return all(subject.get(key, value) == value for key, value in ended.items())
