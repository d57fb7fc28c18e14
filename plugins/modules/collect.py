#!/usr/bin/python
# Copyright: kubetriage.node contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

DOCUMENTATION = r"""
module: collect
short_description: Fetch the evidence of a node as a bundle
version_added: 0.1.0
description:
  - Runs all checks on the node in one round trip and writes what they read, not what they concluded, to C(<run_dir>/bundles/<node>.tar.gz) on the
    controller, together with the control plane's view of the node. Secrets are taken out on the node.
options:
  run_dir:
    description: Directory of the run, as M(kubetriage.node.control_plane) returns it.
    type: path
    required: true
  node:
    description: The node's name in the cluster, when it is neither the inventory name nor has the host's address.
    type: str
  checks:
    description: Checks to run; all by default.
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
  pseudonyms:
    description:
      - Put other host names, IP and MAC addresses into the bundle, the same ones everywhere in it, for whoever shall not know yours; the diagnosis
        stays the same. The file has the node's other name. Pods, namespaces and images keep their names.
    type: bool
    default: false
extends_documentation_fragment:
  - kubetriage.node.attributes
author:
  - kubetriage.node contributors (@kubetriage)
seealso:
  - module: kubetriage.node.triage
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

- name: Fetch the evidence
  kubetriage.node.collect:
    run_dir: "{{ run.run_dir }}"
  become: true
"""

RETURN = r"""
node:
  description: Name of the node.
  returned: success
  type: str
bundle:
  description: Path of the bundle on the controller.
  returned: success
  type: str
size:
  description: Its size in bytes.
  returned: success
  type: int
by:
  description: V(python), or V(sh) where Python gave no answer and the plain sh collector looked.
  returned: success
  type: str
control_plane:
  description: V(included), or why the control plane's view is not in it.
  returned: success
  type: str
"""
