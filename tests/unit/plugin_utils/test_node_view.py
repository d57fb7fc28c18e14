# Copyright: kubetriage.node contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a view means: polarity, Unknown, Lease, the parts of a message, taints, events, impact, and whose Node it is."""

import pytest
from ansible_collections.kubetriage.node.plugins.module_utils.catalogue import FAILURES
from ansible_collections.kubetriage.node.plugins.plugin_utils import api_object, node_view, verdicts

NOW = "2026-11-23T02:20:00Z"


def condition(kind, status, reason=None, message=None, transition="2026-11-23T02:13:00Z"):
    return {
        "type": kind,
        "status": status,
        "reason": reason,
        "message": message,
        "transition": transition,
        "heartbeat": "2026-11-23T02:15:00Z",
    }


def view(*conditions, lease="2026-11-23T02:19:55Z", **parts):
    whole = dict(
        api_object.empty_view("w1"),
        read_at=NOW,
        conditions=list(conditions),
        lease={"renewed": lease, "holder": "w1", "duration_s": 40} if lease else None,
    )
    whole.update(parts)
    return whole


def found(whole):
    return {finding["id"]: finding for finding in node_view.check(whole)["findings"]}


READY = condition("Ready", "True", "KubeletReady", "kubelet is posting ready status")
UNKNOWN = condition("Ready", "Unknown", "NodeStatusUnknown", "Kubelet stopped posting node status.")


def not_ready(message):
    return condition("Ready", "False", "KubeletNotReady", message)


def test_every_id_is_in_the_catalogue():
    ids = [failure for _bad, failure in node_view.CONDITIONS.values()] + [failure for _pattern, failure in node_view.READY_PARTS]
    ids += list(node_view.TAINTS.values()) + [failure for rules in node_view.EVENTS.values() for _pattern, failure in rules]
    ids += list(node_view.REASONS.values()) + [
        "kubelet.not_posting",
        "kubelet.not_ready",
        "kubelet.pleg_unhealthy",
        "node.cordoned",
        "time.skew",
    ]
    assert [failure for failure in ids if failure not in FAILURES] == []


def test_a_healthy_node():
    result = node_view.check(view(READY, condition("DiskPressure", "False"), pods=[{}, {}], info={"kubelet": "v1.35.4", "kernel": "6.1"}))
    assert (result["check"], result["status"], result["findings"]) == ("control_plane", "ok", [])
    assert result["summary"] == "Ready=True for 7m00s, Lease renewed 5s ago"
    assert result["facts"] == {
        "ready": "true",
        "ready_since": "2026-11-23T02:13:00Z",
        "lease_age_s": 5,
        "lease_duration_s": 40,
        "grace_s": 50,
        "grace_assumed": True,
        "denied": {"disk.pressure": "2026-11-23T02:15:00Z"},
        "kubelet": "v1.35.4",
        "kernel": "6.1",
        "unschedulable": False,
        "taints": [],
        "pods": 2,
    }


@pytest.mark.parametrize(
    "kind, status, failure",
    [
        ("DiskPressure", "True", "disk.pressure"),
        ("MemoryPressure", "True", "memory.pressure"),
        ("PIDPressure", "True", "pids.pressure"),
        ("OutOfDisk", "True", "disk.full"),
        ("NetworkUnavailable", "True", "cni.agent_not_ready"),
        ("KernelDeadlock", "True", "kernel.hung_task"),
        ("ReadonlyFilesystem", "True", "disk.read_only"),
        ("FrequentKubeletRestart", "True", "kubelet.crash_loop"),
        ("ContainerRuntimeReady", "False", "runtime.not_ready"),
        ("NetworkingReady", "False", "cni.agent_not_ready"),
        ("AcceleratedHardwareReady", "False", "gpu.lost"),
        ("KernelReady", "False", "node.condition"),
        ("GizmoReady", "False", "node.condition"),
        ("DiskPressure", "False", None),
        ("DiskPressure", "Unknown", None),
        ("KernelDeadlock", "False", None),
        ("KernelDeadlock", "Unknown", None),
        ("KernelReady", "True", None),
        ("KernelReady", "Unknown", None),
        ("EtcdIsVoter", "True", None),
        ("Gizmo", "True", None),
        ("Gizmo", "False", None),
        (None, None, None),
    ],
)
def test_polarity(kind, status, failure):
    assert list(found(view(READY, condition(kind, status, "Why", "some words")))) == ([failure] if failure else [])


def test_a_reason_that_says_more_than_its_condition():
    assert list(found(view(READY, condition("KernelReady", "False", "ForkFailedOutOfPIDs")))) == ["pids.exhausted"]
    assert found(view(READY, condition("KernelReady", "True", "ForkFailedOutOfPIDs"))) == {}


def test_a_condition_of_an_unknown_agent_is_shown_but_not_judged():
    result = node_view.check(view(READY, condition("GizmoReady", "False", "Broken", "gizmo 3 is gone")))
    assert [(finding["id"], finding["severity"]) for finding in result["findings"]] == [("node.condition", "warning")]
    assert [quote["text"] for quote in result["findings"][0]["evidence"]] == ["GizmoReady=False, Broken: gizmo 3 is gone"]
    assert found(view(READY, condition("GizmoReady", "True"), condition("GizmoProblem", "False"), condition("GizmoMood", "True"))) == {}
    assert list(found(view(READY, condition("GizmoProblem", "True", "Broken")))) == ["node.condition"]


def test_unknown_says_nothing_but_that_nobody_reported():
    whole = view(
        UNKNOWN,
        *(condition(kind, "Unknown", "NodeStatusUnknown") for kind in ("MemoryPressure", "DiskPressure", "PIDPressure")),
        condition("NetworkUnavailable", "False", "CalicoIsUp"),
        lease="2026-11-23T02:12:10Z",
    )
    findings = found(whole)
    assert list(findings) == ["kubelet.not_posting"]
    assert findings["kubelet.not_posting"]["since"] == "2026-11-23T02:13:00Z"
    assert findings["kubelet.not_posting"]["data"] == {"basis": "api", "lease_age_s": 470}
    assert [proof["text"] for proof in findings["kubelet.not_posting"]["evidence"]] == [
        "Ready=Unknown, NodeStatusUnknown: Kubelet stopped posting node status.",
        "renewed 7m50s ago",
    ]
    assert FAILURES["kubelet.not_posting"]["role"] == "symptom"


def test_a_stale_lease_speaks_before_the_controller_manager_does():
    findings = found(view(READY, lease="2026-11-23T02:16:00Z"))
    assert list(findings) == ["kubelet.not_posting"] and findings["kubelet.not_posting"]["since"] == "2026-11-23T02:16:00Z"
    assert found(view(READY, lease="2026-11-23T02:19:15Z")) == {}
    assert found(view(READY, lease=None)) == {}  # before 1.13 there are none


def test_an_old_heartbeat_is_normal():
    assert found(view(dict(READY, heartbeat="2026-11-23T02:15:01Z"))) == {}


def test_a_lease_from_the_future_is_a_clock():
    findings = found(view(READY, lease="2026-11-23T02:25:00Z"))
    assert list(findings) == ["time.skew"] and findings["time.skew"]["data"]["seconds"] == 300


@pytest.mark.parametrize(
    "message, parts, failures",
    [
        (
            "PLEG is not healthy: pleg was last seen active 3m12.5s ago; threshold is 3m0s",
            ["PLEG is not healthy: pleg was last seen active 3m12.5s ago; threshold is 3m0s"],
            ["kubelet.pleg_unhealthy"],
        ),
        (
            "[container runtime is down, PLEG is not healthy: pleg was last seen active 4m ago; threshold is 3m0s]",
            ["container runtime is down", "PLEG is not healthy: pleg was last seen active 4m ago; threshold is 3m0s"],
            ["kubelet.runtime_down", "kubelet.pleg_unhealthy"],
        ),
        (
            "container runtime network not ready: NetworkReady=false reason:NetworkPluginNotReady "
            "message:Network plugin returns error: cni plugin not initialized",
            None,
            ["cni.not_initialized"],
        ),
        (
            "runtime network not ready: NetworkReady=false reason:NetworkPluginNotReady "
            "message:docker: network plugin is not ready: cni config uninitialized",
            None,
            ["cni.not_initialized"],
        ),
        (
            "[container runtime not ready: RuntimeReady=false reason:DockerDaemonNotReady "
            "message:docker: failed to get docker version: Cannot connect, "
            "container runtime network not ready: NetworkReady=false reason:X message:a, b, node is shutting down]",
            [
                "container runtime not ready: RuntimeReady=false reason:DockerDaemonNotReady "
                "message:docker: failed to get docker version: Cannot connect",
                "container runtime network not ready: NetworkReady=false reason:X message:a, b",
                "node is shutting down",
            ],
            ["runtime.not_ready", "cni.not_initialized", "kubelet.shutting_down"],
        ),
        ("container runtime is down,PLEG is not healthy", ["container runtime is down,PLEG is not healthy"], ["kubelet.pleg_unhealthy"]),
        ("CSINode is not yet initialized", None, ["kubelet.csinode_waiting"]),
        ("runtime is down", None, ["kubelet.runtime_down"]),
        ("Failed to start ContainerManager system validation failed - Following Cgroup subsystem not mounted: [memory]", None,
         ["kubelet.start_failed", "kubelet.cgroups_missing"]),  # 1.4
        ("", [], []),
        (None, [], []),
    ],
)
def test_the_parts_of_a_ready_message(message, parts, failures):
    assert node_view.ready_parts(message) == ([message] if parts is None else parts)
    assert [name for name in found(view(not_ready(message))) if name != "kubelet.not_ready"] == failures
    assert "kubelet.not_ready" in found(view(not_ready(message)))


def test_a_kubelet_that_has_just_started():
    message = "[container runtime status check may not have completed yet, PLEG is not healthy: pleg has yet to be successful]"
    young = dict(not_ready(message), transition="2026-11-23T02:19:40Z")
    assert list(found(view(young))) == ["kubelet.not_ready"]
    assert "kubelet.pleg_unhealthy" in found(view(not_ready(message)))


def test_taints():
    taints = [
        {"key": "node.kubernetes.io/out-of-service", "value": "nodeshutdown", "effect": "NoExecute", "added": "2026-11-23T01:00:00Z"},
        {"key": "dedicated", "value": "gpu", "effect": "NoSchedule", "added": None},
    ]
    findings = found(view(READY, taints=taints))
    assert list(findings) == ["node.taint_out_of_service"]
    assert findings["node.taint_out_of_service"]["evidence"] == [
        {"source": "taint", "time": "2026-11-23T01:00:00Z", "text": "node.kubernetes.io/out-of-service=nodeshutdown:NoExecute"}
    ]


@pytest.mark.parametrize(
    "parts, text, since",
    [
        (
            {"cordon": {"by": "kubectl-cordon", "at": "2026-11-23T02:00:00Z"}},
            "spec.unschedulable=true, set by kubectl-cordon",
            "2026-11-23T02:00:00Z",
        ),
        (
            {"taints": [{"key": "node.kubernetes.io/unschedulable", "effect": "NoSchedule", "added": "2026-11-23T02:01:00Z"}]},
            "spec.unschedulable=true",
            "2026-11-23T02:01:00Z",
        ),
        ({}, "spec.unschedulable=true", None),
    ],
)
def test_a_cordon_with_who_and_when(parts, text, since):
    result = node_view.check(view(READY, unschedulable=True, **parts))
    assert [(finding["id"], finding["severity"], finding["since"]) for finding in result["findings"]] == [("node.cordoned", "info", since)]
    assert result["findings"][0]["evidence"][0]["text"] == text
    assert result["status"] == "ok"


def event(reason, message, last="2026-11-23T02:13:07Z", count=1):
    return {
        "type": "Warning",
        "reason": reason,
        "message": message,
        "count": count,
        "first": "2026-11-23T01:13:07Z",
        "last": last,
        "source": "kubelet",
    }


@pytest.mark.parametrize(
    "reason, message, failure",
    [
        ("Rebooted", "Node w1 has been rebooted, boot id: c481", "host.rebooted"),
        ("SystemOOM", "System OOM encountered, victim process: kubelet-x, pid: 812", "memory.oom.node"),
        ("SystemOOM", "System OOM encountered, victim process: kubelet, pid: 812", "memory.oom.kubelet"),
        ("SystemOOM", "System OOM encountered, victim process: containerd-shim, pid: 812", "memory.oom.node"),
        ("OOMKilling", "Memory cgroup out of memory: Killed process 812 (kubelet) total-vm:1kB", "memory.oom.container"),
        ("OOMKilling", "Out of memory: Killed process 812 (kubelet) total-vm:1kB", "memory.oom.kubelet"),
        ("OOMKilling", "Out of memory: Killed process 812 (java) total-vm:1kB", "memory.oom.node"),
        ("PodOOMKilling", "Memory cgroup out of memory: Kill process 812 (java) score 2109 or sacrifice child", "memory.oom.container"),
        ("SystemOOM", "System OOM encountered, victim process: dockerd, pid: 812", "memory.oom.runtime"),
        ("EvictionThresholdMet", "Attempting to reclaim ephemeral-storage", "disk.pressure"),
        ("EvictionThresholdMet", "Attempting to reclaim memory", "memory.pressure"),
        (
            "FreeDiskSpaceFailed",
            "failed to garbage collect required amount of images. Wanted to free 5 bytes, but freed 0 bytes",
            "disk.image_gc_failed",
        ),
        ("InvalidDiskCapacity", "invalid capacity 0 on image filesystem", None),
        ("ImageGCFailed", "failed to get imageFs stats: Stats initialization may not have completed yet", None),
        ("NodeNotReady", "Node w1 status is now: NodeNotReady", None),
        ("Shutdown", "Shutdown manager detected shutdown event", "kubelet.shutting_down"),
        ("Shutdown", "Shutdown manager detected shutdown cancellation", None),
        ("FailedNodeAllocatableEnforcement", "Failed to enforce System Reserved Cgroup Limits on \"/system\": x", "kubelet.config_invalid"),
    ],
)
def test_events(reason, message, failure):
    assert list(found(view(READY, events=[event(reason, message)]))) == ([failure] if failure else [])


def test_an_old_event_is_history():
    old = found(view(READY, events=[event("SystemOOM", "victim process: x", last="2026-11-23T01:50:00Z")]))
    assert old["memory.oom.node"]["severity"] == "info"
    new = found(view(READY, events=[event("SystemOOM", "victim process: x", count=3)]))["memory.oom.node"]
    assert (new["severity"], new["since"], new["until"]) == ("critical", "2026-11-23T01:13:07Z", "2026-11-23T02:13:07Z")
    assert new["data"] == {"basis": "api", "count": 3} and new["evidence"][0]["text"] == "SystemOOM: victim process: x (3 times)"


def test_a_shutdown_is_over_when_the_node_is_ready_again():
    events = [event("Shutdown", "Shutdown manager detected shutdown event", last="2026-11-23T02:11:00Z")]
    assert found(view(events=events))["kubelet.shutting_down"]["severity"] == "warning"
    events.append(event("NodeReady", "Node w1 status is now: NodeReady", last="2026-11-23T02:12:00Z"))
    assert found(view(events=events))["kubelet.shutting_down"]["severity"] == "info"


def test_a_ready_message_that_quotes_the_api_server():
    refused = 'Get "https://10.0.0.1:6443/apis/storage.k8s.io/v1/csinodes/w1": dial tcp 10.0.0.1:6443: connect: connection refused'
    said = dict(READY, status="False", reason="KubeletNotReady", message="Failed to initialize CSINode: timed out; caused by: " + refused)
    assert {"api.refused", "kubelet.csinode_waiting"} <= set(found(view(said)))


def test_a_kubelet_that_starts_tells_of_old_kills():
    start = dict(event("Starting", "Starting kubelet."), last="2026-11-23T02:12:40Z")
    told = found(view(READY, events=[start, event("SystemOOM", "System OOM encountered")]))
    assert told["memory.oom.node"]["severity"] == "info"
    told = found(view(READY, events=[start, event("SystemOOM", "System OOM encountered, victim process: kubelet, pid: 8")]))
    assert told["memory.oom.kubelet"]["severity"] == "critical"


NO_STATE = "stat /var/lib/calico/nodename: no such file or directory: check that the calico/node container is running"


@pytest.mark.parametrize("others, severity", [
    ([], "critical"),
    ([("Started", "02:12:40", "pod/web")], "critical"),  # before
    ([("Started", "02:13:30", "pod/web")], "info"),
    ([("Started", "02:13:30", "pod/other")], "critical"),
    ([("Started", "02:13:30", None)], "critical"),
])
def test_a_pod_that_has_started_got_its_network(others, severity):
    events = [dict(event("FailedCreatePodSandBox", NO_STATE, count=2), object="pod/web")]
    events += [dict(event(reason, "container"), last="2026-11-23T%sZ" % at, object=pod) for reason, at, pod in others]
    assert found(view(READY, events=events))["cni.agent_state_missing"]["severity"] == severity


def test_of_two_pods_without_names_nobody_knows_which_has_started():
    failed, started = event("FailedCreatePodSandBox", NO_STATE, count=2), event("Started", "container", last="2026-11-23T02:13:30Z")
    scheduled = event("Scheduled", "Successfully assigned")
    assert found(view(READY, events=[scheduled, failed, started]))["cni.agent_state_missing"]["severity"] == "info"
    assert found(view(READY, events=[scheduled, scheduled, failed, started]))["cni.agent_state_missing"]["severity"] == "critical"


def test_since_when_is_not_told_by_a_repeated_event_without_a_first():
    told = found(view(READY, events=[dict(event("SystemOOM", "victim process: x", count=3), first=None)]))["memory.oom.node"]
    assert (told["since"], told["until"]) == (None, "2026-11-23T02:13:07Z")


def test_what_was_denied_is_not_ok():
    gap = {"what": "Node w1", "why": 'forbidden: User "bob" cannot get'}
    result = node_view.check(view(not_checked=[gap]))
    assert (result["status"], result["not_checked"]) == ("unknown", [gap])
    assert result["summary"] == "the Node's conditions are not known"


def test_a_pasted_view_has_no_time_of_its_own():
    assert found(
        {"name": "w1", "conditions": [not_ready("container runtime is down")], "events": [event("SystemOOM", "victim process: x")]}
    )
    assert node_view.check({})["status"] == "unknown"


def pod(name, owner=None, deleting=None, seconds=300, **parts):
    return dict(
        {
            "namespace": "shop",
            "name": name,
            "owner": owner and {"kind": owner, "name": "o"},
            "phase": "Running",
            "deleting": deleting,
            "tolerations": {"not_ready_s": seconds, "unreachable_s": seconds},
        },
        **parts,
    )


TAINT = {"key": "node.kubernetes.io/unreachable", "value": None, "effect": "NoExecute", "added": "2026-11-23T02:16:00Z"}


def test_impact():
    pods = [
        pod("web", "ReplicaSet"),
        pod("db-0", "StatefulSet", seconds=600),
        pod("naked"),
        pod("cni", "DaemonSet", seconds=None),
        pod("etcd", "Node"),
        pod("job", "Job", phase="Succeeded"),
        pod("going", "ReplicaSet", deleting="2026-11-23T02:17:00Z"),
    ]
    assert node_view.impact(view(UNKNOWN, taints=[TAINT], pods=pods), None) == {
        "pods": 4,
        "terminating": 1,
        "evicts_at": "2026-11-23T02:21:00Z",
        "evicts_in_s": 60,
        "evictions": None,
        "unmanaged": ["shop/naked"],
        "stateful": ["shop/db-0"],
    }


@pytest.mark.parametrize(
    "taint, seconds, at, left",
    [
        (TAINT, 300, "2026-11-23T02:21:00Z", 60),
        (TAINT, 60, "2026-11-23T02:17:00Z", 0),
        (TAINT, None, None, None),
        (dict(TAINT, effect="NoSchedule"), 300, None, None),
        (dict(TAINT, added=None), 300, None, None),
        (dict(TAINT, key="dedicated"), 300, None, None),
    ],
)
def test_the_eviction_clock(taint, seconds, at, left):
    impact = node_view.impact(view(UNKNOWN, taints=[taint], pods=[pod("web", "ReplicaSet", seconds=seconds)]), NOW)
    assert (impact["evicts_at"], impact["evicts_in_s"]) == (at, left)


NODES = {
    name: {
        "name": name,
        "created": created,
        "addresses": [{"type": "InternalIP", "address": address}, {"type": "Hostname", "address": name}],
    }
    for name, created, address in (
        ("w1", "2026-01-01T00:00:00Z", "10.0.0.1"),
        ("w2.example.com", "2026-01-01T00:00:00Z", "10.0.0.2"),
        ("old", "2025-01-01T00:00:00Z", "10.0.0.3"),
        ("new", "2026-01-01T00:00:00Z", "10.0.0.3"),
        ("w4.a.com", None, "10.0.0.4"),
        ("w4.b.com", None, "10.0.0.5"),
    )
}


@pytest.mark.parametrize(
    "host, addresses, name",
    [
        ("w1", [], "w1"),
        ("W1", [], "w1"),
        ("x", ["10.0.0.1"], "w1"),
        ("x", ["w1"], "w1"),
        ("w1", ["10.0.0.2"], "w1"),
        ("w2", [], "w2.example.com"),
        ("w1.example.com", [], "w1"),
        ("w2.other.com", [], None),
        ("x", ["10.0.0.3"], "new"),
        ("old", ["10.0.0.3"], "old"),
        ("w4", [], None),
        ("w4.a.com", [], "w4.a.com"),
        ("10.0.0.9", [], None),
        ("x", [None, ""], None),
        ("bastion", ["10.9.9.9"], None),
    ],
)
def test_which_node_a_host_is(host, addresses, name):
    assert (node_view.match_node(NODES, host, addresses) or {}).get("name") == name


def test_the_lease_of_a_node_whose_clock_is_behind_is_no_older_than_it_is():
    """The node stamps it. A Ready node with a slow clock has a wrong clock, and is not one that nobody hears of."""
    checks = verdicts.accept([{"check": "api_path", "status": "problem", "facts": {"offset_s": 300}, "not_checked": [], "duration_s": 0, "findings": [
        {"id": "time.skew", "severity": "critical", "evidence": [{"source": "Date header", "text": "300 s behind"}], "data": {"basis": "state"}}]}])
    reach = {"how": "ssh", "ok": True, "error": None, "kind": None, "root": True, "no_view": None}
    seen = verdicts.artifact("r", "w1", reach, checks, view(READY, lease="2026-11-23T02:14:55Z"), NOW)["verdict"]
    assert seen["state"] == "degraded" and [cause["id"] for cause in seen["causes"]] == ["time.skew"]
    assert not [found for found in seen["findings"] if found["id"] == "kubelet.not_posting"]


def test_a_toleration_for_ever_is_beyond_the_calendar():
    pod = {"uid": "u", "name": "db-0", "namespace": "x", "containers": [], "owner": {"kind": "StatefulSet"}, "phase": "Running",
           "tolerations": {"not_ready_s": 10 ** 12, "unreachable_s": 10 ** 12}}
    taint = {"key": "node.kubernetes.io/unreachable", "value": None, "effect": "NoExecute", "added": "2026-11-23T02:14:00Z"}
    impact = node_view.impact(view(UNKNOWN, pods=[pod], taints=[taint]), NOW)
    assert impact["evicts_at"] is None and impact["evicts_in_s"] is None


@pytest.mark.parametrize("older, newer", [({"age_s": 34560000}, {"age_s": 10800}), ({"created": "2025-10-20T00:00:00Z"}, {"created": "2026-11-23T00:00:00Z"})])
def test_of_two_nodes_with_one_address_the_newer_one_is_the_host(older, newer):
    address = [{"type": "InternalIP", "address": "10.0.0.7"}]
    nodes = {"web-old": dict(older, name="web-old", addresses=address), "web-new": dict(newer, name="web-new", addresses=address)}
    assert node_view.match_node(nodes, "host7", ["10.0.0.7"])["name"] == "web-new"
