# Copyright: kubetriage.node contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Diagnosis with the catalogue as it is: what the checks see in the faults of the lab, and the first cause that must come of it."""

import pathlib
import sys

import pytest

from ansible_collections.kubetriage.node.plugins.module_utils.catalogue import FAILURES
from ansible_collections.kubetriage.node.plugins.plugin_utils.diagnosis import diagnose

sys.path.insert(0, str(pathlib.Path(__file__).parent))
import incident  # noqa: E402
from incident import check, evidence, the_night, view  # noqa: E402

UNKNOWN = view("Unknown", "02:13:50", "02:13:02", not_ready=["node-worker-02"])
FALSE = view("False", "02:13:50", not_ready=["node-worker-02"])


def finding(name, *rest, **more):
    return incident.finding(name, *rest, failures=FAILURES, **more)


def seen(name, *findings, control_plane=None, **more):
    """A node's evidence, with what the control plane's check says of the view."""
    told = []
    if control_plane is UNKNOWN:
        told.append(finding("kubelet.not_posting", since="02:13:50", basis="api"))
    elif control_plane is FALSE:
        told.append(finding("kubelet.not_ready", since="02:13:50", basis="api"))
    checks = {found: [] for found in ("kubelet_health", "runtime_health", "oom_scan", "cni_chain_check", "node_resources", "api_path", "kernel_health")}
    for where, found in findings:
        (told if where == "control_plane" else checks[where]).append(found)
    return pytest.param(evidence(*(check(where, *found) for where, found in checks.items()), check("control_plane", *told),
                                 control_plane=control_plane, **more), id=name)


def state(name, **more):
    return finding(name, basis="state", **more)


def log(name, since="02:13:10", until="02:20:15", count=40, **more):
    return finding(name, since=since, until=until, count=count, **more)


FAULTS = [
    (seen("kubelet stopped", ("kubelet_health", state("kubelet.stopped", since="02:13:08", subject={"unit": "kubelet"})), control_plane=UNKNOWN),
     "kubelet.stopped", "confirmed", "not_ready"),
    (seen("kubelet stopped a second after a request of its failed", ("kubelet_health", state("kubelet.stopped", since="02:13:08", subject={"unit": "kubelet"})),
          ("kubelet_health", log("api.timeout", "02:13:07", "02:13:07", count=1)), control_plane=UNKNOWN), "kubelet.stopped", "confirmed", "not_ready"),
    (seen("kubelet stopped just now", ("kubelet_health", state("kubelet.stopped", since="02:20:08")), control_plane=view()),
     "kubelet.stopped", "likely", "degraded"),
    (seen("kubelet OOM-killed", ("kubelet_health", state("kubelet.failed", since="02:13:08")), ("oom_scan", log("memory.oom.kubelet", "02:13:07", "02:13:07")),
          ("oom_scan", log("memory.oom.node", "02:13:07", "02:13:07", count=1)), control_plane=UNKNOWN), "memory.oom.node", "confirmed", "not_ready"),
    (seen("kubelet killed in its own cgroup", ("kubelet_health", state("kubelet.failed", since="02:13:08")),
          ("kubelet_health", log("memory.oom.kubelet", "02:13:08", "02:13:08", count=2)), control_plane=UNKNOWN),
     "memory.oom.kubelet", "confirmed", "not_ready"),
    (seen("pod over its limit", ("oom_scan", log("memory.oom.container", count=3)), control_plane=view()), "memory.oom.container", "likely", "degraded"),
    (seen("disk full under the kubelet", ("node_resources", state("disk.full", subject={"mount": "/var/lib/kubelet"}, used=1.0)),
          ("kubelet_health", log("disk.full")), ("control_plane", finding("disk.pressure", since="02:14:00", basis="api")), control_plane=view()),
     "disk.full", "confirmed", "degraded"),
    (seen("PIDs used up", ("node_resources", state("pids.exhausted", used=32700, limit=32768)), ("runtime_health", log("runtime.create_failed")),
          ("control_plane", finding("pids.pressure", since="02:14:00", basis="api")), control_plane=view()), "pids.exhausted", "confirmed", "degraded"),
    (seen("containerd stopped", ("runtime_health", state("runtime.stopped", since="02:13:20", subject={"unit": "containerd"})),
          ("kubelet_health", log("kubelet.runtime_down", "02:13:22")), ("kubelet_health", log("kubelet.pleg_unhealthy", "02:16:20")), control_plane=FALSE),
     "runtime.stopped", "confirmed", "not_ready"),
    (seen("containerd hung", ("runtime_health", state("runtime.hung", subject={"unit": "containerd"})),
          ("kubelet_health", log("kubelet.runtime_down", "02:13:22")),
          ("kubelet_health", log("kubelet.pleg_unhealthy", "02:16:20")), control_plane=FALSE), "runtime.hung", "confirmed", "not_ready"),
    (seen("conflist gone", ("cni_chain_check", state("cni.config_missing")), ("runtime_health", state("cni.not_initialized")),
          ("kubelet_health", log("cni.not_initialized")), control_plane=FALSE), "cni.config_missing", "confirmed", "not_ready"),
    (seen("KUBE chains flushed and FORWARD DROP", ("cni_chain_check", state("cni.chains_flushed")), ("cni_chain_check", state("cni.forward_drop")),
          control_plane=view()), "cni.chains_flushed", "confirmed", "degraded"),
    (seen("API port dropped", ("api_path", state("api.port_dropped", subject={"server": "10.0.0.1:6443"})), ("api_path", state("api.timeout")),
          ("kubelet_health", log("api.timeout")), ("kubelet_health", log("api.lease_failing")), control_plane=UNKNOWN),
     "api.port_dropped", "confirmed", "not_ready"),
    (seen("client certificate expired", ("kubelet_health", state("cert.client_expired", since="02:10:00")),
          ("kubelet_health", state("kubelet.crash_loop", since="02:13:00")),
          ("kubelet_health", log("cert.client_expired", "02:13:00")), ("api_path", state("api.unauthorized")), control_plane=UNKNOWN),
     "cert.client_expired", "confirmed", "not_ready"),
    (seen("bad kubelet flag", ("kubelet_health", state("kubelet.crash_loop", since="02:20:10")),
          ("kubelet_health", log("kubelet.bad_flag", subject={"flag": "--nope"})),
          control_plane=UNKNOWN), "kubelet.bad_flag", "confirmed", "not_ready"),
    (seen("a crash loop whose reason is not known", ("kubelet_health", state("kubelet.crash_loop")), ("kubelet_health", log("kubelet.start_failed")),
          control_plane=UNKNOWN), "kubelet.start_failed", "confirmed", "not_ready"),
    (seen("link down", control_plane=UNKNOWN, reach={"how": "ssh", "ok": False, "error": "Connection timed out", "kind": "timeout"}),
     "host.unreachable", "likely", "not_ready"),
]


@pytest.mark.parametrize("given_evidence, cause, confidence, node_state", [pytest.param(*fault.values, *rest, id=fault.id) for fault, *rest in FAULTS])
def test_faults_of_the_lab(given_evidence, cause, confidence, node_state):
    if not given_evidence["reach"]["ok"]:
        given_evidence = dict(given_evidence, checks=given_evidence["checks"][-1:])
        node_state = "unreachable"
    verdict = diagnose(given_evidence)
    assert [(each["id"], each["confidence"]) for each in verdict["causes"]] == [(cause, confidence)]
    assert verdict["state"] == node_state
    assert verdict["causes"][0]["evidence"] and verdict["next_steps"]
    if node_state == "not_ready":
        assert verdict["chain"][0] == cause and verdict["chain"][-1] in ("kubelet.not_ready", "kubelet.not_posting")


def test_the_night():
    verdict = diagnose(the_night())
    assert [(cause["id"], cause["confidence"]) for cause in verdict["causes"]] == [("memory.oom.kubelet", "confirmed")]
    assert verdict["next_steps"][0] == "systemctl start kubelet"


@pytest.mark.parametrize("name", sorted(FAILURES))
def test_each_failure_alone(name):
    """No failure of the catalogue breaks diagnosis, only causes and symptoms become causes, and every step can be shown."""
    for basis in ("state", "log", "api"):
        for ready in (view(), UNKNOWN, None):
            verdict = diagnose(evidence(check("kubelet_health", finding(name, since="02:13:00", until="02:20:00", basis=basis)), control_plane=ready))
            assert all(FAILURES[cause["id"]]["role"] != "presence" for cause in verdict["causes"])
            assert not any("{pod}" in step or "{unit}" in step or "{mount}" in step for step in verdict["next_steps"])


@pytest.mark.parametrize("ready, until, state", [
    (view(), "02:20:18", "healthy"),  # a lost request, and the node is Ready
    (None, "02:18:30", "unknown"),  # the log goes on without another
    (None, "02:20:18", "not_ready"),  # the last that was heard
    (UNKNOWN, "02:20:18", "not_ready"),
])
def test_lines_that_are_too_few(ready, until, state):
    said = log("api.timeout", "02:18:00", until, count=1, severity="info", few=True)
    verdict = diagnose(evidence(check("kubelet_health", said, status="unknown"), control_plane=ready))
    assert verdict["state"] == state
    assert [cause["id"] for cause in verdict["causes"]] == (["api.timeout"] if state == "not_ready" else [])


def test_a_kubelet_that_was_stopped_did_not_fail_for_a_slow_api_server():
    """What failed would have been seen to fail: between the timeouts and a clean stop nothing was."""
    case = seen("", ("kubelet_health", state("kubelet.stopped", since="02:13:08", subject={"unit": "kubelet"})),
                ("kubelet_health", log("api.timeout", "02:10:10", "02:11:30")), control_plane=UNKNOWN).values[0]
    verdict = diagnose(case)
    assert [cause["id"] for cause in verdict["causes"]] == ["kubelet.stopped", "api.timeout"]
    assert "kubelet.stopped" not in [symptom["id"] for symptom in verdict["symptoms"]]


def test_one_slow_answer_is_no_cause_while_the_kubelet_posts():
    """The kubelet itself says NotReady, so its requests get through, whatever one request of ours met."""
    posting = view("False", "02:13:50", "02:20:15", not_ready=["node-worker-02"])
    case = seen("", ("cni_chain_check", state("cni.config_missing", since="02:13:40")), ("runtime_health", state("cni.not_initialized")),
                ("api_path", state("api.timeout", since="02:20:15")), ("control_plane", finding("kubelet.not_ready", since="02:13:50", basis="api")),
                control_plane=posting).values[0]
    verdict = diagnose(case)
    assert [cause["id"] for cause in verdict["causes"]] == ["cni.config_missing"]
    assert "api.timeout" in [found["id"] for found in verdict["findings"]]


def first(*findings, control_plane):
    return [cause["id"] for cause in diagnose(seen("x", *findings, control_plane=control_plane).values[0])["causes"]]


def test_a_full_disk_of_a_runtime_that_is_well_did_not_stop_the_kubelet():
    assert set(first(("kubelet_health", state("kubelet.stopped", since="02:13:08")),
                     ("node_resources", state("disk.full", subject={"mount": "/data"}, used=1.0)), control_plane=UNKNOWN)) == {"kubelet.stopped", "disk.full"}


@pytest.mark.parametrize("address, labels, cause", [
    ("10.0.0.21", {}, "api.refused"), ("10.0.0.21", {"node-role.kubernetes.io/control-plane": ""}, "memory.oom.node"), ("10.0.0.1", {}, "memory.oom.node")])
def test_an_api_server_at_another_nodes_address_does_not_refuse_for_this_ones_memory(address, labels, cause):
    view_of_it = dict(UNKNOWN, addresses=[{"type": "InternalIP", "address": address}], labels=labels)
    assert first(("kubelet_health", log("api.refused", "02:13:12", subject={"server": "10.0.0.1:6443"})),
                 ("oom_scan", log("memory.oom.node", "02:12:50", "02:12:50", count=1)),
                 ("control_plane", finding("kubelet.not_posting", since="02:13:50", basis="api")), control_plane=view_of_it)[0] == cause
