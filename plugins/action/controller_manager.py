# Copyright: kubetriage.node contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""One host of the control plane, delegated to: what its controller manager says of the nodes in trouble, into their views."""

import secrets

from ansible.plugins.action import ActionBase

from ansible_collections.kubetriage.node.plugins.plugin_utils import artifacts, controller_manager, node_state, transport, view_store
from ansible_collections.kubetriage.node.plugins.plugin_utils.controller_manager_reads import WHAT


class ActionModule(ActionBase):
    _requires_connection = True
    _supports_check_mode = True
    _supports_async = False

    def run(self, tmp=None, task_vars=None):
        result = super().run(tmp, task_vars)
        _valid, options = self.validate_argument_spec(argument_spec=dict(
            run_dir=dict(type="path", required=True), host=dict(type="str", required=True)))
        views = view_store.troubled(options["run_dir"])
        result.update(changed=False, told={})
        if not views:
            return result
        now = artifacts.clock()
        onsets = {name: node_state.readiness(view, now)["since"] for name, view in views.items()}
        since = min([onset for onset in onsets.values() if onset is not None] or [now]) - controller_manager.BEFORE_S
        mark, why = secrets.token_hex(8), None
        try:
            out, said = transport.ask_shell(self, controller_manager.script(mark, sorted(views), since), controller_manager.SECONDS)
            found = controller_manager.answer(out, mark)
        except transport.Unreached as gap:
            found, said = None, str(gap)
        if found is None:
            why = "%s gave no answer: %s" % (options["host"], " ".join(said.split())[:200])
        elif not any(found):
            why = "%s holds neither its flag nor a log of it" % options["host"]
        lines = controller_manager.said(found[1], now) if found else []
        for name, view in views.items():
            if why is None:
                told = controller_manager.told(options["host"], found[0], lines, name, onsets[name])
                view["controller_manager"] = _more(view.get("controller_manager"), told)
                view["not_checked"] = [gap for gap in view["not_checked"] if gap["what"] != WHAT]
                result["told"][name] = len(told["lines"])
            elif not view.get("controller_manager"):
                view["not_checked"].append({"what": WHAT, "why": why})
            try:
                view_store.put(options["run_dir"], name, view)
            except OSError as error:
                return dict(result, failed=True, msg=artifacts.unwritten(error))
        return result


def _more(before, told):
    """Several hosts may have one; only the one that holds the lock speaks."""
    return told if not before or len(told["lines"]) > len(before["lines"]) else dict(before, grace_s=before["grace_s"] or told["grace_s"])
