# Copyright: kubetriage.node contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The network's agents among a node's pods: which pods they are, and what keeps one from running."""

import re

# Names of DaemonSets, containers, labels and images, as the projects' own manifests have them.
_NETWORK = re.compile(r"(?:^|/)(?:calico-node|canal(?:-node)?|(?:kube-)?flannel(?:-ds(?:-[a-z0-9]+)?)?|cilium(?:-agent)?"
                      r"|antrea-agent|weave-net|weave-kube|kube-router|ovnkube-node|ovs-node|kube-ovn-cni|aws-node"
                      r"|amazon-k8s-cni|azure-(?:cni|cns)|netd|kube-multus-ds)(?::|@|$)")
_PROXY = re.compile(r"(?:^|/)kube-proxy(?:-[a-z0-9-]+)?(?::|@|$)")
_LABELS = ("k8s-app", "app.kubernetes.io/name", "app", "name", "component")
_BROKEN = ("CrashLoopBackOff", "ImagePullBackOff", "ErrImagePull", "InvalidImageName", "CreateContainerError", "CreateContainerConfigError",
           "RunContainerError")


def failure_of(names):
    """Names of a DaemonSet, its labels' values, images -> the failure that it is when this agent does not run, or None if it is none."""
    for name in names:
        for pattern, failure in ((_NETWORK, "cni.agent_not_ready"), (_PROXY, "cni.kube_proxy_down")):
            if isinstance(name, str) and pattern.search(name):
                return failure
    return None


def failure_of_pod(owner, labels, images):
    """As failure_of, of a pod: only what a DaemonSet or the node itself runs is an agent."""
    if (owner or {}).get("kind") not in ("DaemonSet", "Node"):
        return None
    return failure_of([owner.get("name")] + [labels.get(key) for key in _LABELS] + images)


def broken(view):
    """View -> [(failure, {"namespace", "pod", "container"}, reason, sentence, epoch text or None)] of the agents that do not run."""
    found = []
    for pod in view.get("pods") or ():
        for container in pod.get("containers") or () if pod.get("agent") and not pod.get("deleting") else ():
            # Between two restarts of a crash loop it has ended, and does not wait yet
            ended = container.get("state") == "terminated" and container.get("exit_code") and container.get("restarts")
            if not ended and (container.get("state") != "waiting" or container.get("reason") not in _BROKEN):
                continue
            last = container.get("last") or {}
            words = "%s: %s" % (container["name"], container["reason"])
            if ended:
                words += ", exit code %s, %d restarts" % (container["exit_code"], container["restarts"])
            elif last:
                words += ", %d restarts, last ended as %s" % (container.get("restarts") or 0, last.get("reason"))
                words += ", exit code %s" % last["exit_code"] if last.get("exit_code") is not None else ""
            message = last.get("message") or container.get("message")
            words += ": " + " ".join(message.split()) if message else ""
            about = {"namespace": pod.get("namespace"), "pod": pod.get("name"), "container": container["name"]}
            found.append((pod["agent"], about, container["reason"], words, last.get("at")))
    return found


def missing(view):
    """View -> [(failure, "namespace/name")] of the agents' DaemonSets that want a pod here and have none; none where pods were not read."""
    if any(gap.get("what") == "pods of the node" for gap in view.get("not_checked") or ()):
        return []
    names = (view.get("workloads") or {}).get("daemonsets") or ()
    told = ((failure_of([str(name).partition("/")[2]]), name) for name in names)
    return [(failure, name) for failure, name in told if failure]
