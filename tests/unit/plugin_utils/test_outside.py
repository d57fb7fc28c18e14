# Copyright: kubetriage.node contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A silent node's verdict: what a peer, the kubelet and the Lease say becomes the first cause, with their words as its evidence."""

import json
import pathlib

import jsonschema
import pytest
from ansible_collections.kubetriage.node.plugins.plugin_utils import artifacts, outside, verdicts

SCHEMA = json.loads((pathlib.Path(__file__).resolve().parents[3] / "docs" / "schema" / "node.schema.json").read_text())
NOW = "2026-11-24T03:40:35Z"
SILENT = {"how": "ssh", "ok": False, "error": "ssh: connect to host 10.0.0.11 port 22: Connection timed out", "kind": "timeout", "root": None, "by": None,
          "no_view": None}


def view(ready="Unknown", renewed="2026-11-24T03:34:35Z"):
    return {"name": "w1", "read_at": "2026-11-24T03:40:20Z", "lease": {"renewed": renewed, "holder": "w1", "duration_s": 40}, "not_checked": [],
            "conditions": [{"type": "Ready", "status": ready, "reason": "NodeStatusUnknown", "message": "Kubelet stopped posting node status.",
                            "transition": "2026-11-24T03:35:20Z", "heartbeat": renewed}],
            "taints": [], "events": [], "pods": [], "labels": {}, "info": {}, "addresses": [], "cluster": None, "provider_id": None}


def look(arp="failed", ping=False, ssh="timeout", kubelet="timeout"):
    return {"host": "w2", "arp": arp, "ping": ping, "ports": {"22": ssh, "10250": kubelet},
            "evidence": [{"source": "w2: ip neigh", "time": NOW, "text": "10.0.0.11 dev eth0 FAILED"}]}


@pytest.fixture
def run_dir(tmp_path):
    """A run in which w1 gave no answer."""
    path = tmp_path / "20261124T034000Z"
    artifacts.write_json(artifacts.node_path(str(path), "w1"), verdicts.artifact("20261124T034000Z", "w1", dict(SILENT), [], view(), NOW))
    outside.mark(str(path), "w1")
    return str(path)


@pytest.mark.parametrize("learned, state, why", [
    ({"peer": look()}, "host.powered_off", "no ARP answer to w2 on the same network; SSH times out; the Lease is 5m45s old"),
    ({"peer": look("reachable")}, "host.cut_off", "traffic is dropped"),
    ({"peer": look("reachable", True, "open", "open")}, "host.hung", "no program behind them says a word"),
    ({"peer": look("reachable", True, "banner", "refused")}, "host.kubelet_only", "nothing listens on the kubelet's port"),
    ({"lease": {"lease": {"renewed": "2026-11-24T03:40:28Z", "duration_s": 40}, "read_at": "2026-11-24T03:40:30Z"}}, "host.ssh_only", "its Lease is fresh"),
    ({"power": {"state": "off", "evidence": [{"source": "BMC", "time": None, "text": "Chassis Power is off"}]}, "peer": look()}, "host.powered_off",
     "its power is off"),
    ({"kubelet": {"answer": None, "evidence": []}}, "host.unreachable", "neither SSH nor a heartbeat"),
])
def test_what_was_learned_becomes_the_verdict(run_dir, learned, state, why):
    content = outside.add(run_dir, "w1", **learned)
    jsonschema.validate(content, SCHEMA)
    verdict = content["verdict"]
    if state == "host.ssh_only":  # beside a Ready=Unknown that is out of date, NotReady is the worse news
        assert state in {finding["id"] for finding in verdict["findings"]} | {cause["id"] for cause in verdict["causes"]}
        return
    cause = verdict["causes"][0]
    assert cause["id"] == state and why in cause["why"], cause
    assert cause["confidence"] == ("confirmed" if "power" in learned else "likely")
    assert ("kubelet.not_posting", state) in {(symptom["id"], symptom["of"]) for symptom in verdict["symptoms"]}
    for source in learned.values():
        assert all(quote in cause["evidence"] for quote in source.get("evidence", ()))
    assert artifacts.read_json(artifacts.node_path(run_dir, "w1")) == content


def test_it_is_learned_piece_by_piece_and_each_gap_is_named(run_dir):
    outside.add(run_dir, "w1", not_checked=[{"what": "one", "why": "a"}], kubelet={"answer": "timeout", "evidence": []})
    content = outside.add(run_dir, "w1", not_checked=[{"what": "two", "why": "b"}], peer=None)
    assert {"one", "two", "the node itself"} <= {gap["what"] for gap in content["verdict"]["not_checked"]}
    assert content["reach"]["outside"]["kubelet"]["answer"] == "timeout" and "peer" not in content["reach"]["outside"]
    assert outside.add(run_dir, "w2", peer=look()) == {}


def test_only_ssh_broken_is_the_cause_of_a_ready_nodes_silence(tmp_path):
    content = verdicts.artifact("r", "w1", dict(SILENT, kind="refused"), [], view("True", "2026-11-24T03:40:18Z"), NOW)
    assert [(cause["id"], cause["confidence"]) for cause in content["verdict"]["causes"]] == [("host.ssh_only", "likely")]
    assert content["verdict"]["state"] == "unreachable"


def test_the_silent_hosts_of_a_run_are_those_that_left_a_mark(run_dir, tmp_path):
    outside.mark(run_dir, "../w9")
    assert outside.silent(run_dir) == ["../w9", "w1"] and outside.silent(str(tmp_path / "none")) == []


def test_the_last_evidence_of_an_earlier_run_is_named(run_dir, tmp_path):
    assert outside.last_look(run_dir, "w1") is None
    for run, reach, at in (("20261124T010000Z", dict(SILENT, ok=True, error=None, kind=None), "2026-11-24T01:00:00Z"),
                           ("20261124T020000Z", dict(SILENT), "2026-11-24T02:00:00Z")):
        artifacts.write_json(artifacts.node_path(str(tmp_path / run), "w1"), verdicts.artifact(run, "w1", reach, [], view("True", at), at))
    found = outside.last_look(run_dir, "w1")
    assert found["run"] == "20261124T010000Z" and found["time"] == "2026-11-24T01:00:00Z"
    content = outside.add(run_dir, "w1", earlier=found)
    jsonschema.validate(content, SCHEMA)
    assert any(quote["source"] == "last look" and "20261124T010000Z" in quote["text"] for quote in content["verdict"]["causes"][0]["evidence"])
