# Copyright: kubetriage.node contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

SAMPLES = {
    "api.name_unresolved": {
        "hits": [
            ("kubelet 1.12", "any", "Nov 23 02:13:07 w2 kubelet[812]: E1123 02:13:07.100000     812 reflector.go:134] k8s.io/kubernetes/pkg/kubelet/kubelet.go:453: Failed to list *v1.Node: Get https://api.example.com:6443/api/v1/nodes?limit=500: dial tcp: lookup api.example.com on 10.0.0.2:53: no such host"),
            ("kubelet 1.30", "any", "Nov 23 02:13:07 w2 kubelet[812]: E1123 02:13:07.100000     812 controller.go:145] \"Failed to ensure lease exists, will retry\" err=\"Get \\\"https://api.example.com:6443/apis/coordination.k8s.io/v1/namespaces/kube-node-lease/leases/w2?timeout=10s\\\": dial tcp: lookup api.example.com on 10.0.0.2:53: server misbehaving\" interval=\"7s\""),
            ("kubelet 1.28", "any", "Nov 23 02:13:07 w2 kubelet[812]: E1123 02:13:07.100000     812 controller.go:145] \"Failed to ensure lease exists, will retry\" err=\"Get \\\"https://api.example.com/apis/coordination.k8s.io/v1/namespaces/kube-node-lease/leases/w2\\\": dial tcp: lookup api.example.com: i/o timeout\""),
        ],
        "misses": [("containerd 1.6, a registry", "any", "Nov 23 02:13:07 w2 containerd[701]: time=\"2026-11-23T02:13:07Z\" level=error error=\"failed to do request: Head \\\"https://registry.example.com/v2/x/manifests/1\\\": dial tcp: lookup registry.example.com on 10.0.0.2:53: no such host\"")],
    },
    "api.refused": {
        "hits": [
            ("kubelet 1.8", "any", "Nov 23 02:13:07 w2 kubelet[812]: E1123 02:13:07.100000     812 reflector.go:205] k8s.io/kubernetes/pkg/kubelet/kubelet.go:422: Failed to list *v1.Node: Get https://10.0.0.1:6443/api/v1/nodes?fieldSelector=metadata.name%3Dw2: dial tcp 10.0.0.1:6443: getsockopt: connection refused"),
            ("kubelet 1.30", "any", "Nov 23 02:13:07 w2 kubelet[812]: E1123 02:13:07.100000     812 kubelet_node_status.go:544] \"Error updating node status, will retry\" err=\"error getting node \\\"w2\\\": Get \\\"https://10.0.0.1:6443/api/v1/nodes/w2?timeout=10s\\\": dial tcp 10.0.0.1:6443: connect: connection refused\""),
            ("k3s 1.28", "any", "Nov 23 02:13:07 w2 k3s[812]: E1123 02:13:07.100000     812 leaderelection.go:330] Get \"https://127.0.0.1:6444/apis/coordination.k8s.io/v1/namespaces/kube-system/leases/k3s\": dial tcp 127.0.0.1:6444: connect: connection refused"),
        ],
        "misses": [
            ("kubelet 1.28, a probe", "any", "Nov 23 02:13:07 w2 kubelet[812]: I1123 02:13:07.100000     812 prober.go:107] \"Probe failed\" probeType=\"Readiness\" pod=\"a/b\" probeResult=failure output=\"Get \\\"https://10.244.1.7:8443/api/health\\\": dial tcp 10.244.1.7:8443: connect: connection refused\""),
            ("kubelet 1.28, the plugin's own way", "any", "Nov 23 02:13:07 w2 kubelet[812]: E1123 02:13:07.100000     812 kuberuntime_sandbox.go:72] err=\"failed to setup network for sandbox \\\"0a\\\": plugin type=\\\"calico\\\" failed (add): error getting ClusterInformation: Get \\\"https://10.96.0.1:443/apis/crd.projectcalico.org/v1/clusterinformations/default\\\": dial tcp 10.96.0.1:443: connect: connection refused\""),
            ("kubelet 1.28, the runtime", "any", "Nov 23 02:13:07 w2 kubelet[812]: dial unix /run/containerd/containerd.sock: connect: connection refused"),
        ],
    },
    "api.timeout": {
        "hits": [
            ("kubelet 1.14", "any", "Nov 23 02:13:07 w2 kubelet[812]: E1123 02:13:07.100000     812 reflector.go:126] Failed to list *v1.Node: Get https://10.0.0.1:6443/api/v1/nodes?limit=500: dial tcp 10.0.0.1:6443: i/o timeout"),
            ("kubelet 1.14", "any", "Nov 23 02:13:07 w2 kubelet[812]: E1123 02:13:07.100000     812 kubelet_node_status.go:380] Error updating node status, will retry: error getting node \"w2\": Get https://10.0.0.1:6443/api/v1/nodes/w2?timeout=10s: net/http: request canceled while waiting for connection (Client.Timeout exceeded while awaiting headers)"),
            ("kubelet 1.30", "any", "Nov 23 02:13:07 w2 kubelet[812]: E1123 02:13:07.100000     812 controller.go:195] \"Failed to update lease\" err=\"Put \\\"https://10.0.0.1:6443/apis/coordination.k8s.io/v1/namespaces/kube-node-lease/leases/w2?timeout=10s\\\": context deadline exceeded\""),
            ("kubelet 1.20", "any", "Nov 23 02:13:07 w2 kubelet[812]: E1123 02:13:07.100000     812 reflector.go:138] Failed to watch *v1.Pod: failed to list *v1.Pod: Get \"https://10.0.0.1:6443/api/v1/pods\": net/http: TLS handshake timeout"),
            ("kubelet 1.28", "any", "Nov 23 02:13:07 w2 kubelet[812]: E1123 02:13:07.100000     812 controller.go:193] \"Failed to update lease\" err=\"Put \\\"https://10.0.0.1:6443/apis/coordination.k8s.io/v1/namespaces/kube-node-lease/leases/w2?timeout=10s\\\": http2: client connection lost\""),
        ],
        "misses": [
            ("kubelet 1.28, the runtime", "any", "Nov 23 02:13:07 w2 kubelet[812]: E1123 02:13:07.100000     812 remote_runtime.go:294] \"ListPodSandbox with filter from runtime service failed\" err=\"rpc error: code = DeadlineExceeded desc = context deadline exceeded\""),
            ("kubelet 1.28, the plugin's own way", "any", "Nov 23 02:13:07 w2 kubelet[812]: plugin type=\"calico\" failed (add): error getting ClusterInformation: Get \"https://10.96.0.1:443/apis/crd.projectcalico.org/v1/x\": dial tcp 10.96.0.1:443: i/o timeout"),
        ],
    },
    "api.no_route": {
        "hits": [
            ("kubelet 1.10", "any", "Nov 23 02:13:07 w2 kubelet[812]: E1123 02:13:07.100000     812 reflector.go:205] Failed to list *v1.Node: Get https://10.0.0.1:6443/api/v1/nodes: dial tcp 10.0.0.1:6443: getsockopt: no route to host"),
            ("kubelet 1.30", "any", "Nov 23 02:13:07 w2 kubelet[812]: E1123 02:13:07.100000     812 controller.go:195] \"Failed to update lease\" err=\"Put \\\"https://10.0.0.1:6443/apis/coordination.k8s.io/v1/namespaces/kube-node-lease/leases/w2?timeout=10s\\\": dial tcp 10.0.0.1:6443: connect: network is unreachable\""),
        ],
        "misses": [("kubelet 1.28, a probe", "any", "Nov 23 02:13:07 w2 kubelet[812]: I1123 02:13:07.100000     812 prober.go:107] \"Probe failed\" output=\"Get \\\"http://10.244.1.7:80/api/\\\": dial tcp 10.244.1.7:80: connect: no route to host\"")],
    },
    "api.tls_failed": {
        "hits": [
            ("kubelet 1.28", "any", "Nov 23 02:13:07 w2 kubelet[812]: E1123 02:13:07.100000     812 reflector.go:147] failed to list *v1.Node: Get \"https://10.0.0.9:6443/api/v1/nodes\": tls: failed to verify certificate: x509: cannot validate certificate for 10.0.0.9 because it doesn't contain any IP SANs"),
            ("kubelet 1.28", "any", "Nov 23 02:13:07 w2 kubelet[812]: E1123 02:13:07.100000     812 reflector.go:147] failed to list *v1.Node: Get \"https://10.0.0.9:6443/api/v1/nodes\": remote error: tls: handshake failure"),
            ("kubelet 1.14", "any", "Nov 23 02:13:07 w2 kubelet[812]: E1123 02:13:07.100000     812 reflector.go:126] Failed to list *v1.Node: Get https://10.0.0.9:6443/api/v1/nodes: x509: certificate is valid for 10.96.0.1, 10.0.0.1, not 10.0.0.9"),
            ("kubelet 1.28", "any", "Nov 23 02:13:07 w2 kubelet[812]: E1123 02:13:07.100000     812 controller.go:145] \"Failed to ensure lease exists, will retry\" err=\"Get \\\"https://10.0.0.9:6443/apis/coordination.k8s.io/v1/x\\\": http: server gave HTTP response to HTTPS client\""),
        ],
        "misses": [("kubelet 1.28, its own server", "any", "Nov 23 02:13:07 w2 kubelet[812]: I1123 02:13:07.100000     812 log.go:245] http: TLS handshake error from 10.0.0.1:41234: remote error: tls: bad certificate")],
    },
    "api.etcd_failing": {
        "hits": [
            ("kubelet 1.14", "any", "Nov 23 02:13:07 w2 kubelet[812]: E1123 02:13:07.100000     812 controller.go:170] failed to update node lease, error: etcdserver: request timed out"),
            ("kubelet 1.28", "any", "Nov 23 02:13:07 w2 kubelet[812]: E1123 02:13:07.100000     812 controller.go:193] \"Failed to update lease\" err=\"etcdserver: request timed out\""),
            ("kube-apiserver 1.28", "any", "E1123 02:13:07.100000       1 status.go:71] apiserver received an error that is not an metav1.Status: etcdserver: mvcc: database space exceeded"),
        ],
        "misses": [("etcd 3.3", "any", "2026-11-23 02:13:07.123456 I | etcdserver: saved snapshot at index 100001")],
    },
    "api.lease_failing": {
        "hits": [
            ("kubelet 1.9", "any", "Nov 23 02:13:07 w2 kubelet[812]: E1123 02:13:07.100000     812 kubelet_node_status.go:383] Error updating node status, will retry: error getting node \"w2\": Get https://10.0.0.1:6443/api/v1/nodes/w2: EOF"),
            ("kubelet 1.14", "any", "Nov 23 02:13:07 w2 kubelet[812]: E1123 02:13:07.100000     812 controller.go:115] failed to ensure node lease exists, will retry in 7s, error: Get https://10.0.0.1:6443/apis/coordination.k8s.io/v1beta1/x: dial tcp 10.0.0.1:6443: connect: connection refused"),
            ("kubelet 1.22", "any", "Nov 23 02:13:07 w2 kubelet[812]: E1123 02:13:07.100000     812 controller.go:187] failed to update lease, error: Put \"https://10.0.0.1:6443/apis/coordination.k8s.io/v1/x\": context deadline exceeded"),
            ("kubelet 1.30", "any", "Nov 23 02:13:07 w2 kubelet[812]: E1123 02:13:07.100000     812 controller.go:145] \"Failed to ensure lease exists, will retry\" err=\"Get \\\"https://10.0.0.1:6443/apis/x\\\": EOF\" interval=\"7s\""),
            ("kubelet 1.30", "any", "Nov 23 02:13:07 w2 kubelet[812]: E1123 02:13:07.100000     812 kubelet_node_status.go:531] \"Unable to update node status\" err=\"update node status exceeds retry count\""),
        ],
        "misses": [("kubelet 1.28, two writers once", "any", "Nov 23 02:13:07 w2 kubelet[812]: E1123 02:13:07.100000     812 controller.go:193] \"Failed to update lease\" err=\"Operation cannot be fulfilled on leases.coordination.k8s.io \\\"w2\\\": the object has been modified; please apply your changes to the latest version and try again\"")],
    },
}
