# Copyright: kubetriage.node contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

SAMPLES = {
    "limits.inotify_instances": {
        "hits": [
            ("kubelet 1.9", "any", "Nov 23 02:13:07 w2 kubelet[812]: F1123 02:13:07.100000     812 kubelet.go:1230] Failed to start cAdvisor inotify_init: too many open files"),
            ("kubelet 1.28", "any", "Nov 23 02:13:07 w2 kubelet[812]: E1123 02:13:07.100000     812 kubelet.go:1480] \"Failed to start cAdvisor\" err=\"inotify_init: too many open files\""),
            ("kubelet 1.8", "any", "Nov 23 02:13:07 w2 kubelet[812]: E1123 02:13:07.100000     812 file.go:149] Unable to read manifest path \"/etc/kubernetes/manifests\": unable to create inotify: inotify_init: too many open files"),
            ("containerd 1.6", "any", "Nov 23 02:13:07 w2 containerd[701]: time=\"2026-11-23T02:13:07Z\" level=fatal msg=\"Failed to run CRI service\" error=\"failed to create fsnotify watcher: too many open files\""),
            ("systemctl 245", "any", "Failed to allocate directory watch: Too many open files"),
        ],
        "misses": [
            ("containerd 1.6, its own limit", "any", "Nov 23 02:13:07 w2 containerd[701]: time=\"2026-11-23T02:13:07Z\" level=error msg=\"accept4: too many open files\""),
        ],
    },
    "limits.inotify_watches": {
        "hits": [
            ("journalctl 219", "any", "Insufficient watch descriptors available. Reverting to -n."),
            ("kubelet 1.6", "any", "Nov 23 02:13:07 w2 kubelet[812]: W1123 02:13:07.100000     812 raw.go:87] Error while processing event (\"/sys/fs/cgroup/memory/x\": 0x40000100 == IN_CREATE|IN_ISDIR): inotify_add_watch /sys/fs/cgroup/memory/x: no space left on device"),
            ("kubelet 1.27", "any", "Nov 23 02:13:07 w2 kubelet[812]: E1123 02:13:07.100000     812 kubelet.go:1480] \"Failed to start cAdvisor\" err=\"inotify_add_watch /sys/fs/cgroup/system.slice: no space left on device\""),
            ("systemd 249", "any", "Nov 23 02:13:07 w2 systemd[1]: Failed to add control inotify watch descriptor for control group /system.slice/x.service: No space left on device"),
        ],
        "misses": [
            ("kubelet 1.27", "any", "Nov 23 02:13:07 w2 kubelet[812]: E1123 02:13:07.100000     812 kubelet.go:1] \"x\" err=\"write /var/lib/kubelet/x: no space left on device\""),
        ],
    },
    "limits.files": {
        "hits": [
            ("kernel 3.10", "kernel", "[ 955.000000] VFS: file-max limit 794168 reached"),
            ("containerd 1.5", "any", "Nov 23 02:13:07 w2 containerd[701]: time=\"2026-11-23T02:13:07Z\" level=error msg=\"open /run/containerd/x: too many open files in system\""),
        ],
        "misses": [("containerd 1.5", "any", "Nov 23 02:13:07 w2 containerd[701]: time=\"2026-11-23T02:13:07Z\" level=error msg=\"open /run/containerd/x: too many open files\"")],
    },
    "limits.open_files": {
        "hits": [
            ("docker 18.09", "runtime", "Nov 23 02:13:07 w2 dockerd[701]: http: Accept error: accept unix /var/run/docker.sock: accept4: too many open files; retrying in 1s"),
            ("kubelet 1.20", "kubelet", "Nov 23 02:13:07 w2 kubelet[812]: E1123 02:13:07.100000     812 reflector.go:138] dial tcp 10.0.0.1:6443: socket: too many open files"),
            ("containerd 1.6", "runtime", "Nov 23 02:13:07 w2 containerd[701]: time=\"2026-11-23T02:13:07Z\" level=error msg=\"failed\" error=\"open /var/lib/containerd/x: too many open files\""),
        ],
        "misses": [
            ("kubelet 1.9, inotify", "kubelet", "Nov 23 02:13:07 w2 kubelet[812]: F1123 02:13:07.100000     812 kubelet.go:1230] Failed to start cAdvisor inotify_init: too many open files"),
            ("containerd 1.5", "runtime", "Nov 23 02:13:07 w2 containerd[701]: time=\"2026-11-23T02:13:07Z\" level=error msg=\"open /run/containerd/x: too many open files in system\""),
        ],
    },
    "limits.conntrack": {
        "hits": [
            ("kernel 3.10", "kernel", "[ 955.000000] nf_conntrack: table full, dropping packet"),
            ("kernel 5.15", "kernel", "Nov 23 02:13:07 w2 kernel: nf_conntrack: nf_conntrack: table full, dropping packet"),
            ("kernel 2.6.18", "kernel", "Nov 23 02:13:07 w2 kernel: ip_conntrack: table full, dropping packet."),
        ],
        "misses": [("kernel 4.15", "kernel", "[    3.000000] nf_conntrack version 0.5.0 (65536 buckets, 262144 max)")],
    },
    "limits.neighbours": {
        "hits": [
            ("kernel 4.15", "kernel", "[ 955.000000] neighbour: arp_cache: neighbor table overflow!"),
            ("kernel 3.10", "kernel", "[ 955.000000] ipv4: Neighbour table overflow."),
            ("kernel 5.15", "kernel", "[ 955.000000] neighbour: ndisc_cache: neighbor table overflow!"),
        ],
        "misses": [("kernel 5.15", "kernel", "[    3.000000] NET: Registered protocol family 10")],
    },
    "limits.cgroups": {
        "hits": [
            ("runc 1.0 on kernel 3.10", "any", "Nov 23 02:13:07 w2 kubelet[812]: E1123 02:13:07.100000     812 pod_workers.go:190] Error syncing pod: mkdir /sys/fs/cgroup/memory/kubepods/burstable/pod1/0a1b: cannot allocate memory"),
            ("runc 1.1", "any", "Nov 23 02:13:07 w2 containerd[701]: time=\"2026-11-23T02:13:07Z\" level=error error=\"failed to create shim task: OCI runtime create failed: unable to apply cgroup configuration: mkdir /sys/fs/cgroup/cpuset/kubepods/x: no space left on device: unknown\""),
        ],
        "misses": [("kubelet 1.27, inotify", "any", "Nov 23 02:13:07 w2 kubelet[812]: E1123 02:13:07.100000     812 kubelet.go:1480] \"Failed to start cAdvisor\" err=\"inotify_add_watch /sys/fs/cgroup/system.slice: no space left on device\"")],
    },
    "limits.xtables_lock": {
        "hits": [
            ("kube-proxy 1.9", "any", "E1123 02:13:07.100000       1 proxier.go:1402] Failed to ensure chain: exit status 4: Another app is currently holding the xtables lock. Perhaps you want to use the -w option?"),
            ("kube-proxy 1.14", "any", "E1123 02:13:07.100000       1 proxier.go:1402] Failed to execute iptables-restore: exit status 4 (iptables-restore: Resource temporarily unavailable)"),
        ],
        "misses": [("bash 5.0", "any", "-bash: fork: retry: Resource temporarily unavailable")],
    },
}
