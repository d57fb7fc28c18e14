#!/usr/bin/python
# Copyright: kubetriage.node contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# The code is in plugins/action/control_plane.py: it runs on the controller.

DOCUMENTATION = r"""
module: control_plane
short_description: Start a triage run and read what the control plane holds of its nodes
version_added: 0.1.0
description:
  - Makes the directory of a run, and reads from the API server, once for all hosts of the play, each host's Node with conditions and
    taints, its Lease, its events and its pods.
  - Where many hosts of a cluster with more than 10,000 pods are read, it reads the pods of those in trouble only, and at most about
    10,000. The others' views name that as not checked.
  - That a cluster is not configured, cannot be reached or denies a read is a result and no failure. The sentence is in RV(error), or a
    line is in RV(not_checked), and the triage goes on with what the nodes themselves tell.
  - A host is a Node by its name, by its variable C(node_triage_node), by its C(ansible_host), or by the first label of its name where
    that is unambiguous.
  - Needs C(get) and C(list) on C(nodes), C(list) on C(pods), C(list) on C(events) in the namespace C(default), and C(get) and C(list) on
    C(leases) in the namespace C(kube-node-lease); of nodes in trouble also C(list) on what their pods belong to and C(get) on C(pods/log) in
    C(kube-system), see C(deploy/rbac/triage.yaml). Each of them may be missing.
author:
  - kubetriage.node contributors (@kubetriage)
extends_documentation_fragment:
  - kubetriage.node.attributes
  - kubetriage.node.attributes.controller
  - kubetriage.node.cluster
attributes:
  action_group:
    description: Is in an action group, so that C(module_defaults) can set its options.
    support: full
    membership: [kubetriage.node.cluster]
options:
  artifacts:
    description:
      - Directory on the controller that holds the runs. It is made, for this user only, if it does not exist.
    type: path
    required: true
  run:
    description:
      - Name of the run, which must not exist yet. By default the time in UTC, such as V(20261123T021530Z).
    type: str
  nodes:
    description:
      - Hosts or Nodes to read. By default the hosts of the play.
    type: list
    elements: str
  timeout:
    description:
      - Seconds that the API server has for one answer. A connection must be made within 5 of them.
    type: float
    default: 10.0
  deadline:
    description:
      - Seconds for all reads together. What was not read by then is named in RV(not_checked) or in the node's own view.
    type: float
    default: 60.0
  annotation:
    description:
      - Name of an annotation of the Nodes that keeps earlier failures, as a JSON list of objects with C(cause), C(at) and, if known, C(since), times in UTC
        as in C(2026-11-23T02:13:07Z). They count like earlier runs. It is read of nodes in trouble only, and nothing here writes it.
    type: str
seealso:
  - module: kubetriage.node.triage
"""

EXAMPLES = r"""
---
- name: Start a run, with the cluster of ~/.kube/config
  kubetriage.node.control_plane:
    artifacts: artifacts
  run_once: true
  register: started

- name: The same with another cluster
  kubetriage.node.control_plane:
    artifacts: artifacts
    kubeconfig: ~/.kube/staging
    context: triage
  run_once: true
  register: started

- name: Say what could not be read
  ansible.builtin.debug:
    var: started.error
  when: started.error is not none
"""

RETURN = r"""
---
run:
  description: Name of the run.
  returned: success
  type: str
  sample: 20261123T021530Z
run_dir:
  description:
    - Absolute path of the run's directory on the controller. It now holds C(control_plane.json), and a file a Node in C(control_plane/).
  returned: success
  type: str
  sample: /home/ops/artifacts/20261123T021530Z
server:
  description: Address of the API server that answered, or null.
  returned: success
  type: str
  sample: https://10.0.0.1:6443
error:
  description: One sentence that says why the control plane could not be read, and what to do. Null if it was.
  returned: success
  type: str
  sample: "the API server https://10.0.0.1:6443 refused the connection: nothing listens there; start kube-apiserver or its load balancer,
    or correct the address in kubeconfig /home/ops/.kube/config"
cluster:
  description: The whole cluster in two numbers, or null.
  returned: success
  type: dict
  contains:
    nodes:
      description: How many Nodes there are. Null if they may not be listed.
      type: int
      sample: 24
    not_ready:
      description: How many of them are not Ready.
      type: int
      sample: 1
nodes:
  description: How many of the wanted Nodes were read.
  returned: success
  type: int
  sample: 3
unmatched:
  description: Hosts that are no Node of this cluster, at most 50 of them.
  returned: success
  type: list
  elements: str
  sample: [bastion]
not_checked:
  description: What could not be read of the cluster as a whole. What could not be read of one Node is in the Node's view.
  returned: success
  type: list
  elements: dict
  contains:
    what:
      description: What was not read.
      type: str
      sample: the other nodes of the cluster
    why:
      description: Why not, in the API server's words where it answered.
      type: str
      sample: 'forbidden: User "triage" cannot list resource "nodes" in API group "" at the cluster scope'
duration_s:
  description: Seconds that it took.
  returned: success
  type: float
  sample: 0.31
"""
