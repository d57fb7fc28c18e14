# Copyright: kubetriage.node contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

SAMPLES = {
    "runtime.stopped": {
        "hits": [
            ("systemd 219", "systemd", "Nov 23 02:13:08 w2 systemd[1]: Stopped Docker Application Container Engine."),
            ("systemd 247", "systemd", "Nov 23 02:13:08 w2 systemd[1]: Stopped containerd container runtime."),
            ("systemd 252", "systemd", "Nov 23 02:13:08 w2 systemd[1]: Stopped containerd.service - containerd container runtime."),
            ("systemd 239", "systemd", "Nov 23 02:13:08 w2 systemd[1]: Stopped Open Container Initiative Daemon."),
        ],
        "misses": [
            ("systemd 247", "systemd", "Nov 23 02:13:08 w2 systemd[1]: Stopping containerd container runtime..."),
            ("systemd 219", "systemd", "Nov 23 02:13:08 w2 systemd[1]: Stopped libcontainer container 0123456789ab."),
        ],
    },
    "runtime.failed": {
        "hits": [
            ("systemd 219", "systemd", "Nov 23 02:13:08 w2 systemd[1]: Unit docker.service entered failed state."),
            ("systemd 219", "systemd", "Nov 23 02:13:08 w2 systemd[1]: docker.service: main process exited, code=exited, status=2/INVALIDARGUMENT"),
            ("systemd 249", "systemd", "Nov 23 02:13:08 w2 systemd[1]: containerd.service: Main process exited, code=killed, status=9/KILL"),
            ("systemd 252", "systemd", "Nov 23 02:13:08 w2 systemd[1]: crio.service: Failed with result 'exit-code'."),
            ("systemd 245", "systemd", "Nov 23 02:13:08 w2 systemd[1]: containerd.service: Start request repeated too quickly."),
        ],
        "misses": [
            ("systemd 249, stopped by a person", "systemd", "Nov 23 02:13:08 w2 systemd[1]: containerd.service: Main process exited, code=killed, status=15/TERM"),
            ("systemd 249", "systemd", "Nov 23 02:13:08 w2 systemd[1]: nginx.service: Failed with result 'exit-code'."),
            ("systemd 249", "systemd", "Nov 23 02:13:08 w2 systemd[1]: containerd.service: Deactivated successfully."),
        ],
    },
    "runtime.hung": {
        "hits": [
            ("kubelet 1.18", "kubelet", "Nov 23 02:13:07 w2 kubelet[812]: E1123 02:13:07.100000     812 remote_runtime.go:295] ListContainers with filter &ContainerFilter{Id:,State:nil,PodSandboxId:,LabelSelector:map[string]string{},} from runtime service failed: rpc error: code = DeadlineExceeded desc = context deadline exceeded"),
            ("kubelet 1.28", "kubelet", "Nov 23 02:13:07 w2 kubelet[812]: E1123 02:13:07.100000     812 remote_runtime.go:294] \"ListPodSandbox with filter from runtime service failed\" err=\"rpc error: code = DeadlineExceeded desc = context deadline exceeded\" filter=\"nil\""),
            ("kubelet 1.9, docker", "kubelet", "Nov 23 02:13:07 w2 kubelet[812]: E1123 02:13:07.100000     812 remote_runtime.go:169] ListPodSandbox with filter nil from runtime service failed: rpc error: code = Unknown desc = operation timeout: context deadline exceeded"),
            ("kubelet 1.28", "kubelet", "Nov 23 02:13:07 w2 kubelet[812]: E1123 02:13:07.100000     812 generic.go:238] \"GenericPLEG: Unable to retrieve pods\" err=\"rpc error: code = DeadlineExceeded desc = context deadline exceeded\""),
            ("kubelet 1.30", "kubelet", "Nov 23 02:13:07 w2 kubelet[812]: E1123 02:13:07.100000     812 kubelet.go:2885] \"Container runtime sanity check failed\" err=\"rpc error: code = DeadlineExceeded desc = context deadline exceeded\""),
        ],
        "misses": [
            ("kubelet 1.28, one container", "kubelet", "Nov 23 02:13:07 w2 kubelet[812]: E1123 02:13:07.100000     812 remote_runtime.go:496] \"ExecSync cmd from runtime service failed\" err=\"rpc error: code = DeadlineExceeded desc = failed to exec in container: timeout 1s exceeded: context deadline exceeded\" containerID=\"0a1b\" cmd=[\"/bin/probe\"]"),
            ("kubelet 1.28, nobody listens", "kubelet", "Nov 23 02:13:07 w2 kubelet[812]: E1123 02:13:07.100000     812 remote_runtime.go:294] \"ListPodSandbox with filter from runtime service failed\" err=\"rpc error: code = Unavailable desc = connection error: desc = \\\"transport: Error while dialing: dial unix /run/containerd/containerd.sock: connect: connection refused\\\"\" filter=\"nil\""),
        ],
    },
    "runtime.socket_refused": {
        "hits": [
            ("kubelet 1.26", "any", "Nov 23 02:13:07 w2 kubelet[812]: E1123 02:13:07.100000     812 run.go:74] \"command failed\" err=\"failed to run Kubelet: validate service connection: validate CRI v1 runtime API for endpoint \\\"unix:///run/containerd/containerd.sock\\\": rpc error: code = Unavailable desc = connection error: desc = \\\"transport: Error while dialing: dial unix /run/containerd/containerd.sock: connect: no such file or directory\\\"\""),
            ("kubelet 1.22", "any", "Nov 23 02:13:07 w2 kubelet[812]: E1123 02:13:07.100000     812 remote_runtime.go:86] \"Version from runtime service failed\" err=\"rpc error: code = Unavailable desc = connection error: desc = \\\"transport: Error while dialing dial unix /run/crio/crio.sock: connect: connection refused\\\"\""),
            ("kubelet 1.9, docker", "any", "Nov 23 02:13:07 w2 kubelet[812]: E1123 02:13:07.100000     812 kubelet.go:1265] Container garbage collection failed: rpc error: code = Unknown desc = Cannot connect to the Docker daemon at unix:///var/run/docker.sock. Is the docker daemon running?"),
        ],
        "misses": [
            ("kubelet 1.12, cAdvisor looks around", "any", "Nov 23 02:13:07 w2 kubelet[812]: W1123 02:13:07.100000     812 manager.go:349] Could not configure a source for OOM detection; unable to connect to CRI-O api service: Get http://%2Fvar%2Frun%2Fcrio%2Fcrio.sock/info: dial unix /var/run/crio/crio.sock: connect: no such file or directory"),
            ("kubelet 1.24, a CSI driver", "any", "Nov 23 02:13:07 w2 kubelet[812]: W1123 02:13:07.100000     812 clientconn.go:1331] grpc: addrConn.createTransport failed to connect: dial unix /var/lib/kubelet/plugins/csi.example.com/csi.sock: connect: connection refused"),
            ("calico", "any", "Readiness probe failed: calico/node is not ready: BIRD is not ready: Error querying BIRD: unable to connect to BIRDv4 socket: dial unix /var/run/calico/bird.ctl: connect: connection refused"),
        ],
    },
    "runtime.wrong_endpoint": {
        "hits": [
            ("kubelet 1.24", "kubelet", "Nov 23 02:13:07 w2 kubelet[812]: E1123 02:13:07.100000     812 run.go:74] \"command failed\" err=\"failed to run Kubelet: unable to determine runtime API version: rpc error: code = Unavailable desc = connection error: desc = \\\"transport: Error while dialing dial unix /var/run/dockershim.sock: connect: no such file or directory\\\"\""),
            ("kubelet 1.28", "kubelet", "Nov 23 02:13:07 w2 kubelet[812]: E1123 02:13:07.100000     812 run.go:74] \"command failed\" err=\"failed to run Kubelet: validate service connection: rpc error: code = Unavailable desc = connection error: desc = \\\"transport: Error while dialing: dial unix /var/run/dockershim.sock: connect: no such file or directory\\\"\""),
        ],
        "misses": [
            ("crictl 1.24", "kubelet", "WARN[0000] runtime connect using default endpoints: [unix:///var/run/dockershim.sock unix:///run/containerd/containerd.sock unix:///run/crio/crio.sock]. As the default settings are now deprecated, you should set the endpoint instead."),
            ("kubelet 1.28", "kubelet", "Nov 23 02:13:07 w2 kubelet[812]: dial unix /run/containerd/containerd.sock: connect: no such file or directory"),
        ],
    },
    "runtime.cri_disabled": {
        "hits": [
            ("kubelet 1.12", "any", "Nov 23 02:13:07 w2 kubelet[812]: F1123 02:13:07.100000     812 server.go:262] failed to run Kubelet: failed to create kubelet: rpc error: code = Unimplemented desc = unknown service runtime.v1alpha2.RuntimeService"),
            ("kubelet 1.25", "any", "Nov 23 02:13:07 w2 kubelet[812]: E1123 02:13:07.100000     812 run.go:74] \"command failed\" err=\"failed to run Kubelet: validate service connection: CRI v1 runtime API is not implemented for endpoint \\\"unix:///run/containerd/containerd.sock\\\": rpc error: code = Unimplemented desc = unknown service runtime.v1.RuntimeService\""),
            ("kubelet 1.30", "any", "Nov 23 02:13:07 w2 kubelet[812]: E1123 02:13:07.100000     812 run.go:74] \"command failed\" err=\"failed to run Kubelet: validate service connection: validate CRI v1 runtime API for endpoint \\\"unix:///run/containerd/containerd.sock\\\": rpc error: code = Unimplemented desc = unknown service runtime.v1.RuntimeService\""),
        ],
        "misses": [
            ("kubelet 1.30, nobody listens", "any", "Nov 23 02:13:07 w2 kubelet[812]: E1123 02:13:07.100000     812 run.go:74] \"command failed\" err=\"failed to run Kubelet: validate service connection: validate CRI v1 runtime API for endpoint \\\"unix:///run/containerd/containerd.sock\\\": rpc error: code = Unavailable desc = connection error\""),
            ("a CSI driver", "any", "rpc error: code = Unimplemented desc = unknown service csi.v1.Controller"),
        ],
    },
    "runtime.cri_plugin_failed": {
        "hits": [
            ("containerd 1.5", "runtime", "Nov 23 02:13:07 w2 containerd[701]: time=\"2026-11-23T02:13:07.1Z\" level=warning msg=\"failed to load plugin io.containerd.grpc.v1.cri\" error=\"invalid plugin config: `mirrors` cannot be set when `config_path` is provided\""),
            ("containerd 2.2", "runtime", "Nov 23 02:13:07 w2 containerd[701]: time=\"2026-11-23T02:13:07.1Z\" level=warning msg=\"failed to load plugin\" error=\"unable to load CRI image service plugin dependency: invalid cri image config: `mirrors` cannot be set when `config_path` is provided\" id=io.containerd.podsandbox.controller.v1.podsandbox type=io.containerd.podsandbox.controller.v1"),
            ("containerd 2.0", "runtime", "Nov 23 02:13:07 w2 containerd[701]: time=\"2026-11-23T02:13:07.1Z\" level=warning msg=\"failed to load plugin\" error=\"invalid plugin config: no default runtime\" id=io.containerd.cri.v1.runtime type=io.containerd.cri.v1"),
        ],
        "misses": [
            ("containerd 1.6", "runtime", "Nov 23 02:13:07 w2 containerd[701]: time=\"2026-11-23T02:13:07.1Z\" level=warning msg=\"failed to load plugin io.containerd.snapshotter.v1.devmapper\" error=\"devmapper not configured\""),
            ("containerd 1.6", "runtime", "Nov 23 02:13:07 w2 containerd[701]: time=\"2026-11-23T02:13:07.1Z\" level=info msg=\"skip loading plugin \\\"io.containerd.snapshotter.v1.aufs\\\"...\" error=\"aufs is not supported (modprobe aufs failed: exit status 1 \\\"\\\"): skip plugin\" type=io.containerd.snapshotter.v1"),
        ],
    },
    "runtime.config_invalid": {
        "hits": [
            ("containerd 1.7", "runtime", "Nov 23 02:13:07 w2 containerd[701]: containerd: failed to unmarshal TOML: toml: cannot decode TOML string into bool"),
            ("containerd 1.6", "runtime", "Nov 23 02:13:07 w2 containerd[701]: containerd: failed to load TOML: /etc/containerd/config.toml: (12, 3): was expecting token =, but got EOF instead"),
            ("containerd 1.7", "runtime", "Nov 23 02:13:07 w2 containerd[701]: containerd: failed to load TOML from /etc/containerd/config.toml: (12, 3): unexpected token"),
            ("docker 20.10", "runtime", "Nov 23 02:13:07 w2 dockerd[701]: unable to configure the Docker daemon with file /etc/docker/daemon.json: invalid character '}' looking for beginning of object key string"),
            ("CRI-O 1.24", "runtime", "Nov 23 02:13:07 w2 crio[701]: time=\"2026-11-23 02:13:07\" level=fatal msg=\"validating runtime config: conmon validation: invalid conmon path: stat /usr/bin/conmon: no such file or directory\""),
        ],
        "misses": [("containerd 1.6", "runtime", "Nov 23 02:13:07 w2 containerd[701]: time=\"2026-11-23T02:13:07.1Z\" level=info msg=\"starting containerd\" revision=abc version=1.6.20")],
    },
    "runtime.not_ready": {
        "hits": [
            ("kubelet 1.14", "any", "Nov 23 02:13:07 w2 kubelet[812]: E1123 02:13:07.100000     812 kubelet.go:2170] Container runtime not ready: RuntimeReady=false reason:DockerDaemonNotReady message:docker: failed to get docker version: Cannot connect"),
            ("kubelet 1.28", "any", "Nov 23 02:13:07 w2 kubelet[812]: E1123 02:13:07.100000     812 kubelet.go:2895] \"Container runtime not ready\" runtimeReady=\"RuntimeReady=false reason:ContainerdNotReady message:x\""),
        ],
        "misses": [("kubelet 1.28", "any", "Nov 23 02:13:07 w2 kubelet[812]: E1123 02:13:07.100000     812 kubelet.go:2895] \"Container runtime network not ready\" networkReady=\"NetworkReady=false reason:NetworkPluginNotReady message:Network plugin returns error: cni plugin not initialized\"")],
    },
    "runtime.metadata_corrupt": {
        "hits": [
            ("containerd 1.3", "runtime", "Nov 23 02:13:07 w2 containerd[701]: panic: invalid freelist page: 56, page type is leaf"),
            ("containerd 1.2", "runtime", "Nov 23 02:13:07 w2 containerd[701]: panic: invalid page type: 0: 4"),
            ("containerd 1.7", "runtime", "Nov 23 02:13:07 w2 containerd[701]: panic: assertion failed: Page expected to be: 23, but self identifies as 0"),
            ("containerd 1.4", "runtime", "Nov 23 02:13:07 w2 containerd[701]: panic: page 42 already freed"),
        ],
        "misses": [
            ("containerd 1.6", "runtime", "Nov 23 02:13:07 w2 containerd[701]: panic: runtime error: invalid memory address or nil pointer dereference"),
            ("etcd 3.4", "runtime", "Nov 23 02:13:07 w2 etcd[601]: panic: invalid page type: 0: 4"),
        ],
    },
    "runtime.storage_corrupt": {
        "hits": [
            ("containerd 1.6", "any", "Nov 23 02:13:07 w2 containerd[701]: time=\"2026-11-23T02:13:07Z\" level=error error=\"mkdir /var/lib/containerd/io.containerd.snapshotter.v1.overlayfs/snapshots/42: structure needs cleaning\""),
            ("docker 18.09", "any", "Nov 23 02:13:07 w2 dockerd[701]: time=\"2026-11-23T02:13:07Z\" level=error msg=\"Handler for POST /v1.38/containers/create returned error: readlink /var/lib/docker/overlay2/l: invalid argument\""),
            ("docker 19.03", "any", "Nov 23 02:13:07 w2 dockerd[701]: failed to register layer: rename /var/lib/docker/image/overlay2/layerdb/tmp/write-set-1 /var/lib/docker/image/overlay2/layerdb/sha256/0a: directory not empty"),
            ("containerd 1.6", "runtime", "Nov 23 02:13:07 w2 containerd[701]: time=\"2026-11-23T02:13:07Z\" level=error msg=\"failed\" error=\"failed to mount rootfs component: mount source: \\\"overlay\\\", target: \\\"/run/x\\\", fstype: overlay, err: invalid argument\""),
        ],
        "misses": [("kernel 5.15", "any", "[    3.000000] overlayfs: missing 'lowerdir'")],
    },
    "runtime.sandbox_image": {
        "hits": [
            ("CRI-O 1.28", "any", "Nov 23 02:13:07 w2 kubelet[812]: E1123 02:13:07.100000     812 kuberuntime_sandbox.go:72] \"Failed to create sandbox for pod\" err=\"rpc error: code = Unknown desc = error creating pod sandbox with name \\\"k8s_db-0_shop_3f0c_0\\\": initializing source docker://registry.k8s.io/pause:3.9: pinging container registry registry.k8s.io: Get \\\"https://registry.k8s.io/v2/\\\": dial tcp: i/o timeout\""),
            ("containerd 1.6", "any", "Nov 23 02:13:07 w2 containerd[701]: time=\"2026-11-23T02:13:07Z\" level=error msg=\"RunPodSandbox for &PodSandboxMetadata{Name:etcd-w2,} failed, error\" error=\"failed to get sandbox image \\\"registry.example.com/pause:3.6\\\": failed to pull image \\\"registry.example.com/pause:3.6\\\": failed to pull and unpack image: failed to resolve reference: failed to do request: Head \\\"https://registry.example.com/v2/pause/manifests/3.6\\\": dial tcp: lookup registry.example.com: no such host\""),
            ("kubelet 1.14, docker", "any", "Nov 23 02:13:07 w2 kubelet[812]: E1123 02:13:07.100000     812 pod_workers.go:190] Error syncing pod: failed to \"CreatePodSandbox\": rpc error: code = Unknown desc = failed pulling image \"k8s.gcr.io/pause:3.1\": Error response from daemon: Get https://k8s.gcr.io/v2/: net/http: request canceled"),
            ("containerd 2.0", "any", "Nov 23 02:13:07 w2 kubelet[812]: E1123 02:13:07.100000     812 kuberuntime_sandbox.go:72] \"Failed to create sandbox for pod\" err=\"rpc error: code = Unknown desc = failed to start sandbox \\\"0a1b\\\": failed to get sandbox image \\\"registry.k8s.io/pause:3.10\\\": failed to pull image\""),
        ],
        "misses": [("containerd 1.6, an ordinary image", "any", "Nov 23 02:13:07 w2 containerd[701]: time=\"2026-11-23T02:13:07Z\" level=error msg=\"PullImage \\\"nginx:none\\\" failed\" error=\"failed to pull and unpack image: failed to resolve reference \\\"docker.io/library/nginx:none\\\": not found\"")],
    },
    "runtime.create_failed": {
        "hits": [
            ("containerd 1.7", "any", "Nov 23 02:13:07 w2 containerd[701]: time=\"2026-11-23T02:13:07Z\" level=error msg=\"StartContainer failed\" error=\"failed to create containerd task: failed to create shim task: context deadline exceeded: unknown\""),
            ("docker 18.09", "any", "Nov 23 02:13:07 w2 dockerd[701]: Handler for POST /containers/0a/start returned error: OCI runtime create failed: container_linux.go:345: starting container process caused \"process_linux.go:281: applying cgroup configuration for process caused \\\"failed to write 100000 to cpu.cfs_period_us\\\"\": unknown"),
            ("containerd 1.6", "any", "Nov 23 02:13:07 w2 containerd[701]: time=\"2026-11-23T02:13:07Z\" level=error msg=\"StartContainer failed\" error=\"failed to create containerd task: failed to create shim task: OCI runtime create failed: runc create failed: unable to start container process: error during container init: error mounting cgroup: unknown\""),
            ("containerd 1.5", "any", "Nov 23 02:13:07 w2 containerd[701]: time=\"2026-11-23T02:13:07Z\" level=error error=\"failed to create containerd task: failed to start shim: start failed: : exit status 1: unknown\""),
        ],
        "misses": [
            ("containerd 1.6, a wrong command", "any", "Nov 23 02:13:07 w2 kubelet[812]: E1123 02:13:07.100000     812 remote_runtime.go:343] \"StartContainer from runtime service failed\" err=\"rpc error: code = Unknown desc = failed to create containerd task: failed to create shim task: OCI runtime create failed: runc create failed: unable to start container process: exec: \\\"/app\\\": executable file not found in $PATH: unknown\""),
        ],
    },
    "runtime.name_reserved": {
        "hits": [
            ("containerd 1.6", "any", "Nov 23 02:13:07 w2 kubelet[812]: E1123 02:13:07.100000     812 remote_runtime.go:176] \"RunPodSandbox from runtime service failed\" err=\"rpc error: code = Unknown desc = failed to reserve sandbox name \\\"db-0_shop_3f0c_1\\\": name \\\"db-0_shop_3f0c_1\\\" is reserved for \\\"0a1b2c\\\"\""),
            ("CRI-O 1.20", "any", "Nov 23 02:13:07 w2 kubelet[812]: E1123 02:13:07.100000     812 remote_runtime.go:116] RunPodSandbox from runtime service failed: rpc error: code = Unknown desc = error reserving pod name k8s_db-0_shop_3f0c_1 for id 0a1b2c: name is reserved"),
        ],
        "misses": [("kubelet 1.28", "any", "Nov 23 02:13:07 w2 kubelet[812]: I1123 02:13:07.100000     812 setters.go:1] system reserved memory is reserved for daemons")],
    },
    "runtime.shim_leak": {
        "hits": [
            ("containerd 1.5", "runtime", "Nov 23 02:13:07 w2 containerd[701]: time=\"2026-11-23T02:13:07Z\" level=warning msg=\"cleaning up after shim disconnected\" id=0a1b namespace=k8s.io error=\"failed to delete task\""),
            ("containerd 1.6", "runtime", "Nov 23 02:13:07 w2 containerd[701]: time=\"2026-11-23T02:13:07Z\" level=warning msg=\"cleaning up dead shim\" id=0a1b error=\"fork/exec /usr/bin/containerd-shim-runc-v2: resource temporarily unavailable\""),
        ],
        "misses": [("containerd 1.6, normal end", "runtime", "Nov 23 02:13:07 w2 containerd[701]: time=\"2026-11-23T02:13:07Z\" level=info msg=\"cleaning up dead shim\"")],
    },
}
