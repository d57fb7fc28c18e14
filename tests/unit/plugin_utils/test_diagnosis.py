# Copyright: kubetriage.node contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

import copy
import json
import pathlib
import shlex
import sys

import pytest
from hypothesis import given, settings, strategies as st

from ansible_collections.kubetriage.node.plugins.plugin_utils import diagnosis

sys.path.insert(0, str(pathlib.Path(__file__).parent))
from incident import FAILURES, FAMILIES, check, evidence, finding, the_night, view  # noqa: E402

STOPPED = finding("kubelet.stopped", since="02:13:08", basis="state")
SSH_TIMEOUT = {"how": "ssh", "ok": False, "error": "ssh: connect to host node-worker-02 port 22: Connection timed out", "kind": "timeout"}
SSH_KEY = {"how": "ssh", "ok": False, "error": "Permission denied (publickey)", "kind": "key"}


def diagnose(given_evidence):
    return diagnosis.diagnose(given_evidence, FAILURES, FAMILIES)


def causes(verdict):
    return [(cause["id"], cause["confidence"]) for cause in verdict["causes"]]


def test_the_night():
    verdict = diagnose(the_night())
    assert (verdict["state"], verdict["scope"], verdict["since"]) == ("not_ready", "node", "2026-11-23T02:13:50Z")
    assert causes(verdict) == [("memory.oom.kubelet", "confirmed")]
    cause = verdict["causes"][0]
    assert cause["why"] == "pod shop/leaky-7d4f9c-x2x8p (app) held 13.1 of 15.6 GiB and has no memory limit"
    assert cause["against"] == []
    assert verdict["chain"] == ["memory.oom.kubelet", "kubelet.failed", "kubelet.not_posting"]
    assert [(symptom["id"], symptom["of"]) for symptom in verdict["symptoms"]] == [
        ("kubelet.failed", "memory.oom.kubelet"), ("kubelet.not_posting", "memory.oom.kubelet")]
    assert [found["id"] for found in verdict["findings"]] == ["disk.nearly_full"]
    assert verdict["not_checked"] == [{"what": "SMART", "why": "smartctl not installed"}]
    assert verdict["next_steps"][0] == "kubectl -n shop set resources pod/leaky-7d4f9c-x2x8p --limits=memory=1Gi"
    assert [point["time"][11:19] for point in verdict["timeline"]] == ["02:13:07", "02:13:07", "02:13:08", "02:13:50"]


HEALTHY = [check(name) for name in ("kubelet_health", "runtime_health", "node_resources", "oom_scan")]


@pytest.mark.parametrize("state, given_evidence", [
    ("healthy", evidence(*HEALTHY, control_plane=view())),
    ("healthy", evidence(*HEALTHY)),
    ("healthy", evidence(*HEALTHY, check("control_plane", finding("raid.degraded", "info", basis="api")), control_plane=view())),
    ("unknown", evidence()),
    ("unknown", evidence(check("kubelet_health", status="unknown"), check("node_resources"))),
    ("unknown", evidence(reach={"how": "none", "ok": False, "error": None, "kind": None})),
    ("degraded", evidence(check("cni_chain_check", finding("cni.chains_flushed", basis="state")), control_plane=view())),
    ("degraded", evidence(check("kernel_health", finding("raid.degraded", basis="state")), *HEALTHY)),
    ("degraded", evidence(check("kubelet_health", STOPPED), control_plane=view())),  # the API server has not noticed yet
    ("degraded", evidence(check("kernel_health", finding("memory.oom.container", since="02:19:00", until="02:19:00")))),
    ("not_ready", evidence(check("kubelet_health", STOPPED))),
    ("not_ready", evidence(check("kubelet_health", STOPPED), control_plane=view(renewed="02:10:00"))),  # Ready=True out of date
    ("not_ready", evidence(*HEALTHY, control_plane=view("False"))),
    ("not_ready", evidence(*HEALTHY, control_plane=view("Unknown"))),
    ("not_ready", evidence(check("runtime_health", finding("runtime.hung", basis="state")), check("kubelet_health"))),
    ("not_ready", evidence(check("kubelet_health", finding("kubelet.pleg_unhealthy", until="02:20:00")))),
    ("degraded", evidence(check("kubelet_health"), check("oom_scan", finding("memory.oom.kubelet", until="02:20:00")))),
    ("unreachable", evidence(reach=SSH_TIMEOUT)),
    ("unreachable", evidence(reach=SSH_TIMEOUT, control_plane=view("Unknown", renewed="02:10:00"))),
    ("unreachable", evidence(reach=SSH_KEY, control_plane=view())),
])
def test_state(state, given_evidence):
    assert diagnose(given_evidence)["state"] == state


@pytest.mark.parametrize("name, given_evidence, expected, symptoms", [
    ("a deeper cause explains, through what was not seen", evidence(
        check("node_resources", finding("disk.full", basis="state", subject={"mount": "/var"})),
        check("kubelet_health", finding("kubelet.pleg_unhealthy", since="02:10:00", until="02:20:00"))),
     [("disk.full", "confirmed")], {"kubelet.pleg_unhealthy": "disk.full"}),
    ("the deepest of several", evidence(
        check("api_path", finding("time.skew", basis="state")), check("kubelet_health", finding("cert.client_expired", basis="state"),
                                                                      finding("kubelet.unauthorized", since="02:15:00", until="02:20:00"))),
     [("time.skew", "confirmed")], {"cert.client_expired": "time.skew", "kubelet.unauthorized": "time.skew"}),
    ("a cause does not start after its effect", evidence(
        check("kubelet_health", finding("kubelet.pleg_unhealthy", since="02:10:00", until="02:20:00")),
        check("runtime_health", finding("runtime.hung", since="02:15:00", until="02:20:00"))),
     [("kubelet.pleg_unhealthy", "possible"), ("runtime.hung", "likely")], {}),
    ("within the slack it does", evidence(
        check("kubelet_health", finding("kubelet.pleg_unhealthy", since="02:10:00", until="02:20:00")),
        check("runtime_health", finding("runtime.hung", since="02:10:02", until="02:20:00"))),
     [("runtime.hung", "confirmed")], {"kubelet.pleg_unhealthy": "runtime.hung"}),
    ("a repeated line was cut off by the window for up to its period", evidence(
        check("kubelet_health", finding("kubelet.pleg_unhealthy", since="02:10:00", until="02:20:00")),
        check("runtime_health", finding("runtime.hung", since="02:11:00", until="02:20:00", count=10))),
     [("runtime.hung", "confirmed")], {"kubelet.pleg_unhealthy": "runtime.hung"}),
    ("a state is known to a heartbeat", evidence(
        check("kubelet_health", finding("kubelet.pleg_unhealthy", since="02:10:00", until="02:20:00")),
        check("runtime_health", finding("runtime.hung", since="02:12:00", basis="state"))),
     [("runtime.hung", "confirmed")], {"kubelet.pleg_unhealthy": "runtime.hung"}),
    ("only a symptom", evidence(check("kubelet_health", finding("kubelet.pleg_unhealthy", until="02:20:00"))),
     [("kubelet.pleg_unhealthy", "possible")], {}),
    ("the first of symptoms only", evidence(
        check("kubelet_health", finding("kubelet.pleg_unhealthy", until="02:20:00")), check("control_plane", finding("kubelet.not_ready", basis="api")),
        control_plane=view("False")),
     [("kubelet.pleg_unhealthy", "possible")], {"kubelet.not_ready": "kubelet.pleg_unhealthy"}),
    ("NotReady and nothing else", evidence(*HEALTHY, check("control_plane", finding("kubelet.not_posting", basis="api")),
                                           control_plane=view("Unknown")),
     [("kubelet.not_posting", "possible")], {}),
    ("what cannot take a node out is not confirmed, and NotReady stays unexplained", evidence(
        check("cni_chain_check", finding("cni.chains_flushed", basis="state")), check("control_plane", finding("kubelet.not_posting", basis="api")),
        control_plane=view("Unknown")),
     [("cni.chains_flushed", "possible")], {"kubelet.not_posting": None}),
    ("two causes: the one that leads to NotReady first", evidence(
        check("cni_chain_check", finding("cni.chains_flushed", basis="state")), check("kubelet_health", STOPPED),
        check("control_plane", finding("kubelet.not_posting", basis="api")), control_plane=view("Unknown", "02:13:50", "02:13:00")),
     [("kubelet.stopped", "confirmed"), ("cni.chains_flushed", "possible")], {"kubelet.not_posting": "kubelet.stopped"}),
    ("two causes: the deeper family first", evidence(
        check("a", finding("runtime.stopped", basis="state"), finding("disk.full", basis="state")), control_plane=view()),
     [("disk.full", "likely"), ("runtime.stopped", "likely")], {}),
    ("warnings are causes when nothing is critical", evidence(check("a", finding("disk.nearly_full", basis="state")), control_plane=view()),
     [("disk.nearly_full", "likely")], {}),
    ("and findings when something is", evidence(
        check("a", finding("disk.nearly_full", basis="state"), finding("cni.chains_flushed", basis="state")), control_plane=view()),
     [("cni.chains_flushed", "likely")], {}),
    ("a warning that cannot take a node out does not explain NotReady", evidence(
        check("a", finding("cert.client_expires_soon", basis="state")), check("control_plane", finding("kubelet.not_posting", basis="api")),
        control_plane=view("Unknown")),
     [("kubelet.not_posting", "possible")], {}),
    ("what is merely present never is", evidence(check("a", finding("raid.degraded", basis="state")), *HEALTHY), [], {}),
    ("the API server has not noticed", evidence(check("kubelet_health", STOPPED), control_plane=view()), [("kubelet.stopped", "likely")], {}),
    ("the API server alone", evidence(check("control_plane", finding("disk.full", basis="api")), control_plane=view()), [("disk.full", "likely")], {}),
    ("a log line that the state contradicts", evidence(
        check("kubelet_health", finding("disk.full", since="02:10:00", until="02:18:00")), check("node_resources")), [("disk.full", "possible")], {}),
    ("a log line whose state could not be read", evidence(
        check("kubelet_health", finding("disk.full", since="02:10:00", until="02:18:00")),
        check("node_resources", status="unknown", gaps=[("file systems", "df timed out")])), [("disk.full", "likely")], {}),
    ("a log line so fresh that the state does not contradict it", evidence(
        check("kubelet_health", finding("disk.full", since="02:10:00", until="02:20:00")), check("node_resources")), [("disk.full", "likely")], {}),
    ("what is worth an info until it has cost a database", evidence(
        check("host", finding("host.unclean_shutdown", since="01:30:00", until="01:30:00", past=True)),
        check("runtime_health", finding("runtime.metadata_corrupt", since="01:30:40", until="02:20:00", count=100))),
     [("host.unclean_shutdown", "confirmed")], {"runtime.metadata_corrupt": "host.unclean_shutdown"}),
    ("but not one that ended long before", evidence(
        check("host", finding("host.unclean_shutdown", since="01:30:00", until="01:30:00", past=True)),
        check("runtime_health", finding("runtime.metadata_corrupt", since="01:50:40", until="02:20:00", count=100))),
     [("runtime.metadata_corrupt", "likely")], {}),
    ("an event of long ago whose effect holds", evidence(
        check("kernel_health", finding("storage.fs_error", "info", since="01:30:00", until="01:30:00", past=True)),
        check("node_resources", finding("disk.read_only", basis="state", subject={"mount": "/"})), control_plane=view()),
     [("storage.fs_error", "confirmed")], {"disk.read_only": "storage.fs_error"}),
    ("a state that is mended does not lie under anything", evidence(
        check("kubelet_health", finding("disk.full", "info", since="01:30:00", until="01:40:00", past=True)), check("node_resources"),
        check("runtime_health", finding("runtime.hung", basis="state")), control_plane=view()), [("runtime.hung", "likely")], {}),
    ("a reboot explains NotReady if nothing else does", evidence(
        check("control_plane", finding("kubelet.not_posting", basis="api"), finding("host.rebooted", since="02:13:00", basis="api")),
        *HEALTHY, control_plane=view("Unknown", "02:13:50", "02:13:00")),
     [("host.rebooted", "likely")], {"kubelet.not_posting": "host.rebooted"}),
    ("a restart loop's lines come round", evidence(
        check("kubelet_health", finding("kubelet.crash_loop", since="02:10:00", until="02:10:11", count=2),
              finding("kubelet.bad_flag", since="02:10:09", until="02:10:09", count=1))),
     [("kubelet.bad_flag", "confirmed")], {"kubelet.crash_loop": "kubelet.bad_flag"}),
    ("what is told late began earlier", evidence(
        check("kernel_health", finding("storage.nvme_timeout", since="02:10:50", until="02:11:20", count=2)),
        check("kubelet_health", finding("api.etcd_failing", since="02:10:05", until="02:20:00", count=40))),
     [("storage.nvme_timeout", "confirmed")], {"api.etcd_failing": "storage.nvme_timeout"}),
    ("but not so much earlier", evidence(
        check("kernel_health", finding("storage.nvme_timeout", since="02:15:50", until="02:16:20", count=2)),
        check("kubelet_health", finding("api.etcd_failing", since="02:10:05", until="02:20:00", count=40))),
     [("api.etcd_failing", "likely")], {}),
    ("what happens in a moment brings about what begins soon after", evidence(
        check("oom_scan", finding("memory.oom.node", since="01:10:00", until="01:10:00", count=1)),
        check("runtime_health", finding("runtime.stopped", since="01:15:00", basis="state")), control_plane=view()),
     [("memory.oom.node", "confirmed")], {"runtime.stopped": "memory.oom.node"}),
    ("and not hours later", evidence(
        check("oom_scan", finding("memory.oom.node", since="01:10:00", until="01:10:00", count=1)),
        check("runtime_health", finding("runtime.stopped", since="02:15:00", basis="state"))),
     [("runtime.stopped", "confirmed")], {}),
    ("a symptom that lies under a cause is the first one", evidence(
        check("kubelet_health", finding("disk.pressure", since="02:10:00", until="02:20:00", count=9),
              finding("api.refused", since="02:10:30", until="02:20:00", count=40))),
     [("disk.pressure", "likely")], {"api.refused": "disk.pressure"}),
    ("but pressure alone does not explain NotReady", evidence(
        check("control_plane", finding("disk.pressure", since="02:10:00", basis="api"), finding("kubelet.not_posting", basis="api")),
        control_plane=view("Unknown")),
     [("kubelet.not_posting", "possible")], {}),
    ("what is present stands for a symptom that nothing else explains", evidence(
        check("node_resources", finding("disk.filling", basis="state")), check("kubelet_health", finding("disk.pressure", until="02:20:00", count=9)),
        control_plane=view()),
     [("disk.filling", "likely")], {"disk.pressure": "disk.filling"}),
    ("two independent causes, one of them of after the onset", evidence(
        check("kubelet_health", finding("api.refused", since="02:13:00", until="02:20:00", count=40),
              finding("disk.full", since="02:18:00", until="02:20:00", count=9)),
        check("control_plane", finding("kubelet.not_posting", since="02:13:50", basis="api")), control_plane=view("Unknown", "02:13:50", "02:13:00")),
     [("api.refused", "confirmed"), ("disk.full", "possible")], {"kubelet.not_posting": "api.refused"}),
    ("a heartbeat that came later says that the link is back", evidence(
        check("kernel_health", finding("nic.link_down", since="02:10:00", until="02:10:00", count=1)), control_plane=view()), [], {}),
    ("what came after the trouble began stands behind", evidence(
        check("kubelet_health", finding("kubelet.stopped", since="01:13:00", until="01:13:00", count=1)),
        check("oom_scan", finding("memory.oom.kubelet", since="01:50:00", until="01:50:00", count=1))),
     [("kubelet.stopped", "likely"), ("memory.oom.kubelet", "likely")], {}),
    ("a line that tells of an effect and of its cause needs no other cause", evidence(
        check("kubelet_health", finding("kubelet.crash_loop", since="02:10:00", until="02:20:00", count=40, text="exits: unknown flag"),
              finding("kubelet.bad_flag", since="02:10:00", until="02:20:00", count=40, text="exits: unknown flag")),
        check("node_resources", finding("disk.full", basis="state"))),
     [("kubelet.bad_flag", "confirmed"), ("disk.full", "likely")], {"kubelet.crash_loop": "kubelet.bad_flag"}),
    ("a cause next to an effect explains it before one that leads there by way of what was not seen", evidence(
        check("kubelet_health", finding("cert.client_expired", since="02:10:00", until="02:20:00", count=9),
              finding("nic.link_down", since="02:12:00", until="02:12:00", count=1)),
        check("control_plane", finding("kubelet.not_posting", since="02:13:50", basis="api")), control_plane=view("Unknown", "02:13:50", "02:13:00")),
     [("nic.link_down", "confirmed"), ("cert.client_expired", "confirmed")], {"kubelet.not_posting": "nic.link_down"}),
    ("silent on both sides", evidence(reach=SSH_TIMEOUT, control_plane=view("Unknown", "02:13:50", "02:13:00")), [("host.unreachable", "likely")], {}),
    ("only SSH fails", evidence(reach=SSH_TIMEOUT, control_plane=view()), [], {}),
    ("our key is refused: not the node's fault", evidence(
        check("control_plane", finding("kubelet.not_posting", basis="api")), reach=SSH_KEY,
        control_plane=view("Unknown", "02:13:50", "02:13:00")), [("kubelet.not_posting", "possible")], {}),
    ("nobody told anything", evidence(reach=SSH_TIMEOUT), [], {}),
])
def test_causes(name, given_evidence, expected, symptoms):
    verdict = diagnose(given_evidence)
    assert causes(verdict) == expected
    assert {symptom["id"]: symptom["of"] for symptom in verdict["symptoms"]} == symptoms


def test_both_of_one_failure_are_named():
    verdict = diagnose(evidence(check("node_resources", *(finding("disk.full", basis="state", subject={"mount": mount}, used=0.99)
                                                          for mount in ("/var", "/", "/data")))))
    assert verdict["causes"][0]["why"] == "99 % of / is used; also /data, /var"


def test_the_report_that_names_the_culprit_comes_before_the_units_line():
    night = the_night()
    night["checks"][0]["findings"].append(finding("memory.oom.kubelet", since="02:13:07", until="02:13:08", subject={"unit": "kubelet"}, count=2))
    cause = diagnose(night)["causes"][0]
    assert cause["why"] == "pod shop/leaky-7d4f9c-x2x8p (app) held 13.1 of 15.6 GiB and has no memory limit"
    assert len(cause["evidence"]) == 3 and cause["evidence"][0]["source"] == "kernel"


@pytest.mark.parametrize("name, given_evidence, over", [
    ("long before the onset, and the state is fine", evidence(
        check("runtime_health", finding("runtime.hung", since="01:30:00", until="01:40:00")), check("kubelet_health", STOPPED)), True),
    ("long before the onset, and the state is not fine", evidence(
        check("runtime_health", finding("runtime.hung", since="01:30:00", until="01:40:00"), finding("runtime.stopped", basis="state")),
        check("kubelet_health", STOPPED)), False),
    ("just before the onset", evidence(
        check("runtime_health", finding("runtime.hung", since="02:10:00", until="02:13:00")), check("kubelet_health", STOPPED)), False),
    ("Ready again", evidence(check("runtime_health", finding("runtime.hung", since="01:30:00", until="01:40:00")), control_plane=view()), True),
    ("Ready, but only just", evidence(check("runtime_health", finding("runtime.hung", since="02:10:00", until="02:18:00")), control_plane=view()), False),
    ("loose logs know no now", evidence(check("runtime_health", finding("runtime.hung", since="01:30:00", until="01:40:00")), control_plane=view(),
                                        reach={"how": "loose", "ok": True, "error": None, "kind": None}), False),
])
def test_what_is_over_is_a_finding(name, given_evidence, over):
    verdict = diagnose(given_evidence)
    found = [each for each in verdict["findings"] if each["id"] == "runtime.hung"]
    assert bool(found) == over
    assert all(each["severity"] == "info" and each["over"] for each in found)
    assert ("runtime.hung" in [cause["id"] for cause in verdict["causes"]]) != over
    if name == "Ready again":
        assert verdict["state"] == "healthy"


def test_scope_is_said_first():
    verdict = diagnose(evidence(check("kubelet_health", STOPPED), control_plane=view("Unknown", "02:13:50", "02:13:00", 5, ["a", "b", "c"])))
    assert verdict["scope"] == "cluster" and verdict["scope_why"].startswith("3 of 5 nodes are not Ready")


def test_a_fresh_lease_speaks_against_unknown():
    verdict = diagnose(evidence(check("kubelet_health", STOPPED), control_plane=view("Unknown", "02:13:50")))
    assert "the Lease was renewed 4s ago" in verdict["causes"][0]["against"][0]


@pytest.mark.parametrize("subject, expected", [
    ({"mount": "/var"}, ["df -h /var", "awk '{print $1}' /proc/mounts", "du -x /var"]),
    ({"mount": "/a b;$(reboot)"}, ["df -h " + shlex.quote("/a b;$(reboot)"), "awk '{print $1}' /proc/mounts", "du -x " + shlex.quote("/a b;$(reboot)")]),
    ({}, ["awk '{print $1}' /proc/mounts", "du -x MOUNT"]),
    ({"mount": "-rf"}, ["awk '{print $1}' /proc/mounts", "du -x MOUNT"]),
    ({"mount": "/var\nreboot"}, ["awk '{print $1}' /proc/mounts", "du -x MOUNT"]),
    ({"mount": "{node}"}, ["df -h '{node}'", "awk '{print $1}' /proc/mounts", "du -x '{node}'"]),
])
def test_next_steps_are_safe_to_paste(subject, expected):
    assert diagnose(evidence(check("a", finding("disk.full", basis="state", subject=subject))))["next_steps"] == expected


def test_what_is_only_possible_is_confirmed_first():
    steps = diagnose(evidence(check("kubelet_health", finding("disk.full", since="02:10:00", until="02:18:00", subject={"mount": "/var"})),
                              check("node_resources")))["next_steps"]
    assert steps[0] == "du -x /var"


def test_access_comes_before_the_node():
    assert diagnose(evidence(reach=SSH_KEY))["next_steps"][0].startswith("ssh -v node-worker-02 true")


def test_a_long_time_line_says_what_it_leaves_out():
    lines = [finding("kubelet.pleg_unhealthy", since=f"01:{minute:02}:00", text=f"line {minute}") for minute in range(60)]
    line = diagnose(evidence(check("kubelet_health", *lines, STOPPED)))["timeline"]
    assert len(line) == 41 and line[-1] == {"time": None, "source": "triage", "text": "21 more are left out", "id": None}
    assert line[0]["text"] == "line 21"  # the nearest to the onset stay


@pytest.mark.parametrize("broken", [
    {"id": None}, {"severity": "catastrophic"}, {"id": "no.such"}, {"subject": None, "data": None, "evidence": None},
    {"since": "yesterday", "until": 7, "data": {"count": "many", "used": "all"}, "subject": {"mount": 7}},
    {"id": "memory.oom.kubelet", "data": {"culprit": {"bytes": "x"}, "victim": None}},
    {"id": "memory.oom.kubelet", "data": {"culprit": "x", "victim": "y", "mem_total_bytes": True}},
])
def test_what_a_hostile_node_says_does_not_raise(broken):
    diagnose(evidence(check("a", dict(finding("disk.full"), **broken), status="problem")))


def test_commands_name_the_culprit_and_the_unit():
    night = the_night()
    oom = night["checks"][2]["findings"][0]
    oom["subject"] = {"pod": "victim", "namespace": "other", "comm": "victim"}
    failures = dict(FAILURES, **{"memory.oom.kubelet": dict(FAILURES["memory.oom.kubelet"], fix=[
        "systemctl start {unit}", "kubectl -n {namespace} delete pod {pod}"])})
    assert diagnosis.diagnose(night, failures, FAMILIES)["next_steps"][:2] == [
        "systemctl start kubelet", "kubectl -n shop delete pod leaky-7d4f9c-x2x8p"]


def test_what_lasts_is_mended_first_when_the_cause_has_passed():
    verdict = diagnose(evidence(
        check("kernel_health", finding("nic.link_down", "info", since="02:13:00", until="02:13:00", count=1, past=True)),
        check("kubelet_health", finding("kubelet.stale_connection", since="02:13:20", until="02:20:00", count=20)),
        check("control_plane", finding("kubelet.not_posting", since="02:13:50", basis="api")), control_plane=view("Unknown", "02:13:50", "02:13:00")))
    assert causes(verdict) == [("nic.link_down", "confirmed")]
    assert verdict["next_steps"] == ["systemctl restart kubelet"]


@pytest.mark.parametrize("name, info, text, unit", [
    ("kubelet.stopped", {}, "", "kubelet"),
    ("kubelet.stopped", {"kubelet": "v1.25.3+k3s1"}, "", "k3s-agent"),
    ("runtime.hung", {"runtime": "docker://20.10.7"}, "", "docker"),
    ("runtime.hung", {}, "dial unix /var/run/crio/crio.sock: timeout", "crio"),
    ("runtime.hung", {}, "no answer", "UNIT"),
    ("runtime.hung", {"runtime": "containerd://1.7.2", "kubelet": "v1.28.9+rke2r1"}, "", "rke2-agent"),
    ("disk.full", {"runtime": "containerd://1.7.2"}, "", "UNIT"),
])
def test_the_unit_that_no_line_names(name, info, text, unit):
    failures = dict(FAILURES, **{name: dict(FAILURES[name], fix=["systemctl restart {unit}"])})
    seen = dict(view("Unknown", "02:13:50"), info=info)
    verdict = diagnosis.diagnose(evidence(check("a", finding(name, text=text, until="02:20:00")), control_plane=seen), failures, FAMILIES)
    assert verdict["next_steps"][0] == "systemctl restart " + unit


def test_cycles_in_a_catalogue_do_no_harm():
    failures = {name: dict(FAILURES["disk.full"], id=name, caused_by=by) for name, by in
                {"disk.a": ["disk.b"], "disk.b": ["disk.c", "gone"], "disk.c": ["disk.a"]}.items()}
    verdict = diagnosis.diagnose(evidence(check("a", *(finding(name, failures=failures) for name in failures))), failures, FAMILIES)
    assert len(verdict["causes"]) == 1 and len(verdict["chain"]) == 3


times = st.one_of(st.none(), st.integers(0, 59).map(lambda minute: f"02:{minute:02}:00"))
findings = st.builds(lambda name, since, until, basis, mount, count, severity: finding(
    name, severity, since, until, {"mount": mount} if mount else {}, basis=basis, count=count),
    st.sampled_from(sorted(FAILURES)), times, times, st.sampled_from(["state", "log", "api"]), st.sampled_from(["", "/", "/var"]), st.integers(1, 9),
    st.sampled_from([None, "info", "warning", "critical"]))


@settings(max_examples=200, deadline=None)
@given(st.lists(st.tuples(st.sampled_from(["kubelet_health", "runtime_health", "node_resources"]), findings), max_size=12), st.randoms(),
       st.sampled_from(["True", "False", "Unknown", None]))
def test_the_order_of_evidence_does_not_matter(seen, order, ready):
    def verdict(pairs, names):
        checks = [check(name, *(found for checked, found in pairs if checked == name)) for name in names]
        given_evidence = evidence(*checks, control_plane=view(ready) if ready else None)
        before = copy.deepcopy(given_evidence)
        said = json.dumps(diagnose(given_evidence))
        assert given_evidence == before
        return said

    names = ["kubelet_health", "runtime_health", "node_resources"]
    shuffled, other = list(seen), list(names)
    order.shuffle(shuffled)
    order.shuffle(other)
    first = verdict(seen, names)
    assert first == verdict(shuffled, other)
    said = json.loads(first)
    named = [cause["id"] for cause in said["causes"]]
    assert len(named) == len(set(named))
    assert all(FAILURES[name]["role"] != "presence" or name in {symptom["of"] for symptom in said["symptoms"]} for name in named)
    assert not set(named) & {symptom["id"] for symptom in said["symptoms"]}
    assert all(symptom["of"] in named or symptom["of"] is None for symptom in said["symptoms"])
    told = named + [each["id"] for each in said["symptoms"] + said["findings"]]
    assert sorted(told) == sorted({found["id"] for _checked, found in seen})
