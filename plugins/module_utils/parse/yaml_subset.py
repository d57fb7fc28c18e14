# Copyright: kubetriage.node contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The YAML of KubeletConfiguration and kubeconfig files -> data: nodes have no YAML library for the system's Python.

Block and flow mappings and sequences (so JSON too), plain and quoted scalars, also over several lines, | and > blocks, comments; of several
documents the first. Scalars as in YAML 1.1: yes is true, 0644 is octal. Anchors, aliases, tags and complex keys are refused.
"""

import re

_DEPTH = 60
_KEY = re.compile(r'''("(?:[^"\\]|\\.)*"|'(?:[^']|'')*'|(?![-?:](?: |$)|["'\[\]{}#&*!|>%@`,]).+?)[ \t]{0,20}:(?:[ \t]+(.*)|$)''')
_QUOTED = re.compile(r'''"((?:[^"\\]|\\.)*)"|'((?:[^']|'')*)\'''', re.S)
_BLOCK = re.compile(r"([|>])(?:([-+])([1-9])?|([1-9])([-+])?)?(?:\s+#.*)?$")
_TOKEN = re.compile(r'''\s+(?:\#.*)?|([{}\[\],])|("(?:[^"\\]|\\.)*"|'(?:[^']|'')*')(\s*:)?|(:)(?=[\s,\[\]{}]|$)'''
                    r'''|((?:[^\s,\[\]{}:"'&*!|>%@`\#]|:(?=[^\s,\[\]{}]))(?:[^\s,\[\]{}:]|:(?=[^\s,\[\]{}])|[ \t]+(?=[^\s,\[\]{}:\#]))*)''')
_ESCAPE = re.compile(r"\\(x[0-9a-fA-F]{2}|u[0-9a-fA-F]{4}|U[0-9a-fA-F]{8}|\n\s*|.)", re.S)
_LETTERS = {"n": "\n", "t": "\t", "r": "\r", "0": "\0", "a": "\a", "b": "\b", "e": "\x1b", "f": "\f", "v": "\v"}
_WORDS = {"": None, "~": None, "null": None, "true": True, "false": False, "yes": True, "no": False, "on": True, "off": False,
          ".inf": float("inf"), "-.inf": float("-inf"), ".nan": float("nan")}
_INTEGER = re.compile(r"[-+]?(?:0o?[0-7]{1,20}|0x[0-9a-fA-F]{1,16}|0|[1-9][\d_]{0,40})$", re.A)
_FLOAT = re.compile(r"[-+]?(?:\d{1,40}\.\d{0,40}|\.\d{1,40})(?:[eE][-+]\d{1,3})?$", re.A)


def load(text):
    """First document of a YAML text -> dict, list, str, int, float, bool, None. Raises ValueError ("line 3: ...")."""
    reader = _Reader(text)
    if reader.next() is None:
        return None
    value = reader.block(reader.indent, -1)
    if reader.next() is not None:
        reader.fail("does not belong to what stands above it")
    return value


class _Reader(object):
    """The lines of one document, and the place reached."""

    def __init__(self, text):
        self.lines = [line.rstrip("\r") for line in text.lstrip("\ufeff").split("\n")]
        self.at = 0
        self.indent = 0
        self.depth = 0
        begun = False
        for number, line in enumerate(self.lines):
            if line[:3] in ("---", "...") and (len(line) == 3 or line[3] in " \t"):
                if begun:
                    del self.lines[number:]
                    break
                begun = True
                self.lines[number] = "   " + line[3:]
                if line[3:].strip() and not line[3:].strip().startswith("#"):
                    self.at = number
                    self.fail("text after ---")
            elif line.startswith("%") and not begun:
                self.lines[number] = ""
            elif line.strip() and not line.lstrip().startswith("#"):
                begun = True

    def fail(self, why):
        raise ValueError("line %d: %s" % (min(self.at, max(len(self.lines) - 1, 0)) + 1, why))

    def next(self):
        """Go to the next line with content -> its text, or None at the end; `indent` is set."""
        while self.at < len(self.lines):
            line = self.lines[self.at]
            content = line.lstrip(" ")
            if content.strip() and content[0] != "#":
                if content[0] == "\t":
                    self.fail("a tab as indentation")
                self.indent = len(line) - len(content)
                return content.rstrip()
            self.at += 1
        return None

    def block(self, indent, parent):
        """The value that begins at this line."""
        self.depth += 1
        if self.depth > _DEPTH:
            self.fail("nested too deeply")
        content = self.next()
        if content == "-" or content.startswith("- "):
            value = self.sequence(indent)
        elif _KEY.match(content):
            value = self.mapping(indent)
        else:
            value = self.value(content, parent)
        self.depth -= 1
        return value

    def sequence(self, indent):
        items = []
        while True:
            content = self.next()
            if content is None or self.indent < indent or content != "-" and not content.startswith("- "):
                if content is not None and self.indent > indent:
                    self.fail("wrong indentation")
                return items
            if self.indent > indent:
                self.fail("wrong indentation")
            rest = content[1:].lstrip(" ")
            if rest and rest[0] != "#":
                inner = indent + len(content) - len(rest)
                self.lines[self.at] = " " * inner + rest
                items.append(self.block(inner, indent))
            else:
                self.at += 1
                items.append(self.below(indent, False))

    def mapping(self, indent):
        items = {}
        while True:
            content = self.next()
            if content is None or self.indent < indent:
                return items
            match = _KEY.match(content)
            if self.indent > indent or not match or content.startswith("- "):
                if self.indent == indent and (content == "-" or content.startswith("- ")):
                    return items
                self.fail("wrong indentation" if self.indent > indent else "no key: %.40s" % content)
            key = _scalar(match.group(1)) if match.group(1)[:1] not in "\"'" else self.unquoted(match.group(1))
            rest = (match.group(2) or "").strip()
            if rest and rest[0] != "#":
                items[key] = self.value(rest, indent)
            else:
                self.at += 1
                items[key] = self.below(indent, True)

    def below(self, indent, in_mapping):
        """The value that stands below its key or dash, or None."""
        content = self.next()
        if content is None or self.indent < indent:
            return None
        if self.indent > indent or in_mapping and (content == "-" or content.startswith("- ")):
            return self.block(self.indent, indent)
        return None

    def value(self, text, parent):
        """A value that begins in the middle of this line; goes to the line after it."""
        first = text[0]
        if first in "|>":
            return self.literal(text, parent)
        if first in "{[":
            return self.flow(text)
        if first in "\"'":
            return self.quoted(text, parent)
        if first in "&*!%@`" or text.startswith("? "):
            self.fail("%s is not supported here" % first)
        parts = [self.uncommented(text)]
        self.at += 1
        while parts[-1] == text or len(parts) > 1:  # no comment ended it: lines that stand deeper go on with it
            text = self.next()
            if text is None or self.indent <= parent:
                break
            if _KEY.match(text):
                self.fail("a key inside a value")
            parts.append(self.uncommented(text))
            self.at += 1
            if parts[-1] != text:
                break
        return _scalar(parts[0]) if len(parts) == 1 else " ".join(parts)

    def uncommented(self, text):
        text = re.split(r"\s#", text, maxsplit=1)[0].rstrip()
        if text.endswith(":") or ": " in text:
            self.fail("a key inside a value")
        return text

    def quoted(self, text, parent):
        while True:
            match = _QUOTED.match(text)
            if match:
                rest = text[match.end():].strip()
                if rest and rest[0] != "#":
                    self.fail("text after a quoted value")
                self.at += 1
                return self.unquoted(match.group())
            self.at += 1
            if self.at >= len(self.lines) or text.count("\n") > 200:
                self.fail("a quote without an end")
            text += "\n" + self.lines[self.at].strip()

    def unquoted(self, text):
        double, text = text[0] == '"', text[1:-1]
        text = re.sub(r"(?<!\\)[ \t]*\n(\n*)", lambda match: match.group(1) or " ", text)
        if not double:
            return text.replace("''", "'")
        try:
            return _ESCAPE.sub(_letter, text)
        except (ValueError, OverflowError):
            self.fail("an escape that is no character")

    def literal(self, text, parent):
        match = _BLOCK.match(text)
        if not match:
            self.fail("no block: %.20s" % text)
        chomp, given = match.group(2) or match.group(5), match.group(3) or match.group(4)
        indent = max(parent, 0) + int(given) if given else None
        lines = []
        self.at += 1
        while self.at < len(self.lines):
            line = self.lines[self.at]
            depth = len(line) - len(line.lstrip(" "))
            if line.strip():
                if depth <= parent or indent is not None and depth < indent:
                    break
                indent = depth if indent is None else indent
            lines.append(line[indent:] if line.strip() and indent is not None else "")
            self.at += 1
        body = "\n".join(lines)
        end = "" if chomp == "-" else body[len(body.rstrip("\n")):] + "\n" if chomp == "+" else "\n"
        body = body.rstrip("\n")
        if match.group(1) == ">":
            body = re.sub(r"(?<=[^\n])\n(\n*)(?=[^\s])", lambda found: found.group(1) or " ", body)
        return body + end if body or chomp == "+" else ""

    def flow(self, text):
        tokens, depth = [], 0
        while True:
            at = 0
            while at < len(text):
                match = _TOKEN.match(text, at)
                if not match:
                    self.fail("not understood: %.20s" % text[at:])
                at = match.end()
                mark, quoted, colon, lone, plain = match.groups()
                if mark:
                    tokens.append(mark)
                    depth += 1 if mark in "{[" else -1 if mark in "}]" else 0
                    if depth > _DEPTH:
                        self.fail("nested too deeply")
                    if depth == 0:
                        rest = text[at:].strip()
                        if rest and rest[0] != "#":
                            self.fail("text after %s" % mark)
                        self.at += 1
                        tokens.reverse()
                        return self.flow_value(tokens)
                elif quoted:
                    tokens.extend([("value", self.unquoted(quoted))] + ([":"] if colon else []))
                elif lone:
                    tokens.append(":")
                elif plain and (plain == "?" or plain.startswith("? ")):
                    self.fail("? is not supported here")
                elif plain:
                    tokens.append(("value", _scalar(plain.strip())))
            self.at += 1
            if self.at >= len(self.lines):
                self.fail("%s without an end" % tokens[0])
            text = self.lines[self.at].strip()

    def flow_value(self, tokens):
        """`tokens`: those to come, the next one last; the brackets are known to be balanced in number."""
        token = tokens.pop()
        if isinstance(token, tuple):
            return token[1]
        if token not in ("{", "["):
            self.fail("%s where a value should be" % token)
        close = "}" if token == "{" else "]"
        items = {} if token == "{" else []
        while tokens and tokens[-1] != close:
            if token == "{":
                key = tokens.pop()
                if not isinstance(key, tuple):
                    self.fail("%s where a key should be" % key)
                value = None
                if tokens and tokens[-1] == ":":
                    tokens.pop()
                    if tokens and tokens[-1] not in (",", "}"):
                        value = self.flow_value(tokens)
                items[key[1]] = value
            else:
                items.append(self.flow_value(tokens))
            if tokens and tokens[-1] == ",":
                tokens.pop()
            elif not tokens or tokens[-1] != close:
                self.fail("no , or %s between values" % close)
        if not tokens:
            self.fail("no %s" % close)
        tokens.pop()
        return items


def _letter(match):
    code = match.group(1)
    if code[0] == "\n":
        return ""
    return chr(int(code[1:], 16)) if len(code) > 1 else _LETTERS.get(code, code)


def _scalar(text):
    word = text.lower()
    if word in _WORDS and (text in (word, word.upper(), word.capitalize())):
        return _WORDS[word]
    if _INTEGER.match(text):
        digits = text.lstrip("+-").replace("_", "").lower()
        if digits.startswith("0x"):
            value = int(digits, 16)
        elif digits.startswith("0") and len(digits) > 1:
            value = int(digits.lstrip("0o") or "0", 8)
        else:
            value = int(digits)
        return -value if text[0] == "-" else value
    return float(text) if _FLOAT.match(text) else text
