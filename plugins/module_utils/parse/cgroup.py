# Copyright: kubetriage.node contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Cgroup path -> pod and container, and what a limit at that path limits.

Forms: kubelet's systemd driver (kubepods-burstable-pod<uid_>.slice/cri-containerd-<id>.scope), its cgroupfs driver
(kubepods/burstable/pod<uid>/<id>), the colon form of a runtime that does not share the kubelet's driver
(kubepods-burstable-pod<uid_>.slice:cri-containerd:<id>), and each of them below an outer container.
"""

import re

_ID = r"([0-9a-f]{64}|[0-9a-f]{12,63}$)"
_UID = r"([0-9a-f]{32}|[0-9a-f]{8}(?:[-_][0-9a-f]{4}){3}[-_][0-9a-f]{12})"
_QOS = r"(?:-(burstable|besteffort))?"
_START = re.compile(r"(?:^|[/-])kubepods(?=$|[/.-])")
_SLICE = re.compile("kubepods" + _QOS + "-pod" + _UID + r"\.slice(?:/(?:[a-z]+-)*" + _ID + "|:[^:/]+:" + _ID + ")?")
_PLAIN = re.compile("kubepods(?:/(burstable|besteffort))?/pod" + _UID + "(?:/(?:[a-z]+-)*" + _ID + ")?")
_POD = re.compile(r"[-/]pod[^/]+")
_OUTER = re.compile(r"^/lxc\.payload[./][^/]+|^/(?:docker|lxc|libpod_parent|buildkit|machine\.slice)/[^/]+|^/[0-9a-f]{64}\b"
                    r"|/(?:docker|libpod|nerdctl|cri-containerd|crio)-[0-9a-f]{12,64}(?:\.scope)?(?=/|$)")
_NODE_UNIT = re.compile(r"/(?:kubelet|kube-proxy|containerd|crio|docker|cri-docker\w*|k3s(?:-agent)?|rke2-\w+|k0s\w*|hyperkube|origin-node"
                        r"|atomic-openshift-node|snap\.(?:microk8s|kubelet-eks)\.[\w.-]+)\.(?:service|slice)(?:/|$)")
_RESERVED = re.compile(r"^/(?:system|(?:pod)?runtime|kube(?:let|rnetes)?|(?:kube|system)-?reserved|reserved)(?:\.slice)?/?$"
                       r"|^/podruntime(?:\.slice)?/|^/system/")


def pod_of(path):
    """Cgroup path -> {"pod_uid", "container_id", "qos", "form"}, or None when it holds no pod.

    pod_uid with dashes (a static pod's has none); container_id None for the pod's own cgroup and for a container's monitor (conmon);
    qos: guaranteed, burstable, besteffort; form: systemd, cgroupfs, colon.
    """
    tail = _tail(path)
    if tail is None:
        return None
    match, form = _SLICE.match(tail), "systemd"
    if match:
        container = match.group(3) or match.group(4)
        form = "colon" if match.group(4) else form
    else:
        match, form = _PLAIN.match(tail), "cgroupfs"
        if not match:
            return None
        container = match.group(3)
    if container and "-conmon-" in tail:
        container = None
    return {"pod_uid": match.group(2).replace("_", "-"), "container_id": container, "qos": match.group(1) or "guaranteed", "form": form}


def scope(path):
    """Path of the cgroup whose limit was reached -> container, pod, allocatable (all pods, or all of a QoS class), reserved (the kubelet's,
    the runtime's or the system's own), outer (a container that holds the whole node), other (some service's own limit), node (no limit:
    all memory)."""
    if not path or path == "/":
        return "node"
    tail = _tail(path)
    if tail is not None:
        if not _POD.search(tail):
            return "allocatable"
        found = pod_of(path)
        if found:
            return "container" if found["container_id"] else "pod"
        return "pod" if len(tail[_POD.search(tail).end():].strip("/")) < 12 else "container"
    outer = _OUTER.search(path)
    if outer:
        path = path[outer.end():]
        if path in ("", "/", "/ns", "/init.scope"):
            return "outer"
    return "reserved" if _NODE_UNIT.search(path) or _RESERVED.match(path) else "other"


def _tail(path):
    """From the last `kubepods` group on: what stands before belongs to an outer container."""
    starts = list(_START.finditer(path or ""))
    # a systemd path repeats the name in each slice: kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod<uid>.slice
    return path[starts[-1].start():].lstrip("/-") if starts else None
