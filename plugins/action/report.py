# Copyright: kubetriage.node contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The reports of a run, from its artifacts: the console first, then files."""

import glob
import json
import os
import shutil
import time

from ansible.plugins.action import ActionBase
from ansible.utils.display import Display

from ansible_collections.kubetriage.node.plugins.plugin_utils import artifacts
from ansible_collections.kubetriage.node.plugins.plugin_utils.fail_on import expression_holds, severity_reached
from ansible_collections.kubetriage.node.plugins.plugin_utils.report import console, fleet, html, junit, markdown, metrics


_FILES = (("fleet.json", lambda whole, _contents: artifacts.as_json(whole)), ("report.html", html.render), ("report.md", markdown.render),
          ("junit.xml", junit.render), ("metrics.prom", metrics.render))


def _nodes(run_dir):
    """The run's artifacts in order of name -> ([content], [sentence about one that cannot be read])"""
    contents, problems = [], []
    for path in sorted(glob.glob(os.path.join(glob.escape(run_dir), "nodes", "*.json"))):
        try:
            with open(path, encoding="utf-8") as file:
                contents.append(json.load(file))
        except (OSError, ValueError) as error:
            problems.append("%s cannot be read: %s" % (path, error))
    return contents, problems


class ActionModule(ActionBase):
    BYPASS_HOST_LOOP = True  # once a run, also without run_once; the strategy free, which would make it one for each host, says that it cannot
    _requires_connection = False
    _supports_check_mode = True
    _supports_async = False

    def run(self, tmp=None, task_vars=None):
        result = super().run(tmp, task_vars)
        _valid, options = self.validate_argument_spec(argument_spec=dict(
            run_dir=dict(type="path", required=True), fail_on=dict(type="str"), show=dict(type="bool", default=True),
            problems=dict(type="list", elements="str", default=[])))
        run_dir = options["run_dir"]
        contents, problems = _nodes(run_dir)
        if not contents:
            said = ["no node was looked at in this run: nothing in %s/nodes" % run_dir] + options["problems"] + problems
            return dict(result, failed=True, msg="; ".join(said))
        whole = fleet.fleet(contents, os.path.basename(os.path.normpath(run_dir)), time.time())
        whole["problems"] = options["problems"] + problems
        path, lost = os.path.join(run_dir, "report.html"), None
        if options["show"]:
            width = min(max(shutil.get_terminal_size((110, 24)).columns, 80), 140)
            Display().display("\n" + console.render(whole, contents, path, width))
        for name, render in _FILES:
            try:
                artifacts.write_text(os.path.join(run_dir, name), render(whole, contents))
            except OSError as error:  # the console has it all
                lost = lost or artifacts.unwritten(error)
            except Exception as error:  # a defect of one report must not cost the others
                lost = lost or "%s was not written: %s; please report it" % (name, error)
        if lost:
            result.update(failed=True, msg=lost)
        result.update(changed=False, totals=whole["totals"], report=path, fleet=os.path.join(run_dir, "fleet.json"))
        try:
            severe = any(severity_reached(content["verdict"], options["fail_on"]) for content in contents)
            if severe or expression_holds(whole, options["fail_on"]):
                result.update(failed=True, msg="fail_on holds: %s" % options["fail_on"])
        except ValueError as error:
            result.update(failed=True, msg=str(error))
        return result
