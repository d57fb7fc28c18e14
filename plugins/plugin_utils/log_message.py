# Copyright: kubetriage.node contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a line of a log says, in the fewest words: for a sentence, not as evidence."""

import re

_BEGIN, _END = 90, 110  # characters kept of a long one: at the beginning stands what was tried, at the end why it failed
_KLOG = re.compile(r"^[IWEF]\d{4} [\d:.]{8,15} +\d+ \S+?:\d+\] (?:\S+\.go:\d+: )?")
_VALUE = r'(?:"((?:[^"\\]|\\.)*)|(\S+))'
_MESSAGE = re.compile(r'^"((?:[^"\\]|\\.)*)" |(?:^|.{0,200}? )msg=' + _VALUE + r'|^\{.{0,300}?"msg": ?"((?:[^"\\]|\\.)*)"')
# Where structured lines say why: klog, logrus and slog as key=value, zap as JSON.
_REASON = re.compile(r'(?<![\w.])(?:(?:err|error|output|networkReady)=' + _VALUE + r'|"error": ?"((?:[^"\\]|\\.)*)")')
_ESCAPED = re.compile(r'\\+(["\\nt])')
# What only takes room: gRPC's wrapper, a URL's query, all but the beginning of a container's id.
_ROOM = re.compile(r"rpc error: code = \w+ desc = |(?<=[\w/])\?[\w.%&=+~,-]{8,}|(?<=\b[0-9a-f]{12})[0-9a-f]{52}\b")


def spoken(text):
    """A message without klog's header."""
    return _KLOG.sub("", str(text).strip())


def core(text):
    """'E0309 04:20:12.3 2211 x.go:549] "Error updating node status, will retry" err="Get \\"https://...\\": connection refused"' ->
    'Error updating node status, will retry: Get "https://...": connection refused'; of a long one the beginning and the end."""
    text = spoken(text)
    message = _MESSAGE.match(text)
    if message:
        reason = _REASON.search(text, message.end())
        parts = [next((group for group in found.groups() if group), "") for found in (message, reason) if found]
        text = ": ".join(part for part in parts if part) or text
    text = _ESCAPED.sub(lambda found: " " if found.group(1) in "nt" else found.group(1), text)
    text = " ".join(_ROOM.sub("", text).split())
    text = text if text.endswith(" ...") else text.rstrip(".")
    return text if len(text) <= _BEGIN + _END else text[:_BEGIN].rstrip() + " ... " + text[-_END:].lstrip()
