# Copyright: kubetriage.node contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""journalctl with times that no zone and no year can make doubtful."""

import re

from ..parse import timestamp

_ISO = re.compile(r"(?m)^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d[+-]\d{4})(?= )")


def journalctl(node, name, arguments, timeout):
    """Run `journalctl` with these arguments, called `name` in evidence -> Output; lines begin with seconds since the epoch. Raises Unavailable.

    systemd 219 (RHEL 7) cannot print them ("Unknown output format"): its ISO times are written as seconds here.
    """
    begin = ["journalctl", "--no-pager", "-q", "-o"]
    output = node.run(name, begin + ["short-unix"] + arguments, timeout=timeout)
    if not output.rc or output.out or "nknown output" not in output.err:
        return output
    output = node.run(name + "-iso", begin + ["short-iso"] + arguments, timeout=timeout)
    return output._replace(out=seconds(output.out))


def seconds(text):
    """Lines of `journalctl -o short-iso` -> the same lines as short-unix begins them."""
    return _ISO.sub(lambda stamp: "%.6f" % timestamp.epoch(stamp.group(1)), text)
