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
causes      failures that no other present failure explains (`causes.find`, `causality`), ranked by: leads to NotReady and was there at
            the onset, explains something, role, how much it explains, severity, basis (state, log, API), order of families, id
confidence  `causes.confidence`
too few     lines below the catalogue's `least` mean nothing (`node_state.telling`)
over        what only old lines and events tell of is a finding when the node has got over it (`node_state.over`)

docs/diagnosis.md has the rules in full.
"""

import re

from ansible_collections.kubetriage.node.plugins.module_utils import catalogue
from ansible_collections.kubetriage.node.plugins.plugin_utils import (
    causality, causes, changes, explanation, intent, next_steps, node_state, present, reach, recurrence, scope, timeline, utc)

_ELSEWHERE = r"(?!127\.|::1$)(?:[0-9.]+$|[0-9a-fA-F:]*:[0-9a-fA-F:.]*$)"  # an IP address, and not this machine's own loopback
_QUOTES = 6  # of a cause; the check's own result holds them all


def diagnose(evidence, failures=None, families=None):
    """{"node", "reach", "checks", "control_plane", "impact"?, "earlier"?, "now"} -> verdict, as in docs/schema/node.schema.json.

    `failures` and `families` replace the catalogue, for tests.
    """
    failures = catalogue.FAILURES if failures is None else failures
    families = catalogue.FAMILIES if families is None else families
    failures = _where_it_stands(failures, evidence.get("control_plane"), evidence.get("checks") or ())
    graph = causality.Graph(failures, families)
    node, view, asked, now = evidence["node"], evidence.get("control_plane"), evidence.get("reach") or {}, utc.seconds(evidence.get("now"))
    checks = list(evidence.get("checks") or ())

    ready = node_state.readiness(view, now)
    silence = reach.check(asked, view, ready, now)
    if silence:
        checks.append(silence)
    seen = present.entries(checks, failures)
    began = node_state.onset(ready, seen, graph)
    about = node_state.Situation(checks, ready, began, now, asked.get("how") == "loose", graph, failures, families)
    telling = node_state.telling(seen, about)
    current = {name: entry for name, entry in telling.items() if not node_state.over(entry, about)}
    state = node_state.state(asked, current, about)
    first, explained = causes.find(telling, current, state, about)
    within, why_within = scope.of(node, view, asked, checks)

    info = (view or {}).get("info") or {}
    named, steps = [], []
    for entry in first:
        effects = sorted(name for name, root in explained.items() if root == entry["id"])
        level, against = causes.confidence(entry, effects, about)
        names = next_steps.about(entry, [seen[name] for name in effects], node, info)
        named.append(_cause(entry, level, against, failures.get(entry["id"], {}), names))
        steps = steps or next_steps.next_steps(named[0], failures.get(entry["id"], {}), names)
    notes = [note for note in (ready["note"],) if note]
    if named:
        named[0]["against"] = notes + named[0]["against"]
    chain = _chain(first, explained, seen, graph)
    lasting = _lasting(first, chain, current)
    if lasting:
        steps = next_steps.fixes(failures[lasting["id"]], next_steps.about(lasting, [], node, info)) + steps
    since, changed = _since(state, ready, began, first), changes.of(checks, view, began, now)
    told = {name: entry for name, entry in seen.items() if name not in explained and name not in {cause["id"] for cause in named}}
    return {
        "node": node,
        "state": state,
        "scope": within,
        "scope_why": why_within,
        "intent": intent.of(view, now),
        "since": since,
        "causes": named,
        "chain": chain,
        "symptoms": [{"id": name, "of": root, "evidence": seen[name]["evidence"][:_QUOTES]} for name, root in sorted(explained.items())],
        "findings": [_finding(entry, entry["id"] in current) for entry in sorted(told.values(), key=_weight)],
        "timeline": timeline.timeline(seen, view, began, chain, changed),
        "changes": changed,
        "impact": evidence.get("impact") or {},
        "recurrence": recurrence.of(named[0]["id"] if named else None, node, since, evidence.get("now"), info, evidence.get("earlier") or ()),
        "not_checked": _not_checked(checks, view),
        "next_steps": next_steps.with_access(steps, asked, node),
        "plan": None,
    }


def _where_it_stands(failures, view, checks):
    """The catalogue for this node: an API server at another node's address does not refuse because of the disk, memory or runtime of this one, as it
    may on a control plane."""
    own = {entry.get("address") for entry in (view or {}).get("addresses") or ()}
    asked = {str(finding["subject"].get("server")).rpartition(":")[0].strip("[]")
             for check in checks for finding in check.get("findings") or () if finding["id"] == "api.refused"}
    labels = (view or {}).get("labels") or {}
    if not own or not asked or any(not re.match(_ELSEWHERE, host) or host in own for host in asked) or any(
            "node-role.kubernetes.io/" + role in labels for role in ("control-plane", "master", "etcd")):
        return failures
    refused = failures["api.refused"]
    there = [cause for cause in refused["caused_by"] if cause.startswith(("api.", "cert."))]
    return dict(failures, **{"api.refused": dict(refused, caused_by=[], seen_with=there)})


def _cause(entry, level, against, failure, names):
    return {
        "id": entry["id"], "title": entry["title"], "severity": entry["severity"], "confidence": level, "why": explanation.why(entry),
        "subject": entry["subject"], "since": utc.iso(entry["since"]), "evidence": entry["evidence"][:_QUOTES], "against": against,
        "repair": failure.get("repair"), "fix": next_steps.fixes(failure, names),
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


def _lasting(first, chain, current):
    """The first effect that lasts, an entry, when the cause itself has passed: a power loss, a link that is back; else None."""
    if not first or first[0]["role"] != "cause" or first[0]["severity"] != "info":
        return None
    return next((current[name] for name in chain if name in current and current[name]["severity"] == "critical"), None)


def _not_checked(checks, view):
    gaps = {(str(gap.get("what")), str(gap.get("why")))
            for source in checks + [view or {}] for gap in source.get("not_checked") or ()}
    return [{"what": what, "why": why} for what, why in sorted(gaps)]
