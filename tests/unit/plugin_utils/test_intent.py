# Copyright: kubetriage.node contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Marks of whoever meant a node to go, as each of them leaves them, and what looks like one and is none."""

import pytest
from ansible_collections.kubetriage.node.plugins.plugin_utils import api_object, intent

NOW = 1795486000.0  # 2026-11-24T02:06:40Z


def taint(key, value="", added=None, effect="NoSchedule"):
    return {"taints": [{"key": key, "value": value, "effect": effect, "added": added}]}


def event(source, reason, last="2026-11-24T02:00:00Z"):
    return {"events": [{"type": "Normal", "reason": reason, "message": "x", "first": last, "last": last, "count": 1, "source": source}]}


@pytest.mark.parametrize("view, who, what", [
    ({"unschedulable": True, "cordon": {"by": "kubectl-cordon", "at": "2026-11-24T02:00:00Z"}}, "kubectl-cordon", "cordoned the node"),
    ({"unschedulable": True}, "somebody", "cordoned the node"),
    ({"unschedulable": True, "pods": [{"deleting": "2026-11-24T02:06:00Z"}, {"deleting": None}]}, "somebody", "drains the node"),
    (taint("node.kubernetes.io/out-of-service", "nodeshutdown", effect="NoExecute"), "an operator", "declared the node dead"),
    (taint("ToBeDeletedByClusterAutoscaler", "1795485000"), "cluster-autoscaler", "scales the node down"),
    (taint("karpenter.sh/disrupted"), "Karpenter", "replaces or removes"),
    (taint("karpenter.sh/disruption", "disrupting"), "Karpenter", "replaces or removes"),
    (taint("aws-node-termination-handler/spot-itn", "1795485900"), "aws-node-termination-handler", "the cloud takes its machine away"),
    (taint("cloud.google.com/impending-node-termination"), "GKE", "the cloud takes its machine away"),
    (taint("node.cloudprovider.kubernetes.io/shutdown"), "the cloud provider", "shut down"),
    ({"annotations": {"weave.works/kured-reboot-in-progress": "2026-11-24T02:00:00Z"}}, "kured", "reboots the node"),
    ({"annotations": {"machineconfiguration.openshift.io/state": "Working"}}, "machine-config-operator", "updates and reboots"),
    (event("machineconfigdaemon", "Reboot"), "machineconfigdaemon", "reboots"),
    (event("cluster-autoscaler", "ScaleDown"), "cluster-autoscaler", "scales the node down"),
    (event("karpenter", "DisruptionTerminating"), "karpenter", "replaces or removes"),
])
def test_a_mark_has_its_owner(view, who, what):
    sign, = intent.of(view, NOW)
    assert sign["who"] == who and what in sign["what"] and sign["evidence"][0]["text"]


@pytest.mark.parametrize("view", [
    {}, None, taint("node.kubernetes.io/not-ready", effect="NoExecute"), taint("node.kubernetes.io/unreachable", effect="NoExecute"), taint("dedicated", "gpu"),
    taint("DeletionCandidateOfClusterAutoscaler", "1795485000"), {"annotations": {"machineconfiguration.openshift.io/state": "Done"}},
    {"unschedulable": False, "cordon": None}, event("kubelet", "NodeNotReady"), event("karpenter", "DisruptionBlocked"),
    event("cluster-autoscaler", "ScaleDown", "2026-11-23T02:00:00Z"),
    {"annotations": {"weave.works/kured-reboot-in-progress": "2026-01-24T02:00:00Z"}},
    {"events": [{"reason": "Shutdown", "message": "Shutdown manager detected shutdown cancellation", "source": "kubelet", "last": "2026-11-24T02:00:00Z"}]},
])
def test_what_is_no_mark(view):
    assert intent.of(view, NOW) == []


def test_only_annotations_that_tell_something_are_kept():
    node = {"metadata": {"name": "w1", "annotations": {
        "kubectl.kubernetes.io/last-applied-configuration": "{}", "weave.works/kured-reboot-in-progress": "x" * 999}}}
    assert api_object.node(node)["annotations"] == {"weave.works/kured-reboot-in-progress": "x" * 200}


def test_an_old_server_tells_the_time_of_a_cordon_by_its_taint():
    view = dict(taint("node.kubernetes.io/unschedulable", "", "2026-11-24T02:00:00Z"), unschedulable=True)
    assert intent.of(view, NOW)[0]["since"] == "2026-11-24T02:00:00Z"


def test_the_oldest_comes_first():
    view = {"unschedulable": True, "cordon": {"by": "kubectl-cordon", "at": "2026-11-24T02:05:00Z"},
            "annotations": {"weave.works/kured-reboot-in-progress": "2026-11-24T02:00:00Z"}}
    assert [sign["who"] for sign in intent.of(view, NOW)] == ["kured", "kubectl-cordon"]
