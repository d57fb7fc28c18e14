# Copyright: kubetriage.node contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which program prints what: the name before a log line -> the sources of signatures that can match it; systemd's names for the units."""

import re
from functools import lru_cache

# A program that is not listed may be a wrapper around a kubelet or an agent; it is not the kernel and not systemd.
_UNLISTED = frozenset(("kubelet", "runtime", "cni", "controller"))
# k3s, rke2, k0s and microk8s run the kubelet, the runtime, the CNI agent and the controllers in one process. "kubelet.named" is for what any
# program may say (a panic), so that the line must name its own.
_ALL_IN_ONE = _UNLISTED | frozenset(("kubelet.named",))
_KUBELET = frozenset(("kubelet", "kubelet.named"))
_RUNTIME = frozenset(("runtime",))
_SYSTEMD = frozenset(("systemd",))
_CONTROLLER = frozenset(("controller",))
_CNI = frozenset(("cni",))
_EVERY = _UNLISTED | frozenset(("kernel", "systemd"))

_PROGRAMS = (  # re keeps what it compiled; few of these are ever asked
    (r"kern(?:el)?$", frozenset(("kernel",))),
    (r"(?:kubelet|hyperkube|origin-node|atomic-openshift-node|kubelet-.*|.*kubelet)$", _KUBELET),
    (r"(?:k3s|rke2|k0s|microk8s|.*kubelite)", _ALL_IN_ONE),
    (r"docker(?:d-current)?$", _RUNTIME | frozenset(("kubelet",))),  # the kubelet may run in a container whose output docker logs
    (r"(?:.*containerd.*|dockerd.*|docker-.*|crio|cri-o|cri-dockerd|conmon|runc|crun)$", _RUNTIME),
    (r"(?:systemd|dbus)", _SYSTEMD),
    (r"(?:kube-controller.*|kube-apiserver|kube-scheduler|etcd|cloud-controller.*)$", _CONTROLLER),
    (r"(?:flannel|kube-flannel|calico|felix|bird|cilium|weave|multus|aws-node|kube-proxy|networkmanager)", _CNI),
)

KUBELET_UNIT = (r"(?P<unit>(?:kubelet|k3s|k3s-agent|rke2-server|rke2-agent|k0sworker|k0scontroller|origin-node|atomic-openshift-node|"
                r"snap\.microk8s\.daemon-kubelite|snap\.microk8s\.daemon-kubelet|snap\.kubelet-eks\.daemon)\.service)")
RUNTIME_UNIT = r"(?P<unit>(?:containerd|docker|crio|cri-o|cri-docker|snap\.microk8s\.daemon-containerd|snap\.docker\.dockerd)\.service)"
# The descriptions with which systemd reports start and stop; since systemd 250 the unit's name may stand before them.
KUBELET_NAME = (r"(?:(?P<unit>[\w.@-]+\.service) - )?(?:kubelet\b|Kubernetes Kubelet|Lightweight Kubernetes|Rancher Kubernetes Engine|"
                r"Service for snap application (?:microk8s\.daemon-kubelite|microk8s\.daemon-kubelet|kubelet-eks\.daemon)|k0s - Zero Friction Kubernetes)")
RUNTIME_NAME = (r"(?:(?P<unit>[\w.@-]+\.service) - )?(?:containerd container runtime|Docker Application Container Engine|"
                r"Open Container Initiative Daemon|Container Runtime Interface for OCI|CRI Interface for Docker"
                r"|Service for snap application (?:microk8s\.daemon-containerd|docker\.dockerd))")


@lru_cache(maxsize=512)  # asked for each line, of few programs
def sources_of(ident, given):
    """Program's name as logged or None, and the source of the text ("any" if unknown) -> the sources that can match the line."""
    if not ident:
        return _EVERY if given == "any" else _KUBELET if given == "kubelet" else frozenset((given,))
    name = ident.lower()
    for pattern, sources in _PROGRAMS:
        if re.match(pattern, name):
            return sources
    return _UNLISTED
