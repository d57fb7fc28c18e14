# Copyright: kubetriage.node contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""systemd and dbus."""

from .entry import failure

FAILURES = [
    failure(
        "systemd.hung",
        title="systemd or dbus does not answer",
        severity="critical",
        role="cause",
        what="Units cannot be started and, with the systemd cgroup driver, no container either. The node may stay Ready.",
        log=[
            ("any", "org.freedesktop.systemd1", r"(?:Failed to activate service '|Activation of )org\.freedesktop\.systemd1'?:? timed out"),
            ("any", "connection timed out",
             r"Failed to (?:list units|get properties|connect to bus|get D-Bus connection|start \S+|restart \S+"
             r"|introspect object \S+ of service org\.freedesktop\.systemd1): Connection timed out"),
            ("systemd", "freezing execution", r"Freezing execution"),
            ("any", "disconnected from message bus",
             r"unable to start unit .{0,600}Message recipient disconnected from message bus without replying"),
            ("any", "did not receive a reply", r"(?:unable to start unit|Failed to (?:get|start|list)).{0,600}Did not receive a reply"),
            ("any", "connection closed by user", r"dbus: connection closed by user"),
            ("any", "timeout waiting for systemd", r"Timeout waiting for systemd to (?:create|remove) "),
        ],
        confirm=["timeout 5 systemctl is-system-running", "timeout 5 busctl status", "ps -o state,wchan:32,etime -p 1"],
        fix=["systemctl daemon-reexec   # or: kill -TERM 1",
             "reboot the node if it does not answer: sync; systemctl reboot --force --force   # at once: what is not written is lost"],
        caused_by=["memory.thrash", "kernel.hung_task", "pids.exhausted", "disk.full", "memory.oom.node"],
    ),
]
