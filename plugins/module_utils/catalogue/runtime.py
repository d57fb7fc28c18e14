# Copyright: kubetriage.node contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The container runtime: containerd, CRI-O, docker with cri-dockerd, and what it runs."""

from .entry import failure
from .programs import RUNTIME_NAME, RUNTIME_UNIT

_STARTED = ("systemd", "started", r"\bStarted " + RUNTIME_NAME)
_SOCKET = r"(?P<socket>(?:unix://)?[^\s:\"']*/(?!dockershim)(?:containerd|crio|docker|cri-dockerd|frakti)[^\s:\"'/]*\.sock)"
# Who looks for a runtime that need not be there: cAdvisor and crictl try every one they know, k3s waits for its own at each start.
_NO_SEARCH = (r"^(?!(?:ERRO|WARN)\[\d|E\d{4} \S+ +\d+ remote_runtime\.go:\d+\] \"Status from runtime service failed\""
              r"|.*(?:unable to connect to |factory\.go|container factory|default endpoints|getting status of runtime"
              r"|Waiting for containerd startup))")
_NOBODY = r"(?:connect: )?(?:connection refused|no such file or directory)"
_TIMED_OUT = r"(?:DeadlineExceeded|deadline exceeded|code = 4\b)"
# The rest of a message about a container that cannot be made: what the node lacks, not what the pod's author wrote.
_OF_NODE = (r"(?=.{0,600}?(?:resource temporarily unavailable|no space left on device|cannot allocate memory"
            r"|[ \"]/(?!\S*/(?:rootfs|merged)/)\S+: read-only file system"
            r"|input/output error|deadline exceeded|cgroup|systemd|dbus|procReady not received|connection reset by peer|broken pipe"
            r"|ttrpc: closed"
            r"|structure needs cleaning|too many open files|fork/exec|getting the final child's pid|signal: killed"
            r"|nvidia-container-cli|device or resource busy|timed out))")

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
        caused_by=["memory.oom.runtime", "runtime.failed", "host.shutdown", "host.rebooted"],
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
            ("systemd", "start operation timed out", RUNTIME_UNIT + r":? start operation timed out"),
            ("systemd", "failed to start", r"\bFailed to start " + RUNTIME_NAME),
            ("systemd", "dependency failed for", r"\bDependency failed for " + RUNTIME_NAME),
            ("runtime", "starting daemon", r"\bError starting daemon: (?P<reason>.{1,200})"),
            ("runtime", "failed to start daemon", r"\bfailed to start daemon: (?P<reason>.{1,200})"),
            ("any", "failed to start containerd", r"failed to start containerd: (?P<reason>.{1,200})"),  # dockerd, of the one it starts
            ("runtime", "failed to run cri service", r"level=fatal msg=\"Failed to run CRI service\" error=\"(?P<reason>.{1,200})"),
        ],
        ends=[_STARTED],
        confirm=["systemctl status {unit}", "journalctl -u {unit} -n 100"],
        fix=["read the error before its end: journalctl -u {unit} -n 100", "systemctl reset-failed {unit}; systemctl restart {unit}"],
        repair="restart_runtime",
        caused_by=["memory.oom.runtime", "runtime.metadata_corrupt", "runtime.config_invalid", "runtime.storage_unusable",
                   "runtime.storage_corrupt", "kubelet.cgroups_missing", "cni.config_not_loaded", "disk.full", "disk.inodes_full",
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
             r"\b(?:ListPodSandbox(?:Stats)?|PodSandboxStatus|List(?:Containers|ContainerStats)|ContainerStatus|Status|Version)\b"
             r".{0,160}from runtime service failed.{0,300}" + _TIMED_OUT),
            ("kubelet", "from image service failed",
             r"\b(?:ListImages|ImageFsInfo)\b.{0,160}from image service failed.{0,300}" + _TIMED_OUT),
            ("kubelet", "genericpleg: unable to retrieve pods", r"GenericPLEG: Unable to retrieve pods.{0,300}" + _TIMED_OUT),
            ("kubelet", "pleg: ignoring events", r"PLEG: Ignoring events for pod.{0,300}" + _TIMED_OUT),
            ("kubelet", "container runtime sanity check failed", r"Container runtime sanity check failed.{0,300}" + _TIMED_OUT),
            # dockershim, of the docker API; a probe, an exec or a pull has a deadline of its own
            ("kubelet", "operation timeout", r"^(?!.*(?:probe|exec|pull)).*operation timeout: context deadline exceeded"),
            ("runtime", "converting task to protobuf", r"converting task to protobuf\" error=\"context canceled"),
        ],
        ends=[_STARTED],
        confirm=[
            "timeout 10 crictl info > /dev/null; echo $?   # 124: hung",
            "ps -o state,wchan:32,nlwp,etime -C containerd,dockerd,crio",
            "for c in $(crictl ps -q); do timeout 5 crictl inspect $c > /dev/null || echo hangs: $c; done",
        ],
        fix=[
            "keep the evidence: kill -USR1 $(pidof containerd dockerd)   # stacks go to its log or /tmp",
            "systemctl restart {unit}   # containerd, CRI-O: containers run on; docker without live-restore: all are stopped",
            "state T: it was stopped by a signal: kill -CONT PID",
        ],
        repair="restart_runtime",
        caused_by=["storage.nfs_gone", "storage.io_error", "storage.nvme_timeout", "storage.nvme_dead", "kernel.hung_task",
                   "kernel.soft_lockup", "kernel.netdev_refcount", "kernel.oops", "memory.thrash", "disk.full", "disk.thin_pool_full",
                   "pids.exhausted", "pids.service_limit", "systemd.hung", "limits.open_files", "memory.oom.node"],
    ),
    failure(
        "runtime.socket_refused",
        title="Nobody answers on the container runtime's socket",
        severity="critical",
        role="cause",
        what="The socket is missing (never started) or refuses (the process died). The kubelet cannot reach the runtime: it exits at its "
             "start, and reports NotReady later.",
        log=[
            ("any", "dial unix", _NO_SEARCH + r".*dial unix " + _SOCKET + r": " + _NOBODY),
            ("any", "connect endpoint", _NO_SEARCH + r".*connect endpoint '(?P<socket>[^']{1,200})', make sure you are running as root"),
            ("kubelet", "cannot connect to docker endpoint", r"cannot connect to Docker endpoint"),  # before 1.4
            ("any", "the connection is unavailable", r"grpc: the connection is unavailable"),  # gRPC of kubelets before 1.10
            ("any", "connect to the docker daemon", _NO_SEARCH + r".*Cannot connect to the Docker daemon at (?P<socket>[^\s.]+\.sock)"),
        ],
        ends=[_STARTED, ("kubelet", "became ready", r"(?:Node|it just) became ready"),
              ("kubelet", "successfully registered node", r"Successfully registered node")],
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
            # only a kubelet that starts: crictl tries this socket as well
            ("kubelet", "dockershim.sock",
             r"^(?!(?:ERRO|WARN|FATA)\[\d).*(?:failed to run kubelet|createTransport).*dial unix (?P<socket>[^\s:\"]*dockershim\.sock): "
             + _NOBODY),
            ("kubelet", "missing address", r"dial unix:? missing address"),  # no endpoint is set at all
            ("kubelet", "dockershim.sock", r"connect endpoint '(?P<socket>[^']*dockershim\.sock)', make sure you are running as root"),
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
             "the CRI plugin in its configuration.",
        log=[
            ("any", "unknown service runtime.v1", r"unknown service runtime\.v1(?:alpha2)?\.(?:RuntimeService|ImageService)"),
            ("kubelet", "api is not implemented for endpoint", r"CRI v1 (?:runtime|image) API is not implemented for endpoint"),
        ],
        confirm=["containerd config dump | grep -A2 disabled_plugins", "ctr plugins ls | grep -i cri", "containerd --version"],
        fix=[
            "take cri (or io.containerd.grpc.v1.cri) out of disabled_plugins in /etc/containerd/config.toml",
            "systemctl restart containerd kubelet",
        ],
        caused_by=["runtime.cri_plugin_failed", "runtime.cri_too_old"],
    ),
    failure(
        "runtime.cri_too_old",
        title="The container runtime is too old for this kubelet",
        severity="critical",
        role="cause",
        what="Kubelets from 1.26 speak CRI v1 only. containerd before 1.6, CRI-O before 1.20 and cri-dockerd before 0.3 know no more than "
             "v1alpha2 and answer Unimplemented.",
        # these two cannot have CRI switched off; of containerd its version tells (checks/runtime.py)
        log=[("any", "unknown service runtime.v1.",
              r"(?:crio|cri-dockerd)\.sock.{0,120}unknown service runtime\.v1\.(?:Runtime|Image)Service")],
        confirm=["containerd --version; crio --version; cri-dockerd --version; kubelet --version"],
        fix=["upgrade the runtime: containerd 1.6 or newer; then: systemctl restart {unit} kubelet", "or go back to kubelet 1.25"],
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
             r"^(?!.*no plugins registered for)"
             r"(?=.*\b(?P<plugin>io\.containerd\.(?:grpc\.v1\.cri|cri\.v1\.\w+|podsandbox\.controller\.v1\.\w+)))"
             r".*\berror\"?[=:] ?\"(?P<reason>.{1,200})"),
        ],
        confirm=["ctr plugins ls | grep -i cri   # STATUS error", "containerd config dump > /dev/null"],
        fix=[
            "mirrors and config_path exclude each other: keep config_path = \"/etc/containerd/certs.d\", move mirrors to hosts.toml there",
            "or start from the default: cp -a /etc/containerd/config.toml /etc/containerd/config.toml.old; containerd config default > "
            "/etc/containerd/config.toml, with SystemdCgroup = true; carry over mirrors, sandbox image, runtimes",
            "systemctl restart containerd kubelet",
        ],
        caused_by=["limits.inotify_instances", "limits.inotify_watches", "disk.read_only", "runtime.storage_unusable"],
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
            ("runtime", "expect io.containerd.", r"(?P<reason>invalid .{1,120} expect io\.containerd\.x\.vx)"),
            ("runtime", "expected containerd config version", r"(?P<reason>expected containerd config version .{1,80})"),
            ("runtime", "configure the docker daemon with file",
             r"unable to configure the Docker daemon with file (?P<path>\S+): (?P<reason>.{1,200})"),
            ("runtime", "config validation: ", r"level=fatal msg=\"(?:library )?config validation: (?P<reason>.{1,200})"),  # CRI-O before 1.16
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
        what="A page of its bbolt file was half written, or an entry left over, usually by power loss or a full disk; the runtime ends at each "
             "start.",
        log=[
            ("runtime", "panic: invalid page type", r"panic: invalid page type: \d+: \w+"),
            ("runtime", "page expected to be", r"Page expected to be: \d+, but self identifies as \d+"),
            ("runtime", "panic: page ", r"panic: page \d+ already freed"),
            ("runtime", "invalid freelist page", r"panic: invalid freelist page"),
            ("runtime", "panic: freepages", r"panic: freepages: failed to get all reachable pages"),
            # two sandboxes of one name: the last of them was made when the machine lost its power
            ("any", "failed to recover state", r"failed to recover state: failed to reserve (?:sandbox|container) name"),
            ("runtime", "meta.db", r"meta\.db.{0,80}: (?:invalid database|checksum error|version mismatch|file size too small)"),
            # whatever the panic said, it came from reading a page: the first frames of its stack (a dump of all stacks has others)
            ("runtime", "bolt.",
             r"\bb?bolt\.(?:unsafeByteSlice|\(\*(?:leaf|branch)PageElement\)\.\w+|\(\*Cursor\)\.search|\(\*page\)|_assert"
             r"|\(\*freelist\)\.read|\(\*node\)\.read)\("),
        ],
        confirm=["journalctl -u {unit} | grep -A5 'panic:'", "ls -l /var/lib/containerd/io.containerd.metadata.v1.bolt/meta.db"],
        fix=[
            "kubectl drain {node} --ignore-daemonsets --delete-emptydir-data   # as far as it can",
            "containerd, on the node: systemctl disable --now kubelet containerd; mv /var/lib/containerd /var/lib/containerd.broken; systemctl enable kubelet "
            "containerd; systemctl reboot   # ends the old containers; images loaded by hand are lost. k3s, rke2: agent/containerd below /var/lib/rancher",
            "docker: look which file the panic names (network/files/local-kv.db, volumes/metadata.db, buildkit) and move that one only",
        ],
        caused_by=["host.unclean_shutdown", "disk.full", "storage.fs_error", "storage.io_error"],
    ),
    failure(
        "runtime.storage_unusable",
        title="The runtime cannot use its storage driver",
        severity="critical",
        role="cause",
        what="The runtime exits at start: the kernel or the filesystem does not offer what the driver needs (overlay not loaded, XFS "
             "without d_type), or other storage lies in its directory.",
        log=[
            ("runtime", "initializing graphdriver", r"error initializing graphdriver: (?P<reason>.{1,200})"),
            ("runtime", "prior storage driver", r"prior storage driver (?P<driver>\S{1,40}) failed: (?P<reason>.{1,160})"),
            ("runtime", "get store", r"failed to get store(?: to set defaults)?: (?P<reason>.{1,160})"),
            ("runtime", "does not support d_type",
             r"failed to load plugin \"?io\.containerd\.snapshotter\.v1\.overlayfs.{0,200}(?P<reason>does not support d_type)"),
            ("kernel", "overlayfs: upper fs", r"overlayfs: (?P<reason>upper fs (?:missing required features|needs to support d_type))"),
            ("any", "no such device", r"failed to mount .{0,300}overlay.{0,600}: (?P<reason>no such device)"),
        ],
        ends=[_STARTED],
        confirm=[
            "modprobe overlay; grep overlay /proc/filesystems",
            "xfs_info /var/lib/docker /var/lib/containerd 2>/dev/null | grep ftype",
        ],
        fix=[
            "overlay missing after a kernel update: install the modules of the running kernel, or reboot into the one that has them",
            "ftype=0: put the directory on ext4, or on XFS made with -n ftype=1",
            "systemctl restart {unit}",
        ],
        caused_by=["disk.full", "disk.read_only", "storage.fs_error", "storage.io_error"],
    ),
    failure(
        "runtime.storage_corrupt",
        title="The runtime's image or layer storage is damaged",
        severity="critical",
        role="cause",
        what="Layers are missing or cannot be mounted: after power loss, on a full disk, on XFS without d_type, or with overlay upon overlay. "
             "Some or all containers cannot be created.",
        log=[
            ("any", "readlink /var/lib/docker/overlay2", r"(?:returned error: )?readlink /var/lib/docker/overlay2\S*: invalid argument"),
            ("any", "failed to register layer",
             r"failed to register layer: (?:rename|symlink|Error).{0,300}(?:directory not empty|input/output error|file exists|readlink)"),
            # not of a pod with user namespaces of its own
            ("any", "overlay", r"(?i:failed to mount|creating overlay mount)(?!.*mapped mount) .{0,300}overlay.{0,600}"
             r"(?:invalid argument|structure needs cleaning)"),
            ("any", "mount rootfs component", r"failed to mount rootfs component: invalid argument"),  # since containerd 1.7 no more is said
            ("any", "layer not known",
             r"(?:creating (?:read-write layer|pod sandbox|container)|error locating item|mounting storage).{0,400}layer not known"),
            ("any", "creating read-write layer",
             r"creating read-write layer with ID .{1,300}: \(?(?:symlink|[Ll]?[Ss]tat|mkdir) .{1,300}no such file or directory"),
            ("any", "content digest", r"(?:error unpacking image|from content store)\b.{0,500}content digest sha256:\w{1,64}: not found"),
            ("any", "bucket: not found", r"failed to create snapshot: missing parent .{1,160} bucket: not found"),
            ("any", "sandbox container spec", r"failed to generate sandbox container spec: invalid empty entrypoint and cmd in image config"),
            ("any", "parent snapshot", r"parent snapshot \S{1,100} does not exist: not found"),
            ("any", "recreating the missing symlinks", r"error recreating the missing symlinks: .{1,200}no such file or directory"),
            ("any", "failed to stat parent", r"failed to stat parent: stat \S+/snapshots/\d+/fs: no such file or directory"),
            ("any", "structure needs cleaning",
             r"(?P<path>/(?:var/lib/(?:containerd|docker|containers|kubelet))[^\s:\"]*): structure needs cleaning"),
        ],
        confirm=["journalctl -k | grep -iE 'overlay|xfs|ext4'", "xfs_info /var/lib/containerd | grep ftype"],
        fix=[
            "remove the image it names: crictl rmi IMAGE; then let it be pulled again",
            "if many: drain; systemctl disable --now kubelet {unit}; move the runtime's directory away; systemctl enable kubelet {unit}; reboot, "
            "which ends the old containers",
        ],
        caused_by=["host.unclean_shutdown", "disk.full", "storage.fs_error", "storage.io_error", "runtime.storage_unusable"],
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
            ("any", "inspect sandbox image", r"failed to inspect sandbox image \"(?P<image>[^\"\\]+)"),
            ("any", "pullimage from image service failed",
             r"PullImage from image service failed.{0,80}failed to pull and unpack image \"(?P<image>[^\"]*/pause[^\"]*)\""),
            # all that a pager leaves of it
            ("runtime", "trying next host",
             r"trying next host\" error=\"failed to do request: \w+ \"https?://\S+/v2/(?:\S+/)?(?P<image>pause[\w.-]*)/manifests/"),
            ("any", "pull sandbox image", r"unable to pull sandbox image \"(?P<image>[^\"]+)\""),
            ("any", "creating pod sandbox with name",
             r"creating pod sandbox with name .{0,300}(?:docker://(?P<image>[^\s\"]*pause[^\s\"]*?): (?:pinging|reading manifest)"
             r"|pinging container registry)"),
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
        caused_by=["net.name_servers_missing", "net.name_servers_failing", "net.no_default_route", "api.name_unresolved"],
    ),
    failure(
        "runtime.create_failed",
        title="Containers cannot be created (runc or shim error)",
        severity="warning",
        role="symptom",
        what="The runtime works, but starting a process in a new container fails; the end of the message names why.",
        log=[
            ("any", "runtime create failed", r"OCI runtime create failed: " + _OF_NODE + r"(?P<reason>.{1,200})"),
            # a sandbox is the node's own, except for the sysctls and the limit that its pod sets
            ("any", "runtime create failed", r"(?:RunPodSandbox from runtime service failed|CreatePodSandbox for pod|Failed to create pod sandbox)"
             r"(?=.{0,400}OCI runtime create failed)(?!.*(?:sysctl|OOM-killed|memory limit|[Ii][Dd][Mm][Aa][Pp]|userns|runsc))"
             r".{0,400}OCI runtime create failed: (?P<reason>.{1,200})"),
            ("any", "container create failed", r"container create failed: " + _OF_NODE + r"(?P<reason>.{1,200})"),
            ("any", "failed to create shim",
             r"failed to create shim(?: task)?: (?!OCI runtime create failed)" + _OF_NODE + r"(?P<reason>.{1,200})"),
            ("any", "failed to start shim", r"failed to start shim: (?P<reason>.{1,200})"),
            ("any", "failed to start sandbox container", r"failed to start sandbox container.{0,160}ttrpc: closed"),
        ],
        confirm=["journalctl -u containerd -u docker -u crio | grep -iE 'OCI runtime|shim' | tail", "crictl pods --state NotReady | head"],
        fix=["fix what the end of the message names: cgroup, PIDs, space, seccomp"],
        caused_by=["pids.exhausted", "pids.pod_limit", "pids.service_limit", "disk.full", "disk.inodes_full", "disk.read_only",
                   "limits.cgroups", "systemd.hung", "memory.low", "memory.oom.start", "kubelet.cgroup_driver_mismatch",
                   "kubelet.cgroups_missing",
                   "runtime.storage_corrupt", "runtime.runc_broken", "limits.open_files", "kernel.hung_task", "storage.slow_disk",
                   "memory.thrash"],
    ),
    failure(
        "runtime.list_too_large",
        title="The runtime's list of containers is too large for one message",
        severity="critical",
        role="cause",
        what="So many containers (mostly dead ones) or images are there that the answer exceeds what gRPC may carry (4, 8 or 16 MiB). The "
             "kubelet cannot list them, so it neither cleans up nor starts pods, and says NotReady.",
        log=[("any", "message larger than max",
              r"grpc: (?P<reason>(?:received message|trying to send message|received message after decompression) larger than max"
              r" \(\d+ vs\. (?:4194304|8388608|16777216)\))")],
        confirm=["crictl --timeout 60s ps -aq | wc -l; crictl --timeout 60s images -q | wc -l", "ls /var/log/pods | wc -l"],
        fix=[
            "remove dead containers: docker container prune -f; ctr -n k8s.io containers ls, ctr -n k8s.io containers rm ID",
            "find what makes them by the thousand: a CronJob without limits, a pod that fails at once",
            "systemctl restart kubelet",
        ],
    ),
    failure(
        "runtime.runc_broken",
        title="The program that starts containers does not run (runc, crun, shim)",
        severity="critical",
        role="cause",
        what="The runtime answers, but the binary it calls for each container is missing, does not fit its libraries or the kernel, or "
             "crashes. No pod starts, static pods and the CNI agent included.",
        log=[
            ("any", "did not terminate su",
             # not what is left to clean up after a container that was killed: there is no reason behind the exit status then
             r"(?P<program>runc|crun|nvidia-container-runtime|\S{1,60}) did not terminate suc+essfully: "
             r"(?P<reason>(?!exit status \d+: ?\\*\"(?: |$))(?!.*(?:temporarily unavailable|cannot allocate|no space left|deadline)).{1,160})"),
            ("any", "executable file not found",
             r"^(?!.*validating ).*exec: \"(?P<program>\S*?(?:runc|crun|conmon|nvidia-container-runtime|containerd-shim[\w.-]*))\": "
             r"executable file not found"),
            ("any", "fork/exec ", r"fork/exec (?P<program>/\S*(?:runc|crun|conmon|nvidia-container-runtime|containerd-shim[\w.-]*)): "
             r"(?P<reason>no such file or directory|permission denied|exec format error)"),
            ("any", "error adding seccomp ", r"error adding seccomp (?:filter )?rule for syscall (?P<syscall>\w+)"),
            ("any", "error while loading shared libraries",
             r"(?P<program>runc|crun|conmon): (?P<reason>error while loading shared .{1,120})"),
            ("any", "symbol lookup error", r"(?P<program>runc|crun|conmon): (?P<reason>symbol lookup error.{1,120})"),
            ("any", "unsafe procfs detected", r"(?P<reason>unsafe procfs detected: .{1,120})"),
            ("any", "kvm kernel module", r"(?P<reason>Could not access KVM kernel module: .{1,80})"),  # kata's machine monitor
        ],
        ends=[("kubelet", "containerstarted", r"SyncLoop \(PLEG\).{0,300}ContainerStarted")],
        confirm=["runc --version; ldd $(command -v runc)", "containerd config dump | grep -iE 'runtime_type|BinaryName'", "uname -r"],
        fix=[
            "install runc (or crun) and libseccomp of the versions that the runtime's packages ask for",
            "systemctl restart {unit}",
        ],
    ),
    failure(
        "runtime.apparmor_unusable",
        title="AppArmor is on, and the runtime's profile cannot be used",
        severity="critical",
        role="cause",
        what="The kernel has AppArmor enabled, so the runtime gives each container its default profile; the parser that loads it is not installed, "
             "or the profile was unloaded. No container that is not privileged starts.",
        log=[
            ("any", "apparmor_parser", r"(?P<reason>exec: \"apparmor_parser\": executable file not found in \$PATH)"),
            ("any", "default profile could not be loaded", r"AppArmor enabled on system but .{1,160} could not be loaded: (?P<reason>.{1,160})"),
            ("any", "load apparmor profile", r"load apparmor profile \S*(?:cri-containerd|docker|crio)\S*: (?P<reason>.{1,160})"),
            ("any", "apparmor failed to apply profile",
             r"unable to apply apparmor profile: (?P<reason>apparmor failed to apply profile: write \S+: (?:no such file or directory"
             r"|permission denied|operation not supported|invalid argument))"),
        ],
        ends=[("kubelet", "containerstarted", r"SyncLoop \(PLEG\).{0,300}ContainerStarted")],
        confirm=["cat /sys/module/apparmor/parameters/enabled; command -v apparmor_parser", "grep -cE 'cri-containerd|docker-default|crio-default' "
                 "/sys/kernel/security/apparmor/profiles"],
        fix=[
            "apt-get install apparmor   # or the distribution's package with apparmor_parser",
            "systemctl restart {unit}   # loads its profile again",
        ],
    ),
    failure(
        "runtime.handler_missing",
        title="The runtime has no handler of the name that pods ask for",
        severity="warning",
        role="cause",
        what="A RuntimeClass (nvidia, kata, gvisor) names a handler that is not in this node's runtime configuration, or its default is such a "
             "one: these pods get no sandbox. The configuration was written anew, or the runtime was not restarted after it.",
        log=[
            ("any", "no runtime for ", r"no runtime for \"(?P<handler>[^\"]{1,60})\" is configured"),
            ("any", "find runtime handler", r"failed to find runtime handler (?P<handler>[\w.-]{1,60}) from runtime list"),
        ],
        confirm=["containerd config dump | grep -A3 -E 'runtimes\\.|default_runtime_name'; crio config 2>/dev/null | grep runtimes",
                 "kubectl get runtimeclasses"],
        fix=[
            "set the handler up again: nvidia-ctk runtime configure --runtime=containerd, or the package of kata or gvisor",
            "systemctl restart {unit}",
        ],
    ),
    failure(
        "runtime.seccomp_memory",
        title="The kernel has no room for another seccomp filter",
        severity="critical",
        role="cause",
        what="Compiled BPF programs share net.core.bpf_jit_limit; when it is used up (some kernels never give it back) no container with a "
             "seccomp profile starts. Reported as errno 524.",
        log=[("any", "loading seccomp filter",
              r"error loading seccomp filter(?: into kernel)?: .{0,120}(?:errno 524|cannot allocate memory)")],
        confirm=["sysctl net.core.bpf_jit_limit; uname -r"],
        fix=["sysctl -w net.core.bpf_jit_limit=1073741824", "update the kernel; a reboot frees it for the time being"],
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
            ("any", "sandbox with name", r"pod sandbox with name \"?(?P<name>k8s_[\w.-]{1,200})\"? already exists"),  # CRI-O before 1.12
            # containers/storage; docker begins the name with a slash, and the kubelet then removes that container, unless it cannot
            ("any", "is already in use by",
             r"(?:container name \"|Error: Error response from daemon: Conflict\. The container name \"/)(?P<name>k8s_[^\"]{1,200})\" is already in use by"),
        ],
        confirm=["journalctl -u containerd -u crio | grep -B2 -m5 'is reserved'", "iostat -x 1 3"],
        fix=["find the first error of that pod before the reservations", "it ends with: systemctl restart {unit}"],
        caused_by=["runtime.sandbox_image", "runtime.metadata_corrupt", "runtime.hung", "runtime.slow", "storage.slow_disk",
                   "memory.thrash", "storage.nfs_gone", "disk.full", "kernel.hung_task"],
    ),
    failure(
        "runtime.slow",
        title="Pods cannot be started or stopped in time",
        severity="warning",
        role="symptom",
        what="The runtime answers, but making or removing a pod takes longer than the kubelet waits (2 to 4 minutes): a slow disk, a CNI "
             "plugin that waits for its agent, a container that cannot be killed.",
        log=[
            ("kubelet", "from runtime service failed",
             r"\b(?:(?:Run|Stop|Remove)PodSandbox|(?:Create|Start|Stop|Remove)Container)\b"
             r".{0,80}from runtime service failed.{0,300}" + _TIMED_OUT),
            ("kubelet", "failed to stop sandbox", r"Failed to stop sandbox.{0,160}before removing.{0,300}" + _TIMED_OUT),
            ("runtime", "to be killed", r"waiting for container .{1,90} to be killed.{0,160}(?:deadline exceeded|cancell?ed)"),
            ("runtime", "failed to kill container", r"failed to kill container .{1,90}: context (?:deadline exceeded|canceled)"),
            ("runtime", "get state for", r"msg=\"get state for \w+\" error=\"?context deadline exceeded"),  # its shim does not answer
        ],
        ends=[_STARTED],
        confirm=["iostat -x 1 3", "crictl pods --state NotReady | head", "ps -eo state,pid,wchan:32,args | grep '^D'"],
        fix=["find what it waits for: disk, CNI agent, or a process in state D"],
        caused_by=["runtime.hung", "storage.slow_disk", "storage.io_error", "storage.nfs_gone", "memory.thrash", "kernel.hung_task",
                   "kernel.netdev_refcount", "cni.agent_state_missing", "cni.service_unreachable", "cni.agent_not_ready", "disk.full",
                   "systemd.hung", "limits.xtables_lock"],
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
            ("runtime", "taskexit event", r"failed to handle (?:container|sandbox) TaskExit event.{0,400}deadline exceeded"),
        ],
        confirm=["pgrep -c containerd-shim; crictl ps -aq | wc -l", "ps -eo nlwp,pid,args --sort=-nlwp | grep shim | head"],
        fix=[
            "systemctl restart {unit}   # containerd, CRI-O: containers run on; docker without live-restore: all are stopped",
            "update containerd; drain and reboot if shims of dead containers remain",
        ],
    ),
]
