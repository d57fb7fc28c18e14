# Copyright: kubetriage.node contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.kubetriage.node.plugins.module_utils.parse import cgroup

UID = "3f0c6f1e-8a52-4b0e-9d6c-2f1d7c0a9b11"
LOW = UID.replace("-", "_")
STATIC = "d0e1f2a3b4c5d6e7f8091a2b3c4d5e6f"
ID = "9b7c" * 16
BURST = "/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod%s.slice" % LOW


def found(uid=UID, container=ID, qos="burstable", form="systemd"):
    return {"pod_uid": uid, "container_id": container, "qos": qos, "form": form}


@pytest.mark.parametrize("path, pod, scope", [
    # kubelet's systemd driver
    (BURST + "/cri-containerd-%s.scope" % ID, found(), "container"),
    (BURST + "/crio-%s.scope" % ID, found(), "container"),
    (BURST + "/crio-%s.scope/container" % ID, found(), "container"),
    (BURST + "/docker-%s.scope" % ID, found(), "container"),
    (BURST + "/libpod-%s.scope" % ID, found(), "container"),
    (BURST + "/crio-conmon-%s.scope" % ID, found(container=None), "pod"),
    (BURST, found(container=None), "pod"),
    ("/kubepods.slice/kubepods-pod%s.slice/cri-containerd-%s.scope" % (LOW, ID), found(qos="guaranteed"), "container"),
    ("/kubepods.slice/kubepods-besteffort.slice/kubepods-besteffort-pod%s.slice" % LOW, found(container=None, qos="besteffort"), "pod"),
    ("/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod%s.slice/cri-containerd-%s.scope" % (STATIC, ID), found(uid=STATIC),
     "container"),
    # cgroupfs driver
    ("/kubepods/burstable/pod%s/%s" % (UID, ID), found(form="cgroupfs"), "container"),
    ("/kubepods/pod%s/%s" % (UID, ID), found(qos="guaranteed", form="cgroupfs"), "container"),
    ("/kubepods/besteffort/pod%s" % UID, found(container=None, qos="besteffort", form="cgroupfs"), "pod"),
    ("/kubepods/burstable/pod%s/crio-%s" % (UID, ID), found(form="cgroupfs"), "container"),
    ("/kubepods/burstable/pod%s/%s" % (STATIC, ID), found(uid=STATIC, form="cgroupfs"), "container"),
    # kubelet systemd, containerd cgroupfs
    ("/system.slice/containerd.service/kubepods-burstable-pod%s.slice:cri-containerd:%s" % (LOW, ID), found(form="colon"), "container"),
    ("/kubepods-besteffort-pod%s.slice:cri-containerd:%s" % (LOW, ID), found(qos="besteffort", form="colon"), "container"),
    # a node inside a container: kind, lxc, a kubelet with a cgroup root
    ("/docker/%s/kubelet/kubepods/burstable/pod%s/%s" % ("1" * 64, UID, ID), found(form="cgroupfs"), "container"),
    ("/system.slice/docker-%s.scope/kubelet.slice/kubelet-kubepods.slice/kubelet-kubepods-burstable.slice/"
     "kubelet-kubepods-burstable-pod%s.slice/cri-containerd-%s.scope" % ("1" * 64, LOW, ID), found(), "container"),
    ("/kubepods/burstable/pod%s/%s/kubepods/pod%s/%s" % ("1" * 32, "2" * 64, UID, ID), found(qos="guaranteed", form="cgroupfs"),
     "container"),
    ("/lxc/node1/ns" + BURST, found(container=None), "pod"),
    # all pods
    ("/kubepods", None, "allocatable"),
    ("/kubepods.slice", None, "allocatable"),
    ("/kubepods/burstable", None, "allocatable"),
    ("/kubepods.slice/kubepods-besteffort.slice", None, "allocatable"),
    ("/kubelet.slice/kubelet-kubepods.slice", None, "allocatable"),
    # what is reserved for the node's own
    ("/podruntime.slice", None, "reserved"),
    ("/podruntime.slice/kubelet.service", None, "reserved"),
    ("/kube.slice", None, "reserved"),
    ("/podruntime/kubelet", None, "reserved"),  # Talos
    ("/systemreserved.slice", None, "reserved"),
    ("/system.slice", None, "reserved"),
    ("/system.slice/kubelet.service", None, "reserved"),
    ("/system.slice/containerd.service", None, "reserved"),
    ("/system.slice/k3s-agent.service", None, "reserved"),
    ("/docker/%s/system.slice/kubelet.service" % ID, None, "reserved"),
    # the node is a container
    ("/docker/" + ID, None, "outer"),
    ("/lxc/node1", None, "outer"),
    ("/lxc.payload.node1", None, "outer"),
    ("/system.slice/docker-%s.scope" % ID, None, "outer"),
    # neither
    ("/system.slice/mysqld.service", None, "other"),
    ("/user.slice/user-1000.slice/session-4.scope", None, "other"),
    ("/", None, "node"),
    ("", None, "node"),
    (None, None, "node"),
    # cut off in the middle of the UID
    ("/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod3f0c6f1e_8a5", None, "pod"),
])
def test_path(path, pod, scope):
    assert cgroup.pod_of(path) == pod
    assert cgroup.scope(path) == scope


@given(st.text() | st.lists(st.sampled_from(["/", "kubepods", ".slice", "-burstable", "-pod", UID, LOW, ID, "docker-", ":", "\n"]),
                            max_size=12).map("".join))
def test_any_text(path):
    cgroup.pod_of(path)
    assert cgroup.scope(path) in ("container", "pod", "allocatable", "reserved", "outer", "other", "node")
