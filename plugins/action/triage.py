# Copyright: kubetriage.node contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""One node, one round trip: look, diagnose against the control plane's view, write the node's artifact."""

import os

from ansible.plugins.action import ActionBase

from ansible_collections.kubetriage.node.plugins.module_utils.checks import CHECKS
from ansible_collections.kubetriage.node.plugins.module_utils.node.secrets import redact
from ansible_collections.kubetriage.node.plugins.module_utils.result import iso
from ansible_collections.kubetriage.node.plugins.plugin_utils import (
    artifacts, history, metadata_events, node_state, outside, utc, verdicts, view_store)
from ansible_collections.kubetriage.node.plugins.plugin_utils.fail_on import severity_reached
from ansible_collections.kubetriage.node.plugins.plugin_utils.payload import gather, probe_arguments
from ansible_collections.kubetriage.node.plugins.plugin_utils.transport import Unreached
from ansible_collections.kubetriage.node.plugins.plugin_utils.visit import visit

gather()  # an action is loaded before Ansible forks; in each worker it would be 50 ms for every host


class ActionModule(ActionBase):
    _requires_connection = True
    _supports_check_mode = True
    _supports_async = False

    def run(self, tmp=None, task_vars=None):
        result = super().run(tmp, task_vars)
        _valid, options = self.validate_argument_spec(argument_spec=dict(probe_arguments(), run_dir=dict(type="path", required=True),
                                                                         fail_on=dict(type="str"), metadata=dict(type="str")))
        if options["metadata"] and not metadata_events.is_service(options["metadata"]):
            return dict(result, failed=True, msg="metadata: %r is no address such as http://169.254.169.254" % options["metadata"])
        host = task_vars["inventory_hostname"]
        node = options["node"] or host
        reach = {"how": self._connection.transport, "ok": True, "error": None, "kind": None, "root": None, "by": None, "gaps": []}
        checks, now = [], iso(artifacts.clock())
        view, reach["no_view"] = view_store.load(options["run_dir"], options["node"] or host)
        reach["api_down"] = view is None and view_store.is_down(options["run_dir"])
        if not options["checks"] and not node_state.readiness(view, utc.seconds(now))["ready"]:
            options["checks"] = list(CHECKS)  # what changed is asked only of a node in trouble
        try:
            seen = visit(self, node, dict(options, bundle=False, key=redact.key.hex()), self._templar.template(task_vars.get("ansible_python_interpreter")))
            checks, now = verdicts.accept(seen.answer["checks"]), verdicts.moment(seen.answer.get("collected_at")) or now
            reach.update(root=bool(seen.answer.get("root")), by=seen.by, gaps=seen.gaps)
            checks += [metadata_events.look(self, options["metadata"])] if options["metadata"] else []
        except Unreached as gap:
            reach.update(ok=False, kind=gap.kind, error=str(gap))
        run = os.path.basename(os.path.normpath(options["run_dir"]))
        content = verdicts.artifact(run, view["name"] if view else node, reach, checks, view, now, history.load(options["run_dir"]))
        path = artifacts.node_path(options["run_dir"], host)
        result.update(verdicts.short(content, path), changed=False)
        try:
            artifacts.write_json(path, content)
            if not reach["ok"]:
                outside.mark(options["run_dir"], host)
        except OSError as error:
            said = f"{node}: {result['state']}, {result['cause'] or 'no cause found'}; {artifacts.unwritten(error)}"
            return dict(result, failed=True, artifact=None, msg=said)
        if severity_reached(content["verdict"], options["fail_on"]):
            result.update(failed=True, msg="%s: %s, %s" % (node, result["state"], result["cause"] or "no cause found"))
        return result
