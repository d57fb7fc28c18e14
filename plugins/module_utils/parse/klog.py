# Copyright: kubetriage.node contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a Kubernetes or container program tells within its message: when it spoke, and where a value that stands on many lines ends.

Formats: klog free text and structured (k8s.io/klog), logrus (containerd, dockerd, CRI-O, k3s), zap's and the kubelet's json.
"""

import re

from . import timestamp

_HEADER = re.compile(r"[IWEF](\d\d)(\d\d) (\d\d):(\d\d):(\d\d)(\.\d{1,9})? +\d+ \S+?:\d+\] ")
_LOGRUS = re.compile(r'time="?' + timestamp.ISO)
_ZAP = re.compile(r'\{.{0,200}?"(?:ts|time)": ?(?:"' + timestamp.ISO + r'|(\d{10,13}(?:\.\d{1,9})?))')
_VALUE_LINES = 200  # of a value that stands on many lines


def stamp(text, near):
    """Message -> (epoch, "utc") when it tells its zone, (epoch, "klog") when it does not and UTC is assumed, or None.

    klog prints no year: the one that is nearest to `near` (epoch) is taken.
    """
    match = _HEADER.match(text)
    if match:
        month, day, hour, minute, second = [int(part) for part in match.groups()[:5]]
        when = timestamp.without_year(month, day, hour, minute, second, near + 182 * 86400)
        return None if when is None else (when + float(match.group(6) or 0), "klog")
    match = _LOGRUS.match(text) if text.startswith("time=") else _ZAP.match(text) if text.startswith("{") else None
    if not match:
        return None
    if match.group(1) is None:
        when = float(match.group(10))
        return (when / 1000 if when > 1e11 else when), "utc"
    return timestamp.of_match(match), "utc" if match.group(8) or match.group(9) else "klog"


def joined(entries):
    """Entries (loglines) -> the same, where a value that klog spreads over lines (err=< ... >) is in the message of its first line."""
    held, lines = None, []
    for entry in entries:
        if held is not None:
            if (entry.ident, entry.pid) == (held.ident, held.pid) and len(lines) < _VALUE_LINES and stamp(entry.message, 0) is None:
                lines.append(entry.message.strip())
                if lines[-1] == ">" or lines[-1].startswith("> "):
                    yield held._replace(message=" ".join(lines))
                    held = None
                continue
            yield held._replace(message=" ".join(lines))
            held = None
        if entry.message.endswith("=<"):
            held, lines = entry, [entry.message]
        else:
            yield entry
    if held is not None:
        yield held._replace(message=" ".join(lines))
