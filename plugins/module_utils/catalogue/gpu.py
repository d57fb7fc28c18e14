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
            ("kernel", "nvrm: xid", r"NVRM: Xid \((?:PCI:)?(?P<address>[0-9a-f:.]+)\): 79,"),
            # without an Xid, also as the last of three lines of one message
            ("kernel", "rminitadapter failed", r"NVRM: (?:GPU (?P<address>[0-9a-f:.]+): )?RmInitAdapter failed"),
            ("kernel", "fallen off the bus", r"(?:GPU.{0,60}has|NVRM:) fallen off the bus"),
        ],
        confirm=["nvidia-smi -L", "dmesg -T | grep -E 'NVRM|Xid'"],
        fix=[
            "kubectl drain {node} --ignore-daemonsets --delete-emptydir-data",
            "power-cycle the host; check power and seating of the card; replace it if it repeats",
        ],
    ),
    failure(
        "gpu.faulty",
        title="A GPU reports a hardware or firmware fault",
        severity="warning",
        role="presence",
        what="Memory that cannot be corrected, a broken link or a firmware that does not answer: pods on that GPU fail until it is reset. "
             "The node stays Ready.",
        log=[
            # 13, 31, 43, 45 and their like are faults of the application
            ("kernel", "nvrm: xid",
             r"NVRM: Xid \((?:PCI:)?(?P<address>[0-9a-f:.]+)\): (?P<xid>48|6[1-4]|74|92|95|109|119|120|136|140|143|15[0-9]),"),
            ("kernel", "sxid", r"SXid \(PCI:(?P<address>[0-9a-f:.]+)\): (?P<sxid>\d+), Fatal"),
            ("kernel", "amdgpu", r"amdgpu (?P<address>[0-9a-f:.]+): .{0,40}GPU reset (?:begin|failed)"),
        ],
        confirm=["nvidia-smi -q -d ECC,ROW_REMAPPER,PAGE_RETIREMENT", "dmesg -T | grep -E 'NVRM|Xid'"],
        fix=["drain the GPU's pods; nvidia-smi --gpu-reset, or reboot the node", "replace the card if it repeats (dcgmi diag -r 3)"],
    ),
]
