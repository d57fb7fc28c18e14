# Copyright: kubetriage.node contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Message of a Kubernetes or container program -> level, text and fields, un-escaped.

Formats: klog free text and structured (k8s.io/klog, the program decides line by line from about 1.19 on), its json form, logrus' key=value
(containerd, dockerd, CRI-O, k3s) and zap's json (etcd).
"""

import json
import re
from collections import namedtuple

from . import timestamp

Message = namedtuple("Message", "level time text fields")

_HEADER = re.compile(r"([IWEF])(\d\d)(\d\d) (\d\d):(\d\d):(\d\d)(\.\d{1,9})? +\d+ \S+?:\d+\] ?")
_LEVELS = {"I": "info", "W": "warning", "E": "error", "F": "fatal", "warn": "warning", "err": "error", "dpanic": "fatal", "panic": "fatal"}
_QUOTED = r'"((?:[^"\\]|\\.)*)(?:"|$)'
_HEAD = re.compile(_QUOTED, re.S)
_PAIR = re.compile(r'([^\s="]{1,100})=(?:' + _QUOTED + r'|<\n(.{0,8192}?)\n[ \t]{0,8}>(?=\s|$)|([^\s"]*))', re.S)
_ESCAPE = re.compile(r'\\(x[0-9a-f]{2}|u[0-9a-f]{4}|U[0-9a-f]{8}|.)', re.S)
_PLAIN = re.compile(r'(?<!\\)\\+(["nt])')
_LIMIT = 16384  # characters read
_LETTERS = {"n": "\n", "t": "\t", "r": "\r", "a": "\a", "b": "\b", "f": "\f", "v": "\v"}


def message(text, now=None):
    """Text after the log's prefix -> Message(level, time, text, fields).

    level: debug info warning error fatal, or None; time: epoch, or None when the text has none (klog prints no year: `now` gives it).
    text: what follows the klog header, with escaped quotes and line breaks resolved, at any depth: one pattern fits old and new wording.
    fields: the values of key=value forms, un-escaped once; `msg` is the message itself. {} for free text.
    """
    text = text[:_LIMIT].strip()
    header = _HEADER.match(text)
    if header:
        body = text[header.end():]
        month, day, hour, minute, second = [int(part) for part in header.groups()[1:6]]
        when = timestamp.without_year(month, day, hour, minute, second, now)
        if when is not None:
            when += float(header.group(7) or 0)
        return Message(_LEVELS[header.group(1)], when, _plain(body), _structured(body))
    if text.startswith("{"):
        return _json(text)
    if text.startswith(("time=", "level=")):
        fields = _pairs(text, 0)
        return Message(_level(fields.get("level")), timestamp.epoch(fields.get("time", "")), _plain(text), fields)
    if text.startswith('"'):
        return Message(None, None, _plain(text), _structured(text))
    return Message(None, None, _plain(text), {})


def joined(entries):
    """Entries (loglines) -> the same, where a structured value that klog spreads over lines (contents=< ... >) is one entry's message."""
    held, lines = None, []
    for entry in entries:
        if held is not None:
            if entry.ident == held.ident and entry.pid == held.pid and len(lines) < 200:
                lines.append(entry.message)
                if entry.message.strip() == ">" or entry.message.lstrip().startswith("> "):
                    yield held._replace(message="\n".join(lines))
                    held, lines = None, []
                continue
            yield held._replace(message="\n".join(lines))
            held, lines = None, []
        if entry.message.endswith("=<"):
            held, lines = entry, [entry.message]
        else:
            yield entry
    if held is not None:
        yield held._replace(message="\n".join(lines))


def _structured(body):
    head = _HEAD.match(body)
    if not head:
        return {}
    fields = _pairs(body, head.end())
    fields["msg"] = _once(head.group(1))
    return fields


def _pairs(text, at):
    fields = {}
    for key, quoted, block, bare in _PAIR.findall(text, at):
        fields[key] = _once(quoted) if quoted else block or bare
    return fields


def _json(text):
    try:
        fields = json.loads(text)
    except (ValueError, RecursionError):
        fields = None
    if not isinstance(fields, dict):
        return Message(None, None, _plain(text), {})
    when = fields.get("ts")
    if isinstance(when, str):
        when = timestamp.epoch(when)
    elif isinstance(when, (int, float)):
        when = when / 1000.0 if when > 1e11 else float(when)  # the kubelet writes milliseconds, zap seconds
    else:
        when = None
    flat = {key: value if isinstance(value, str) else json.dumps(value) for key, value in fields.items()}
    level = flat.get("level") or ("error" if "err" in flat else "info" if "v" in flat else None)
    others = ["%s=%s" % item for item in flat.items() if item[0] not in ("msg", "ts", "level", "caller", "v")]
    plain = " ".join([flat.get("msg", "")] + others)
    return Message(_level(level), when, plain, flat)


def _level(name):
    return _LEVELS.get(name, name) or None


def _once(text):
    return _ESCAPE.sub(_letter, text) if "\\" in text else text


def _letter(match):
    code = match.group(1)
    try:
        return chr(int(code[1:], 16)) if len(code) > 1 else _LETTERS.get(code, code)
    except (ValueError, OverflowError):
        return ""


def _plain(text):
    return _PLAIN.sub(lambda match: _LETTERS.get(match.group(1), '"'), text) if "\\" in text else text
