# Copyright: kubetriage.node contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Diagnosis of recorded evidence: bundles and loose logs, without a cluster, root or a network."""

import os

from ansible.plugins.action import ActionBase

from ansible_collections.kubetriage.node.plugins.module_utils.node.bundle import BadBundle
from ansible_collections.kubetriage.node.plugins.module_utils.result import iso
from ansible_collections.kubetriage.node.plugins.plugin_utils import artifacts, verdicts
from ansible_collections.kubetriage.node.plugins.plugin_utils.evidence import checked, open_evidence

_DEADLINE = 300  # seconds for one node's evidence


class ActionModule(ActionBase):
    _requires_connection = False
    _supports_check_mode = True
    _supports_async = False

    def run(self, tmp=None, task_vars=None):
        result = super().run(tmp, task_vars)
        _valid, options = self.validate_argument_spec(argument_spec=dict(
            evidence=dict(type="path", required=True), artifacts=dict(type="path", required=True), window=dict(type="int", default=86400)))
        try:
            nodes, problems = open_evidence(options["evidence"])
        except BadBundle as error:
            return dict(result, failed=True, msg=str(error))
        try:
            run_dir = artifacts.new_run(options["artifacts"])
        except OSError as error:
            return dict(result, failed=True, msg=artifacts.unwritten(error))
        run, verdicts_of = os.path.basename(run_dir), []
        for name, bundle, view in nodes:
            meta = bundle.json("meta.json") or {}
            window = meta.get("window") if isinstance(meta.get("window"), int) else options["window"]
            checks = checked(bundle, window, _DEADLINE)
            reach = {"how": "loose" if meta.get("how") == "loose" else "bundle", "ok": True, "error": None, "kind": None, "root": meta.get("root") is not False,
                     "no_view": "the evidence holds no control_plane.json, node.json or describe-node.txt"}
            content = verdicts.artifact(run, name, reach, checks, view, iso(bundle.now))
            path = artifacts.node_path(run_dir, name)
            try:
                artifacts.write_json(path, content)
            except OSError as error:
                problems.append(f"{name}: {artifacts.unwritten(error)}")
            verdicts_of.append(verdicts.short(content, path))
        result.update(changed=False, run=run, run_dir=run_dir, nodes=verdicts_of, problems=problems)
        return result
