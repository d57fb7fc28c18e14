# Copyright: kubetriage.node contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Documentation that every module of the collection shares."""


class ModuleDocFragment:

    # A module that only looks, as nearly all do; one that changes something says so in its own attributes
    DOCUMENTATION = r"""
options: {}
attributes:
  check_mode:
    description: Can run in check mode and tell what it would do, without a change to the node or the cluster.
    support: full
    details:
      - It does the same in check mode. Nothing is changed on a node or in the cluster; artifacts are written on the controller.
  diff_mode:
    description: Shows what it changed, or would change, in diff mode.
    support: N/A
    details:
      - It changes nothing on a node or in the cluster.
  platform:
    description: Operating systems that a node may have.
    support: full
    platforms: linux
"""

    # An action plugin that runs on the controller alone
    CONTROLLER = r"""
options: {}
attributes:
  action:
    description: Is an action plugin, at least in part, so that some of it runs on the controller.
    support: full
  async:
    description: Supports being run with the C(async) keyword.
    support: none
  bypass_host_loop:
    description: Runs once for all hosts, and not with the strategy C(free).
    support: full
    details:
      - Give the task C(run_once=true) all the same, so that each host has what it registers.
  connection:
    description: Uses the host's connection.
    support: none
"""
