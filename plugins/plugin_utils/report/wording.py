# Copyright: kubetriage.node contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the reports say alike, in words: states, scope, impact, gaps. All of it is plain text (`plain`)."""

from ansible_collections.kubetriage.node.plugins.plugin_utils import changes, utc
from ansible_collections.kubetriage.node.plugins.plugin_utils.report.plain import plain

STATES = ("not_ready", "unreachable", "degraded", "unknown", "healthy")  # the worst first
_CHANGES = 3


def state(name):
    """"not_ready" -> "not ready"."""
    return name.replace("_", " ")


def nodes(count):
    """1 -> "1 node", 3 -> "3 nodes"."""
    return f"{count} node" + ("" if count == 1 else "s")


def totals(fleet):
    """Fleet report -> "24 nodes: 1 not ready, 23 healthy"."""
    counted = [f"{fleet['totals'][name]} {state(name)}" for name in STATES if fleet["totals"].get(name)]
    return nodes(sum(fleet["totals"].values())) + ": " + ", ".join(counted)


def lasting(content):
    """A node's artifact -> how long its state has lasted at the time of the look, "7m12s"; "" if not known."""
    since, now = utc.seconds(content["verdict"]["since"]), utc.seconds(content["collected_at"])
    return utc.span(now - since) if since is not None and now is not None and now >= since else ""


def scope(content):
    """-> "only this node (1 of 24)" or "5 of 24 nodes are not ready"; "" when the control plane did not say."""
    cluster = (content["control_plane"] or {}).get("cluster") or {}
    count, lost = cluster.get("nodes"), cluster.get("not_ready") or []
    lost = cluster["lost"] if isinstance(cluster.get("lost"), int) else len(lost)
    if not count or not lost:
        return ""
    if lost == 1 and (cluster.get("not_ready") or [content["node"]]) == [content["node"]] and content["verdict"]["state"] in ("not_ready", "unreachable"):
        return f"only this node (1 of {count})"
    return f"{lost} of {nodes(count)} not ready"


def intended(content):
    """-> "kubectl-cordon cordoned the node (12m05s ago); kured reboots the node": what was meant to happen; "" when nothing tells."""
    now = utc.seconds(content["collected_at"])
    parts = []
    for sign in content["verdict"].get("intent") or ():
        at = utc.seconds(sign["since"])
        ago = f" ({utc.span(now - at)} ago)" if at is not None and now is not None and now >= at else ""
        parts.append(f"{plain(sign['who'], 60)} {plain(sign['what'], 100)}{ago}")
    return "; ".join(dict.fromkeys(parts))


def impact(content):
    """The verdict's impact -> "9 pods; the first is evicted in 3m48s; ..."; "" when there is none, or the node is Ready."""
    told = content["verdict"]["impact"]
    if not told.get("pods") or content["verdict"]["state"] not in ("not_ready", "unreachable"):
        return ""
    parts = [f"{told['pods']} pod" + ("" if told["pods"] == 1 else "s")]
    if told.get("evictions") == "stopped":
        parts.append("none is evicted: to the controller manager all nodes are lost")
    elif told.get("evicts_in_s"):
        parts.append(f"the first is evicted in {utc.span(told['evicts_in_s'])}")
    elif told.get("evicts_at"):
        parts.append("eviction is due")
    if told.get("evictions") == "slowed":
        parts.append("evictions are slowed: a part of the zone is lost")
    if told.get("terminating"):
        parts.append(f"{told['terminating']} terminating")
    for key, what in (("stateful", "of a StatefulSet, made anew only when this one is gone"),
                      ("unmanaged", "without an owner, made anew by nobody")):
        names = [plain(name, 80) for name in told.get(key) or ()]
        if names:
            parts.append(_few(names) + f": {what}")
    return "; ".join(parts + _workloads(told))


def _workloads(told):
    """What the loss means for what runs there -> ["services without an endpoint: shop/db", ...]."""
    single = told.get("single") or ()
    lost = [(f"{row['kind']} {row['namespace']}/{row['name']}", f"{row['ready']} of {row['wanted']}") for row in told.get("lost") or ()]
    lost = [f"{name} ({ready}{', all here' if name in single else ''})" for name, ready in lost]
    return [f"{what}: {_few([plain(name, 100) for name in names])}" for what, names in (
        ("services without an endpoint", told.get("services")), ("replicas ready", lost),
        ("volumes still attached", told.get("attached")), ("no disruption allowed", told.get("budgets")),
        ("DaemonSets missing here", told.get("daemonsets"))) if names]


def _few(names):
    return ", ".join(names[:3]) + (f" and {len(names) - 3} more" if len(names) > 3 else "")


def changed(content):
    """-> what was changed last before the onset, the nearest first, each "23:58:07Z (14m12s before) /etc/hosts was written (mtime)"."""
    verdict, told = content["verdict"], []
    begun = utc.seconds(verdict["since"] or content["collected_at"])
    for change in changes.before(verdict.get("changes") or (), verdict["since"], _CHANGES):
        ago = utc.span(begun - utc.seconds(change["time"])) if begun is not None else ""
        when = clock(change["time"], (content["collected_at"] or "")[:10])
        told.append(f"{when} ({ago} before) {plain(change['what'], 160)} ({plain(change['source'], 60)})")
    return told


def recurrence(content):
    """-> "third runtime.hung here in 7 days; ..."; "" when it is the first time."""
    return plain((content["verdict"].get("recurrence") or {}).get("text"), 300)


def thing(subject):
    """A finding's subject -> what it is about, "shop/leaky-x2x8p" or "/var"; "" if it does not say."""
    if subject.get("pod"):
        return plain("/".join(str(subject[key]) for key in ("namespace", "pod") if subject.get(key)), 80)
    keys = ("mount", "unit", "device", "interface", "plugin", "file", "pod_uid", "server")
    return next((plain(subject[key], 80) for key in keys if subject.get(key)), "")


def finding(found):
    """A finding of a verdict -> "disk.nearly_full /var: 81 % of 19.5 GiB used (info)"."""
    about = thing(found["subject"])
    if found["over"]:
        said, note = "", "over since " + clock(found["until"]) if found["until"] else "over"
    else:
        said, note = plain(found["evidence"][0]["text"], 60) if found["evidence"] else "", found["severity"]
    return plain(found["id"]) + (f" {about}" if about else "") + (f": {said}" if said else "") + f" ({note})"


def gap(found):
    """Something not checked -> "SMART (smartctl not installed)"."""
    return f"{plain(found['what'], 120)} ({plain(found['why'], 200)})"


def error(content):
    """Why the node was not reached; "" if it was."""
    return "" if content["reach"].get("ok") else plain(content["reach"].get("error"))


def unseen(content):
    """The verdict's gaps, but for the one that `error` says already -> ["SMART (smartctl not installed)"]."""
    return [gap(found) for found in content["verdict"]["not_checked"] if plain(found["why"]) != (error(content) or None)]


def against(verdict):
    """What speaks against the causes, in one list; from the second cause on with its number."""
    return [(f"cause {number}: " if number > 1 else "") + plain(said)
            for number, cause in enumerate(verdict["causes"], 1) for said in cause["against"]]


def clock(time, day=None):
    """"2026-11-23T02:13:07Z" -> "02:13:07Z", with its date if that is not `day`; None -> ""."""
    text = plain(time, 24)
    return text[11:] if len(text) == 20 and (day is None or text[:10] == day) else text


def links(content):
    """The chain of a verdict -> its ids, and NotReady at the end of it if that is where it leads; [] when there is nothing to link."""
    chain = [plain(name) for name in content["verdict"]["chain"]]
    if content["verdict"]["state"] == "not_ready" and chain:
        chain = [name for name in chain if name not in ("kubelet.not_ready", "kubelet.not_posting")] + ["NotReady"]
    return chain if len(chain) > 1 else []


def quotes(content, limit):
    """The evidence to show first: the first cause's, then one of each failure on the chain, then one of each further cause."""
    verdict = content["verdict"]
    if not verdict["causes"]:
        return []
    symptoms = {symptom["id"]: symptom for symptom in verdict["symptoms"]}
    chained = [symptoms[name] for name in verdict["chain"] if name in symptoms] + verdict["causes"][1:]
    later = [each["evidence"][0] for each in chained if each["evidence"]]
    first = verdict["causes"][0]["evidence"]
    chosen = first[:max(1, limit - min(len(later), 2))] + later
    return [quote for quote in chosen if plain(quote["text"]) != (error(content) or None)][:limit]


def fleet_gaps(fleet):
    """-> "5 nodes: control plane's view (the API server does not accept ...)": what was not checked of several, the control plane first, without the
    nodes that were not reached: their state says so."""
    gaps = [found for found in fleet["not_checked"] if found["what"] != "the node itself"]
    gaps.sort(key=lambda found: (found["what"] != "control plane's view", -len(found["nodes"]), found["what"], found["why"]))
    return [f"{nodes(len(found['nodes']))}: {gap(found)}" for found in gaps]
