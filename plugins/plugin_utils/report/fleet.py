# Copyright: kubetriage.node contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The fleet report: the nodes' artifacts of a run, or of several slices of one, as one small document."""

import re
from calendar import timegm
from time import strptime

from ansible_collections.kubetriage.node.plugins.plugin_utils import utc
from ansible_collections.kubetriage.node.plugins.plugin_utils.recurrence import VERSIONS
from ansible_collections.kubetriage.node.plugins.plugin_utils.report.wording import STATES

SCHEMA = "kubetriage.fleet/1"
_SEVERITIES = ("critical", "warning", "info")


def fleet(contents, run, now):
    """Nodes' artifacts, the run's name and the controller's time (epoch) -> content of fleet.json, as in docs/schema/fleet.schema.json.

    `causes` holds every cause of every node, the most severe and most frequent first; a node's `cause` is its first. `seconds` counts
    from the run's start, which its name tells, or from the first look at a node.
    """
    causes, gaps, nodes = {}, {}, []
    for content in sorted(contents, key=lambda content: content["node"]):
        verdict, name = content["verdict"], content["node"]
        for cause in verdict["causes"]:
            group = causes.setdefault(cause["id"], {"id": cause["id"], "title": cause["title"], "severity": cause["severity"], "nodes": []})
            group["severity"] = min(group["severity"], cause["severity"], key=_SEVERITIES.index)
            group["nodes"].append(name)
        for gap in verdict["not_checked"]:
            gaps.setdefault((gap["what"], gap["why"]), []).append(name)
        first = verdict["causes"][0] if verdict["causes"] else {}
        nodes.append({
            "node": name, "state": verdict["state"], "scope": verdict["scope"], "since": verdict["since"],
            "cause": first.get("id"), "why": first.get("why"), "confidence": first.get("confidence"),
            "looked_at": content["collected_at"], "versions": _versions(content["control_plane"]),
            "error": None if content["reach"].get("ok") else content["reach"].get("error"),
            "findings": [{"id": found["id"], "severity": found["severity"]} for found in verdict["findings"]],
        })
    return {
        "schema": SCHEMA,
        "run": run,
        "generated_at": utc.iso(now),
        "seconds": _seconds(contents, run, now),
        "totals": {state: sum(node["state"] == state for node in nodes) for state in STATES},
        "causes": sorted(causes.values(), key=lambda group: (_SEVERITIES.index(group["severity"]), -len(group["nodes"]), group["id"])),
        "nodes": nodes,
        "not_checked": [{"what": what, "why": why, "nodes": names} for (what, why), names in sorted(gaps.items())],
        "problems": [],
    }


def _versions(view):
    """What nodes may have in common: of many nodes that fail alike it is the first question."""
    info = (view or {}).get("info") or {}
    return {key: info.get(key) for key in VERSIONS}


def _seconds(contents, run, now):
    stamp = re.match(r"\d{8}T\d{6}Z", run)
    try:
        start = timegm(strptime(stamp.group(), "%Y%m%dT%H%M%SZ")) if stamp else None
    except ValueError:
        start = None
    if start is None:
        looks = (utc.seconds(content["collected_at"]) for content in contents)
        start = min((moment for moment in looks if moment is not None), default=None)
    return None if start is None or start > now else round(now - start, 1)
