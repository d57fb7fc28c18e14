# Copyright: kubetriage.node contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The promise, on a real cluster: each fault gets its cause, quoted; healthy nodes stay healthy; a bundle tells what the live node told."""

import json

import jsonschema
import pytest

from faults import FAULTS
from playbooks import ROOT, play
from shifts import Shifts

SCHEMA = json.loads((ROOT / "docs" / "schema" / "node.schema.json").read_text())
UNREACHABLE_WITHIN = 30  # seconds


def told(verdict):
    """A verdict in the form of a failed assertion: short enough to be read."""
    return json.dumps({key: verdict[key] for key in ("state", "causes", "chain", "symptoms", "findings", "not_checked")}, indent=1)


def causes(verdict):
    return [(cause["id"], cause["confidence"]) for cause in verdict["causes"]]


def test_healthy_workers_are_healthy(spotless, tmp_path):
    lab = spotless
    run = play("triage.yml", tmp_path, lab=lab)
    assert run.rc == 0, run.text
    for node in lab.workers:
        verdict = run.verdict(node)
        assert verdict["state"] == "healthy" and not verdict["causes"], told(verdict)
        assert not [found for found in verdict["findings"] if found["severity"] != "info"], told(verdict)
        assert run.nodes[node]["control_plane"]["name"] == node
        jsonschema.validate(run.nodes[node], SCHEMA)
    assert {path.name for path in run.dir.iterdir() if path.is_file()} >= {
        "control_plane.json", "fleet.json", "junit.xml", "metrics.prom", "report.html", "report.md"}


@pytest.fixture(scope="module")
def triaged(request, spotless, tmp_path_factory):
    """Every selected fault on a worker of its own time -> {name: Future of (live run, run of its bundle or None)}."""
    faults = [FAULTS[item.callspec.params["name"]] for item in request.session.items if item.originalname == "test_a_fault_gets_its_cause"]
    with Shifts(spotless, faults, lambda fault, node: look(spotless, fault, node, tmp_path_factory.mktemp(fault.name))) as shifts:
        yield shifts.futures


def look(lab, fault, node, path):
    fault.inject(lab, node)
    try:
        lab.wait("%s on %s" % (fault.name, node), lab.patience, fault.settled, lab, node)
        live = play("triage.yml", path / "live", "-l", node, lab=lab)
        if fault.state == "unreachable":
            return node, live, None
        collected = play("playbooks/collect.yml", path / "bundle", "-l", node, lab=lab)
        assert collected.rc == 0, collected.text
        bundle = collected.dir / "bundles" / (node + ".tar.gz")
        return node, live, play("playbooks/replay.yml", path / "replay", "-e", "node_triage_evidence=%s" % bundle)
    finally:
        fault.undo(lab, node)
        lab.fresh(node)  # the next fault's journal must not hold this one


@pytest.mark.parametrize("name", FAULTS)
def test_a_fault_gets_its_cause(triaged, name):
    fault = FAULTS[name]
    node, live, replayed = triaged[name].result()
    assert live.rc == 0, live.text
    verdict = live.verdict(node)
    print(live.text)
    assert verdict["causes"] and verdict["causes"][0]["id"] == fault.cause, told(verdict)
    assert verdict["state"] == fault.state, told(verdict)
    assert verdict["causes"][0]["evidence"] and all(quote["text"] for quote in verdict["causes"][0]["evidence"]), told(verdict)
    assert fault.cause in live.text and node in live.text
    jsonschema.validate(live.nodes[node], SCHEMA)
    if fault.state == "unreachable":
        assert live.seconds < UNREACHABLE_WITHIN
        assert live.nodes[node]["control_plane"], "what the API holds remains known"
    else:
        assert replayed.rc == 0, replayed.text
        assert causes(replayed.verdict(node)) == causes(verdict), told(replayed.verdict(node))
