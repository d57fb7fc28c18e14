# Copyright: kubetriage.node contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The checks by name. Each reads through a node and returns one CheckResult; `window` is how far back logs are read, in seconds."""

from . import api_path, cni, kernel, kubelet, oom, resources, runtime

CHECKS = {
    "kubelet_health": kubelet.check,
    "runtime_health": runtime.check,
    "node_resources": resources.check,
    "oom_scan": oom.check,
    "cni_chain_check": cni.check,
    "api_path": api_path.check,
    "kernel_health": kernel.check,
}
