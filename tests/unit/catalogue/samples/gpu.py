# Copyright: kubetriage.node contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

SAMPLES = {
    "gpu.lost": {
        "hits": [
            ("NVIDIA 535", "kernel", "[ 700.000000] NVRM: Xid (PCI:0000:3b:00): 79, pid='<unknown>', name=<unknown>, GPU has fallen off the bus."),
            ("NVIDIA 470", "kernel", "[ 700.000000] NVRM: GPU 0000:3b:00.0: GPU has fallen off the bus."),
        ],
        "misses": [
            ("NVIDIA 535, an application's fault", "kernel", "[ 700.000000] NVRM: Xid (PCI:0000:3b:00): 31, pid=4242, name=python3, Ch 00000008, intr 00000000. MMU Fault"),
        ],
    },
}
