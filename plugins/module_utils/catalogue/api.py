# Copyright: kubetriage.node contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The way from the node to the API server."""

from .entry import failure

# A line of the kubelet about its own requests. What a CNI plugin, a probe or an image pull quotes goes another way.
_OWN = (r"^(?!.*(?:plugin type=|NetworkPlugin cni|network for sandbox|prober|probe failed|ErrImage|PullImage|failed to pull|/v2/"
        r"|169\.254\.169\.254)).*")
_URL = r"https?://(?P<server>[^/\s\"]{1,200})/apis?(?:/[^\s\"]{0,600})?\"?:? "
_PATH_CAUSES = ["nic.link_down", "nic.bond_down", "nic.reset", "net.no_default_route", "limits.conntrack", "limits.neighbours",
                "cni.drop_all"]

FAILURES = [
    failure(
        "api.name_unresolved",
        title="The API server's name cannot be resolved",
        severity="critical",
        role="cause",
        what="The kubelet gets no address for the name in its kubeconfig, so no heartbeat leaves the node.",
        log=[
            ("any", "dial tcp: lookup",
             _OWN + _URL +
             r"dial tcp: lookup (?P<host>[^\s:]{1,200})(?: on (?P<resolver>\S{1,60}?))?: (?P<reason>no such host|server misbehaving"
             r"|[^\"]{0,80}(?:i/o timeout|connection refused|Temporary failure|unreachable|try again))"),
        ],
        confirm=["grep server: /etc/kubernetes/kubelet.conf", "getent hosts {host}; cat /etc/resolv.conf"],
        fix=["repair the name servers in /etc/resolv.conf or the record of {host}", "for now: add its address and {host} to /etc/hosts"],
        caused_by=["net.name_servers_missing"] + _PATH_CAUSES,
    ),
    failure(
        "api.refused",
        title="The API server refuses connections",
        severity="critical",
        role="cause",
        what="The way is open but nothing listens on the port: the API server, or the load balancer's backend, is down. "
             "Other nodes should say the same.",
        log=[
            ("any", "connection refused", _OWN + _URL + r"dial tcp (?P<address>\S{1,80}): (?:connect: |getsockopt: )?connection refused"),
            ("kubelet", "connection refused",
             _OWN + r"dial tcp (?P<server>\S{1,60}:(?:6443|6444|16443)): (?:connect: |getsockopt: )?connection refused"),
        ],
        confirm=["curl -sk -m 5 https://{server}/healthz", "on the control plane: crictl ps -a | grep -E 'kube-apiserver|etcd'"],
        fix=[
            "on the control plane: crictl logs of kube-apiserver and etcd; look for disk, memory, certificates there",
            "journalctl -u kubelet on the control plane",
        ],
        caused_by=["disk.pressure"],
    ),
    failure(
        "api.timeout",
        title="The API server does not answer in time",
        severity="critical",
        role="cause",
        what="Packets get no answer: a firewall or a security group drops them, a route or the load balancer is broken, or the server is "
             "overloaded.",
        log=[
            ("any", "i/o timeout", _OWN + _URL + r"dial tcp (?P<address>\S{1,80}): i/o timeout"),
            ("any", "tls handshake timeout", _OWN + _URL + r"net/http: TLS handshake timeout"),
            ("any", "exceeded", _OWN + _URL + r"(?:net/http: request canceled.{0,60}\(Client\.Timeout exceeded|context deadline exceeded)"),
            ("any", "client connection lost", _OWN + _URL + r"http2: client connection lost"),
        ],
        confirm=[
            "curl -sk -m 5 -o /dev/null https://{server}/healthz",
            "ip route get ADDRESS; iptables-save | grep -E 'DROP|REJECT'; nft list ruleset | grep -E 'drop|reject'",
        ],
        fix=[
            "remove the rule that drops the port, on the node, in the security group or on the way",
            "only some nodes: compare route, subnet and security group with a healthy one",
        ],
        caused_by=_PATH_CAUSES + ["api.port_dropped", "api.etcd_failing", "memory.thrash"],
    ),
    failure(
        "api.no_route",
        title="There is no route to the API server",
        severity="critical",
        role="cause",
        what="The node's own routing, or a neighbour that does not answer, ends the connection at once.",
        log=[
            ("any", "no route to host", _OWN + _URL + r"dial tcp (?P<address>\S{1,80}): (?:connect: |getsockopt: )?no route to host"),
            ("any", "network is unreachable",
             _OWN + _URL + r"dial tcp (?P<address>\S{1,80}): (?:connect: |getsockopt: )?network is unreachable"),
        ],
        confirm=["ip route get {server}; ip neigh; ip -br addr", "ping -c 3 GATEWAY"],
        fix=[
            "bring link, address or route back: systemctl restart systemd-networkd   # or NetworkManager",
            "an iptables rule can answer so too: iptables-save | grep REJECT",
        ],
        caused_by=_PATH_CAUSES,
    ),
    failure(
        "api.tls_failed",
        title="The TLS connection to the API server fails",
        severity="critical",
        role="cause",
        what="Something answers, but not as the API server that the node expects: a name or address missing in its certificate, a proxy, "
             "plain HTTP.",
        log=[
            ("any", "x509: certificate is valid for",
             _OWN + _URL + r".{0,200}x509: certificate is valid for (?P<names>.{1,160}), not (?P<host>[^\s\"]+)"),
            ("any", "x509: cannot validate certificate", _OWN + _URL + r".{0,200}x509: cannot validate certificate for (?P<host>\S+)"),
            ("any", "http response to https client", _OWN + _URL + r".{0,100}server gave HTTP response to HTTPS client"),
            ("any", "remote error: tls",
             _OWN + _URL +
             r".{0,100}remote error: tls: (?:handshake failure|internal error|bad certificate|unknown certificate authority"
             r"|protocol version not supported)"),
        ],
        confirm=["openssl s_client -connect {server} </dev/null 2>/dev/null | openssl x509 -noout -text | grep -A1 'Alternative Name'"],
        fix=[
            "on the control plane: add the name to apiServer.certSANs, remove apiserver.crt and .key, kubeadm init phase certs apiserver, "
            "restart the API server",
            "or use a name that is in the certificate in /etc/kubernetes/kubelet.conf",
        ],
    ),
    failure(
        "api.unauthorized",
        title="The API server rejects the node's identity",
        severity="critical",
        role="cause",
        what="A request with the kubelet's own certificate or token was answered 401 or 403.",
        confirm=[
            "kubectl --kubeconfig /etc/kubernetes/kubelet.conf get node {node}",
            "openssl x509 -noout -subject -issuer -dates -in /var/lib/kubelet/pki/kubelet-client-current.pem",
        ],
        fix=["give the node a new certificate, or map its cloud role; then: systemctl restart kubelet"],
        caused_by=["cert.client_expired", "cert.client_not_yet_valid", "cert.unknown_authority", "time.skew", "kubelet.wrong_node_name"],
    ),
    failure(
        "api.port_dropped",
        title="A firewall rule on the node drops the API server's port",
        severity="critical",
        role="cause",
        what="A rule in the node's own tables drops or rejects what the kubelet sends to the API server.",
        confirm=["iptables-save | grep -nE 'DROP|REJECT'", "nft list ruleset | grep -nE 'drop|reject'"],
        fix=[
            "delete the rule: iptables -L OUTPUT -n --line-numbers; iptables -D OUTPUT NUMBER",
            "remove it from the firewall's saved configuration as well",
        ],
        caused_by=["net.firewall_reloaded"],
    ),
    failure(
        "api.etcd_failing",
        title="The API server answers, but its etcd does not",
        severity="critical",
        role="cause",
        what="Writes fail or time out for all nodes: etcd lost its quorum, its leader or its disk.",
        log=[
            ("any", "etcdserver: ",
             r"etcdserver: (?P<reason>request timed out|leader changed|no leader|mvcc: database space exceeded|too many requests)"),
        ],
        confirm=["on the control plane: crictl ps -a | grep etcd", "etcdctl endpoint status --cluster -w table; etcdctl alarm list"],
        fix=["bring etcd's members back; slow disk: see iostat -x; full database: compact, defrag, alarm disarm"],
        caused_by=["storage.slow_disk", "disk.full", "storage.nvme_timeout", "storage.io_error", "time.skew"],
    ),
    failure(
        "api.lease_failing",
        title="The kubelet's heartbeat fails",
        severity="warning",
        role="symptom",
        what="It cannot renew its lease or update its status; four or five misses and the control plane says Unknown. The error at the "
             "end of the line names the cause.",
        log=[
            ("any", "lease",
             r"^(?!.*(?:object has been modified|etcdserver: leader changed)).*failed to (?:ensure|update)(?: node)? lease(?: exists)?\b"),
            ("any", "updating node status, will retry", r"^(?!.*object has been modified).*Error updating node status, will retry"),
            ("any", "unable to update node status", r"Unable to update node status"),
        ],
        ends=[("kubelet", "successfully registered node", r"Successfully registered node")],
        confirm=[
            "kubectl -n kube-node-lease get lease {node} -o yaml | grep renewTime",
            "journalctl -u kubelet | grep -iE 'lease|node status' | tail",
        ],
        fix=["follow the error at the end of the line"],
        caused_by=["api.refused", "api.timeout", "api.no_route", "api.name_unresolved", "api.tls_failed", "api.unauthorized",
                   "api.port_dropped", "api.etcd_failing", "cert.client_expired", "cert.server_expired", "cert.unknown_authority",
                   "cert.client_not_yet_valid", "time.skew", "kubelet.unauthorized", "kubelet.wrong_node_name",
                   "kubelet.stale_connection", "node.deleted", "memory.thrash"] + _PATH_CAUSES,
    ),
]
