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

from ansible_collections.kubetriage.node.plugins.plugin_utils import causality, node_state, present, utc

LEVELS = ("possible", "likely", "confirmed")

# Families whose failures last: a log line says that they were there, a look at the state whether they still are. A kubelet that
# runs and answers can still be at odds with its runtime or the API server, so its own family is not among them.
LASTING = ("cert", "runtime", "cni", "disk", "pids", "limits", "api", "time")

# What a look from outside tells of a silent node (reach.py): such a finding says itself how sure it can be, and what speaks against it.
FROM_OUTSIDE = ("host.unreachable", "host.powered_off", "host.hung", "host.cut_off", "host.kubelet_only", "host.ssh_only")


def find(seen, current, state, about):
    """Entries, and those that are not over -> (first causes, the best first; {id of a symptom: id of the first cause of it, or None}).

    Of the candidates (`_candidates`) those are first that no other explains. NotReady itself is one only when there is no other.
    """
    out, graph = state == "not_ready" or state == "unreachable" and about.ready["ready"] is not True, about.graph
    candidates = _candidates(seen, current, out, about)
    effects = {name: entry for name, entry in current.items() if entry["role"] != "presence" and entry["severity"] != "info"}
    effects.update(candidates)
    roots = {name: causality.roots(entry, candidates, graph) for name, entry in effects.items()}
    firsts = [name for name in candidates if not roots[name]]
    firsts = [name for name in firsts if name not in node_state.NOT_READY] or firsts

    explains = {name: sum(name in found for found in roots.values()) for name in firsts}
    depth = {family: place for place, family in enumerate(about.families)}

    def rank(name):
        entry = effects[name]
        beside = not graph.reaches(name, node_state.NOT_READY) or out and not at_onset(entry, about.began)
        return (beside, not explains[name], entry["role"] != "cause", _gone(entry, about), -explains[name],
                present.SEVERITIES.index(entry["severity"]), present.BASES.index(entry["basis"]),
                depth.get(present.family(name), len(depth)), name)

    firsts.sort(key=rank)
    place = {name: number for number, name in enumerate(firsts)}
    explained = {name: min((root for root in found if root in place), key=place.get, default=None)
                 for name, found in roots.items() if name not in place and (found or name in node_state.NOT_READY)}
    return [effects[name] for name in firsts], explained


def _candidates(seen, current, out, about):
    """Entries that can be first causes -> {id: entry}: what is critical, and what lies under it (`_deeper`).

    Where there is nothing of it: warnings of role `cause`; on a node that is out of Ready also what is worth an info, but only what can
    bring that about; at last symptoms that are warnings. `presence` only where it brings a symptom about for which there is nothing else.
    """
    graph = about.graph
    critical = {name: entry for name, entry in current.items() if entry["severity"] == "critical" and entry["role"] != "presence"}
    found = {name: entry for name, entry in seen.items() if name in critical or _deeper(entry, critical, about)}
    if not set(found) - set(node_state.NOT_READY):
        found.update({name: entry for name, entry in current.items() if entry["role"] == "cause" and (
            graph.reaches(name, node_state.NOT_READY) and at_onset(entry, about.began) if out else entry["severity"] == "warning")})
    if not set(found) - set(node_state.NOT_READY):
        found.update({name: entry for name, entry in current.items() if entry["role"] == "symptom" and entry["severity"] == "warning"
                      and (not out or graph.borders(name, node_state.NOT_READY))})
    unexplained = [entry for name, entry in found.items() if entry["role"] == "symptom" and name not in node_state.NOT_READY
                   and not causality.roots(entry, found, graph)]
    found.update({name: entry for name, entry in current.items() if entry["role"] == "presence" and entry["severity"] != "info"
                  and any(graph.borders(name, (symptom["id"],)) and causality.in_time(entry, symptom) for symptom in unexplained)})
    return found


def _gone(entry, about):
    """Known from lines alone, of a family whose failures last, and a look at the state finds nothing of it."""
    return present.family(entry["id"]) in LASTING and node_state.passing(entry) and node_state.state_is_fine(entry, about.checks)


def _deeper(entry, critical, about):
    """Does a failure of less weight, or one that is over, lie under a critical one? A power loss is worth an info until it has cost a
    database; a file system's error is one line, and the read-only mount stays.

    Not what the state shows to be mended, not what ended long before the effect began, and, where the times are not known, only what
    brings the effect about by itself. A symptom only if it does that: pressure on the disk explains the API server that was evicted, and
    not everything else that may follow from it.
    """
    if entry["role"] == "presence" or _gone(entry, about) or node_state.is_hiccup(entry, about):
        return False
    for name, effect in critical.items():
        if name in node_state.NOT_READY or entry["id"] not in about.graph.above(name) or not causality.in_time(entry, effect):
            continue
        borders = about.graph.borders(entry["id"], (name,))
        if entry["role"] == "symptom" and not borders:
            continue
        start = effect["since"] if effect["since"] is not None else about.began
        if not node_state.passing(entry) or (entry["until"] >= start - node_state.BEFORE_ONSET_S if start is not None else borders):
            return True
    return False


def confidence(cause, explained, about):
    """A first cause -> (level, what speaks against it). `explained` are the ids that it explains."""
    against, contradicted, ready = [], False, about.ready["ready"]
    can = about.graph.reaches(cause["id"], node_state.NOT_READY)
    if cause["role"] != "cause":
        level = "likely" if set(explained) - set(node_state.NOT_READY) else "possible"
        if cause["role"] == "symptom":
            against.append("the deeper cause was not found: this is what it leads to")
    else:
        # A kubelet or runtime that is seen to be down is its own effect; otherwise the control plane has to have seen it.
        down = "state" in cause["bases"] and cause["severity"] == "critical" and present.family(cause["id"]) in ("kubelet", "runtime")
        out = ready is False and can and at_onset(cause, about.began) or ready is None and down
        level = "confirmed" if cause["bases"] & {"state", "log"} and (explained or out) else "likely"
        if ready is False and not can and not explained:
            contradicted = True
            against.append("it is not known to take a node out of Ready")
    if ready and can and cause["severity"] == "critical":
        against.append("the API server has the node as Ready")
    if ready is False and can and not at_onset(cause, about.began):
        contradicted = True
        against.append(_beside(cause, about.began))
    if _mended(cause, about):
        contradicted = True
        against.append(f"{present.CHECK_OF[present.family(cause['id'])]} looked and finds nothing of it now")
    elif cause["bases"] <= {"log", "api"} and "log" in cause["bases"] and not explained and level != "confirmed":
        against.append("log lines alone tell of it: what they led to was not seen")
    if contradicted:
        level = LEVELS[max(0, LEVELS.index(level) - 1)]
    if cause["id"] in FROM_OUTSIDE and cause["data"].get("at_most") in LEVELS:
        level = LEVELS[min(LEVELS.index(level), LEVELS.index(cause["data"]["at_most"]))]
        told = cause["data"].get("against")
        if isinstance(told, list):  # the node's word, which may be anything
            against.extend(map(str, told))
    return level, against


def _beside(cause, began):
    """How the times of a cause and of the onset differ, as a sentence."""
    if cause["since"] > began:
        return f"it began {utc.span(cause['since'] - began)} after the node was lost"
    return f"it ended {utc.span(began - cause['until'])} before the node was lost"


def _mended(cause, about):
    """Does the state contradict a log line or an event? Not one so fresh that the fault may come and go."""
    if "state" in cause["bases"] or present.family(cause["id"]) not in LASTING or not node_state.state_is_fine(cause, about.checks):
        return False
    return cause["until"] is None or about.now is None or cause["until"] < about.now - causality.SAMPLED_SLACK


def at_onset(cause, began):
    """Did the cause hold, or happen, at the node's onset (epoch or None)? Unknown times allow it."""
    if began is None or cause["since"] is None:
        return True
    if cause["since"] > began + causality.SAMPLED_SLACK and (not cause["from_start"] or causality.is_moment(cause)):
        return False
    return not node_state.passing(cause) or cause["until"] >= began - node_state.BEFORE_ONSET_S
