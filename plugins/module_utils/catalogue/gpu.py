# Copyright: kubetriage.node contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""GPUs."""

from .entry import failure

FAILURES = [
    failure(
        "gpu.lost",
        title="A GPU has fallen off the bus",
        severity="warning",
        role="presence",
        what="The driver can no longer reach the GPU. The node stays Ready; the device plugin takes the GPU out of the allocatable ones "
             "and its pods fail.",
        log=[
            ("kernel", "nvrm: xid", r"NVRM: Xid \(PCI:(?P<address>[0-9a-f:.]+)\): 79,"),
            ("kernel", "fallen off the bus", r"GPU.{0,60}has fallen off the bus"),
        ],
        confirm=["nvidia-smi -L", "dmesg -T | grep -E 'NVRM|Xid'"],
        fix=[
            "kubectl drain {node} --ignore-daemonsets --delete-emptydir-data",
            "power-cycle the host; check power and seating of the card; replace it if it repeats",
        ],
    ),
]
