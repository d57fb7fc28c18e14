# Copyright: kubetriage.node contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""From what was seen of one node to its artifact: the same way for a live node, a bundle and loose logs."""

import json

from ansible_collections.kubetriage.node.plugins.module_utils.catalogue import FAILURES
from ansible_collections.kubetriage.node.plugins.module_utils.checks import CHECKS
from ansible_collections.kubetriage.node.plugins.module_utils.result import SEVERITIES, Result, evidence
from ansible_collections.kubetriage.node.plugins.plugin_utils import node_view, oom_case, workloads
from ansible_collections.kubetriage.node.plugins.plugin_utils.diagnosis import diagnose
from ansible_collections.kubetriage.node.plugins.plugin_utils.redaction import clean, counted

SCHEMA = "kubetriage.node/1"
_FINDINGS, _QUOTES, _GAPS, _FACTS = 200, 6, 100, 256 * 1024  # bounds of what one check may say: the node is not trusted


def _text(value, limit=300):
    return None if value is None else evidence("", value)["text"][:limit]


def _quote(quote):
    kept = evidence(_text(quote.get("source")) or "?", quote.get("text"))
    kept["time"] = _text(quote.get("time"), 20)
    return kept


def _finding(found):
    """A finding as a node sent it, with what the catalogue says instead of what the node says where the two could differ."""
    entry = FAILURES[found["id"]]
    severity = found.get("severity") if found.get("severity") in SEVERITIES else entry["severity"]
    return {
        "id": found["id"], "severity": severity, "title": entry["title"],
        "subject": {_text(key): _text(value) for key, value in dict(found.get("subject") or {}).items() if isinstance(value, (str, int))},
        "since": _text(found.get("since"), 20), "until": _text(found.get("until"), 20),
        "evidence": [_quote(quote) for quote in list(found.get("evidence") or [])[:_QUOTES] if isinstance(quote, dict)],
        "data": found.get("data") if isinstance(found.get("data"), dict) else {},
    }


def accept(checks):
    """CheckResults as they came from a node -> CheckResults in the contract's form, bounded and free of control characters."""
    accepted = []
    for said in checks:
        if not isinstance(said, dict) or said.get("check") not in CHECKS:
            continue
        facts = said.get("facts") if isinstance(said.get("facts"), dict) else {}
        accepted.append({
            "check": said["check"],
            "status": said.get("status") if said.get("status") in ("ok", "problem", "unknown", "skipped") else "unknown",
            "summary": _text(said.get("summary")) or "",
            "findings": [_finding(found) for found in list(said.get("findings") or [])[:_FINDINGS]
                         if isinstance(found, dict) and found.get("id") in FAILURES],
            "facts": facts if len(json.dumps(facts)) <= _FACTS else {},
            "not_checked": [{"what": _text(gap.get("what")) or "?", "why": _text(gap.get("why")) or "?"}
                            for gap in list(said.get("not_checked") or [])[:_GAPS] if isinstance(gap, dict)],
            "duration_s": said.get("duration_s") if isinstance(said.get("duration_s"), (int, float)) else 0,
        })
    return accepted


def artifact(run, node, reach, checks, view, now, earlier=()):
    """-> content of nodes/<node>.json. `checks`: accepted CheckResults of the node, [] when it was not reached; `view`: of the API, or None;
    `now`: UTC ISO time of the look; `earlier`: looks of runs before (see recurrence)."""
    checks, reach, view = clean([list(checks), reach, view])
    gaps = reach.pop("gaps", [])
    if checks:
        checks[0]["not_checked"][:0] = gaps
    if checks and reach.get("root") is False and not any(gap["what"] == "what only root may read" for gap in gaps):
        checks[0]["not_checked"].insert(0, {"what": "what only root may read", "why": "looked without root; pass -b, or set ansible_become"})
    if view:
        oom_case.name_pods(checks, view)
        checks.append(node_view.check(view))
        oom_case.settle(checks)
    else:
        absent = Result("control_plane")
        absent.skip("control plane's view", reach.get("no_view") or "no cluster was asked")
        checks.append(absent.done())
    said = {"node": node, "reach": reach, "checks": checks, "control_plane": view, "now": now, "earlier": earlier,
            "impact": dict(node_view.impact(view, now), **workloads.impact(view)) if view else None}
    content = {"schema": SCHEMA, "run": run, "node": node, "collected_at": now, "reach": reach, "verdict": diagnose(said), "checks": checks,
               "control_plane": view}
    return dict(content, redacted=counted(content))


def short(content, path):
    """What a task returns of an artifact: enough for a play, small enough for a thousand nodes."""
    verdict = content["verdict"]
    cause = verdict["causes"][0] if verdict["causes"] else {}
    return {"node": content["node"], "state": verdict["state"], "scope": verdict["scope"], "cause": cause.get("id"), "why": cause.get("why"),
            "confidence": cause.get("confidence"), "causes": [each["id"] for each in verdict["causes"]], "artifact": path}
