# Copyright: kubetriage.node contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The checks by name. Each reads through a node and returns one CheckResult; `window` is how far back logs are read, in seconds.

Each is a module of its own, imported when it is asked for: compiling them is a node's time, and the controller's, which needs their names.
"""

from importlib import import_module

CHECKS = {
    "kubelet_health": "kubelet",
    "runtime_health": "runtime",
    "node_resources": "resources",
    "oom_scan": "oom",
    "cni_chain_check": "cni",
    "api_path": "api_path",
    "kernel_health": "kernel",
    "changes": "changes",
}
# Of every look; the rest is asked for by name, and is not even sent where it is not asked for
ROUTINE = tuple(name for name in CHECKS if name != "changes")


def named(name):
    """-> function(node, window) -> CheckResult"""
    return import_module("." + CHECKS[name], __name__).check
