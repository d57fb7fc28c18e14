# Copyright: kubetriage.node contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What it means that a node could not be asked over SSH, next to what the control plane, a peer and its power supply tell of it."""

from ansible_collections.kubetriage.node.plugins.plugin_utils import node_state, silence, utc


def check(reach, view, ready, now):
    """-> CheckResult `reach`, or None when the node was asked, or nobody tried.

    `reach["outside"]`, once somebody looked (outside.py): {"lease", "kubelet", "peer", "power", "earlier", "not_checked"}. Without any word
    of the node but our own failure, nothing is said of it: that is not checked, and no cause.
    """
    if reach.get("ok") or reach.get("how") == "none":
        return None
    error = str(reach.get("error") or "no answer")
    outside = reach.get("outside") or {}
    told = _by_now(view, outside)
    fresh = node_state.lease_is_fresh(told, now)
    peer, kubelet, power = outside.get("peer") or {}, outside.get("kubelet") or {}, outside.get("power") or {}
    heartbeat = fresh if fresh is not None else ready["ready"]
    reading = silence.read(reach.get("kind"), heartbeat, kubelet.get("answer"), _ports(peer), power.get("state"))
    quotes = [_quote("ssh", error)]
    for source in (peer, power, kubelet):
        quotes += source.get("evidence") or []
    quotes += _lease(told, now) + ((outside.get("earlier") or {}).get("evidence") or [])
    findings = [_finding(reading, reach.get("kind"), quotes, told, ready, now)] if reading else []
    return {"check": "reach", "status": "problem" if findings else "unknown", "summary": error, "findings": findings, "facts": {},
            "not_checked": [{"what": "the node itself", "why": error}] + list(outside.get("not_checked") or ()), "duration_s": 0}


def _by_now(view, outside):
    """The view with the Lease as it was after our own attempt, which may have lasted half a minute."""
    return dict(view or {}, **outside["lease"]) if outside.get("lease") else view


def _ports(peer):
    """A peer's look as it stands in an artifact, where keys are texts, for silence.read."""
    return dict(peer, ports={int(port): said for port, said in (peer.get("ports") or {}).items()}) if peer else None


def _lease(view, now):
    age = node_state.lease_age(view, now)
    return [] if age is None else [_quote("Lease", "renewed %s ago" % utc.span(age), (view.get("lease") or {}).get("renewed"))]


def _finding(reading, kind, quotes, view, ready, now):
    lives, age = reading.state == "host.ssh_only", node_state.lease_age(view, now)
    why = [reading.why, silence.said_of_ssh(kind)] + (["the Lease is %s old" % utc.span(age)] if age is not None and not lives else [])
    data = {"basis": "state", "why": "; ".join(why), "at_most": reading.confidence, "against": list(reading.against)}
    return {"id": reading.state, "severity": "warning" if lives else "critical", "title": None, "subject": {},
            "since": None if lives else utc.iso(ready["since"]), "until": None, "evidence": quotes, "data": data}


def _quote(source, text, time=None):
    return {"source": source, "time": time, "text": text}
