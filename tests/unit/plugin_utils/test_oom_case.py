# Copyright: kubetriage.node contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

import pytest

from ansible_collections.kubetriage.node.plugins.module_utils.catalogue import FAILURES
from ansible_collections.kubetriage.node.plugins.plugin_utils import oom_case

GIB = 1 << 30
UID, ID = "3f0c6f1e-8a52-4b0e-9d6c-2f1d7c0a9b11", "9b7c" * 16


def pod(name="leaky-1", uid=UID, identity=ID, qos="Burstable", limit=None, request=None):
    return {"uid": uid, "name": name, "namespace": "shop", "qos": qos,
            "containers": [{"name": "app", "id": identity, "memory_limit": limit, "memory_request": request}]}


def checks(culprit, event=None, victims=None, failure="memory.oom.container", subject=None):
    found = {"id": failure, "severity": FAILURES[failure]["severity"], "title": FAILURES[failure]["title"], "subject": dict(subject or {}),
             "evidence": [], "data": {"culprit": culprit, "mem_total_bytes": 16 * GIB}}
    told = [{"id": "memory.oom.node", "severity": "critical", "title": "The node ran out of memory", "subject": {},
             "evidence": [{"source": "event", "time": None, "text": event}], "data": {}}] if event else []
    return [{"check": "oom_scan", "findings": [found], "facts": {"victims": victims}},
            {"check": "control_plane", "findings": told, "facts": {}}]


@pytest.mark.parametrize("holder", [{"pod_uid": UID, "container_id": ID}, {"pod_uid": UID, "container_id": None},
                                    {"pod_uid": "d0e1f2a3b4c5d6e7f8091a2b3c4d5e6f", "container_id": ID}],  # a static pod's is not the API's
                         ids=["container", "pod", "static pod"])
def test_names_limits_and_requests_of_the_api(holder):
    culprit = dict(holder, name="java", bytes=GIB, limit_bytes=None)
    said = checks(culprit, subject=holder)
    oom_case.name_pods(said, {"pods": [pod(limit=2 * GIB, request=GIB)]})
    assert {key: culprit[key] for key in ("pod", "namespace", "container", "limit_bytes", "request_bytes", "limit_known")} == {
        "pod": "leaky-1", "namespace": "shop", "container": "app", "limit_bytes": 2 * GIB, "request_bytes": GIB, "limit_known": True}
    assert said[0]["findings"][0]["subject"]["pod"] == "leaky-1"


@pytest.mark.parametrize("adj, pods, expected", [
    (996, [pod(request=64 << 20), pod("big", request=8 * GIB)], "leaky-1"),
    (500, [pod(request=64 << 20), pod("big", request=8 * GIB)], "big"),
    (999, [pod()], "leaky-1"),
    (1000, [pod(qos="BestEffort"), pod("big", qos="Guaranteed")], "leaky-1"),
    (-997, [pod(qos="BestEffort"), pod("big", qos="Guaranteed")], "big"),
    (1000, [pod(qos="BestEffort"), pod("other", qos="BestEffort")], None),  # which of the two?
    (-999, [pod()], None), (None, [pod()], None), ("1000", [pod(qos="BestEffort")], None),
])
def test_the_only_pod_with_this_score(adj, pods, expected):
    culprit = {"name": "java", "bytes": GIB, "adj": adj}
    oom_case.name_pods(checks(culprit), {"pods": pods})
    assert culprit.get("probable", {}).get("pod") == expected and "pod" not in culprit


def test_a_cgroup_is_a_pod():
    said = checks(None, subject={"cgroup": "/sys/fs/cgroup/kubepods/burstable/pod" + UID})
    oom_case.name_pods(said, {"pods": [pod()]})
    assert said[0]["findings"][0]["subject"]["pod"] == "leaky-1"


@pytest.mark.parametrize("event, victims, expected", [
    ("SystemOOM: System OOM encountered, victim process: java, pid: 42", {"42": "memory.oom.container"}, "memory.oom.container"),
    ("SystemOOM: System OOM encountered, victim process: java, pid: 43", {"42": "memory.oom.container"}, "memory.oom.node"),
    ("SystemOOM: System OOM encountered", {"42": "memory.oom.container"}, "memory.oom.container"),
    ("OOMKilling: Killed process 42 (java) total-vm:1kB", {"42": "memory.oom.container"}, "memory.oom.container"),
    ("EvictionThresholdMet: Attempting to reclaim memory", {"42": "memory.oom.container"}, "memory.oom.node"),
    ("SystemOOM: System OOM encountered, victim process: java, pid: 42", "hostile", "memory.oom.node"),
    ("SystemOOM: System OOM encountered, victim process: java, pid: 42", {"42": ["hostile"]}, "memory.oom.node"),
])
def test_an_event_about_a_kill_that_the_kernel_tells_of(event, victims, expected):
    said = checks(None, event, victims)
    oom_case.settle(said)
    found = said[1]["findings"][0]
    assert (found["id"], found["severity"], found["title"]) == (expected, FAILURES[expected]["severity"], FAILURES[expected]["title"])


def test_without_a_kernel_log_the_event_stays():
    said = checks(None, "SystemOOM: System OOM encountered", None)[1:]
    oom_case.settle(said)
    assert said[0]["findings"][0]["id"] == "memory.oom.node"
