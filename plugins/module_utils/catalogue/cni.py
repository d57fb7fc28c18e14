# Copyright: kubetriage.node contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The pod network: CNI configuration, binaries, agents, and the rules that make it work."""

from .entry import failure

_AGENTS = (r"calico-node|calico-kube-controllers|kube-flannel|install-cni(?:-plugin)?|cilium-agent|cilium|weave(?:-npc)?|aws-node|"
           r"aws-vpc-cni-init|antrea-agent|kube-router|ovnkube-node|ovnkube-controller|ovn-controller|azure-cns|canal|multus|kube-multus")

FAILURES = [
    failure(
        "cni.config_missing",
        title="There is no CNI configuration on the node",
        severity="critical",
        role="cause",
        what="/etc/cni/net.d holds no usable file. The CNI agent's pod writes it: it did not start here, or the file was removed. "
             "New pods get no network and the node is NotReady.",
        log=[
            ("any", "no networks found in", r"No networks found in /\S+"),
            ("any", "no cni configuration file in", r"No CNI configuration file in /\S+"),
            ("runtime", "fs change event",
             r"failed to reload cni configuration after receiving fs change event\(\"?(?:REMOVE|RENAME|/\S+: (?:REMOVE|RENAME)|\S*\"?: "
             r"(?:REMOVE|RENAME)|.{0,200}(?:REMOVE|RENAME)).{0,300}no network config found"),
        ],
        ends=[
            ("any", "became ready", r"(?:Node|it just) became ready"),
            ("any", "nodeready", r"status is now: NodeReady"),
        ],
        confirm=["ls -la /etc/cni/net.d", "kubectl -n kube-system get pods -o wide --field-selector spec.nodeName={node}"],
        fix=[
            "restart the CNI agent's pod on this node; its install container writes the file again",
            "if the pod is not there: kubectl -n kube-system describe ds AGENT (taints, image, quota)",
        ],
        repair="restart_cni_agent",
        caused_by=["cni.agent_not_ready", "cni.pod_cidr_missing", "runtime.sandbox_image", "kubelet.unauthorized",
                   "kubelet.wrong_node_name", "disk.full", "disk.read_only"],
    ),
    failure(
        "cni.config_invalid",
        title="The CNI configuration cannot be read",
        severity="critical",
        role="cause",
        what="The first file of /etc/cni/net.d in lexical order is used, an editor's backup included; this one does not parse or lacks a "
             "name or plugins.",
        log=[
            ("any", "error parsing configuration", r"error parsing configuration(?: list)?: (?P<reason>.{1,160})"),
            ("any", "loading cni config", r"Error loading CNI config (?:list )?file (?P<path>\S+?): (?P<reason>.{1,160})"),
            ("any", "no 'plugins' key", r"no 'plugins' key"),
            ("any", "config load failed", r"cni config load failed: (?!no network config found)(?P<reason>.{1,200})"),
        ],
        confirm=["ls -la /etc/cni/net.d", "for f in /etc/cni/net.d/*.conf*; do python3 -m json.tool $f > /dev/null || echo bad: $f; done"],
        fix=["move the broken file out of /etc/cni/net.d", "restart the CNI agent's pod on this node"],
        caused_by=["disk.full"],
    ),
    failure(
        "cni.binary_missing",
        title="A CNI plugin binary is missing",
        severity="critical",
        role="cause",
        what="The configuration names a plugin that is not in the binary directory. The node can be Ready, yet no pod gets a network.",
        log=[
            ("any", "failed to find plugin", r"failed to find plugin \"(?P<plugin>[\w.-]{1,60})\" in path \[(?P<path>[^\]]{0,200})\]"),
            ("any", "exec format error", r"plugin type=\"(?P<plugin>[\w.-]{1,60})\".{0,200}exec format error"),
            ("any", "permission denied", r"plugin type=\"(?P<plugin>[\w.-]{1,60})\".{0,200}fork/exec /\S+: permission denied"),
        ],
        confirm=["grep -h '\"type\"' /etc/cni/net.d/*.conf*; ls -l /opt/cni/bin", "findmnt -T /opt/cni/bin -o OPTIONS   # noexec?"],
        fix=[
            "install it again: apt-get install --reinstall kubernetes-cni, or yum reinstall kubernetes-cni, or unpack the "
            "containernetworking plugins into /opt/cni/bin",
            "agents that bring their own: restart the CNI agent's pod on this node",
        ],
        repair="restart_cni_agent",
    ),
    failure(
        "cni.agent_state_missing",
        title="What the CNI agent leaves on the node is missing",
        severity="critical",
        role="cause",
        what="The plugin asks for a file or socket of its agent, which is not there: the agent does not run, or lost its state. "
             "The node stays Ready; no new pod gets a network.",
        log=[
            ("any", "/run/flannel/subnet.env", r"open (?P<path>/run/flannel/subnet\.env): no such file or directory"),
            ("any", "/var/lib/calico/nodename", r"stat (?P<path>/var/lib/calico/nodename): no such file or directory"),
            ("any", "cilium",
             r"(?:unable to connect to Cilium (?:agent|daemon)|dial unix (?P<path>/var/run/cilium/cilium\.sock): connect:"
             r"|Cilium API client timeout exceeded)"),
            ("any", "dial unix /var/run/",
             r"dial unix (?P<path>/var/run/(?:antrea/cni|ovn-kubernetes/cni/ovn-cni-server|aws-node/ipam"
             r"|openshift-sdn/cniserver/socket)\S*?): connect: (?:no such file|connection refused)"),
            ("any", "127.0.0.1:6784", r"127\.0\.0\.1:6784.{0,80}connection refused"),
            ("any", "127.0.0.1:50051", r"(?:aws-cni|AddNetwork|127\.0\.0\.1:50051).{0,200}127\.0\.0\.1:50051.{0,40}connection refused"),
        ],
        confirm=[
            "ls -l /run/flannel/subnet.env /var/lib/calico/nodename /var/run/cilium/cilium.sock 2>&1",
            "kubectl get pods -A -o wide --field-selector spec.nodeName={node}",
        ],
        fix=["restart the CNI agent's pod on this node and read its log: kubectl -n kube-system logs POD --previous"],
        repair="restart_cni_agent",
        caused_by=["cni.agent_not_ready", "cni.pod_cidr_missing", "pids.exhausted", "disk.full"],
    ),
    failure(
        "cni.agent_not_ready",
        title="The CNI agent on this node is not ready",
        severity="warning",
        role="cause",
        what="Its pod crashes, cannot be pulled or fails its own checks: routes and policies are stale, new pods get no network. "
             "Normal in its first seconds.",
        log=[
            ("any", "calico/node is not ready", r"calico/node is not ready: (?P<reason>.{1,160})"),
            ("any", "felix is not", r"Felix is not (?:live|ready): (?P<reason>.{1,160})"),
            ("any", "startcontainer",
             r"StartContainer\" for \"(?P<container>(?:" + _AGENTS +
             r"))\" with (?P<reason>CrashLoopBackOff|ImagePullBackOff|ErrImagePull|CreateContainerError|RunContainerError)"),
        ],
        confirm=[
            "kubectl get pods -A -o wide --field-selector spec.nodeName={node} | grep -E 'calico|flannel|cilium|weave|aws-node|antrea|ovn'",
            "kubectl -n kube-system logs POD --previous --tail 50",
        ],
        fix=["fix what its log names (address detection, API server, kernel module, image)", "kubectl -n {namespace} delete pod {pod}"],
        repair="restart_cni_agent",
        caused_by=["cni.service_unreachable", "cni.br_netfilter_missing", "cni.pod_cidr_missing", "net.interfaces_managed",
                   "net.no_default_route", "pids.exhausted", "memory.oom.container", "disk.full", "disk.read_only",
                   "runtime.sandbox_image", "limits.inotify_instances"],
    ),
    failure(
        "cni.pod_cidr_missing",
        title="The node was given no pod network range",
        severity="critical",
        role="cause",
        what="The agent waits for spec.podCIDR: the controller manager does not allocate ranges, or has none left.",
        log=[
            ("any", "pod cidr not assigned", r"node \"(?P<node>[^\"]{1,100})\" pod cidr not assigned"),
            ("any", "does not have netconfig", r"Kubenet does not have netConfig"),
            ("any", "cidrnotavailable", r"CIDRNotAvailable"),
        ],
        confirm=[
            "kubectl get node {node} -o yaml | grep -i podcidr",
            "controller manager: --allocate-node-cidrs --cluster-cidr --node-cidr-mask-size",
        ],
        fix=[
            "set --allocate-node-cidrs=true and a --cluster-cidr wide enough on the controller manager",
            "flannel's Network (kube-flannel ConfigMap) must equal --cluster-cidr",
        ],
    ),
    failure(
        "cni.ip_exhausted",
        title="No pod addresses are left",
        severity="critical",
        role="cause",
        what="The node's range or the cloud subnet is used up, or addresses of dead pods were never given back. The node stays Ready; "
             "new pods hang in ContainerCreating.",
        log=[
            ("any", "no ip addresses available", r"no IP addresses available in (?:range set|network)[: ]*(?P<range>\S{0,80})"),
            ("any", "failed to assign an ip address to container", r"failed to assign an IP address to container"),
            ("any", "insufficientfreeaddressesinsubnet", r"InsufficientFreeAddressesInSubnet"),
        ],
        confirm=[
            "ls /var/lib/cni/networks/*/ | wc -l; crictl pods -q | wc -l",
            "kubectl get node {node} -o yaml | grep -E 'podCIDR|pods:'",
        ],
        fix=[
            "more addresses left over than pods: drain, stop the kubelet, empty /var/lib/cni/networks/*, reboot",
            "cloud: add a subnet or prefix delegation; else lower maxPods",
        ],
    ),
    failure(
        "cni.service_unreachable",
        title="The cluster's service address cannot be reached from this node",
        severity="critical",
        role="cause",
        what="The CNI plugin or agent goes to the API server by its service address, and the rules that lead there are missing or wrong: "
             "kube-proxy, firewall, or the pod network.",
        log=[
            ("any", "dial tcp",
             r"(?:plugin type=|NetworkPlugin cni|network for sandbox).{0,600}https?://[^/\s\"]+/apis?/.{0,300}dial tcp "
             r"(?P<address>\S{1,60}): (?:connect: )?(?P<reason>connection refused|no route to host|i/o timeout|network is unreachable)"),
            ("any", "unable to reach api server", r"Unable to reach API Server"),
            ("any", "failed to check api server connectivity", r"Failed to check API server connectivity"),
        ],
        confirm=[
            "curl -sk -m 5 https://$(kubectl get svc kubernetes -o custom-columns=IP:.spec.clusterIP --no-headers)/healthz",
            "iptables-save -t nat | grep -c KUBE-SVC",
        ],
        fix=["restart kube-proxy's pod on this node", "iptables-save | grep -c KUBE-   # 0: see cni.chains_flushed"],
        caused_by=["cni.chains_flushed", "cni.kube_proxy_down", "cni.backend_mix", "cni.drop_all", "cni.br_netfilter_missing",
                   "cni.ip_forward_off", "limits.conntrack"],
    ),
    failure(
        "cni.kube_proxy_down",
        title="kube-proxy does not run on this node",
        severity="warning",
        role="cause",
        what="The node stays Ready; service addresses go stale and fail one by one.",
        log=[
            ("any", "startcontainer",
             r"StartContainer\" for \"(?P<container>kube-proxy)\" with (?P<reason>CrashLoopBackOff|ImagePullBackOff|ErrImagePull"
             r"|RunContainerError)"),
            ("any", "could not find the requested resource",
             r"(?:endpointslice|EndpointSlice|\*v1\.Service).{0,200}the server could not find the requested resource"),
        ],
        confirm=[
            "curl -sS -m 5 http://127.0.0.1:10256/healthz",
            "kubectl -n kube-system get pods -o wide --field-selector spec.nodeName={node} | grep kube-proxy",
        ],
        fix=["kubectl -n kube-system logs POD --previous", "version skew: kube-proxy must not be newer than the API server"],
        caused_by=["pids.exhausted", "disk.full", "limits.inotify_instances", "memory.oom.container"],
    ),
    failure(
        "cni.routes_missing",
        title="The pod network's routes cannot be set",
        severity="warning",
        role="cause",
        what="The tunnel or VXLAN interface is down or gone, so the routing daemon's routes to other nodes are refused.",
        log=[
            ("any", "netlink: network is down", r"bird6?\b.{0,40}Netlink: Network is down"),
            ("any", "bind: address not available", r"bird6?\b.{0,200}bind: Address not available"),
        ],
        confirm=["ip route | grep -c 'proto bird'; ip -br link | grep -E 'tunl0|vxlan|flannel'"],
        fix=["ip link set tunl0 up", "restart the CNI agent's pod on this node; check its address autodetection (IP_AUTODETECTION_METHOD)"],
        repair="restart_cni_agent",
        caused_by=["net.interfaces_managed", "nic.link_down"],
    ),
    failure(
        "cni.not_initialized",
        title="The pod network is not ready (NetworkReady=false)",
        severity="critical",
        role="symptom",
        what="The runtime has no CNI configuration loaded, so the kubelet reports NotReady. If the file is there, the runtime did not see "
             "it: restart the runtime.",
        log=[
            ("any", "networkpluginnotready", r"reason:NetworkPluginNotReady"),
            ("any", "cni plugin not initialized",
             r"(?:Network plugin returns error: |network is not ready: .{0,80})cni plugin not initialized"),
            ("any", "cni config uninitialized", r"cni config uninitialized"),
        ],
        ends=[
            ("any", "became ready", r"(?:Node|it just) became ready"),
            ("any", "nodeready", r"status is now: NodeReady"),
        ],
        confirm=["ls -la /etc/cni/net.d", "crictl info | grep -A8 -i networkready"],
        fix=["file missing: restart the CNI agent's pod on this node", "file there: systemctl restart containerd"],
        caused_by=["cni.config_missing", "cni.config_invalid", "cni.agent_not_ready", "cni.pod_cidr_missing", "runtime.sandbox_image",
                   "kubelet.unauthorized", "kubelet.wrong_node_name", "limits.inotify_instances", "limits.inotify_watches",
                   "kubelet.resolv_conf_missing", "net.name_servers_missing"],
    ),
    failure(
        "cni.chains_flushed",
        title="The firewall chains of kube-proxy or the CNI are gone",
        severity="critical",
        role="cause",
        what="A firewall reload or flush removed them. kubelet and kube-proxy write theirs again within a minute; host ports and CNI "
             "chains stay away until the agent restarts. The node stays Ready.",
        log=[("any", "canary", r"iptables canary\b.{0,60}deleted")],
        confirm=[
            "iptables-save | grep -cE 'KUBE-|CNI-|FLANNEL|cali|CILIUM|WEAVE'",
            "journalctl --since -1d | grep -iE 'firewalld|nftables|iptables' | tail",
        ],
        fix=[
            "restart kube-proxy's and the CNI agent's pod on this node",
            "stop the firewall service from flushing: systemctl disable --now firewalld, or FlushAllOnReload=no",
        ],
        repair="restart_cni_agent",
        caused_by=["net.firewall_reloaded"],
    ),
    failure(
        "cni.forward_drop",
        title="The node does not forward pod traffic (FORWARD policy DROP)",
        severity="critical",
        role="cause",
        what="The policy is DROP, as docker and some firewalls set it, and no rule of the CNI or kube-proxy accepts pod traffic.",
        confirm=["iptables -S FORWARD | head"],
        fix=[
            "iptables -P FORWARD ACCEPT",
            "restart the CNI agent's pod on this node; docker: \"iptables\": false or a drop-in with ExecStartPost=/sbin/iptables -P "
            "FORWARD ACCEPT",
        ],
        repair="restart_cni_agent",
        caused_by=["net.firewall_reloaded", "cni.chains_flushed"],
    ),
    failure(
        "cni.backend_mix",
        title="Rules lie in both iptables backends (legacy and nft)",
        severity="warning",
        role="cause",
        what="Host and agents write to different tables; both are in force and the stale set wins where it drops.",
        log=[
            ("any", "iptables-legacy tables present", r"iptables-legacy tables present"),
            ("any", "initialize iptables table", r"can't initialize ip6?tables table"),
        ],
        confirm=[
            "iptables-legacy-save | grep -c KUBE-; iptables-nft-save | grep -c KUBE-",
            "update-alternatives --display iptables | head -3",
        ],
        fix=[
            "use one: update-alternatives --set iptables /usr/sbin/iptables-nft",
            "empty the other: iptables-legacy-save | grep -c .; reboot the node after changing",
        ],
    ),
    failure(
        "cni.drop_all",
        title="A KUBE-FIREWALL rule drops all traffic of the node",
        severity="critical",
        role="cause",
        what="Two versions of iptables do not understand each other's rules: the mark match is lost and the DROP applies to everything.",
        log=[("any", "kube-firewall", r"-A KUBE-FIREWALL(?: -m comment --comment \"[^\"]{0,120}\")? -j DROP")],
        confirm=["iptables -S KUBE-FIREWALL   # each DROP must have a match (mark or addresses)"],
        fix=["iptables -F KUBE-FIREWALL   # for now", "use the same iptables version and backend on the host and in the kube-proxy image"],
        caused_by=["cni.backend_mix"],
    ),
    failure(
        "cni.ip_forward_off",
        title="IP forwarding is switched off",
        severity="critical",
        role="cause",
        what="The kernel does not pass packets between pods and the network; a hardening profile or cloud-init set it back. "
             "The node stays Ready.",
        log=[("any", "ip_forward", r"/proc/sys/net/ipv4/ip_forward contents are not set to 1")],
        confirm=["sysctl net.ipv4.ip_forward; grep -rn ip_forward /etc/sysctl.conf /etc/sysctl.d /usr/lib/sysctl.d"],
        fix=["sysctl -w net.ipv4.ip_forward=1; echo net.ipv4.ip_forward=1 > /etc/sysctl.d/99-kubernetes.conf"],
    ),
    failure(
        "cni.br_netfilter_missing",
        title="Bridged pod traffic bypasses the firewall rules (br_netfilter)",
        severity="warning",
        role="cause",
        what="The module br_netfilter is not loaded or its setting is 0: service addresses fail between pods of one node. "
             "Usual after a kernel update.",
        log=[
            ("any", "bridge-nf-call-iptables", r"bridge-nf-call-iptables: no such file or directory"),
            ("any", "br-netfilter", r"Missing br-netfilter module or unset"),
        ],
        confirm=["lsmod | grep br_netfilter; sysctl net.bridge.bridge-nf-call-iptables"],
        fix=[
            "modprobe br_netfilter; echo br_netfilter > /etc/modules-load.d/br_netfilter.conf",
            "sysctl -w net.bridge.bridge-nf-call-iptables=1",
        ],
    ),
]
