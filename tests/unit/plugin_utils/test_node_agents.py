# Copyright: kubetriage.node contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Agents that do not run, volumes that are not attached, certificates that are not signed: from API objects to findings."""

import base64

import pytest
from ansible_collections.kubetriage.node.plugins.plugin_utils import api_object, node_agents, node_view, trouble_reads
from ansible_collections.kubetriage.node.plugins.plugin_utils.cluster_error import ReadFailed
from ansible_collections.kubetriage.node.plugins.plugin_utils.cluster_reads import Reads


@pytest.mark.parametrize("names, failure", [
    (["calico-node"], "cni.agent_not_ready"), (["kube-flannel-ds"], "cni.agent_not_ready"), (["cilium"], "cni.agent_not_ready"),
    (["quay.io/cilium/cilium:v1.16"], "cni.agent_not_ready"), (["antrea-agent"], "cni.agent_not_ready"), (["weave-net"], "cni.agent_not_ready"),
    (["kube-router"], "cni.agent_not_ready"), (["ovnkube-node"], "cni.agent_not_ready"), (["aws-node"], "cni.agent_not_ready"),
    (["azure-cns"], "cni.agent_not_ready"), (["netd"], "cni.agent_not_ready"), (["kube-proxy"], "cni.kube_proxy_down"),
    (["custom", None, "registry.example/team/kube-proxy:v1.30"], "cni.kube_proxy_down"),
    (["node-exporter"], None), (["cilium-operator"], None), (["calico-node-exporter"], None), ([], None)])
def test_agents_are_known_by_name_label_and_image(names, failure):
    assert node_agents.failure_of(names) == failure


def view(**parts):
    return dict(api_object.empty_view("w1"), read_at="2026-11-23T02:20:00Z", conditions=[{"type": "Ready", "status": "True"}], **parts)


def pod(state, kind="DaemonSet", **meta):
    return api_object.pod({
        "metadata": dict(namespace="kube-system", name="cilium-x", ownerReferences=[{"kind": kind, "name": "cilium", "controller": True}], **meta),
        "status": {"containerStatuses": [{
            "name": "cilium-agent", "restartCount": 7, "state": state,
            "lastState": {"terminated": {"reason": "Error", "exitCode": 1, "message": "x" * 900 + " cannot reach\nthe store"}}}]}})


CRASHING = {"waiting": {"reason": "CrashLoopBackOff"}}


@pytest.mark.parametrize("made, told", [
    (pod(CRASHING), True), (pod(CRASHING, kind="ReplicaSet"), False), (pod({"running": {}}), False),
    (pod({"waiting": {"reason": "ContainerCreating"}}), False), (pod(CRASHING, deletionTimestamp="2026-11-23T02:20:00Z"), False)])
def test_a_crashing_agent_is_named_with_its_reason(made, told):
    findings = [entry for entry in node_view.check(view(pods=[made]))["findings"] if entry["id"] == "cni.agent_not_ready"]
    assert len(findings) == told
    for entry in findings:
        quote = str(entry["evidence"])
        assert "kube-system/cilium-x" in quote and "CrashLoopBackOff, 7 restarts, last ended as Error, exit code 1" in quote
        assert "cannot reach the store" in quote and len(quote) < 600


def test_between_two_restarts_an_agent_has_ended():
    told = node_view.check(view(pods=[pod({"terminated": {"reason": "Error", "exitCode": 1}})]))["findings"]
    (entry,) = [entry for entry in told if entry["id"] == "cni.agent_not_ready"]
    assert entry["subject"] == {"node": "w1", "namespace": "kube-system", "pod": "cilium-x", "container": "cilium-agent"}
    assert "Error, exit code 1, 7 restarts" in str(entry["evidence"])
    done = pod({"terminated": {"reason": "Completed", "exitCode": 0}})
    assert not [entry for entry in node_view.check(view(pods=[done]))["findings"] if entry["id"] == "cni.agent_not_ready"]


@pytest.mark.parametrize("gaps, count", [([], 1), ([{"what": "pods of the node", "why": "forbidden"}], 0)])
def test_an_agent_without_a_pod_is_told_only_where_pods_were_read(gaps, count):
    looked = view(workloads={"daemonsets": ["kube-system/kube-proxy", "shop/logger"]}, not_checked=gaps)
    assert [entry["id"] for entry in node_view.check(looked)["findings"]] == ["cni.kube_proxy_down"] * count


def request(name):
    der = b"\x30\x20\x13" + bytes([len(name)]) + name.encode() + b"\x30"
    pem = "-----BEGIN CERTIFICATE REQUEST-----\n%s\n-----END CERTIFICATE REQUEST-----\n" % base64.b64encode(der).decode()
    return base64.b64encode(pem.encode()).decode()


def csr(name, created="2026-11-23T02:00:00Z", status=None, signer="kubernetes.io/kube-apiserver-client-kubelet", **spec):
    return {"metadata": {"name": name, "creationTimestamp": created}, "spec": dict(spec, signerName=signer), "status": status or {}}


class Api:
    FOUND = {
        "volumeattachments": [
            {"metadata": {"name": "a"}, "spec": {"nodeName": "w1", "source": {"persistentVolumeName": "pv-1"}},
             "status": {"attached": False, "attachError": {"message": "m" * 900}}},
            {"metadata": {"name": "b"}, "spec": {"nodeName": "w1", "source": {"persistentVolumeName": "pv-2"}}, "status": {"attached": True}},
            {"metadata": {"name": "c"}, "spec": {"nodeName": "w2"}}],
        "certificatesigningrequests": [
            csr("own", username="system:node:w1"), csr("bootstrap", username="system:bootstrap:a", request=request("system:node:w1")),
            csr("other", username="system:bootstrap:a", request=request("system:node:w12")), csr("broken", request="%%%"),
            csr("approved", username="system:node:w1", status={"conditions": [{"type": "Approved"}]}),
            csr("young", "2026-11-23T02:19:00Z", username="system:node:w1"),
            csr("serving", signer="kubernetes.io/kubelet-serving", username="system:node:w1")]}

    def __init__(self, broken=None):
        self.broken = broken

    def get(self, path, query=(), accept="application/json"):
        resource = path.rpartition("/")[2]
        if resource == self.broken:
            raise ReadFailed("forbidden: " + resource, 403)
        return {"items": self.FOUND[resource], "metadata": {}}


def test_attachments_and_requests_of_this_node_alone():
    lost = view()
    trouble_reads.read(Reads(Api(), 60), [lost])
    assert [(entry["pv"], entry["attached"], len(entry["error"] or "")) for entry in lost["volume_attachments"]] == [
        ("pv-1", False, 300), ("pv-2", True, 0)]
    assert [entry["name"] for entry in lost["csrs"]] == ["own", "bootstrap", "young", "serving"]
    found = [(entry["id"], entry["severity"]) for entry in node_view.check(lost)["findings"]]
    assert found == [("storage.volume_error", "warning")] + [("cert.rotation_broken", severity) for severity in ("warning", "warning", "info")]


@pytest.mark.parametrize("resource, what", [
    ("volumeattachments", "VolumeAttachments"), ("certificatesigningrequests", "certificate signing requests")])
def test_what_is_denied_is_one_line(resource, what):
    lost = view()
    trouble_reads.read(Reads(Api(resource), 60), [lost])
    assert lost["not_checked"] == [{"what": what, "why": "forbidden: " + resource}]
