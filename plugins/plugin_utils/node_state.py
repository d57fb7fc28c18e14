# Copyright: kubetriage.node contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What state a node is in, since when, on which scale, and which old failures it has got over."""

from ansible_collections.kubetriage.node.plugins.plugin_utils import present, utc

# The end of every chain: what the control plane makes of it all.
NOT_READY = ("kubelet.not_posting", "kubelet.not_ready")

# A Lease is renewed every 10 s and lasts 40 s. The controller manager waits 50 s at most (before 1.32: 40 s) and looks every 5 s: a Ready
# that is still True after that was not taken back because nobody looks.
LEASE_S = 40
LEASE_STALE_S = 60

# Log lines that ended this long before the node's onset have nothing to do with it, if the state is fine by now.
BEFORE_ONSET_S = 600
# On a node that is Ready, lines that ended this long ago are over.
OVER_S = 900


def readiness(view, now):
    """The control plane's view and the time of the look (epoch) -> {"ready": True | False | None, "since": epoch, "note": str}.

    All may be None; `ready` without a view, without a Ready condition, or where the Lease contradicts it. `note` says what to be
    careful about.
    """
    condition = next((found for found in (view or {}).get("conditions") or () if found.get("type") == "Ready"), None)
    if not condition or condition.get("status") not in ("True", "False", "Unknown"):
        return {"ready": None, "since": None, "note": None}
    since = utc.seconds(condition.get("transition"))
    age = _lease_age(view, now)
    length = (view.get("lease") or {}).get("duration_s") or LEASE_S
    if condition["status"] == "True":
        if age is not None and age > max(length, LEASE_STALE_S):
            note = f"the API server says Ready, but the Lease was renewed {utc.span(age)} ago: nobody updates this node's conditions"
            return {"ready": None, "since": None, "note": note}
        return {"ready": True, "since": since, "note": None}
    note = None
    if condition["status"] == "Unknown" and age is not None and age <= length:
        note = f"the Lease was renewed {utc.span(age)} ago: the kubelet posts, and Ready=Unknown may be out of date"
    return {"ready": False, "since": since, "note": note}


def lease_is_fresh(view, now):
    """Was the Lease renewed within its own duration? None without a Lease."""
    age = _lease_age(view or {}, now)
    return None if age is None else age <= ((view.get("lease") or {}).get("duration_s") or LEASE_S)


def _lease_age(view, now):
    renewed = utc.seconds((view.get("lease") or {}).get("renewed"))
    read = utc.seconds(view.get("read_at")) or now
    return None if renewed is None or read is None else max(0.0, read - renewed)


def onset(ready, seen, graph):
    """When the trouble began, as epoch seconds: the Ready condition's transition, else the first start of a failure seen in the
    state that takes the node out of Ready; None if unknown."""
    if ready["ready"] is False:
        return ready["since"]
    starts = [entry["since"] for entry in seen.values()
              if entry["severity"] == "critical" and "state" in entry["bases"] and graph.reaches(entry["id"], NOT_READY)]
    return min((start for start in starts if start is not None), default=None)


def over(entry, checks, ready, began, now, loose):
    """Has the node got over this failure? Only what logs and events tell of the past can be over, never what holds now.

    With `loose` logs nothing is known of the time of the look, so that "long ago" means nothing.
    """
    if not passing(entry):
        return False
    if entry["data"].get("past") is True or entry["id"] in NOT_READY and ready["ready"]:
        return True
    if began is not None and entry["until"] < began - BEFORE_ONSET_S and state_is_fine(entry, checks):
        return True
    if loose or not ready["ready"] or now is None:
        return False
    # One heartbeat that was lost is everyday life: a Lease outlives three of them.
    once = present.family(entry["id"]) == "api" and entry["data"].get("count") == 1 and state_is_fine(entry, checks)
    return once or entry["until"] < now - OVER_S


def passing(entry):
    """Is it known only from what logs and events tell of a time that has ended?"""
    return "state" not in entry["bases"] and entry["until"] is not None


def state_is_fine(entry, checks):
    """Did the check that sees this family's state look, and find nothing of the family wrong?"""
    family = present.family(entry["id"])
    check = next((check for check in checks if check.get("check") == present.CHECK_OF.get(family)), None)
    if check is None or check.get("status") not in ("ok", "problem"):
        return False
    return not any(finding.get("severity") != "info" and (finding.get("data") or {}).get("basis") == "state"
                   and present.family(finding["id"]) == family for finding in check.get("findings") or ())


def state(reach, checks, ready, current, graph):
    """-> healthy | degraded | not_ready | unreachable | unknown. `current` are the entries that are not over."""
    status = {check.get("check"): check.get("status") for check in checks}
    answered = any(check not in ("control_plane", "reach") and found in ("ok", "problem") for check, found in status.items())
    if not reach.get("ok") and reach.get("how") != "none" and not answered:
        return "unreachable"
    if ready["ready"] is False:
        return "not_ready"
    serious = [entry for entry in current.values() if entry["severity"] != "info"]
    if ready["ready"] is None:
        runs = status.get("kubelet_health") == "ok" and status.get("runtime_health") != "problem"
        for entry in serious:
            if entry["severity"] == "critical" and entry["role"] != "presence" and graph.borders(entry["id"], NOT_READY):
                if "state" in entry["bases"] or not runs:
                    return "not_ready"
    if serious:
        return "degraded"
    if ready["ready"] or status.get("kubelet_health") == "ok":
        return "healthy"
    return "unknown"


def scope(view):
    """-> (scope, sentence or None): `cluster` when more than half of three or more nodes are not Ready."""
    cluster = (view or {}).get("cluster") or {}
    nodes, lost = cluster.get("nodes") or 0, len(cluster.get("not_ready") or ())
    if nodes >= 3 and lost * 2 > nodes:
        return "cluster", f"{lost} of {nodes} nodes are not Ready: look first at what they share (API server, network, time, certificates)"
    return "node", None
