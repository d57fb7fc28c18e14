# Copyright: kubetriage.node contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What people paste -> what the program printed: without colours, quoting, indentation, prompts, and what a pager or grep put there."""

import html
import json
import re
import textwrap

_ESCAPES = re.compile(r"(?:\x1b|\^\[|\bESC)\[[0-9;?]{0,20}[A-Za-z]|[\u200b\ufeff]")
_MARKS = ("\x1b[", "^[[", "ESC[", "\u200b", "\ufeff")
_QUOTED = re.compile(r"^(?:> ?){1,9}", re.M)
_FENCE = re.compile(r"^[ \t]*(?:```.*|~~~.*|´´´.*|</?(?:pre|code|details|summary|p)>.*)$", re.M | re.I)
# user@host:~#, [user@host ~]$, host ~ #, bash-4.2#, PS C:\>, and a bare $ or # before a command
_PROMPT = re.compile(r"[ \t]*(?!(?:\S+ )?\d+(?:\.\d+)?% )(?:\[?[\w.-]{1,64}@[^\s$#%]{1,64}[^$#%\n]{0,80}\]?[$#%]|"
                     r"(?:[\w.~:/-]{1,64} ?){0,2}[$#%]|PS [^>\n]{0,80}>)[ \t]+[\w./~(\"']")
# How a line of any log begins
_BEGINNING = (r"(?:\[ *\+?\d{1,10}\.\d{1,9}\]|\[(?:[^\W\d]{1,4} +)?[^\W\d]{3,9} *\d{1,2} \d\d:|<\d{1,3}>"
              r"|[^\W\d]{3,9}\.? +\d{1,2} \d\d:\d\d:\d\d|\d{1,2}[月월] "
              r"|\d{4}-\d\d-\d\d[T ]\d\d:\d\d|\d{9,11}\.\d{6} |[IWEF]\d{4} \d\d:\d\d:|time=\"?\d{4}-|\{\"|[^\W\d]{2,3} \d{4}-\d\d-\d\d )")
BEGINS = re.compile(_BEGINNING)
# list marks, grep -n and the file names of grep, pdsh's host, kubectl logs --prefix, the prompt of a serial console
_BEFORE = re.compile(r"(?:[\w.-]{1,64} login: |[ \t]+|> ?|[-+] |\*{1,2} ?|`+|\d{1,7}[.):-] ?|\[pod/[^\]]{1,200}\] |[\w./@-]{1,120}: ?){1,4}?"
                     r"(?=" + _BEGINNING + ")")
_EXPORTED = re.compile(r"__(?:CURSOR|REALTIME_TIMESTAMP)=")
_VERBOSE = re.compile(r"\S{1,5} \d{4}-\d\d-\d\d .{0,40}\[s=[0-9a-f]{1,64};.{0,300}\bt=([0-9a-f]{8,16});")
_FIELD = re.compile(r"([A-Z_][A-Z0-9_]*)=(.*)")
# The forms of journals whose entries stand on many lines, and where the next entry begins
RECORDS = ((_EXPORTED, r"\n(?=\n)"), (re.compile(r"\{\n"), r"\n(?=\{\n)"), (_VERBOSE, r"\n(?=\S{1,5} \d{4}-)"))
_RECORD_LINES = 1000
_NARROWEST, _WRAPS = 78, 100  # columns of a terminal; lines of it that a message may take
_NEAR = 600  # characters in which a line begins


def text_of(data):
    """Bytes as a terminal, an editor or PowerShell wrote them -> text."""
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        coding = "utf-16"
    else:
        coding = "utf-16-le" if data[1:200:2].count(0) > 60 else "utf-8"
    return cleaned(data.decode(coding, "replace"))


def cleaned(text):
    """Text without colours and what else cannot be seen, with the line ends and blanks of this system."""
    text = text.replace("\r\n", "\n").replace("\xa0", " ")
    return _ESCAPES.sub("", text) if any(mark in text for mark in _MARKS) else text


def unquoted(text):
    """Text of an issue or a mail -> without its quote marks and fences, each paragraph at the left edge."""
    text = html.unescape(text) if "&nbsp;" in text or "&quot;" in text else text
    text = _QUOTED.sub("", text) if text.count("\n> ") + text.startswith("> ") > 1 else text
    paragraphs = re.split(r"(\n(?:[ \t]*\n)+)", _FENCE.sub("", text))
    return "".join(textwrap.dedent(paragraph) if paragraph[:1] in " \t" else paragraph for paragraph in paragraphs)


def lines(text):
    """Text -> its log lines, one an entry: what a terminal has wrapped is one line again, what stands before the line is taken off, and a
    command that was typed is an empty line."""
    cut = _pager_width(text)
    for line in _unwrapped(records(text.split("\n")), _terminal_width(text)):
        if "\0" in line:  # a power loss leaves them in a file
            line = line.replace("\0", "")
        if cut and len(line) == cut and line[-1] == ">":
            line = line[:-1]
        if not BEGINS.match(line):
            before = _BEFORE.match(line[:_NEAR])
            if _PROMPT.match(line[:_NEAR]):
                line = ""
            elif before:
                line = line[before.end():].rstrip("`")
        yield line


def _unwrapped(raw_lines, width):
    held = []
    for line in raw_lines:
        if held and not (line.strip() and len(held) < _WRAPS) or BEGINS.match(line) or _PROMPT.match(line[:_NEAR]):
            if held:
                yield "".join(held)
            held = []
        if width and len(line) == width and (held or BEGINS.match(line)):
            held.append(line)
        elif held:
            yield "".join(held) + line
            held = []
        else:
            yield line
    if held:
        yield "".join(held)


def _terminal_width(text):
    """The width at which a terminal broke the lines, so that the rest of them begins the next one; 0 without at least two of the kind."""
    raw = text.split("\n")
    width = max(map(len, raw))
    broken = sum(len(line) == width and BEGINS.match(line) is not None and after.strip() != "" and not BEGINS.match(after)
                 for line, after in zip(raw, raw[1:])) if width >= _NARROWEST else 0
    return width if broken > 1 else 0


def _pager_width(text):
    """less -S marks a line that goes on beyond the screen with ">": the width of the screen, or 0."""
    marked = re.findall(r"^(.{38,400}>)$", text, re.M)
    width = max(map(len, marked), default=0)
    return width if sum(len(line) == width for line in marked) > 1 else 0


def records(raw_lines):
    """Journal entries that stand on many lines (journalctl -o export, verbose, json-pretty) -> a line of JSON each; others as they are."""
    fields, key, exported, held = None, None, False, None
    for line in raw_lines:
        if held is not None:  # a JSON object over many lines
            held.append(line)
            if line.strip() in ("}", "},") or len(held) > _RECORD_LINES:
                yield from _object(held)
                held = None
            continue
        if fields is not None:
            match = _FIELD.match(line.lstrip())
            if match:
                key = match.group(1)
                fields.setdefault(key, match.group(2))
                continue
            if line.strip() and len(fields) < _RECORD_LINES and (exported or line[:1] in " \t"):
                if line == "MESSAGE":  # export, of a message with line breaks: its length in eight bytes, and the message
                    key = line
                elif key in fields:
                    fields[key] += "\n" + line.strip()
                elif key:
                    fields[key] = line[8:]
                continue
            yield json.dumps(fields)
            fields = None
        verbose = _VERBOSE.match(line)
        if verbose:
            fields, key, exported = {"__REALTIME_TIMESTAMP": str(int(verbose.group(1), 16))}, None, False
        elif _EXPORTED.match(line):
            fields, key, exported = dict([_FIELD.match(line).groups()]), None, True
        elif line.strip() == "{":
            held = [line]
        else:
            yield line
    if fields is not None:
        yield json.dumps(fields)
    if held is not None:
        yield from held


def _object(held):
    try:
        told = json.loads("\n".join(held).rstrip().rstrip(","))
    except (ValueError, RecursionError):
        return held
    return [json.dumps(told)] if isinstance(told, dict) and "MESSAGE" in told else held
