# Copyright: kubetriage.node contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a lost node means for what runs on it: replicas, disruption budgets, services, DaemonSets. Pure: API objects in, parts of a view out.

Field names: Kubernetes API reference, apps/v1, policy/v1 and discovery.k8s.io/v1.
"""

import re
from collections import Counter

from ansible_collections.kubetriage.node.plugins.plugin_utils.api_object import dict_of, dicts_of, text_of, time

LIMIT = 30  # of each kind, in a view
_COUNTS = ("here", "wanted", "ready")
# The end of a ReplicaSet's name that its Deployment gives it: rand.SafeEncodeString of a hash; before 1.8 the number itself
_HASH = re.compile(r"-(?:[bcdfghjklmnpqrstvwxz2456789]{1,10}|\d{6,10})$")
# Taints that the DaemonSet controller tolerates for its pods (pkg/controller/daemon/util); network-unavailable for those in the host's network
_TOLERATED = {"node.kubernetes.io/" + name for name in ("not-ready", "unreachable", "disk-pressure", "memory-pressure", "pid-pressure", "unschedulable")}
_UNAVAILABLE = "node.kubernetes.io/network-unavailable"


def owners(pods):
    """Pods of a view -> {(kind, namespace, name): how many are here}, of what makes its pods anew elsewhere."""
    return Counter((pod["owner"]["kind"], pod.get("namespace"), pod["owner"].get("name")) for pod in pods
                   if (pod.get("owner") or {}).get("kind") in ("ReplicaSet", "StatefulSet") and pod.get("phase") not in ("Succeeded", "Failed"))


def namespaces(pods):
    """-> namespaces of those, the ones with most pods first."""
    count = Counter()
    for (_kind, namespace, _name), here in owners(pods).items():
        count[namespace] += here
    return [namespace for namespace, _count in sorted(count.items(), key=lambda each: (-each[1], str(each[0])))]


def replicas(pods, deployments, stateful_sets):
    """Pods of a view, and objects of both kinds -> [{"kind", "namespace", "name", "here", "wanted", "ready"}] of the workloads that run here
    and are known, those with the smallest part of their replicas ready first."""
    known = {(kind, *_name(item)): item for kind, found in (("Deployment", deployments), ("StatefulSet", stateful_sets)) for item in found}
    here = Counter()
    for (kind, namespace, name), count in owners(pods).items():
        key = ("Deployment", namespace, _HASH.sub("", str(name))) if kind == "ReplicaSet" else (kind, namespace, name)
        here[key] += count
    rows = []
    for (kind, namespace, name), count in here.items():
        item = known.get((kind, namespace, name))
        if item is not None:
            wanted = dict_of(item, "spec").get("replicas")
            ready = dict_of(item, "status").get("readyReplicas")
            rows.append({"kind": kind, "namespace": namespace, "name": name, "here": count,
                         "wanted": wanted if _count(wanted) else 1, "ready": ready if _count(ready) else 0})
    return sorted(rows, key=lambda row: (row["ready"] / max(row["wanted"], 1), -row["here"], row["kind"], row["namespace"], row["name"]))[:LIMIT]


def budgets(items, labels):
    """PodDisruptionBudgets, and the labels of the pods here as [(namespace, {label: value})] -> ["namespace/name"] of those that allow no
    disruption and hold one of the pods: a drain waits for them."""
    found = []
    for item in items:
        selector, (namespace, name) = dict_of(dict_of(item, "spec"), "selector"), _name(item)
        if is_spent(item) and any(own == namespace and _selects(selector, of) for own, of in labels):
            found.append(f"{namespace}/{name}")
    return sorted(found)[:LIMIT]


def is_spent(item):
    """Does a PodDisruptionBudget allow nothing now? It says 0 as well while it selects no pod at all."""
    status = dict_of(item, "status")
    return status.get("disruptionsAllowed") == 0 and status.get("expectedPods") != 0


def services(slices, node):
    """EndpointSlices -> ["namespace/name"] of the services that have an endpoint on this node, and none that is ready, here or elsewhere."""
    here, ready = set(), set()
    for item in slices:
        service = dict_of(dict_of(item, "metadata"), "labels").get("kubernetes.io/service-name")
        key = f"{_name(item)[0]}/{service}"
        for endpoint in dicts_of(item, "endpoints") if service else ():
            if endpoint.get("nodeName") == node:
                here.add(key)
            if dict_of(endpoint, "conditions").get("ready") is not False:
                ready.add(key)
    return sorted(here - ready)[:LIMIT]


def missing_agents(items, view):
    """DaemonSets and a view with its pods -> ["namespace/name"] of those that want a pod on this node and have none; [] where its pods are not known."""
    if any(gap.get("what") == "pods of the node" for gap in view.get("not_checked") or ()):
        return []
    there = {(pod.get("namespace"), pod["owner"].get("name")) for pod in view["pods"] if (pod.get("owner") or {}).get("kind") == "DaemonSet"}
    return sorted("/".join(_name(item)) for item in items if _name(item) not in there and wants(item, view))[:LIMIT]


def wants(item, view):
    """Does a DaemonSet want a pod on the Node of this view? As the DaemonSet controller decides: selector, affinity, taints."""
    pod = dict_of(dict_of(dict_of(item, "spec"), "template"), "spec")
    labels = view["labels"]
    if any(labels.get(key) != value for key, value in dict_of(pod, "nodeSelector").items()):
        return False
    required = dict_of(dict_of(dict_of(pod, "affinity"), "nodeAffinity"), "requiredDuringSchedulingIgnoredDuringExecution")
    terms = dicts_of(required, "nodeSelectorTerms")
    if required and not any(_term(term, labels, view["name"]) for term in terms):
        return False
    free = _TOLERATED | ({_UNAVAILABLE} if pod.get("hostNetwork") is True else set())
    return all(taint.get("effect") not in ("NoSchedule", "NoExecute") or taint.get("key") in free
               or any(_tolerates(entry, taint) for entry in dicts_of(pod, "tolerations")) for taint in view["taints"])


def rollouts(items, daemon_sets, view):
    """ControllerRevisions (their metadata), DaemonSets and a view -> changes [{"time", "what", "source"}]: new versions of the agents of this
    node, the newest first. A rollback takes up an old revision, and is not seen."""
    wanted = {_name(item) for item in daemon_sets if wants(item, view)}
    found = []
    for item in items:
        meta = dict_of(item, "metadata")
        owner = next((entry.get("name") for entry in dicts_of(meta, "ownerReferences") if entry.get("kind") == "DaemonSet"), None)
        if (text_of(meta, "namespace"), owner) in wanted and time(meta.get("creationTimestamp")):
            found.append({"time": time(meta["creationTimestamp"]), "what": f"DaemonSet {text_of(meta, 'namespace')}/{owner} was rolled out",
                          "source": f"ControllerRevision {text_of(meta, 'name')}"})
    return sorted(found, key=lambda change: (change["time"], change["what"]), reverse=True)[:LIMIT]


def impact(view):
    """What the view's workloads say -> dict, each key only where it was read: see docs/schema/node.schema.json.

    lost        the workloads with fewer replicas ready than wanted, as in `replicas`
    single      ["Deployment shop/db"]: all of their replicas are on this node
    budgets, services, daemonsets   as in `budgets`, `services`, `missing_agents`
    attached    names of the volumes that are attached to the Node, if a pod of a StatefulSet is here: it starts nowhere else before they are off
    """
    told = view.get("workloads") or {}
    rows = [{**{key: text_of(row, key) for key in ("kind", "namespace", "name")}, **{key: row[key] for key in _COUNTS}}
            for row in dicts_of(told, "replicas")[:LIMIT] if all(_count(row.get(key)) for key in _COUNTS)]
    found = {}
    if "replicas" in told:
        found["lost"] = [row for row in rows if row["ready"] < row["wanted"]]
        found["single"] = [f"{row['kind']} {row['namespace']}/{row['name']}" for row in rows if 0 < row["wanted"] <= row["here"]]
    for key in ("budgets", "services", "daemonsets"):
        if isinstance(told.get(key), list):
            found[key] = [name for name in told[key] if isinstance(name, str)][:LIMIT]
    if any((pod.get("owner") or {}).get("kind") == "StatefulSet" for pod in view.get("pods") or ()):
        found["attached"] = [name for name in (text_of(entry, "name") for entry in view.get("attached") or ()) if name][:LIMIT]
    return found


def _name(item):
    meta = dict_of(item, "metadata")
    return text_of(meta, "namespace"), text_of(meta, "name")


def _count(value):
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0


def _selects(selector, labels):
    """metav1.LabelSelector; an empty one selects all (policy/v1)."""
    return (all(labels.get(key) == value for key, value in dict_of(selector, "matchLabels").items())
            and all(_matches(entry, labels) for entry in dicts_of(selector, "matchExpressions")))


def _term(term, labels, name):
    return (all(_matches(entry, labels) for entry in dicts_of(term, "matchExpressions"))
            and all(_matches(entry, {"metadata.name": name}) for entry in dicts_of(term, "matchFields")))


def _matches(entry, labels):
    key, values = entry.get("key"), entry.get("values") if isinstance(entry.get("values"), list) else []
    value, operator = labels.get(key), entry.get("operator")
    if operator in ("Gt", "Lt"):
        try:
            return int(value) > int(values[0]) if operator == "Gt" else int(value) < int(values[0])
        except (TypeError, ValueError, IndexError):
            return False
    return {"In": value in values, "NotIn": value not in values, "Exists": key in labels, "DoesNotExist": key not in labels}.get(operator, False)


def _tolerates(entry, taint):
    if entry.get("effect") not in (None, "", taint.get("effect")):
        return False
    if not entry.get("key"):
        return entry.get("operator") == "Exists"
    return entry["key"] == taint.get("key") and (entry.get("operator") == "Exists" or (entry.get("value") or "") == (taint.get("value") or ""))
