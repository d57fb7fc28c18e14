# Copyright: kubetriage.node contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

SAMPLES = {
    "cert.client_expired": {
        "hits": [
            ("kubelet 1.24", "any", "Nov 23 02:13:07 w2 kubelet[812]: E1123 02:13:07.100000     812 reflector.go:138] failed to list *v1.Node: Get \"https://10.0.0.1:6443/api/v1/nodes\": remote error: tls: expired certificate"),
            ("kubelet 1.14", "any", "Nov 23 02:13:07 w2 kubelet[812]: E1123 02:13:07.100000     812 bootstrap.go:263] Part of the existing bootstrap client certificate is expired: 2026-11-22 10:00:00 +0000 UTC"),
            ("kubelet 1.19", "any", "Nov 23 02:13:07 w2 kubelet[812]: E1123 02:13:07.100000     812 bootstrap.go:265] part of the existing bootstrap client certificate is expired: 2026-11-22 10:00:00 +0000 UTC"),
            ("kubelet 1.28", "any", "Nov 23 02:13:07 w2 kubelet[812]: E1123 02:13:07.100000     812 bootstrap.go:266] part of the existing bootstrap client certificate in /etc/kubernetes/kubelet.conf is expired: 2026-11-22 10:00:00 +0000 UTC"),
            ("kubelet 1.18, running", "kubelet", "Nov 23 02:13:07 w2 kubelet[812]: F1123 02:13:07.100000     812 transport.go:110] It has been 5m0s since a valid client cert was found, but the server is not responsive. A restart may be necessary to retrieve new initial credentials."),
            ("kubelet 1.12, running", "kubelet", "Nov 23 02:13:07 w2 kubelet[812]: F1123 02:13:07.100000     812 transport.go:106] The currently active client certificate has expired and the server is responsive, exiting."),
        ],
        "misses": [
            ("kubelet 1.28", "any", "Nov 23 02:13:07 w2 kubelet[812]: I1123 02:13:07.100000     812 certificate_manager.go:356] kubernetes.io/kube-apiserver-client-kubelet: Certificate expiration is 2027-11-22 10:00:00 +0000 UTC, rotation deadline is 2027-08-30 10:00:00 +0000 UTC"),
            ("kubelet 1.28", "any", "Nov 23 02:13:07 w2 kubelet[812]: I1123 02:13:07.100000     812 bootstrap.go:101] \"Use the bootstrap credentials to request a cert, and set kubeconfig to point to the certificate dir\""),
        ],
    },
    "cert.server_expired": {
        "hits": [
            ("kubelet 1.28", "any", "Nov 23 02:13:07 w2 kubelet[812]: E1123 02:13:07.100000     812 reflector.go:147] k8s.io/client-go/informers/factory.go:150: Failed to watch *v1.Node: failed to list *v1.Node: Get \"https://10.0.0.1:6443/api/v1/nodes\": tls: failed to verify certificate: x509: certificate has expired or is not yet valid: current time 2026-11-23T02:13:07Z is after 2026-11-22T10:00:00Z"),
            ("kubelet 1.11", "any", "Nov 23 02:13:07 w2 kubelet[812]: E1123 02:13:07.100000     812 reflector.go:205] k8s.io/kubernetes/pkg/kubelet/kubelet.go:461: Failed to list *v1.Node: Get https://10.0.0.1:6443/api/v1/nodes: x509: certificate has expired or is not yet valid"),
        ],
        "misses": [
            ("kubelet 1.20, clock behind", "any", "Nov 23 02:13:07 w2 kubelet[812]: E1123 02:13:07.100000     812 reflector.go:138] Get \"https://10.0.0.1:6443/api/v1/nodes\": x509: certificate has expired or is not yet valid: current time 2026-11-20T02:13:07Z is before 2026-11-21T10:00:00Z"),
            ("containerd 1.6, a registry", "any", "Nov 23 02:13:07 w2 containerd[701]: time=\"2026-11-23T02:13:07Z\" level=error msg=\"PullImage failed\" error=\"failed to pull: Head \\\"https://registry.example.com/v2/x/manifests/1\\\": x509: certificate has expired or is not yet valid: current time 2026-11-23T02:13:07Z is after 2026-11-22T10:00:00Z\""),
        ],
    },
    "cert.unknown_authority": {
        "hits": [
            ("kube-apiserver 1.28", "controller", "E1123 02:13:07.100000       1 authentication.go:73] \"Unable to authenticate the request\" err=\"[x509: certificate signed by unknown authority, verifying certificate SN=1 failed]\""),
            ("kubelet 1.14", "any", "Nov 23 02:13:07 w2 kubelet[812]: E1123 02:13:07.100000     812 reflector.go:126] k8s.io/kubernetes/pkg/kubelet/kubelet.go:451: Failed to list *v1.Node: Get https://10.0.0.1:6443/api/v1/nodes?fieldSelector=metadata.name%3Dw2&limit=500: x509: certificate signed by unknown authority"),
            ("kubelet 1.30", "any", "Nov 23 02:13:07 w2 kubelet[812]: E1123 02:13:07.100000     812 controller.go:145] \"Failed to ensure lease exists, will retry\" err=\"Get \\\"https://10.0.0.1:6443/apis/coordination.k8s.io/v1/namespaces/kube-node-lease/leases/w2?timeout=10s\\\": tls: failed to verify certificate: x509: certificate signed by unknown authority (possibly because of \\\"crypto/rsa: verification error\\\" while trying to verify candidate authority certificate \\\"kubernetes\\\")\" interval=\"7s\""),
        ],
        "misses": [("containerd 1.6, a registry", "any", "Nov 23 02:13:07 w2 containerd[701]: time=\"2026-11-23T02:13:07Z\" level=error msg=\"PullImage failed\" error=\"failed to resolve reference: Head \\\"https://registry.example.com/v2/x/manifests/1\\\": x509: certificate signed by unknown authority\"")],
    },
    "cert.rotation_broken": {
        "hits": [
            ("kubelet 1.30", "kubelet", "Nov 23 02:13:07 w2 kubelet[812]: E1123 02:13:07.100000     812 certificate_manager.go:1] \"Failed to load\" err=\"open /var/lib/kubelet/pki/kubelet-client-current.pem: permission denied\""),
            ("kubelet 1.12", "kubelet", "Nov 23 02:13:07 w2 kubelet[812]: E1123 02:13:07.100000     812 certificate_manager.go:299] Failed while requesting a signed certificate from the master: cannot create certificate signing request: Post https://10.0.0.1:6443/apis/certificates.k8s.io/v1beta1/certificatesigningrequests: dial tcp 10.0.0.1:6443: connect: connection refused"),
            ("kubelet 1.28", "kubelet", "Nov 23 02:13:07 w2 kubelet[812]: E1123 02:13:07.100000     812 certificate_manager.go:562] kubernetes.io/kube-apiserver-client-kubelet: Failed while requesting a signed certificate from the control plane: cannot create certificate signing request: Unauthorized"),
            ("kubelet 1.20", "kubelet", "Nov 23 02:13:07 w2 kubelet[812]: E1123 02:13:07.100000     812 certificate_manager.go:437] kubernetes.io/kubelet-serving: certificate request was not signed: timed out waiting for the condition"),
        ],
        "misses": [("kubelet 1.28", "kubelet", "Nov 23 02:13:07 w2 kubelet[812]: I1123 02:13:07.100000     812 certificate_manager.go:356] kubernetes.io/kube-apiserver-client-kubelet: Rotating certificates")],
    },
}
