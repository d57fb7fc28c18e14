# Copyright: kubetriage.node contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A v1 Node (parsed JSON) -> what an inventory tells of it: facts, groups, and the address to connect to.

Labels, annotations, taints and addresses are chosen by others, the kubelet of a node that somebody has taken over among them: in a group's
name nothing of them is left but letters, digits and _, and what is no address is not connected to.
"""

import ipaddress
import re

from ansible_collections.kubetriage.node.plugins.plugin_utils import api_object
from ansible_collections.kubetriage.node.plugins.plugin_utils.node_view import CONDITIONS
from ansible_collections.kubetriage.node.plugins.plugin_utils.scope import LABELS

GROUPS = ("ready", "not_ready", "unknown", "cordoned")  # those that are there without a member, so that a pattern may name them
ANNOTATION = "annotation:"  # before the key of an annotation that holds an address
_DNS_NAME = re.compile(r"(?!.{254})([A-Za-z0-9_]([A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?\.)*[A-Za-z0-9_]([A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?\.?")


def facts(item, pool_labels):
    """v1 Node -> dict as plugins/inventory/nodes.py documents it; None for what has no Node's name.

    `pool_labels`: the first of these labels that it has names its pool; None for those of the managed clusters.
    """
    node = api_object.node(item)
    if not node["name"] or not _DNS_NAME.fullmatch(node["name"]):
        return None
    labels, spec = node["labels"], api_object.dict_of(item, "spec")
    conditions = {entry["type"]: entry["status"] for entry in node["conditions"] if entry["type"]}
    annotations = api_object.dict_of(api_object.dict_of(item, "metadata"), "annotations")
    cidrs = spec.get("podCIDRs") if isinstance(spec.get("podCIDRs"), list) else [spec.get("podCIDR")]
    return {
        "name": node["name"], "uid": node["uid"], "created": node["created"],
        "ready": conditions.get("Ready"), "conditions": conditions, "unschedulable": node["unschedulable"],
        "taints": [{key: taint[key] for key in ("key", "value", "effect")} for taint in node["taints"]],
        "labels": labels, "annotations": {key: api_object.text_of(annotations, key) for key in annotations},
        "pool": _first(labels, pool_labels or LABELS["pool"]), "zone": _first(labels, LABELS["zone"]),
        "region": _first(labels, LABELS["region"]), "instance_type": _first(labels, LABELS["instance type"]),
        "provider_id": api_object.text_of(spec, "providerID"), "addresses": node["addresses"],
        "pod_cidrs": [cidr for cidr in cidrs if isinstance(cidr, str)],
        "kubelet": node["info"]["kubelet"], "runtime": node["info"]["runtime"], "kernel": node["info"]["kernel"], "os": node["info"]["os"],
        "architecture": api_object.text_of(api_object.dict_of(api_object.dict_of(item, "status"), "nodeInfo"), "architecture"),
    }


def groups(node):
    """Facts -> names of the groups that the Node is in."""
    found = ["ready" if node["ready"] == "True" else "not_ready"]
    if node["ready"] == "Unknown":
        found.append("unknown")
    for kind, status in node["conditions"].items():
        bad = CONDITIONS.get(kind, (None,))[0] or ("False" if kind.endswith("Ready") else None)
        if kind != "Ready" and bad is not None and status == bad:
            words = re.sub(r"(?<=[a-z])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "_", kind).lower()
            found.append(group_name(words if bad == "True" else re.sub(r"_?ready$", "_not_ready", words)))
    if node["unschedulable"]:
        found.append("cordoned")
    named = [("pool", node["pool"]), ("zone", node["zone"]), ("kubelet", node["kubelet"])]
    named += [("taint", taint["key"]) for taint in node["taints"]]
    return found + [group_name(f"{kind}_{value}") for kind, value in named if value]


def address(node, wanted):
    """Facts and an order of address types and annotations ("annotation:KEY") -> the first address there is, or None."""
    for kind in wanted:
        if kind.startswith(ANNOTATION):
            told = [node["annotations"].get(kind[len(ANNOTATION):])]
        else:
            told = [entry["address"] for entry in node["addresses"] if entry["type"] == kind]
        for found in told:
            if found and _is_address(found):
                return found
    return None


def group_name(text):
    """Any text -> a name that Ansible takes for a group's."""
    name = re.sub(r"[^A-Za-z0-9_]", "_", text)
    return "_" + name if name[:1].isdigit() else name


def _is_address(text):
    try:
        ipaddress.ip_address(text)
        return "%" not in text  # after which any text may be an IPv6 address's scope
    except ValueError:
        return bool(_DNS_NAME.fullmatch(text))


def _first(labels, keys):
    return next((labels[key] for key in keys if labels.get(key)), None)
