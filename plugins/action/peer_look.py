# Copyright: kubetriage.node contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""One healthy node, delegated to: what it sees of the silent ones, by its plain sh; their verdicts anew."""

import secrets

from ansible.plugins.action import ActionBase

from ansible_collections.kubetriage.node.plugins.module_utils.result import iso
from ansible_collections.kubetriage.node.plugins.plugin_utils import artifacts, outside, peer, transport


class ActionModule(ActionBase):
    _requires_connection = True
    _supports_check_mode = True
    _supports_async = False

    def run(self, tmp=None, task_vars=None):
        result = super().run(tmp, task_vars)
        _valid, options = self.validate_argument_spec(argument_spec=dict(
            run_dir=dict(type="path", required=True), peer=dict(type="str", required=True),
            targets=dict(type="list", elements="dict", required=True, options=dict(
                host=dict(type="str", required=True), address=dict(type="str", required=True), port=dict(type="int", default=22)))))
        contents = {target["host"]: outside.content(options["run_dir"], target["host"]) for target in options["targets"]}
        # What another peer has looked at already is left alone
        targets = [target for target in options["targets"]
                   if contents[target["host"]] and not (contents[target["host"]]["reach"].get("outside") or {}).get("peer")]
        result.update(changed=False, seen={})
        if not targets:
            return result
        mark = secrets.token_hex(8)
        try:
            program = peer.script(mark, [(target["address"], target["port"]) for target in targets])
            out, said = transport.ask_shell(self, program, peer.SECONDS, sudoable=False)
        except ValueError as wrong:
            return dict(result, failed=True, msg=str(wrong))
        except transport.Unreached as gap:
            out, said = "", str(gap)
        now = iso(artifacts.clock())
        for number, target in enumerate(targets):
            host, view = target["host"], contents[target["host"]]["control_plane"] or {}
            look = peer.read(out, mark, number, options["peer"], target["port"], view.get("provider_id"), now)
            missed = [] if look else [{"what": outside.PEER, "why": "%s gave none: %s" % (options["peer"], " ".join(said.split())[:200])}]
            try:
                content = outside.add(options["run_dir"], host, peer=look, not_checked=missed)
            except OSError as error:
                return dict(result, failed=True, msg=artifacts.unwritten(error))
            first = content["verdict"]["causes"][0]["id"] if content["verdict"]["causes"] else None
            result["seen"][host] = {"look": look and {key: look[key] for key in ("arp", "ping")}, "cause": first}
        return result
