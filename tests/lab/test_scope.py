# Copyright: kubetriage.node contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Is it only this node? One worker cut off, all of a zone, and a control plane that fails in each of its parts."""

import contextlib
import os
import signal
import time

import pytest

from faults import FAULTS
from playbooks import play

ZONES = {"w1": "a", "w2": "a", "w3": "b"}
CUT, DEAD = FAULTS["api_port_dropped"], FAULTS["kubelet_stopped"]


def process(lab, name):
    return int((lab.home / (name + ".pid")).read_text().split()[0])


@contextlib.contextmanager
def without(lab, name, by=signal.SIGKILL):
    """A process of the control plane is gone, or hangs; at the end all of them run, and all workers are Ready."""
    os.kill(process(lab, name), by)
    try:
        yield
    finally:
        if by == signal.SIGSTOP:
            os.kill(process(lab, name), signal.SIGCONT)
        lab.script("start")
        for node in lab.workers:
            lab.wait("%s to be Ready" % node, 90, lambda node=node: lab.condition(node).get("status") == "True")


def out(lab, node):
    return lab.condition(node).get("status") == "Unknown"


def test_one_worker_then_all_of_its_zone(spotless, tmp_path):
    lab, broken = spotless, []
    try:
        for node, zone in ZONES.items():
            lab.kubectl("label", "node", node, "topology.kubernetes.io/zone=" + zone, "--overwrite")
        broken.append("w1")
        CUT.inject(lab, "w1")
        lab.wait("w1 to be lost", lab.patience, out, lab, "w1")
        one = play("triage.yml", tmp_path, "-l", "w1", lab=lab)
        broken.append("w2")
        CUT.inject(lab, "w2")
        lab.wait("w2 to be lost", lab.patience, out, lab, "w2")
        two = play("triage.yml", tmp_path, lab=lab)
    finally:
        for node in broken:
            CUT.revert(lab, node)
        for node in ZONES:
            lab.kubectl("label", "node", node, "topology.kubernetes.io/zone-")
    assert one.verdict("w1")["scope"] == "node" and "only this node (1 of 3)" in one.text
    for node in ("w1", "w2"):
        verdict = two.verdict(node)
        assert verdict["scope"] == "group" and verdict["scope_why"].startswith("2 of 2 nodes with zone a were lost together"), two.text
        assert verdict["causes"][0]["id"] == CUT.cause
    assert two.verdict("w3")["state"] == "healthy"
    shown = two.text.index("group: 2 of 2 nodes with zone a")
    assert shown < two.text.index(CUT.cause)


@pytest.mark.parametrize("name, by, words", [
    ("apiserver", signal.SIGKILL, "the API server answers neither this node nor the machine that triage runs on"),
    ("etcd", signal.SIGSTOP, "the API server says of itself that etcd"),
])
def test_without_a_part_of_the_control_plane_it_is_the_cluster(spotless, tmp_path, name, by, words):
    with without(spotless, name, by):
        time.sleep(12)  # etcd's health is looked at every few seconds, and kubelets have to have noticed
        run = play("triage.yml", tmp_path, lab=spotless)
    assert run.rc == 0, run.text
    for node in spotless.workers:
        assert run.verdict(node)["scope"] == "cluster" and run.verdict(node)["scope_why"].startswith(words), run.text


def test_without_the_controller_manager_a_dead_kubelet_is_still_found(spotless, tmp_path):
    """Nobody takes Ready back: the Lease tells, and the verdict says why the API server does not."""
    with without(spotless, "kcm"):
        DEAD.inject(spotless, "w1")
        try:
            time.sleep(65)  # until a Lease is older than any controller manager would let it become
            run = play("triage.yml", tmp_path, "-l", "w1", lab=spotless)
            assert spotless.condition("w1")["status"] == "True"
        finally:
            DEAD.revert(spotless, "w1")
    verdict = run.verdict("w1")
    assert verdict["scope"] == "node" and verdict["causes"][0]["id"] == DEAD.cause, run.text
    assert any("nobody updates this node's conditions" in against for against in verdict["causes"][0]["against"]), run.text
