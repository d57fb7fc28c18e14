# Copyright: kubetriage.node contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Text that others chose (log lines, names of processes, pods and mounts), made safe to show on one line."""

import re

# Control characters, among them those of terminals; marks that turn the direction of writing or are not seen; halves of characters.
_UNSAFE = re.compile("[\x00-\x1f\x7f-\x9f\u00ad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufe00-\ufe0f\ufeff\ufff9-\ufffb"
                     "\ud800-\udfff\U000e0000-\U000e0fff]")
_SPACE = re.compile(r"[ \t\r\n\f\v\u2028\u2029]+")


def plain(value, limit=None):
    """Anything -> one line of text without control characters, at most `limit` characters; None -> ""."""
    if value is None:
        return ""
    text = _UNSAFE.sub("", _SPACE.sub(" ", str(value))).strip()
    return cut(text, limit) if limit else text


def cut(text, limit):
    """Text of at most `limit` characters, with " ..." where something is left out."""
    return text if len(text) <= limit else text[:max(0, limit - 4)].rstrip() + " ..."
