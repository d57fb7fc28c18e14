# Copyright: kubetriage.node contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Processes and threads."""

from .entry import failure

_NODE_UNIT = (r"(?:kubelet|containerd|docker|crio|cri-docker|k3s|k3s-agent|rke2-\w+|k0s\w+|kube-proxy|origin-node|atomic-openshift-node"
              r"|snap\.(?:microk8s|kubelet-eks)\.[\w.-]+)"
              r"\.service")

FAILURES = [
    failure(
        "pids.exhausted",
        title="No process or thread can be started: PIDs are used up",
        severity="critical",
        role="cause",
        what="Threads count. fork fails for everyone: probes, CNI, runc, ssh. The node may stay Ready while nothing on it works.",
        log=[
            ("any", "resource temporarily unavailable",
             r"^(?!.*(?:iptables|xtables|exec failed|failed to exec in container|probe )).*(?:fork/exec \S+|\bfork|can't fork"
             r"|cannot fork|pthread_create failed|failed to fork[^:]{0,60}|clone|unable to create \w* ?thread[^:]{0,40}"
             r"|starting setns process[^:]{0,60}): (?:retry: )?resource temporarily unavailable"),
            ("any", "errno=11", r"failed to create new OS thread \(have (?P<threads>\d+) already; errno=11\)"),
        ],
        confirm=[
            "cat /proc/sys/kernel/pid_max /proc/sys/kernel/threads-max; ls -d /proc/[0-9]*/task/* | wc -l",
            "ps -eo nlwp,pid,ppid,comm --sort=-nlwp | head; ps -eo comm= | sort | uniq -c | sort -n | tail -5",
        ],
        fix=[
            "kubectl -n {namespace} delete pod {pod}   # the one that holds the threads",
            "bound every pod: podPidsLimit: 4096 in the kubelet's config",
            "sysctl -w kernel.pid_max=4194304",
        ],
        caused_by=["runtime.shim_leak", "pids.zombies", "pids.service_limit"],
    ),
    failure(
        "pids.pod_limit",
        title="A pod reached its limit of processes",
        severity="warning",
        role="cause",
        what="fork fails inside the pod, so its exec probes fail too. The node is well.",
        log=[
            ("kernel", "fork rejected by pids controller",
             r"fork rejected by pids controller in (?P<cgroup>\S*kubepods\S*pod(?P<pod_uid>[0-9a-f]{8}[0-9a-f_-]{24,28})\S*)"),
        ],
        confirm=[
            "kubectl get pods -A -o custom-columns=UID:.metadata.uid,NS:.metadata.namespace,NAME:.metadata.name | grep UID-IN-THE-PATH",
            "cat /sys/fs/cgroup{cgroup}/pids.max /sys/fs/cgroup{cgroup}/pids.events",
        ],
        fix=[
            "find what forks in the pod; its first process must reap its children",
            "raise podPidsLimit in the kubelet's config if the need is real",
        ],
    ),
    failure(
        "pids.service_limit",
        title="A service reached its limit of tasks",
        severity="critical",
        role="cause",
        what="systemd's TasksMax of the runtime or the kubelet is used up: it can start no more threads or containers though the node has "
             "PIDs left.",
        log=[
            ("kernel", "fork rejected by pids controller",
             r"fork rejected by pids controller in (?!\S*kubepods)(?P<cgroup>\S*/(?P<unit>" + _NODE_UNIT + r")\S*)"),
        ],
        confirm=["systemctl show -p TasksMax,TasksCurrent {unit}"],
        fix=["systemctl set-property {unit} TasksMax=infinity", "systemctl restart {unit}"],
        caused_by=["runtime.shim_leak"],
    ),
    failure(
        "pids.other_limit",
        title="A program that is no part of Kubernetes reached its limit of tasks",
        severity="info",
        role="presence",
        what="fork fails in that service or session alone, unless the limit is that of a slice above it: then others complain as well.",
        log=[
            ("kernel", "fork rejected by pids controller",
             r"fork rejected by pids controller in (?!\S*(?:kubepods|/" + _NODE_UNIT + r"))(?P<cgroup>\S+)"),
        ],
        confirm=["cat /sys/fs/cgroup{cgroup}/pids.max /sys/fs/cgroup/pids{cgroup}/pids.max"],
        fix=["find what forks in it; raise its TasksMax if the need is real"],
    ),
    failure(
        "pids.zombies",
        title="Many processes are dead and not reaped",
        severity="warning",
        role="cause",
        what="Each zombie keeps its PID until its parent asks for it: a container whose first process does not reap, or a leaked shim. "
             "They count towards the limits of processes.",
        confirm=["ps -eo state,ppid,comm | grep '^Z' | sort | uniq -c | sort -n | tail   # count, state, parent, program"],
        fix=["restart the parent that does not reap: delete its pod", "give the container an init: shareProcessNamespace, tini"],
        caused_by=["runtime.shim_leak"],
    ),
    failure(
        "pids.nearly_exhausted",
        title="Few processes or threads are left to the node",
        severity="warning",
        role="presence",
        what="The number of threads nears the lower of pid_max and threads-max.",
        confirm=[
            "cat /proc/sys/kernel/pid_max /proc/sys/kernel/threads-max; ls -d /proc/[0-9]*/task/* | wc -l",
            "ps -eo nlwp,pid,ppid,comm --sort=-nlwp | head",
        ],
        fix=["find the pod that holds the threads and bound it: podPidsLimit in the kubelet's config"],
    ),
    failure(
        "pids.pressure",
        title="The kubelet reports PID pressure",
        severity="warning",
        role="symptom",
        what="Fewer PIDs are left than the eviction threshold allows. It does not make the node NotReady by itself.",
        log=[
            ("any", "hasinsufficientpid", r"(?:Kubelet|Node)HasInsufficientPID"),
            ("kubelet", "to reclaim", r"(?:attempting|must evict pod(?:\(s\)|s)?) to reclaim\"? ?(?:resourceName=\"?)?pids"),
            ("any", "pidpressure]", r"(?:node ha[sd] conditions?: |nodeConditions?=)\[[^\]]{0,80}PIDPressure\]"),
        ],
        ends=[("any", "hassufficientpid", r"(?:Kubelet|Node)HasSufficientPID")],
        confirm=["ps -eo nlwp,pid,ppid,comm --sort=-nlwp | head"],
        fix=["find the pod that holds the threads"],
        caused_by=["pids.exhausted", "pids.nearly_exhausted", "pids.zombies"],
    ),
]
