# Copyright: kubetriage.node contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What somebody meant to do, or forgot to undo: a cordon, a reboot, a left-over taint, a new name; and an agent that keeps a node out of Ready."""

import contextlib

import pytest

import manager
from faults import FAULTS
from playbooks import play

NODE = "w1"
OUT_OF_SERVICE = "node.kubernetes.io/out-of-service"


def look(lab, tmp_path, *arguments):
    run = play("triage.yml", tmp_path, "-l", NODE, *arguments, lab=lab)
    assert run.rc == 0, run.text
    return run


def test_a_cordon_is_named_with_its_owner_and_is_no_trouble(spotless, tmp_path):
    spotless.kubectl("cordon", NODE)
    try:
        run = look(spotless, tmp_path)
    finally:
        spotless.kubectl("uncordon", NODE)
    verdict = run.verdict(NODE)
    (sign,) = verdict["intent"]
    assert sign["who"].startswith("kubectl") and sign["what"] == "cordoned the node" and sign["since"], run.text
    assert (verdict["state"], verdict["causes"]) == ("healthy", []), run.text
    assert "cordoned the node" in run.text


def test_a_taint_that_was_left_behind_is_the_trouble(spotless, tmp_path):
    """The node is Ready, and no pod may stay on it."""
    spotless.kubectl("taint", "node", NODE, OUT_OF_SERVICE + "=nodeshutdown:NoSchedule")
    try:
        run = look(spotless, tmp_path)
    finally:
        spotless.kubectl("taint", "node", NODE, OUT_OF_SERVICE + "-")
    verdict = run.verdict(NODE)
    assert (verdict["state"], verdict["causes"][0]["id"]) == ("degraded", "node.taint_out_of_service"), run.text
    assert any("somebody declared the node dead" in sign["what"] for sign in verdict["intent"]), run.text
    assert any("taint node %s %s-" % (NODE, OUT_OF_SERVICE) in step for step in verdict["next_steps"]), run.text


def test_a_reboot_is_what_was_seen_and_no_fault(spotless, tmp_path):
    """Off and on again, with its disks: the node is back, and the verdict says that it was away."""
    octet, zone = (spotless.home / "nodes" / NODE / "place").read_text().split()
    spotless.script("off", NODE)
    spotless.script("worker", NODE, octet, zone)
    try:
        spotless.wait("the kubelet to tell of the reboot", 30, rebooted, spotless)
        run = look(spotless, tmp_path)
    finally:
        spotless.fresh(NODE)
    verdict = run.verdict(NODE)
    assert (verdict["state"], verdict["causes"]) == ("healthy", []), run.text
    assert "host.rebooted" in [finding["id"] for finding in verdict["findings"]], run.text


def rebooted(lab):
    return "Rebooted" in lab.kubectl("get", "events", "--field-selector", "involvedObject.kind=Node,involvedObject.name=" + NODE)


def test_a_new_name_is_the_cause_of_an_old_node_that_is_lost(spotless, tmp_path):
    """The certificate has the old name, and the API server lets nobody write another's Node."""
    flags = "/var/lib/kubelet/kubeadm-flags.env"
    spotless.exec(NODE, "sed -i 's/--hostname-override=%s/--hostname-override=renamed/' %s && systemctl restart kubelet" % (NODE, flags))
    try:
        spotless.wait("%s to be lost" % NODE, spotless.patience, lambda: spotless.condition(NODE).get("status") == "Unknown")
        run = look(spotless, tmp_path)
    finally:
        spotless.fresh(NODE)
    verdict = run.verdict(NODE)
    assert (verdict["state"], verdict["causes"][0]["id"]) == ("not_ready", "kubelet.wrong_node_name"), run.text
    assert "kubelet.not_posting" in [symptom["id"] for symptom in verdict["symptoms"]], run.text


@contextlib.contextmanager
def agent(lab):
    """A network's agent that ends as soon as it starts, and what it should have written is gone."""
    labels, name = {"k8s-app": "flannel"}, "kube-flannel-ds"
    lab.apply({"apiVersion": "apps/v1", "kind": "DaemonSet", "metadata": {"name": name, "namespace": "kube-system"}, "spec": {
        "selector": {"matchLabels": labels}, "template": {"metadata": {"labels": labels}, "spec": {
            "automountServiceAccountToken": False, "hostNetwork": True, "tolerations": [{"operator": "Exists"}],
            "nodeSelector": {"kubernetes.io/hostname": NODE},
            "containers": [{"name": "kube-flannel", "image": "lab.example/shell:1", "imagePullPolicy": "Never", "command": [
                "sh", "-c", "echo Failed to find any valid interface to use; exit 1"]}]}}}})
    fault = FAULTS["conflist_gone"]
    try:
        lab.wait("the agent to crash-loop", 60, crash_loops, lab, name)
        fault.inject(lab, NODE)
        lab.wait("%s not to be Ready" % NODE, lab.patience, fault.settled, lab, NODE)
        yield
    finally:
        lab.kubectl("delete", "daemonset", "-n", "kube-system", name, "--ignore-not-found", timeout=60)
        lab.fresh(NODE)


def crash_loops(lab, name):
    pods = lab.json("get", "pods", "-n", "kube-system", "-l", "k8s-app=flannel")["items"]
    return any((status["state"].get("waiting") or {}).get("reason") == "CrashLoopBackOff"
               for pod in pods for status in pod["status"].get("containerStatuses") or ())


def test_an_agent_that_crash_loops_is_why_there_is_no_configuration(spotless, tmp_path):
    with agent(spotless):
        run = look(spotless, tmp_path)
    verdict = run.verdict(NODE)
    assert (verdict["state"], verdict["causes"][0]["id"]) == ("not_ready", "cni.agent_not_ready"), run.text
    assert ("cni.config_missing", "cni.agent_not_ready") in {(symptom["id"], symptom["of"]) for symptom in verdict["symptoms"]}, run.text
    assert "pod kube-system/kube-flannel-ds-" in run.text and "kubectl -n kube-system logs kube-flannel-ds-" in run.text, run.text


@pytest.mark.parametrize("way", ["pod", "host"])
def test_the_controller_managers_word_is_on_the_time_line(spotless, tmp_path, way):
    """Its own log, as a pod of the cluster prints it, and as a file on a host of the control plane."""
    lab, fault, speaker = spotless, FAULTS["kubelet_stopped"], "w3"
    fault.inject(lab, NODE)
    try:
        lab.wait("%s to be lost" % NODE, lab.patience, fault.settled, lab, NODE)
        text = manager.words(lab, NODE)
        if way == "pod":
            with manager.as_pod(lab, speaker, text):
                run = look(lab, tmp_path)
        else:
            lab.write(speaker, manager.LOG, text)
            run = look(lab, tmp_path, "-e", '{"node_triage_control_plane": ["%s"]}' % speaker)
    finally:
        lab.exec(speaker, "rm -f " + manager.LOG)
        fault.revert(lab, NODE)
    view, verdict = run.nodes[NODE]["control_plane"], run.verdict(NODE)
    assert view["controller_manager"]["source"] == ("pod kube-system/" + manager.NAME if way == "pod" else speaker), run.text
    assert view["controller_manager"]["grace_s"] == (16 if way == "pod" else None)
    told = [point for point in verdict["timeline"] if point["source"] == "controller manager"]
    assert told and all(NODE in point["text"] for point in told), verdict["timeline"]
    assert not [gap for gap in verdict["not_checked"] if gap["what"] == "controller manager"]
    assert verdict["causes"][0]["id"] == fault.cause
