# Copyright: kubetriage.node contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Memory: who ran out of what, and who was killed for it. OOM reports of the kernel are read whole by parse/, not by signatures."""

from .entry import failure
from .programs import KUBELET_UNIT, RUNTIME_UNIT

_NODE_OOM = ["memory.oom.node", "memory.oom.reserved", "memory.oom.outer", "memory.oom.userspace", "memory.oom.cpuset"]

FAILURES = [
    failure(
        "memory.oom.node",
        title="The node ran out of memory",
        severity="critical",
        role="cause",
        what="RAM and swap were used up and the kernel killed a process by its score, often an innocent one. The culprit is who holds "
             "most, not who was killed.",
        log=[
            ("any", "system oom encountered", r"System OOM encountered(?:, victim process: (?P<comm>.{1,64}), pid: (?P<pid>\d+))?"),
            ("kubelet", "got sys oom event", r"[Gg]ot sys oom event"),
            ("kubelet", "created an oom event", r"Created an OOM event in container \"/\" at"),
            ("kernel", "panic_on_oom", r"Kernel panic - not syncing: [Oo]ut of memory[.:] ?(?:.{1,20} )?panic_on_oom is"),
        ],
        confirm=[
            "journalctl -k | grep -iE 'out of memory|oom-kill'",
            "free -h; ps -eo pid,rss,comm --sort=-rss | head",
            "kubectl top pods -A --sort-by=memory | head",
        ],
        fix=[
            "kubectl -n {namespace} delete pod {pod}   # frees the memory now",
            "give the pod a memory limit: kubectl -n {namespace} set resources WORKLOAD --limits=memory=1Gi",
            "reserve memory for the system: kubelet systemReserved, kubeReserved and evictionHard memory.available",
        ],
        repair="drain",
        caused_by=["kubelet.cgroup_driver_mismatch"],
    ),
    failure(
        "memory.oom.container",
        title="A container reached its own memory limit",
        severity="warning",
        role="cause",
        what="The kernel killed a process of the container. The node is well; only this pod suffers, again and again if nothing changes.",
        log=[
            ("runtime", "taskoom event",
             r"TaskOOM event (?:container_id:\"?|&TaskOOM\{ContainerID:|for container: \")(?P<container_id>[0-9a-f]{12,64})"),
        ],
        confirm=["kubectl -n {namespace} describe pod {pod} | grep -A5 'Last State'", "kubectl -n {namespace} top pod {pod} --containers"],
        fix=["raise the limit or fix the leak: kubectl -n {namespace} set resources WORKLOAD -c {container} --limits=memory=1Gi"],
    ),
    failure(
        "memory.oom.pod",
        title="A pod reached its memory limit",
        severity="warning",
        role="cause",
        what="All containers of the pod together, with page cache and emptyDir in memory, used the sum of their limits. The node is well.",
        confirm=["kubectl -n {namespace} describe pod {pod}", "kubectl -n {namespace} top pod {pod} --containers"],
        fix=["raise the limits, or bound what the pod keeps in memory (emptyDir medium: Memory needs sizeLimit)"],
    ),
    failure(
        "memory.oom.start",
        title="A container's memory limit is too small to start it",
        severity="warning",
        role="cause",
        what="The kernel killed the runtime's own process (runc, crun, conmon) inside the container's cgroup, before the program ran. It "
             "will never start with this limit.",
        log=[("any", "oom-killed (memory limit too low", r"container init was OOM-killed \(memory limit too low\?\)")],
        confirm=["kubectl -n {namespace} describe pod {pod} | grep -A3 Limits"],
        fix=["raise the limit: kubectl -n {namespace} set resources WORKLOAD -c {container} --limits=memory=64Mi"],
    ),
    failure(
        "memory.oom.agent",
        title="The network agent's container reached its memory limit",
        severity="warning",
        role="cause",
        what="While the agent is killed again and again, new pods get no network and routes go stale.",
        confirm=["kubectl -n {namespace} describe pod {pod} | grep -A5 'Last State'", "kubectl -n {namespace} top pod {pod} --containers"],
        fix=["raise the limit of the agent's DaemonSet; it grows with nodes, pods and policies"],
    ),
    failure(
        "memory.oom.allocatable",
        title="All pods together used up the memory set aside for pods",
        severity="warning",
        role="cause",
        what="The limit of the kubepods cgroup (allocatable) was reached: the sum of requests fits, the sum of use does not. "
             "Victims can be pods that keep to their limits.",
        confirm=[
            "kubectl describe node {node} | grep -A8 'Allocated resources'",
            "kubectl top pods -A --sort-by=memory | head",
            "cat /sys/fs/cgroup/kubepods.slice/memory.max",
        ],
        fix=["give the largest pods limits near their requests", "kubectl -n {namespace} delete pod {pod}   # frees the memory now"],
    ),
    failure(
        "memory.oom.reserved",
        title="The memory reserved for system services is too small",
        severity="critical",
        role="cause",
        what="kubeReserved or systemReserved is enforced on the slice of kubelet and runtime: they are killed at that limit though the "
             "node has free memory.",
        confirm=[
            "systemctl show -p MemoryMax,MemoryCurrent system.slice kubelet.service containerd.service",
            "grep -E 'Reserved|enforceNodeAllocatable' /var/lib/kubelet/config.yaml",
        ],
        fix=[
            "raise kubeReserved/systemReserved memory in /var/lib/kubelet/config.yaml, or enforce only pods (enforceNodeAllocatable: "
            "[pods])",
            "systemctl restart kubelet",
        ],
    ),
    failure(
        "memory.oom.kubelet",
        title="The kernel's OOM killer killed the kubelet",
        severity="critical",
        role="cause",
        what="Without the kubelet no heartbeat is sent and the node turns NotReady; pods go on. If the unit does not restart it, it stays "
             "so.",
        log=[
            ("systemd", "has been killed by the oom killer", KUBELET_UNIT + r": A process of this unit has been killed by the OOM killer"),
            ("systemd", "oom-kill", KUBELET_UNIT + r": Failed with result 'oom-kill'"),
            ("systemd", "systemd-oomd killed", KUBELET_UNIT + r": systemd-oomd killed \d+ process"),
        ],
        confirm=[
            "systemctl status {unit}",
            "journalctl -k | grep -iE 'killed process .*kubelet'",
            "cat /proc/$(pidof kubelet)/oom_score_adj   # -999 is right",
        ],
        fix=[
            "systemctl start {unit}",
            "kubectl -n {namespace} delete pod {pod}   # the culprit; a started kubelet ends it",
            "set Restart=always and OOMScoreAdjust=-999 in the unit: systemctl edit {unit}",
        ],
        repair="restart_kubelet",
        caused_by=_NODE_OOM,
    ),
    failure(
        "memory.oom.runtime",
        title="The kernel's OOM killer killed the container runtime",
        severity="critical",
        role="cause",
        what="No container can be started, stopped or listed. A kubelet unit that requires the runtime's is stopped with it, cleanly and "
             "for good.",
        log=[("systemd", "oom-kill", RUNTIME_UNIT + r": Failed with result 'oom-kill'")],
        confirm=["systemctl status {unit}", "journalctl -k | grep -iE 'killed process .*(containerd|dockerd|crio)'"],
        fix=[
            "systemctl start {unit}; systemctl start kubelet",
            "OOMScoreAdjust=-999 in the runtime's unit; take Requires=/BindsTo= of the runtime out of the kubelet's",
        ],
        repair="restart_both",
        caused_by=_NODE_OOM,
    ),
    failure(
        "memory.oom.service",
        title="A service or a session reached its own memory limit",
        severity="warning",
        role="presence",
        what="The limit stands on one unit that is neither a pod nor part of what runs the node. The node and its pods are well.",
        confirm=["journalctl -k | grep -B2 -A2 'Memory cgroup out of memory'", "systemctl show -p MemoryMax,MemoryCurrent {unit}"],
        fix=["raise MemoryMax= of the unit, or bound what it does"],
    ),
    failure(
        "memory.oom.outer",
        title="The limit of the container that this node runs in was reached",
        severity="critical",
        role="cause",
        what="The node is itself a container (LXC, kind, a build runner); its outer limit, not the machine's memory and not a pod's "
             "limit, was used up.",
        confirm=["cat /proc/1/cgroup; cat /sys/fs/cgroup/memory.max", "on the outer host: journalctl -k | grep -i oom"],
        fix=["raise the memory of the outer container or virtual environment"],
    ),
    failure(
        "memory.oom.cpuset",
        title="Memory of the allowed NUMA nodes ran out",
        severity="warning",
        role="cause",
        what="The process is bound to NUMA nodes that are full; others may have free memory.",
        log=[("kernel", "constraint=constraint_", r"oom-kill:constraint=CONSTRAINT_(?:CPUSET|MEMORY_POLICY)")],
        confirm=["numactl --hardware", "cat /sys/fs/cgroup/kubepods.slice/cpuset.mems.effective"],
        fix=["check the kubelet's memoryManagerPolicy, topologyManagerPolicy and reservedMemory"],
    ),
    failure(
        "memory.oom.manual",
        title="Someone called the OOM killer by hand (SysRq f)",
        severity="info",
        role="presence",
        what="No memory was short: the kill was asked for.",
        log=[("kernel", "sysrq", r"sysrq: (?:SysRq : )?Manual OOM execution")],
        confirm=["journalctl -k | grep -i sysrq"],
        fix=["ask who did it; nothing to repair"],
    ),
    failure(
        "memory.oom.unkillable",
        title="Out of memory, and nothing left to kill",
        severity="critical",
        role="cause",
        what="Every process is protected from the OOM killer or already dying. Without a panic the node hangs.",
        log=[
            ("kernel", "deadlocked on memory", r"Kernel panic - not syncing: System is deadlocked on memory"),
            ("kernel", "no killable processes", r"Kernel panic - not syncing: Out of memory and no killable processes"),
        ],
        confirm=["journalctl -k | grep -i 'killable'", "grep -l -- '-1000' /proc/[0-9]*/oom_score_adj"],
        fix=["reboot the node; find what runs with oom_score_adj -1000 or inside a cgroup whose limit is below its need"],
    ),
    failure(
        "memory.oom.userspace",
        title="A user-space OOM killer killed processes",
        severity="warning",
        role="cause",
        what="systemd-oomd, earlyoom or the distribution's own controller acted on memory pressure before the kernel did; "
             "the kernel's log says nothing.",
        log=[
            ("any", "due to memory", r"Killed (?P<cgroup>/\S+) due to memory (?:used|pressure)"),
            ("any", "to process",
             r"sending SIG(?:TERM|KILL) to process (?P<pid>\d+) uid \d+ \"(?P<comm>[^\"]{1,64})\": (?:oom_score|badness)"),
            ("any", "oomcontroller", r"Sending SIGKILL to cgroup.{0,200}OOMController(?:.{1,40}\"cgroup\": ?\"(?P<cgroup>[^\"]{1,300}))?"),
        ],
        confirm=["journalctl -u systemd-oomd -u earlyoom --since -1h", "oomctl"],
        fix=[
            "take kubepods out of its reach: systemctl disable --now systemd-oomd, or ManagedOOMMemoryPressure=auto on the slice",
            "then give the largest pods limits",
        ],
    ),
    failure(
        "memory.low",
        title="The node has almost no memory available",
        severity="warning",
        role="presence",
        what="MemAvailable is near zero. The next step is eviction, thrashing or an OOM kill.",
        log=[
            ("any", "cannot allocate memory", r"^(?!.*(?:/sys/fs/cgroup|probe )).*\bfork(?:/exec \S+)?: cannot allocate memory"),
            ("any", "errno=12", r"failed to create new OS thread \(have \d+ already; errno=12\)"),
        ],
        confirm=["free -h", "ps -eo pid,rss,comm --sort=-rss | head", "kubectl top pods -A --sort-by=memory | head"],
        fix=["limit or move the largest pods", "kubelet: evictionHard memory.available and systemReserved"],
    ),
    failure(
        "memory.pressure",
        title="The kubelet reports memory pressure and evicts pods",
        severity="warning",
        role="symptom",
        what="Available memory is below the eviction threshold. It does not make the node NotReady by itself, but often comes just before.",
        log=[
            ("kubelet", "to reclaim",
             r"^(?!.*observed -\d).*(?:attempting|must evict pods?(?:\(s\))?) to reclaim\"? ?(?:resourceName=\"?)?memory"),
            ("any", "hasinsufficientmemory", r"(?:Kubelet|Node)HasInsufficientMemory"),
            ("any", "evictionthresholdmet", r"EvictionThresholdMet.{0,80}Attempting to reclaim memory"),
            ("any", "low on resource: memory", r"The node was low on resource: memory"),
        ],
        ends=[("any", "hassufficientmemory", r"(?:Kubelet|Node)HasSufficientMemory")],
        confirm=["kubectl describe node {node} | grep -A10 Conditions", "kubectl top pods -A --sort-by=memory | head"],
        fix=["limit or move the largest pods"],
        caused_by=["memory.low", "memory.thrash", "memory.oom.node", "kubelet.bogus_memory_stats"],
    ),
    failure(
        "memory.thrash",
        title="The node thrashes: memory is full and programs are re-read from disk",
        severity="critical",
        role="cause",
        what="The page cache is gone, so every step of every program waits for the disk. Kubelet and runtime starve for minutes; "
             "the OOM killer may never come.",
        log=[("kernel", "page allocation stalls for", r"page allocation stalls for (?P<milliseconds>\d+)ms")],
        confirm=[
            "cat /proc/pressure/memory   # full avg10",
            "vmstat 1 5   # wa, si, so, b",
            "grep -E 'MemAvailable|active.file' -i /proc/meminfo",
        ],
        fix=[
            "kill or move the largest pod: kubectl -n {namespace} delete pod {pod}",
            "kubelet: systemReserved, kubeReserved, evictionHard memory.available=500Mi; memory limits on pods",
        ],
        repair="drain",
        caused_by=["memory.low", "kubelet.cgroup_driver_mismatch"],
    ),
]
