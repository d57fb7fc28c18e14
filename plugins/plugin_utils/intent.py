# Copyright: kubetriage.node contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Was it intended? The marks that controllers leave on a Node which they take out of service, or will.

Pure: view -> signs. A mark says what its owner means to do; that the node went away for that reason is for diagnosis to decide.
"""

import re

from ansible_collections.kubetriage.node.plugins.module_utils.result import evidence
from ansible_collections.kubetriage.node.plugins.plugin_utils.utc import iso, seconds

# (pattern of the key, pattern of the value, who, what it does). Sources: each project's own documentation and API constants.
TAINTS = (
    (r"ToBeDeletedByClusterAutoscaler", "", "cluster-autoscaler", "scales the node down"),
    (r"karpenter\.sh/(disrupted|disruption)", r"^(disrupting)?$", "Karpenter", "replaces or removes the node"),
    (r"aws-node-termination-handler/(spot-itn|asg-lifecycle-termination|scheduled-maintenance)", "", "aws-node-termination-handler",
     "drains the node: the cloud takes its machine away"),
    (r"cloud\.google\.com/impending-node-termination", "", "GKE", "shuts the node down: the cloud takes its machine away"),
    (r"node\.cloudprovider\.kubernetes\.io/shutdown", "", "the cloud provider", "reports the machine as shut down"),
    (r"(kubevirt\.io|medik8s\.io)/drain", "", "node-maintenance-operator", "drains the node for maintenance"),
    (r"medik8s\.io/remediation", "", "medik8s", "remediates the node: fencing or a reboot"),
    (r"machineconfiguration\.openshift\.io/.+", "", "machine-config-operator", "updates the node"),
    (r"node\.cluster\.x-k8s\.io/outdated-revision", "", "Cluster API", "replaces the node: its revision is outdated"),
)
ANNOTATIONS = (
    (r"(weave\.works/kured|kured\.dev/kured)-reboot-in-progress", "", "kured", "reboots the node"),
    (r"machineconfiguration\.openshift\.io/state", r"^(Working|Rebooting)$", "machine-config-operator", "updates and reboots the node"),
    (r"node\.machine\.sapcloud\.io/trigger-deletion-by-mcm", "^true$", "machine-controller-manager", "removes the machine"),
    (r"flatcar-linux-update\.v1\.flatcar-linux\.net/reboot-in-progress", "^true$", "flatcar-linux-update-operator", "reboots the node"),
)
LABELS = (
    (r"aws-node-termination-handler/event-id", "", "aws-node-termination-handler", "drains the node: the cloud takes its machine away"),
)
# Events about the Node: (component, reason, what it does). Of the last hour before the node's onset they explain it.
EVENTS = (
    (r"cluster-autoscaler", r"ScaleDown", "scales the node down"),
    (r"karpenter", r"Disruption(Terminating|Launching)|TerminatingNode|Termination\w*", "replaces or removes the node"),
    (r"machineconfig\w*", r"(Drain|Reboot|OSUpdateStarted|Cordon|PendingConfig)", "updates and reboots the node"),
    (r"kured", r"(RebootStart\w*|Drain\w*|Reboot\w*)", "reboots the node"),
    (r".*upgrade.*|aks-.*", r"(Drain|Upgrade|Surge|Reimage)\w*", "upgrades the node"),
    (r"aws-node-termination-handler", r"\w*(Interruption|Termination|Drain|Cordon)\w*", "drains the node: the cloud takes its machine away"),
    (r"kubelet", r"Shutdown|NodeShutdown", "shuts the node down gracefully"),
)
_EVENT_S = 3600
_FORGOTTEN_S = 86400  # a mark that is older was left behind
_DELETED = ("node.kubernetes.io/out-of-service", "sets its pods free to start elsewhere: somebody declared the node dead")


def annotations(all_of_them):
    """Annotations of a Node -> those that say something here: the rest may be large, and may be secret."""
    return {key: value[:200] for key, value in all_of_them.items()
            if isinstance(value, str) and any(re.fullmatch(pattern, key) for pattern, _value, _who, _what in ANNOTATIONS)}


def signs(view, now):
    """View and epoch of the look (or None) -> [{"who", "what", "at": epoch or None, "evidence"}], the oldest first."""
    found = _cordoned(view)
    for taint in view.get("taints") or ():
        key, value = taint.get("key") or "", taint.get("value") or ""
        text = "%s=%s:%s" % (key, value, taint.get("effect"))
        if key == _DELETED[0]:
            added = seconds(taint.get("added"))
            found.append({"who": "an operator", "what": _DELETED[1], "at": added, "evidence": evidence("taint", text, added)})
        found += _named(TAINTS, key, value, "taint", text, seconds(taint.get("added")) or _stamp(value))
    for part, table in (("annotations", ANNOTATIONS), ("labels", LABELS)):
        for key, value in (view.get(part) or {}).items():
            marks = _named(table, key, value, part[:-1], "%s=%s" % (key, value), _stamp(value))
            found += [mark for mark in marks if mark["at"] is None or now is None or now - mark["at"] <= _FORGOTTEN_S]
    for event in view.get("events") or ():
        last = seconds(event.get("last"))
        if last is not None and now is not None and now - last > _EVENT_S:
            continue
        source, reason = event.get("source") or "", event.get("reason") or ""
        if "cancel" in (event.get("message") or ""):  # the kubelet's "detected shutdown cancellation" has the reason of a shutdown
            continue
        for component, pattern, what in EVENTS:
            if re.fullmatch(component, source) and re.fullmatch(pattern, reason):
                text = "%s: %s" % (reason, event.get("message") or "")
                found.append({"who": source, "what": what, "at": seconds(event.get("first")) or last, "evidence": evidence("event", text, last)})
                break
    return sorted(found, key=lambda sign: (sign["at"] is None, sign["at"] or 0, sign["who"], sign["what"]))


def _cordoned(view):
    """A cordon, with its owner and time as managedFields tell them, and what follows it."""
    if not view.get("unschedulable"):
        return []
    cordon = view.get("cordon") or {}
    added = [taint.get("added") for taint in view.get("taints") or () if taint.get("key") == "node.kubernetes.io/unschedulable"]
    at = seconds(cordon.get("at") or next(iter(added), None))
    who = cordon.get("by") or "somebody"
    leaving = sum(1 for pod in view.get("pods") or () if pod.get("deleting"))
    what = "drains the node: cordoned, and %d of its pods are being deleted" % leaving if leaving else "cordoned the node"
    return [{"who": who, "what": what, "at": at, "evidence": evidence("Node", "spec.unschedulable=true, set by %s" % who, at)}]


def of(view, now):
    """View and epoch of the look -> the verdict's `intent`: [{"who", "what", "since", "evidence"}], the oldest first; [] without a view."""
    return [{"who": sign["who"], "what": sign["what"], "since": iso(sign["at"]), "evidence": [sign["evidence"]]} for sign in signs(view or {}, now)]


def _named(table, key, value, source, text, at):
    for pattern, wanted, who, what in table:
        if re.fullmatch(pattern, key) and re.search(wanted, value):
            return [{"who": who, "what": what, "at": at, "evidence": evidence(source, text, at)}]
    return []


def _stamp(value):
    """A mark's value is often the time it was set: epoch seconds, or RFC 3339."""
    if re.fullmatch(r"\d{10}", value or ""):
        return float(value)
    return seconds(value)
