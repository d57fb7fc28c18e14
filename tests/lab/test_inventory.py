# Copyright: kubetriage.node contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The inventory plugin on a real cluster: its groups follow the Nodes, and triage reaches those that are not Ready through it."""

import os
import re

import pytest

from faults import FAULTS
from lab import run
from playbooks import BIN, ROOT, play


@pytest.fixture(scope="module")
def nodes(spotless, tmp_path_factory):
    """-> (lab, inventory file, environment): addresses and groups are the API server's, only the way in by ssh is the lab's."""
    lab = spotless
    path = tmp_path_factory.mktemp("inventory") / "nodes.yml"
    path.write_text("""
plugin: kubetriage.node.nodes
compose:
  ansible_user: "'root'"
  ansible_ssh_private_key_file: "'%s'"
  ansible_ssh_common_args: "'-o UserKnownHostsFile=%s -o StrictHostKeyChecking=yes -o KexAlgorithms=curve25519-sha256'"
keyed_groups:
  - {prefix: arch, key: kubernetes_node.architecture}
""" % (lab.ssh_key, lab.known_hosts))
    return lab, path, {"K8S_AUTH_KUBECONFIG": str(lab.kubeconfig)}


def graph(path, environment):
    """`ansible-inventory --graph` -> {group: [host]}."""
    text = run([str(BIN / "ansible-inventory"), "-i", str(path), "--graph", "--playbook-dir", str(ROOT / "playbooks")],
               env=dict(os.environ, ANSIBLE_CONFIG=str(ROOT / "ansible.cfg"), **environment))
    groups, group = {}, None
    for line in text.splitlines():
        name = line.strip(" |-:")
        if name.startswith("@"):
            group = groups.setdefault(name[1:], [])
        elif name:
            group.append(name)
    return groups


def test_the_graph_is_the_cluster(nodes):
    lab, path, environment = nodes
    groups = graph(path, environment)
    workers = list(lab.workers)
    assert groups["ready"] == workers and not groups["not_ready"] and not groups["unknown"] and not groups["cordoned"]
    assert (groups["zone_lab_a"], groups["zone_lab_b"]) == (["w1", "w2"], ["w3"])
    assert [group for group in groups if re.fullmatch(r"kubelet_v1_\d+_\d+", group) and groups[group] == workers]
    assert [group for group in groups if group.startswith("arch_") and groups[group] == workers]


def test_a_cordon_and_a_taint_are_groups(nodes):
    lab, path, environment = nodes
    lab.kubectl("cordon", "w3")
    try:
        lab.wait("the taint of a cordon", 10, lambda: lab.json("get", "node", "w3")["spec"].get("taints"))
        groups = graph(path, environment)
    finally:
        lab.kubectl("uncordon", "w3")
    assert groups["cordoned"] == ["w3"] == groups["taint_node_kubernetes_io_unschedulable"]


def test_triage_of_the_nodes_that_are_not_ready(nodes, tmp_path):
    lab, path, environment = nodes
    fault = FAULTS["kubelet_stopped"]
    fault.inject(lab, "w2")
    try:
        lab.wait("w2 is not Ready", lab.patience, fault.settled, lab, "w2")
        done = play("triage.yml", tmp_path, "-i", str(path), "-l", "not_ready", environment=environment)
        assert done.rc == 0, done.text
        assert list(done.nodes) == ["w2"], done.text
        assert done.verdict("w2")["causes"][0]["id"] == fault.cause, done.text
        assert graph(path, environment)["unknown"] == ["w2"]
    finally:
        fault.undo(lab, "w2")
        lab.fresh("w2")
