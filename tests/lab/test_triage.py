# Copyright: kubetriage.node contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The promise, on a real cluster: each fault gets its cause, quoted; healthy nodes stay healthy; a bundle tells what the live node told."""

import jsonschema
import json
import pytest

from faults import FAULTS
from playbooks import ROOT, play

SCHEMA = json.loads((ROOT / "docs" / "schema" / "node.schema.json").read_text())
UNREACHABLE_WITHIN = 30  # seconds


def causes(verdict):
    return [(cause["id"], cause["confidence"]) for cause in verdict["causes"]]


def test_healthy_workers_are_healthy(lab, tmp_path):
    run = play("triage.yml", tmp_path, lab=lab)
    assert run.rc == 0, run.text
    for node in lab.workers:
        verdict = run.verdict(node)
        assert verdict["state"] == "healthy" and not verdict["causes"], json.dumps(verdict, indent=1)
        assert not [found for found in verdict["findings"] if found["severity"] != "info"]
        assert run.nodes[node]["control_plane"]["name"] == node
        jsonschema.validate(run.nodes[node], SCHEMA)
    assert sorted(path.name for path in run.dir.iterdir() if path.is_file()) == [
        "control_plane.json", "fleet.json", "junit.xml", "metrics.prom", "report.html", "report.md"]


@pytest.mark.parametrize("fault", FAULTS.values(), ids=FAULTS)
def test_a_fault_gets_its_cause_live_and_replayed(lab, tmp_path, fault):
    number = list(FAULTS).index(fault.name)
    node = lab.workers[number % len(lab.workers)]
    fault.inject(lab, node)
    try:
        lab.wait("%s shows on %s" % (fault.name, node), fault.within, fault.settled, lab, node)
        live = play("triage.yml", tmp_path / "live", "-l", node, lab=lab)
        assert live.rc == 0, live.text
        verdict = live.verdict(node)
        told = json.dumps(verdict, indent=1)
        assert verdict["causes"] and verdict["causes"][0]["id"] == fault.cause, told
        assert verdict["state"] == fault.state, told
        assert verdict["causes"][0]["evidence"] and all(quote["text"] for quote in verdict["causes"][0]["evidence"]), told
        assert fault.cause in live.text and node in live.text
        jsonschema.validate(live.nodes[node], SCHEMA)
        if fault.state == "unreachable":
            assert live.seconds < UNREACHABLE_WITHIN
            assert live.nodes[node]["control_plane"], "what the API holds remains known"
            return
        collected = play("playbooks/collect.yml", tmp_path / "bundle", "-l", node, lab=lab)
        assert collected.rc == 0, collected.text
        bundle = collected.dir / "bundles" / (node + ".tar.gz")
        replayed = play("playbooks/replay.yml", tmp_path / "replay", "-e", "node_triage_evidence=%s" % bundle)
        assert replayed.rc == 0, replayed.text
        assert causes(replayed.verdict(node)) == causes(verdict), json.dumps(replayed.verdict(node), indent=1)
    finally:
        fault.undo(lab, node)
        lab.fresh(node)
