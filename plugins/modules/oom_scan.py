#!/usr/bin/python
# Copyright: kubetriage.node contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

DOCUMENTATION = r"""
module: oom_scan
short_description: Who ran out of memory, who died, and who held it
version_added: 0.1.0
description:
  - Reads the kernel log for reports of the OOM killer, kernels 3.10 to 6.x, and tells victim, trigger and culprit apart, with scope
    (container, pod, all pods, reserved, node), pod and container from the cgroup path.
extends_documentation_fragment:
  - kubetriage.node.attributes
  - kubetriage.node.check
author:
  - kubetriage.node contributors (@kubetriage)
seealso:
  - module: kubetriage.node.kubelet_health
  - module: kubetriage.node.runtime_health
  - module: kubetriage.node.cni_chain_check
"""

EXAMPLES = r"""
---
- name: Who ran out of memory, who died, and who held it
  kubetriage.node.oom_scan:
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
  sample: oom_scan
status:
  description: V(problem) with a finding above info, V(unknown) when nothing could be seen, else V(ok).
  returned: always
  type: str
  sample: problem
summary:
  description: One line.
  returned: always
  type: str
  sample: The kernel killed the kubelet for memory
findings:
  description: What was found, each with the evidence for it.
  returned: always
  type: list
  elements: dict
  contains:
    id:
      description: Entry of the failure catalogue.
      type: str
      sample: memory.oom.kubelet
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
  description: reports, elsewhere and shared_kernel; on a kernel shared with other nodes only this node's reports count.
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
from ansible_collections.kubetriage.node.plugins.module_utils.checks.oom import check


def main():
    run(check)


if __name__ == "__main__":
    main()
