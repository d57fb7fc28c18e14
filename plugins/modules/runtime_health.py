#!/usr/bin/python
# Copyright: kubetriage.node contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

DOCUMENTATION = r"""
module: runtime_health
short_description: Is the container runtime up, and does it answer
version_added: 0.1.0
description:
  - Finds the runtime (containerd, CRI-O, docker with cri-dockerd) from the kubelet's own endpoint and asks it over the CRI socket, with a
    deadline, for its version, status, containers and images. Needs no crictl.
  - A runtime that is C(active) for systemd and does not answer is V(runtime.hung).
extends_documentation_fragment:
  - kubetriage.node.attributes
  - kubetriage.node.check
author:
  - kubetriage.node contributors (@kubetriage)
seealso:
  - module: kubetriage.node.kubelet_health
  - module: kubetriage.node.oom_scan
  - module: kubetriage.node.cni_chain_check
"""

EXAMPLES = r"""
---
- name: Is the container runtime up, and does it answer
  kubetriage.node.runtime_health:
    window: 7200
  become: true
  register: seen

- name: Stop a rollout on a sick node
  ansible.builtin.fail:
    msg: "{{ seen.summary }}"
  when: seen.status == 'problem'
"""

RETURN = r"""
check:
  description: Name of the check.
  returned: always
  type: str
  sample: runtime_health
status:
  description: V(problem) with a finding above info, V(unknown) when nothing could be seen, else V(ok).
  returned: always
  type: str
  sample: problem
summary:
  description: One line.
  returned: always
  type: str
  sample: The container runtime does not answer
findings:
  description: What was found, each with the evidence for it.
  returned: always
  type: list
  elements: dict
  contains:
    id:
      description: Entry of the failure catalogue.
      type: str
      sample: runtime.hung
    severity:
      description: V(info), V(warning) or V(critical).
      type: str
      sample: critical
    title:
      description: What happened, in words.
      type: str
    subject:
      description: What it is about (pod, container, mount, unit, interface, ...).
      type: dict
    since:
      description: UTC time of the first sign, or null.
      type: str
      sample: "2026-11-23T02:13:07Z"
    until:
      description: UTC time of the last sign in a log, or null.
      type: str
    evidence:
      description: Quoted lines and figures, each with source, time (UTC) and text.
      type: list
      elements: dict
    data:
      description: Figures that belong to the finding; C(basis) tells whether it holds now (V(state)) or was read in a log (V(log)).
      type: dict
facts:
  description: endpoint, unit, runtime, version, images, containers and cri (runtime_ready, network_ready, reason).
  returned: always
  type: dict
not_checked:
  description: What could not be seen, each with what and why.
  returned: always
  type: list
  elements: dict
  sample: [{"what": "runtime journal", "why": "journalctl: permission denied"}]
duration_s:
  description: Seconds that the check took.
  returned: always
  type: float
  sample: 0.02
"""

from ansible_collections.kubetriage.node.plugins.module_utils.check_module import run
from ansible_collections.kubetriage.node.plugins.module_utils.checks.runtime import check


def main():
    run(check)


if __name__ == "__main__":
    main()
