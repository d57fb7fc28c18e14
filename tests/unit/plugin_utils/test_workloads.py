# Copyright: kubetriage.node contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a lost node means for what runs on it, from the objects as the API server prints them; and which of them are read for which nodes."""

import json
import pathlib

import jsonschema
import pytest
from ansible_collections.kubetriage.node.plugins.plugin_utils import api_object, workload_reads, workloads
from ansible_collections.kubetriage.node.plugins.plugin_utils.cluster_error import ReadFailed
from ansible_collections.kubetriage.node.plugins.plugin_utils.cluster_reads import Reads

SCHEMA = json.loads((pathlib.Path(__file__).parents[3] / "docs" / "schema" / "node.schema.json").read_text(encoding="utf-8"))


def pod(owner, name="p", namespace="shop", phase="Running"):
    kind, _slash, owner = owner.partition("/")
    return {"namespace": namespace, "name": name, "phase": phase, "owner": {"kind": kind, "name": owner} if kind else None}


def named(name, namespace="shop", **rest):
    return dict({"metadata": {"namespace": namespace, "name": name}}, **rest)


def scaled(name, wanted, ready, namespace="shop"):
    return named(name, namespace, spec={"replicas": wanted}, status={"readyReplicas": ready} if ready else {})


def view(ready="Unknown", pods=(), labels=(), taints=(), **rest):
    found = api_object.empty_view("w1")
    found.update(conditions=[{"type": "Ready", "status": ready}], pods=list(pods), labels=dict(labels), taints=list(taints), **rest)
    return found


def told(**workloads_):
    found = workloads.impact(view(workloads=workloads_))
    jsonschema.validate(found, dict(SCHEMA["$defs"]["impact"], **{"$defs": SCHEMA["$defs"]}))
    return found


@pytest.mark.parametrize("pods, deployments, sets, rows", [
    ([pod("ReplicaSet/front-7d4f9c5b6b")] * 2, [scaled("front", 3, 1)], [], [("Deployment", "front", 2, 3, 1)]),
    ([pod("ReplicaSet/front-1529868394")], [scaled("front", 1, 0)], [], [("Deployment", "front", 1, 1, 0)]),  # Kubernetes 1.7
    ([pod("StatefulSet/db")], [scaled("db", 5, 5)], [scaled("db", 3, 2)], [("StatefulSet", "db", 1, 3, 2)]),
    ([pod("ReplicaSet/front-7d4f9c5b6b"), pod("StatefulSet/db")], [scaled("front", 4, 3)], [scaled("db", 1, 0)],
     [("StatefulSet", "db", 1, 1, 0), ("Deployment", "front", 1, 4, 3)]),  # what suffers most first
    ([pod("ReplicaSet/front-7d4f9c5b6b", namespace="other")], [scaled("front", 3, 1)], [], []),
    ([pod("ReplicaSet/bare"), pod("DaemonSet/front"), pod("Job/front"), pod("Node/w1"), pod("")], [scaled("front", 3, 1)], [], []),
    ([pod("ReplicaSet/front-7d4f9c5b6b", phase="Failed")], [scaled("front", 3, 1)], [], []),
])
def test_replicas(pods, deployments, sets, rows):
    found = workloads.replicas(pods, deployments, sets)
    assert [(row["kind"], row["name"], row["here"], row["wanted"], row["ready"]) for row in found] == rows


def test_which_replicas_are_lost_and_which_are_all_here():
    rows = workloads.replicas([pod("ReplicaSet/a-7d4f9c5b6b")] * 2 + [pod("StatefulSet/b"), pod("StatefulSet/c")],
                              [scaled("a", 2, 0)], [scaled("b", 2, 1), scaled("c", 3, 3)])
    found = told(replicas=rows)
    assert [row["name"] for row in found["lost"]] == ["a", "b"]
    assert found["single"] == ["Deployment shop/a"]
    assert told() == {} and told(budgets=["shop/a"]) == {"budgets": ["shop/a"]}


@pytest.mark.parametrize("owner, attached", [("StatefulSet/db", ["kubernetes.io/csi/ebs.csi.aws.com^vol-0a"]), ("ReplicaSet/front-7d4f9c5b6b", None)])
def test_volumes_that_hold_a_stateful_set_up(owner, attached):
    node = api_object.node({"status": {"volumesAttached": [{"name": "kubernetes.io/csi/ebs.csi.aws.com^vol-0a", "devicePath": ""}, None, {}]}})
    assert workloads.impact(view(pods=[pod(owner)], attached=node["attached"])).get("attached") == attached


@pytest.mark.parametrize("workloads_", [
    {"replicas": 7, "budgets": 7, "services": [7, None], "daemonsets": {}},
    {"replicas": [None, {"here": "1", "wanted": 1, "ready": 0}, {"here": True, "wanted": 1, "ready": 0}, {"here": 1, "wanted": 2, "ready": -1}]},
    {"replicas": [{"here": 1, "wanted": 1, "ready": 0, "kind": ["x"], "name": {}, "more": 1}] * 99, "services": ["x"] * 99},
])
def test_a_bundle_may_say_anything(workloads_):
    told(**workloads_)


def budget(allowed, expected=1, namespace="shop", **selector):
    return named("pdb", namespace, spec={"selector": selector}, status={"disruptionsAllowed": allowed, "expectedPods": expected})


@pytest.mark.parametrize("item, holds", [
    (budget(0, matchLabels={"app": "db"}), True),
    (budget(1, matchLabels={"app": "db"}), False),
    (budget(0, expected=0, matchLabels={"app": "db"}), False),
    (budget(0, matchLabels={"app": "other"}), False),
    (budget(0, namespace="other", matchLabels={"app": "db"}), False),
    (budget(0), True),
    (budget(0, matchExpressions=[{"key": "app", "operator": "In", "values": ["db", "x"]}]), True),
    (budget(0, matchExpressions=[{"key": "app", "operator": "NotIn", "values": ["db"]}]), False),
    (budget(0, matchExpressions=[{"key": "tier", "operator": "Exists"}]), False),
    (budget(0, matchExpressions=[{"key": "tier", "operator": "DoesNotExist"}]), True),
    (budget(0, matchExpressions=[{"key": "app", "operator": "Sounds"}]), False),
])
def test_budgets_that_allow_nothing(item, holds):
    assert workloads.budgets([item], [("shop", {"app": "db"})]) == (["shop/pdb"] if holds else [])


def slice_of(service, *endpoints):
    return {"metadata": {"namespace": "shop", "name": service + "-x", "labels": {"kubernetes.io/service-name": service}},
            "endpoints": [{"nodeName": node, "conditions": {} if ready is None else {"ready": ready}} for node, ready in endpoints] or None}


@pytest.mark.parametrize("slices, without", [
    ([slice_of("db", ("w1", False))], True),
    ([slice_of("db", ("w1", False), ("w2", False))], True),
    ([slice_of("db", ("w1", True))], False),
    ([slice_of("db", ("w1", None))], False),  # not told means ready
    ([slice_of("db", ("w1", False)), slice_of("db", ("w2", True))], False),
    ([slice_of("db", ("w2", False))], False),  # not by this node's loss
    ([slice_of("db")], False),
])
def test_services_without_an_endpoint(slices, without):
    assert workloads.services(slices, "w1") == (["shop/db"] if without else [])


def agent(**pod_):
    return named("agent", "kube-system", spec={"template": {"spec": pod_}})


def required(*terms):
    return {"nodeAffinity": {"requiredDuringSchedulingIgnoredDuringExecution": {"nodeSelectorTerms": list(terms)}}}


def expression(key, operator, *values):
    return {"matchExpressions": [{"key": key, "operator": operator, "values": list(values)}]}


TAINT = {"key": "dedicated", "value": "gpu", "effect": "NoSchedule"}


@pytest.mark.parametrize("item, taints, wanted", [
    (agent(), [], True),
    (agent(nodeSelector={"os": "linux"}), [], True),
    (agent(nodeSelector={"os": "windows"}), [], False),
    (agent(affinity=required(expression("os", "In", "linux"))), [], True),
    (agent(affinity=required(expression("os", "NotIn", "linux"))), [], False),
    (agent(affinity=required(expression("gpu", "Exists"), expression("os", "Exists"))), [], True),
    (agent(affinity=required()), [], False),  # no term matches nothing
    (agent(affinity=required(expression("cores", "Gt", "4"))), [], True),
    (agent(affinity=required(expression("cores", "Lt", "4"))), [], False),
    (agent(affinity=required(expression("os", "Gt", "4"))), [], False),
    (agent(affinity=required({"matchFields": [{"key": "metadata.name", "operator": "In", "values": ["w1"]}]})), [], True),
    (agent(affinity=required({"matchFields": [{"key": "metadata.name", "operator": "In", "values": ["w2"]}]})), [], False),
    (agent(), [{"key": "node.kubernetes.io/unreachable", "value": None, "effect": "NoExecute"}], True),
    (agent(), [{"key": "node.kubernetes.io/unschedulable", "value": None, "effect": "NoSchedule"}], True),
    (agent(), [{"key": "node.kubernetes.io/network-unavailable", "value": None, "effect": "NoSchedule"}], False),
    (agent(hostNetwork=True), [{"key": "node.kubernetes.io/network-unavailable", "value": None, "effect": "NoSchedule"}], True),
    (agent(), [TAINT], False),
    (agent(), [dict(TAINT, effect="PreferNoSchedule")], True),
    (agent(tolerations=[{"key": "dedicated", "value": "gpu"}]), [TAINT], True),
    (agent(tolerations=[{"key": "dedicated", "value": "db"}]), [TAINT], False),
    (agent(tolerations=[{"key": "dedicated", "operator": "Exists", "effect": "NoExecute"}]), [TAINT], False),
    (agent(tolerations=[{"operator": "Exists"}]), [TAINT], True),
])
def test_whether_a_daemon_set_wants_a_pod_here(item, taints, wanted):
    here = view(labels={"os": "linux", "cores": "8"}, taints=taints)
    assert workloads.wants(item, here) is wanted
    assert workloads.missing_agents([item], here) == (["kube-system/agent"] if wanted else [])
    here["pods"] = [pod("DaemonSet/agent", namespace="kube-system")]
    assert workloads.missing_agents([item], here) == []


def revision(owner, created, kind="DaemonSet", namespace="kube-system"):
    return {"metadata": {"namespace": namespace, "name": owner + "-6b7", "creationTimestamp": created,
                         "ownerReferences": [{"kind": kind, "name": owner, "controller": True}]}}


def test_rollouts_are_those_of_the_agents_of_this_node():
    items = [revision("agent", "2026-11-20T00:00:00Z"), revision("agent", "2026-11-23T02:00:00Z"), revision("agent", None),
             revision("other", "2026-11-23T02:00:00Z"), revision("agent", "2026-11-23T02:00:00Z", kind="StatefulSet"), {}]
    assert workloads.rollouts(items, [agent()], view()) == [
        {"time": time, "what": "DaemonSet kube-system/agent was rolled out", "source": "ControllerRevision agent-6b7"}
        for time in ("2026-11-23T02:00:00Z", "2026-11-20T00:00:00Z")]
    assert workloads.rollouts(items, [agent(nodeSelector={"a": "b"})], view()) == []


class Api:
    """Answers each list with one object of its kind for namespace `shop`, or with an error. `asked`: the paths."""

    FOUND = {"deployments": scaled("front", 1, 0), "statefulsets": scaled("db", 1, 0), "daemonsets": agent(),
             "controllerrevisions": revision("agent", "2026-11-23T02:00:00Z"), "poddisruptionbudgets": budget(0, matchLabels={"app": "front"}),
             "endpointslices": slice_of("front", ("w1", False)), "pods": {"metadata": {"namespace": "shop", "labels": {"app": "front"}}},
             "volumeattachments": {}, "certificatesigningrequests": {}}

    def __init__(self, *broken, endless=False):
        self.asked, self.broken, self.endless = [], broken, endless

    def get(self, path, query=(), accept="application/json"):
        self.asked.append(path)
        resource = path.rpartition("/")[2]
        if resource in self.broken:
            raise ReadFailed(f"forbidden: {resource}", 403)
        return {"items": [self.FOUND[resource]], "metadata": {"continue": "more"} if self.endless else {}}


PODS = [pod("ReplicaSet/front-7d4f9c5b6b")]


def read(views, *broken, **options):
    api = Api(*broken, **options)
    workload_reads.read(Reads(api, 60), views)
    return api


def test_a_node_in_trouble_is_read():
    lost = view(pods=PODS, labels={"os": "linux"})
    api = read([lost])
    assert len(api.asked) == 9 and "/apis/apps/v1/namespaces/shop/deployments" in api.asked
    assert workloads.impact(lost) == {
        "lost": [{"kind": "Deployment", "namespace": "shop", "name": "front", "here": 1, "wanted": 1, "ready": 0}],
        "single": ["Deployment shop/front"], "budgets": ["shop/pdb"], "services": ["shop/front"], "daemonsets": ["kube-system/agent"]}
    assert [change["what"] for change in lost["changes"]] == ["DaemonSet kube-system/agent was rolled out"]
    assert lost["not_checked"] == []


@pytest.mark.parametrize("resource, missing, what", [
    ("deployments", "lost", None), ("statefulsets", None, "replicas of StatefulSets"), ("poddisruptionbudgets", "budgets", "disruption budgets"),
    ("pods", "budgets", "disruption budgets"), ("endpointslices", "services", "endpoints of services"), ("daemonsets", "daemonsets", "DaemonSets"),
    ("controllerrevisions", None, "rollouts of DaemonSets")])
def test_what_is_denied_is_one_line_and_costs_no_more(resource, missing, what):
    lost = view(pods=PODS, labels={"os": "linux"})
    read([lost], resource)
    gap, = lost["not_checked"]
    assert gap["why"] == f"forbidden: {resource}" and gap["what"] == (what or "replicas of Deployments")
    whole = {"lost", "single", "budgets", "services", "daemonsets"}
    said = {key for key, value in workloads.impact(lost).items() if value}
    assert said == whole - ({"lost", "single"} if missing == "lost" else {missing})


@pytest.mark.parametrize("views, read_", [
    ([view("True")], False), ([view("False")], True), ([view("Unknown")], True), ([view("True", unschedulable=True)], True),
    ([view("True", lease={"renewed": "2026-11-23T02:00:00Z"}, read_at="2026-11-23T02:10:00Z")], True),
    ([api_object.empty_view("w1")], False), ([], False)])
def test_only_nodes_in_trouble_are_read(views, read_):
    assert bool(read(views).asked) is read_


def test_many_nodes_in_trouble_are_not_read_and_say_so():
    views = [view(pods=PODS) for _number in range(11)]
    assert read(views).asked == []
    assert {gap["why"] for each in views for gap in each["not_checked"]} == {"11 nodes are in trouble; -l NODE reads them"}


def test_lists_and_namespaces_are_bounded():
    lost = view(pods=[pod("ReplicaSet/front-7d4f9c5b6b", namespace=f"n{number}") for number in range(40)])
    api = read([lost], "pods", endless=True)
    assert len(api.asked) <= 4 * (4 * 10 + 4) + 1
    assert {gap["what"] for gap in lost["not_checked"]} >= {"workloads of the pods", "replicas of Deployments", "DaemonSets"}
