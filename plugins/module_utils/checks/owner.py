# Copyright: kubetriage.node contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Whose line is it? Nodes that share one kernel (kind, k3d, minikube, any node in a container) see one another's kernel lines."""

import re

from ..node import Unavailable
from ..node import cri
from ..parse import cgroup
from .kubelet_setup import setup
from .runtime import socket_of

_NAMING_LINES, _NEAR = 200, 1000  # lines of a pod that are read for its name; characters of each, on both sides of its UID
# How kubelets, docker, containerd and CRI-O name a pod beside its UID (%s), and a container beside its ID
_NAME, _SPACE = r"(?P<pod>[a-z0-9][a-z0-9.-]*)", r"(?P<namespace>[a-z0-9][a-z0-9-]*)"
_POD_FORMS = (
    _NAME + "_" + _SPACE + r"\(%s\)",  # kubelets to 1.19, and in errors of later ones
    "_" + _NAME + "_" + _SPACE + "_%s",  # k8s_<container>_<pod>_<namespace>_<uid>_<attempt>: docker, CRI-O
    "/" + _SPACE + "_" + _NAME + "_%s",  # /var/log/pods/<namespace>_<pod>_<uid>
    "Name:" + _NAME + ",Uid:%s,Namespace:" + _SPACE,  # containerd's PodSandboxMetadata
    r'\bpod="' + _SPACE + "/" + _NAME + '"',  # structured klog: podUID="<uid>", event={"ID":"<uid>" ...}
    r'\bpod "' + _NAME + r'" \(UID: "%s"\)',  # volumes
)
_CONTAINER_FORMS = (
    r'ContainerMetadata\{Name:(?P<container>[a-z0-9-]+),.* returns container id "%s',
    r"_(?P<container>[a-z0-9-]+)-%s\.log",
    r'\bcontainerName="(?P<container>[a-z0-9-]+)"',
)


def pods(node):
    """The pods that this node knows or knew -> {uid: {"pod", "namespace", "containers": {id: name}}}, from whatever remains of them.

    /var/log/pods/<namespace>_<name>_<uid> outlives the pod, /var/lib/kubelet/pods/<uid> has no names, the runtime knows both while it
    answers.
    """
    known = {}
    try:
        for name in node.list("/var/lib/kubelet/pods"):
            known.setdefault(name, {"pod": None, "namespace": None, "containers": {}})
    except Unavailable:
        pass
    try:
        for name in node.list("/var/log/pods"):
            namespace, _one, rest = name.partition("_")
            pod, _two, uid = rest.rpartition("_")
            known[uid] = {"pod": pod, "namespace": namespace, "containers": {}}
    except Unavailable:
        pass
    try:
        answer = node.ask("cri-status", cri.status, socket_of(setup(node)["endpoint"]), timeout=5.0)
    except Unavailable:
        return known
    for each in answer["containers"]:
        pod = known.setdefault(each["pod_uid"], {"pod": None, "namespace": None, "containers": {}})
        pod["pod"], pod["namespace"] = each["pod"], each["namespace"]
        pod["containers"][each["id"]] = each["name"]
    return known


def name_pod(subject, known):
    """Put the names of the pod (and container) into a finding's subject that holds `pod_uid` (and `container_id`)."""
    pod = known.get(subject.get("pod_uid"))
    if pod and pod["pod"]:
        subject.update(pod=pod["pod"], namespace=pod["namespace"])
        container = pod["containers"].get(subject.get("container_id"))
        if container:
            subject["container"] = container
    return subject


def learn_names(known, subjects, journal):
    """Add to `known` what the journal still tells of the pods and containers of `subjects`, for those that nothing else names any more."""
    for subject in subjects:
        uid, container = subject.get("pod_uid"), subject.get("container_id")
        if not uid or known.get(uid, {}).get("pod"):
            continue
        found = _first(_POD_FORMS, uid, journal)
        if found:
            known[uid] = {"pod": found["pod"], "namespace": found.get("namespace"), "containers": {}}
            named = _first(_CONTAINER_FORMS, container, journal) if container else None
            if named:
                known[uid]["containers"][container] = named["container"]


def _first(forms, key, journal):
    """The first of the lines that hold `key` which is in one of `forms` -> its groups, or None."""
    at, left = journal.find(key), _NAMING_LINES
    while at >= 0 and left:
        end = journal.find("\n", at)
        end = len(journal) if end < 0 else end
        line = journal[max(journal.rfind("\n", 0, at) + 1, at - _NEAR):min(end, at + _NEAR)].replace('\\"', '"')
        for form in forms:
            match = re.search(form.replace("%s", key), line)
            if match:
                return match.groupdict()
        at, left = journal.find(key, end), left - 1
    return None


def mine(path, known, journal):
    """Does a cgroup path of a kernel line belong to this node? By the pod's UID: known here, or named in this node's journal."""
    pod = cgroup.pod_of(path or "")
    if not pod:
        return False
    return pod["pod_uid"] in known or pod["pod_uid"] in journal


def killed_units(journal):
    """Units of this node that were killed by SIGKILL -> [(unit without suffix, epoch)], from systemd's lines (short-unix)."""
    pattern = r"(?m)^(\d+)\.\d+ \S+ systemd\[1\]: ([\w@.-]+?)\.service: [Mm]ain process exited, code=killed, status=9"
    return [(unit, float(stamp)) for stamp, unit in re.findall(pattern, journal)]
