#!/usr/bin/python
# Copyright: kubetriage.node contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

DOCUMENTATION = r"""
module: controller_manager
short_description: What the controller manager on a host says of the nodes in trouble
version_added: 0.1.0
description:
  - For control planes whose controller manager is no pod of the cluster. Runs on the host of the control plane that it is delegated to, by its
    plain sh, and writes nothing there. Reads the grace period from its command line or configuration, and its lines about the run's nodes in
    trouble from the journal (C(kube-controller-manager), C(k3s), C(snap.microk8s.daemon-kubelite), C(k0scontroller)) and from the usual files
    below C(/var/log).
  - Puts them into the views of these nodes, before M(kubetriage.node.triage) judges them.
options:
  run_dir:
    description: Directory of the run, as M(kubetriage.node.control_plane) returns it.
    type: path
    required: true
  host:
    description: Name of the host that is asked, for the verdict.
    type: str
    required: true
extends_documentation_fragment:
  - kubetriage.node.attributes
author:
  - kubetriage.node contributors (@kubetriage)
seealso:
  - module: kubetriage.node.control_plane
"""

EXAMPLES = r"""
---
- name: Ask the control plane's hosts for the controller manager's word
  kubetriage.node.controller_manager:
    run_dir: "{{ run.run_dir }}"
    host: "{{ item }}"
  loop: [cp-1, cp-2]
  delegate_to: "{{ item }}"
  run_once: true
"""

RETURN = r"""
told:
  description: Per node in trouble, how many lines are about it.
  returned: success
  type: dict
  sample: {"w1": 4}
"""
