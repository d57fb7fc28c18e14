# Copyright: kubetriage.node contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which groups and which address a Node gets, and that hostile text stays text."""

import re

import pytest
from ansible_collections.kubetriage.node.plugins.plugin_utils import inventory_host


def facts(labels=None, annotations=None, conditions=None, taints=(), addresses=(), pools=None, **spec):
    conditions = {"Ready": "True"} if conditions is None else conditions
    return inventory_host.facts({
        "metadata": {"name": "w1", "labels": labels or {}, "annotations": annotations or {}},
        "spec": dict(spec, taints=[{"key": key, "effect": "NoSchedule"} for key in taints]),
        "status": {"nodeInfo": {"kubeletVersion": "v1.35.4+k3s1", "architecture": "arm64"},
                   "conditions": [{"type": kind, "status": status} for kind, status in conditions.items()],
                   "addresses": [{"type": kind, "address": address} for kind, address in addresses]},
    }, pools)


@pytest.mark.parametrize("conditions, groups", [
    ({"Ready": "True", "MemoryPressure": "False"}, ["ready"]),
    ({"Ready": "False", "DiskPressure": "True", "PIDPressure": "True"}, ["not_ready", "disk_pressure", "pid_pressure"]),
    ({"Ready": "Unknown", "MemoryPressure": "Unknown"}, ["not_ready", "unknown"]),
    ({}, ["not_ready"]),
    ({"Ready": "True", "NetworkUnavailable": "True", "KernelDeadlock": "True"}, ["ready", "network_unavailable", "kernel_deadlock"]),
    ({"Ready": "True", "KernelReady": "True", "NetworkingReady": "False", "SomebodysReady": "False"},
     ["ready", "networking_not_ready", "somebodys_not_ready"]),
    ({"Ready": "True", "SomebodysOpinion": "True"}, ["ready"]),
])
def test_conditions_are_groups_by_what_is_bad(conditions, groups):
    assert inventory_host.groups(facts(conditions=conditions)) == groups + ["kubelet_v1_35_4_k3s1"]


def test_pool_zone_taints_and_cordon_are_groups():
    node = facts({"agentpool": "np-1", "failure-domain.beta.kubernetes.io/zone": "eu-1a"}, taints=["node.kubernetes.io/unreachable"],
                 unschedulable=True)
    assert inventory_host.groups(node) == ["ready", "cordoned", "pool_np_1", "zone_eu_1a", "kubelet_v1_35_4_k3s1",
                                           "taint_node_kubernetes_io_unreachable"]


def test_the_first_pool_label_counts():
    assert facts({"agentpool": "b", "eks.amazonaws.com/nodegroup": "a"})["pool"] == "a"
    assert facts({"agentpool": "b", "team": "c"}, pools=["absent", "team", "agentpool"])["pool"] == "c"


@pytest.mark.parametrize("wanted, address", [
    (["InternalIP", "ExternalIP"], "10.0.0.1"),
    (["ExternalIP", "InternalIP"], "2001:db8::1"),
    (["InternalDNS", "Hostname"], "w1"),
    (["annotation:example.com/ssh", "InternalIP"], "ssh-w1.example.com"),
    (["annotation:absent"], None),
])
def test_the_order_of_addresses_decides(wanted, address):
    node = facts(annotations={"example.com/ssh": "ssh-w1.example.com"},
                 addresses=[("InternalIP", "10.0.0.1"), ("InternalIP", "fd00::1"), ("ExternalIP", "2001:db8::1"), ("Hostname", "w1")])
    assert inventory_host.address(node, wanted) == address


@pytest.mark.parametrize("hostile", ["-oProxyCommand=reboot", "w1;reboot", "$(reboot)", "fe80::1%$(reboot)", "{{ 1 }}", "a b", "w1\n",
                                     "w" * 300, ".", "a..b"])
def test_what_is_no_address_is_passed_over(hostile):
    assert inventory_host.address(facts(addresses=[("InternalIP", hostile), ("Hostname", "w1")]), ["InternalIP", "Hostname"]) == "w1"


@pytest.mark.parametrize("hostile", ["{{ lookup('pipe', 'id') }}", "all", "ungrouped", "a:b", "1&!x", "../../etc", "ä\u202e", "\x1b[2J"])
def test_a_group_is_named_by_letters_digits_and_underscores(hostile):
    node = facts({"agentpool": hostile, "topology.kubernetes.io/zone": hostile}, conditions={"Ready": "True", hostile + "Ready": "False"},
                 taints=[hostile])
    names = inventory_host.groups(node)
    assert len(names) == 6 and all(re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]*", name) for name in names)
    assert not {"all", "ungrouped"} & set(names)


@pytest.mark.parametrize("item", [{}, {"metadata": None}, {"metadata": {"name": "-oX=1"}}, {"metadata": {"name": "{{ 1 }}"}},
                                  {"metadata": {"name": ["w1"]}}])
def test_what_has_no_name_of_a_node_is_left_out(item):
    assert inventory_host.facts(item, None) is None


def test_fields_of_the_wrong_kind_read_as_absent():
    node = inventory_host.facts({"metadata": {"name": "w1", "labels": [], "annotations": {"a": 1}},
                                 "spec": {"podCIDR": "10.1.0.0/24", "taints": {}},
                                 "status": {"conditions": [{"type": 1}, None], "nodeInfo": "x"}}, None)
    assert (node["labels"], node["annotations"], node["pod_cidrs"], node["ready"]) == ({}, {"a": None}, ["10.1.0.0/24"], None)
    assert inventory_host.groups(node) == ["not_ready"]


def test_a_groups_name_does_not_begin_with_a_digit():
    assert [inventory_host.group_name(text) for text in ("1a", "a-1", "")] == ["_1a", "a_1", ""]
