# Copyright: kubetriage.node contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

SAMPLES = {
    "cni.config_missing": {
        "hits": [
            ("kubelet 1.10", "any", "Nov 23 02:13:07 w2 kubelet[812]: W1123 02:13:07.100000     812 cni.go:171] Unable to update cni config: No networks found in /etc/cni/net.d"),
            ("kubelet 1.20, docker", "any", "Nov 23 02:13:07 w2 kubelet[812]: W1123 02:13:07.100000     812 cni.go:239] Unable to update cni config: no networks found in /etc/cni/net.d"),
            ("CRI-O 1.24", "any", "Nov 23 02:13:07 w2 kubelet[812]: E1123 02:13:07.100000     812 kubelet.go:2349] \"Container runtime network not ready\" networkReady=\"NetworkReady=false reason:NetworkPluginNotReady message:Network plugin returns error: No CNI configuration file in /etc/cni/net.d/. Has your network provider started?\""),
            ("containerd 1.6", "runtime", "Nov 23 02:13:07 w2 containerd[701]: time=\"2026-11-23T02:13:07.1Z\" level=error msg=\"failed to reload cni configuration after receiving fs change event(\\\"/etc/cni/net.d/10-flannel.conflist\\\": REMOVE)\" error=\"cni config load failed: no network config found in /etc/cni/net.d: cni plugin not initialized: failed to load cni config\""),
            ("containerd 1.7", "runtime", "Nov 23 02:13:07 w2 containerd[701]: time=\"2026-11-23T02:13:07.1Z\" level=error msg=\"failed to reload cni configuration after receiving fs change event(RENAME        \\\"/etc/cni/net.d/10-flannel.conflist\\\")\" error=\"cni config load failed: no network config found in /etc/cni/net.d: cni plugin not initialized: failed to load cni config\""),
        ],
        "misses": [
            ("containerd 1.6, at its start on a new node", "runtime", "Nov 23 02:13:07 w2 containerd[701]: time=\"2026-11-23T02:13:07.1Z\" level=error msg=\"failed to load cni during init, please check CRI plugin status before setting up network for pods\" error=\"cni config load failed: no network config found in /etc/cni/net.d: cni plugin not initialized: failed to load cni config\""),
        ],
    },
    "cni.config_invalid": {
        "hits": [
            ("containerd 1.4", "any", "Nov 23 02:13:07 w2 containerd[701]: time=\"2026-11-23T02:13:07Z\" level=error msg=\"failed to load cni configuration\" error=\"error parsing configuration list: no 'plugins' key: invalid cni config\""),
            ("containerd 1.6", "any", "Nov 23 02:13:07 w2 containerd[701]: time=\"2026-11-23T02:13:07.1Z\" level=error msg=\"failed to load cni during init, please check CRI plugin status before setting up network for pods\" error=\"cni config load failed: failed to load CNI config list file /etc/cni/net.d/10-calico.conflist: error parsing configuration list: unexpected end of JSON input: invalid cni config: failed to load cni config\""),
            ("kubelet 1.14, docker", "any", "Nov 23 02:13:07 w2 kubelet[812]: W1123 02:13:07.100000     812 cni.go:202] Error loading CNI config list file /etc/cni/net.d/10-calico.conflist: error parsing configuration list: invalid character 'x' looking for beginning of value"),
        ],
        "misses": [
            ("containerd 1.6", "any", "Nov 23 02:13:07 w2 containerd[701]: time=\"2026-11-23T02:13:07.1Z\" level=error msg=\"failed to load cni during init, please check CRI plugin status before setting up network for pods\" error=\"cni config load failed: no network config found in /etc/cni/net.d: cni plugin not initialized: failed to load cni config\""),
        ],
    },
    "cni.binary_missing": {
        "hits": [
            ("containerd 1.6, wrong architecture", "any", "Nov 23 02:13:07 w2 kubelet[812]: E1123 02:13:07.100000     812 kuberuntime_sandbox.go:72] err=\"plugin type=\\\"loopback\\\" failed (add): netplugin failed with no error message: fork/exec /opt/cni/bin/loopback: exec format error\""),
            ("containerd 1.6, noexec", "any", "Nov 23 02:13:07 w2 kubelet[812]: E1123 02:13:07.100000     812 kuberuntime_sandbox.go:72] err=\"plugin type=\\\"flannel\\\" failed (add): netplugin failed with no error message: fork/exec /opt/cni/bin/flannel: permission denied\""),
            ("kubelet 1.14, docker", "any", "Nov 23 02:13:07 w2 kubelet[812]: E1123 02:13:07.100000     812 cni.go:331] Error adding shop_db-0/0a1b to network flannel/cbr0: failed to find plugin \"portmap\" in path [/opt/cni/bin]"),
            ("containerd 1.6", "any", "Nov 23 02:13:07 w2 kubelet[812]: E1123 02:13:07.100000     812 kuberuntime_sandbox.go:72] \"Failed to create sandbox for pod\" err=\"rpc error: code = Unknown desc = failed to setup network for sandbox \\\"0a1b\\\": plugin type=\\\"loopback\\\" failed (add): failed to find plugin \\\"loopback\\\" in path [/opt/cni/bin]\""),
        ],
        "misses": [("kubelet 1.28", "any", "Nov 23 02:13:07 w2 kubelet[812]: E1123 02:13:07.100000     812 plugins.go:1] no volume plugin matched name: example.com/x")],
    },
    "cni.agent_state_missing": {
        "hits": [
            ("ovn-kubernetes", "any", "Nov 23 02:13:07 w2 kubelet[812]: plugin type=\"ovn-k8s-cni-overlay\" failed (add): Post \"http://dummy/\": dial unix /var/run/ovn-kubernetes/cni/ovn-cni-server.sock: connect: no such file or directory"),
            ("weave 2.8", "any", "Nov 23 02:13:07 w2 kubelet[812]: NetworkPlugin cni failed to set up pod \"db-0_shop\" network: unable to allocate IP address: Post http://127.0.0.1:6784/ip/0a1b: dial tcp 127.0.0.1:6784: connect: connection refused"),
            ("aws-cni 1.12", "any", "Nov 23 02:13:07 w2 kubelet[812]: plugin type=\"aws-cni\" name=\"aws-cni\" failed (add): add cmd: Error received from AddNetwork gRPC call: rpc error: code = Unavailable desc = connection error: desc = \"transport: Error while dialing dial tcp 127.0.0.1:50051: connect: connection refused\""),
            ("flannel 0.9, docker", "any", "Nov 23 02:13:07 w2 kubelet[812]: E1123 02:13:07.100000     812 pod_workers.go:186] Error syncing pod: NetworkPlugin cni failed to set up pod \"db-0_shop\" network: open /run/flannel/subnet.env: no such file or directory"),
            ("flannel 1.1", "any", "Nov 23 02:13:07 w2 kubelet[812]: E1123 02:13:07.100000     812 kuberuntime_sandbox.go:72] err=\"failed to setup network for sandbox \\\"0a\\\": plugin type=\\\"flannel\\\" failed (add): loadFlannelSubnetEnv failed: open /run/flannel/subnet.env: no such file or directory\""),
            ("calico 3.25", "any", "Nov 23 02:13:07 w2 kubelet[812]: E1123 02:13:07.100000     812 kuberuntime_sandbox.go:72] err=\"plugin type=\\\"calico\\\" failed (add): stat /var/lib/calico/nodename: no such file or directory: check that the calico/node container is running and has mounted /var/lib/calico/\""),
            ("cilium 1.14", "any", "Nov 23 02:13:07 w2 kubelet[812]: err=\"plugin type=\\\"cilium-cni\\\" name=\\\"cilium\\\" failed (add): unable to connect to Cilium agent: failed to create cilium agent client after 30.000000 seconds timeout\""),
        ],
        "misses": [("kubelet 1.28", "any", "Nov 23 02:13:07 w2 kubelet[812]: open /run/systemd/resolve/resolv.conf: no such file or directory")],
    },
    "cni.agent_not_ready": {
        "hits": [
            ("calico 3.20", "any", "Readiness probe failed: calico/node is not ready: BIRD is not ready: Error querying BIRD: unable to connect to BIRDv4 socket: dial unix /var/run/calico/bird.ctl: connect: connection refused"),
            ("calico 3.25", "any", "Nov 23 02:13:07 w2 kubelet[812]: I1123 02:13:07.100000     812 prober.go:107] \"Probe failed\" probeType=\"Readiness\" output=\"calico/node is not ready: felix is not ready: Get \\\"http://localhost:9099/readiness\\\": dial tcp 127.0.0.1:9099: connect: connection refused\""),
            ("kubelet 1.28", "any", "Nov 23 02:13:07 w2 kubelet[812]: E1123 02:13:07.100000     812 pod_workers.go:1300] \"Error syncing pod, skipping\" err=\"failed to \\\"StartContainer\\\" for \\\"kube-flannel\\\" with CrashLoopBackOff: \\\"back-off 5m0s restarting failed container=kube-flannel pod=kube-flannel-ds-x_kube-flannel(3f0c)\\\"\" pod=\"kube-flannel/kube-flannel-ds-x\""),
            ("kubelet 1.14", "any", "Nov 23 02:13:07 w2 kubelet[812]: E1123 02:13:07.100000     812 pod_workers.go:190] Error syncing pod 3f0c (\"calico-node-x_kube-system(3f0c)\"), skipping: failed to \"StartContainer\" for \"calico-node\" with CrashLoopBackOff: \"Back-off 5m0s restarting failed container=calico-node\""),
        ],
        "misses": [("kubelet 1.28, an ordinary pod", "any", "Nov 23 02:13:07 w2 kubelet[812]: E1123 02:13:07.100000     812 pod_workers.go:1300] \"Error syncing pod, skipping\" err=\"failed to \\\"StartContainer\\\" for \\\"app\\\" with CrashLoopBackOff: \\\"back-off 5m0s\\\"\" pod=\"shop/db-0\"")],
    },
    "cni.pod_cidr_missing": {
        "hits": [
            ("flanneld 0.11", "any", "E1123 02:13:07.100000       1 main.go:289] Error registering network: failed to acquire lease: node \"w2\" pod cidr not assigned"),
            ("kubelet 1.10, kubenet", "any", "Nov 23 02:13:07 w2 kubelet[812]: E1123 02:13:07.100000     812 kubelet.go:2125] Container runtime network not ready: NetworkReady=false reason:NetworkPluginNotReady message:docker: network plugin is not ready: Kubenet does not have netConfig. This is most likely due to lack of PodCIDR"),
            ("controller manager 1.28, event", "any", "2m  Normal  CIDRNotAvailable  node/w2  Node w2 status is now: CIDRNotAvailable"),
        ],
        "misses": [("flanneld 0.22", "any", "I1123 02:13:07.100000       1 kube.go:1] Node controller sync successful, pod cidr 10.244.2.0/24")],
    },
    "cni.ip_exhausted": {
        "hits": [
            ("aws-node 1.12", "any", "{\"level\":\"error\",\"ts\":\"2026-11-23T02:13:07.1Z\",\"caller\":\"awsutils/awsutils.go:1\",\"msg\":\"InsufficientFreeAddressesInSubnet: The specified subnet does not have enough free addresses\"}"),
            ("host-local 0.8", "any", "Nov 23 02:13:07 w2 kubelet[812]: failed to allocate for range 0: no IP addresses available in range set: 10.244.2.1-10.244.2.254"),
            ("host-local 0.6", "any", "Nov 23 02:13:07 w2 kubelet[812]: NetworkPlugin cni failed to set up pod \"a_b\" network: no IP addresses available in network: cbr0"),
            ("aws-cni 1.12", "any", "Nov 23 02:13:07 w2 kubelet[812]: plugin type=\"aws-cni\" name=\"aws-cni\" failed (add): add cmd: failed to assign an IP address to container"),
        ],
        "misses": [("kubelet 1.28", "any", "Nov 23 02:13:07 w2 kubelet[812]: no IP addresses of the pod are known yet")],
    },
    "cni.service_unreachable": {
        "hits": [
            ("aws-node 1.9", "any", "{\"level\":\"error\",\"ts\":\"2026-11-23T02:13:07.1Z\",\"caller\":\"aws-k8s-agent/main.go:42\",\"msg\":\"Failed to check API server connectivity: invalid configuration\"}"),
            ("calico 3.25", "any", "Nov 23 02:13:07 w2 kubelet[812]: E1123 02:13:07.100000     812 kuberuntime_sandbox.go:72] err=\"failed to setup network for sandbox \\\"0a\\\": plugin type=\\\"calico\\\" failed (add): error getting ClusterInformation: Get \\\"https://10.96.0.1:443/apis/crd.projectcalico.org/v1/clusterinformations/default\\\": dial tcp 10.96.0.1:443: i/o timeout\""),
            ("calico 3.8, docker", "any", "Nov 23 02:13:07 w2 kubelet[812]: NetworkPlugin cni failed to set up pod \"db-0_shop\" network: error getting ClusterInformation: Get https://[10.96.0.1]:443/apis/crd.projectcalico.org/v1/clusterinformations/default: dial tcp 10.96.0.1:443: connect: no route to host"),
            ("aws-node 1.7", "any", "{\"level\":\"error\",\"ts\":\"2026-11-23T02:13:07.1Z\",\"caller\":\"aws-k8s-agent/main.go:28\",\"msg\":\"Unable to reach API Server\"}"),
        ],
        "misses": [("kubelet 1.28, its own way", "any", "Nov 23 02:13:07 w2 kubelet[812]: \"Failed to update lease\" err=\"Put \\\"https://10.0.0.1:6443/apis/coordination.k8s.io/v1/x\\\": dial tcp 10.0.0.1:6443: i/o timeout\"")],
    },
    "cni.kube_proxy_down": {
        "hits": [
            ("kubelet 1.28", "any", "Nov 23 02:13:07 w2 kubelet[812]: E1123 02:13:07.100000     812 pod_workers.go:1300] \"Error syncing pod, skipping\" err=\"failed to \\\"StartContainer\\\" for \\\"kube-proxy\\\" with CrashLoopBackOff: \\\"back-off 5m0s\\\"\" pod=\"kube-system/kube-proxy-x\""),
            ("kube-proxy 1.21", "any", "E1123 02:13:07.100000       1 reflector.go:138] k8s.io/client-go/informers/factory.go:134: Failed to watch *v1.EndpointSlice: failed to list *v1.EndpointSlice: the server could not find the requested resource"),
        ],
        "misses": [("kubelet 1.28", "any", "Nov 23 02:13:07 w2 kubelet[812]: failed to list *v1.CSIDriver: the server could not find the requested resource")],
    },
    "cni.routes_missing": {
        "hits": [
            ("calico 3.8", "any", "bird: Netlink: Network is down"),
            ("calico 3.20", "any", "2026-11-23T02:13:07.1Z stdout F bird: Mesh_10_0_0_3: Socket error: bind: Address not available"),
        ],
        "misses": [("calico 3.20", "any", "bird: device1: State changed to up")],
    },
    "cni.not_initialized": {
        "hits": [
            ("kubelet 1.10, docker", "any", "Nov 23 02:13:07 w2 kubelet[812]: E1123 02:13:07.100000     812 kubelet.go:2125] Container runtime network not ready: NetworkReady=false reason:NetworkPluginNotReady message:docker: network plugin is not ready: cni config uninitialized"),
            ("kubelet 1.28", "any", "Nov 23 02:13:07 w2 kubelet[812]: E1123 02:13:07.100000     812 kubelet.go:2895] \"Container runtime network not ready\" networkReady=\"NetworkReady=false reason:NetworkPluginNotReady message:Network plugin returns error: cni plugin not initialized\""),
        ],
        "misses": [("kubelet 1.28", "any", "Nov 23 02:13:07 w2 kubelet[812]: I1123 02:13:07.100000     812 setters.go:1] \"Node became ready\" reason=KubeletReady")],
    },
    "cni.chains_flushed": {
        "hits": [
            ("kubelet 1.18", "any", "Nov 23 02:13:07 w2 kubelet[812]: W1123 02:13:07.100000     812 iptables.go:550] iptables canary mangle/KUBE-KUBELET-CANARY deleted"),
            ("kube-proxy 1.24", "any", "I1123 02:13:07.100000       1 iptables.go:601] \"IPTables canary deleted\" table=\"mangle\" chain=\"KUBE-PROXY-CANARY\""),
        ],
        "misses": [("kubelet 1.28", "any", "Nov 23 02:13:07 w2 kubelet[812]: E1123 02:13:07.100000     812 iptables.go:575] \"Could not set up iptables canary\" err=\"error creating chain\" table=\"nat\" chain=\"KUBE-KUBELET-CANARY\"")],
    },
    "cni.backend_mix": {
        "hits": [
            ("iptables 1.8.4", "any", "# Warning: iptables-legacy tables present, use iptables-legacy to see them"),
            ("iptables 1.6.0", "any", "iptables v1.6.0: can't initialize iptables table `nat': Table does not exist (do you need to insmod?)"),
        ],
        "misses": [("iptables 1.8.4", "any", "# Generated by iptables-save v1.8.4 on Mon Nov 23 02:13:07 2026")],
    },
    "cni.drop_all": {
        "hits": [
            ("iptables-save 1.8", "any", "-A KUBE-FIREWALL -m comment --comment \"kubernetes firewall for dropping marked packets\" -j DROP"),
            ("iptables-save 1.8", "any", "-A KUBE-FIREWALL -j DROP"),
        ],
        "misses": [
            ("iptables-save 1.8", "any", "-A KUBE-FIREWALL -m comment --comment \"kubernetes firewall for dropping marked packets\" -m mark --mark 0x8000/0x8000 -j DROP"),
            ("iptables-save 1.8", "any", "-A KUBE-FIREWALL ! -s 127.0.0.0/8 -d 127.0.0.0/8 -m comment --comment \"block incoming localnet connections\" -m conntrack ! --ctstate RELATED,ESTABLISHED,DNAT -j DROP"),
        ],
    },
    "cni.ip_forward_off": {
        "hits": [
            ("kubeadm 1.22", "any", "\t[ERROR FileContent--proc-sys-net-ipv4-ip_forward]: /proc/sys/net/ipv4/ip_forward contents are not set to 1"),
            ("kubeadm 1.30", "any", "[ERROR FileContent--proc-sys-net-ipv4-ip_forward]: /proc/sys/net/ipv4/ip_forward contents are not set to 1"),
        ],
        "misses": [("sysctl", "any", "net.ipv4.ip_forward = 1")],
    },
    "cni.br_netfilter_missing": {
        "hits": [
            ("kube-proxy 1.18", "any", "W1123 02:13:07.100000       1 proxier.go:1] missing br-netfilter module or unset sysctl br-nf-call-iptables; proxy may not work as intended"),
            ("sysctl", "any", "sysctl: cannot stat /proc/sys/net/bridge/bridge-nf-call-iptables: No such file or directory"),
            ("flanneld 0.24", "any", "E1123 02:13:07.100000       1 main.go:268] Failed to check br_netfilter: stat /proc/sys/net/bridge/bridge-nf-call-iptables: no such file or directory"),
        ],
        "misses": [("sysctl", "any", "net.bridge.bridge-nf-call-iptables = 1")],
    },
}
