# Copyright: kubetriage.node contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

SAMPLES = {
    "pids.exhausted": {
        "hits": [
            ("runc 1.0-rc8", "any", "Nov 23 02:13:07 w2 kubelet[812]: E1123 02:13:07.100000     812 remote_runtime.go:109] RunPodSandbox from runtime service failed: rpc error: code = Unknown desc = failed to start sandbox container for pod \"a\": Error response from daemon: OCI runtime create failed: container_linux.go:345: starting container process caused \"fork/exec /proc/self/exe: resource temporarily unavailable\": unknown"),
            ("docker 17.03", "any", "Nov 23 02:13:07 w2 dockerd[701]: runtime: failed to create new OS thread (have 4915 already; errno=11)"),
            ("kubelet 1.6", "any", "Nov 23 02:13:07 w2 kubelet[812]: runtime/cgo: pthread_create failed: Resource temporarily unavailable"),
            ("busybox 1.31", "any", "sh: can't fork: Resource temporarily unavailable"),
            ("bash 5.0", "any", "-bash: fork: retry: Resource temporarily unavailable"),
            ("containerd 1.6", "any", "Nov 23 02:13:07 w2 containerd[701]: time=\"2026-11-23T02:13:07Z\" level=error msg=\"RunPodSandbox failed\" error=\"failed to create containerd task: failed to start shim: fork/exec /usr/bin/containerd-shim-runc-v2: resource temporarily unavailable\""),
        ],
        "misses": [
            ("kube-proxy 1.14, the lock", "any", "E1123 02:13:07.100000       1 proxier.go:1402] Failed to execute iptables-restore: exit status 4 (iptables-restore: Resource temporarily unavailable)"),
            ("iptables 1.6", "any", "iptables: Resource temporarily unavailable."),
            ("docker 17.03, memory", "any", "Nov 23 02:13:07 w2 dockerd[701]: runtime: failed to create new OS thread (have 2048 already; errno=12)"),
            ("kubelet 1.28, in one pod", "any", "Nov 23 02:13:07 w2 kubelet[812]: E1123 02:13:07.100000     812 remote_runtime.go:496] \"ExecSync cmd from runtime service failed\" err=\"rpc error: code = Unknown desc = failed to exec in container: failed to start exec \\\"0a\\\": OCI runtime exec failed: exec failed: unable to start container process: fork/exec /bin/sh: resource temporarily unavailable: unknown\""),
        ],
    },
    "pids.pod_limit": {
        "hits": [
            ("kernel 5.4, cgroupfs", "kernel", "[ 955.000000] cgroup: fork rejected by pids controller in /kubepods/burstable/pod3f0c6f1e-1111-4222-8333-444455556666/0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"),
            ("kernel 6.1, systemd", "kernel", "Nov 23 02:13:07 w2 kernel: cgroup: fork rejected by pids controller in /kubepods.slice/kubepods-besteffort.slice/kubepods-besteffort-pod3f0c6f1e_1111_4222_8333_444455556666.slice/cri-containerd-0123456789abcdef.scope"),
        ],
        "misses": [("kernel 5.4", "kernel", "[ 955.000000] cgroup: fork rejected by pids controller in /system.slice/docker.service")],
    },
    "pids.service_limit": {
        "hits": [
            ("kernel 4.14", "kernel", "[ 955.000000] cgroup: fork rejected by pids controller in /system.slice/docker.service"),
            ("kernel 5.15", "kernel", "[ 955.000000] cgroup: fork rejected by pids controller in /system.slice/containerd.service"),
        ],
        "misses": [("kernel 5.15", "kernel", "[ 955.000000] cgroup: fork rejected by pids controller in /user.slice/user-1000.slice/session-12.scope")],
    },
    "pids.pressure": {
        "hits": [
            ("kubelet 1.16, condition", "any", "PIDPressure  True  ...  KubeletHasInsufficientPID  kubelet has insufficient PID available"),
            ("kubelet 1.30", "kubelet", "Nov 23 02:13:07 w2 kubelet[812]: I1123 02:13:07.100000     812 eviction_manager.go:366] \"Eviction manager: attempting to reclaim\" resourceName=\"pids\""),
        ],
        "misses": [("kubelet 1.16, condition", "any", "PIDPressure  False  ...  KubeletHasSufficientPID  kubelet has sufficient PID available")],
    },
}
