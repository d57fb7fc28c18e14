# Copyright: kubetriage.node contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The checks by name. Each reads through a node and returns one CheckResult; `window` is how far back logs are read, in seconds."""

from . import api_path, cni, kernel, kubelet, oom, resources, runtime


def _changes(node, window):
    from . import changes
    return changes.check(node, window)


CHECKS = {
    "kubelet_health": kubelet.check,
    "runtime_health": runtime.check,
    "node_resources": resources.check,
    "oom_scan": oom.check,
    "cni_chain_check": cni.check,
    "api_path": api_path.check,
    "kernel_health": kernel.check,
    "changes": _changes,
}
# Of every look; the rest is asked for by name, and is not even sent where it is not asked for
ROUTINE = tuple(name for name in CHECKS if name != "changes")
