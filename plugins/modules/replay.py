#!/usr/bin/python
# Copyright: kubetriage.node contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

DOCUMENTATION = r"""
module: replay
short_description: Diagnose recorded evidence
version_added: 0.1.0
description:
  - Diagnoses a bundle, a directory of loose logs, or a directory with one of these per node, by the same checks and the same diagnosis as a
    live node.
  - Needs no cluster, no root and no network.
options:
  evidence:
    description: Path of the evidence; each form of it may be a .tar.gz.
    type: path
    required: true
  artifacts:
    description: Directory that gets a directory for this run.
    type: path
    required: true
  window:
    description: How far back logs are read, in seconds, where the evidence does not say it.
    type: int
    default: 86400
extends_documentation_fragment:
  - kubetriage.node.attributes
author:
  - kubetriage.node contributors (@kubetriage)
seealso:
  - module: kubetriage.node.triage
  - module: kubetriage.node.collect
  - module: kubetriage.node.report
  - module: kubetriage.node.probe
  - module: kubetriage.node.control_plane
"""

EXAMPLES = r"""
---
- name: Diagnose what was collected last night
  kubetriage.node.replay:
    evidence: bundle.tar.gz
    artifacts: artifacts
  register: run

- name: Report
  kubetriage.node.report:
    run_dir: "{{ run.run_dir }}"
"""

RETURN = r"""
run:
  description: Name of the run.
  returned: success
  type: str
run_dir:
  description: Directory of the run.
  returned: success
  type: str
nodes:
  description: A short verdict per node.
  returned: success
  type: list
  elements: dict
  contains:
    node:
      description: Name of the node.
      type: str
    state:
      description: V(healthy), V(degraded), V(not_ready), V(unreachable) or V(unknown).
      type: str
    scope:
      description: V(node), V(group) or V(cluster).
      type: str
    cause:
      description: Catalogue entry of the first cause, or null.
      type: str
    causes:
      description: Catalogue entries of all causes, the first one first.
      type: list
    confidence:
      description: V(confirmed), V(likely) or V(possible), or null.
      type: str
    why:
      description: The first cause in one sentence, or null.
      type: str
    artifact:
      description: Path of the node's artifact on the controller.
      type: str
problems:
  description: Evidence that could not be read, a sentence each.
  returned: success
  type: list
  elements: str
"""
