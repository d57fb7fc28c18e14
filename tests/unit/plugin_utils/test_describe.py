# Copyright: kubetriage.node contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What kubectl printed, whole and in pieces -> view."""

import json

import pytest

from ansible_collections.kubetriage.node.plugins.plugin_utils import api_object, describe, event_table
from ansible_collections.kubetriage.node.plugins.plugin_utils.loose_view import Told
from ansible_collections.kubetriage.node.plugins.plugin_utils.utc import iso, seconds

NOW = seconds("2026-11-20T02:20:59Z")
READY = ("Ready            Unknown   Fri, 20 Nov 2026 02:10:22 +0000   Fri, 20 Nov 2026 02:13:47 +0000   NodeStatusUnknown   "
         "Kubelet stopped posting node status.")
DESCRIBE = f"""\
Name:               node-worker-02
Roles:              <none>
Labels:             kubernetes.io/hostname=node-worker-02
                    topology.kubernetes.io/zone=zone-b
Annotations:        volumes.kubernetes.io/controller-managed-attach-detach: true
CreationTimestamp:  Tue, 04 Aug 2026 11:12:33 +0200
Taints:             node.kubernetes.io/unreachable:NoExecute
                    dedicated=gpu:NoSchedule
Unschedulable:      true
Lease:
  HolderIdentity:  node-worker-02
  AcquireTime:     <unset>
  RenewTime:       Fri, 20 Nov 2026 02:13:01 +0000
Conditions:
  Type             Status    LastHeartbeatTime                 LastTransitionTime                Reason              Message
  ----             ------    -----------------                 ------------------                ------              -------
  MemoryPressure   False     Fri, 20 Nov 2026 02:10:22 +0000   Mon, 01 Jan 0001 00:00:00 +0000   KubeletHasSufficientMemory   kubelet has memory
  {READY}
Addresses:
  InternalIP:  10.60.0.22
  Hostname:    node-worker-02
Capacity:
  cpu:                4
  memory:             16353784Ki
Allocatable:
  cpu:                4
System Info:
  Machine ID:                 6d1f0b
  Boot ID:                    5c3e
  Kernel Version:             6.1.0-26-amd64
  OS Image:                   Debian GNU/Linux 12 (bookworm)
  Container Runtime Version:  containerd://1.7.22
  Kubelet Version:            v1.31.2
PodCIDR:                      10.244.7.0/24
Non-terminated Pods:          (2 in total)
  Namespace                   Name                      CPU Requests  CPU Limits  Memory Requests  Memory Limits  Age
  ---------                   ----                      ------------  ----------  ---------------  -------------  ---
  shop                        db-0                      500m (12%)    500m (12%)  2Gi (13%)        2Gi (13%)      7d
  shop                        leaky-7d4f9c8b6d-x2x8p    0 (0%)        0 (0%)      0 (0%)           0 (0%)         18h
Allocated resources:
  Resource           Requests     Limits
  cpu                500m (12%)   500m (12%)
Events:
  Type     Reason        Age                  From             Message
  ----     ------        ----                 ----             -------
  Warning  SystemOOM     7m52s (x3 over 20m)  kubelet          System OOM encountered, victim process: report, pid: 41022
  Normal   NodeNotReady  7m12s                node-controller  Node node-worker-02 status is now: NodeNotReady
"""


def view_of(now=NOW, name="node-worker-02", **files):
    """Keywords name the files, with _ for - and __ for the dot."""
    told = Told({key.replace("__", ".").replace("_", "-"): text for key, text in files.items()}, name)
    return told.view(name, now)


def test_a_whole_description():
    view = view_of(describe_node__txt=DESCRIBE)
    assert set(view) == set(api_object.empty_view("x"))
    assert view["created"] == "2026-08-04T09:12:33Z"
    assert view["labels"]["topology.kubernetes.io/zone"] == "zone-b"
    assert view["unschedulable"] is True
    assert [(taint["key"], taint["value"], taint["effect"]) for taint in view["taints"]] == [
        ("node.kubernetes.io/unreachable", None, "NoExecute"), ("dedicated", "gpu", "NoSchedule")]
    assert view["lease"] == {"renewed": "2026-11-20T02:13:01Z", "holder": "node-worker-02", "duration_s": None}
    assert view["conditions"][1] == {
        "type": "Ready", "status": "Unknown", "reason": "NodeStatusUnknown", "message": "Kubelet stopped posting node status.",
        "transition": "2026-11-20T02:13:47Z", "heartbeat": "2026-11-20T02:10:22Z"}
    assert view["conditions"][0]["transition"] is None
    assert view["addresses"][0] == {"type": "InternalIP", "address": "10.60.0.22"}
    assert view["capacity"]["memory"] == "16353784Ki"
    assert view["info"] == {"kubelet": "v1.31.2", "kernel": "6.1.0-26-amd64", "runtime": "containerd://1.7.22",
                            "os": "Debian GNU/Linux 12 (bookworm)", "boot_id": "5c3e"}
    assert [(pod["name"], pod["qos"]) for pod in view["pods"]] == [("db-0", None), ("leaky-7d4f9c8b6d-x2x8p", "BestEffort")]
    assert [(event["reason"], event["count"], event["first"], event["last"]) for event in view["events"]] == [
        ("SystemOOM", 3, "2026-11-20T02:00:59Z", "2026-11-20T02:13:07Z"), ("NodeNotReady", 1, "2026-11-20T02:13:47Z", "2026-11-20T02:13:47Z")]
    assert view["not_checked"] == []
    assert view["read_at"] == iso(NOW)


def test_the_time_of_the_look_follows_from_the_age_of_not_ready():
    assert Told({"describe-node.txt": DESCRIBE}).latest == NOW


@pytest.mark.parametrize("text, status", [
    (READY, "Unknown"),
    ("    " + READY + "\n", "Unknown"),
    (" ".join(READY.split()), "Unknown"),
    (READY.replace("Unknown  ", "True     ").replace("  ", "\t"), "True"),
    ("$ kubectl describe node node-worker-02 | grep -A8 Conditions\nConditions:\n  Type Status ...\n  " + READY, "Unknown"),
])
def test_a_fragment_of_the_conditions_is_enough(text, status):
    for name in ("describe_node__txt", "notes__txt"):
        view = view_of(**{name: text})
        assert [(each["type"], each["status"], each["transition"]) for each in view["conditions"]] == [("Ready", status, "2026-11-20T02:13:47Z")]
        assert {gap["what"] for gap in view["not_checked"]} == {"Lease", "events", "pods of the node"}


def test_conditions_without_their_times():
    row = "  Ready     Unknown    NodeStatusUnknown   Kubelet stopped posting node status.\n"
    told, = view_of(notes__txt="Type  Status  Reason  Message\n" + row)["conditions"]
    assert (told["type"], told["status"], told["reason"], told["transition"]) == ("Ready", "Unknown", "NodeStatusUnknown", None)
    assert [each["transition"] for each in view_of(notes__txt=row + READY)["conditions"]] == ["2026-11-20T02:13:47Z"]
    assert "Ready" not in describe.without_rows(row)


def test_of_many_nodes_the_one_that_is_meant():
    other = DESCRIBE.replace("node-worker-02", "node-worker-01").replace("Unschedulable:      true", "Unschedulable:      false")
    both = other + "\n\n" + DESCRIBE
    assert view_of(describe_node__txt=both)["unschedulable"] is True
    assert view_of(describe_node__txt=both, name="node-worker-01")["unschedulable"] is False
    assert Told({"describe-node.txt": both}).name == "node-worker-01"


def test_a_description_of_a_pod_is_not_one_of_a_node():
    pod = ("Name:         leaky\nNamespace:    shop\nLabels:       app=leaky\nConditions:\n  Type              Status\n"
           "  Ready             False\nEvents:  <none>\n")
    told = Told({"notes.txt": pod})
    assert told.name is None and told.view("n", NOW) is None
    assert view_of(notes__txt=pod + DESCRIBE)["labels"]["kubernetes.io/hostname"] == "node-worker-02"


def test_what_is_no_description_is_said():
    told = Told({"describe-node.txt": "Error from server (NotFound): nodes \"node-worker-02\" not found\n"})
    assert told.view("n", NOW) is None
    assert len(told.problems) == 1 and told.problems[0].startswith("describe-node.txt: ")


NODE = {"apiVersion": "v1", "kind": "Node", "metadata": {"name": "node-worker-02", "creationTimestamp": "2026-08-04T09:12:33Z"},
        "spec": {"unschedulable": True},
        "status": {"conditions": [{"type": "Ready", "status": "False", "reason": "KubeletNotReady", "message": "PLEG is not healthy",
                                   "lastHeartbeatTime": "2026-11-20T02:14:00Z", "lastTransitionTime": "2026-11-20T02:13:47Z"}]}}
YAML = """\
apiVersion: v1
kind: Node
metadata:
  name: node-worker-02
  creationTimestamp: 2026-08-04T09:12:33Z
spec:
  unschedulable: true
status:
  conditions:
  - type: Ready
    status: "False"
    reason: KubeletNotReady
    message: PLEG is not healthy
    lastHeartbeatTime: "2026-11-20T02:14:00Z"
    lastTransitionTime: 2026-11-20T02:13:47Z
"""


@pytest.mark.parametrize("files", [
    {"node__json": json.dumps(NODE)}, {"node__yaml": YAML}, {"node__json": json.dumps({"items": [NODE]})},
    {"node__yaml": json.dumps(NODE)}, {"notes__txt": json.dumps(NODE)}])
def test_a_node_as_json_or_yaml(files):
    view = view_of(**files)
    assert view["created"] == "2026-08-04T09:12:33Z" and view["unschedulable"] is True
    assert view["conditions"] == [{"type": "Ready", "status": "False", "reason": "KubeletNotReady", "message": "PLEG is not healthy",
                                   "transition": "2026-11-20T02:13:47Z", "heartbeat": "2026-11-20T02:14:00Z"}]


@pytest.mark.parametrize("text", [YAML[YAML.index("status:"):], YAML[YAML.index("  conditions:"):], YAML[YAML.index("  - type"):]])
def test_a_piece_of_the_yaml_is_enough(text):
    assert view_of(node__yaml=text)["conditions"][0]["status"] == "False"


def test_a_list_of_nodes_tells_of_the_cluster():
    other = {"metadata": {"name": "a"}, "status": {"conditions": [{"type": "Ready", "status": "True"}]}}
    view = view_of(node__json=json.dumps({"kind": "List", "items": [other, NODE]}))
    assert view["cluster"] == {"nodes": 2, "not_ready": ["node-worker-02"]} and view["unschedulable"] is True
    table = "NAME STATUS ROLES AGE VERSION\na Ready <none> 9d v1.31.2\nnode-worker-02 NotReady,SchedulingDisabled <none> 9d v1.31.2\n"
    assert view_of(notes__txt=READY + "\n\n" + table)["cluster"] == {"nodes": 2, "not_ready": ["node-worker-02"]}
    assert view_of(notes__txt=READY + "\n\n" + table.split("\n", 1)[1])["cluster"] is None


@pytest.mark.parametrize("name, text", [
    ("node.json", '{"metadata": {"name": "no'),
    ("node.json", "[" * 100000),
    ("node.yaml", "a: &a [x]\nb: [*a, *a]\n"),
    ("node.yaml", "metadata: {name: [}"),
    ("node.yaml", "- " * 3000 + "x"),
    ("node.yaml", "a" * (5 << 20)),
    ("events.json", "{}}"),
    ("pods.json", "not json"),
    ("events.txt", "No resources found in default namespace.\n"),
])
def test_what_cannot_be_read_is_one_sentence(name, text):
    told = Told({name: text})
    assert len(told.problems) == 1 and told.problems[0].startswith(name + ": ") and "\n" not in told.problems[0]
    view = told.view("n", NOW)
    assert view is None or view["conditions"] == []


@pytest.mark.parametrize("text", [
    "1", "null", '"x"', "[1, 2]", '{"items": [1, null, {"metadata": 3}]}', '{"status": [1]}',
    '{"metadata": {"name": ["x"]}, "status": {"conditions": [1]}}'])
def test_json_of_the_wrong_shape_harms_nothing(text):
    for name in ("node.json", "events.json", "pods.json"):
        Told({name: text}).view("n", NOW)


EVENT = {"involvedObject": {"kind": "Node", "name": "node-worker-02"}, "type": "Normal", "reason": "NodeNotReady", "message": "m",
         "lastTimestamp": "2026-11-20T02:13:47Z", "source": {"component": "node-controller"}}


def test_events_and_pods_of_this_node_only():
    events = [EVENT, dict(EVENT, involvedObject={"kind": "Node", "name": "a"}),
              dict(EVENT, involvedObject={"kind": "Pod", "name": "db-0"}, reason="Killing"),
              dict(EVENT, involvedObject={"kind": "Pod", "name": "gone"}, source={"component": "kubelet", "host": "node-worker-02"}),
              dict(EVENT, involvedObject={"kind": "Pod", "name": "elsewhere"})]
    pods = [{"metadata": {"name": "db-0", "namespace": "shop"}, "spec": {"nodeName": "node-worker-02"}},
            {"metadata": {"name": "x"}, "spec": {"nodeName": "a"}}]
    view = view_of(events__json=json.dumps({"items": events}), pods__json=json.dumps({"items": pods}))
    assert [(event["reason"], event.get("object")) for event in view["events"]] == [
        ("NodeNotReady", None), ("Killing", "pod/db-0"), ("NodeNotReady", "pod/gone")]
    assert [pod["name"] for pod in view["pods"]] == ["db-0"]


@pytest.mark.parametrize("text, seconds_", [
    ("7m12s", 432), ("2d4h", 187200), ("1y20d", 33264000), ("0s", 0), ("<unknown>", None), ("", None), ("<invalid>", None)])
def test_ages(text, seconds_):
    assert event_table.age(text) == seconds_


MESSAGE = "Node n status is now: NodeNotReady"


@pytest.mark.parametrize("row, expected", [
    ("7m12s       Normal    NodeNotReady   node/n   " + MESSAGE, ("Normal", "NodeNotReady", MESSAGE, 1, 432, "node/n")),
    ("default   7m12s       Normal    NodeNotReady   node/n   " + MESSAGE, ("Normal", "NodeNotReady", MESSAGE, 1, 432, "node/n")),
    ("3m (x4 over 9m)  Warning  FailedCreatePodSandBox  pod/web-1  Failed to create",
     ("Warning", "FailedCreatePodSandBox", "Failed to create", 4, 180, "pod/web-1")),
    ("7m12s       Normal    NodeNotReady   node/n                node-controller   " + MESSAGE + "   9m   3   n.17a1b2c3d4e5f607",
     ("Normal", "NodeNotReady", MESSAGE, 3, 432, "node/n")),  # -o wide
    ("<unknown> Warning BackOff pod/web-1 Back-off restarting", ("Warning", "BackOff", "Back-off restarting", 1, None, "pod/web-1")),
    ("  Normal   NodeNotReady  7m12s   node-controller  " + MESSAGE, ("Normal", "NodeNotReady", MESSAGE, 1, 432, None)),
    ("  Warning  SystemOOM  1m (x2 over 5m)  kubelet, n  System OOM encountered", ("Warning", "SystemOOM", "System OOM encountered", 2, 60, None)),
    ("  9m  2m  12  kubelet, n    Normal  NodeHasSufficientDisk  Node n status is now: NodeHasSufficientDisk",
     ("Normal", "NodeHasSufficientDisk", "Node n status is now: NodeHasSufficientDisk", 12, 120, None)),
    ("  9m  2m  12  {kubelet n}  spec.containers{x}  Warning  BackOff  Back-off restarting", ("Warning", "BackOff", "Back-off restarting", 12, 120, None)),
    ("2m  9m  12  n  Node    Normal  Starting  kubelet, n  Starting kubelet.", ("Normal", "Starting", "Starting kubelet.", 12, 120, "node/n")),
    ("2m  9m  12  web-1.15ab  Pod  spec.containers{x}  Warning  BackOff  kubelet, n  Back-off", ("Warning", "BackOff", "Back-off", 12, 120, "pod/web-1.15ab")),
])
def test_rows_of_events(row, expected):
    found, = event_table.rows(row)
    assert (found["type"], found["reason"], found["message"], found["count"], found["last_age"], found["object"]) == expected


@pytest.mark.parametrize("text, seconds_", [("3h5m", 11100), ("92m", 5520), ("4h", None), ("2d", None)])
def test_since_when_is_not_known_from_whole_hours(text, seconds_):
    found, = event_table.rows("Warning  BackOff  31s (x258 over %s)  kubelet  Back-off" % text)
    assert (found["last_age"], found["first_age"]) == (31, seconds_)


def test_a_probe_prints_lines_of_its_own():
    found = event_table.rows("Warning  Unhealthy  4m (x9 over 25m)  kubelet  Readiness probe failed: 2020 [INFO] peers = 0\n"
                             "agent is not ready: no peers\n  Normal  Pulled  4m  kubelet  Pulled\nnothing of it\n")
    assert [event["message"] for event in found] == ["Readiness probe failed: 2020 [INFO] peers = 0 agent is not ready: no peers", "Pulled"]


@pytest.mark.parametrize("line", ["LAST SEEN   TYPE   REASON   OBJECT   MESSAGE", "Type Reason Age From Message", "Normal operation resumed", "Warning: x",
                                  "Nov 20 02:13:07 n kernel: Warning: something Normal", "Normal " * 2000])
def test_what_is_no_event(line):
    assert event_table.rows(line) == []


def test_rows_are_taken_out_of_a_paste():
    text = "Conditions:\n  Ready  False  Fri, 20 Nov 2026 02:10:22 +0000  Fri, 20 Nov 2026 02:13:47 +0000  KubeletNotReady  PLEG is not healthy\n"
    log = "Nov 20 02:13:07 n kubelet[1]: Warning: PLEG is not healthy\n"
    assert describe.without_rows(text + log + "7m12s   Normal   NodeNotReady   node/n   x\n") == "Conditions:\n\n" + log + "\n"


def test_describe_never_raises_on_fragments():
    for start in range(0, len(DESCRIBE), 97):
        for part in describe.nodes(DESCRIBE[start:start + 700]):
            assert isinstance(part, dict)
