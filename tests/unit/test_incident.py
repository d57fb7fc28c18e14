# Copyright: kubetriage.node contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The recorded incident: the verdict that the collection is there for, and evidence that holds together."""

import json
import pathlib
import re

import pytest

from ansible_collections.kubetriage.node.plugins.module_utils.checks import ROUTINE
from ansible_collections.kubetriage.node.plugins.module_utils.node.bundle import Bundle
from ansible_collections.kubetriage.node.plugins.module_utils.parse import oom
from ansible_collections.kubetriage.node.plugins.module_utils.probe import look
from ansible_collections.kubetriage.node.plugins.module_utils.result import iso
from ansible_collections.kubetriage.node.plugins.plugin_utils import verdicts
from ansible_collections.kubetriage.node.plugins.plugin_utils.evidence import open_evidence

INCIDENT = pathlib.Path(__file__).resolve().parents[2] / "docs" / "incidents" / "node-worker-02"
POD = "shop/leaky-7d4f9c8b6d-x2x8p"


@pytest.fixture(scope="module")
def evidence():
    nodes, problems = open_evidence(str(INCIDENT))
    assert problems == [] and len(nodes) == 1
    return nodes[0]


@pytest.fixture(scope="module")
def artifact(evidence):
    node, bundle, view = evidence
    checks = verdicts.accept(look(bundle, list(ROUTINE), bundle.json("meta.json")["window"], 60))
    reach = {"how": "bundle", "ok": True, "error": None, "kind": None}
    return verdicts.artifact("run", node, reach, checks, view, iso(bundle.now))


def test_the_verdict(artifact):
    verdict = artifact["verdict"]
    assert (verdict["node"], verdict["state"], verdict["scope"], verdict["since"]) == ("node-worker-02", "not_ready", "node", "2026-11-20T02:13:47Z")
    assert [(cause["id"], cause["confidence"]) for cause in verdict["causes"]] == [("memory.oom.kubelet", "confirmed")]
    assert verdict["chain"] == ["memory.oom.kubelet", "kubelet.failed", "kubelet.not_posting"]
    assert verdict["causes"][0]["against"] == []


def test_the_culprit_is_named_with_its_size_and_what_it_lacks(artifact):
    why = artifact["verdict"]["causes"][0]["why"]
    assert POD in why and "(app)" in why and "13.1 of 15.6 GiB" in why and "no memory limit" in why


def test_the_next_steps_name_the_pod(artifact):
    assert any("-n shop" in step and "leaky" in step for step in artifact["verdict"]["next_steps"])


def test_the_evidence_is_quoted(artifact):
    said = " ".join(quote["text"] for quote in artifact["verdict"]["causes"][0]["evidence"])
    assert "Killed process 812 (kubelet)" in said and "Failed with result 'oom-kill'" in said and "leaky" in said
    assert all(quote["time"] and quote["time"].startswith("2026-11-20T02:1") for quote in artifact["verdict"]["causes"][0]["evidence"])


def test_what_is_at_stake(artifact):
    impact = artifact["verdict"]["impact"]
    assert impact["pods"] == 9 and impact["stateful"] == ["shop/db-0"]
    assert (impact["evicts_at"], impact["evicts_in_s"]) == ("2026-11-20T02:18:52Z", 81)


def test_everything_else_is_well_and_was_looked_at(artifact):
    verdict = artifact["verdict"]
    assert {finding["id"] for finding in verdict["findings"]} <= {"memory.low", "disk.nearly_full"}
    assert {check["check"]: check["status"] for check in artifact["checks"]} == {
        "kubelet_health": "problem", "runtime_health": "ok", "node_resources": "problem", "oom_scan": "problem", "cni_chain_check": "ok", "api_path": "ok",
        "kernel_health": "ok", "control_plane": "problem"}
    assert verdict["not_checked"] == []


def test_the_bundle_holds_all_that_the_checks_read(evidence):
    _node, bundle, _view = evidence
    absent = []

    class Strict(Bundle):
        def _absent(self, what):
            absent.append(what)
            return super()._absent(what)

    look(Strict(bundle.name, bundle.now, bundle.contents), list(ROUTINE), 3600, 60)
    assert absent == []


def test_the_kernel_could_have_written_this(evidence):
    """The report adds up, and its victim is the one that mm/oom_kill.c would have chosen."""
    text = evidence[1].ask("kmsg", None, 554100.17)
    report, = oom.oom_reports(text)
    assert not report["partial"] and report["kind"] == "global" and report["trigger"]["comm"] == "leaky"
    assert report["by_name"][0] == {"name": "leaky", "rss_kb": 3435212 * 4, "count": 1, "adj": [-997, -997]}
    assert 15.0 < sum(task["rss_kb"] for task in report["tasks"]) / 2**20 < 15.4
    total, reserved = (int(re.search(r"(\d+) pages %s" % what, text).group(1)) for what in ("RAM", "reserved"))
    memory = total - reserved
    assert memory * 4 == int(re.search(r"MemTotal: +(\d+)", evidence[1].read("/proc/meminfo")).group(1))
    tables = {int(row[0]): int(row[1]) for row in re.findall(r"\[ +(\d+)\] +\d+ +\d+ +\d+ +\d+ +(\d+) +0 +-?\d+ \S+$", text, re.M)}
    points = {task["name"]: task["rss_kb"] // 4 + tables[task["pid"]] // 4096 + task["adj"] * memory // 1000
              for task in report["tasks"] if task["adj"] > -1000}
    assert max(points, key=points.get) == "kubelet" == report["victim"]["comm"]


def test_names_agree_everywhere(evidence):
    _node, bundle, view = evidence
    pods = {pod["uid"]: "%s_%s_%s" % (pod["namespace"], pod["name"], pod["uid"]) for pod in view["pods"]}
    assert set(bundle.list("/var/lib/kubelet/pods")) == set(pods) and set(bundle.list("/var/log/pods")) == set(pods.values())
    running = {each["id"]: each for each in json.loads(bundle.run("cri-status", []).out)["containers"] if each["running"]}
    assert {container["id"] for pod in view["pods"] for container in pod["containers"]} == set(running)
    leaky = next(pod for pod in view["pods"] if pod["name"].startswith("leaky"))
    assert leaky["containers"][0]["memory_limit"] is None and leaky["qos"] == "BestEffort"
    assert "cpuset=cri-containerd-%s.scope" % leaky["containers"][0]["id"] in bundle.ask("kmsg", None, 554100.17)


def test_no_key_and_no_one_elses_name_is_in_it():
    for path in INCIDENT.rglob("*"):
        if path.is_file():
            text = path.read_text(encoding="utf-8", errors="replace")
            assert "PRIVATE KEY-----" not in text and "client-key-data" not in text, path
