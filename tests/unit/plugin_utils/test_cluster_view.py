# Copyright: kubetriage.node contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which reads are made for which hosts, and what of them is lost when one is denied."""

import pytest
from ansible_collections.kubetriage.node.plugins.plugin_utils import cluster_reads, cluster_view
from ansible_collections.kubetriage.node.plugins.plugin_utils.cluster_error import ClusterError, ReadFailed

NODES, PODS = "/api/v1/nodes", "/api/v1/pods"
LOG = "/api/v1/namespaces/kube-system/pods/kube-controller-manager-cp/log"
LEASES = "/apis/coordination.k8s.io/v1/namespaces/kube-node-lease/leases"
EVENTS = "/api/v1/namespaces/default/events"
OF_TROUBLE = ["/apis/apps/v1/daemonsets", "/apis/apps/v1/controllerrevisions", "/apis/storage.k8s.io/v1/volumeattachments",
              "/apis/certificates.k8s.io/v1/certificatesigningrequests"]  # pods without a workload have no more to ask for
COLUMNS = [{"name": name} for name in ("Name", "Status", "Roles", "Age", "Version", "Internal-IP", "External-IP", "OS-Image")]


def node(number, ready="True"):
    return {
        "metadata": {"name": f"n{number}", "managedFields": [{"manager": "kubelet"}]},
        "status": {
            "addresses": [{"type": "InternalIP", "address": f"10.0.0.{number}"}],
            "conditions": [{"type": "Ready", "status": ready}],
        },
    }


def pod(number, on):
    return {"metadata": {"namespace": "a", "name": f"p{number}", "uid": f"u{number}"}, "spec": {"nodeName": on, "containers": []}}


class Api:
    """A cluster of `count` Nodes with two pods each, and the requests made to it. `broken`: {path: exception}; `told`: as since 1.15."""

    server = "https://api"

    def __init__(self, count, broken=None, table=True, page=500, not_ready=(), told=True):
        self.nodes = {f"n{number}": node(number, "Unknown" if number in not_ready else "True") for number in range(count)}
        self.pods = [pod(2 * number + half, f"n{number}") for number in range(count) for half in (0, 1)]
        self.broken, self.table, self.page, self.told = broken or {}, table, page, told
        self.asked = []
        self.etcd_fails = False
        self.manager = {"metadata": {"namespace": "kube-system", "name": "kube-controller-manager-cp"}, "spec": {"containers": [
            {"command": ["kube-controller-manager", "--node-monitor-grace-period=1m30s"]}]}}

    def now(self):
        return 1795400130.0

    def text(self, path, limit):
        if path.startswith("/api/v1/namespaces/kube-system/pods/"):
            self.asked.append((path.partition("?")[0], {}))
            if path.partition("?")[0] in self.broken:
                return self.broken[path.partition("?")[0]]
            return 200, ('2026-11-23T02:13:47Z I1123 02:13:47.1 1 node_lifecycle_controller.go:1100] "Node has not been updated" node="n7"\n'
                         '2026-11-23T02:13:47Z I1123 02:13:47.2 1 node_lifecycle_controller.go:1100] "Node has not been updated" node="n77"\n')
        assert path in ("/livez?verbose", "/readyz?verbose") and limit
        return 200, "[+]ping ok\n[-]etcd failed: reason withheld\nreadyz check failed\n" if self.etcd_fails else "[+]ping ok\nreadyz check passed\n"

    def get(self, path, query=(), accept="application/json"):
        query = dict(query)
        self.asked.append((path, query))
        if path in self.broken:
            raise self.broken[path]
        if path == NODES:
            items = list(self.nodes.values())
            if self.table and "as=Table" in accept:
                return {
                    "kind": "Table",
                    "columnDefinitions": COLUMNS,
                    "metadata": {},
                    "rows": [
                        {
                            "cells": [
                                item["metadata"]["name"],
                                "Ready,SchedulingDisabled" if item["status"]["conditions"][0]["status"] == "True" else "NotReady",
                                "<none>",
                                "1d",
                                "v1.35.4",
                                item["status"]["addresses"][0]["address"],
                                "<none>",
                                "Debian",
                            ],
                            "object": None,
                        }
                        for item in items
                    ],
                }
        elif path in ("/api/v1/namespaces/kube-system/pods", "/api/v1/namespaces/openshift-kube-controller-manager/pods"):
            place = "kube-system" in path and query["labelSelector"] == "component=kube-controller-manager"
            items = [self.manager] if self.manager and place else []
        elif path == PODS:
            items = self.pods
            if "fieldSelector" in query:
                items = [item for item in items if "spec.nodeName=" + item["spec"]["nodeName"] == query["fieldSelector"]]
        elif path == LEASES:
            items = [{"metadata": {"name": name}, "spec": {"holderIdentity": name}} for name in self.nodes]
        elif path == EVENTS:
            items = [
                {"involvedObject": {"name": name}, "reason": "Starting"}
                for name in self.nodes
                if query["fieldSelector"].endswith((name, "=Node"))
            ]
        elif path.startswith(("/apis/apps/", "/apis/policy/", "/apis/discovery.k8s.io/", "/apis/storage.k8s.io/", "/apis/certificates.k8s.io/")):
            items = []
        else:
            name = path.rsplit("/", 1)[1]
            if name not in self.nodes:
                raise ReadFailed("HTTP 404: not found", 404)
            return self.nodes[name] if path.startswith(NODES) else {"metadata": {"name": name}, "spec": {"holderIdentity": name}}
        start = int(query.get("continue", 0))
        following = start + self.page
        meta = {"continue": str(following)} if following < len(items) else {}
        if meta and self.told and "fieldSelector" not in query:
            meta["remainingItemCount"] = len(items) - following
        return {"items": items[start:following], "metadata": meta}


def forbidden(what):
    return ReadFailed(f'forbidden: User "bob" cannot {what}', 403)


def test_a_node_in_trouble_of_many_costs_eleven_requests_and_two_for_what_it_shares_with_another():
    api = Api(5000, not_ready={7, 9})
    seen = cluster_view.read_cluster(api, {"n7": []}, 60)
    wanted = [NODES, f"{NODES}/n7", f"{LEASES}/n7", PODS, EVENTS] + OF_TROUBLE + ["/api/v1/namespaces/kube-system/pods", LOG] + [NODES, f"{NODES}/n9"]
    assert sorted(path for path, _query in api.asked) == sorted(wanted)
    assert api.asked[0][1] == {"limit": 250, "resourceVersion": "0", "includeObject": "None"}
    view = seen["views"]["n7"]
    assert view["conditions"][0]["status"] == "Unknown"
    assert view["lease"]["holder"] == "n7" and view["events"][0]["reason"] == "Starting" and len(view["pods"]) == 2
    assert view["read_at"] == seen["read_at"] == "2026-11-23T02:15:30Z"
    assert (seen["cluster"]["nodes"], seen["cluster"]["not_ready"], seen["cluster"]["api_failed"]) == (5000, ["n7", "n9"], [])
    assert set(seen["cluster"]["lost"]) == {"n7", "n9"} and (seen["not_checked"], view["not_checked"]) == ([], [])


@pytest.mark.parametrize(
    "count, wanted, single", [(3, 3, True), (24, 4, True), (24, 7, False), (5000, 100, True), (5000, 101, False), (8, 4, False)]
)
def test_many_nodes_are_read_in_whole_lists(count, wanted, single):
    api = Api(count, page=300)
    seen = cluster_view.read_cluster(api, {f"n{number}": [] for number in range(wanted)}, 60)
    assert (PODS in {path for path, query in api.asked if "fieldSelector" not in query}) is not single
    assert sorted(seen["views"]) == sorted(f"n{number}" for number in range(wanted))
    assert all(len(view["pods"]) == 2 and view["lease"] and view["events"] for view in seen["views"].values())


def test_both_ways_give_the_same_view():
    few = cluster_view.read_cluster(Api(24), {"n1": []}, 60)["views"]["n1"]
    assert cluster_view.read_cluster(Api(24), None, 60)["views"]["n1"] == few
    assert cluster_view.read_cluster(Api(24, table=False), {"n1": []}, 60)["views"]["n1"] == few


def test_several_nodes_share_one_list_of_events():
    api = Api(24)
    views = cluster_view.read_cluster(api, {"n1": [], "n2": []}, 60)["views"]
    assert [query["fieldSelector"] for path, query in api.asked if path == EVENTS] == ["involvedObject.kind=Node"]
    assert [len(view["events"]) for view in views.values()] == [1, 1]


@pytest.mark.parametrize("told", [True, False])
def test_of_many_pods_those_on_nodes_in_trouble_are_read(monkeypatch, told):
    monkeypatch.setattr(cluster_view, "_MANY_PODS", 30)
    api = Api(24, not_ready={7, 9}, page=20, told=told)
    views = cluster_view.read_cluster(api, None, 60)["views"]
    assert {name for name, view in views.items() if view["pods"]} == {"n7", "n9"}
    assert views["n7"]["not_checked"] == []
    why = "of more than 30 pods only those on nodes in trouble are read; -l NODE reads them"
    assert views["n1"]["not_checked"] == [{"what": "pods of the node", "why": why}]
    assert len([path for path, query in api.asked if path == PODS and "labelSelector" not in query]) == (3 if told else 4)


def test_pods_of_all_nodes_in_trouble_may_be_too_many_as_well(monkeypatch):
    monkeypatch.setattr(cluster_view, "_MANY_PODS", 30)
    views = cluster_view.read_cluster(Api(240, not_ready=set(range(200))), None, 60)["views"]
    read = [name for name, view in views.items() if view["pods"]]
    assert 15 <= len(read) <= 15 + 8  # threads that had begun
    whys = {gap["why"] for view in views.values() for gap in view["not_checked"] if not view["pods"]}
    assert whys == {"there are more than 30 pods on nodes in trouble; -l NODE reads them",
                    "of more than 30 pods only those on nodes in trouble are read; -l NODE reads them",
                    "200 nodes are in trouble; -l NODE reads them"}


def test_few_pods_are_all_read_in_one_list():
    api = Api(24, not_ready={7})
    assert all(len(view["pods"]) == 2 for view in cluster_view.read_cluster(api, None, 60)["views"].values())
    assert [query for path, query in api.asked if path == PODS and "labelSelector" not in query] == [{"limit": 250}]


def test_pages_go_on_in_one_snapshot():
    api = Api(1200, table=False, page=500)
    assert cluster_view.read_cluster(api, {"n3": []}, 60)["cluster"]["nodes"] == 1200
    assert [query for path, query in api.asked if path == NODES] == [
        {"limit": 250, "resourceVersion": "0", "includeObject": "None"},
        {"limit": 250, "includeObject": "None", "continue": "500"},
        {"limit": 250, "includeObject": "None", "continue": "1000"},
    ]


@pytest.mark.parametrize("hosts", [{"n1": []}, {"n1": [], "n2": []}, None])
def test_every_request_is_one_that_is_declared(hosts):
    declared = {(kind.path, verb) for kind in cluster_reads.READS for verb in kind.verbs}
    api = Api(24)
    cluster_view.read_cluster(api, hosts, 60)
    for path, _query in api.asked:
        granted = path.replace("/pods/kube-controller-manager-cp/log", "/pods/log/kube-controller-manager-cp")
        assert (path, "list") in declared or (granted.rsplit("/", 1)[0], "get") in declared


def test_hosts_are_found_by_address_and_strangers_are_not():
    seen = cluster_view.read_cluster(Api(9), {"worker": ["10.0.0.2"], "n3.example.com": [], "bastion": ["10.9.9.9"]}, 60)
    assert seen["hosts"] == {"worker": "n2", "n3.example.com": "n3", "bastion": None}
    assert sorted(seen["views"]) == ["n2", "n3"]


@pytest.mark.parametrize(
    "path, what", [(f"{NODES}/n1", "conditions of the Node"), (f"{LEASES}/n1", "Lease"), (PODS, "pods of the node"), (EVENTS, "events")]
)
@pytest.mark.parametrize("error", [forbidden("see it"), ClusterError("the API server refused")])
def test_what_is_denied_is_named_and_the_rest_is_read(path, what, error):
    view = cluster_view.read_cluster(Api(9, {path: error}), {"n1": []}, 60)["views"]["n1"]
    assert view["not_checked"] == [{"what": what, "why": str(error)}]
    assert [bool(view[part]) for part in ("conditions", "lease", "pods", "events")].count(False) == 1


@pytest.mark.parametrize("path, what", [(LEASES, "Lease"), (PODS, "pods of the node"), (EVENTS, "events")])
def test_what_is_denied_for_all_is_named_for_each(path, what):
    views = cluster_view.read_cluster(Api(9, {path: forbidden("list")}), None, 60)["views"]
    assert len(views) == 9
    assert views["n1"]["not_checked"] == [{"what": what, "why": 'forbidden: User "bob" cannot list'}]


def test_without_the_right_to_list_nodes_the_names_must_do():
    seen = cluster_view.read_cluster(Api(9, {NODES: forbidden('list resource "nodes"')}), {"n1": [], "stranger": ["10.0.0.2"]}, 60)
    assert seen["hosts"] == {"n1": "n1", "stranger": None}
    assert seen["cluster"] == {"nodes": None, "not_ready": [], "api_failed": []}
    assert seen["not_checked"] == [{"what": "the other nodes of the cluster", "why": 'forbidden: User "bob" cannot list resource "nodes"'}]


def test_where_etcd_fails_everything_is_read_of_the_servers_memory():
    api = Api(3)
    api.etcd_fails = True
    seen = cluster_view.read_cluster(api, {"n1": []}, 60)
    assert seen["cluster"]["api_failed"] == ["etcd"] and all(query.get("resourceVersion") == "0" for _path, query in api.asked)


def test_a_cluster_before_leases():
    gone = ReadFailed("HTTP 404: not found", 404)
    assert cluster_view.read_cluster(Api(9, {f"{LEASES}/n1": gone}), {"n1": []}, 60)["views"]["n1"]["not_checked"] == []
    assert cluster_view.read_cluster(Api(9, {LEASES: gone}), None, 60)["views"]["n1"]["not_checked"] == []


@pytest.mark.parametrize(
    "error, told",
    [
        (ClusterError("refused"), "refused"),
        (
            ReadFailed("HTTP 500: etcdserver: request timed out", 500),
            "does not list Nodes: HTTP 500: etcdserver: request timed out; look at its own health",
        ),
        (ReadFailed('forbidden: User "system:anonymous" cannot list', 403), "takes us for anonymous"),
    ],
)
def test_a_server_that_cannot_be_asked(error, told):
    with pytest.raises(ClusterError, match=told.split(";")[0]):
        cluster_view.read_cluster(Api(9, {NODES: error}), {"n1": []}, 60)


def test_the_deadline_ends_all_reads():
    class Slow(Api):
        def get(self, path, query=(), accept=""):
            answer = super().get(path, query, accept)
            reads._end = 0.0  # as if the deadline had passed during the first answer
            return answer

    api = Slow(9)
    reads = cluster_reads.Reads(api, 30)
    cluster_view.cluster_summary(reads)
    views = cluster_view.node_views(reads, ["n1"], 9)
    assert len(api.asked) == 1
    assert {gap["why"] for gap in views["n1"]["not_checked"]} == {"the deadline of 30 s for the control plane had passed"}
    assert len(views["n1"]["not_checked"]) == 4


def test_the_newest_events_stay():
    class Noisy(Api):
        def get(self, path, query=(), accept=""):
            if path == EVENTS:
                return {
                    "items": [
                        {
                            "involvedObject": {"name": "n1"},
                            "reason": str(number),
                            "lastTimestamp": f"2026-11-23T02:{number // 60:02}:{number % 60:02}Z",
                        }
                        for number in range(300)
                    ]
                }
            return super().get(path, query, accept)

    events = cluster_view.read_cluster(Noisy(9), {"n1": []}, 60)["views"]["n1"]["events"]
    assert (len(events), events[0]["reason"], events[-1]["reason"]) == (100, "200", "299")


def test_the_controller_managers_word_comes_with_a_node_in_trouble_only():
    views = cluster_view.read_cluster(Api(24, not_ready={7}), None, 60)["views"]
    assert views["n1"]["controller_manager"] is None
    told = views["n7"]["controller_manager"]
    assert (told["source"], told["grace_s"]) == ("pod kube-system/kube-controller-manager-cp", 90)
    assert told["lines"] == [{"time": "2026-11-23T02:13:47Z", "text": '"Node has not been updated" node="n7"'}]


@pytest.mark.parametrize("broken, manager, why", [
    ({LOG: (403, '{"message": "pods \\"x\\" is forbidden: User \\"bob\\" cannot get resource \\"pods/log\\""}')}, True,
     'forbidden: User "bob" cannot get resource "pods/log"'),
    ({LOG: (502, "dial tcp: refused")}, True, "the answer is no Kubernetes object (HTTP 502)"),
    ({}, False, "no pod of it is in the cluster"),
])
def test_without_its_log_the_flag_counts_and_without_a_pod_it_is_said(broken, manager, why):
    api = Api(24, broken, not_ready={7})
    api.manager = api.manager if manager else None
    view = cluster_view.read_cluster(api, {"n7": []}, 60)["views"]["n7"]
    assert [gap["what"] for gap in view["not_checked"]] == ["controller manager"] and view["not_checked"][0]["why"].startswith(why)
    assert (view["controller_manager"] or {}).get("grace_s") == (90 if manager else None)
