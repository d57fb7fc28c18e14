# Copyright: kubetriage.node contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The container runtime: containerd, CRI-O, docker with cri-dockerd, and what it runs."""

from .entry import failure
from .programs import RUNTIME_NAME, RUNTIME_UNIT

_STARTED = ("systemd", "started", r"\bStarted " + RUNTIME_NAME)
_SOCKET = r"(?P<socket>(?:unix://)?[^\s:\"]*/(?:containerd|crio|docker|cri-dockerd|frakti)[^\s:\"/]*\.sock)"
# cAdvisor looks for every runtime it knows when the kubelet starts, and says which it did not find.
_NOT_CADVISOR = r"^(?!.*(?:unable to connect to |factory\.go|default endpoints))"

FAILURES = [
    failure(
        "runtime.stopped",
        title="The container runtime is stopped",
        severity="critical",
        role="cause",
        what="Its service was stopped and does not run. The kubelet reports the runtime down and the node turns NotReady; containers may "
             "go on under their shims.",
        log=[("systemd", "stopped", r"\bStopped " + RUNTIME_NAME)],
        ends=[_STARTED],
        confirm=["systemctl status {unit}", "journalctl -u {unit} -n 50"],
        fix=["systemctl start {unit}", "systemctl enable {unit}"],
        repair="restart_runtime",
        caused_by=["memory.oom.runtime"],
    ),
    failure(
        "runtime.failed",
        title="The container runtime's service failed",
        severity="critical",
        role="cause",
        what="The runtime ended with an error or was killed, or systemd gave up restarting it. The last lines of its own log say why.",
        log=[
            ("systemd", "main process exited",
             RUNTIME_UNIT + r": main process exited, code=(?P<code>exited|killed|dumped), status=(?P<status>(?!0/|15/|143/)\S+)"),
            ("systemd", "failed with result", RUNTIME_UNIT + r": Failed with result '(?P<result>[\w-]+)'"),
            ("systemd", "entered failed state", r"Unit " + RUNTIME_UNIT + r" entered failed state"),
            ("systemd", "start request repeated too quickly", RUNTIME_UNIT + r": Start request repeated too quickly"),
        ],
        ends=[_STARTED],
        confirm=["systemctl status {unit}", "journalctl -u {unit} -n 100"],
        fix=["read the error before its end: journalctl -u {unit} -n 100", "systemctl reset-failed {unit}; systemctl restart {unit}"],
        repair="restart_runtime",
        caused_by=["memory.oom.runtime", "runtime.metadata_corrupt", "runtime.config_invalid", "disk.full", "disk.inodes_full",
                   "disk.read_only", "pids.exhausted", "pids.service_limit", "limits.open_files", "storage.io_error"],
    ),
    failure(
        "runtime.hung",
        title="The container runtime runs but does not answer",
        severity="critical",
        role="cause",
        what="Its calls end by timeout. A stopped or deadlocked process, one container in uninterruptible sleep, or a stalled disk; "
             "PLEG then turns the node NotReady.",
        log=[
            ("kubelet", "from runtime service failed",
             r"(?:ListPodSandbox|ListContainers|Status|Version|ListContainerStats|ListPodSandboxStats)\b.{0,160}from runtime service "
             r"failed.{0,300}deadline ?exceeded"),
            ("kubelet", "from image service failed",
             r"(?:ListImages|ImageFsInfo)\b.{0,160}from image service failed.{0,300}deadline ?exceeded"),
            ("kubelet", "genericpleg: unable to retrieve pods",
             r"GenericPLEG: Unable to retrieve pods.{0,300}(?:deadline ?exceeded|operation timeout)"),
            ("kubelet", "container runtime sanity check failed", r"Container runtime sanity check failed.{0,300}deadline ?exceeded"),
            ("kubelet", "operation timeout",
             r"(?:ListPodSandbox|ListContainers|Status|Version)\b.{0,300}operation timeout: context deadline exceeded"),
        ],
        confirm=[
            "timeout 10 crictl info > /dev/null; echo $?   # 124: hung",
            "ps -o state,wchan:32,nlwp,etime -C containerd,dockerd,crio",
            "for c in $(crictl ps -q); do timeout 5 crictl inspect $c > /dev/null || echo hangs: $c; done",
        ],
        fix=[
            "keep the evidence: kill -USR1 $(pidof containerd dockerd)   # stacks go to its log or /tmp",
            "systemctl restart {unit}",
            "state T: it was stopped by a signal: kill -CONT PID",
        ],
        repair="restart_runtime",
        caused_by=["storage.nfs_gone", "storage.io_error", "storage.nvme_timeout", "storage.nvme_dead", "kernel.hung_task",
                   "kernel.soft_lockup", "kernel.netdev_refcount", "kernel.oops", "memory.thrash", "disk.full", "disk.thin_pool_full",
                   "pids.exhausted", "pids.service_limit", "systemd.hung", "limits.open_files"],
    ),
    failure(
        "runtime.socket_refused",
        title="Nobody answers on the container runtime's socket",
        severity="critical",
        role="symptom",
        what="The socket is missing (never started) or refuses (the process died). The kubelet cannot reach the runtime and exits at "
             "start.",
        log=[
            ("any", "connection refused", _NOT_CADVISOR + r".*dial unix " + _SOCKET + r": (?:connect: )?connection refused"),
            ("any", "no such file or directory", _NOT_CADVISOR + r".*dial unix " + _SOCKET + r": (?:connect: )?no such file or directory"),
            ("any", "connect to the docker daemon", _NOT_CADVISOR + r".*Cannot connect to the Docker daemon at (?P<socket>[^\s.]+\.sock)"),
        ],
        confirm=[
            "systemctl status containerd crio docker",
            "ls -l /run/containerd/containerd.sock /run/crio/crio.sock /run/cri-dockerd.sock",
        ],
        fix=["systemctl start {unit}", "journalctl -u {unit} -n 100   # if it does not stay up"],
        repair="restart_runtime",
        caused_by=["runtime.stopped", "runtime.failed", "runtime.config_invalid", "runtime.metadata_corrupt", "runtime.wrong_endpoint",
                   "memory.oom.runtime"],
    ),
    failure(
        "runtime.wrong_endpoint",
        title="The kubelet is told to use another runtime's socket",
        severity="critical",
        role="cause",
        what="The runtime runs, but the kubelet's endpoint names a socket that is not its. Usual after an upgrade across 1.24: dockershim "
             "is gone.",
        log=[
            ("kubelet", "dockershim.sock",
             r"^(?!.*default endpoints).*dial unix (?P<socket>[^\s:\"]*dockershim\.sock): (?:connect: )?(?:no such file"
             r"|connection refused)"),
        ],
        confirm=[
            "grep -rE 'container-?[rR]untime-?[eE]ndpoint' /var/lib/kubelet /etc/default/kubelet /etc/sysconfig/kubelet 2>/dev/null",
            "ls -l /run/containerd/containerd.sock /run/crio/crio.sock /run/cri-dockerd.sock",
        ],
        fix=[
            "set containerRuntimeEndpoint in /var/lib/kubelet/config.yaml (or the flag in /var/lib/kubelet/kubeadm-flags.env) to the "
            "socket that exists",
            "systemctl restart kubelet",
        ],
    ),
    failure(
        "runtime.cri_disabled",
        title="The container runtime offers no CRI service",
        severity="critical",
        role="cause",
        what="The kubelet reaches the socket, is told that the service is unknown there, and exits. Docker's containerd package disables "
             "the CRI plugin; a containerd before 1.6 knows only v1alpha2, which kubelets from 1.26 do not speak.",
        log=[
            ("any", "unknown service runtime.v1", r"unknown service runtime\.v1(?:alpha2)?\.(?:RuntimeService|ImageService)"),
            ("kubelet", "api is not implemented for endpoint", r"CRI v1 (?:runtime|image) API is not implemented for endpoint"),
        ],
        confirm=["containerd config dump | grep -A2 disabled_plugins", "ctr plugins ls | grep -i cri", "containerd --version"],
        fix=[
            "take cri (or io.containerd.grpc.v1.cri) out of disabled_plugins in /etc/containerd/config.toml",
            "systemctl restart containerd kubelet",
            "plugin enabled and containerd below 1.6: upgrade containerd",
        ],
        caused_by=["runtime.cri_plugin_failed"],
    ),
    failure(
        "runtime.cri_plugin_failed",
        title="containerd's CRI plugin failed to load",
        severity="critical",
        role="cause",
        what="containerd runs on without it and its service looks healthy; the line is only a warning. Usually the configuration "
             "contradicts itself.",
        log=[
            ("runtime", "failed to load plugin",
             r"failed to load plugin (?P<plugin>io\.containerd\.(?:grpc\.v1\.cri|cri\.v1\.\w+)).{0,40}error=\"?(?P<reason>.{1,200})"),
            ("runtime", "failed to load plugin",
             r"failed to load plugin\" error=\"(?P<reason>.{1,200}).{0,400}\bid=\"?(?P<plugin>io\.containerd\.(?:grpc\.v1\.cri"
             r"|cri\.v1\.\w+|podsandbox\.controller\.v1\.\w+))"),
        ],
        confirm=["ctr plugins ls | grep -i cri   # STATUS error", "containerd config dump > /dev/null"],
        fix=[
            "mirrors and config_path exclude each other: keep config_path = \"/etc/containerd/certs.d\", move mirrors to hosts.toml there",
            "or start from the default: containerd config default > /etc/containerd/config.toml, with SystemdCgroup = true",
            "systemctl restart containerd kubelet",
        ],
    ),
    failure(
        "runtime.config_invalid",
        title="The container runtime's configuration cannot be read",
        severity="critical",
        role="cause",
        what="The runtime exits at start because its configuration file does not parse or holds a wrong value.",
        log=[
            ("runtime", "failed to load toml", r"failed to load TOML(?: from)?[: ]+(?P<path>\S+?):? (?P<reason>.{1,160})"),
            ("runtime", "failed to unmarshal toml", r"failed to unmarshal TOML(?P<reason>.{1,160})"),
            ("runtime", "configure the docker daemon with file",
             r"unable to configure the Docker daemon with file (?P<path>\S+): (?P<reason>.{1,200})"),
            ("runtime", "validating ", r"(?:validating (?:root|runtime|image|network|api) config|validating config): (?P<reason>.{1,200})"),
        ],
        confirm=[
            "containerd config dump > /dev/null",
            "dockerd --validate --config-file /etc/docker/daemon.json",
            "crio config > /dev/null",
        ],
        fix=["correct the file and the line that the error names", "systemctl restart {unit}"],
    ),
    failure(
        "runtime.not_ready",
        title="The container runtime says that it is not ready",
        severity="warning",
        role="symptom",
        what="The runtime answers, with RuntimeReady=false.",
        log=[("any", "runtimeready=false", r"RuntimeReady=false(?: reason:(?P<reason>\w+))?(?: message:(?P<text>.{1,160}))?")],
        confirm=["crictl info | head -40", "journalctl -u {unit} -n 100"],
        fix=["fix what the runtime's own log names; then: systemctl restart {unit}"],
        caused_by=["runtime.hung", "runtime.config_invalid", "runtime.storage_corrupt", "disk.full", "systemd.hung"],
    ),
    failure(
        "runtime.metadata_corrupt",
        title="The runtime's database is damaged",
        severity="critical",
        role="cause",
        what="A page of its bbolt file was half written, usually by power loss or a full disk; the runtime panics at each start.",
        log=[
            ("runtime", "panic: invalid page type", r"panic: invalid page type: \d+: \w+"),
            ("runtime", "page expected to be", r"Page expected to be: \d+, but self identifies as \d+"),
            ("runtime", "panic: page ", r"panic: page \d+ already freed"),
            ("runtime", "invalid freelist page", r"panic: invalid freelist page"),
        ],
        confirm=["journalctl -u {unit} | grep -A5 'panic:'", "ls -l /var/lib/containerd/io.containerd.metadata.v1.bolt/meta.db"],
        fix=[
            "systemctl stop kubelet containerd; mv /var/lib/containerd /var/lib/containerd.broken; systemctl start containerd kubelet   # "
            "images and containers are made again",
        ],
        caused_by=["host.unclean_shutdown", "disk.full", "storage.fs_error", "storage.io_error"],
    ),
    failure(
        "runtime.storage_corrupt",
        title="The runtime's image or layer storage is damaged",
        severity="critical",
        role="cause",
        what="Layers are missing or cannot be mounted: after power loss, on a full disk, or on XFS without d_type. Some or all containers "
             "cannot be created.",
        log=[
            ("any", "overlay", r"(?:returned error: )?readlink /var/lib/docker/overlay2\S*: invalid argument"),
            ("any", "failed to register layer",
             r"failed to register layer: (?:rename|symlink|Error).{0,300}(?:directory not empty|input/output error|file exists|readlink)"),
            ("runtime", "failed to mount", r"failed to mount .{0,300}overlay.{0,400}(?:invalid argument|structure needs cleaning)"),
            ("any", "structure needs cleaning",
             r"(?P<path>/(?:var/lib/(?:containerd|docker|containers|kubelet))[^\s:\"]*): structure needs cleaning"),
        ],
        confirm=["journalctl -k | grep -iE 'overlay|xfs|ext4'", "xfs_info /var/lib/containerd | grep ftype"],
        fix=[
            "remove the image it names: crictl rmi IMAGE; then let it be pulled again",
            "if many: drain; systemctl stop kubelet {unit}; move the runtime's directory away; systemctl start {unit} kubelet",
        ],
        caused_by=["host.unclean_shutdown", "disk.full", "storage.fs_error", "storage.io_error"],
    ),
    failure(
        "runtime.sandbox_image",
        title="The pause image cannot be pulled, so no pod can start",
        severity="critical",
        role="cause",
        what="The tag comes from the runtime's own configuration, not from kubeadm. On a new node this blocks static pods and the CNI "
             "agent, and is then seen as network not ready.",
        log=[
            ("any", "failed to get sandbox image", r"failed to get sandbox image \"(?P<image>[^\"]+)\""),
            ("any", "failed pulling image", r"failed pulling image \"(?P<image>[^\"]*pause[^\"]*)\""),
            ("any", "creating pod sandbox with name",
             r"creating pod sandbox with name .{0,300}docker://(?P<image>[^\s\"]*pause[^\s\"]*?): (?:pinging|reading manifest)"),
        ],
        ends=[
            ("runtime", "returns sandbox id", r"RunPodSandbox for .{1,400} returns sandbox id"),
            ("kubelet", "containerstarted", r"SyncLoop \(PLEG\).{0,300}ContainerStarted"),
        ],
        confirm=["crictl pull PAUSE-IMAGE", "containerd config dump | grep -E 'sandbox|pinned' -A2", "getent hosts REGISTRY"],
        fix=[
            "make the registry reachable (name, proxy, mirror), or load the image: ctr -n k8s.io images import pause.tar",
            "or name a tag that is there: sandbox_image (containerd 2: pinned_images.sandbox), pause_image (CRI-O)",
            "systemctl restart {unit}",
        ],
        caused_by=["net.name_servers_missing", "net.no_default_route", "api.name_unresolved"],
    ),
    failure(
        "runtime.create_failed",
        title="Containers cannot be created (runc or shim error)",
        severity="warning",
        role="symptom",
        what="The runtime works, but starting a process in a new container fails; the end of the message names why.",
        log=[
            ("any", "oci runtime create failed",
             r"OCI runtime create failed: (?!.*(?:executable file not found|no such file or directory: unknown|permission denied: "
             r"unknown|exec format error))(?P<reason>.{1,200})"),
            ("any", "failed to create shim", r"failed to create shim(?: task)?: (?!OCI runtime create failed)(?P<reason>.{1,200})"),
            ("any", "failed to start shim", r"failed to start shim: (?P<reason>.{1,200})"),
        ],
        confirm=["journalctl -u containerd -u docker -u crio | grep -iE 'OCI runtime|shim' | tail", "crictl pods --state NotReady | head"],
        fix=["fix what the end of the message names: cgroup, PIDs, space, seccomp"],
        caused_by=["pids.exhausted", "pids.pod_limit", "pids.service_limit", "disk.full", "disk.inodes_full", "disk.read_only",
                   "limits.cgroups", "systemd.hung", "memory.low", "memory.oom.container", "kubelet.cgroup_driver_mismatch",
                   "runtime.storage_corrupt", "limits.open_files"],
    ),
    failure(
        "runtime.name_reserved",
        title="Pods cannot be created again: their name is still reserved",
        severity="warning",
        role="symptom",
        what="An earlier attempt never ended, so each retry is refused. The first attempt's error is what counts: a slow disk, an image "
             "that cannot be pulled, a hung call.",
        log=[
            ("any", "is reserved for", r"name \"?(?P<name>[\w.-]{1,120})\"? is reserved for"),
            ("any", "name is reserved",
             r"(?:pod|ctr|container) with name (?P<name>[\w.-]{1,120}) already exists: name is reserved|error reserving (?:pod"
             r"|ctr) name (?P<other>\S+)"),
        ],
        confirm=["journalctl -u containerd -u crio | grep -B2 -m5 'is reserved'", "iostat -x 1 3"],
        fix=["find the first error of that pod before the reservations", "it ends with: systemctl restart {unit}"],
        caused_by=["runtime.sandbox_image", "runtime.hung", "storage.slow_disk", "memory.thrash", "storage.nfs_gone", "disk.full"],
    ),
    failure(
        "runtime.shim_leak",
        title="Shims or their threads pile up",
        severity="warning",
        role="cause",
        what="Processes of containers that ended are not cleaned up; their threads add up until no PID is left.",
        log=[
            ("runtime", "cleaning up ",
             r"cleaning up (?:after shim disconnected|dead shim).{0,200}(?:failed|resource temporarily unavailable)"),
        ],
        confirm=["pgrep -c containerd-shim; crictl ps -aq | wc -l", "ps -eo nlwp,pid,args --sort=-nlwp | grep shim | head"],
        fix=[
            "systemctl restart {unit}   # shims of running containers stay",
            "update containerd; drain and reboot if shims of dead containers remain",
        ],
    ),
]
