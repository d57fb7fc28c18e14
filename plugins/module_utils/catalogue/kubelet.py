# Copyright: kubetriage.node contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The kubelet: its service, its start, and what it reports of the node."""

from .api import ANSWERED, CLUSTER_CONFIGURATION, NO_API, RENEWED, REQUEST
from .entry import failure
from .programs import KUBELET_NAME, KUBELET_UNIT

_STARTED = ("systemd", "started", r"\bStarted " + KUBELET_NAME)
_READY = [("any", "became ready", r"(?:Node|it just) became ready"), ("any", "nodeready", r"status is now: NodeReady"),
          ("kubelet", "nodeready", r"Recording (?:NodeReady event message for node|event message for node\" .{1,200}event=\"NodeReady\")")]
# A kubelet that has come so far has read its flags, files and credentials.
_RUNS = ANSWERED + [("kubelet", "starting kubelet main sync loop", r"Starting kubelet main sync loop")]
# Until it first tries to register, a kubelet of 1.13 or older says of runtime and PLEG what it later says of broken ones.
_AFTER_START = ANSWERED + [("any", "nodeready", r"status is now: NodeReady"),
                           ("kubelet", "attempting to register node", r"Attempting to register node")]
# The runtime has answered: with its containers, or with what its network lacks.
_RUNTIME_ANSWERS = [("kubelet", "syncloop (pleg)", r"SyncLoop \(PLEG\)")]
# A kubelet of 1.13 or older in its first second: it has asked the runtime nothing yet.
_NOT_NEW = r"^(?!.*skipping pod synchronization.{0,20}container runtime is down.{0,80}last seen active 2562047h)"
# What a kubelet says of itself in the first half minute: no fault.
_NOT_AT_START = r"^(?!.*(?:status check may not have completed yet|pleg has yet to be successful))"
# What k3s and rke2 give up with
_OF_K3S = (r"(?:starting kubernetes|preparing server|kubelet|etcd|apiserver|token|flannel|Error: |exec: \"(?:k3s|rke2)"
           r"|failed to (?:start networking|validate|find|get|connect))")
# What no kubelet survives its start with: where one of these is seen, no heartbeat is sent.
_FATAL = ["kubelet.bad_flag", "kubelet.config_invalid", "kubelet.config_missing", "kubelet.swap_on", "kubelet.cgroup_v1_refused",
          "kubelet.cgroups_missing", "kubelet.qos_cgroups_failed", "kubelet.no_kubeconfig", "kubelet.port_in_use", "kubelet.state_mismatch",
          "kubelet.kernel_flags", "kubelet.kmsg_missing", "kubelet.cloud_provider", "cert.client_unreadable", "cert.ca_missing",
          "runtime.cri_disabled", "runtime.wrong_endpoint"]
_STOPPERS = _FATAL + ["kubelet.cgroup_driver_mismatch", "kubelet.node_password_rejected", "kubelet.newer_than_api", "kubelet.own_address",
                      "kubelet.unauthorized", "cert.client_expired", "cert.client_not_yet_valid", "runtime.cri_plugin_failed",
                      "runtime.stopped", "runtime.failed", "runtime.socket_refused", "runtime.hung", "runtime.config_invalid",
                      "runtime.metadata_corrupt", "limits.inotify_instances", "limits.inotify_watches", "limits.files",
                      "limits.open_files", "limits.cgroups", "disk.full", "disk.inodes_full", "disk.read_only", "pids.exhausted",
                      "pids.service_limit", "systemd.hung", "memory.oom.kubelet", "memory.low"] + NO_API

FAILURES = [
    failure(
        "kubelet.stopped",
        title="The kubelet is stopped",
        severity="critical",
        role="cause",
        what="Its service was stopped cleanly: by someone, by a package update, or by systemd because it requires a unit that failed a "
             "second earlier. It is not restarted; no heartbeat is sent.",
        log=[("systemd", "stopped", r"\bStopped " + KUBELET_NAME)],
        ends=[_STARTED],
        confirm=[
            "systemctl status {unit}",
            "journalctl -u {unit} -u containerd -u docker -u crio -n 50   # what stopped just before?",
            "systemctl show -p Requires,BindsTo,Restart {unit}",
        ],
        fix=["systemctl start {unit}", "systemctl enable {unit}"],
        repair="restart_kubelet",
        caused_by=["memory.oom.runtime", "kubelet.shutting_down", "host.shutdown"],
        seen_with=["kubelet.failed", "kubelet.crash_loop", "runtime.failed", "runtime.stopped"],
    ),
    failure(
        "kubelet.failed",
        title="The kubelet's service failed",
        severity="critical",
        role="cause",
        what="The kubelet ended with an error or was killed, or systemd gave up restarting it. Its last error line says why.",
        log=[
            ("systemd", "main process exited",
             KUBELET_UNIT + r": main process exited, code=(?P<code>exited|killed|dumped), status=(?P<status>(?!0/|15/|143/)\S+)"),
            ("systemd", "failed with result", KUBELET_UNIT + r": Failed with result '(?P<result>[\w-]+)'"),
            ("systemd", "entered failed state", r"Unit " + KUBELET_UNIT + r" entered failed state"),
            ("systemd", "start request repeated too quickly", KUBELET_UNIT + r": Start request repeated too quickly"),
            ("systemd", "start request repeated too quickly", r"start request repeated too quickly for " + KUBELET_UNIT),
        ],
        ends=ANSWERED,
        confirm=["systemctl status {unit}", "journalctl -u {unit} | grep -E ' [EF][0-9]+ |err=' | tail -20"],
        fix=["fix what its last error names", "systemctl reset-failed {unit}; systemctl restart {unit}"],
        repair="restart_kubelet",
        caused_by=_STOPPERS + ["kubelet.start_failed", "kubelet.panicked", "kubelet.watchdog_killed", "api.leader_lost",
                               "storage.slow_disk"],  # of k3s and rke2, which hold etcd or SQLite themselves
    ),
    failure(
        "kubelet.crash_loop",
        title="The kubelet starts and exits again and again",
        severity="critical",
        role="cause",
        what="systemd restarts it every few seconds and it exits each time. Before a node has joined a cluster this is normal.",
        log=[
            ("systemd", "restart counter is at",
             KUBELET_UNIT + r": Scheduled restart job, restart counter is at (?P<restarts>[5-9]|\d{2,})\b"),
            ("systemd", "scheduling restart", KUBELET_UNIT + r"(?: holdoff time over|: Service hold-off time over), scheduling restart"),
        ],
        ends=ANSWERED,
        confirm=[
            "systemctl show -p NRestarts,Result,ExecMainStatus {unit}",
            "journalctl -u {unit} -n 200 | grep -E 'failed to run|command failed|unknown flag|F[0-9]+'",
        ],
        fix=["fix what its last error names; it then starts by itself"],
        caused_by=_STOPPERS + ["kubelet.failed", "kubelet.start_failed", "kubelet.panicked", "kubelet.watchdog_killed", "api.leader_lost"],
    ),
    failure(
        "kubelet.start_failed",
        title="The kubelet cannot start",
        severity="critical",
        role="cause",
        what="It gives up during its start and says why at the end of the line.",
        log=[
            ("kubelet", "failed to run kubelet", r"failed to run kubelet:? (?:err=\")?(?P<reason>.{1,200})"),
            ("kubelet", "command failed",
             r"^(?!.*(?:failed to load kubelet config file|failed to run kubelet| proxier:|leaderelection lost))"
             r".*\"command failed\" err=\"(?P<reason>.{1,200})"),
            ("kubelet", "failed to start containermanager", r"Failed to start ContainerManager\"?:? (?:err=\")?(?P<reason>.{1,200})"),
            ("kubelet", "failed to start cadvisor", r"Failed to start cAdvisor\"?:? (?:err=\")?(?P<reason>.{1,200})"),
            ("kubelet", "kubelet exited", r"Kubelet exited\"?:? (?:err=\"?)?(?P<reason>.{1,200})"),
            ("kubelet", "level=fatal",
             r"level=fatal msg=\"(?P<reason>" + _OF_K3S + r".{0,200})"),
            ("kubelet", "fata[", r"FATA\[[^\]]{1,40}\] (?P<reason>" + _OF_K3S + r".{0,200})"),
            # kube-router's part in k3s ends the whole process
            ("kubelet", "network_policy_controller.go", r"^(?:panic: )?F\d{4} .{0,60}network_policy_controller\.go:\d+\] (?P<reason>.{1,200})"),
            # its binary is gone, or may not be executed
            ("systemd", "failed at step ", KUBELET_UNIT + r": Failed at step (?P<step>[A-Z_]{1,30}) spawning (?P<reason>.{1,200})"),
            ("systemd", "failed to locate executable", KUBELET_UNIT + r": Failed to locate executable (?P<reason>.{1,200})"),
            ("systemd", "failed to load environment files", KUBELET_UNIT + r": Failed to load environment files: (?P<reason>.{1,200})"),
        ],
        ends=ANSWERED,
        confirm=["journalctl -u {unit} -n 50"],
        fix=["fix what the line names; then: systemctl restart {unit}"],
        caused_by=_STOPPERS + ["kubelet.panicked", "api.leader_lost", "cni.kernel_support_missing", "cni.backend_mix"],
    ),
    failure(
        "kubelet.panicked",
        title="The kubelet crashed with a panic",
        severity="critical",
        role="cause",
        what="A defect in it, or something it cannot live with; the lines below the panic are the stack. systemd starts it again.",
        log=[
            # Go's last words; what bbolt and etcd say of their pages is their own
            ("kubelet.named", "panic: ", r"^panic: (?!.{0,80}(?:page|freelist|assertion|bolt|etcd|raft|wal:))(?P<reason>.{1,200})"),
            ("kubelet.named", "signal sig", r"^\[signal (?P<reason>SIG(?:SEGV|BUS|FPE)\b.{0,160})"),
            ("kubelet.named", "fatal error: ",
             r"^fatal error: (?P<reason>(?:concurrent map|unexpected signal|runtime: |all goroutines|stack overflow|out of memory).{0,160})"),
            ("kubelet.named", "observed a panic",
             r"^(?!.*(?:abort Handler|context deadline exceeded)).*Observed a panic\"?:? (?:panic=\"?)?(?P<reason>.{1,200})"),
        ],
        ends=ANSWERED,
        confirm=["journalctl -u {unit} | grep -A20 -m1 panic:"],
        fix=["look the panic's first line up among the known bugs of this version; update the kubelet"],
        caused_by=["kubelet.state_mismatch", "pids.exhausted", "pids.service_limit", "disk.full", "disk.read_only"] + NO_API,
    ),
    failure(
        "kubelet.bad_flag",
        title="The kubelet is started with a flag it does not know",
        severity="critical",
        role="cause",
        what="The flag was removed in this version or is misspelt; the kubelet prints its usage and exits. Removed: --network-plugin "
             "(1.24), --container-runtime (1.27).",
        log=[
            ("any", "unknown flag", r"unknown (?:shorthand )?flag: '?(?P<flag>-{0,2}[\w-]+)"),
            ("any", "flag provided but not defined", r"flag provided but not defined: (?P<flag>-[\w-]+)"),
            ("any", "invalid argument", r"invalid argument \"(?P<value>[^\"]{0,80})\" for \"(?P<flag>--[\w-]+)[^\"]*\" flag"),
            ("any", "failed to set feature gates", r"failed to set feature gates.{0,80}: (?:unrecognized feature gate: (?P<flag>\w+)|.{1,160})"),
            ("any", "cannot set feature gate", r"cannot set feature gate (?P<flag>\w+) to \w+, feature is locked"),
        ],
        ends=_RUNS,
        confirm=[
            "journalctl -u {unit} | grep -m3 -E 'unknown flag|feature gate|invalid argument'",
            "systemctl cat {unit}; cat /var/lib/kubelet/kubeadm-flags.env /etc/default/kubelet /etc/sysconfig/kubelet 2>/dev/null",
        ],
        fix=[
            "take the flag that the line names out of /var/lib/kubelet/kubeadm-flags.env, /etc/default/kubelet, /etc/sysconfig/kubelet or "
            "the unit's drop-in",
            "systemctl daemon-reload; systemctl restart {unit}",
        ],
    ),
    failure(
        "kubelet.config_invalid",
        title="The kubelet's configuration file is not valid",
        severity="critical",
        role="cause",
        what="The file does not parse, or holds a field or value that this version refuses, or a reserve larger than the machine; the "
             "kubelet exits.",
        log=[
            ("any", "failed to load kubelet config file",
             r"^(?!.*no such file or directory).*failed to load kubelet config file,? ?(?:path: )?(?P<reason>.{1,300})"),
            ("any", "failed to validate kubelet", r"failed to validate kubelet (?:configuration|flags)[,:]? ?(?P<reason>.{1,300})"),
            ("any", "failed to merge kubelet configs", r"failed to merge kubelet configs: (?P<reason>.{1,200})"),
            ("any", "reserved cgroup limits", r"Failed to enforce (?:System|Kube) Reserved Cgroup Limits on (?P<reason>.{1,200})"),
            ("any", "invalid node allocatable configuration", r"invalid Node Allocatable configuration\.? ?(?P<reason>.{0,200})"),
            # CPU, memory and topology manager
            ("kubelet", "static policy", r"(?P<reason>unable to determine reserved CPU resources for static policy"
                                         r"|the static policy requires systemreserved\.cpu.{0,80})"),
            ("kubelet", "unknown policy: ", r"failed to run kubelet: (?P<reason>unknown policy: .{1,60})"),
            ("kubelet", "determined by node allocatable feature", r"(?P<reason>the total amount .{1,300} determined by Node Allocatable feature)"),
            ("kubelet", "numa nodes", r"(?P<reason>unsupported on machines with more than \d+ NUMA Nodes)"),
        ],
        ends=_RUNS,
        confirm=[
            "journalctl -u {unit} | grep -m3 -i 'kubelet config'",
            "cat /var/lib/kubelet/config.yaml; ls /etc/kubernetes/kubelet.conf.d 2>/dev/null",
        ],
        fix=[
            "correct the field that the error names in /var/lib/kubelet/config.yaml",
            "or have it written again: kubeadm upgrade node phase kubelet-config",
            "systemctl restart {unit}",
        ],
    ),
    failure(
        "kubelet.config_missing",
        title="The kubelet's configuration file is missing",
        severity="info",
        role="cause",
        what="Normal on a host that has not joined a cluster yet: kubeadm writes the file when it joins. On a node that was registered it "
             "was lost, and the kubelet cannot start.",
        log=[
            ("any", "failed to load kubelet config file",
             r"failed to load kubelet config file.{0,600}open (?P<path>[^\s:]+): no such file or directory"),
        ],
        ends=_RUNS,
        confirm=["ls -l /var/lib/kubelet/config.yaml /etc/kubernetes/kubelet.conf", "kubectl get node {node}"],
        fix=["registered node: kubeadm upgrade node phase kubelet-config; systemctl restart kubelet", "new host: kubeadm join ..."],
        caused_by=["storage.fs_error"],
    ),
    failure(
        "kubelet.swap_on",
        title="Swap is on and the kubelet refuses to run with it",
        severity="critical",
        role="cause",
        what="failSwapOn is true by default. Swap that was turned off by hand comes back with a reboot if it stands in /etc/fstab or in a "
             "swap unit.",
        log=[("any", "running with swap on is not supported",
              r"^(?!.*WARNING).*running with swap on is not supported(?!.{0,60}will be a fatal error)")],
        ends=_RUNS,
        confirm=["cat /proc/swaps", "grep -w swap /etc/fstab; systemctl list-units --type swap"],
        fix=[
            "swapoff -a",
            "sed -i '/\\sswap\\s/s/^/#/' /etc/fstab; systemctl mask swap.target",
            "systemctl restart {unit}",
            "or allow it: failSwapOn: false in /var/lib/kubelet/config.yaml",
        ],
    ),
    failure(
        "kubelet.healthz_failing",
        title="The kubelet runs but its health check fails",
        severity="critical",
        role="cause",
        what="The process is there, but /healthz on port 10248 does not answer or says no: its sync loop stands still.",
        log=[
            ("any", ":10248/healthz",
             r"(?:localhost|127\.0\.0\.1):10248/healthz.{0,120}(?:connection refused|failed|context deadline exceeded|Client\.Timeout)"),
            ("any", "[kubelet-check] ",
             r"\[kubelet-check\] (?:It seems like the kubelet isn't running or healthy|The kubelet is not healthy)"),
            ("any", "[-]syncloop failed", r"\[-\]syncloop failed"),
            ("any", "sync loop took longer than expected", r"sync Loop took longer than expected"),
        ],
        ends=_READY,
        confirm=[
            "curl -sS -m 5 http://127.0.0.1:10248/healthz?verbose",
            "ps -o state,wchan:32,nlwp,etime -C kubelet",
            "kubectl get --raw /api/v1/nodes/{node}/proxy/debug/pprof/goroutine\\?debug=2 | head -100",
        ],
        fix=["keep its stacks first: kill -ABRT $(pidof kubelet) writes them to the journal and restarts it", "systemctl restart {unit}"],
        repair="restart_kubelet",
        caused_by=["runtime.hung", "limits.conntrack", "memory.thrash", "kernel.hung_task", "kernel.soft_lockup", "disk.full",
                   "disk.read_only", "pids.exhausted", "limits.open_files", "kubelet.stopped", "kubelet.failed", "kubelet.crash_loop",
                   "kubelet.start_failed"],
    ),
    failure(
        "kubelet.watchdog_killed",
        title="A watchdog killed the kubelet",
        severity="critical",
        role="symptom",
        what="systemd or a health monitor found no sign of life in time and killed the kubelet; what kept it from answering is the cause.",
        log=[
            ("systemd", "watchdog timeout", KUBELET_UNIT + r":? watchdog timeout"),
            ("systemd", "result 'watchdog'", KUBELET_UNIT + r": Failed with result 'watchdog'"),
            ("any", "kubelet is unhealthy", r"Kubelet is unhealthy[!,]"),
        ],
        ends=ANSWERED,
        confirm=["systemctl show -p WatchdogUSec,Result {unit}", "journalctl -u {unit} -n 200"],
        fix=["find what starves it: memory, disk, conntrack, the runtime"],
        caused_by=["limits.conntrack", "memory.thrash", "memory.low", "kernel.soft_lockup", "kernel.hung_task", "runtime.hung",
                   "disk.full", "storage.slow_disk"],
    ),
    failure(
        "kubelet.wrong_node_name",
        title="The kubelet uses another node name than its certificate",
        severity="critical",
        role="cause",
        what="The host name changed after joining, so the API server forbids the kubelet to touch this Node. The old Node object stays "
             "NotReady.",
        log=[
            ("any", "modify node",
             r"is forbidden: node \"?(?P<identity>[^\"\s]{1,100})\"? (?:is not allowed to|cannot) modify node \"?(?P<node>[^\"\s]{1,100})"),
            ("any", "with the same name as the requesting node",
             r"\w \"(?P<node>[^\"]{1,100})\" is forbidden: User \"system:node:(?P<identity>[^\"]{1,100})\""
             r".{0,300}can only access (?:node lease|CSINode) with the same name"),
            ("any", "only its own node object",
             r"node '(?P<identity>[^']{1,100})' cannot read '(?P<node>[^']{1,100})', only its own Node object"),
        ],
        ends=ANSWERED,
        confirm=["hostname; openssl x509 -noout -subject -in /var/lib/kubelet/pki/kubelet-client-current.pem", "kubectl get nodes"],
        fix=[
            "hostnamectl set-hostname OLDNAME; systemctl restart {unit}",
            "or keep the new name, on a drained worker (on a control plane reset destroys that etcd member): kubeadm reset; kubeadm join ...; kubectl delete "
            "node OLDNAME",
        ],
    ),
    failure(
        "kubelet.node_password_rejected",
        title="The k3s or rke2 server rejects the node's password",
        severity="critical",
        role="cause",
        what="Each node name has a secret on the server; this node's is another one: two hosts have one name, or it was installed anew. It "
             "cannot join.",
        log=[("any", "node password rejected", r"Node password rejected"),
             ("any", "node password not set", r"node password not set"),
             ("any", "node password validation failed", r"Node password validation failed for '(?P<node>[^']{1,100})'"),
             ("any", "hash does not match", r"unable to verify (?:hash|password) for node '?(?P<node>[^\s':]{1,100})")],
        ends=ANSWERED,
        confirm=["hostname; cat /etc/rancher/node/password", "on the server: kubectl -n kube-system get secret | grep -i {node}.node-password"],
        fix=[
            "another host has this name: give it its own",
            "else, on the server: kubectl -n kube-system delete secret {node}.node-password.k3s   # rke2: {node}.node-password.rke2",
        ],
    ),
    failure(
        "kubelet.cgroup_driver_mismatch",
        title="The kubelet and the runtime use different cgroup drivers",
        severity="warning",
        role="cause",
        what="With docker the kubelet exits. With containerd nothing is said: pods lie outside kubepods.slice, so their limits and the "
             "node's reserve do not hold.",
        log=[
            ("any", "cgroup driver",
             r"kubelet cgroup driver: \"'?(?P<kubelet_driver>\w+)'?\" is different from docker cgroup driver: \"'?"
             r"(?P<runtime_driver>\w+)'?\""),
            ("any", ".service/kubepods", r"(?:containerd|crio)\.service/kubepods[\w.-]{0,100}:(?:cri-containerd|crio):"),
            # the other way round no sandbox is made: docker, CRI-O, runc
            ("any", "cgroup-parent for systemd cgroup", r"cgroup-parent for systemd cgroup should be a valid slice"),
            ("any", "with systemd cgroup manager", r"configured with systemd cgroup manager, but did not receive"),
            ("any", "expected cgroupspath", r"expected cgroupsPath to be of format \"slice:prefix:name\" for systemd cgroups"),
        ],
        ends=_RUNS,
        confirm=[
            "grep cgroupDriver /var/lib/kubelet/config.yaml",
            "containerd config dump | grep SystemdCgroup; docker info 2>/dev/null | grep -i 'cgroup driver'",
            "cat /proc/$(pgrep -o pause)/cgroup",
        ],
        fix=[
            "systemd for both: SystemdCgroup = true in /etc/containerd/config.toml, or native.cgroupdriver=systemd in "
            "/etc/docker/daemon.json; cgroupDriver: systemd in the kubelet's config",
            "kubectl drain {node} --ignore-daemonsets --delete-emptydir-data",
            "on the node: systemctl stop kubelet; systemctl restart containerd   # or docker; then: systemctl start kubelet, or better: reboot",
            "kubectl uncordon {node}",
        ],
    ),
    failure(
        "kubelet.cgroup_v1_refused",
        title="The kubelet refuses to run on cgroup v1",
        severity="critical",
        role="cause",
        what="From 1.35 failCgroupV1 is true by default and this host still boots with cgroup v1.",
        log=[("any", "not run on a host using cgroup v1", r"kubelet is configured to not run on a host using cgroup v1")],
        ends=_RUNS,
        confirm=["stat -fc %T /sys/fs/cgroup   # tmpfs: v1, cgroup2fs: v2"],
        fix=[
            "boot with v2: grubby --update-kernel=ALL --args=systemd.unified_cgroup_hierarchy=1, or the same in GRUB_CMDLINE_LINUX and "
            "update-grub; reboot",
            "for the time being: failCgroupV1: false in /var/lib/kubelet/config.yaml; systemctl restart kubelet",
        ],
    ),
    failure(
        "kubelet.cgroups_missing",
        title="A cgroup controller that the kubelet needs is not there",
        severity="critical",
        role="cause",
        what="The kernel was booted without it (memory on some boards) or is too old for cgroup v2, or a kubelet before 1.19, or a runtime of "
             "those days, runs on cgroup v2.",
        log=[
            ("any", "cgroup subsystem not mounted", r"Following Cgroup subsystem not mounted: \[(?P<controllers>[^\]]{0,100})\]"),
            ("any", "missing required cgroups", r"missing required cgroups: (?P<controllers>[\w, ]{1,60})"),
            ("any", "failed to find", r"failed to find (?P<controllers>memory|cpuset|pids|cpu)[\w ]* cgroup \(v2\)"),
            # containerd, docker and kata of before cgroup v2; runc on a kernel before 4.15
            ("any", "cgroup mountpoint does not exist", r"cgroups: cgroup mountpoint does not exist"),
            ("any", "cgroup isn't mounted", r"(?P<controllers>Devices|Memory|CPU) cgroup isn't mounted"),
            ("any", "bpf_cgroup_device", r"bpf_prog_query\(BPF_CGROUP_DEVICE\) failed: (?P<reason>invalid argument|function not implemented)"),
            ("any", "mount for required subsystem", r"failed to find subsystem mount for required subsystem: (?P<controllers>\w{1,20})"),
        ],
        ends=_RUNS,
        confirm=["cat /proc/cgroups; cat /sys/fs/cgroup/cgroup.controllers; cat /proc/cmdline"],
        fix=[
            "kernel command line: cgroup_enable=memory cgroup_memory=1; reboot",
            "kubelet before 1.19: boot with systemd.unified_cgroup_hierarchy=0 or upgrade",
        ],
    ),
    failure(
        "kubelet.qos_cgroups_failed",
        title="The kubelet cannot create its top-level cgroups",
        severity="critical",
        role="cause",
        what="kubepods or its QoS slices are left over from another driver, or systemd does not create them in time.",
        log=[("any", "top level qos containers", r"failed to initiali[sz]e top level QOS containers:? ?(?P<reason>.{0,200})")],
        ends=_RUNS,
        confirm=[
            "systemctl status kubepods.slice",
            "find /sys/fs/cgroup -maxdepth 3 -name 'kubepods*'",
            "grep cgroupDriver /var/lib/kubelet/config.yaml",
        ],
        fix=["kubectl drain {node} --ignore-daemonsets --delete-emptydir-data", "when that is done, on the node: systemctl reboot"],
        caused_by=["systemd.hung", "kubelet.cgroup_driver_mismatch", "kubelet.cgroups_missing", "limits.cgroups"],
    ),
    failure(
        "kubelet.state_mismatch",
        title="A state file of the kubelet does not fit its configuration",
        severity="critical",
        role="cause",
        what="The CPU or memory manager's policy, or the machine's processors, changed since the file was written, or a checkpoint is "
             "damaged; the kubelet exits rather than guess.",
        log=[
            ("kubelet", "manager checkpoint file", r"delete the (?:CPU|memory) manager checkpoint file \"?(?P<path>[^\s\"]{1,200})"),
            ("kubelet", "could not restore state from checkpoint", r"could not restore state from checkpoint: (?P<reason>.{1,160})"),
            ("kubelet", "manager error: ", r"start (?:cpu|memory) manager error: (?P<reason>.{1,160})"),
            ("kubelet", "checkpoint is corrupted", r"^(?!.*(?:Continue after failing to read checkpoint|checkpoint for sandbox)).*checkpoint is corrupted"),
        ],
        ends=_RUNS,
        confirm=[
            "cat /var/lib/kubelet/cpu_manager_state /var/lib/kubelet/memory_manager_state",
            "grep -i managerPolicy /var/lib/kubelet/config.yaml",
        ],
        fix=[
            "kubectl drain {node} --ignore-daemonsets --delete-emptydir-data",
            "rm /var/lib/kubelet/cpu_manager_state /var/lib/kubelet/memory_manager_state; systemctl restart {unit}",
        ],
        caused_by=["host.unclean_shutdown", "disk.full"],
    ),
    failure(
        "kubelet.kernel_flags",
        title="Kernel settings are not what the kubelet insists on",
        severity="critical",
        role="cause",
        what="With protectKernelDefaults it does not set vm.overcommit_memory, vm.panic_on_oom, kernel.panic, kernel.panic_on_oops and "
             "kernel.keys.root_max* but exits when they differ; in a container it may not set them.",
        log=[
            ("kubelet", "invalid kernel flag", r"invalid kernel flag: (?P<flags>[\w/]{1,60}.{0,160})"),
            ("kubelet", "open /proc/sys/",
             r"ContainerManager.{0,60}open /proc/sys/(?P<flags>[\w/]{1,60}): (?:permission denied|read-only file system)"),
        ],
        ends=_RUNS,
        confirm=[
            "sysctl vm.overcommit_memory vm.panic_on_oom kernel.panic kernel.panic_on_oops kernel.keys.root_maxkeys kernel.keys.root_maxbytes",
            "grep protectKernelDefaults /var/lib/kubelet/config.yaml",
        ],
        fix=[
            "sysctl -w vm.overcommit_memory=1 vm.panic_on_oom=0 kernel.panic=10 kernel.panic_on_oops=1 kernel.keys.root_maxkeys=1000000 "
            "kernel.keys.root_maxbytes=25000000, and the same in /etc/sysctl.d/90-kubelet.conf",
            "systemctl restart {unit}",
        ],
    ),
    failure(
        "kubelet.kmsg_missing",
        title="The kubelet may not read the kernel's log",
        severity="critical",
        role="cause",
        what="It watches /dev/kmsg for OOM kills and exits without it. The node is itself a container, and its host does not pass the "
             "device on.",
        log=[("any", "/dev/kmsg: ", r"open /dev/kmsg: (?P<reason>no such file or directory|operation not permitted|permission denied)")],
        ends=_RUNS,
        confirm=["ls -l /dev/kmsg; systemd-detect-virt"],
        fix=["LXC: pass /dev/kmsg into the container, or ln -s /dev/console /dev/kmsg at boot; then: systemctl restart {unit}"],
    ),
    failure(
        "kubelet.cloud_provider",
        title="The kubelet gets no answer of its cloud provider",
        severity="critical",
        role="cause",
        what="The cloud's API does not know this machine, refuses its role or is not reached, so the kubelet does not learn its own name "
             "and address.",
        log=[
            ("kubelet", "init cloud provider", r"could not init cloud provider \"?(?P<provider>\w{1,40})\"?: (?P<reason>.{1,200})"),
            ("kubelet", "from cloud provider: ",
             r"failed to get (?:\w+ ID|node address(?:es)?|external ID|instance ID) from cloud provider: (?P<reason>.{1,200})"),
            ("kubelet", "cannot get instance", r"(?:node name|hostname).{0,60}cloud provider.{0,60}cannot get instance.{0,100}"),
        ],
        ends=ANSWERED,
        confirm=["curl -sS -m 3 -o /dev/null http://169.254.169.254/", "journalctl -u {unit} | grep -i 'cloud provider' | tail -3"],
        fix=["give the machine back its role or identity in the cloud, and its name there", "systemctl restart {unit}"],
        caused_by=["net.metadata_unreachable", "net.name_servers_missing", "net.no_default_route", "time.skew"],
    ),
    failure(
        "kubelet.own_address",
        title="The kubelet does not find its own address",
        severity="warning",
        role="cause",
        what="Its node IP is on no interface any more, or the host's name, or localhost, does not resolve: it cannot register, or its Node "
             "has no address.",
        log=[
            ("kubelet", "get ip address of node", r"can't get ip address of node (?P<node>[^\s:]{1,100}): (?P<reason>.{1,160})"),
            ("kubelet", "network interfaces", r"node IP: \"(?P<address>[^\"]{1,60})\" not found in the host's network interfaces"),
            ("kubelet", "lookup localhost", r"listen tcp: lookup localhost(?: on \S{1,60})?: (?P<reason>.{1,100})"),
        ],
        ends=ANSWERED,
        confirm=["hostname; getent hosts $(hostname) localhost; ip -br addr", "systemctl cat {unit} | grep -i node-ip; cat /etc/hosts"],
        fix=["write localhost and the host's name into /etc/hosts", "give the address back, or change --node-ip; systemctl restart {unit}"],
        caused_by=["nic.link_down", "net.name_servers_missing"],
    ),
    failure(
        "kubelet.newer_than_api",
        title="The kubelet is newer than the API server",
        severity="critical",
        role="cause",
        what="It asks for APIs that the server does not have. A kubelet may be older than the API server, never newer: it exits or stays "
             "NotReady.",
        log=[
            ("kubelet", "could not find the requested resource", r"CSINode.{0,300}the server could not find the requested resource"),
            ("kubelet", "could not find the requested resource",
             r"^(?!W\d{4} ).*failed to list \*v1\w*\.(?:CSIDriver|RuntimeClass|Lease|Node|ResourceSlice): the server could not find the "
             r"requested resource"),
        ],
        ends=ANSWERED,
        confirm=["kubelet --version; kubectl version"],
        fix=["upgrade the control plane first, or bring the kubelet back to the control plane's version; systemctl restart {unit}"],
    ),
    failure(
        "kubelet.no_kubeconfig",
        title="The kubelet has no usable credentials",
        severity="critical",
        role="cause",
        what="kubelet.conf is missing or its certificate is not usable, and there is no bootstrap kubeconfig to ask for a new one.",
        log=[
            ("any", "unable to load bootstrap kubeconfig",
             r"unable to load bootstrap kubeconfig: stat (?P<path>[^\s:]+): no such file or directory"),
            ("any", "unable to read client-cert", r"unable to read client-cert (?P<path>\S+) for"),
            ("any", "invalid kubeconfig", r"invalid kubeconfig: stat (?P<path>[^\s:]+): no such file or directory"),
            ("any", "no client provided", r"no client provided, cannot use webhook"),
            ("any", "bootstrap client config", r"unable to (?:read|load) existing bootstrap client config"),
            ("any", "getting credentials: ", REQUEST + r"getting credentials: (?P<reason>.{1,200})"),
        ],
        ends=_RUNS,
        confirm=[
            "ls -l /etc/kubernetes/kubelet.conf /var/lib/kubelet/pki",
            "openssl x509 -noout -enddate -in /var/lib/kubelet/pki/kubelet-client-current.pem",
        ],
        fix=[
            "kubeadm, on a control plane: " + CLUSTER_CONFIGURATION + "kubeadm kubeconfig user --config kubeadm.yaml --org system:nodes "
            "--client-name system:node:{node} > kubelet.conf; copy it to {node}:/etc/kubernetes/kubelet.conf",
            "systemctl restart kubelet",
        ],
        caused_by=["cert.client_expired", "cert.client_unreadable", "cert.rotation_broken", "storage.fs_error",
                   "net.metadata_unreachable"],
    ),
    failure(
        "kubelet.port_in_use",
        title="Another process holds one of the kubelet's ports",
        severity="critical",
        role="cause",
        what="Usually a second kubelet, or an old one that did not end.",
        log=[("kubelet", "address already in use", r"listen tcp \S*:(?P<port>10250|10248|10255): bind: address already in use")],
        ends=_RUNS,
        confirm=["ss -ltnp 'sport = :10250 or sport = :10248'", "pgrep -af kubelet"],
        fix=["stop the other process; then: systemctl restart {unit}"],
    ),
    failure(
        "kubelet.resolv_conf_missing",
        title="The kubelet's resolv.conf does not exist",
        severity="critical",
        role="cause",
        what="The file named in resolvConf is missing, usually because systemd-resolved was removed or is not used here: every new pod "
             "fails before its sandbox, static pods too.",
        log=[("kubelet", "resolv.conf", r"open (?P<path>[^\s:\"]*resolv\.conf): no such file or directory")],
        confirm=["grep resolvConf /var/lib/kubelet/config.yaml; ls -lL /run/systemd/resolve/resolv.conf /etc/resolv.conf"],
        fix=[
            "systemctl enable --now systemd-resolved, or resolvConf: /etc/resolv.conf in /var/lib/kubelet/config.yaml",
            "systemctl restart kubelet",
        ],
    ),
    failure(
        "kubelet.bogus_memory_stats",
        title="The kubelet's memory figures are wrong",
        severity="warning",
        role="cause",
        what="Available memory is computed as negative, or cannot be read: the memory pressure it reports is not real.",
        log=[
            ("kubelet", "eviction manager", r"eviction manager.{0,300}\b(?:observed|available|resource)[\"=: ]{1,4}-\d"),
            ("kubelet", "unable to find data in memory cache", r"eviction manager.{0,120}unable to find data in memory cache"),
        ],
        least=(2, 600),
        confirm=["free -h", "kubectl get --raw /api/v1/nodes/{node}/proxy/stats/summary | grep -m1 availableBytes"],
        fix=["systemctl restart {unit}", "update kubelet and kernel"],
        repair="restart_kubelet",
    ),
    failure(
        "kubelet.csinode_waiting",
        title="The kubelet waits for its CSINode object",
        severity="warning",
        role="symptom",
        what="It could not write CSINode to the API server, so it stays NotReady; what keeps it from the API server is the cause.",
        log=[
            ("any", "csinode is not yet initialized", r"CSINode is not yet initialized"),
            ("any", "initialize csinode", r"failed to initialize CSINode(?:Info)?\b.{0,40}: (?P<reason>.{1,160})"),
            ("kubelet", "waiting for csinode publishing",
             r"Failed to contact API server when waiting for CSINode publishing: (?P<reason>.{1,160})"),
        ],
        ends=_READY,
        confirm=["kubectl get csinode {node}"],
        fix=["fix the way to the API server or the kubelet's credentials"],
        least=(2, 120),
        caused_by=["kubelet.newer_than_api", "api.refused", "api.timeout", "api.no_route", "api.name_unresolved", "api.tls_failed",
                   "kubelet.unauthorized", "kubelet.wrong_node_name", "cert.client_expired", "cert.server_expired",
                   "cert.unknown_authority"],
    ),
    failure(
        "kubelet.unauthorized",
        title="The API server does not accept the kubelet",
        severity="critical",
        role="cause",
        what="Every request is answered Unauthorized: certificate or token expired, signed by another CA, or in a cloud the node's role is "
             "not mapped. A single one every quarter of an hour on a Ready node is a token being renewed.",
        log=[
            ("any", "unauthorized", r"Unable to register node\b.{0,160}Unauthorized"),
            ("any", "unauthorized", r"^(?!W\d{4} ).*(?:failed to list|failed to watch) \*v1\w*\.\w+: Unauthorized"),
            ("any", "unauthorized",
             r"(?:Error updating node status|failed to (?:ensure|update)(?: node)? lease|certificate signing request|Failed to update lease"
             r"|CSINode publishing)\b.{0,300}\bUnauthorized"),
            ("any", "asked for the client to provide credentials", r"the server has asked for the client to provide credentials"),
            # the token of a k3s or rke2 agent
            ("any", "401 unauthorized", r"https?://(?P<server>[^/\s\"]{1,200})/(?:cacerts|v1-(?:k3s|rke2)/\S{1,200}): 401 Unauthorized"),
            ("any", "not authorized", r"(?:agent config|configuration from server).{0,200}: not authorized"),
            ("any", "is forbidden: user",
             r"^(?!W\d{4} )(?!.*(?:no relationship found|same name as the requesting|its own Node object)).*"
             r"(?:is forbidden: User \"(?P<user>system:anonymous)\""
             r"|(?:\bnodes|leases\.coordination\.k8s\.io|csinodes\.storage\.k8s\.io)(?: \"[^\"]{1,100}\")?"
             r" is forbidden: User \"(?P<identity>system:(?:node|bootstrap):[^\"]{1,100})\")"),
        ],
        ends=RENEWED,
        least=(3, 60),
        confirm=[
            "openssl x509 -noout -subject -issuer -dates -in /var/lib/kubelet/pki/kubelet-client-current.pem",
            "kubectl --kubeconfig /etc/kubernetes/kubelet.conf get node {node}",
            "EKS: kubectl -n kube-system get cm aws-auth -o yaml; aws eks list-access-entries",
        ],
        fix=[
            "EKS: map the node's role again (access entry or aws-auth)",
            "else give it a new certificate, on a control plane: " + CLUSTER_CONFIGURATION + "kubeadm kubeconfig user --config kubeadm.yaml "
            "--org system:nodes --client-name system:node:{node} > kubelet.conf; copy it to {node}:/etc/kubernetes/kubelet.conf",
            "on the node: mkdir -p /root/pki.old; mv /var/lib/kubelet/pki/kubelet-client-* /root/pki.old/; systemctl restart {unit}",
        ],
        caused_by=["cert.client_expired", "cert.client_not_yet_valid", "cert.client_refused", "cert.unknown_authority", "time.skew",
                   "api.unauthorized", "net.metadata_unreachable"],
    ),
    failure(
        "kubelet.node_not_found",
        title="The kubelet is not registered: it has no Node object",
        severity="critical",
        role="symptom",
        what="It could not register, or the Node was deleted. Something deeper keeps it from registering.",
        log=[
            ("any", "not found",
             r"(?:Error getting node|Error getting the current node from lister|kubelet\.go:\d+\]|Unable to get node)\"?:? ?"
             r"(?:err=)?\"?node \"(?P<node>[^\"]{1,100})\" not found"),
            # not of kube-proxy, which then goes on without it
            ("any", "not found",
             r"^(?!.*(?:Failed to retrieve node info|assuming iptables proxy))"
             r".*\bnodes? [\"'](?P<node>[^\"']{1,100})[\"'] not found(?:\"|$)"),
            ("any", "error getting node: node ", r"error getting node: node (?P<node>\S{1,100}) not found"),
            ("any", "unable to register ",
             r"Unable to register (?:node )?(?:\"?(?P<node>[^\s\"]{1,100})\"? )?with (?:the )?API ?server\"?:? (?:err=\")?"
             r"(?P<reason>.{1,200})"),
        ],
        ends=ANSWERED,
        confirm=["kubectl get node {node}", "journalctl -u kubelet | grep -iE 'register|unauthorized|forbidden|dial tcp' | tail"],
        fix=["find why it could not register", "Node deleted: systemctl restart kubelet registers it again"],
        caused_by=["kubelet.unauthorized", "kubelet.wrong_node_name", "kubelet.node_password_rejected", "kubelet.cloud_provider",
                   "kubelet.no_kubeconfig", "kubelet.newer_than_api", "kubelet.own_address", "kubelet.resolv_conf_missing",
                   "runtime.storage_corrupt", "runtime.sandbox_image", "runtime.runc_broken",
                   "api.unauthorized", "api.etcd_failing", "cert.client_expired", "cert.client_refused", "cert.request_pending",
                   "node.deleted"] + NO_API,
    ),
    failure(
        "kubelet.pleg_unhealthy",
        title="The kubelet's pod list is stale (PLEG is not healthy)",
        severity="critical",
        role="symptom",
        what="Listing containers has not finished for three minutes, so the kubelet says NotReady. Always due to a slow or hung runtime "
             "call: one stuck container, disk, memory.",
        log=[("any", "pleg was last seen active",
              _NOT_NEW + r".*PLEG is not healthy: pleg was last seen active (?P<seconds>\S+?) ago")],
        ends=_AFTER_START + _RUNTIME_ANSWERS,
        confirm=[
            "time timeout 60 crictl ps -a > /dev/null",
            "for c in $(crictl ps -q); do timeout 5 crictl inspect $c > /dev/null || echo hangs: $c; done",
            "ps -eo state,pid,wchan:32,args | grep '^D'",
        ],
        fix=[
            "end what holds the runtime: the container that hangs, the mount, the disk",
            "systemctl restart containerd   # then the kubelet, if it does not recover",
        ],
        caused_by=["kubelet.start_failed", "kubelet.runtime_down", "runtime.hung", "runtime.stopped", "runtime.failed",
                   "runtime.socket_refused", "runtime.list_too_large", "runtime.slow", "memory.thrash", "storage.nfs_gone", "storage.io_error",
                   "kernel.hung_task", "kernel.soft_lockup", "kernel.netdev_refcount", "disk.full", "pids.exhausted", "systemd.hung",
                   "memory.oom.node"],
    ),
    failure(
        "kubelet.runtime_down",
        title="The kubelet reports that the container runtime is down",
        severity="critical",
        role="symptom",
        what="It has had no good answer from the runtime for 30 s, and says NotReady.",
        log=[("any", "container runtime is down", _NOT_NEW + r".*container runtime is down")],
        ends=_AFTER_START + _RUNTIME_ANSWERS + [
            ("kubelet", "container runtime network not ready", r"container runtime network not ready")],
        confirm=["crictl info | head", "systemctl status containerd crio docker"],
        fix=["systemctl restart containerd   # or crio, docker"],
        caused_by=["kubelet.start_failed", "runtime.stopped", "runtime.failed", "runtime.hung", "runtime.socket_refused",
                   "runtime.cri_disabled", "runtime.cri_plugin_failed", "runtime.wrong_endpoint", "runtime.not_ready",
                   "runtime.metadata_corrupt", "runtime.config_invalid", "runtime.list_too_large", "memory.oom.runtime", "memory.oom.node",
                   "memory.thrash"],
    ),
    failure(
        "kubelet.shutting_down",
        title="The node is shutting down on purpose",
        severity="warning",
        role="cause",
        what="The kubelet saw the host's shutdown and ends the pods in order; it reports NotReady meanwhile. Planned, unless the shutdown "
             "was aborted and the kubelet holds on to it.",
        log=[
            ("any", "node is shutting down", r"node is shutting down"),
            ("kubelet", "detected new shutdown event", r"Shutdown manager detected new shutdown event.{0,60}event=\"?(?:true|shutdown)"),
            ("kubelet", "processing shutdown event", r"Shutdown manager processing shutdown event"),
            ("kubelet", "shutdown manager killing pod", r"Shutdown manager killing pod with gracePeriod"),
        ],
        ends=[
            ("kubelet", "detected new shutdown event", r"Shutdown manager detected new shutdown event.{0,60}event=\"?(?:false|cancel)"),
        ] + _READY,
        confirm=["systemctl list-jobs; systemd-inhibit --list", "last -x shutdown reboot | head -3"],
        fix=["wait for the reboot", "if no shutdown runs any more: systemctl restart {unit}"],
        caused_by=["host.shutdown", "host.rebooted"],
    ),
    failure(
        "kubelet.stale_connection",
        title="The kubelet writes its heartbeat to a dead connection",
        severity="critical",
        role="cause",
        what="After a network break its HTTP/2 connection is dead and is used again and again although the API server can be reached "
             "(kubelets up to 1.19).",
        log=[
            ("kubelet", "use of closed network connection",
             REQUEST + r"(?:read|write) tcp \S{1,100}: use of closed network connection"),
            ("kubelet", "no cached connection was available", REQUEST + r"http2: no cached connection was available"),
        ],
        ends=ANSWERED,
        least=(3, 120),
        confirm=[
            "curl -sk -m 5 https://APISERVER:6443/healthz   # ok: the way is open",
            "ss -tnpo state established '( dport = :6443 )' | grep kubelet",
        ],
        fix=["systemctl restart {unit}", "upgrade the kubelet to 1.20 or newer"],
        repair="restart_kubelet",
        caused_by=["nic.link_down", "nic.bond_down", "nic.reset"],
    ),
    failure(
        "kubelet.not_posting",
        title="The control plane hears nothing from the kubelet",
        severity="critical",
        role="symptom",
        what="No heartbeat came within the grace period, so the controller set Ready to Unknown. Kubelet dead, network cut, API server "
             "unreachable or the whole host gone.",
        log=[
            ("any", "node status", r"^(?!.*Node hasn't been updated).*Kubelet (?:stopped posting|never posted) node status"),
            ("controller", "hasn't been updated for", r"node (?P<node>\S+) hasn't been updated for (?P<age>[^\s.]+)"),
            ("controller", "hasn't been updated",
             r"Node hasn't been updated\" node=\"(?P<node>[^\"]{1,100})\" duration=\"(?P<age>[^\"]{1,30})"),
        ],
        ends=[("controller", "is healthy again, removing all taints", r"Node (?P<node>[\w.-]{1,253}) is healthy again, removing all taints"),
              ("controller", "is healthy again, removing all taints",
               r"Node is healthy again, removing all taints\" node=\"(?P<node>[^\"]{1,253})\"")],
        confirm=["kubectl -n kube-node-lease get lease {node} -o yaml | grep renewTime", "kubectl describe node {node}"],
        fix=["look at the node itself: service, network, power"],
        caused_by=["kubelet.stopped", "kubelet.failed", "kubelet.crash_loop", "kubelet.start_failed", "kubelet.healthz_failing",
                   "kubelet.stale_connection", "kubelet.unauthorized", "kubelet.wrong_node_name", "kubelet.node_not_found",
                   "kubelet.panicked", "kubelet.watchdog_killed", "kubelet.node_password_rejected", "cert.client_refused",
                   "cert.request_pending", "kubelet.shutting_down",
                   "node.deleted", "node.taint_out_of_service", "api.server_error", "api.server_down", "api.leader_lost",
                   "memory.oom.kubelet", "memory.thrash", "memory.pressure", "kernel.panic", "kernel.soft_lockup", "host.unreachable",
                   "host.powered_off", "host.hung", "host.cut_off", "host.kubelet_only",
                   "host.rebooted", "host.shutdown", "nic.link_down", "nic.bond_down", "nic.reset", "net.no_default_route",
                   "api.refused", "api.timeout", "api.no_route", "api.name_unresolved", "api.tls_failed", "api.unauthorized",
                   "api.port_dropped", "api.lease_failing", "api.etcd_failing", "cert.client_expired", "cert.client_not_yet_valid",
                   "cert.server_expired", "cert.unknown_authority", "time.skew", "time.jumped", "disk.full", "disk.inodes_full",
                   "pids.exhausted", "limits.conntrack", "limits.neighbours", "limits.files", "cni.drop_all"] + _FATAL,
    ),
    failure(
        "kubelet.not_ready",
        title="The kubelet reports the node NotReady",
        severity="critical",
        role="symptom",
        what="The kubelet lives and says itself what is missing; its message names the subsystem.",
        log=[
            ("any", "became not ready", _NOT_AT_START + r".*Node became not ready\"?(?: node=\"(?P<node>[^\"]{1,100})\")?"),
            ("any", "nodenotready", r"Node (?P<node>\S+) status is now: NodeNotReady"),
            ("kubelet", "nodenotready", r"Recording NodeNotReady event message for node (?P<node>\S+)"),
            ("kubelet", "nodenotready", r"Recording event message for node\" node=\"(?P<node>[^\"]{1,100})\" event=\"NodeNotReady\""),
        ],
        ends=_READY,
        confirm=["kubectl describe node {node} | grep -A12 Conditions"],
        fix=["read the message of the Ready condition and follow the subsystem it names"],
        caused_by=["kubelet.runtime_down", "kubelet.pleg_unhealthy", "kubelet.shutting_down", "kubelet.csinode_waiting",
                   "cni.not_initialized", "runtime.not_ready", "runtime.stopped", "runtime.failed", "runtime.hung", "time.jumped",
                   "limits.inotify_watches", "limits.inotify_instances", "kubelet.start_failed", "kubelet.cgroups_missing"],
    ),
]
