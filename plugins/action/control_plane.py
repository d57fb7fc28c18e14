# Copyright: kubetriage.node contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Start of a run, once: make its directory, and put what the control plane holds of the play's hosts into it."""

import os
import platform
import time
from collections.abc import Mapping

from ansible.errors import AnsibleError
from ansible.plugins.action import ActionBase

from ansible_collections.kubetriage.node.plugins.plugin_utils import artifacts, cluster, cluster_view, history, view_store
from ansible_collections.kubetriage.node.plugins.plugin_utils.cluster_error import ClusterError, NoAnswer

_SPEC = dict(
    cluster.AUTH_SPEC,
    artifacts={"type": "path", "required": True},
    run={"type": "str"},
    nodes={"type": "list", "elements": "str"},
    timeout={"type": "float", "default": 10.0},
    deadline={"type": "float", "default": 60.0},
    annotation={"type": "str"},
)
_SHOWN = 50  # hosts without a Node that the result names; the file has them all


class ActionModule(ActionBase):
    BYPASS_HOST_LOOP = True  # see report
    _requires_connection = False
    _supports_check_mode = True
    _supports_async = False

    def run(self, tmp=None, task_vars=None):
        result = super().run(tmp, task_vars)
        _valid, options = self.validate_argument_spec(argument_spec=_SPEC)
        started = time.monotonic()
        seen, error, down, noted, server = None, None, False, [], None
        try:
            run_dir = artifacts.new_run(options["artifacts"], options["run"])
            try:
                with cluster.connect(options, cluster.play_environment(self), options["timeout"]) as api:
                    server = api.server
                    seen = cluster_view.read_cluster(api, self._hosts(options["nodes"], task_vars), options["deadline"])
                    noted = history.annotated(api, seen["views"], options["annotation"])
            except ClusterError as failed:
                error, down = str(failed), isinstance(failed, NoAnswer)
            view_store.save(run_dir, seen, error, down, server)
            history.keep(run_dir, server, options["nodes"] or task_vars["ansible_play_hosts_all"],
                         artifacts.clock(), noted)
        except ValueError as wrong:
            return dict(result, failed=True, msg=str(wrong))
        except OSError as failed:
            return dict(result, failed=True, msg=(
                f"artifacts cannot be written: {failed.filename or options['artifacts']}: {failed.strerror or failed}; "
                "name a directory with room that you may write to (artifacts:, in the playbooks node_triage_artifacts)"))
        hosts = (seen or {}).get("hosts", {})
        unmatched = sorted(host for host, name in hosts.items() if name is None)
        result.update(
            changed=False, run=os.path.basename(run_dir), run_dir=run_dir, error=error, server=seen and seen["server"],
            cluster=seen and {"nodes": seen["cluster"]["nodes"], "not_ready": len(seen["cluster"]["not_ready"])},
            nodes=len(seen["views"]) if seen else 0, unmatched=unmatched[:_SHOWN], not_checked=seen["not_checked"] if seen else [],
            duration_s=round(time.monotonic() - started, 3))
        return result

    def _hosts(self, names, task_vars):
        """-> {host: its addresses and other names}. From raw variables: templating those of a thousand hosts would take seconds."""
        hostvars, hosts = task_vars["hostvars"], {}
        for host in names or task_vars["ansible_play_hosts_all"]:
            known = hostvars.raw_get(host) if host in hostvars else {}
            known = known if isinstance(known, Mapping) else {}
            told = [known.get("node_triage_node"), known.get("ansible_host")]
            if any(isinstance(name, str) and "{{" in name for name in told):
                try:
                    told = [hostvars[host].get("node_triage_node"), hostvars[host].get("ansible_host")]
                except AnsibleError:  # what is not defined there costs that host its own task, and the others nothing
                    told = []
            if known.get("ansible_connection") == "local" or host == "localhost":
                told.append(platform.node())
            hosts[str(host)] = [str(name) for name in told if name]
        return hosts
