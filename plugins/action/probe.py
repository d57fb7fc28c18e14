# Copyright: kubetriage.node contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The probe as a file, for the node that only a console reaches."""

import os

from ansible.plugins.action import ActionBase
from ansible.utils.display import Display

from ansible_collections.kubetriage.node.plugins.module_utils.checks import CHECKS
from ansible_collections.kubetriage.node.plugins.plugin_utils import artifacts
from ansible_collections.kubetriage.node.plugins.plugin_utils.payload import program
from ansible_collections.kubetriage.node.plugins.plugin_utils.version import VERSION


class ActionModule(ActionBase):
    _requires_connection = False
    _supports_check_mode = True
    _supports_async = False

    def run(self, tmp=None, task_vars=None):
        result = super().run(tmp, task_vars)
        _valid, options = self.validate_argument_spec(argument_spec=dict(
            dest=dict(type="path", required=True), window=dict(type="int", default=3600), deadline=dict(type="int", default=30)))
        text = program(dict(options, checks=list(CHECKS), bundle=True, frame=False), VERSION)
        path = os.path.abspath(options["dest"])
        try:
            with open(path, encoding="utf-8", errors="replace") as file:
                changed = file.read() != text
        except OSError:
            changed = True
        try:
            if changed and not self._task.check_mode:
                artifacts.write_text(path, text)
        except OSError as error:
            return dict(result, failed=True, msg="%s cannot be written: %s" % (path, error.strerror or error))
        use = "on the node: python3 %s > bundle.tar.gz" % os.path.basename(path)
        Display().display("%s; %s" % (path, use))
        result.update(changed=changed, path=path, msg=use)
        return result
