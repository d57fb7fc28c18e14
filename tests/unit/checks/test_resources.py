# Copyright: kubetriage.node contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which file systems count, and what else of the figures does."""

import json

import pytest
from ansible_collections.kubetriage.node.plugins.module_utils.checks import named
from ansible_collections.kubetriage.node.plugins.module_utils.node.bundle import Bundle

NOW = 1795400000.0
ROOM = {"size": 100 << 30, "free": 50 << 30, "avail": 50 << 30, "files": 1000, "ffree": 900, "readonly": False}
FULL = dict(ROOM, free=0, avail=0)


def mounted(target, source="/dev/sdb1", kind="ext4"):
    """A node with room on its root, and one more file system that is full."""
    return {"files/proc/mounts": "/dev/sda1 / ext4 rw 0 0\n%s %s %s rw 0 0\n" % (source, target, kind),
            "paths.json": json.dumps({"/": {"statvfs": ROOM}, target: {"statvfs": FULL}})}


def findings(contents):
    return {found["id"]: found for found in named("node_resources")(Bundle("w1", NOW, contents), 3600)["findings"]}


@pytest.mark.parametrize("target, source, kind", [
    ("/var", "/dev/sdb1", "ext4"), ("/var/lib/containerd", "/dev/mapper/vg-containerd", "xfs"), ("/data/docker", "/dev/sdb1", "ext4"),
    ("/mnt/stateful_partition", "/dev/sda1", "ext4"), ("/mnt/containerd-data", "/dev/nvme1n1", "xfs"), ("/run", "tmpfs", "tmpfs")])
def test_full_where_the_node_keeps_its_state(target, source, kind):
    assert findings(mounted(target, source, kind))["disk.full"]["subject"] == {"mount": target}


@pytest.mark.parametrize("target, source, kind", [
    ("/boot", "/dev/sdb1", "ext4"), ("/boot/efi", "/dev/sdb1", "vfat"), ("/snap/core18/2714", "/dev/loop3", "squashfs"),
    ("/dev/shm", "tmpfs", "tmpfs"),
    ("/media/cdrom", "/dev/sr0", "iso9660"), ("/data", "/dev/sdc1", "xfs"), ("/mnt/nas", "nas1:/export", "nfs4"),
    ("/var/lib/kubelet/pods/3f/volumes/kubernetes.io~csi/pvc/mount", "/dev/sdd", "ext4"),
    ("/var/lib/kubelet/plugins/kubernetes.io/csi/x/globalmount", "/dev/rbd0", "ext4"),
    ("/var/lib/containerd/io.containerd.snapshotter.v1.overlayfs/snapshots/1/fs", "overlay", "overlay"),
    ("/run/containerd/io.containerd.runtime.v2.task/k8s.io/0a/rootfs", "overlay", "overlay")])
def test_full_where_it_is_not_the_nodes_business(target, source, kind):
    assert findings(mounted(target, source, kind)) == {}


@pytest.mark.parametrize("count, expected", [(3, set()), (99, set()), (100, {"pids.zombies"}), (5000, {"pids.zombies"})])
def test_zombies(count, expected):
    answer = {"processes": 500, "states": {"S": 400, "Z": count}, "agents": {}, "top": []}
    assert set(findings({"commands/processes/rc": "0", "commands/processes/stdout": json.dumps(answer)})) == expected


@pytest.mark.parametrize("pid_max, threads_max, threads, expected", [
    (32768, 4194304, 32000, {"pids.exhausted"}), (4194304, 7000, 6900, {"pids.exhausted"}),
    (4194304, 7000, 6400, {"pids.nearly_exhausted"}), (4194304, 126000, 6900, set())])
def test_the_lower_limit_counts_and_it_counts_threads(pid_max, threads_max, threads, expected):
    contents = {"files/proc/loadavg": "0.5 0.5 0.5 3/%d 4242\n" % threads, "files/proc/sys/kernel/pid_max": "%d\n" % pid_max,
                "files/proc/sys/kernel/threads-max": "%d\n" % threads_max, "commands/pids-cgroups/rc": "0",
                "commands/pids-cgroups/stdout": "[]"}
    assert set(findings(contents)) == expected
