# Copyright: kubetriage.node contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Is it only this node? Pure: who else is lost, since when, and what the lost share that the healthy do not."""

from ansible_collections.kubetriage.node.plugins.plugin_utils.utc import seconds

# Labels that tell where and what a node is: {attribute: label keys, the first one set counts}. Well-known labels of kubernetes.io and the
# pool labels of the managed clusters.
LABELS = {
    "region": ("topology.kubernetes.io/region", "failure-domain.beta.kubernetes.io/region"),
    "zone": ("topology.kubernetes.io/zone", "failure-domain.beta.kubernetes.io/zone"),
    "rack": ("topology.kubernetes.io/rack", "topology.rook.io/rack", "rack"),
    "pool": ("karpenter.sh/nodepool", "karpenter.sh/provisioner-name", "eks.amazonaws.com/nodegroup", "cloud.google.com/gke-nodepool",
             "kubernetes.azure.com/agentpool", "agentpool", "kops.k8s.io/instancegroup", "node.kubernetes.io/pool",
             "worker.gardener.cloud/pool", "doks.digitalocean.com/node-pool"),
    "instance type": ("node.kubernetes.io/instance-type", "beta.kubernetes.io/instance-type"),
}
# Ready is taken back after the grace period, and a network that fails does so within seconds: minutes apart is a coincidence
TOGETHER_S = 600
_NAMED = 50  # lost nodes that an artifact names
_LIKELY = 0.5  # of a group has to be lost


def attributes(labels, info, addresses):
    """Labels, nodeInfo ({"kubelet", "kernel", "runtime", "os"}) and addresses of a Node -> {attribute: value}, of those that are known."""
    found = {attribute: next((labels[key] for key in keys if labels.get(key)), None) for attribute, keys in LABELS.items()}
    found.update(kernel=info.get("kernel"), runtime=info.get("runtime"), kubelet=info.get("kubelet"), os=info.get("os"))
    address = next((entry["address"] for entry in addresses if entry.get("type") == "InternalIP" and "." in str(entry.get("address"))), None)
    found["subnet"] = address.rpartition(".")[0] + ".0/24" if address else None
    return {attribute: value for attribute, value in found.items() if value}


def of(node, view, reach, checks):
    """This node's name, its view, how it was reached, its CheckResults -> (scope, sentence or None), for its verdict.

    What the API server says of itself comes first; where it does not answer at all, the node's own way to it tells whose fault that is.
    """
    cluster = (view or {}).get("cluster") or {}
    if cluster.get("api_failed"):
        failed = ", ".join(cluster["api_failed"][:5])
        return "cluster", f"the API server says of itself that {failed} failed (/readyz?verbose): look there first"
    if reach.get("api_down"):
        path = next((check for check in checks if check.get("check") == "api_path"), {})
        if path.get("status") == "ok" or (path.get("facts") or {}).get("step") == "answer":
            return "node", "the API server answers this node, and not the machine that triage runs on"
        if path.get("status") == "problem":
            return "cluster", "the API server answers neither this node nor the machine that triage runs on: look there first"
    return (cluster["scope"], cluster.get("why")) if cluster.get("scope") else find(node, cluster)


def bounded(name, cluster):
    """What is known of all nodes -> what one node's artifact keeps of it: counts, a few names, and the scope that follows from all of it."""
    found, why = find(name, cluster)
    lost = cluster.get("not_ready") or []
    return {"nodes": cluster.get("nodes"), "not_ready": lost[:_NAMED], "lost": len(lost), "api_failed": cluster.get("api_failed") or [],
            "scope": found, "why": why}


def find(name, cluster):
    """This node's name and what is known of all nodes -> (scope, sentence or None).

    cluster   {"nodes": how many, "not_ready": [name], "lost": {name: {"since": UTC ISO or None, "attributes": {}}},
               "of": {attribute: {value: how many nodes}}}; `lost` may hold only a part of `not_ready`, and may be missing
    """
    nodes, lost = cluster.get("nodes") or 0, _together(name, cluster)
    if nodes < 2 or len(lost) < 2 or name not in lost:
        return _most(nodes, cluster.get("not_ready") or ())
    best = max(_groups(lost, cluster.get("of") or {}, nodes), default=None)
    if best:
        _share, _few, attribute, value, of = best
        rest = nodes - of
        return "group", (f"{len(lost)} of {of} nodes with {attribute} {value} were lost together, and none of the other {rest}: "
                         f"look first at what this {attribute} has of its own")
    return _most(nodes, cluster.get("not_ready") or ())


def _together(name, cluster):
    """The lost nodes that went away about when this one did."""
    lost = cluster.get("lost") or {}
    here = seconds((lost.get(name) or {}).get("since"))
    if here is None:
        return lost
    return {other: about for other, about in lost.items()
            if seconds(about.get("since")) is None or abs(seconds(about["since"]) - here) <= TOGETHER_S}


def _groups(lost, of, nodes):
    """What all of the lost share, and not all nodes do -> (share of it that is lost, fewest nodes first, attribute, value, how many have it)."""
    for attribute, values in of.items():
        shared = {about["attributes"].get(attribute) for about in lost.values()}
        value = shared.pop() if len(shared) == 1 else None
        count = values.get(value, 0) if value else 0
        if len(lost) <= count < nodes and len(lost) >= _LIKELY * count:
            yield len(lost) / count, -count, attribute, value, count


def _most(nodes, lost):
    if nodes >= 3 and len(lost) * 2 > nodes:
        return "cluster", f"{len(lost)} of {nodes} nodes are not Ready: look first at what they share (API server, network, time, certificates)"
    return "node", None
