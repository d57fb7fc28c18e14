# Copyright: kubetriage.node contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Certificates of the node and of what it talks to."""

from .entry import failure

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
            ("any", "expired certificate", r"https?://[^/\s\"]+/apis?/.{0,600}remote error: tls: expired certificate"),
        ],
        confirm=["date -u; openssl x509 -noout -subject -enddate -in /var/lib/kubelet/pki/kubelet-client-current.pem"],
        fix=[
            "kubeadm, on a control plane: kubeadm kubeconfig user --org system:nodes --client-name system:node:{node} > kubelet.conf; "
            "copy it to {node}:/etc/kubernetes/kubelet.conf",
            "on the node: rm /var/lib/kubelet/pki/kubelet-client-*; systemctl restart kubelet",
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
        "cert.server_expired",
        title="The API server's certificate has expired",
        severity="critical",
        role="cause",
        what="The kubelet refuses to talk to it, as do all other nodes. If only this node complains, its clock is ahead.",
        log=[
            ("any", "certificate has expired or is not yet valid",
             r"^(?!.*(?:/v2/|pull|registry)).*x509: certificate has expired or is not yet valid(?: ?$|\"|\)|: current time "
             r"(?P<local>\S+) is after (?P<not_after>[^\s\"]+))"),
        ],
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
        "cert.unknown_authority",
        title="Node and API server do not trust the same authority",
        severity="critical",
        role="cause",
        what="The cluster's CA was changed, or the node's kubelet.conf belongs to another cluster: the API server's certificate is signed "
             "by a CA the kubelet does not know.",
        log=[
            ("any", "signed by unknown authority",
             r"https?://[^/\s\"]+/apis?(?:/|\b).{0,600}x509: certificate signed by unknown authority"),
            ("controller", "signed by unknown authority",
             r"Unable to authenticate the request.{0,200}certificate signed by unknown authority"),
        ],
        confirm=[
            "grep certificate-authority-data /etc/kubernetes/kubelet.conf | cut -d: -f2 | tr -d ' ' | base64 -d | sha256sum; "
            "sha256sum /etc/kubernetes/pki/ca.crt",
            "openssl s_client -showcerts -connect APISERVER:6443 </dev/null 2>/dev/null | openssl x509 -noout -issuer",
        ],
        fix=[
            "join the node again: kubeadm reset; kubeadm join ...   # or bring the right CA into /etc/kubernetes/kubelet.conf and "
            "pki/ca.crt",
            "systemctl restart kubelet",
        ],
    ),
    failure(
        "cert.rotation_broken",
        title="The kubelet cannot renew its certificate",
        severity="warning",
        role="cause",
        what="Its signing requests fail or nobody approves them. Nothing breaks until the present certificate ends.",
        log=[
            ("kubelet", "failed while requesting a signed certificate",
             r"Failed while requesting a signed certificate from the [^\"]{1,30}\"?:? (?:err=\")?(?P<reason>.{1,200})"),
            ("kubelet", "certificate request was not signed", r"certificate request was not signed.{0,40}"),
            ("any", "kubelet-client-current.pem",
             r"kubelet-client-current\.pem: (?:no such file|permission denied|read-only file system|no space left)"),
        ],
        confirm=["kubectl get csr | grep {node}", "ls -l /var/lib/kubelet/pki"],
        fix=[
            "kubectl certificate approve NAME",
            "check that the controller manager signs: its flags --cluster-signing-cert-file and -key-file",
        ],
        caused_by=["cert.client_expired", "disk.full", "disk.read_only", "api.unauthorized", "kubelet.unauthorized", "api.timeout",
                   "api.refused"],
    ),
]
