# Copyright: kubetriage.node contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Least privilege, with a real ServiceAccount: its rights suffice, and without any one of them triage says what it could not read."""

import copy
import json

import pytest
import yaml

import manager
from playbooks import ROOT, play

MANIFEST = ROOT / "deploy" / "rbac" / "triage.yaml"
OBJECTS = yaml.safe_load(MANIFEST.read_text())["items"]
RULES = [(number, rule) for number, item in enumerate(OBJECTS) for rule in range(len(item.get("rules") or ()))]
# What triage says is missing without the rule for a resource
MISSED = {"nodes": "conditions of the Node", "pods": "pods of the node", "leases": "Lease", "events": "events",
          "deployments": "replicas of Deployments", "poddisruptionbudgets": "disruption budgets", "endpointslices": "endpoints of services",
          "volumeattachments": "VolumeAttachments", "certificatesigningrequests": "certificate signing requests",
          "pods/log": "controller manager"}


def resource(rule):
    number, index = rule
    return OBJECTS[number]["rules"][index]["resources"][0]


@pytest.fixture(scope="module")
def role(spotless, tmp_path_factory):
    """-> environment of a run with the ServiceAccount's token; its rights are applied by `grant`."""
    lab = spotless
    grant(lab, OBJECTS)
    token = lab.kubectl("-n", "kubetriage", "create", "token", "triage", "--duration", "1h").strip()
    config = lab.json("config", "view", "--raw")
    config["users"] = [{"name": "triage", "user": {"token": token}}]
    config["contexts"] = [{"name": "triage", "context": {"cluster": config["clusters"][0]["name"], "user": "triage"}}]
    config["current-context"] = "triage"
    path = tmp_path_factory.mktemp("role") / "kubeconfig"
    path.write_text(json.dumps(config))
    yield lab, {"K8S_AUTH_KUBECONFIG": str(path)}
    lab.kubectl("delete", "-f", str(MANIFEST), "--ignore-not-found", timeout=60)


def grant(lab, objects):
    for item in objects:
        lab.apply(item)


def test_the_role_suffices(role, tmp_path):
    lab, environment = role
    run = play("triage.yml", tmp_path, lab=lab, environment=environment)
    assert run.rc == 0, run.text
    for node in lab.workers:
        assert run.verdict(node)["state"] == "healthy", run.text
        assert run.nodes[node]["control_plane"]["not_checked"] == []


@pytest.fixture(scope="module")
def troubled(role):
    """A node that every read is made for: cordoned, and with a pod of a Deployment. -> its name"""
    lab, _environment = role
    node, labels = lab.workers[0], {"app": "rights"}
    lab.apply({"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "rights", "namespace": "shop"}, "spec": {
        "selector": {"matchLabels": labels}, "template": {"metadata": {"labels": labels}, "spec": {
            "automountServiceAccountToken": False, "nodeName": node, "terminationGracePeriodSeconds": 0,
            "containers": [{"name": "front", "image": "lab.example/front:1", "imagePullPolicy": "Never"}]}}}})
    try:
        lab.wait("a pod of a Deployment", 30, lambda: lab.json("get", "pods", "-n", "shop", "-l", "app=rights")["items"])
        lab.kubectl("cordon", node)
        with manager.as_pod(lab, lab.workers[2], "nothing to say"):
            yield node
    finally:
        lab.kubectl("uncordon", node)
        lab.kubectl("delete", "deployment", "-n", "shop", "rights", "--ignore-not-found", timeout=60)


@pytest.mark.parametrize("rule", RULES, ids=[resource(rule) for rule in RULES])
def test_without_one_rule_it_works_and_names_what_it_could_not_read(role, troubled, tmp_path, rule):
    lab, environment = role
    number, index = rule
    fewer = copy.deepcopy(OBJECTS[number])
    del fewer["rules"][index]
    try:
        grant(lab, [fewer])
        run = play("triage.yml", tmp_path, "-l", troubled, lab=lab, environment=environment)
    finally:
        grant(lab, [OBJECTS[number]])
    assert run.rc == 0, run.text
    gaps = {gap["what"]: gap["why"] for gap in run.verdict(troubled)["not_checked"]}
    assert "forbidden" in gaps[MISSED[resource(rule)]] and resource(rule) in gaps[MISSED[resource(rule)]], gaps
    refused = [why for why in gaps.values() if "forbidden" in why]
    assert all(any(name in why for name in OBJECTS[number]["rules"][index]["resources"]) for why in refused), "the other rules suffice"
