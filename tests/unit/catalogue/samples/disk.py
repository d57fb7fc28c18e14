# Copyright: kubetriage.node contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

SAMPLES = {
    "disk.full": {
        "hits": [
            ("kubelet 1.18", "kubelet", "Nov 23 02:13:07 w2 kubelet[812]: E1123 02:13:07.100000     812 kubelet.go:1661] Failed to write checkpoint: failed to write checkpoint file \"kubelet_internal_checkpoint\": write /var/lib/kubelet/device-plugins/.123: no space left on device"),
            ("kubelet 1.30", "kubelet", "Nov 23 02:13:07 w2 kubelet[812]: E1123 02:13:07.100000     812 pod_workers.go:1301] \"Error syncing pod, skipping\" err=\"mkdir /var/lib/kubelet/pods/3f0c6f1e-1111-4222-8333-444455556666: no space left on device\" pod=\"shop/db-0\""),
            ("containerd 1.6", "runtime", "Nov 23 02:13:07 w2 containerd[701]: time=\"2026-11-23T02:13:07.100000000Z\" level=error msg=\"PullImage \\\"nginx:1.25\\\" failed\" error=\"failed to pull and unpack image \\\"docker.io/library/nginx:1.25\\\": write /var/lib/containerd/io.containerd.content.v1.content/ingest/0a1b/data: no space left on device\""),
            ("systemd 249", "systemd", "Nov 23 02:13:07 w2 systemd[1]: kubelet.service: Failed to run 'start' task: No space left on device"),
        ],
        "misses": [
            ("kubelet 1.10, inotify watches", "kubelet", "Nov 23 02:13:07 w2 kubelet[812]: W1123 02:13:07.100000     812 raw.go:87] Error while processing event: inotify_add_watch /sys/fs/cgroup/cpu,cpuacct/system.slice: no space left on device"),
            ("kubelet 1.28, cgroups", "kubelet", "Nov 23 02:13:07 w2 kubelet[812]: E1123 02:13:07.100000     812 pod_workers.go:1301] mkdir /sys/fs/cgroup/memory/kubepods/burstable/podabc: no space left on device"),
            ("kubelet 1.28, inside a container", "kubelet", "Nov 23 02:13:07 w2 kubelet[812]: I1123 02:13:07.100000     812 prober.go:107] \"Probe failed\" probeType=\"Liveness\" pod=\"a/b\" probeResult=failure output=\"probe script: write /data/x: no space left on device\""),
        ],
    },
    "disk.inodes_full": {
        "hits": [
            ("kubelet 1.16", "kubelet", "Nov 23 02:13:07 w2 kubelet[812]: W1123 02:13:07.100000     812 eviction_manager.go:330] eviction manager: attempting to reclaim inodes"),
            ("kubelet 1.30", "kubelet", "Nov 23 02:13:07 w2 kubelet[812]: I1123 02:13:07.100000     812 eviction_manager.go:366] \"Eviction manager: attempting to reclaim\" resourceName=\"inodes\""),
            ("kubelet 1.20, event", "any", "2m  Warning  EvictionThresholdMet  node/w2  Attempting to reclaim inodes"),
            ("kubelet 1.24, pod status", "any", "Message: The node was low on resource: inodes. "),
        ],
        "misses": [
            ("kubelet 1.30", "kubelet", "Nov 23 02:13:07 w2 kubelet[812]: I1123 02:13:07.100000     812 eviction_manager.go:366] \"Eviction manager: attempting to reclaim\" resourceName=\"ephemeral-storage\""),
        ],
    },
    "disk.pressure": {
        "hits": [
            ("kubelet 1.16, event", "any", "2m  Warning  EvictionThresholdMet  node/w2  Attempting to reclaim ephemeral-storage"),
            ("kubelet 1.9", "kubelet", "Nov 23 02:13:07 w2 kubelet[812]: W1123 02:13:07.100000     812 eviction_manager.go:332] eviction manager: attempting to reclaim nodefs"),
            ("kubelet 1.30", "kubelet", "Nov 23 02:13:07 w2 kubelet[812]: I1123 02:13:07.100000     812 eviction_manager.go:366] \"Eviction manager: attempting to reclaim\" resourceName=\"ephemeral-storage\""),
            ("kubelet 1.30", "kubelet", "Nov 23 02:13:07 w2 kubelet[812]: I1123 02:13:07.100000     812 eviction_manager.go:377] \"Eviction manager: must evict pod(s) to reclaim\" resourceName=\"ephemeral-storage\""),
            ("kubelet 1.14, condition", "any", "DiskPressure  True  Mon, 23 Nov 2026 02:13:07 +0000  Mon, 23 Nov 2026 02:10:07 +0000  KubeletHasDiskPressure  kubelet has disk pressure"),
            ("kubelet 1.22, pod status", "any", "Message: The node was low on resource: ephemeral-storage. Container app was using 12Gi, which exceeds its request of 0."),
        ],
        "misses": [
            ("kubelet 1.14, condition", "any", "DiskPressure  False  Mon, 23 Nov 2026 02:13:07 +0000  Mon, 23 Nov 2026 02:10:07 +0000  KubeletHasNoDiskPressure  kubelet has no disk pressure"),
            ("kubelet 1.28", "kubelet", "Nov 23 02:13:07 w2 kubelet[812]: I1123 02:13:07.100000     812 kubelet_node_status.go:696] \"Recording event message for node\" node=\"w2\" event=\"NodeHasNoDiskPressure\""),
        ],
    },
    "disk.read_only": {
        "hits": [
            ("kernel 6.5", "kernel", "[81234.500000] BTRFS error (device sda2: state A): Transaction aborted (error -5) and forced readonly"),
            ("kernel 5.4", "kernel", "[81234.500000] EXT4-fs (sda1): Remounting filesystem read-only"),
            ("kubelet 1.15", "any", "Nov 23 02:13:07 w2 kubelet[812]: Update plugin resources failed due to failed to write checkpoint file \"kubelet_internal_checkpoint\": open /var/lib/kubelet/device-plugins/.424242: read-only file system, which is unexpected."),
            ("containerd 1.7", "any", "Nov 23 02:13:07 w2 containerd[701]: time=\"2026-11-23T02:13:07Z\" level=error msg=\"RunPodSandbox failed\" error=\"mkdir /var/lib/containerd/io.containerd.grpc.v1.cri/sandboxes/0a1b: read-only file system\""),
        ],
        "misses": [
            ("kubelet 1.28, a container's own root", "any", "Nov 23 02:13:07 w2 kubelet[812]: E1123 02:13:07.100000     812 pod_workers.go:1301] failed to start container: open /etc/nginx/conf.d/default.conf: read-only file system: unknown"),
            ("kernel 5.15", "kernel", "[    3.100000] EXT4-fs (loop3): Remounting filesystem read-only"),
        ],
    },
    "disk.image_gc_failed": {
        "hits": [
            ("kubelet 1.14", "any", "Nov 23 02:13:07 w2 kubelet[812]: E1123 02:13:07.100000     812 kubelet.go:1282] Image garbage collection failed multiple times in a row: failed to garbage collect required amount of images. Wanted to free 3221225472 bytes, but freed 0 bytes"),
            ("kubelet 1.30", "any", "Nov 23 02:13:07 w2 kubelet[812]: E1123 02:13:07.100000     812 kubelet.go:1474] \"Image garbage collection failed multiple times in a row\" err=\"Failed to garbage collect required amount of images. Attempted to free 3221225472 bytes, but only found 0 bytes eligible to free.\""),
            ("kubelet 1.30, event", "any", "2m  Warning  FreeDiskSpaceFailed  node/w2  Failed to garbage collect required amount of images."),
        ],
        "misses": [
            ("kubelet 1.28, at start", "any", "Nov 23 02:13:07 w2 kubelet[812]: E1123 02:13:07.100000     812 kubelet.go:1462] \"Image garbage collection failed once. Stats initialization may not have completed yet\" err=\"invalid capacity 0 on image filesystem\""),
        ],
    },
    "disk.thin_pool_full": {
        "hits": [
            ("kernel 3.10", "kernel", "[ 9955.000000] device-mapper: thin: 253:4: switching pool to out-of-data-space (queue IO) mode"),
            ("kernel 4.18", "kernel", "[ 9955.000000] device-mapper: thin: 253:4: switching pool to read-only mode"),
        ],
        "misses": [
            ("kernel 4.18", "kernel", "[ 9955.000000] device-mapper: thin: 253:4: switching pool to write mode"),
            ("kernel 4.18", "kernel", "[ 9955.000000] device-mapper: thin: 253:4: reached low water mark for data device: sending event."),
        ],
    },
}
