#!/usr/bin/python
# Copyright: kubetriage.node contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

DOCUMENTATION = r"""
module: report
short_description: Report on a run
version_added: 0.1.0
description:
  - Reads the nodes' artifacts of a run, prints the verdicts, and writes C(fleet.json), C(report.html), C(report.md), C(junit.xml) and
    C(metrics.prom)
    beside them.
options:
  run_dir:
    description: Directory of the run, as M(kubetriage.node.control_plane) returns it.
    type: path
    required: true
  show:
    description: Print the report on the console.
    type: bool
    default: true
  problems:
    description: Sentences about evidence that could not be read, to be reported as well.
    type: list
    elements: str
    default: []
  fail_on:
    description:
      - V(warning) or V(critical) make the task fail when a node has a finding at least that severe, is not ready or was not reached; where
        M(kubetriage.node.triage) has this option, leave these two to it, and the host fails that has the finding.
      - Anything else is a JMESPath expression over C(fleet.json); the task fails when it finds something.
    type: str
extends_documentation_fragment:
  - kubetriage.node.attributes
author:
  - kubetriage.node contributors (@kubetriage)
seealso:
  - module: kubetriage.node.triage
  - module: kubetriage.node.collect
  - module: kubetriage.node.replay
  - module: kubetriage.node.probe
  - module: kubetriage.node.control_plane
"""

EXAMPLES = r"""
---
- name: Report, and fail the job when more than two nodes are not ready
  kubetriage.node.report:
    run_dir: "{{ run.run_dir }}"
    fail_on: "totals.not_ready > `2`"
  run_once: true
"""

RETURN = r"""
totals:
  description: Number of nodes per state.
  returned: success
  type: dict
  sample: {"healthy": 22, "not_ready": 2}
report:
  description: Path of the HTML page.
  returned: success
  type: str
fleet:
  description: Path of C(fleet.json).
  returned: success
  type: str
"""
