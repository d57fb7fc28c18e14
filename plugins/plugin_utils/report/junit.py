# Copyright: kubetriage.node contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The verdicts as JUnit XML, for CI: a test case a node, which fails by its causes."""

import xml.etree.ElementTree as xml

from ansible_collections.kubetriage.node.plugins.plugin_utils.report import wording
from ansible_collections.kubetriage.node.plugins.plugin_utils.report.plain import plain


def render(fleet, contents):
    """The fleet report and the nodes' artifacts -> XML text. Unreachable is an error, unknown is skipped, not ready and degraded fail."""
    totals = fleet["totals"]
    suite = xml.Element("testsuite", {
        "name": "kubetriage.node", "tests": str(len(contents)), "failures": str(totals["not_ready"] + totals["degraded"]),
        "errors": str(totals["unreachable"]), "skipped": str(totals["unknown"]), "timestamp": (fleet["generated_at"] or "").rstrip("Z"),
        "time": str(fleet["seconds"] or 0)})
    for content in sorted(contents, key=lambda content: content["node"]):
        verdict = content["verdict"]
        case = xml.SubElement(suite, "testcase", {
            "classname": "kubetriage.node", "name": plain(content["node"]),
            "time": str(max((check["duration_s"] for check in content["checks"]), default=0))})
        kind = {"not_ready": "failure", "degraded": "failure", "unreachable": "error", "unknown": "skipped"}.get(verdict["state"])
        if kind:
            said = "; ".join(f"{plain(cause['id'])}: {plain(cause['why'])}" for cause in verdict["causes"])
            outcome = xml.SubElement(case, kind, {"message": wording.state(verdict["state"]) + (f": {said}" if said else "")})
            if kind != "skipped":
                outcome.set("type", plain(verdict["causes"][0]["id"]) if verdict["causes"] else verdict["state"])
            outcome.text = _text(content)
    if fleet["not_checked"]:
        xml.SubElement(suite, "system-out").text = "\n".join("not checked: " + gap for gap in wording.fleet_gaps(fleet))
    suites = xml.Element("testsuites")
    suites.append(suite)
    xml.indent(suites)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + _printable(xml.tostring(suites, encoding="unicode")) + "\n"


def _text(content):
    verdict = content["verdict"]
    lines = [f"not reached: {wording.error(content)}"] if wording.error(content) else []
    for cause in verdict["causes"]:
        lines.append(f"{plain(cause['id'])} ({cause['confidence']}): {plain(cause['title'])}. {plain(cause['why'])}")
        lines += [" ".join(plain(quote[key]) for key in ("time", "source", "text") if quote[key]) for quote in cause["evidence"]]
    lines += [f"also {wording.finding(found)}" for found in verdict["findings"]]
    lines += [f"not checked: {gap}" for gap in wording.unseen(content)]
    lines += [f"next: {plain(step)}" for step in verdict["next_steps"]]
    return "\n".join(lines)


def _printable(text):
    """XML 1.0 has no room for these two, and ElementTree lets them through."""
    return text.replace("\ufffe", "").replace("\uffff", "")
