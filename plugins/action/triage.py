# Copyright: kubetriage.node contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""One node, one round trip: look, diagnose against the control plane's view, write the node's artifact."""

import os

from ansible.plugins.action import ActionBase

from ansible_collections.kubetriage.node.plugins.module_utils.result import iso
from ansible_collections.kubetriage.node.plugins.plugin_utils import artifacts, transport, verdicts, view_store
from ansible_collections.kubetriage.node.plugins.plugin_utils.fail_on import severity_reached
from ansible_collections.kubetriage.node.plugins.plugin_utils.payload import probe_arguments, program
from ansible_collections.kubetriage.node.plugins.plugin_utils.version import VERSION


class ActionModule(ActionBase):
    _requires_connection = True
    _supports_check_mode = True
    _supports_async = False

    def run(self, tmp=None, task_vars=None):
        result = super().run(tmp, task_vars)
        _valid, options = self.validate_argument_spec(argument_spec=dict(probe_arguments(), run_dir=dict(type="path", required=True),
                                                                         fail_on=dict(type="str")))
        host = task_vars["inventory_hostname"]
        node = options["node"] or host
        reach = {"how": self._connection.transport, "ok": True, "error": None, "kind": None, "root": None}
        checks, now = [], iso(artifacts.clock())
        try:
            text = program(dict(options, bundle=False), VERSION)
            answer = transport.ask(self, text, task_vars.get("ansible_python_interpreter"), options["deadline"])
            checks, now = verdicts.accept(answer["checks"]), str(answer.get("collected_at"))[:20]
            reach["root"] = bool(answer.get("root"))
        except transport.Unreached as gap:
            reach.update(ok=False, kind=gap.kind, error=str(gap))
        view, reach["no_view"] = view_store.load(options["run_dir"], options["node"] or host)
        run = os.path.basename(os.path.normpath(options["run_dir"]))
        content = verdicts.artifact(run, view["name"] if view else node, reach, checks, view, now)
        path = artifacts.node_path(options["run_dir"], host)
        artifacts.write_json(path, content)
        result.update(verdicts.short(content, path), changed=False)
        if severity_reached(content["verdict"], options["fail_on"]):
            result.update(failed=True, msg="%s: %s, %s" % (node, result["state"], result["cause"] or "no cause found"))
        return result
