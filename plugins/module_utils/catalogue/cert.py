# Copyright: kubetriage.node contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Certificates of the node and of what it talks to."""

from .api import ANSWERED, CLUSTER_CONFIGURATION, RENEWED, REQUEST
from .entry import failure

_X509 = r"(?:tls: failed to verify certificate: )?x509: "
# "is before" is a clock that is behind, or a certificate from the future
_EXPIRED = (r"x509: certificate has expired or is not yet valid(?!.{0,120} is before )"
            r"(?:: current time (?P<local>\S+) is after (?P<not_after>[^\s\"]+))?")
# kubectl get csr, since 1.18 with SIGNERNAME, since 1.22 with REQUESTEDDURATION before the condition
_CSR = r"^\s*(?:node-)?csr-\S+\s+(?:\d+[smhdy]){1,3}\s+"

FAILURES = [
    failure(
        "cert.client_expired",
        title="The kubelet's client certificate has expired",
        severity="critical",
        role="cause",
        what="The API server no longer knows the kubelet. It exits at start, or runs on and is told Unauthorized. A missing bootstrap "
             "kubeconfig named beside it is a consequence. With the clock ahead a valid certificate gives the same text: look at the time "
             "first.",
        log=[
            ("any", "bootstrap client certificate", r"bootstrap client certificate.{0,200}is expired: (?P<expired>[^\"]{1,60})"),
            ("kubelet", "since a valid client cert was found", r"It has been (?P<seconds>\S+) since a valid client cert was found"),
            ("kubelet", "client certificate has expired", r"currently active client certificate has expired"),
            ("any", "expired certificate", REQUEST + r".{0,200}remote error: tls: expired certificate"),
        ],
        ends=RENEWED,
        confirm=["date -u; openssl x509 -noout -subject -enddate -in /var/lib/kubelet/pki/kubelet-client-current.pem"],
        fix=[
            "kubeadm, on a control plane: " + CLUSTER_CONFIGURATION + "kubeadm kubeconfig user --config kubeadm.yaml --org system:nodes "
            "--client-name system:node:{node} > kubelet.conf; copy it to {node}:/etc/kubernetes/kubelet.conf",
            "on the node: mkdir -p /root/pki.old; mv /var/lib/kubelet/pki/kubelet-client-* /root/pki.old/; systemctl restart kubelet; then let "
            "client-certificate and client-key in kubelet.conf name /var/lib/kubelet/pki/kubelet-client-current.pem",
            "kubectl get csr; kubectl certificate approve NAME   # if one is pending",
            "k3s, rke2: systemctl restart {unit}   # renews within 90 days of the end",
        ],
        caused_by=["time.skew"],
    ),
    failure(
        "cert.client_expires_soon",
        title="The kubelet's client certificate expires soon",
        severity="warning",
        role="presence",
        what="It should have been renewed by now; when it expires the node turns NotReady.",
        confirm=["openssl x509 -noout -enddate -in /var/lib/kubelet/pki/kubelet-client-current.pem", "kubectl get csr | grep {node}"],
        fix=[
            "kubectl certificate approve NAME   # a pending request of the node",
            "rotateCertificates: true in /var/lib/kubelet/config.yaml; systemctl restart kubelet",
        ],
    ),
    failure(
        "cert.client_not_yet_valid",
        title="The kubelet's client certificate is not valid yet",
        severity="critical",
        role="cause",
        what="Its begin lies in the future: this clock is behind, or the clock of whoever signed it was ahead.",
        confirm=["date -u; openssl x509 -noout -dates -in /var/lib/kubelet/pki/kubelet-client-current.pem", "timedatectl"],
        fix=["set the clock right: chronyc makestep", "if the clock is right, have the certificate signed again"],
        caused_by=["time.skew"],
    ),
    failure(
        "cert.client_unreadable",
        title="The kubelet's client certificate cannot be read",
        severity="critical",
        role="cause",
        what="The file holds no certificate and key any more, as after a power loss or a full disk, or they do not belong together; the "
             "kubelet exits.",
        log=[
            ("any", "cert/key pair", r"could not convert data from \"(?P<path>[^\"]{1,200})\" into cert/key pair: (?P<reason>.{1,160})"),
            ("any", "x509 key pair", r"unable to load (?:X509|x509) key pair: (?P<reason>.{1,160})"),
            ("kubelet", "find any pem data", r"tls: failed to find any PEM data in (?:certificate|key) input"),
            ("kubelet", "private key does not match", r"tls: private key (?:type )?does not match public key"),
        ],
        ends=ANSWERED,
        confirm=["ls -lL /var/lib/kubelet/pki; openssl x509 -noout -subject -in /var/lib/kubelet/pki/kubelet-client-current.pem"],
        fix=[
            "an older one that is still valid: ln -sf /var/lib/kubelet/pki/kubelet-client-DATE.pem "
            "/var/lib/kubelet/pki/kubelet-client-current.pem",
            "else, on a control plane: " + CLUSTER_CONFIGURATION + "kubeadm kubeconfig user --config kubeadm.yaml --org system:nodes "
            "--client-name system:node:{node} > kubelet.conf; copy it to {node}:/etc/kubernetes/kubelet.conf",
            "on the node: mkdir -p /root/pki.old; mv /var/lib/kubelet/pki/kubelet-client-* /root/pki.old/   # with a new kubelet.conf only",
            "systemctl restart kubelet",
        ],
        caused_by=["host.unclean_shutdown", "disk.full", "storage.fs_error"],
    ),
    failure(
        "cert.ca_missing",
        title="The CA file that the kubelet is told to use is missing",
        severity="critical",
        role="cause",
        what="The kubelet cannot check who asks it, and exits at start. Normal on a host that has not joined a cluster yet.",
        log=[("any", "unable to load client ca file",
              r"unable to load client CA file \"?(?P<path>[^\s\":]{1,200})\"?: (?P<reason>.{1,160})")],
        ends=ANSWERED,
        confirm=["ls -l /etc/kubernetes/pki/ca.crt; grep clientCAFile /var/lib/kubelet/config.yaml"],
        fix=["copy ca.crt from another node; then: systemctl restart kubelet", "new host: kubeadm join ..."],
        caused_by=["storage.fs_error"],
    ),
    failure(
        "cert.server_expired",
        title="A certificate of the control plane has expired",
        severity="critical",
        role="cause",
        what="The kubelet refuses to talk to the API server, as do all other nodes, or the API server to etcd. If only this node "
             "complains, its clock is ahead.",
        log=[
            ("any", "certificate has expired or is not yet valid",
             REQUEST + r".{0,200}" + _EXPIRED),
            ("any", "certificate has expired or is not yet valid", r"Unable to connect to the server: .{0,60}" + _EXPIRED),
            ("any", "certificate has expired or is not yet valid",
             r":2379.{0,300}authentication handshake failed: .{0,60}" + _EXPIRED),
            ("any", "<invalid>",
             r"^(?:!MISSING! )?\s*(?P<certificate>apiserver|apiserver-etcd-client|etcd-server|etcd-peer|etcd-healthcheck-client)\s+"
             r"[A-Z][a-z]{2} \d\d, \d{4} \d\d:\d\d UTC\s+<invalid>"),
        ],
        ends=ANSWERED,
        confirm=[
            "date -u; openssl s_client -connect APISERVER:6443 </dev/null 2>/dev/null | openssl x509 -noout -enddate",
            "on a control plane: kubeadm certs check-expiration",
        ],
        fix=[
            "on each control plane: kubeadm certs renew all; then restart the static pods (move the manifests out of "
            "/etc/kubernetes/manifests for 20 s and back)",
        ],
        caused_by=["time.skew"],
    ),
    failure(
        "cert.request_pending",
        title="A node's request for its first certificate waits for approval",
        severity="warning",
        role="cause",
        what="A kubelet that joins, or joins again because its certificate has expired, asks with a bootstrap identity; until someone approves "
             "and the controller manager signs, it has no identity and no Node.",
        log=[
            ("any", "system:bootstrap:", _CSR + r".*\b(?P<requestor>system:bootstrap:\S+)\s.*\b(?:Pending|Approved)\s*$"),
            ("any", "kubelet-bootstrap", _CSR + r".*\b(?P<requestor>kubelet-bootstrap)\s.*\b(?:Pending|Approved)\s*$"),
            ("any", "node-bootstrapper", _CSR + r".*:(?P<requestor>node-bootstrapper)\s.*\b(?:Pending|Approved)\s*$"),
        ],
        confirm=["kubectl get csr | grep -vE 'Approved,Issued|Denied'", "journalctl -u kubelet | grep -i csr | tail -3"],
        fix=[
            "kubectl certificate approve NAME   # when the machine is the one that it says",
            "Approved and not Issued: look at the controller manager's flags --cluster-signing-cert-file and -key-file",
        ],
        caused_by=["cert.client_expired"],
    ),
    failure(
        "cert.client_refused",
        title="The API server refuses somebody's expired certificate",
        severity="info",
        role="cause",
        what="Its log does not say whose: if a node is NotReady at the same time, the kubelet's; else that of an old kubeconfig.",
        log=[("any", "unable to authenticate the request",
              r"Unable to authenticate the request.{0,200}x509: certificate has expired\b(?!.{0,80} is before )")],
        confirm=[
            "openssl x509 -noout -subject -enddate -in /var/lib/kubelet/pki/kubelet-client-current.pem",
            "kubeadm certs check-expiration",
        ],
        fix=["renew the certificate that has expired: kubeadm certs renew all; kubelets: see cert.client_expired"],
        caused_by=["time.skew"],
    ),
    failure(
        "cert.unknown_authority",
        title="Node and API server do not trust the same authority",
        severity="critical",
        role="cause",
        what="The cluster's CA was changed, or the node's kubelet.conf belongs to another cluster: the API server's certificate is signed "
             "by a CA the kubelet does not know.",
        log=[
            ("any", "signed by unknown authority", REQUEST + r".{0,200}x509: certificate signed by unknown authority"),
            ("any", "token ca hash", r"token CA hash does not match the (?:Cluster|server) CA (?:certificate )?hash"),
            ("controller", "signed by unknown authority",
             r"Unable to authenticate the request.{0,200}certificate signed by unknown authority"),
        ],
        ends=ANSWERED,
        confirm=[
            "grep certificate-authority-data /etc/kubernetes/kubelet.conf | cut -d: -f2 | tr -d ' ' | base64 -d | sha256sum; "
            "sha256sum /etc/kubernetes/pki/ca.crt",
            "openssl s_client -showcerts -connect APISERVER:6443 </dev/null 2>/dev/null | openssl x509 -noout -issuer",
        ],
        fix=[
            "a drained worker (on a control plane it destroys that etcd member): kubeadm reset; kubeadm join ...   "
            "# or bring the right CA into /etc/kubernetes/kubelet.conf and pki/ca.crt",
            "systemctl restart kubelet",
        ],
    ),
    failure(
        "cert.rotation_broken",
        title="The kubelet cannot renew its certificate",
        severity="warning",
        role="cause",
        what="Its signing requests fail or nobody approves them. Nothing breaks until the present certificate ends; without one to serve "
             "with, logs and exec fail.",
        log=[
            ("kubelet", "failed while requesting a signed certificate",
             r"Failed while requesting a signed certificate from the [^\"]{1,30}\"?:? (?:err=\")?(?P<reason>.{1,200})"),
            ("kubelet", "certificate request was not signed", r"certificate request was not signed.{0,40}"),
            ("kubelet", "no serving certificate available", r"no serving certificate available for the kubelet"),
            # who asks the kubelet for logs, exec, metrics
            ("any", ":10250/", r"https?://\S{1,100}:10250/\S{1,300} .{0,60}" + _EXPIRED),
            ("any", ":10250/", r"https?://\S{1,100}:10250/\S{1,300} remote error: tls: internal error"),
            ("any", "kubernetes.io/kubelet-serving", _CSR + r"kubernetes\.io/kubelet-serving\s+system:node:.*\b(?:Pending|Approved)\s*$"),
            ("any", "system:node:",
             _CSR + r"(?:kubernetes\.io/kube-apiserver-client-kubelet\s+)?system:node:\S+\s.*\b(?:Pending|Approved)\s*$"),
            ("any", "kubelet-client-current.pem",
             r"kubelet-client-current\.pem: (?:no such file|permission denied|read-only file system|no space left)"),
        ],
        ends=RENEWED + [("kubelet", "certificate expiration is", r"Certificate expiration is \d")],
        confirm=["kubectl get csr | grep {node}", "ls -l /var/lib/kubelet/pki"],
        fix=[
            "kubectl certificate approve NAME",
            "check that the controller manager signs: its flags --cluster-signing-cert-file and -key-file",
        ],
        caused_by=["cert.client_expired", "disk.full", "disk.read_only", "api.unauthorized", "kubelet.unauthorized", "api.timeout",
                   "api.refused", "api.no_route", "api.name_unresolved"],
    ),
]
