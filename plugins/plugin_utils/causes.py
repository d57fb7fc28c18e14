# Copyright: kubetriage.node contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""First causes among the failures seen, what each explains, and how sure it is.

Confidence:
  confirmed   the mechanism was seen (in the state or as a log line) and so was its effect on the node: a failure that it explains,
              or the node out of Ready in time
  likely      the mechanism was seen, its effect could not be (no control plane's view, or the node is still Ready)
  possible    only symptoms were seen, or something speaks against a likely cause
What contradicts a cause lowers it by one, once, and is listed; what merely could not be looked at is listed.
"""

from ansible_collections.kubetriage.node.plugins.plugin_utils import causality, node_state, present

LEVELS = ("possible", "likely", "confirmed")

# Families whose failures last: a log line says that they were there, a look at the state whether they still are. A kubelet that
# runs and answers can still be at odds with its runtime or the API server, so its own family is not among them.
LASTING = ("cert", "runtime", "cni", "disk", "pids", "limits", "api", "time")

# As sure as it gets from outside, and why.
CAPS = {
    "host.unreachable": ("likely", "powered off, hung and cut off from the network look the same from here"),
}


def find(seen, current, state, checks, began, graph, families):
    """Entries, and those that are not over -> (first causes, the best first; {id of a symptom: id of the first cause of it, or None}).

    Candidates are critical failures of role `cause`, and whatever of role `cause` lies deeper than a critical failure (`_deeper`).
    Where there are none: warnings; on a node that is out of Ready also what is worth an info, but only what can bring that about.
    A failure of role `symptom` that nothing explains is a cause for want of a better one; NotReady itself only when there is no
    other. `presence` never is.
    """
    out = state in ("not_ready", "unreachable")
    causing = {name: entry for name, entry in seen.items() if entry["role"] == "cause"}
    critical = {name: entry for name, entry in current.items() if entry["severity"] == "critical" and entry["role"] != "presence"}
    candidates = {name: entry for name, entry in causing.items() if name in critical or _deeper(entry, critical, checks, began, graph)}
    if not candidates:
        candidates = {name: entry for name, entry in causing.items() if name in current and (
            graph.reaches(name, node_state.NOT_READY) and at_onset(entry, began) if out else entry["severity"] == "warning")}
    effects = {name: entry for name, entry in seen.items()
               if name in candidates or name in current and entry["role"] == "symptom" and entry["severity"] != "info"}
    rooted = {name: causality.roots(entry, candidates, graph) for name, entry in effects.items()}
    orphans = {name: entry for name, entry in effects.items() if name not in candidates and not rooted[name]
               and (entry["severity"] == "critical" or not candidates)}
    for name, entry in orphans.items():
        # A symptom on the way to a candidate is part of it: "the kubelet fails at start" of the kubelet that is in a crash loop.
        rooted[name] = sorted({root for effect, roots in rooted.items() if effect in candidates and name in graph.above(effect)
                               for root in roots or [effect]}) or causality.roots(entry, orphans, graph)
    firsts = [name for name in effects if not rooted[name] and (name in candidates or name in orphans)]
    firsts = [name for name in firsts if name not in node_state.NOT_READY] or firsts

    explains = {name: sorted(effect for effect in rooted if name in rooted[effect]) for name in firsts}
    depth = {family: place for place, family in enumerate(families)}

    def rank(name):
        entry = effects[name]
        return (entry["role"] != "cause", _gone(entry, checks), out and not graph.reaches(name, node_state.NOT_READY), -len(explains[name]),
                present.SEVERITIES.index(entry["severity"]), present.BASES.index(entry["basis"]),
                depth.get(present.family(name), len(depth)), name)

    firsts.sort(key=rank)
    place = {name: number for number, name in enumerate(firsts)}
    explained = {name: min((root for root in rooted[name] if root in place), key=place.get, default=None)
                 for name in effects if name not in place and (rooted[name] or name in orphans or name in node_state.NOT_READY)}
    return [effects[name] for name in firsts], explained


def _gone(entry, checks):
    """Known from lines alone, of a family whose failures last, and a look at the state finds nothing of it."""
    return present.family(entry["id"]) in LASTING and node_state.passing(entry) and node_state.state_is_fine(entry, checks)


def _deeper(entry, critical, checks, began, graph):
    """Does a failure of less weight, or one that is over, lie under a critical one? A power loss is worth an info until it has cost a
    database; a file system's error is one line, and the read-only mount stays.

    Not what the state shows to be mended, not what ended long before the effect began, and, where the times are not known, only what
    brings the effect about by itself.
    """
    if _gone(entry, checks):
        return False
    for name, effect in critical.items():
        if name in node_state.NOT_READY or entry["id"] not in graph.above(name) or not causality.in_time(entry, effect):
            continue
        start = effect["since"] if effect["since"] is not None else began
        if not node_state.passing(entry):
            return True
        if entry["until"] >= start - node_state.BEFORE_ONSET_S if start is not None else graph.borders(entry["id"], (name,)):
            return True
    return False


def confidence(cause, explained, ready, began, now, checks, graph):
    """A first cause -> (level, what speaks against it). `explained` are the ids that it explains."""
    against, contradicted = [], False
    can = graph.reaches(cause["id"], node_state.NOT_READY)
    if cause["role"] != "cause":
        level = "possible"
        against.append("the deeper cause was not found: this is what it leads to")
    else:
        # A kubelet or runtime that is seen to be down is its own effect; otherwise the control plane has to have seen it.
        down = "state" in cause["bases"] and cause["severity"] == "critical" and present.family(cause["id"]) in ("kubelet", "runtime")
        out = ready["ready"] is False and can and at_onset(cause, began) or ready["ready"] is None and down
        level = "confirmed" if cause["bases"] & {"state", "log"} and (explained or out) else "likely"
        if ready["ready"] is False and not can and not explained:
            contradicted = True
            against.append("it is not known to take a node out of Ready")
    if ready["ready"] and can and cause["severity"] == "critical":
        against.append("the API server has the node as Ready")
    if "state" not in cause["bases"]:
        check = next((check for check in checks if check.get("check") == present.CHECK_OF.get(present.family(cause["id"]))), None)
        gaps = (check or {}).get("not_checked") or ()
        if not gaps and _mended(cause, checks, now):
            contradicted = True
            against.append(f"{check['check']} looked and finds nothing of it now")
        elif level != "confirmed":
            against.extend(f"not checked: {gap.get('what')} ({gap.get('why')})" for gap in list(gaps)[:2])
    if contradicted:
        level = LEVELS[max(0, LEVELS.index(level) - 1)]
    if cause["id"] in CAPS:
        cap, why = CAPS[cause["id"]]
        level = LEVELS[min(LEVELS.index(level), LEVELS.index(cap))]
        against.append(why)
    return level, against


def _mended(cause, checks, now):
    """Does the state contradict a log line? Not one so fresh that the fault may come and go."""
    if present.family(cause["id"]) not in LASTING or not node_state.state_is_fine(cause, checks):
        return False
    return cause["until"] is None or now is None or cause["until"] < now - causality.SAMPLED_SLACK


def at_onset(cause, began):
    """Did the cause hold, or happen, at the node's onset (epoch or None)? Unknown times allow it."""
    if began is None or cause["since"] is None:
        return True
    if cause["since"] > began + causality.SAMPLED_SLACK:
        return False
    return not node_state.passing(cause) or cause["until"] >= began - node_state.BEFORE_ONSET_S
