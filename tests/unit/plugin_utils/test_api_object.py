# Copyright: kubetriage.node contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""API objects become parts of a view, whatever is wrong with them."""

import pytest
from ansible_collections.kubetriage.node.plugins.plugin_utils import api_object

NODE = {
    "metadata": {
        "name": "w1",
        "uid": "95156a88",
        "creationTimestamp": "2026-11-23T20:30:52Z",
        "labels": {"kubernetes.io/hostname": "w1", "odd": 3},
        "annotations": {"secret": "x"},
        "managedFields": [
            {"manager": "kubelet", "time": "2026-11-23T20:30:52Z", "fieldsV1": {"f:status": {}}},
            {"manager": "kubectl-cordon", "time": "2026-11-23T20:31:00Z", "fieldsV1": {"f:spec": {"f:unschedulable": {}}}},
        ],
    },
    "spec": {
        "unschedulable": True,
        "taints": [{"key": "node.kubernetes.io/unschedulable", "effect": "NoSchedule", "timeAdded": "2026-11-23T20:31:01Z"}],
    },
    "status": {
        "addresses": [{"type": "InternalIP", "address": "10.77.0.11"}],
        "capacity": {"memory": "24684084Ki", "pods": "110"},
        "allocatable": {"pods": "110"},
        "conditions": [
            {
                "type": "Ready",
                "status": "Unknown",
                "reason": "NodeStatusUnknown",
                "message": "Kubelet stopped posting node status.",
                "lastHeartbeatTime": "2026-11-23T20:30:52Z",
                "lastTransitionTime": "2026-11-23T20:40:00Z",
            }
        ],
        "nodeInfo": {
            "kubeletVersion": "v1.35.4",
            "kernelVersion": "6.1.0",
            "containerRuntimeVersion": "containerd://1.6.20",
            "osImage": "Debian",
            "bootID": "e8617091",
        },
        "images": [{"names": ["a"], "sizeBytes": 1}],
    },
}
POD = {
    "metadata": {
        "namespace": "shop",
        "name": "leaky-x",
        "uid": "u1",
        "deletionTimestamp": "2026-11-23T20:45:00Z",
        "ownerReferences": [{"kind": "Foo", "name": "other"}, {"kind": "ReplicaSet", "name": "leaky", "controller": True}],
    },
    "spec": {
        "nodeName": "w1",
        "containers": [
            {
                "name": "app",
                "env": [{"name": "TOKEN", "value": "s3cret"}],
                "resources": {"limits": {"memory": "1Gi"}, "requests": {"memory": "512M"}},
            },
            {"name": "late"},
        ],
        "initContainers": [{"name": "init"}],
        "tolerations": [
            {"key": "node.kubernetes.io/not-ready", "operator": "Exists", "effect": "NoExecute", "tolerationSeconds": 300},
            {"key": "node.kubernetes.io/unreachable", "operator": "Exists", "effect": "NoExecute", "tolerationSeconds": 30},
        ],
    },
    "status": {
        "phase": "Running",
        "qosClass": "Burstable",
        "containerStatuses": [
            {
                "name": "app",
                "containerID": "containerd://abc",
                "restartCount": 4,
                "state": {"running": {}},
                "lastState": {"terminated": {"reason": "OOMKilled", "exitCode": 137, "finishedAt": "2026-11-23T20:44:00Z"}},
            }
        ],
        "initContainerStatuses": [
            {"name": "init", "containerID": "containerd://def", "state": {"terminated": {"reason": "Completed", "exitCode": 0}}}
        ],
    },
}


def test_node():
    assert api_object.node(NODE) == {
        "name": "w1",
        "uid": "95156a88",
        "created": "2026-11-23T20:30:52Z",
        "labels": {"kubernetes.io/hostname": "w1"},
        "annotations": {},
        "addresses": [{"type": "InternalIP", "address": "10.77.0.11"}],
        "unschedulable": True,
        "cordon": {"by": "kubectl-cordon", "at": "2026-11-23T20:31:00Z"},
        "taints": [{"key": "node.kubernetes.io/unschedulable", "value": None, "effect": "NoSchedule", "added": "2026-11-23T20:31:01Z"}],
        "conditions": [
            {
                "type": "Ready",
                "status": "Unknown",
                "reason": "NodeStatusUnknown",
                "message": "Kubelet stopped posting node status.",
                "transition": "2026-11-23T20:40:00Z",
                "heartbeat": "2026-11-23T20:30:52Z",
            }
        ],
        "info": {"kubelet": "v1.35.4", "kernel": "6.1.0", "runtime": "containerd://1.6.20", "os": "Debian", "boot_id": "e8617091"},
        "provider_id": None,
        "attached": [],
        "capacity": {"memory": "24684084Ki", "pods": "110"},
        "allocatable": {"pods": "110"},
    }


def test_pod_without_its_environment():
    pod = api_object.pod(POD)
    assert pod == {
        "namespace": "shop",
        "name": "leaky-x",
        "uid": "u1",
        "phase": "Running",
        "owner": {"kind": "ReplicaSet", "name": "leaky"},
        "agent": None,
        "qos": "Burstable",
        "deleting": "2026-11-23T20:45:00Z",
        "tolerations": {"not_ready_s": 300, "unreachable_s": 30},
        "containers": [
            {
                "name": "app",
                "id": "abc",
                "restarts": 4,
                "state": "running",
                "reason": None,
                "exit_code": None,
                "message": None,
                "last": {"reason": "OOMKilled", "exit_code": 137, "at": "2026-11-23T20:44:00Z", "message": None},
                "memory_limit": 2**30,
                "memory_request": 512 * 10**6,
            },
            {
                "name": "late",
                "id": None,
                "restarts": 0,
                "state": None,
                "reason": None,
                "exit_code": None,
                "message": None,
                "last": None,
                "memory_limit": None,
                "memory_request": None,
            },
        ],
    }
    assert "s3cret" not in str(pod)


@pytest.mark.parametrize(
    "metadata, owner",
    [
        ({"annotations": {"kubernetes.io/config.mirror": "x"}}, {"kind": "Node", "name": "w1"}),
        ({"ownerReferences": [{"kind": "DaemonSet", "name": "cni", "controller": True}]}, {"kind": "DaemonSet", "name": "cni"}),
        ({}, None),
    ],
)
def test_owner(metadata, owner):
    assert api_object.pod({"metadata": metadata, "spec": {"nodeName": "w1"}})["owner"] == owner


@pytest.mark.parametrize(
    "tolerations, seconds",
    [
        ([], 0),
        ([{"operator": "Exists"}], None),
        ([{"operator": "Exists", "effect": "NoSchedule"}], 0),
        ([{"operator": "Exists"}, {"key": "node.kubernetes.io/not-ready", "effect": "NoExecute", "tolerationSeconds": 60}], 60),
        ([{"key": "node.alpha.kubernetes.io/notReady", "effect": "NoExecute", "tolerationSeconds": 300}], 300),
        ([{"key": "node.kubernetes.io/not-ready", "effect": "NoExecute", "tolerationSeconds": -5}], 0),
    ],
)
def test_tolerations_as_the_taint_manager_reckons(tolerations, seconds):
    assert api_object.pod({"spec": {"tolerations": tolerations}})["tolerations"]["not_ready_s"] == seconds


@pytest.mark.parametrize(
    "item, expected",
    [
        (
            {
                "type": "Warning",
                "reason": "SystemOOM",
                "message": "m",
                "count": 3,
                "firstTimestamp": "2026-11-23T02:00:00Z",
                "lastTimestamp": "2026-11-23T02:13:07Z",
                "source": {"component": "kubelet", "host": "w1"},
            },
            {
                "type": "Warning",
                "reason": "SystemOOM",
                "message": "m",
                "count": 3,
                "first": "2026-11-23T02:00:00Z",
                "last": "2026-11-23T02:13:07Z",
                "source": "kubelet",
            },
        ),
        (
            {
                "reason": "X",
                "eventTime": "2026-11-23T02:00:00.123456Z",
                "series": {"count": 9, "lastObservedTime": "2026-11-23T02:05:00.5Z"},
                "source": {},
                "reportingComponent": "npd",
            },
            {
                "type": None,
                "reason": "X",
                "message": None,
                "count": 9,
                "first": "2026-11-23T02:00:00Z",
                "last": "2026-11-23T02:05:00Z",
                "source": "npd",
            },
        ),
    ],
)
def test_event_old_and_new(item, expected):
    assert api_object.event(item) == expected


def test_lease():
    assert api_object.lease({"spec": {"holderIdentity": "w1", "leaseDurationSeconds": 40, "renewTime": "2026-11-23T20:34:05.383056Z"}}) == {
        "renewed": "2026-11-23T20:34:05Z",
        "holder": "w1",
        "duration_s": 40,
    }


@pytest.mark.parametrize(
    "text, bytes_",
    [
        ("1Gi", 2**30),
        ("512Mi", 2**29),
        ("1.5Gi", 3 * 2**29),
        ("128974848", 128974848),
        ("129e6", 129000000),
        ("129M", 129000000),
        ("1E", 10**18),
        ("100m", 1),
        (1024, 1024),
        ("0", 0),
        ("", None),
        ("1 Gi", None),
        ("many", None),
        (None, None),
        (True, None),
        ("1e999999999", None),
        ("..", None),
        ([], None),
    ],
)
def test_quantity(text, bytes_):
    assert api_object.quantity(text) == bytes_


@pytest.mark.parametrize(
    "junk",
    [
        None,
        [],
        "x",
        3,
        {},
        {"metadata": None, "spec": [], "status": "x"},
        {
            "metadata": {"name": 3, "labels": [1], "ownerReferences": {}, "managedFields": [None]},
            "spec": {"unschedulable": "true", "taints": [3, None], "containers": [{"name": None, "resources": 5}], "tolerations": [{}]},
            "status": {
                "conditions": [[], {"type": 7, "lastTransitionTime": "yesterday"}],
                "nodeInfo": [],
                "capacity": {"cpu": []},
                "containerStatuses": [{"state": {"running": 5}, "restartCount": "many", "containerID": 4}],
            },
        },
    ],
)
def test_junk_reads_as_absent(junk):
    for read in (
        api_object.node,
        api_object.pod,
        api_object.lease,
        api_object.event,
        api_object.name,
        api_object.node_of_pod,
        api_object.object_of_event,
    ):
        read(junk)
    assert api_object.node(junk)["unschedulable"] is False
