# Copyright: kubetriage.node contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The way from the node to the API server, and the API server behind it."""

from .entry import failure

# In a step for a person: without the cluster's own configuration kubeadm makes files for a cluster of its defaults
CLUSTER_CONFIGURATION = "kubectl -n kube-system get cm kubeadm-config -o jsonpath='{.data.ClusterConfiguration}' > kubeadm.yaml; "
# Addresses from which a cluster's own come: what a firewall keeps out of the world's is none of our business (RFC 1918, RFC 6598, RFC 4193)
PRIVATE = r"(?:10\.|172\.(?:1[6-9]|2\d|3[01])\.|192\.168\.|100\.(?:6[4-9]|[7-9]\d|1[01]\d|12[0-7])\.|f[cd])"
# A request of the kubelet (or of k3s, rke2 around it) to the API server as an error of it quotes it: [verb] URL: why. What a CNI plugin, a
# probe, an image pull, a webhook or an aggregated API quotes goes another way, so do leases of other components, and only pods use the
# service's address. A reflector prints each failure twice, as W and as E: the E counts.
REQUEST = (
    r"^(?!W\d{4} \S+ +\d+ reflector\.go)(?!.*(?:plugin type=|NetworkPlugin cni|network for sandbox|prober|probe failed|ErrImage|PullImage"
    r"|failed to pull|/v2/|169\.254\.169\.254|leaderelection\.go|resource lock|webhook|available_controller|missing response from"
    # the ports of kubelet, kube-proxy, scheduler, controller manager, etcd, cAdvisor, Felix: their own health
    r"|//[^/\s\"]{1,200}:(?:102[45]\d|23[78]\d|4194|9099)/"
    r"|communicating with apiserver|//10\.(?:96|43|100)\.0\.1[:/]|//10\.152\.183\.1[:/]|//172\.[23]0\.0\.1[:/]|//kubernetes\.default"
    r"|//(?:10\.(?:0|32|68|233|254)\.0\.1|100\.64\.0\.1):443/|\[(?:INFO|WARNING|ERROR|FATAL|PANIC)\]\[\d+\]|connecting to datastore"
    r"|\b(?:felix|startup|confd)/\w+\.go|kube-peers)).*"
    r"https?://(?P<server>[^/\s\"]{1,200})/(?:apis?|v1-k3s|v1-rke2|cacerts|ping|version|healthz|livez|readyz)(?:[/?][^\s\"]{0,600})?\"?:? ")
_DIAL = REQUEST + r"(?:proxyconnect tcp: )?dial tcp (?P<address>\S{1,80}): "
_CALL = r"(?:connect: |getsockopt: )?"
# What a kubelet or a kubelet's neighbour prints when the API server has answered it.
ANSWERED = [("kubelet", "successfully registered node", r"Successfully registered node"),
            ("kubelet", "was previously registered", r"was previously registered"),
            ("any", "became ready", r"(?:Node|it just) became ready"),
            ("any", "successfully retrieved node", r"Successfully retrieved node ?IP"),  # kube-proxy
            ("kubelet", "syncloop add", r"SyncLoop ADD\" source=\"api\""),
            ("kubelet", "syncloop (add, ", r"SyncLoop \(ADD, \"api\"\)"),
            ("kubelet", "is issued", r"certificate signing request \S+ is issued")]
RENEWED = ANSWERED + [("kubelet", "certificate rotation detected", r"certificate rotation detected, shutting down client connections")]
_OFTEN = (3, 120)  # one lost request is everyday life: a Lease is renewed every 10 s and outlives three of them
# What a kubelet that starts without an answer may lack the answer for.
NO_API = ["api.refused", "api.timeout", "api.no_route", "api.name_unresolved", "api.tls_failed", "api.port_dropped", "api.server_error",
          "cert.server_expired", "cert.unknown_authority", "time.skew"]
# crictl ps -a, docker ps -a: a container that ended a short while ago
_EXITED = (r"(?:second|minute)s? ago\s+Exited\s+NAME\s"
           r"|Exited \(\d{1,3}\) (?:Less than a second|\d+ seconds?|About a minute|\d+ minutes) ago\s.{0,160}k8s_NAME_")
_NO_LEASE = r"^(?!.*(?:object has been modified|etcdserver: leader changed)).*failed to (?:ensure|update)(?: node)? lease(?: exists)?\b"
_PATH_CAUSES = ["nic.link_down", "nic.bond_down", "nic.reset", "nic.allowance_exceeded", "net.no_default_route", "limits.conntrack",
                "limits.neighbours", "cni.drop_all"]

FAILURES = [
    failure(
        "api.name_unresolved",
        title="The API server's name cannot be resolved",
        severity="critical",
        role="cause",
        what="The kubelet gets no address for the name in its kubeconfig, so no heartbeat leaves the node.",
        log=[
            ("any", "dial tcp: lookup",
             REQUEST +
             r"dial tcp: lookup (?P<host>[^\s:]{1,200})(?: on (?P<resolver>\S{1,60}?))?: (?P<reason>no such host|server misbehaving"
             r"|[^\"]{0,80}(?:i/o timeout|connection refused|Temporary failure|unreachable|try again|no route))"),
        ],
        ends=ANSWERED,
        least=_OFTEN,
        confirm=["grep server: /etc/kubernetes/kubelet.conf", "getent hosts {host}; cat /etc/resolv.conf"],
        fix=["repair the name servers in /etc/resolv.conf or the record of {host}", "for now: add its address and {host} to /etc/hosts"],
        caused_by=["net.name_servers_missing", "net.name_servers_failing"] + _PATH_CAUSES,
    ),
    failure(
        "api.refused",
        title="The API server refuses connections",
        severity="critical",
        role="cause",
        what="The way is open but nothing listens on the port, or what listens hangs up: the API server, or the load balancer's backend, "
             "is down. Other nodes should say the same.",
        log=[
            ("any", "connection refused", _DIAL + _CALL + r"connection refused"),
            ("kubelet", "connection refused",
             r"^(?!.*(?:prober|probe failed|plugin type=|//)).*dial tcp (?P<server>\S{1,60}:(?:6443|6444|9345|16443)): " + _CALL +
             r"connection refused"),
            ("any", "did you specify the right host or port",
             r"The connection to the server (?P<server>(?!localhost:8080)\S{1,200}) was refused - did you specify the right host or port"),
            ("any", "connection reset by peer",
             REQUEST + r"(?:read tcp \S{1,100}: |write tcp \S{1,100}: )?(?:read: |write: )?connection reset by peer"),
            ("kubelet", "updating node status, will retry", REQUEST + r"(?:unexpected )?EOF\b"),
            ("kubelet", "/leases/", REQUEST + r"(?:unexpected )?EOF\b"),
        ],
        ends=ANSWERED,
        least=_OFTEN,
        confirm=["curl -sk -m 5 https://{server}/healthz", "on the control plane: crictl ps -a | grep -E 'kube-apiserver|etcd'"],
        fix=[
            "on the control plane: crictl logs of kube-apiserver and etcd; look for disk, memory, certificates there",
            "journalctl -u kubelet on the control plane",
        ],
        # of a control plane whose static pods do not start, also what keeps them from it
        caused_by=["kubelet.resolv_conf_missing", "disk.pressure", "memory.pressure", "memory.oom.node", "api.server_down",
                   "api.etcd_failing", "cert.server_expired", "runtime.sandbox_image", "runtime.runc_broken", "runtime.apparmor_unusable"],
    ),
    failure(
        "api.timeout",
        title="The API server does not answer in time",
        severity="critical",
        role="cause",
        what="Packets get no answer: a firewall or a security group drops them, a route or the load balancer is broken, or the server is "
             "overloaded.",
        log=[
            ("any", "i/o timeout", _DIAL + r"i/o timeout"),
            ("any", "tls handshake timeout", REQUEST + r"net/http: TLS handshake timeout"),
            ("any", "exceeded", REQUEST + r"(?:net/http: request canceled.{0,60}\(Client\.Timeout exceeded|context deadline exceeded)"),
            ("any", "timeout awaiting response headers", REQUEST + r"net/http: timeout awaiting response headers"),
            ("any", "client connection lost", REQUEST + r"http2: client connection lost"),
            ("any", "timed out", _DIAL + _CALL + r"(?:connection|operation) timed out"),
        ],
        ends=ANSWERED,
        least=_OFTEN,
        confirm=[
            "curl -sk -m 5 -o /dev/null https://{server}/healthz",
            "ip route get ADDRESS; iptables-save | grep -E 'DROP|REJECT'; nft list ruleset | grep -E 'drop|reject'",
        ],
        fix=[
            "remove the rule that drops the port, on the node, in the security group or on the way",
            "only some nodes: compare route, subnet and security group with a healthy one",
        ],
        caused_by=_PATH_CAUSES + ["api.port_dropped", "api.etcd_failing", "api.etcd_slow", "kubelet.stale_connection", "memory.thrash"],
    ),
    failure(
        "api.no_route",
        title="There is no route to the API server",
        severity="critical",
        role="cause",
        what="The node's own routing, a full neighbour table, no local port left, or a neighbour that does not answer ends the connection "
             "at once.",
        log=[
            ("any", "no route to host", _DIAL + _CALL + r"no route to host"),
            ("any", "network is unreachable", _DIAL + _CALL + r"network is unreachable"),
            ("any", "network is down", _DIAL + _CALL + r"network is down"),
            ("any", "host is down", _DIAL + _CALL + r"host is down"),
            ("any", "assign requested address", _DIAL + _CALL + r"cannot assign requested address"),
            ("any", "connect: invalid argument", _DIAL + r"connect: invalid argument"),
        ],
        ends=ANSWERED,
        least=_OFTEN,
        confirm=["s={server}; ip route get $(getent ahosts $(echo ${s%:*} | tr -d '[]') | awk '{print $1; exit}'); ip neigh; ip -br addr", "ping -c 3 GATEWAY"],
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
             REQUEST + r".{0,200}x509: certificate is valid for (?P<names>.{1,160}), not (?P<host>[^\s\"]+)"),
            ("any", "x509: certificate is not valid for any names",
             REQUEST + r".{0,200}x509: certificate is not valid for any names, but wanted to match (?P<host>[^\s\"]+)"),
            ("any", "legacy common name field", REQUEST + r".{0,200}x509: certificate relies on legacy Common Name field"),
            ("any", "x509: cannot validate certificate", REQUEST + r".{0,200}x509: cannot validate certificate for (?P<host>\S+)"),
            ("any", "http response to https client", REQUEST + r".{0,100}server gave HTTP response to HTTPS client"),
            ("any", "first record does not look like a tls handshake",
             REQUEST + r".{0,100}first record does not look like a TLS handshake"),
            ("any", "remote error: tls",
             REQUEST +
             r".{0,100}remote error: tls: (?:handshake failure|internal error|bad certificate|unknown certificate authority"
             r"|protocol version not supported|unrecognized name)"),
            ("any", "proxy authentication required", REQUEST + r"(?P<reason>Proxy Authentication Required)"),
        ],
        ends=ANSWERED,
        confirm=["s={server}; case $s in *:*) ;; *) s=$s:443;; esac; openssl s_client -connect $s -servername ${s%:*} </dev/null 2>/dev/null | "
                 "openssl x509 -noout -text | grep -A1 'Alternative Name'"],
        fix=[
            "on the control plane: " + CLUSTER_CONFIGURATION + "add the name to apiServer.certSANs in it",
            "mv /etc/kubernetes/pki/apiserver.crt /etc/kubernetes/pki/apiserver.key /root/; kubeadm init phase certs apiserver --config kubeadm.yaml; "
            "restart the API server; kubeadm init phase upload-config kubeadm --config kubeadm.yaml",
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
        log=[
            ("any", ": operation not permitted", _DIAL + _CALL + r"operation not permitted"),
            # what a firewall that logs says: on the way out here, on the way in on a control plane
            ("kernel", "dpt=6443", r"(?:UFW BLOCK|REJECT|DROP)\S{0,20} ?.{0,4}IN=(?: OUT=\S|\S+ OUT= .{0,200}SRC=" + PRIVATE +
             r").{0,200}DST=(?P<server>\S+) .{0,200}DPT=6443\b"),
        ],
        ends=ANSWERED,
        confirm=["iptables-save | grep -nE 'DROP|REJECT'", "nft list ruleset | grep -nE 'drop|reject'"],
        fix=[
            "delete the rule: iptables -L OUTPUT -n --line-numbers; iptables -D OUTPUT NUMBER",
            "remove it from the firewall's saved configuration as well",
        ],
        caused_by=["net.firewall_reloaded"],
    ),
    failure(
        "api.server_error",
        title="The API server answers with errors",
        severity="critical",
        role="cause",
        what="It, or the load balancer before it, is reached and answers 5xx or 429: overloaded, starting, or without a working etcd. "
             "Other nodes should say the same.",
        log=[
            ("any", "an error on the server",
             r"an error on the server \((?!\\*\"unable to decode an event from the watch stream).{0,200}\) has prevented the request from succeeding"),
            ("any", "currently unable to handle the request",
             r"(?:node status|lease|\*v1\S{0,30}\.\w{1,40}|register node).{0,300}the server is currently unable to handle the request"),
            ("any", "too many requests",
             r"(?:node status|lease|\*v1\S{0,30}\.\w{1,40}|register node).{0,300}the server has received too many requests"),
            ("any", "return a response in the time allotted",
             r"(?:node status|lease|\*v1\S{0,30}\.\w{1,40}"
             r"|register node).{0,300}the server was unable to return a response in the time allotted"),
            ("any", "server is not ready: ",
             r"server is not ready: https?://(?P<server>[^/\s]{1,200})/\S{1,100}: (?P<reason>5\d\d [A-Z][\w ]{1,40})"),
            ("any", "bad gateway", REQUEST + r"(?P<reason>Bad Gateway|Service Unavailable|Gateway Time-?out)"),
            ("any", "service unavailable", REQUEST + r"(?P<reason>Bad Gateway|Service Unavailable|Gateway Time-?out)"),
        ],
        ends=ANSWERED,
        least=_OFTEN,
        confirm=["kubectl get --raw /readyz?verbose", "on the control plane: crictl ps -a | grep -E 'kube-apiserver|etcd'"],
        fix=[
            "on the control plane: crictl logs of kube-apiserver and etcd",
            "look for a client that floods it: audit log, apiserver_request_total",
        ],
        caused_by=["api.etcd_failing", "api.etcd_slow", "api.server_down"],
    ),
    failure(
        "api.server_down",
        title="The API server's container on this node keeps exiting",
        severity="critical",
        role="cause",
        what="A static pod of the control plane does not stay up, so this kubelet, and all nodes that use this server, are refused.",
        log=[
            ("any", "crashloopbackoff", r"for \"kube-apiserver\" with CrashLoopBackOff"),
            ("any", "exited", _EXITED.replace("NAME", "kube-apiserver")),
        ],
        confirm=["crictl ps -a --name kube-apiserver; crictl logs --tail 50 $(crictl ps -aq --name kube-apiserver | head -1)"],
        fix=["fix what its last lines name: etcd, a certificate, a flag in /etc/kubernetes/manifests/kube-apiserver.yaml"],
        caused_by=["api.etcd_failing", "api.etcd_corrupt", "cert.server_expired", "cert.client_refused", "disk.full", "disk.read_only",
                   "disk.inodes_full", "time.skew", "memory.oom.container"],
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
            ("any", "starting a new election at term", r"\b[0-9a-f]{9,16} is starting a new election at term \d+"),
            ("any", "lost leader ", r"raft\.node: [0-9a-f]{9,16} lost leader [0-9a-f]{9,16} at term \d+"),
            ("any", "crashloopbackoff", r"for \"etcd\" with CrashLoopBackOff"),
            ("any", "exited", _EXITED.replace("NAME", "etcd")),
        ],
        ends=ANSWERED + [("any", "elected leader ", r"raft\.node: [0-9a-f]{9,16} elected leader [0-9a-f]{9,16} at term")],
        least=(2, 600),
        confirm=["on the control plane: crictl ps -a | grep etcd",
                 "kubectl -n kube-system exec etcd-CONTROLPLANE -- etcdctl --cacert /etc/kubernetes/pki/etcd/ca.crt --cert /etc/kubernetes/pki/etcd/server.crt "
                 "--key /etc/kubernetes/pki/etcd/server.key endpoint status --cluster -w table   # then: alarm list"],
        fix=["bring etcd's members back; slow disk: see iostat -x; full database: compact, defrag, alarm disarm"],
        caused_by=["storage.slow_disk", "disk.full", "storage.nvme_timeout", "storage.io_error", "time.skew", "api.etcd_slow",
                   "api.etcd_corrupt"],
    ),
    failure(
        "api.etcd_corrupt",
        title="etcd's data on this node is damaged",
        severity="critical",
        role="cause",
        what="etcd cannot read its log or database and exits at start, as after a power loss or a full disk; with one member the API "
             "server is gone.",
        log=[
            ("any", "crc mismatch", r"(?:wal|walpb)[:.].{0,80}crc mismatch"),
            ("any", "snapshot file doesn't exist", r"snap: snapshot file doesn't exist"),
            ("any", "recover v3 backend from snapshot", r"failed to recover v3 backend from snapshot"),
            ("any", "is out of range [lastindex(", r"tocommit\(\d+\) is out of range \[lastIndex\(\d+\)\]"),
            # of bbolt, which the runtime has as well; k3s has both in one process
            ("controller", "panic: freepages", r"panic: freepages: failed to get all reachable pages"),
            ("controller", "panic: invalid page type", r"panic: invalid page type: \d+: \w+"),
        ],
        confirm=[
            "crictl logs --tail 50 $(crictl ps -aq --name etcd | head -1)",
            "ls -l /var/lib/etcd/member/snap /var/lib/etcd/member/wal",
        ],
        fix=[
            "one of several members: move etcd.yaml out of /etc/kubernetes/manifests; on another: etcdctl member remove ID, then etcdctl member add NAME "
            "--peer-urls=https://ADDRESS:2380; mv /var/lib/etcd /var/lib/etcd.broken",
            "then in etcd.yaml set --initial-cluster to what member add printed and --initial-cluster-state=existing (without it an EMPTY cluster starts), "
            "and move it back",
            "the only member: move all manifests out of /etc/kubernetes/manifests; mv /var/lib/etcd /var/lib/etcd.broken; etcdutl snapshot restore BACKUP "
            "--data-dir /var/lib/etcd (before 3.5: etcdctl); move them back",
        ],
        caused_by=["host.unclean_shutdown", "disk.full", "storage.fs_error", "storage.io_error"],
    ),
    failure(
        "api.etcd_slow",
        title="etcd on this node is slow",
        severity="warning",
        role="symptom",
        what="It waits for its disk or for the processor; leaders change and requests time out. The disk, or what loads it, is the cause.",
        log=[
            ("any", "send out heartbeat on time", r"failed to send out heartbeat on time"),
            ("any", "took too long", r"took too long(?: \(|.{0,80}\"took\":\")(?:\d+m)?[1-9]\d{0,3}(?:\.\d+)?s\b"),
            ("any", "server is likely overloaded", r"server is likely overloaded"),
            ("any", "waiting for readindex response", r"waiting for ReadIndex response took too long"),
        ],
        least=(5, 300),
        confirm=["iostat -x 1 5", "curl -s http://127.0.0.1:2381/metrics | grep -E 'wal_fsync_duration|backend_commit_duration'"],
        fix=["give /var/lib/etcd a disk of its own", "find what writes beside it: iotop -oPa"],
        caused_by=["storage.slow_disk", "storage.nvme_timeout", "storage.io_error", "memory.thrash", "kernel.soft_lockup"],
    ),
    failure(
        "api.leader_lost",
        title="k3s or rke2 ended because it lost its leader lease",
        severity="critical",
        role="symptom",
        what="Its API server did not answer in time, so the process that holds control plane and kubelet exits and is started again.",
        log=[("kubelet", "leaderelection lost", r"leaderelection lost")],
        ends=ANSWERED,
        confirm=["journalctl -u {unit} | grep -iE 'took too long|slow sql|leaderelection' | tail -20", "iostat -x 1 5"],
        fix=["give the datastore a faster disk", "take load off the server node"],
        caused_by=["api.etcd_slow", "api.etcd_failing", "api.timeout", "storage.slow_disk", "disk.full", "memory.thrash"],
    ),
    failure(
        "api.lease_failing",
        title="The kubelet's heartbeat fails",
        severity="warning",
        role="symptom",
        what="It cannot renew its lease or update its status; four or five misses and the control plane says Unknown. The error at the end "
             "of the line names the cause.",
        log=[
            ("any", "ensure lease exists", _NO_LEASE),
            ("any", "update lease", _NO_LEASE),
            ("any", "node lease", _NO_LEASE),
            ("any", "updating node status, will retry", r"^(?!.*object has been modified).*Error updating node status, will retry"),
            ("any", "unable to update node status", r"Unable to update node status"),
        ],
        ends=RENEWED,
        least=_OFTEN,
        confirm=[
            "kubectl -n kube-node-lease get lease {node} -o yaml | grep renewTime",
            "journalctl -u kubelet | grep -iE 'lease|node status' | tail",
        ],
        fix=["follow the error at the end of the line"],
        caused_by=["api.refused", "api.timeout", "api.no_route", "api.name_unresolved", "api.tls_failed", "api.unauthorized",
                   "api.port_dropped", "api.server_error", "api.etcd_failing", "cert.client_expired", "cert.server_expired",
                   "cert.unknown_authority", "cert.client_not_yet_valid", "time.skew", "kubelet.unauthorized",
                   "kubelet.wrong_node_name", "kubelet.stale_connection", "kubelet.cloud_provider", "node.deleted",
                   "memory.thrash"] + _PATH_CAUSES,
    ),
]
