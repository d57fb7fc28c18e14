# Copyright: kubetriage.node contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Room on filesystems: bytes, inodes, and whether they can be written."""

from .entry import failure

# Volumes that are a file system of their own.
_OWN_VOLUME = r"kubernetes\.io~(?:csi|nfs|aws-ebs|gce-pd|azure-\w+|cinder|vsphere-volume|rbd|iscsi|local-volume)/"
# No room, and yet no disk of the node: inotify watches, cgroups, BPF maps, shared memory, a volume of its own; and what a probe or an exec
# reports happened inside a container.
_NOT_DISK = (r"^(?!.*(?:inotify|fsnotify|/sys/fs/cgroup|cgroup\.procs|\bbpf\b|/dev/shm/|probe |failed to exec in container"
             r"|exec failed|" + _OWN_VOLUME + "))")
_NO_SPACE = _NOT_DISK + r".*?(?:(?P<path>/[^\s:\"]+): )?no space left on device"
# A container's own root or a volume may be read-only on purpose.
_NOT_READ_ONLY = r"^(?!.*(?:/(?:rootfs|merged|diff|globalmount)/|/globalmount: |" + _OWN_VOLUME + "))"
_RECLAIM = r"(?:attempting|must evict pod(?:\(s\)|s)?) to reclaim\"? ?(?:resourceName=\"?)?"

FAILURES = [
    failure(
        "disk.full",
        title="A filesystem of the node is full",
        severity="critical",
        role="cause",
        what="The kubelet, the runtime and the journal cannot write: checkpoints, certificates, container state and logs are lost, pods "
             "are evicted, services exit. If df shows free bytes, look at inodes.",
        log=[
            ("kubelet", "no space left on device", _NO_SPACE),
            ("runtime", "no space left on device", _NO_SPACE),
            ("systemd", "no space left on device", _NO_SPACE),
            ("controller", "no space left on device", _NO_SPACE),
            ("kubelet", "running out of space on disk", r"Running out of space on disk for"),  # kubelets before 1.8
            ("any", "outofdisk", r"\b(?:NodeOutOfDisk|KubeletOutOfDisk)\b"),
        ],
        ends=[("any", "hassufficientdisk", r"(?:Kubelet|Node)HasSufficientDisk")],
        confirm=[
            "df -h {mount}",
            "df -i {mount}",
            "du -xh --max-depth=3 {mount} 2>/dev/null | sort -h | tail -20",
            "lsof -nP +L1 | sort -k7 -n | tail   # deleted, still open",
        ],
        fix=[
            "crictl rmi --prune",
            "journalctl --vacuum-size=500M",
            "delete or truncate what du names, but nothing by hand inside /var/lib/containerd, /var/lib/docker, /var/lib/containers, /var/lib/etcd or "
            "/var/lib/kubelet/pods",
            "systemctl restart {unit}   # if it has exited",
        ],
        caused_by=["cert.client_expired", "cert.server_expired", "disk.inodes_full"],
    ),
    failure(
        "disk.inodes_full",
        title="A filesystem of the node has no free inodes",
        severity="critical",
        role="cause",
        what="No file can be created although bytes are free. Usual fillers: termination logs of a crash-looping static pod, session "
             "files, image layers.",
        log=[
            ("kubelet", "to reclaim", _RECLAIM + r"(?:(?:node|image)fs)?inodes"),
            ("any", "evictionthresholdmet", r"EvictionThresholdMet.{0,80}Attempting to reclaim (?:(?:node|image)fs)?inodes"),
            ("any", "low on resource:", r"The node was low on resource: (?:(?:node|image)fs)?inodes"),
            ("runtime", "database file", r"Unable to open the database file"),  # docker before 1.13
        ],
        confirm=["df -i {mount}", "du -x --inodes --max-depth=4 {mount} 2>/dev/null | sort -n | tail -20"],
        fix=[
            "delete what du names, but nothing below the runtime's directories or /var/lib/kubelet/pods/*/volumes; termination logs alone: "
            "find /var/lib/kubelet/pods -xdev -mindepth 4 -maxdepth 4 -type f -path '*/pods/*/containers/*/*' -size 0 -mmin +60 -delete",
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
            ("kubelet", "to reclaim", _RECLAIM + r"(?:ephemeral-storage|nodefs|imagefs)\b"),
            ("any", "hasdiskpressure", r"(?:KubeletHasDiskPressure|NodeHasDiskPressure)"),
            ("any", "evictionthresholdmet", r"EvictionThresholdMet.{0,80}Attempting to reclaim (?:ephemeral-storage|nodefs|imagefs)\b"),
            ("any", "low on resource:", r"The node was low on resource: \[?(?:ephemeral-storage|nodefs\b|imagefs\b|DiskPressure)"),
            ("any", "diskpressure]", r"(?:node ha[sd] conditions?: |nodeConditions?=)\[[^\]]{0,80}DiskPressure\]"),
        ],
        ends=[
            ("any", "hasnodiskpressure", r"(?:Kubelet|Node)HasNoDiskPressure"),
            ("kubelet", "able to reduce", r"able to reduce (?:ephemeral-storage|nodefs|imagefs|resource) pressure without evicting"),
        ],
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
             _NOT_READ_ONLY + r".*?(?P<path>/(?:var/lib/(?:kubelet|containerd|docker|containers|etcd|rancher|cni)|var/log/pods"
             r"|run/containerd|etc/kubernetes)[^\s:\"]*): read-only file system"),
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
            ("any", "but freed", r"wanted to free (?P<wanted>\d+) bytes, but freed \d+ bytes"),
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
            ("kernel", "space allocation error", r"critical space allocation error, dev (?P<device>[\w.!-]+)"),
            ("any", "data blocks which is less", r"Thin Pool has \d+ free (?:meta)?data blocks which is less than minimum required"),
            ("any", "data space available", r"^\s*(?:Meta)?data Space Available: 0 ?B"),  # docker info
        ],
        confirm=["lvs -a -o +data_percent,metadata_percent", "docker info | grep -iE 'data space|metadata space'"],
        fix=["lvextend -L +20G VG/POOL; lvextend --poolmetadatasize +1G VG/POOL", "docker system prune"],
    ),
]
