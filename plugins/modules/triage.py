#!/usr/bin/python
# Copyright: kubetriage.node contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

DOCUMENTATION = r"""
module: triage
short_description: Look at a node and say what is wrong with it
version_added: 0.1.0
description:
  - Sends one program to the node's Python over the inventory's connection, in one round trip; nothing is written on the node.
  - Diagnoses what comes back against the control plane's view of this run and writes C(<run_dir>/nodes/<node>.json) on the controller.
  - A broken or unreachable node is a result. The task fails only where O(fail_on) says so.
options:
  run_dir:
    description: Directory of the run, as M(kubetriage.node.control_plane) returns it.
    type: path
    required: true
  node:
    description: The node's name in the cluster, when it is neither the inventory name nor has the host's address.
    type: str
  checks:
    description: Checks to run; all by default, V(changes) only of a node that the control plane does not see as Ready.
    type: list
    elements: str
    choices: [api_path, changes, cni_chain_check, kernel_health, kubelet_health, node_resources, oom_scan, runtime_health]
  window:
    description: How far back logs are read, in seconds.
    type: int
    default: 3600
  deadline:
    description: Seconds that the look at the node may take; connecting is not counted.
    type: int
    default: 15
  fail_on:
    description:
      - V(warning) or V(critical) make the task fail for a node with a finding at least that severe, and for one that is not ready
        or was not reached. Other values are M(kubetriage.node.report)'s.
    type: str
  metadata:
    description:
      - Address of the cloud's instance metadata service, such as V(http://169.254.169.254), of which the node asks by curl what was
        announced for it (maintenance, reclaim), in one more round trip.
    type: str
extends_documentation_fragment:
  - kubetriage.node.attributes
author:
  - kubetriage.node contributors (@kubetriage)
seealso:
  - module: kubetriage.node.collect
  - module: kubetriage.node.replay
  - module: kubetriage.node.report
  - module: kubetriage.node.probe
  - module: kubetriage.node.control_plane
"""

EXAMPLES = r"""
---
- name: Start a run
  kubetriage.node.control_plane:
    artifacts: /var/lib/triage
  register: run
  run_once: true

- name: Look at the node
  kubetriage.node.triage:
    run_dir: "{{ run.run_dir }}"
  become: true
"""

RETURN = r"""
node:
  description: Name of the node.
  returned: success
  type: str
state:
  description: V(healthy), V(degraded), V(not_ready), V(unreachable) or V(unknown).
  returned: success
  type: str
scope:
  description: V(node), V(group) or V(cluster).
  returned: success
  type: str
cause:
  description: Catalogue entry of the first cause, or null.
  returned: success
  type: str
causes:
  description: Catalogue entries of all causes, the first one first.
  returned: success
  type: list
confidence:
  description: V(confirmed), V(likely) or V(possible), or null.
  returned: success
  type: str
why:
  description: The first cause in one sentence, or null.
  returned: success
  type: str
artifact:
  description: Path of the node's artifact on the controller.
  returned: success
  type: str
"""
