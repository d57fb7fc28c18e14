# Copyright: kubetriage.node contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The failure catalogue: one entry a failure mode, one file a family. docs/adding-a-failure.md says how to add one."""

from . import api, cert, cni, disk, gpu, host, kernel, kubelet, limits, memory, net, nic, node, pids, raid, runtime, storage, systemd, time

# Deepest first: of two failures that were both seen, that of the earlier family is looked at as the cause of the other.
FAMILIES = ("storage", "raid", "kernel", "nic", "gpu", "host", "time", "disk", "memory", "pids", "limits", "systemd", "runtime", "cert",
            "kubelet", "net", "api", "cni", "node")

# What a probe needs of an entry; the rest stays on the controller.
TRAVELLING = ("id", "title", "severity", "log", "ends", "least")


def _merge(modules):
    entries = {}
    for family in FAMILIES:
        for entry in modules[family].FAILURES:
            if entry["id"] in entries or entry["id"].split(".")[0] != family:
                raise ValueError("%s stands twice, or not in the file of its family" % entry["id"])
            entries[entry["id"]] = entry
    return entries


FAILURES = _merge(globals())
