# Copyright: kubetriage.node contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

SAMPLES = {
    "kubelet.stopped": {
        "hits": [
            ("systemd 219", "systemd", "Nov 23 02:13:08 w2 systemd[1]: Stopped kubelet: The Kubernetes Node Agent."),
            ("systemd 252", "systemd", "Nov 23 02:13:08 w2 systemd[1]: Stopped kubelet.service - kubelet: The Kubernetes Node Agent."),
            ("systemd 249, k3s", "systemd", "Nov 23 02:13:08 w2 systemd[1]: Stopped Lightweight Kubernetes."),
        ],
        "misses": [
            ("systemd 252", "systemd", "Nov 23 02:13:08 w2 systemd[1]: Stopping kubelet.service - kubelet: The Kubernetes Node Agent..."),
            ("kubelet 1.28", "systemd", "Nov 23 02:13:08 w2 kubelet[812]: I1123 02:13:07.100000     812 x.go:1] Stopped kubelet is not what systemd says here"),
        ],
    },
    "kubelet.failed": {
        "hits": [
            ("systemd 252", "systemd", "Nov 23 02:13:08 w2 systemd[1]: kubelet.service: Start request repeated too quickly."),
            ("systemd 219", "systemd", "Nov 23 02:13:08 w2 systemd[1]: kubelet.service: main process exited, code=exited, status=255/n/a"),
            ("systemd 219", "systemd", "Nov 23 02:13:08 w2 systemd[1]: Unit kubelet.service entered failed state."),
            ("systemd 237", "systemd", "Nov 23 02:13:08 w2 systemd[1]: kubelet.service: Main process exited, code=exited, status=255/EXCEPTION"),
            ("systemd 252", "systemd", "Nov 23 02:13:08 w2 systemd[1]: kubelet.service: Main process exited, code=killed, status=9/KILL"),
            ("systemd 252", "systemd", "Nov 23 02:13:08 w2 systemd[1]: kubelet.service: Failed with result 'exit-code'."),
        ],
        "misses": [
            ("systemd 252", "systemd", "Nov 23 02:13:08 w2 systemd[1]: kubelet.service: Deactivated successfully."),
            ("systemd 245", "systemd", "Nov 23 02:13:08 w2 systemd[1]: kubelet.service: Succeeded."),
            ("systemd 252, by a stop", "systemd", "Nov 23 02:13:08 w2 systemd[1]: kubelet.service: Main process exited, code=killed, status=15/TERM"),
        ],
    },
    "kubelet.crash_loop": {
        "hits": [
            ("systemd 219", "systemd", "Nov 23 02:13:08 w2 systemd[1]: kubelet.service holdoff time over, scheduling restart."),
            ("systemd 237", "systemd", "Nov 23 02:13:08 w2 systemd[1]: kubelet.service: Service hold-off time over, scheduling restart."),
            ("systemd 252", "systemd", "Nov 23 02:13:08 w2 systemd[1]: kubelet.service: Scheduled restart job, restart counter is at 17."),
        ],
        "misses": [("systemd 252, once", "systemd", "Nov 23 02:13:08 w2 systemd[1]: kubelet.service: Scheduled restart job, restart counter is at 1.")],
    },
    "kubelet.start_failed": {
        "hits": [
            ("kubelet 1.35", "kubelet", "Nov 23 02:13:07 w2 kubelet[812]: E1123 02:13:07.100000     812 run.go:72] \"command failed\" err=\"invalid Node Allocatable configuration\""),
            ("kubelet 1.14", "kubelet", "Nov 23 02:13:07 w2 kubelet[812]: F1123 02:13:07.100000     812 server.go:265] failed to run Kubelet: could not init cloud provider \"x\": no such provider"),
            ("kubelet 1.30", "kubelet", "Nov 23 02:13:07 w2 kubelet[812]: E1123 02:13:07.100000     812 run.go:74] \"command failed\" err=\"failed to run Kubelet: could not detect clock speed from output\""),
            ("kubelet 1.22", "kubelet", "Nov 23 02:13:07 w2 kubelet[812]: E1123 02:13:07.100000     812 kubelet.go:1384] \"Failed to start ContainerManager\" err=\"invalid Node Allocatable configuration\""),
        ],
        "misses": [
            ("kubelet 1.28, before joining", "kubelet", "Nov 23 02:13:07 w2 kubelet[812]: E1123 02:13:07.100000     812 run.go:74] \"command failed\" err=\"failed to load kubelet config file, path: /var/lib/kubelet/config.yaml, error: failed to load Kubelet config file /var/lib/kubelet/config.yaml, error failed to read kubelet config file \\\"/var/lib/kubelet/config.yaml\\\", error: open /var/lib/kubelet/config.yaml: no such file or directory\""),
        ],
    },
    "kubelet.bad_flag": {
        "hits": [
            ("kubelet 1.20", "any", "Nov 23 02:13:07 w2 kubelet[812]: Error: failed to parse kubelet flag: invalid argument \"many\" for \"--max-pods\" flag: strconv.ParseInt: parsing \"many\": invalid syntax"),
            ("kubelet 1.31", "any", "Nov 23 02:13:07 w2 kubelet[812]: E1123 02:13:07.100000     812 run.go:72] \"command failed\" err=\"cannot set feature gate CPUManager to false, feature is locked to true\""),
            ("kubelet 1.24", "any", "Nov 23 02:13:07 w2 kubelet[812]: Error: failed to parse kubelet flag: unknown flag: --network-plugin"),
            ("kubelet 1.10", "any", "Nov 23 02:13:07 w2 kubelet[812]: error: unknown flag: --network-plugin-dir"),
            ("kubelet 1.30", "any", "Nov 23 02:13:07 w2 kubelet[812]: E1123 02:13:07.100000     812 run.go:74] \"command failed\" err=\"failed to parse kubelet flag: unknown flag: --container-runtime\""),
            ("k3s 1.28", "any", "Nov 23 02:13:07 w2 k3s[812]: Incorrect Usage: flag provided but not defined: -no-deploy"),
            ("kubelet 1.28", "any", "Nov 23 02:13:07 w2 kubelet[812]: E1123 02:13:07.100000     812 run.go:74] \"command failed\" err=\"failed to set feature gates from initial flags-based config: unrecognized feature gate: NoSuchGate\""),
        ],
        "misses": [
            ("kubelet 1.28", "any", "Nov 23 02:13:07 w2 kubelet[812]: Flag --pod-infra-container-image has been deprecated, will be removed in a future release."),
            ("kubelet 1.28", "any", "Nov 23 02:13:07 w2 kubelet[812]: W1123 02:13:07.100000     812 feature_gate.go:241] Setting GA feature gate KubeletConfigFile=true. It will be removed in a future release."),
        ],
    },
    "kubelet.config_invalid": {
        "hits": [
            ("kubelet 1.30, drop-in", "any", "Nov 23 02:13:07 w2 kubelet[812]: E1123 02:13:07.100000     812 run.go:74] \"command failed\" err=\"failed to merge kubelet configs: failed to walk through kubelet dropin directory\""),
            ("kubelet 1.18", "any", "Nov 23 02:13:07 w2 kubelet[812]: F1123 02:13:07.100000     812 server.go:199] failed to load Kubelet config file /var/lib/kubelet/config.yaml, error failed to decode, error: v1beta1.KubeletConfiguration.MaxPods: readUint32: unexpected character"),
            ("kubelet 1.30", "any", "Nov 23 02:13:07 w2 kubelet[812]: E1123 02:13:07.100000     812 run.go:74] \"command failed\" err=\"failed to load kubelet config file, path: /var/lib/kubelet/config.yaml, error: failed to load Kubelet config file /var/lib/kubelet/config.yaml, error failed to decode: yaml: line 7: mapping values are not allowed in this context\""),
            ("kubelet 1.30", "any", "Nov 23 02:13:07 w2 kubelet[812]: E1123 02:13:07.100000     812 run.go:74] \"command failed\" err=\"failed to validate kubelet configuration, error: invalid configuration: maxPods (MaxPods) 0 must be greater than 0, path: &TypeMeta{Kind:,APIVersion:,}\""),
        ],
        "misses": [
            ("kubelet 1.14, before joining", "any", "Nov 23 02:13:07 w2 kubelet[812]: F1123 02:13:07.100000     812 server.go:194] failed to load Kubelet config file /var/lib/kubelet/config.yaml, error failed to read kubelet config file \"/var/lib/kubelet/config.yaml\", error: open /var/lib/kubelet/config.yaml: no such file or directory"),
            ("kubelet 1.20", "any", "Nov 23 02:13:07 w2 kubelet[812]: W1123 02:13:07.100000     812 configset.go:348] WARNING: kubeadm cannot validate component configs for API groups [kubelet.config.k8s.io]"),
        ],
    },
    "kubelet.config_missing": {
        "hits": [
            ("kubelet 1.11", "any", "Nov 23 02:13:07 w2 kubelet[812]: F1123 02:13:07.100000     812 server.go:190] failed to load Kubelet config file /var/lib/kubelet/config.yaml, error failed to read kubelet config file \"/var/lib/kubelet/config.yaml\", error: open /var/lib/kubelet/config.yaml: no such file or directory"),
            ("kubelet 1.30", "any", "Nov 23 02:13:07 w2 kubelet[812]: E1123 02:13:07.100000     812 run.go:74] \"command failed\" err=\"failed to load kubelet config file, path: /var/lib/kubelet/config.yaml, error: failed to load Kubelet config file /var/lib/kubelet/config.yaml, error failed to read kubelet config file \\\"/var/lib/kubelet/config.yaml\\\", error: open /var/lib/kubelet/config.yaml: no such file or directory\""),
        ],
        "misses": [("kubelet 1.30", "any", "Nov 23 02:13:07 w2 kubelet[812]: open /run/systemd/resolve/resolv.conf: no such file or directory")],
    },
    "kubelet.swap_on": {
        "hits": [
            ("kubelet 1.9", "any", "Nov 23 02:13:07 w2 kubelet[812]: error: failed to run Kubelet: Running with swap on is not supported, please disable swap! or set --fail-swap-on flag to false. /proc/swaps contained: [Filename Type Size Used Priority /dev/sda2 partition 4194300 0 -1]"),
            ("kubelet 1.22", "any", "Nov 23 02:13:07 w2 kubelet[812]: E1123 02:13:07.100000     812 server.go:294] \"Failed to run kubelet\" err=\"failed to run Kubelet: running with swap on is not supported, please disable swap! or set --fail-swap-on flag to false. /proc/swaps contained: [Filename\\t\\t\\t\\tType]\""),
            ("kubelet 1.34", "any", "Nov 23 02:13:07 w2 kubelet[812]: E1123 02:13:07.100000     812 run.go:72] \"command failed\" err=\"failed to run Kubelet: running with swap on is not supported, please disable swap or set --fail-swap-on flag to false\""),
        ],
        "misses": [
            ("kubelet 1.30, allowed", "any", "Nov 23 02:13:07 w2 kubelet[812]: I1123 02:13:07.100000     812 swap_util.go:113] \"Swap is on\" /proc/swaps contents=<"),
            ("kubeadm 1.28", "any", "\t[WARNING Swap]: swap is supported for cgroup v2 only; the NodeSwap feature gate of the kubelet is beta but disabled by default"),
        ],
    },
    "kubelet.healthz_failing": {
        "hits": [
            ("health monitor of GCE", "any", "Nov 23 02:13:07 w2 health-monitor.sh[501]: Kubelet is unhealthy!"),
            ("kubeadm 1.20", "any", "[kubelet-check] The HTTP call equal to 'curl -sSL http://localhost:10248/healthz' failed with error: Get \"http://localhost:10248/healthz\": dial tcp 127.0.0.1:10248: connect: connection refused."),
        ],
        "misses": [("kubelet 1.28", "any", "Nov 23 02:13:07 w2 kubelet[812]: I1123 02:13:07.100000     812 server.go:163] \"Starting to listen\" address=\"0.0.0.0\" port=10250")],
    },
    "kubelet.watchdog_killed": {
        "hits": [
            ("systemd 252", "systemd", "Nov 23 02:13:08 w2 systemd[1]: kubelet.service: Watchdog timeout (limit 30s)!"),
            ("systemd 219", "systemd", "Nov 23 02:13:08 w2 systemd[1]: kubelet.service watchdog timeout (limit 30s)!"),
        ],
        "misses": [("systemd 252", "systemd", "Nov 23 02:13:08 w2 systemd[1]: systemd-journald.service: Watchdog timeout (limit 3min)!")],
    },
    "kubelet.wrong_node_name": {
        "hits": [
            ("kubelet 1.18", "any", "Nov 23 02:13:07 w2 kubelet[812]: E1123 02:13:07.100000     812 kubelet_node_status.go:92] Unable to register node \"w2-new\" with API server: nodes \"w2-new\" is forbidden: node \"w2\" is not allowed to modify node \"w2-new\""),
            ("kubelet 1.8", "any", "Nov 23 02:13:07 w2 kubelet[812]: E1123 02:13:07.100000     812 kubelet_node_status.go:107] Unable to register node \"w2-new\" with API server: nodes \"w2-new\" is forbidden: node \"w2\" cannot modify node \"w2-new\""),
            ("kubelet 1.30", "any", "Nov 23 02:13:07 w2 kubelet[812]: E1123 02:13:07.100000     812 kubelet_node_status.go:96] \"Unable to register node with API server\" err=\"nodes \\\"w2-new\\\" is forbidden: node \\\"w2\\\" is not allowed to modify node \\\"w2-new\\\"\" node=\"w2-new\""),
            ("kubelet 1.20", "any", "Nov 23 02:13:07 w2 kubelet[812]: E1123 02:13:07.100000     812 controller.go:144] failed to ensure lease exists, will retry in 7s, error: leases.coordination.k8s.io \"w2-new\" is forbidden: User \"system:node:w2\" cannot get resource \"leases\" in API group \"coordination.k8s.io\" in the namespace \"kube-node-lease\": can only access node lease with the same name as the requesting node"),
        ],
        "misses": [("kubelet 1.30", "any", "Nov 23 02:13:07 w2 kubelet[812]: E1123 02:13:07.100000     812 reflector.go:147] failed to list *v1.Secret: secrets \"x\" is forbidden: User \"system:node:w2\" cannot list resource \"secrets\": no relationship found between node 'w2' and this object")],
    },
    "kubelet.cgroup_driver_mismatch": {
        "hits": [
            ("kubelet 1.8", "any", "Nov 23 02:13:07 w2 kubelet[812]: error: failed to run Kubelet: failed to create kubelet: misconfiguration: kubelet cgroup driver: \"systemd\" is different from docker cgroup driver: \"cgroupfs\""),
            ("kubelet 1.22", "any", "Nov 23 02:13:07 w2 kubelet[812]: E1123 02:13:07.100000     812 server.go:294] \"Failed to run kubelet\" err=\"failed to run Kubelet: misconfiguration: kubelet cgroup driver: \\\"systemd\\\" is different from docker cgroup driver: \\\"cgroupfs\\\"\""),
            ("kubelet 1.17, quoted twice", "any", "Nov 23 02:13:07 w2 kubelet[812]: F1123 02:13:07.100000     812 server.go:273] failed to run Kubelet: failed to create kubelet: misconfiguration: kubelet cgroup driver: \"'systemd'\" is different from docker cgroup driver: \"systemd\""),
        ],
        "misses": [("kubelet 1.20", "any", "Nov 23 02:13:07 w2 kubelet[812]: I1123 02:13:07.100000     812 docker_service.go:264] Setting cgroupDriver to systemd"),
                   ("kubelet 1.20", "any", "Nov 23 02:13:07 w2 kubelet[812]: I1123 02:13:07.100000     812 x.go:1] kubelet cgroup driver: \"systemd\" agrees")],
    },
    "kubelet.cgroup_v1_refused": {
        "hits": [
            ("kubelet 1.35", "any", "Nov 23 02:13:07 w2 kubelet[812]: E1123 02:13:07.100000     812 run.go:72] \"command failed\" err=\"failed to run Kubelet: kubelet is configured to not run on a host using cgroup v1. cgroup v1 support is in maintenance mode\""),
            ("kubelet 1.36", "any", "Nov 23 02:13:07 w2 kubelet[812]: E1123 02:13:07.100000     812 run.go:72] \"command failed\" err=\"kubelet is configured to not run on a host using cgroup v1\""),
        ],
        "misses": [("kubelet 1.31, a warning", "any", "Nov 23 02:13:07 w2 kubelet[812]: W1123 02:13:07.100000     812 kubelet.go:1] \"CgroupV1 support is in maintenance mode, please migrate to Cgroup v2\" using cgroup v1")],
    },
    "kubelet.cgroups_missing": {
        "hits": [
            ("kubeadm 1.28", "any", "[ERROR SystemVerification]: missing required cgroups: memory"),
            ("k3s 1.28", "any", "Nov 23 02:13:07 w2 k3s[812]: time=\"2026-11-23T02:13:07Z\" level=fatal msg=\"failed to find memory cgroup (v2)\""),
            ("kubelet 1.14", "any", "Nov 23 02:13:07 w2 kubelet[812]: F1123 02:13:07.100000     812 kubelet.go:1359] Failed to start ContainerManager system validation failed - Following Cgroup subsystem not mounted: [cpu cpuacct cpuset memory]"),
            ("kubelet 1.22", "any", "Nov 23 02:13:07 w2 kubelet[812]: E1123 02:13:07.100000     812 kubelet.go:1384] \"Failed to start ContainerManager\" err=\"system validation failed - Following Cgroup subsystem not mounted: [memory]\""),
        ],
        "misses": [("kubeadm 1.20", "any", "\t[WARNING SystemVerification]: missing optional cgroups: hugetlb")],
    },
    "kubelet.qos_cgroups_failed": {
        "hits": [
            ("kubelet 1.10", "any", "Nov 23 02:13:07 w2 kubelet[812]: F1123 02:13:07.100000     812 kubelet.go:1354] Failed to start ContainerManager failed to initialise top level QOS containers: failed to update top level Burstable QOS cgroup : failed to set supported cgroup subsystems"),
            ("kubelet 1.28", "any", "Nov 23 02:13:07 w2 kubelet[812]: E1123 02:13:07.100000     812 kubelet.go:1542] \"Failed to start ContainerManager\" err=\"failed to initialize top level QOS containers: root container [kubepods] doesn't exist\""),
        ],
        "misses": [("kubelet 1.28", "any", "Nov 23 02:13:07 w2 kubelet[812]: I1123 02:13:07.100000     812 container_manager_linux.go:306] \"Creating device plugin manager\"")],
    },
    "kubelet.no_kubeconfig": {
        "hits": [
            ("kubelet 1.28", "any", "Nov 23 02:13:07 w2 kubelet[812]: E1123 02:13:07.100000     812 run.go:74] \"command failed\" err=\"failed to run Kubelet: invalid kubeconfig: stat /etc/kubernetes/kubelet.conf: no such file or directory\""),
            ("kubelet 1.30", "any", "Nov 23 02:13:07 w2 kubelet[812]: E1123 02:13:07.100000     812 run.go:74] \"command failed\" err=\"failed to run Kubelet: invalid configuration: unable to read client-cert /var/lib/kubelet/pki/kubelet-client-current.pem for default-auth due to open /var/lib/kubelet/pki/kubelet-client-current.pem: no such file or directory\""),
            ("kubelet 1.14", "any", "Nov 23 02:13:07 w2 kubelet[812]: F1123 02:13:07.100000     812 server.go:265] failed to run Kubelet: unable to load bootstrap kubeconfig: stat /etc/kubernetes/bootstrap-kubelet.conf: no such file or directory"),
            ("kubelet 1.30", "any", "Nov 23 02:13:07 w2 kubelet[812]: E1123 02:13:07.100000     812 run.go:74] \"command failed\" err=\"failed to run Kubelet: unable to load bootstrap kubeconfig: stat /etc/kubernetes/bootstrap-kubelet.conf: no such file or directory\""),
        ],
        "misses": [("kubelet 1.30", "any", "Nov 23 02:13:07 w2 kubelet[812]: I1123 02:13:07.100000     812 server.go:1] \"Client rotation is on, will bootstrap in background\"")],
    },
    "kubelet.port_in_use": {
        "hits": [
            ("kubelet 1.14", "kubelet", "Nov 23 02:13:07 w2 kubelet[812]: F1123 02:13:07.100000     812 server.go:151] listen tcp 0.0.0.0:10250: bind: address already in use"),
            ("kubelet 1.28", "kubelet", "Nov 23 02:13:07 w2 kubelet[812]: E1123 02:13:07.100000     812 server.go:177] \"Failed to listen and serve\" err=\"listen tcp 0.0.0.0:10250: bind: address already in use\""),
        ],
        "misses": [("kubelet 1.28, a pod's host port", "kubelet", "Nov 23 02:13:07 w2 kubelet[812]: E1123 02:13:07.100000     812 x.go:1] listen tcp4 :30080: bind: address already in use")],
    },
    "kubelet.resolv_conf_missing": {
        "hits": [
            ("kubelet 1.16", "kubelet", "Nov 23 02:13:07 w2 kubelet[812]: E1123 02:13:07.100000     812 pod_workers.go:191] Error syncing pod 3f0c, skipping: failed to \"CreatePodSandbox\" for \"a\" with CreatePodSandboxError: \"GeneratePodSandboxConfig for pod \\\"a\\\" failed: open /run/systemd/resolve/resolv.conf: no such file or directory\""),
            ("kubelet 1.28", "kubelet", "Nov 23 02:13:07 w2 kubelet[812]: E1123 02:13:07.100000     812 kuberuntime_sandbox.go:45] \"Failed to generate sandbox config for pod\" err=\"open /run/systemd/resolve/resolv.conf: no such file or directory\" pod=\"kube-system/etcd-w2\""),
        ],
        "misses": [("kubelet 1.28", "kubelet", "Nov 23 02:13:07 w2 kubelet[812]: E1123 02:13:07.100000     812 dns.go:153] \"Nameserver limits exceeded\" err=\"Nameserver limits were exceeded, some nameservers have been omitted, the applied nameserver line is: 10.0.0.2\"")],
    },
    "kubelet.bogus_memory_stats": {
        "hits": [
            ("kubelet 1.10", "kubelet", "Nov 23 02:13:07 w2 kubelet[812]: I1123 02:13:07.100000     812 helpers.go:827] eviction manager: thresholds - ignoring grace period: threshold [signal=memory.available, quantity=100Mi] observed -1234Ki"),
            ("kubelet 1.30", "kubelet", "Nov 23 02:13:07 w2 kubelet[812]: E1123 02:13:07.100000     812 eviction_manager.go:262] \"Eviction manager: failed to get summary stats\" err=\"unable to find data in memory cache\""),
        ],
        "misses": [("kubelet 1.30", "kubelet", "Nov 23 02:13:07 w2 kubelet[812]: E1123 02:13:07.100000     812 eviction_manager.go:262] \"Eviction manager: failed to get summary stats\" err=\"failed to get node info: node \\\"w2\\\" not found\"")],
    },
    "kubelet.csinode_waiting": {
        "hits": [
            ("kubelet 1.18", "kubelet", "Nov 23 02:13:07 w2 kubelet[812]: E1123 02:13:07.100000     812 csi_plugin.go:271] Failed to contact API server when waiting for CSINode publishing: Get https://10.0.0.1:6443/apis/storage.k8s.io/v1/csinodes/w2: dial tcp 10.0.0.1:6443: connect: connection refused"),
            ("kubelet 1.30, condition", "any", "Ready  False  ...  KubeletNotReady  [container runtime network not ready: x, CSINode is not yet initialized]"),
        ],
        "misses": [("kubelet 1.30", "any", "Nov 23 02:13:07 w2 kubelet[812]: I1123 02:13:07.100000     812 csi_plugin.go:112] kubernetes.io/csi: Register new plugin with name: csi.example.com at endpoint: /var/lib/kubelet/plugins/csi.example.com/csi.sock")],
    },
    "kubelet.unauthorized": {
        "hits": [
            ("kubelet 1.8", "any", "Nov 23 02:13:07 w2 kubelet[812]: E1123 02:13:07.100000     812 kubelet_node_status.go:106] Unable to register node \"w2\" with API server: the server has asked for the client to provide credentials (post nodes)"),
            ("kubelet 1.14", "any", "Nov 23 02:13:07 w2 kubelet[812]: E1123 02:13:07.100000     812 kubelet_node_status.go:92] Unable to register node \"w2\" with API server: Unauthorized"),
            ("kubelet 1.28", "any", "Nov 23 02:13:07 w2 kubelet[812]: E1123 02:13:07.100000     812 kubelet_node_status.go:92] \"Unable to register node with API server\" err=\"Unauthorized\" node=\"w2\""),
            ("kubelet 1.14", "any", "Nov 23 02:13:07 w2 kubelet[812]: E1123 02:13:07.100000     812 reflector.go:126] k8s.io/kubernetes/pkg/kubelet/kubelet.go:451: Failed to list *v1.Node: Unauthorized"),
            ("kubelet 1.30", "any", "Nov 23 02:13:07 w2 kubelet[812]: E1123 02:13:07.100000     812 controller.go:145] \"Failed to ensure lease exists, will retry\" err=\"Unauthorized\" interval=\"7s\""),
        ],
        "misses": [
            ("containerd 1.6, a registry", "any", "Nov 23 02:13:07 w2 containerd[701]: time=\"2026-11-23T02:13:07Z\" level=error error=\"failed to authorize: failed to fetch anonymous token: 401 Unauthorized\""),
            ("kubelet 1.28, its own server", "any", "Nov 23 02:13:07 w2 kubelet[812]: I1123 02:13:07.100000     812 server.go:1] \"HTTP\" verb=\"GET\" URI=\"/metrics\" resp=401 Unauthorized"),
        ],
    },
    "kubelet.node_not_found": {
        "hits": [
            ("kubelet 1.14", "any", "Nov 23 02:13:07 w2 kubelet[812]: E1123 02:13:07.100000     812 kubelet.go:2244] node \"w2\" not found"),
            ("kubelet 1.22", "any", "Nov 23 02:13:07 w2 kubelet[812]: E1123 02:13:07.100000     812 kubelet.go:2291] \"Error getting node\" err=\"node \\\"w2\\\" not found\""),
            ("kubelet 1.30", "any", "Nov 23 02:13:07 w2 kubelet[812]: E1123 02:13:07.100000     812 kubelet_node_status.go:462] \"Error getting the current node from lister\" err=\"node \\\"w2\\\" not found\""),
        ],
        "misses": [("kubelet 1.30", "any", "Nov 23 02:13:07 w2 kubelet[812]: E1123 02:13:07.100000     812 kuberuntime_manager.go:1] \"Failed to get pod\" err=\"pod \\\"db-0\\\" not found\"")],
    },
    "kubelet.pleg_unhealthy": {
        "hits": [
            ("kubelet 1.9", "any", "Nov 23 02:13:07 w2 kubelet[812]: I1123 02:13:07.100000     812 kubelet.go:1778] skipping pod synchronization - [PLEG is not healthy: pleg was last seen active 3m12.345678901s ago; threshold is 3m0s]"),
            ("kubelet 1.18", "any", "Nov 23 02:13:07 w2 kubelet[812]: E1123 02:13:07.100000     812 kubelet.go:1845] skipping pod synchronization - PLEG is not healthy: pleg was last seen active 3m12.345678901s ago; threshold is 3m0s"),
            ("kubelet 1.28", "any", "Nov 23 02:13:07 w2 kubelet[812]: E1123 02:13:07.100000     812 kubelet.go:2327] \"Skipping pod synchronization\" err=\"PLEG is not healthy: pleg was last seen active 3m12.345678901s ago; threshold is 3m0s\""),
        ],
        "misses": [("kubelet 1.28, at start", "any", "Nov 23 02:13:07 w2 kubelet[812]: E1123 02:13:07.100000     812 kubelet.go:2327] \"Skipping pod synchronization\" err=\"[container runtime status check may not have completed yet, PLEG is not healthy: pleg has yet to be successful]\"")],
    },
    "kubelet.runtime_down": {
        "hits": [
            ("kubelet 1.12", "any", "Nov 23 02:13:07 w2 kubelet[812]: I1123 02:13:07.100000     812 kubelet.go:1794] skipping pod synchronization - [container runtime is down]"),
            ("kubelet 1.28", "any", "Nov 23 02:13:07 w2 kubelet[812]: E1123 02:13:07.100000     812 kubelet.go:2327] \"Skipping pod synchronization\" err=\"container runtime is down\""),
        ],
        "misses": [("kubelet 1.28, at start", "any", "Nov 23 02:13:07 w2 kubelet[812]: E1123 02:13:07.100000     812 kubelet.go:2327] \"Skipping pod synchronization\" err=\"container runtime status check may not have completed yet\"")],
    },
    "kubelet.shutting_down": {
        "hits": [
            ("kubelet 1.24", "kubelet", "Nov 23 02:13:07 w2 kubelet[812]: I1123 02:13:07.100000     812 nodeshutdown_manager_linux.go:324] \"Shutdown manager processing shutdown event\""),
            ("kubelet 1.22, condition", "any", "Ready  False  ...  KubeletNotReady  node is shutting down"),
            ("kubelet 1.28", "kubelet", "Nov 23 02:13:07 w2 kubelet[812]: I1123 02:13:07.100000     812 nodeshutdown_manager_linux.go:265] \"Shutdown manager detected new shutdown event, isNodeShuttingDownNow\" event=true"),
        ],
        "misses": [
            ("kubelet 1.21", "kubelet", "Nov 23 02:13:07 w2 kubelet[812]: E1123 02:13:07.100000     812 kubelet.go:1453] \"Failed to start node shutdown manager\" err=\"failed reading InhibitDelayMaxUSec property from logind: dial unix /var/run/dbus/system_bus_socket: connect: no such file or directory\""),
            ("kubelet 1.28", "kubelet", "Nov 23 02:13:07 w2 kubelet[812]: I1123 02:13:07.100000     812 nodeshutdown_manager_linux.go:265] \"Shutdown manager detected new shutdown event, isNodeShuttingDownNow\" event=false"),
        ],
    },
    "kubelet.stale_connection": {
        "hits": [
            ("kubelet 1.19", "kubelet", "Nov 23 02:13:07 w2 kubelet[812]: E1123 02:13:07.100000     812 kubelet_node_status.go:442] Error updating node status, will retry: error getting node \"w2\": Get \"https://10.0.0.1:6443/api/v1/nodes/w2\": http2: no cached connection was available"),
            ("kubelet 1.16", "kubelet", "Nov 23 02:13:07 w2 kubelet[812]: E1123 02:13:07.100000     812 kubelet_node_status.go:388] Error updating node status, will retry: error getting node \"w2\": Get https://10.0.0.1:6443/api/v1/nodes/w2?timeout=10s: write tcp 10.0.0.12:41234->10.0.0.1:6443: use of closed network connection"),
            ("kubelet 1.18", "kubelet", "Nov 23 02:13:07 w2 kubelet[812]: E1123 02:13:07.100000     812 controller.go:178] failed to update node lease, error: Put https://10.0.0.1:6443/apis/coordination.k8s.io/v1/namespaces/kube-node-lease/leases/w2?timeout=10s: write tcp 10.0.0.12:41234->10.0.0.1:6443: use of closed network connection"),
        ],
        "misses": [("kubelet 1.18, a port-forward", "kubelet", "Nov 23 02:13:07 w2 kubelet[812]: E1123 02:13:07.100000     812 upgradeaware.go:371] Error proxying data from client to backend: read tcp 10.0.0.12:10250->10.0.0.1:41234: use of closed network connection")],
    },
    "kubelet.not_posting": {
        "hits": [
            ("controller manager 1.35", "controller", "I1123 02:13:07.100000   20475 node_lifecycle_controller.go:965] \"Node hasn't been updated\" node=\"w2\" duration=\"40.009569645s\" nodeConditionType=\"Ready\" currentCondition=\"&NodeCondition{Type:Ready,Status:Unknown,Reason:NodeStatusUnknown,}\""),
            ("controller manager 1.14, condition", "any", "Ready  Unknown  ...  NodeStatusUnknown  Kubelet stopped posting node status."),
            ("controller manager 1.14", "controller", "I1123 02:13:07.100000       1 node_lifecycle_controller.go:1067] node w2 hasn't been updated for 40.012s. Last Ready is: Unknown"),
            ("controller manager 1.28, never seen", "any", "Ready  Unknown  ...  NodeStatusNeverUpdated  Kubelet never posted node status."),
        ],
        "misses": [("kubelet 1.28, condition", "any", "Ready  True  ...  KubeletReady  kubelet is posting ready status")],
    },
    "kubelet.not_ready": {
        "hits": [
            ("controller manager 1.28, event", "any", "2m  Normal  NodeNotReady  node/w2  Node w2 status is now: NodeNotReady"),
            ("kubelet 1.14", "any", "Nov 23 02:13:07 w2 kubelet[812]: I1123 02:13:07.100000     812 setters.go:521] Node became not ready: {Type:Ready Status:False LastHeartbeatTime:2026-11-23 02:13:07 Reason:KubeletNotReady Message:container runtime is down}"),
            ("kubelet 1.28", "any", "Nov 23 02:13:07 w2 kubelet[812]: I1123 02:13:07.100000     812 setters.go:552] \"Node became not ready\" node=\"w2\" condition={\"type\":\"Ready\",\"status\":\"False\",\"reason\":\"KubeletNotReady\",\"message\":\"PLEG is not healthy: pleg was last seen active 3m2s ago; threshold is 3m0s\"}"),
        ],
        "misses": [
            ("kubelet 1.28", "any", "Nov 23 02:13:07 w2 kubelet[812]: I1123 02:13:07.100000     812 kubelet_node_status.go:497] \"Fast updating node status as it just became ready\""),
            ("kubelet 1.28, at start", "any", "Nov 23 02:13:07 w2 kubelet[812]: I1123 02:13:07.100000     812 setters.go:552] \"Node became not ready\" node=\"w2\" condition={\"type\":\"Ready\",\"status\":\"False\",\"reason\":\"KubeletNotReady\",\"message\":\"container runtime status check may not have completed yet\"}"),
        ],
    },
}
