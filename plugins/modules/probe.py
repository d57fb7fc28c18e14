#!/usr/bin/python
# Copyright: kubetriage.node contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

DOCUMENTATION = r"""
module: probe
short_description: Write the probe to a file
version_added: 0.1.0
description:
  - Writes the program that M(kubetriage.node.collect) sends as one plain file on the controller, to be carried to a node that only a
    console reaches.
  - On the node, C(python3 probe.py > bundle.tar.gz) makes the bundle. It needs Python 3.6 or newer and writes nothing else.
options:
  dest:
    description: Path of the file.
    type: path
    required: true
  window:
    description: How far back logs are read, in seconds.
    type: int
    default: 3600
  deadline:
    description: Seconds that the probe may take.
    type: int
    default: 30
extends_documentation_fragment:
  - kubetriage.node.attributes
attributes:
  check_mode:
    details:
      - Says whether the file would change, and does not write it.
  diff_mode:
    support: none
    details:
      - The program is not shown.
author:
  - kubetriage.node contributors (@kubetriage)
seealso:
  - module: kubetriage.node.triage
  - module: kubetriage.node.collect
  - module: kubetriage.node.replay
  - module: kubetriage.node.report
  - module: kubetriage.node.control_plane
"""

EXAMPLES = r"""
---
- name: Write the probe
  kubetriage.node.probe:
    dest: probe.py
  delegate_to: localhost
  run_once: true
"""

RETURN = r"""
path:
  description: Absolute path of the file.
  returned: success
  type: str
"""
