# Copyright: kubetriage.node contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""/proc/loadavg -> load and number of threads."""

import re

_LINE = re.compile(r"(\d{1,9}\.\d+) (\d{1,9}\.\d+) (\d{1,9}\.\d+) (\d{1,9})/(\d{1,9}) (\d{1,9})")


def loadavg(text):
    """-> {"load": [1, 5, 15 minutes], "running", "threads", "last_pid"}, or {}. `threads` counts all of the node: what pid_max limits."""
    match = _LINE.match(text)
    if not match:
        return {}
    running, threads, last = [int(part) for part in match.groups()[3:]]
    return {"load": [float(part) for part in match.groups()[:3]], "running": running, "threads": threads, "last_pid": last}
