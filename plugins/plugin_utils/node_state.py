# Copyright: kubetriage.node contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What state a node is in, since when, on which scale, and which old failures it has got over."""

from collections import namedtuple

from ansible_collections.kubetriage.node.plugins.plugin_utils import causality, present, utc

# The end of every chain: what the control plane makes of it all.
NOT_READY = ("kubelet.not_posting", "kubelet.not_ready")

# A Lease is renewed every 10 s and lasts 40 s. The controller manager waits for its --node-monitor-grace-period (by default 50 s, before 1.32
# 40 s) and looks every 5 s: a Ready that is still True after that was not taken back because nobody looks.
LEASE_S = 40
GRACE_S = 50
CHECK_S = 10

# Log lines that ended this long before the node's onset have nothing to do with it, if the state is fine by now.
BEFORE_ONSET_S = 600
# On a node that is Ready, lines that ended this long before its last heartbeat are over. Nobody knows how soon loose logs were taken.
OVER_S = 900
OVER_LOOSE_S = 7200
# The end of a log: what fails goes on failing, and says so again: a heartbeat every 10 s.
CUT_OFF_S = 12
# What keeps a heartbeat from being sent: one that came later says that it is over.
SILENCING = ("nic", "cert", "kubelet", "api")
# What requests to the API server meet now and then. While the kubelet's heartbeats get through it keeps no node out of Ready.
REQUESTS = ("api.timeout", "api.refused", "api.no_route", "api.name_unresolved", "api.tls_failed", "api.server_error")

Situation = namedtuple("Situation", "checks ready began now loose graph failures families")
Situation.__doc__ = """What all of diagnosis goes by: the CheckResults, `readiness`, `onset`, the time of the look (epoch or None), whether
the evidence is loose logs, the catalogue's graph, entries and order of families."""


def readiness(view, now):
    """The control plane's view and the time of the look (epoch) -> {"ready": True | False, "since": epoch, "heard": epoch, "posts": bool,
    "note": str}.

    All may be None; `ready` without a view, without a Ready condition, or where the Lease contradicts it. `heard` is the newest sign of
    life of the kubelet, `posts` whether it does (it said what Ready is, and its Lease is fresh); `note` says what to be careful about.
    """
    known = {"ready": None, "since": None, "heard": None, "posts": None, "note": None}
    condition = next((found for found in (view or {}).get("conditions") or () if found.get("type") == "Ready"), None)
    if not condition or condition.get("status") not in ("True", "False", "Unknown"):
        return known
    lease = view.get("lease") or {}
    age = lease_age(view, now)
    length = lease.get("duration_s") or LEASE_S
    if condition["status"] == "True" and age is not None and age > max(length, grace_s(view) + CHECK_S):
        note = f"the API server says Ready, but the Lease was renewed {utc.span(age)} ago: nobody updates this node's conditions"
        return dict(known, note=note)
    beats = [moment for moment in map(utc.seconds, (lease.get("renewed"), condition.get("heartbeat"))) if moment is not None]
    known.update(ready=condition["status"] == "True", since=utc.seconds(condition.get("transition")), heard=max(beats, default=None),
                 posts=condition["status"] != "Unknown" and lease_is_fresh(view, now))
    if condition["status"] == "Unknown" and age is not None and age <= length:
        known["note"] = f"the Lease was renewed {utc.span(age)} ago: the kubelet posts, and Ready=Unknown may be out of date"
    return known


def in_trouble(view):
    """Does the control plane not have the Node as Ready, or is it cordoned? Of such more is read."""
    return bool(view["conditions"] and not readiness(view, None)["ready"] or view["unschedulable"])


def grace_s(view):
    """Seconds without a heartbeat after which the controller manager gives a node up, as its flag says, else its longest default."""
    return (view.get("controller_manager") or {}).get("grace_s") or GRACE_S


def lease_is_fresh(view, now):
    """Was the Lease renewed within its own duration? None without a Lease."""
    age = lease_age(view, now)
    return None if age is None else age <= ((view.get("lease") or {}).get("duration_s") or LEASE_S)


def lease_age(view, now):
    """Seconds between the Lease's last renewal and the time it was read; None without a Lease."""
    renewed = utc.seconds(((view or {}).get("lease") or {}).get("renewed"))
    read = utc.seconds((view or {}).get("read_at")) or now
    return None if renewed is None or read is None else max(0.0, read - renewed)


def onset(ready, seen, graph):
    """When the trouble began, as epoch seconds: the Ready condition's transition; without the control plane's word the first start of a
    failure that takes the node out of Ready, as the state tells, else as log lines do; None if unknown."""
    if ready["ready"] is False:
        return ready["since"]
    critical = [entry for entry in seen.values() if entry["severity"] == "critical" and entry["since"] is not None]
    starts = [entry["since"] for entry in critical if "state" in entry["bases"] and graph.reaches(entry["id"], NOT_READY)]
    if not starts and ready["ready"] is None:
        starts = [entry["since"] for entry in critical if entry["basis"] == "log" and graph.borders(entry["id"], NOT_READY)]
    return min(starts, default=None)


def telling(seen, about):
    """Entries -> those that mean anything. Lines that are too few, as every node loses a request now and then, do not; but they count in
    full at the onset of a node that is out of Ready, and at the end of what was heard of one of which nobody knows: a log may be cut there.
    """
    began, now = about.began, about.now
    from_then = {True: None, False: began - BEFORE_ONSET_S if began else 0, None: now and now - CUT_OFF_S}[about.ready["ready"]]
    told = {}
    for name, entry in seen.items():
        if entry["severity"] == "info" and entry["data"].get("few") and not entry["data"].get("past"):
            if from_then is None or entry["until"] is not None and entry["until"] < from_then:
                continue
            entry = dict(entry, severity=about.failures.get(name, entry)["severity"])
        if entry["severity"] == "critical" and is_hiccup(entry, about):
            entry = dict(entry, severity="warning")
        told[name] = entry
    return told


def is_hiccup(entry, about):
    """Did some requests to the API server fail, ours or the kubelet's, while its heartbeats get through, or when it was about to be stopped?"""
    if entry["id"] not in REQUESTS or about.ready["posts"]:
        return entry["id"] in REQUESTS
    stopped = next((utc.seconds(finding.get("since")) for check in about.checks for finding in check.get("findings") or ()
                    if finding["id"] == "kubelet.stopped" and (finding.get("data") or {}).get("basis") == "state"), None)
    # a node that lost its requests for less than its Lease lasts is not lost by them
    return stopped is not None and passing(entry) and entry["since"] is not None and stopped - LEASE_S < entry["since"] <= entry["until"] <= stopped


def over(entry, about):
    """Has the node got over this failure? Only what logs and events tell of the past can be over, never what holds now."""
    if not passing(entry):
        return False
    ready, heard, began = about.ready["ready"], about.ready["heard"], about.began
    if entry["data"].get("past") is True or entry["id"] in NOT_READY and ready or _denied(entry, about.checks):
        return True
    if began is not None and entry["until"] < began - BEFORE_ONSET_S and (causality.is_moment(entry) or state_is_fine(entry, about.checks)):
        return True
    silencing = present.family(entry["id"]) in SILENCING and about.graph.borders(entry["id"], NOT_READY[:1])
    if silencing and (ready or about.ready["posts"]) and heard is not None and entry["until"] < heard:
        return True
    if not ready or heard is None:
        return False
    return entry["until"] < heard - (OVER_LOOSE_S if about.loose else OVER_S)


def _denied(entry, checks):
    """Has the kubelet posted a condition that says the opposite, after the last that was heard of it?"""
    said = next((check.get("facts") or {} for check in checks if check.get("check") == "control_plane"), {})
    moment = utc.seconds((said.get("denied") or {}).get(entry["id"]))
    return moment is not None and moment >= entry["until"]


def passing(entry):
    """Is it known only from what logs and events tell of a time that has ended?"""
    return "state" not in entry["bases"] and entry["until"] is not None


def state_is_fine(entry, checks):
    """Did the check that sees this failure's state look at it, and find nothing of its family wrong?"""
    family = present.family(entry["id"])
    check = next((check for check in checks if check.get("check") == present.CHECK_OF.get(family)), None)
    if check is None or check.get("status") not in ("ok", "problem") or entry["id"].startswith(present.UNSEEN):
        return False
    unseen = [gap for gap in check.get("not_checked") or () if str(gap.get("what")).startswith(present.PART_OF.get(family, "\n"))]
    if unseen:
        return False
    return not any(finding.get("severity") != "info" and (finding.get("data") or {}).get("basis") == "state"
                   and present.family(finding["id"]) == family for finding in check.get("findings") or ())


def state(reach, current, about):
    """-> healthy | degraded | not_ready | unreachable | unknown. `current` are the entries that are not over."""
    ready, status = about.ready["ready"], {check.get("check"): check.get("status") for check in about.checks}
    answered = any(check not in ("control_plane", "reach") and found in ("ok", "problem") for check, found in status.items())
    if not reach.get("ok") and reach.get("how") != "none" and not answered:
        return "unreachable"
    if ready is False:
        return "not_ready"
    serious = [entry for entry in current.values() if entry["severity"] != "info"]
    if ready is None:
        runs = status.get("kubelet_health") == "ok" and status.get("runtime_health") != "problem"
        for entry in serious:
            if entry["severity"] == "critical" and entry["role"] != "presence" and about.graph.borders(entry["id"], NOT_READY):
                if "state" in entry["bases"] or not runs:
                    return "not_ready"
    if serious:
        return "degraded"
    return "healthy" if ready or status.get("kubelet_health") == "ok" else "unknown"
