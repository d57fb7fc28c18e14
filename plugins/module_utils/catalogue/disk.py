# Copyright: kubetriage.node contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Room on filesystems: bytes, inodes, and whether they can be written."""

from .entry import failure

# No room, and yet not the disk: inotify watches, cgroups, BPF maps; and what a probe reports happened inside a container.
_NOT_DISK = r"^(?!.*(?:inotify|fsnotify|/sys/fs/cgroup|cgroup\.procs|\bbpf\b|probe ))"

FAILURES = [
    failure(
        "disk.full",
        title="A filesystem of the node is full",
        severity="critical",
        role="cause",
        what="The kubelet, the runtime and the journal cannot write: checkpoints, certificates, container state and logs are lost, pods "
             "are evicted, services exit. If df shows free bytes, look at inodes.",
        log=[
            ("kubelet", "no space left on device", _NOT_DISK + r".*?(?:(?P<path>/[^\s:\"]+): )?no space left on device"),
            ("runtime", "no space left on device", _NOT_DISK + r".*?(?:(?P<path>/[^\s:\"]+): )?no space left on device"),
            ("systemd", "no space left on device", _NOT_DISK + r".*no space left on device"),
        ],
        confirm=[
            "df -h {mount}",
            "df -i {mount}",
            "du -xh --max-depth=3 {mount} 2>/dev/null | sort -h | tail -20",
            "lsof -nP +L1 | sort -k7 -n | tail   # deleted, still open",
        ],
        fix=[
            "crictl rmi --prune",
            "journalctl --vacuum-size=500M",
            "delete or truncate what du names",
            "systemctl restart {unit}   # if it has exited",
        ],
        caused_by=["cert.client_expired"],
    ),
    failure(
        "disk.inodes_full",
        title="A filesystem of the node has no free inodes",
        severity="critical",
        role="cause",
        what="No file can be created although bytes are free. Usual fillers: termination logs of a crash-looping static pod, session "
             "files, image layers.",
        log=[
            ("kubelet", "reclaim", r"attempting to reclaim\"? ?(?:resourceName=\"?)?inodes"),
            ("any", "evictionthresholdmet", r"EvictionThresholdMet.{0,80}Attempting to reclaim inodes"),
            ("any", "low on resource: inodes", r"The node was low on resource: inodes"),
        ],
        confirm=["df -i {mount}", "du -x --inodes --max-depth=4 {mount} 2>/dev/null | sort -n | tail -20"],
        fix=[
            "delete what du names; for termination logs: find /var/lib/kubelet/pods -name '*' -path '*containers*' -size 0 -mmin +60 "
            "-delete",
            "stop what makes the files",
        ],
        caused_by=["time.skew"],
    ),
    failure(
        "disk.nearly_full",
        title="A filesystem of the node is nearly full",
        severity="warning",
        role="presence",
        what="The kubelet evicts pods below 10 % free (15 % where images lie), and cannot write when it is full.",
        confirm=["df -h {mount}; df -i {mount}", "du -xh --max-depth=3 {mount} 2>/dev/null | sort -h | tail -20"],
        fix=["crictl rmi --prune", "journalctl --vacuum-size=500M"],
    ),
    failure(
        "disk.pressure",
        title="The kubelet reports disk pressure and evicts pods",
        severity="warning",
        role="symptom",
        what="A filesystem it watches is below the eviction threshold. No new pods come; running ones are evicted, on a control plane "
             "possibly the API server and etcd. It does not make the node NotReady by itself.",
        log=[
            ("kubelet", "reclaim",
             r"(?:attempting|must evict pods?(?:\(s\))?) to reclaim\"? ?(?:resourceName=\"?)?(?:ephemeral-storage|nodefs|imagefs)"),
            ("any", "hasdiskpressure", r"(?:KubeletHasDiskPressure|NodeHasDiskPressure)"),
            ("any", "evictionthresholdmet", r"EvictionThresholdMet.{0,80}Attempting to reclaim (?:ephemeral-storage|nodefs|imagefs)"),
            ("any", "low on resource: ephemeral-storage", r"The node was low on resource: ephemeral-storage"),
        ],
        ends=[("any", "hasnodiskpressure", r"(?:Kubelet|Node)HasNoDiskPressure")],
        confirm=["df -h; df -i", "kubectl describe node {node} | grep -A10 Conditions"],
        fix=["crictl rmi --prune", "free the filesystem that df names"],
        caused_by=["disk.full", "disk.inodes_full", "disk.nearly_full", "disk.image_gc_failed"],
    ),
    failure(
        "disk.read_only",
        title="A filesystem of the node became read-only",
        severity="critical",
        role="cause",
        what="After an error the kernel stopped writing to it. The node stays Ready until the kubelet is restarted; "
             "pods fail at admission by the thousand.",
        log=[
            ("kernel", "remounting filesystem read-only",
             r"\((?:device )?(?P<device>(?!loop)[\w.!-]+)\).{0,60}Remounting filesystem read-only"),
            ("kernel", "forced readonly", r"BTRFS.{0,40}\(device (?P<device>[\w.!-]+)[^)]*\).{0,120}forced readonly"),
            ("any", "read-only file system",
             r"(?P<path>/(?:var/lib/(?:kubelet|containerd|docker|containers|etcd|rancher|cni)|var/log/pods|run/containerd"
             r"|etc/kubernetes)[^\s:\"]*): read-only file system"),
        ],
        confirm=["grep ' ro,' /proc/mounts", "dmesg -T | grep -iE 'read-only|error|abort'", "touch {mount}/.probe && rm {mount}/.probe"],
        fix=[
            "find the I/O or filesystem error before it: dmesg -T",
            "drain the node, repair the filesystem offline (e2fsck, xfs_repair) or replace the disk, reboot",
        ],
        repair="drain",
        caused_by=["storage.fs_error", "storage.io_error", "storage.nvme_dead", "raid.failed"],
    ),
    failure(
        "disk.image_gc_failed",
        title="The kubelet cannot free enough space from images",
        severity="warning",
        role="symptom",
        what="What fills the filesystem is not unused images: logs, volumes, containers' writable layers or files of the host.",
        log=[
            ("any", "failed to garbage collect required amount of images",
             r"failed to garbage collect required amount of images\. (?:Wanted|Attempted) to free (?P<wanted>\d+) bytes"),
            ("any", "freediskspacefailed", r"FreeDiskSpaceFailed"),
        ],
        confirm=["crictl imagefsinfo", "du -xh --max-depth=3 /var 2>/dev/null | sort -h | tail -20"],
        fix=["free what du names; images in use cannot be collected"],
        caused_by=["disk.full", "disk.nearly_full"],
    ),
    failure(
        "disk.thin_pool_full",
        title="The thin pool under the containers is full",
        severity="critical",
        role="cause",
        what="docker's devicemapper or an LVM thin pool ran out of data or metadata: writes hang or fail though df shows room.",
        log=[
            ("kernel", "switching pool to",
             r"device-mapper: thin: (?P<device>\S+): switching pool to (?:out-of-data-space|read-only|fail) "),
        ],
        confirm=["lvs -a -o +data_percent,metadata_percent", "docker info | grep -iE 'data space|metadata space'"],
        fix=["lvextend -L +20G VG/POOL; lvextend --poolmetadatasize +1G VG/POOL", "docker system prune"],
        caused_by=["storage.io_error"],
    ),
]
