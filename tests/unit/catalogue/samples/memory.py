# Copyright: kubetriage.node contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

SAMPLES = {
    "memory.oom.node": {
        "hits": [
            ("kubelet 1.18, event", "any", "2m  Warning  SystemOOM  node/w2  System OOM encountered, victim process: java, pid: 4242"),
            ("kubelet 1.11, event", "any", "Warning  SystemOOM  2m  kubelet, w2  System OOM encountered"),
        ],
        "misses": [
            ("kubelet 1.28, a container's own limit", "any", "2m  Warning  OOMKilling  node/w2  Memory cgroup out of memory: Killed process 4242 (java) total-vm:1234kB"),
        ],
    },
    "memory.oom.container": {
        "hits": [
            ("containerd 1.6", "runtime", "Nov 23 02:13:07 w2 containerd[701]: time=\"2026-11-23T02:13:07.1Z\" level=info msg=\"TaskOOM event &TaskOOM{ContainerID:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef,XXX_unrecognized:[],}\""),
            ("containerd 1.7", "runtime", "Nov 23 02:13:07 w2 containerd[701]: time=\"2026-11-23T02:13:07.1Z\" level=info msg=\"TaskOOM event container_id:\\\"0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef\\\"\""),
        ],
        "misses": [
            ("containerd 1.7", "runtime", "Nov 23 02:13:07 w2 containerd[701]: time=\"2026-11-23T02:13:07.1Z\" level=info msg=\"TaskExit event in podsandbox handler container_id:\\\"0123456789abcdef\\\" pid:4242 exit_status:137\""),
        ],
    },
    "memory.oom.kubelet": {
        "hits": [
            ("systemd 247", "systemd", "Nov 23 02:13:08 w2 systemd[1]: kubelet.service: A process of this unit has been killed by the OOM killer."),
            ("systemd 252", "systemd", "Nov 23 02:13:08 w2 systemd[1]: kubelet.service: Failed with result 'oom-kill'."),
            ("systemd 249, k3s", "systemd", "Nov 23 02:13:08 w2 systemd[1]: k3s-agent.service: Failed with result 'oom-kill'."),
        ],
        "misses": [
            ("systemd 249", "systemd", "Nov 23 02:13:08 w2 systemd[1]: nginx.service: A process of this unit has been killed by the OOM killer."),
            ("systemd 249", "systemd", "Nov 23 02:13:08 w2 systemd[1]: kubelet.service: Failed with result 'exit-code'."),
        ],
    },
    "memory.oom.runtime": {
        "hits": [
            ("systemd 249", "systemd", "Nov 23 02:13:08 w2 systemd[1]: containerd.service: Failed with result 'oom-kill'."),
            ("systemd 239", "systemd", "Nov 23 02:13:08 w2 systemd[1]: docker.service: Failed with result 'oom-kill'."),
        ],
        "misses": [
            ("systemd 252", "systemd", "Nov 23 02:13:08 w2 systemd[1]: cri-containerd-0123456789ab.scope: A process of this unit has been killed by the OOM killer."),
        ],
    },
    "memory.oom.cpuset": {
        "hits": [
            ("kernel 5.15", "kernel", "[ 955.000000] oom-kill:constraint=CONSTRAINT_CPUSET,nodemask=(null),cpuset=cri-containerd-0a.scope,mems_allowed=1,global_oom,task_memcg=/kubepods.slice/x,task=dpdk,pid=42,uid=0"),
            ("kernel 5.4", "kernel", "[ 955.000000] oom-kill:constraint=CONSTRAINT_MEMORY_POLICY,nodemask=1,cpuset=/,mems_allowed=0-1,global_oom,task_memcg=/system.slice/x.service,task=qemu,pid=42,uid=0"),
        ],
        "misses": [
            ("kernel 5.15", "kernel", "[ 955.000000] oom-kill:constraint=CONSTRAINT_NONE,nodemask=(null),cpuset=/,mems_allowed=0,global_oom,task_memcg=/kubepods.slice/x,task=leaky,pid=42,uid=0"),
        ],
    },
    "memory.oom.manual": {
        "hits": [
            ("kernel 5.15", "kernel", "[ 955.000000] sysrq: Manual OOM execution"),
            ("kernel 4.4", "kernel", "[ 955.000000] sysrq: SysRq : Manual OOM execution"),
        ],
        "misses": [("kernel 5.15", "kernel", "[ 955.000000] sysrq: Show Blocked State")],
    },
    "memory.oom.unkillable": {
        "hits": [
            ("kernel 4.4", "kernel", "[ 955.000000] Out of memory and no killable processes..."),
            ("kernel 5.4", "kernel", "[ 955.000000] Kernel panic - not syncing: System is deadlocked on memory"),
        ],
        "misses": [("kernel 5.15", "kernel", "[ 955.000000] Out of memory: Killed process 42 (leaky) total-vm:123kB, anon-rss:12kB, file-rss:0kB, shmem-rss:0kB, UID:0 pgtables:1kB oom_score_adj:0")],
    },
    "memory.oom.userspace": {
        "hits": [
            ("Talos 1.12", "any", "w2: user: warning: [2026-11-23T02:13:07.1Z]: [talos] Sending SIGKILL to cgroup {\"component\": \"controller-runtime\", \"controller\": \"runtime.OOMController\", \"cgroup\": \"/sys/fs/cgroup/kubepods/besteffort\"}"),
            ("systemd-oomd 249", "any", "Nov 23 02:13:07 w2 systemd-oomd[501]: Killed /kubepods.slice/kubepods-burstable.slice due to memory pressure for /kubepods.slice being 61.5% > 60.00% for > 20s with reclaim activity"),
            ("systemd-oomd 252", "any", "Nov 23 02:13:07 w2 systemd-oomd[501]: Killed /user.slice/user-0.slice/x.scope due to memory used (123) / total (124) and swap used (1) / total (1) being more than 90.00%"),
            ("earlyoom 1.6", "any", "Nov 23 02:13:07 w2 earlyoom[501]: sending SIGTERM to process 4242 uid 0 \"leaky\": oom_score 812, VmRSS 13312 MiB, cmdline \"/leaky\""),
        ],
        "misses": [("earlyoom 1.6", "any", "Nov 23 02:13:07 w2 earlyoom[501]: mem avail: 9000 of 16000 MiB (56.25%), swap free: 0 of 0 MiB ( 0.00%)")],
    },
    "memory.low": {
        "hits": [
            ("containerd 1.6", "any", "Nov 23 02:13:07 w2 containerd[701]: time=\"2026-11-23T02:13:07Z\" level=error msg=\"failed to start shim\" error=\"fork/exec /usr/bin/containerd-shim-runc-v2: cannot allocate memory\""),
            ("kubelet 1.8", "any", "Nov 23 02:13:07 w2 kubelet[812]: runtime: failed to create new OS thread (have 2048 already; errno=12)"),
        ],
        "misses": [
            ("runc 1.0 on kernel 3.10, cgroups", "any", "Nov 23 02:13:07 w2 kubelet[812]: mkdir /sys/fs/cgroup/memory/kubepods/burstable/pod1/abc: cannot allocate memory"),
            ("docker 17.03, threads", "any", "Nov 23 02:13:07 w2 dockerd[701]: runtime: failed to create new OS thread (have 2048 already; errno=11)"),
        ],
    },
    "memory.pressure": {
        "hits": [
            ("kubelet 1.18, event", "any", "2m  Warning  EvictionThresholdMet  node/w2  Attempting to reclaim memory"),
            ("kubelet 1.22, pod status", "any", "Message: The node was low on resource: memory. Container app was using 12Gi, which exceeds its request of 0."),
            ("kubelet 1.13", "kubelet", "Nov 23 02:13:07 w2 kubelet[812]: W1123 02:13:07.100000     812 eviction_manager.go:333] eviction manager: attempting to reclaim memory"),
            ("kubelet 1.30", "kubelet", "Nov 23 02:13:07 w2 kubelet[812]: I1123 02:13:07.100000     812 eviction_manager.go:366] \"Eviction manager: attempting to reclaim\" resourceName=\"memory\""),
            ("kubelet 1.18, event", "any", "2m  Normal  NodeHasInsufficientMemory  node/w2  Node w2 status is now: NodeHasInsufficientMemory"),
        ],
        "misses": [
            ("kubelet 1.30", "any", "MemoryPressure  False  ...  KubeletHasSufficientMemory  kubelet has sufficient memory available"),
        ],
    },
    "memory.thrash": {
        "hits": [
            ("kernel 4.10", "kernel", "[ 955.000000] java: page allocation stalls for 10012ms, order:0, mode:0x14201ca(GFP_HIGHUSER_MOVABLE|__GFP_COLD), nodemask=(null)"),
            ("kernel 4.14", "kernel", "[ 955.000000] kubelet: page allocation stalls for 34112ms, order:0, mode:0x14201ca(GFP_HIGHUSER_MOVABLE|__GFP_COLD), nodemask=(null)"),
        ],
        "misses": [("kernel 5.15", "kernel", "[ 955.000000] swapper/0: page allocation failure: order:2, mode:0x40a20(GFP_ATOMIC|__GFP_COMP), nodemask=(null),cpuset=/,mems_allowed=0")],
    },
}
