# Copyright: kubetriage.node contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""/proc/pressure/{cpu,memory,io} and a cgroup's *.pressure (PSI, kernel 4.20 and newer) -> shares of stalled time."""

import re

_LINE = re.compile(r"^(some|full) avg10=([\d.]{1,9}) avg60=([\d.]{1,9}) avg300=([\d.]{1,9}) total=(\d{1,19})", re.M)


def pressure(text):
    """-> {"some": {"avg10", "avg60", "avg300" (percent), "total_us"}, "full": {...}}; older kernels have no `full` for cpu."""
    found = {}
    for kind, avg10, avg60, avg300, total in _LINE.findall(text):
        try:
            found[kind] = {"avg10": float(avg10), "avg60": float(avg60), "avg300": float(avg300), "total_us": int(total)}
        except ValueError:
            continue
    return found
