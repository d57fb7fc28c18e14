# Copyright: kubetriage.node contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The Node object: what people and controllers have set on it."""

from .api import ANSWERED
from .entry import failure

FAILURES = [
    failure(
        "node.cordoned",
        title="The node is cordoned",
        severity="info",
        role="presence",
        what="Someone or something marked it unschedulable; it does not make it NotReady. Do not uncordon what others cordoned.",
        log=[("any", "nodenotschedulable", r"status is now: NodeNotSchedulable")],
        ends=[("any", "nodeschedulable", r"status is now: NodeSchedulable")],
        confirm=["kubectl describe node {node} | grep -E 'Taints|Unschedulable|Annotations' -A3"],
        fix=["ask who did it; then: kubectl uncordon {node}"],
    ),
    failure(
        "node.taint_out_of_service",
        title="The out-of-service taint was left on the node",
        severity="critical",
        role="cause",
        what="It says that the node is powered off: its pods are removed by force and none come back. It must be taken away by hand after "
             "the node returned.",
        confirm=["kubectl get node {node} -o yaml | grep -A4 taints"],
        fix=["when the node is healthy again: kubectl taint node {node} node.kubernetes.io/out-of-service-"],
    ),
    failure(
        "node.deleted",
        title="The Node object was deleted",
        severity="critical",
        role="cause",
        what="A person, an autoscaler or the cloud controller removed it; the kubelet does not register again until it is restarted.",
        log=[
            ("controller", "cloud provider",
             r"(?:deleting node|Deleting node) (?P<node>\S+) (?:since|because) it (?:is no longer present|does not exist) in "
             r"(?:the )?cloud provider"),
            ("any", "deletingnode", r"\bDeletingNode\b.{0,200}Deleting node (?P<node>\S+)"),
            ("controller", "according to cloud provider",
             r"deleting node (?P<node>\S+) because it's not present according to cloud provider"),
        ],
        ends=ANSWERED,
        confirm=["kubectl get node {node}", "kubectl get events -A --field-selector involvedObject.kind=Node | grep {node}"],
        fix=["if the machine is meant to stay: systemctl restart kubelet   # registers it again"],
        caused_by=["host.shutdown"],
    ),
    failure(
        "node.condition",
        title="An agent on the node reports a problem",
        severity="warning",
        role="presence",
        what="A condition that this collection does not know has the value that its name calls bad; the agent that sets it knows what it "
             "means.",
        confirm=["kubectl describe node {node} | grep -A20 Conditions"],
        fix=["read the condition's message; ask the agent that sets it: kubectl -n kube-system get ds"],
    ),
]
