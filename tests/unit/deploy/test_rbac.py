# Copyright: kubetriage.node contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The manifest grants what the view asks for: no read less, and no right more."""

import pathlib

import yaml
from ansible_collections.kubetriage.node.plugins.plugin_utils.cluster_reads import READS

MANIFEST = pathlib.Path(__file__).resolve().parents[3] / "deploy" / "rbac" / "triage.yaml"


def objects(kind):
    return [item for item in yaml.safe_load(MANIFEST.read_text())["items"] if item["kind"] == kind]


def granted():
    """-> {(group, resource, namespace or None): verbs}"""
    return {(group, resource, role["metadata"].get("namespace")): set(rule["verbs"])
            for kind in ("ClusterRole", "Role") for role in objects(kind) for rule in role["rules"]
            for group in rule["apiGroups"] for resource in rule["resources"]}


def test_the_manifest_grants_the_views_reads():
    assert granted() == {(kind.group, kind.resource, kind.namespace): set(kind.verbs) for kind in READS}


def test_nothing_is_granted_but_reading_and_nothing_by_wildcard():
    for (group, resource, _namespace), verbs in granted().items():
        assert verbs <= {"get", "list"} and "*" not in group + resource and resource != "secrets"


def test_the_kubelets_proxy_is_granted_apart_and_only_to_be_read():
    items = yaml.safe_load(MANIFEST.with_name("kubelet-proxy.yaml").read_text())["items"]
    role, binding = items
    assert role["rules"] == [{"apiGroups": [""], "resources": ["nodes/proxy"], "verbs": ["get"]}]
    assert binding["roleRef"]["name"] == role["metadata"]["name"] and binding["subjects"] == [
        {"kind": "ServiceAccount", "name": "triage", "namespace": "kubetriage"}]


def test_every_role_is_bound_to_the_service_account():
    (account,) = objects("ServiceAccount")
    subject = {"kind": "ServiceAccount", "name": account["metadata"]["name"], "namespace": account["metadata"]["namespace"]}
    for kind in ("ClusterRole", "Role"):
        bound = {(binding["metadata"].get("namespace"), binding["roleRef"]["kind"], binding["roleRef"]["name"])
                 for binding in objects(kind + "Binding") if binding["subjects"] == [subject]}
        assert bound == {(role["metadata"].get("namespace"), kind, role["metadata"]["name"]) for role in objects(kind)}
