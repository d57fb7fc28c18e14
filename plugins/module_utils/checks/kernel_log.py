# Copyright: kubetriage.node contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The kernel's log as this node has it, and whether it is this node's alone."""

import re

from ..node import Unavailable, kmsg
from .journal import journalctl

_INITIAL_PID_NAMESPACE = "pid:[4026531836]"  # PROC_PID_INIT_INO, include/linux/proc_ns.h


def text(node, window):
    """Kernel log text of the last `window` seconds. Raises Unavailable.

    The ring buffer first: its times count from the boot, also where journald read it late and stamped it with its own start. By dmesg where
    /dev/kmsg is missing, as in some containers, and in evidence that holds dmesg's output. The journal when the ring buffer is closed to us.
    """
    start = _start(node, window)
    try:
        return node.ask("kmsg", kmsg.kmsg, start)
    except Unavailable:
        pass
    try:
        output = node.run("dmesg", ["dmesg"])
        if output.rc == 0 and output.out:
            return _since(output.out, start)
        why = output.err.strip()
    except Unavailable as gap:
        why = str(gap)
    output = journalctl(node, "journal-kernel", ["-k", "-n", "20000", "--since", "@%d" % (node.now - window)], 8.0)
    if not output.out and (output.rc or output.err):
        raise Unavailable("kernel log", "dmesg: %s; journalctl -k: %s" % (why, output.err.strip()))
    return output.out


def shared_kernel(node):
    """True when this node is itself a container, so that kernel lines may tell of its neighbours."""
    try:
        target = node.stat("/proc/self/ns/pid")["target"]
    except Unavailable:
        return False
    return bool(target) and target != _INITIAL_PID_NAMESPACE


def _started(node):
    """Seconds from the kernel's boot to the start of this node's PID 1 (proc_pid_stat(5), starttime in ticks of 1/100 s): 0 or little, unless the
    node is a container that shares its kernel with others."""
    try:
        return float(node.read("/proc/1/stat").rpartition(")")[2].split()[19]) / 100
    except (Unavailable, ValueError, IndexError):
        return 0.0


def _start(node, window):
    """Seconds after the boot at which the window begins, but not before this node was there; 0 if that is not known."""
    try:
        return max(float(node.read("/proc/uptime").split()[0]) - window, _started(node), 0.0)
    except (Unavailable, ValueError, IndexError):
        return 0.0


def _since(lines, start):
    """dmesg text without the lines from before `start`; all of it if that is 0, as what comes before the first stamp can be of any time."""
    if not start:
        return lines
    for match in re.finditer(r"(?m)^\[ *(\d+\.\d+)\]", lines):
        if float(match.group(1)) >= start:
            return lines[match.start():]
    return ""
