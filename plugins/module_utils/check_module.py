# Copyright: kubetriage.node contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The body of the modules that are one check each."""

from ansible.module_utils.basic import AnsibleModule

from .node.live import Live


def run(check):
    """Run `check` on this machine and end the module with its CheckResult. A sick node is a result, not a failure of the module."""
    module = AnsibleModule(argument_spec={"window": {"type": "int", "default": 3600}}, supports_check_mode=True)
    module.exit_json(changed=False, **check(Live(), module.params["window"]))
