# Copyright: kubetriage.node contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""From what was seen of one node to its artifact: the same way for a live node, a bundle and loose logs."""

import json

from ansible_collections.kubetriage.node.plugins.module_utils.catalogue import FAILURES
from ansible_collections.kubetriage.node.plugins.module_utils.checks import CHECKS
from ansible_collections.kubetriage.node.plugins.module_utils.result import SEVERITIES, Result, evidence
from ansible_collections.kubetriage.node.plugins.plugin_utils import node_view, oom_case, utc, workloads
from ansible_collections.kubetriage.node.plugins.plugin_utils.diagnosis import diagnose
from ansible_collections.kubetriage.node.plugins.plugin_utils.redaction import clean, counted

SCHEMA = "kubetriage.node/1"
# Bounds of what one check may say: the node is not trusted
_FINDINGS, _QUOTES, _GAPS, _FACTS, _DATA = 200, 6, 100, 256 * 1024, 16 * 1024


def _text(value, limit=300):
    return None if value is None else evidence("", value)["text"][:limit]


def moment(value):
    """What a node says is a time -> the same as UTC ISO, None if it is none."""
    return utc.iso(utc.seconds(value))


def _quote(quote):
    kept = evidence(_text(quote.get("source")) or "?", quote.get("text"))
    kept["time"] = moment(quote.get("time"))
    return kept


def _list(value, most):
    return value[:most] if isinstance(value, list) else []


def _bounded(value, most):
    """A dict of at most `most` characters as JSON, that any reader of JSON takes (no NaN, not too deep), else {}."""
    try:
        return value if isinstance(value, dict) and len(json.dumps(value, allow_nan=False)) <= most and _plain(value, 20) else {}
    except (ValueError, RecursionError):
        return {}


def _plain(value, levels):
    """No deeper than `levels`, and no figure that no counter holds: it would be too large to reckon with."""
    if isinstance(value, (dict, list)):
        return levels > 0 and all(_plain(part, levels - 1) for part in (value.values() if isinstance(value, dict) else value))
    return not isinstance(value, (int, float)) or abs(value) < 1 << 64


def _finding(found):
    """A finding as a node sent it, with what the catalogue says instead of what the node says where the two could differ."""
    entry = FAILURES[found["id"]]
    severity = found.get("severity") if found.get("severity") in SEVERITIES else entry["severity"]
    return {
        "id": found["id"], "severity": severity, "title": entry["title"],
        "subject": {_text(key): _text(value) for key, value in _bounded(found.get("subject"), _DATA).items()
                    if isinstance(value, (str, int))},
        "since": moment(found.get("since")), "until": moment(found.get("until")),
        "evidence": [_quote(quote) for quote in _list(found.get("evidence"), _QUOTES) if isinstance(quote, dict)],
        "data": _bounded(found.get("data"), _DATA),
    }


def accept(checks):
    """CheckResults as they came from a node -> CheckResults in the contract's form, one of each check, bounded and free of control characters."""
    accepted = {}
    for said in checks:
        if not isinstance(said, dict) or not isinstance(said.get("check"), str) or said["check"] not in CHECKS or said["check"] in accepted:
            continue
        seconds = said.get("duration_s")
        accepted[said["check"]] = {
            "check": said["check"],
            "status": said.get("status") if said.get("status") in ("ok", "problem", "unknown", "skipped") else "unknown",
            "summary": _text(said.get("summary")) or "",
            "findings": [_finding(found) for found in _list(said.get("findings"), _FINDINGS)
                         if isinstance(found, dict) and isinstance(found.get("id"), str) and found["id"] in FAILURES],
            "facts": _bounded(said.get("facts"), _FACTS),
            "not_checked": [{"what": _text(gap.get("what")) or "?", "why": _text(gap.get("why")) or "?"}
                            for gap in _list(said.get("not_checked"), _GAPS) if isinstance(gap, dict)],
            "duration_s": seconds if isinstance(seconds, (int, float)) and 0 <= seconds < 86400 else 0,
        }
    return list(accepted.values())


def artifact(run, node, reach, checks, view, now, earlier=()):
    """-> content of nodes/<node>.json. `checks`: accepted CheckResults of the node, [] when it was not reached; `view`: of the API, or None;
    `now`: UTC ISO time of the look; `earlier`: looks of runs before (see recurrence).

    Evidence comes from other hands. What of it proves impossible to understand is left out and named: first the view, then what the node said.
    """
    try:
        return _artifact(run, node, reach, checks, view, now, earlier)
    except Exception as error:  # of any kind: it must not cost the rest
        why = "cannot be understood (%s: %s); please report it" % (type(error).__name__, error)
    lost = Result("node")
    lost.skip("what the node said", why)
    for left, seen in ((checks, None), ([lost.done()], view)):
        try:
            return _artifact(run, node, reach if seen else dict(reach, no_view="its view " + why), left, seen, now, earlier)
        except Exception:
            continue
    return _artifact(run, node, dict(reach, no_view="its view " + why), [lost.done()], None, now)


def _artifact(run, node, reach, checks, view, now, earlier=()):
    checks, reach, view = clean([list(checks), reach, view])
    checks, reach = [dict(check, not_checked=list(check["not_checked"])) for check in checks], dict(reach)
    gaps = reach.pop("gaps", [])
    if checks:
        checks[0]["not_checked"][:0] = gaps
    if checks and reach.get("root") is False and not any(gap["what"] == "what only root may read" for gap in gaps):
        checks[0]["not_checked"].insert(0, {"what": "what only root may read", "why": "looked without root; pass -b, or set ansible_become"})
    if view:
        view = _by_the_servers_clock(view, checks)
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


def _by_the_servers_clock(view, checks):
    """A Lease holds the node's time. Of a node that found its clock behind, it is no older than the API server's time says."""
    behind = next((check["facts"].get("offset_s") for check in checks if check["check"] == "api_path"), None)
    renewed = utc.seconds((view.get("lease") or {}).get("renewed"))
    read = utc.seconds(view.get("read_at"))
    # what would then lie ahead was written before the clock went wrong, as by a host that came up with another one
    if renewed is None or read is None or not isinstance(behind, (int, float)) or behind <= 10 or renewed + behind > read + 10:
        return view
    return dict(view, lease=dict(view["lease"], renewed=utc.iso(renewed + behind)))


def short(content, path):
    """What a task returns of an artifact: enough for a play, small enough for a thousand nodes."""
    verdict = content["verdict"]
    cause = verdict["causes"][0] if verdict["causes"] else {}
    return {"node": content["node"], "state": verdict["state"], "scope": verdict["scope"], "cause": cause.get("id"), "why": cause.get("why"),
            "confidence": cause.get("confidence"), "causes": [each["id"] for each in verdict["causes"]], "artifact": path}
