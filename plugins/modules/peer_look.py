#!/usr/bin/python
# Copyright: kubetriage.node contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

DOCUMENTATION = r"""
module: peer_look
short_description: What a healthy node sees of silent ones
version_added: 0.1.0
description:
  - Runs on the node that it is delegated to, by its plain sh and without root, and writes nothing there. Looks for the ARP or ND entry of
    each target, pings it, and connects to its SSH port and its kubelet's port 10250 to see whether something answers.
  - Writes the verdicts of these hosts anew. A target that another peer has looked at in this run is left alone.
options:
  run_dir:
    description: Directory of the run, as M(kubetriage.node.control_plane) returns it.
    type: path
    required: true
  peer:
    description: Name of the host that looks, for the verdict.
    type: str
    required: true
  targets:
    description: Hosts to look at.
    type: list
    elements: dict
    required: true
    suboptions:
      host:
        description: Name in the inventory.
        type: str
        required: true
      address:
        description: IP address.
        type: str
        required: true
      port:
        description: SSH port.
        type: int
        default: 22
extends_documentation_fragment:
  - kubetriage.node.attributes
author:
  - kubetriage.node contributors (@kubetriage)
seealso:
  - module: kubetriage.node.silent_nodes
"""

EXAMPLES = r"""
---
- name: Ask healthy nodes what they see of the silent ones
  kubetriage.node.peer_look:
    run_dir: "{{ run.run_dir }}"
    peer: "{{ item.peer }}"
    targets: "{{ item.targets }}"
  loop: "{{ silent.looks }}"
  delegate_to: "{{ item.peer }}"
  run_once: true
"""

RETURN = r"""
seen:
  description: Per host the look, null without one, and the first cause after it.
  returned: success
  type: dict
  sample: {"w1": {"cause": "host.powered_off", "look": {"arp": "failed", "ping": false}}}
"""
