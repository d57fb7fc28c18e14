# Copyright: kubetriage.node contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Documentation shared by the modules that are one check each."""


class ModuleDocFragment(object):
    DOCUMENTATION = r"""
options:
  window:
    description:
      - How far back logs are read, in seconds. It reaches further by itself when the kubelet or the runtime ended before.
    type: int
    default: 3600
notes:
  - Needs on the node the Python that the controller's ansible-core asks of any module (2.16, 3.6 or newer; 2.19, 3.8 or newer), and nothing beside
    its standard library; M(kubetriage.node.triage) makes do with 3.6, and without any. Works without root and then says what it could not see.
  - A sick node is a result, not a failure; see RV(ignore:status) and RV(ignore:findings).
"""
