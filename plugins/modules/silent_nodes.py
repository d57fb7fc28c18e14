#!/usr/bin/python
# Copyright: kubetriage.node contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

DOCUMENTATION = r"""
module: silent_nodes
short_description: What can be learned from outside of nodes that gave no answer
version_added: 0.1.0
description:
  - For each node that M(kubetriage.node.triage) could not reach in this run, reads its Lease again, asks its kubelet through the API
    server's proxy (healthz, stats/summary, configz, node log query), looks up its last triage in the same artifacts directory, and writes
    its verdict anew.
  - Of more than 20 such nodes it looks at the first 20 by name; then it is the network or the cluster that is broken.
  - Chooses the healthy hosts that M(kubetriage.node.peer_look) shall ask. When every node was reached, it does nothing.
  - The kubelet's part needs the right C(nodes/proxy), which C(deploy/rbac/kubelet-proxy.yaml) grants; without it that is not checked.
options:
  run_dir:
    description: Directory of the run, as M(kubetriage.node.control_plane) returns it.
    type: path
    required: true
  peers:
    description:
      - Hosts of the inventory that may be asked what they see of a silent node; an empty list asks nobody.
      - Without it, hosts of the play that answered in this run, those of the same subnet first; where no host of the play did, up to two
        hosts of the inventory whose Node is Ready.
    type: list
    elements: str
  cloud_state:
    description:
      - Ask the state of the node's cloud instance (C(spec.providerID)) by C(aws), C(gcloud) or C(az) on the controller, with its own login.
    type: bool
    default: false
notes:
  - A host with a variable C(node_triage_bmc) has its BMC asked for the power state; see the role.
extends_documentation_fragment:
  - kubetriage.node.attributes
  - kubetriage.node.cluster
author:
  - kubetriage.node contributors (@kubetriage)
seealso:
  - module: kubetriage.node.triage
  - module: kubetriage.node.peer_look
  - module: kubetriage.node.control_plane
"""

EXAMPLES = r"""
---
- name: Learn of the silent nodes what can be learned from here
  kubetriage.node.silent_nodes:
    run_dir: "{{ run.run_dir }}"
  register: silent
  run_once: true
"""

RETURN = r"""
silent:
  description: Hosts that gave no answer.
  returned: success
  type: list
  sample: [w1]
looks:
  description: Whom to ask of which hosts, for a loop over M(kubetriage.node.peer_look).
  returned: success
  type: list
  sample: [{"peer": "w2", "targets": [{"host": "w1", "address": "10.0.0.11", "port": 22}]}]
"""
