# Copyright: kubetriage.node contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Before and after: what was changed before the trouble, what the trouble costs, and that it is not the first time."""

import json

import jsonschema
import pytest

from faults import FAULTS
from playbooks import ROOT, play

SCHEMA = json.loads((ROOT / "docs" / "schema" / "node.schema.json").read_text())
NODE, HEALTHY, FAULT = "w3", "w2", FAULTS["kubelet_stopped"]
DB = {"app": "lone-db"}
OBJECTS = [
    {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "lone-db", "namespace": "shop"},
     "spec": {"replicas": 1, "selector": {"matchLabels": DB}, "template": {"metadata": {"labels": DB}, "spec": {
         "automountServiceAccountToken": False, "nodeSelector": {"kubernetes.io/hostname": NODE}, "terminationGracePeriodSeconds": 0,
         "containers": [{"name": "db", "image": "lab.example/front:1", "imagePullPolicy": "Never", "resources": {"requests": {"memory": "8Mi"}}}]}}}},
    {"apiVersion": "policy/v1", "kind": "PodDisruptionBudget", "metadata": {"name": "lone-db", "namespace": "shop"},
     "spec": {"minAvailable": 1, "selector": {"matchLabels": DB}}},
    {"apiVersion": "v1", "kind": "Service", "metadata": {"name": "lone-db", "namespace": "shop"}, "spec": {"selector": DB, "ports": [{"port": 8080}]}},
    # an agent that somebody rolled out
    {"apiVersion": "apps/v1", "kind": "DaemonSet", "metadata": {"name": "new-agent", "namespace": "shop"},
     "spec": {"selector": {"matchLabels": {"app": "new-agent"}}, "template": {"metadata": {"labels": {"app": "new-agent"}}, "spec": {
         "automountServiceAccountToken": False, "nodeSelector": {"kubernetes.io/hostname": NODE},
         "containers": [{"name": "a", "image": "lab.example/front:1", "imagePullPolicy": "Never"}]}}}},
]
CHANGE = ("echo \"$(date '+%F %T') upgrade containerd.io:amd64 1.6.20-1 1.6.24-1\" >> /var/log/dpkg.log;"
          " touch /var/lib/kubelet/config.yaml")


@pytest.fixture(scope="module")
def runs(spotless, tmp_path_factory):
    """The kubelet is stopped twice, each time looked at -> [Run]; the first time after changes, with a workload that has nowhere else to go."""
    lab, base = spotless, tmp_path_factory.mktemp("changes")
    found = []
    try:
        for item in OBJECTS:
            lab.apply(item)
        lab.wait("a database and its endpoint", 60, serves, lab)
        lab.exec(NODE, CHANGE)
        for _time in (1, 2):
            FAULT.inject(lab, NODE)
            lab.wait("%s on %s" % (FAULT.name, NODE), lab.patience, FAULT.settled, lab, NODE)
            found.append(play("triage.yml", base, "-l", "%s,%s" % (NODE, HEALTHY), lab=lab))
            FAULT.revert(lab, NODE)
    finally:
        for item in reversed(OBJECTS):
            lab.kubectl("delete", item["kind"], "-n", "shop", item["metadata"]["name"], "--ignore-not-found", "--wait=false", timeout=60)
        lab.fresh(NODE)
    return found


def serves(lab):
    budget = lab.json("get", "pdb", "-n", "shop", "lone-db")
    slices = lab.json("get", "endpointslices", "-n", "shop", "-l", "kubernetes.io/service-name=lone-db")["items"]
    return budget["status"].get("currentHealthy") == 1 and any(each["conditions"].get("ready") for item in slices for each in item["endpoints"] or ())


def test_what_was_changed_before_is_told(runs):
    first = runs[0]
    assert first.rc == 0, first.text
    jsonschema.validate(first.nodes[NODE], SCHEMA)
    verdict = first.verdict(NODE)
    told = {change["what"]: change for change in verdict["changes"]}
    for what in ("package containerd.io 1.6.20-1 -> 1.6.24-1", "/var/lib/kubelet/config.yaml was written", "DaemonSet shop/new-agent was rolled out"):
        assert what in told, json.dumps(verdict["changes"], indent=1)
        assert told[what]["time"] <= verdict["since"]
    assert [point for point in verdict["timeline"] if point["source"].startswith("change, ") and point["text"].startswith("package containerd.io")]
    assert "  changed   " in first.text, first.text
    assert verdict["causes"][0]["id"] == FAULT.cause, "a change is no cause"
    assert "changes" not in [check["check"] for check in first.nodes[HEALTHY]["checks"]], "a healthy node is not asked"


def test_what_the_loss_costs_is_told(runs):
    impact = runs[0].verdict(NODE)["impact"]
    assert impact["single"] == ["Deployment shop/lone-db"], impact
    assert [(row["name"], row["ready"], row["wanted"]) for row in impact["lost"]] == [("lone-db", 0, 1)]
    assert (impact["budgets"], impact["services"], impact["daemonsets"]) == (["shop/lone-db"], ["shop/lone-db"], [])
    assert "services without an endpoint: shop/lone-db" in " ".join(runs[0].text.split())


def test_the_second_time_is_told(runs):
    assert runs[0].verdict(NODE)["recurrence"] is None
    again = runs[1].verdict(NODE)["recurrence"]
    assert (again["times"], again["before"]) == (2, [runs[0].verdict(NODE)["since"]]), again
    assert "second %s here in 7 days" % FAULT.cause in runs[1].text, runs[1].text
