# Copyright: kubetriage.node contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""/proc/mounts (fstab(5) lines of the kernel) -> mounts."""

import re

_OCTAL = re.compile(r"\\([0-7]{3})")


def mounts(text):
    """-> [{"source", "target", "type", "options": [str], "readonly"}] in mount order; a later one of the same target hides the earlier."""
    table = []
    for line in text.splitlines():
        fields = line.split(" ")
        if len(fields) >= 4 and fields[1].startswith("/"):
            options = fields[3].split(",")
            table.append({"source": _plain(fields[0]), "target": _plain(fields[1]), "type": fields[2], "options": options,
                          "readonly": "ro" in options})
    return table


def _plain(field):
    # space, tab, newline and backslash stand as octal numbers
    return _OCTAL.sub(lambda match: chr(int(match.group(1), 8) & 255), field)
