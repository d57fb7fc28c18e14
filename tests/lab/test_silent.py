# Copyright: kubetriage.node contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Five ways of being silent, each named by what a healthy node and the API server see of it."""

import concurrent.futures
import json

import jsonschema
import pytest
import yaml

from faults import Fault
from playbooks import ROOT, play

SCHEMA = json.loads((ROOT / "docs" / "schema" / "node.schema.json").read_text())
WITHIN = 45  # seconds, with two silent nodes


class SshdStopped(Fault):
    """Nothing listens on port 22; the kubelet lives."""

    name, cause, state = "sshd_stopped", "host.ssh_only", "unreachable"

    def do(self, lab, node):
        lab.exec(node, "systemctl stop ssh.socket ssh; pkill -x sshd; true")

    def settled(self, lab, node):
        return not lab.exec(node, "ss -Hltn 'sport = :22'").strip()

    def undo(self, lab, node):
        lab.exec(node, "systemctl start ssh")


class KubeletDeadSshShut(Fault):
    """The kubelet is stopped, and sshd takes no key of ours: the host lives, and nobody gets in."""

    name, cause, state = "kubelet_dead_ssh_shut", "host.kubelet_only", "unreachable"

    def do(self, lab, node):
        lab.exec(node, "systemctl stop kubelet; mv /root/.ssh/authorized_keys /root/.ssh/away")

    def undo(self, lab, node):
        lab.exec(node, "mv /root/.ssh/away /root/.ssh/authorized_keys; systemctl start kubelet")


class PowerOff(Fault):
    """The worker's processes and its interface are gone, at once and without a word."""

    name, cause, state = "power_off", "host.powered_off", "unreachable"

    def do(self, lab, node):
        lab.script("off", node)

    def undo(self, lab, node):
        lab.fresh(node)


class TrafficDropped(Fault):
    """The link is up, a firewall drops all IP in and out. ARP is no IP: it is answered."""

    name, cause, state = "traffic_dropped", "host.cut_off", "unreachable"

    def do(self, lab, node):
        lab.exec(node, "for chain in INPUT OUTPUT; do iptables -I $chain ! -i lo -j DROP 2>/dev/null || iptables -I $chain ! -o lo -j DROP; done")

    def undo(self, lab, node):
        lab.exec(node, "iptables -D INPUT ! -i lo -j DROP; iptables -D OUTPUT ! -o lo -j DROP")


class Frozen(Fault):
    """Every process of the worker is frozen, as on a host without memory or with a dead disk: its kernel still accepts connections."""

    name, cause, state = "frozen", "host.hung", "unreachable"

    def do(self, lab, node):
        (lab.cgroup(node, "freezer") / "freezer.state").write_text("FROZEN")

    def undo(self, lab, node):
        (lab.cgroup(node, "freezer") / "freezer.state").write_text("THAWED")


WAYS = {kind.name: kind() for kind in (SshdStopped, KubeletDeadSshShut, PowerOff, TrafficDropped, Frozen)}
ROUNDS = [{"w1": "power_off", "w3": "traffic_dropped"}, {"w1": "frozen", "w3": "sshd_stopped"}, {"w1": "kubelet_dead_ssh_shut"}]
RBAC = ROOT / "deploy" / "rbac"


def account(lab, path):
    """The read-only service account with the kubelet's proxy -> environment of a run with its token."""
    for name in ("triage.yaml", "kubelet-proxy.yaml"):
        for item in yaml.safe_load((RBAC / name).read_text())["items"]:
            lab.apply(item)
    config = lab.json("config", "view", "--raw")
    config["users"] = [{"name": "triage", "user": {"token": lab.kubectl("-n", "kubetriage", "create", "token", "triage").strip()}}]
    config["contexts"] = [{"name": "triage", "context": {"cluster": config["clusters"][0]["name"], "user": "triage"}}]
    config["current-context"] = "triage"
    path.write_text(json.dumps(config))
    return {"K8S_AUTH_KUBECONFIG": str(path)}


@pytest.fixture(scope="module")
def silent(spotless, tmp_path_factory):
    """Each way on a worker, w2 stays healthy -> {name: (node, run)}. One artifacts directory, so that the third round finds an earlier look."""
    lab, seen, base = spotless, {}, tmp_path_factory.mktemp("silent")
    environment = account(lab, base / "kubeconfig")
    for ways in ROUNDS:
        with concurrent.futures.ThreadPoolExecutor(len(ways)) as pool:
            try:
                for node, name in ways.items():
                    WAYS[name].inject(lab, node)
                for node, name in ways.items():
                    lab.wait("%s on %s" % (name, node), lab.patience, WAYS[name].settled, lab, node)
                # the last way is seen as -l NODE sees it, where the peers are other hosts of the inventory, and without the kubelet's proxy
                limit = ["-l", *ways] if len(ways) == 1 else []
                if limit:
                    lab.kubectl("delete", "-f", str(RBAC / "kubelet-proxy.yaml"))
                run = play("triage.yml", base / "artifacts", *limit, lab=lab, environment=environment)
            finally:
                list(pool.map(lambda node: WAYS[ways[node]].revert(lab, node), ways))
        seen.update({name: (node, run) for node, name in ways.items()})
    yield seen
    for name in ("kubelet-proxy.yaml", "triage.yaml"):
        lab.kubectl("delete", "-f", str(RBAC / name), "--ignore-not-found", timeout=60)


@pytest.mark.parametrize("name", WAYS)
def test_the_way_is_named_by_a_peers_view(silent, name):
    node, run = silent[name]
    assert run.rc == 0, run.text
    artifact, verdict = run.nodes[node], run.verdict(node)
    jsonschema.validate(artifact, SCHEMA)
    said = json.dumps([artifact["reach"], verdict["causes"], verdict["not_checked"]], indent=1)
    assert [cause["id"] for cause in verdict["causes"]][:1] == [WAYS[name].cause], said
    assert verdict["state"] == "unreachable" and verdict["causes"][0]["confidence"] == "likely", said
    peer = artifact["reach"]["outside"]["peer"]
    assert peer["host"] != node and [quote for quote in verdict["causes"][0]["evidence"] if quote["source"].startswith(peer["host"] + ": ")], said
    assert verdict["causes"][0]["why"] in " ".join(run.text.split()) or verdict["causes"][0]["why"][:40] in run.text, run.text
    if name != "sshd_stopped":
        assert ("kubelet.not_posting", WAYS[name].cause) in {(symptom["id"], symptom["of"]) for symptom in verdict["symptoms"]}, said
    assert run.seconds < WITHIN, run.seconds


def test_a_kubelet_that_lives_tells_of_its_node_through_the_api_server(silent):
    node, run = silent["sshd_stopped"]
    kubelet = run.nodes[node]["reach"]["outside"]["kubelet"]
    assert kubelet["answer"] == "ok" and kubelet["facts"]["pids"]["limit"] > 0 and kubelet["facts"]["config"]["maxPods"] > 0


def test_without_the_right_one_line_says_so_and_the_last_look_is_named(silent):
    node, run = silent["kubelet_dead_ssh_shut"]
    gaps = [gap for gap in run.verdict(node)["not_checked"] if "kubelet" in gap["what"]]
    assert len(gaps) == 1 and "nodes/proxy" in gaps[0]["why"] and "kubelet-proxy.yaml" in gaps[0]["why"], gaps
    earlier = run.nodes[node]["reach"]["outside"]["earlier"]
    assert (earlier["state"], earlier["cause"]) == ("unreachable", "host.hung")
    assert any(quote["source"] == "last look" and earlier["run"] in quote["text"] for quote in run.verdict(node)["causes"][0]["evidence"])
