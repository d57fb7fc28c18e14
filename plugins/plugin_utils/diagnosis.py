# Copyright: kubetriage.node contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Evidence of one node -> verdict: its state, the first causes and how sure they are, what they explain, and what to do.

Pure: no clock, no network, no Ansible; the same evidence, in whatever order, gives the same verdict. In short:

state       unreachable   the node could not be asked
            not_ready     the control plane has it as not Ready; without its view, a critical failure of the kind that takes a node out
            degraded      Ready, or not known to be otherwise, with a finding above info
            healthy       checks ran and saw nothing above info
            unknown       neither side told enough
causes      failures of role `cause` that no other present failure explains (`causes.find`, `causality`), ranked by: role, leads to
            NotReady, how much they explain, severity, basis (state, log, API), the catalogue's order of families, id
confidence  `causes.confidence`
over        what only old lines and events tell of, and the state shows to be fine, is a finding (`node_state.over`)

docs/diagnosis.md has the rules in full.
"""

from ansible_collections.kubetriage.node.plugins.module_utils import catalogue
from ansible_collections.kubetriage.node.plugins.plugin_utils import (
    causality, causes, explanation, next_steps, node_state, present, reach, timeline, utc)

_QUOTES = 6  # of a cause; the check's own result holds them all


def diagnose(evidence, failures=None, families=None):
    """{"node", "reach", "checks", "control_plane", "impact"?, "now"} -> verdict, as in docs/schema/node.schema.json.

    `failures` and `families` replace the catalogue, for tests.
    """
    failures = catalogue.FAILURES if failures is None else failures
    families = catalogue.FAMILIES if families is None else families
    graph = causality.Graph(failures, families)
    node, view, asked, now = evidence["node"], evidence.get("control_plane"), evidence.get("reach") or {}, utc.seconds(evidence.get("now"))
    checks = list(evidence.get("checks") or ())

    ready = node_state.readiness(view, now)
    silence = reach.check(asked, view, ready, now)
    if silence:
        checks.append(silence)
    seen = present.entries(checks, failures)
    began = node_state.onset(ready, seen, graph)
    loose = asked.get("how") == "loose"
    current = {name: entry for name, entry in seen.items() if not node_state.over(entry, checks, ready, began, now, loose)}
    state = node_state.state(asked, checks, ready, current, graph)
    first, explained = causes.find(seen, current, state, checks, began, graph, families)
    scope, shared = node_state.scope(view)

    named, steps = [], []
    for entry in first:
        effects = sorted(name for name, root in explained.items() if root == entry["id"])
        level, against = causes.confidence(entry, effects, ready, began, now, checks, graph)
        about = next_steps.about(entry, [seen[name] for name in effects], node)
        named.append(_cause(entry, level, against, failures.get(entry["id"], {}), about))
        if len(named) == 1:
            steps = next_steps.next_steps(named[0], failures.get(entry["id"], {}), about)
    notes = [note for note in (shared, ready["note"]) if note]
    if named:
        named[0]["against"] = notes + named[0]["against"]
    chain = _chain(first, explained, seen, graph)
    told = {name: entry for name, entry in seen.items() if name not in explained and entry not in first}
    return {
        "node": node,
        "state": state,
        "scope": scope,
        "since": _since(state, ready, began, first),
        "causes": named,
        "chain": chain,
        "symptoms": [{"id": name, "of": root, "evidence": seen[name]["evidence"][:_QUOTES]} for name, root in sorted(explained.items())],
        "findings": [_finding(entry, entry["id"] in current) for entry in sorted(told.values(), key=_weight)],
        "timeline": timeline.timeline(seen, view, began, chain),
        "impact": evidence.get("impact") or {},
        "not_checked": _not_checked(checks, view),
        "next_steps": next_steps.with_access(steps, asked, node),
        "plan": None,
    }


def _cause(entry, level, against, failure, about):
    return {
        "id": entry["id"], "title": entry["title"], "severity": entry["severity"], "confidence": level, "why": explanation.why(entry),
        "subject": entry["subject"], "since": utc.iso(entry["since"]), "evidence": entry["evidence"][:_QUOTES], "against": against,
        "repair": failure.get("repair"), "fix": next_steps.fixes(failure, about),
    }


def _finding(entry, current):
    """What is over weighs nothing any more, and says so."""
    return {"id": entry["id"], "severity": entry["severity"] if current else "info", "title": entry["title"], "subject": entry["subject"],
            "since": utc.iso(entry["since"]), "until": utc.iso(entry["until"]),
            "over": not current, "evidence": entry["evidence"][:_QUOTES]}


def _weight(entry):
    return present.SEVERITIES.index(entry["severity"]), entry["id"]


def _since(state, ready, began, first):
    if state == "not_ready":
        return utc.iso(began)
    if state == "unreachable":
        return utc.iso(ready["since"]) if ready["ready"] is False else None
    return utc.iso(first[0]["since"]) if state == "degraded" and first else None


def _chain(first, explained, seen, graph):
    """From the first cause to the end, by way of what it explains."""
    if not first:
        return []
    cause = first[0]["id"]
    way = {name: seen[name] for name in [cause] + [name for name, root in explained.items() if root == cause]}
    return causality.chain(cause, way, graph, node_state.NOT_READY)


def _not_checked(checks, view):
    gaps = {(str(gap.get("what")), str(gap.get("why")))
            for source in checks + [view or {}] for gap in source.get("not_checked") or ()}
    return [{"what": what, "why": why} for what, why in sorted(gaps)]
