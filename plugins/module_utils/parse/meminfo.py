# Copyright: kubetriage.node contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""/proc/meminfo -> figures."""

import re

_LINE = re.compile(r"^([\w()]+):[ \t]*(\d{1,18})( kB)?", re.M)


def meminfo(text):
    """-> {"MemTotal": bytes, ...}; HugePages_* are counts."""
    return {name: int(value) * (1024 if unit else 1) for name, value, unit in _LINE.findall(text)}
