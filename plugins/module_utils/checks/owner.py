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

_INITIAL_PID_NAMESPACE = "pid:[4026531836]"  # PROC_PID_INIT_INO, include/linux/proc_ns.h


def shared_kernel(node):
    """True when this node is itself a container, so that kernel lines may tell of its neighbours."""
    try:
        target = node.stat("/proc/self/ns/pid")["target"]
    except Unavailable:
        return False
    return bool(target) and target != _INITIAL_PID_NAMESPACE


def pods(node):
    """The pods that this node knows or knew -> {uid: {"pod", "namespace", "containers": {id: name}}}, from whatever remains of them.

    /var/log/pods/<namespace>_<name>_<uid> outlives the pod, /var/lib/kubelet/pods/<uid> has no names, the runtime knows both while it answers.
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
