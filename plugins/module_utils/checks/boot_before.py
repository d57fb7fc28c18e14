# Copyright: kubetriage.node contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How the boot before this one ended: its kernel's last lines, and what a panic left behind.

Loaded only when the host has come up lately.
"""

from ..node import Unavailable, first_line
from ..result import Result, evidence
from . import log_findings
from .journal import journalctl

_LEFT_BEHIND = ("/sys/fs/pstore", "/var/lib/systemd/pstore", "/var/crash")  # of the firmware, of systemd-pstore, of kdump
_MARGIN = 3600  # seconds before the boot: writing a dump takes its time


def add(result, node, booted):
    """Add to `result` what the boot before tells, as infos: it is over. `booted` is the epoch at which this one began."""
    for folder in _LEFT_BEHIND:
        for path in _entries(node, folder):
            seen, name = node.stat(path), path.rpartition("/")[2]
            # a dump of kdump's is a directory: beside it lie its own settings and apport's reports; pstore keeps the console of any boot as well
            if folder == "/var/crash" and seen["kind"] != "dir" or folder != "/var/crash" and name.startswith(("console-", "pmsg-", "ftrace-")):
                continue
            when = seen["mtime"]
            if booted - _MARGIN < when <= node.now:
                result.find("kernel.panic", evidence(folder, name, when), severity="info", since=when, until=when,
                            basis="log", count=1, past=True)
                break
    output = journalctl(node, "journal-boot-before", ["-k", "-b", "-1", "-n", "500"], 8.0)
    if output.rc and not output.out:
        raise Unavailable("journalctl -b -1", first_line(output.err) or "no journal of the boot before")
    before = Result("kernel_health")
    log_findings.add(before, node, output.out, ("kernel",), "kernel")
    for found in before.findings:
        found["severity"] = "info"
        found["data"]["past"] = True
    result.findings.extend(before.findings)


def _entries(node, folder):
    try:
        return ["%s/%s" % (folder, name) for name in node.list(folder)]
    except Unavailable:
        return []
