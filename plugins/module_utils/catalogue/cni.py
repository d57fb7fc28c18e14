# Copyright: kubetriage.node contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The pod network: CNI configuration, binaries, agents, and the rules that make it work."""

from .entry import failure

# Containers of the agents' pods, those that prepare a node included.
_AGENTS = (r"(?:calico-node|upgrade-ipam|install-cni(?:-plugin)?|mount-bpffs|ebpf-bootstrap|flexvol-driver|kube-flannel|canal"
           r"|cilium-agent|mount-cgroup|mount-bpf-fs|clean-cilium-state|weave(?:-npc)?|aws-node|aws-vpc-cni-init|aws-eks-nodeagent"
           r"|antrea-agent|antrea-ovs|kube-router|ovnkube-node|ovnkube-controller|ovn-controller|ovs-daemons|northd|openvswitch|sdn"
           r"|cni-server|azure-cns|cns-container|cni-installer|kube-multus)")
_AGENT_PODS = (r"(?:calico-node|kube-flannel|canal|cilium|weave-net|aws-node|antrea-agent|kube-router|ovnkube-node|ovs-node|kube-multus"
               r"|azure-cns)")
_BROKEN = r"(?:CrashLoopBackOff|ImagePullBackOff|ErrImagePull|CreateContainerError|CreateContainerConfigError|RunContainerError)"
# How kubelet and runtime introduce what a CNI plugin said.
_PLUGIN = r"(?:plugin type=|NetworkPlugin cni|network for sandbox|to CNI network|netplugin failed|Multus:|\[cni-ipam\])"
# Of a pod's own wishes (multus), not of the node's network: another network, or one whose parent interface is not here.
_NOT_ASKED = (r"(?!.*(?:k8s delegates|GetNetworkDelegates|NetworkAttachmentDefinition"
              r"|error adding container to network \"[^\"]{1,100}\": (?:Link not found|failed to lookup (?:master|parent))))")
# The address at which the API server is a service, as installers choose it
_SERVICE = (r"https?://(?P<server>(?:10\.(?:0|32|43|68|96|100|233|254)\.0\.1|10\.152\.183\.1|100\.64\.0\.1|172\.[23]0\.0\.1"
            r"|\[?fd[0-9a-f:]{1,30}:0?1\]?|kubernetes\.default[\w.]{0,40})(?::443)?)/")
# Interfaces over which pods' traffic comes or goes
_LINKS = r"(?:cni|cali|flannel|vxlan|tunl|cilium|lxc|cbr|weave|antrea|genev|veth|kube-)[\w.]*"
_NO_WAY = (r"dial tcp \S{1,60}: (?:connect: |getsockopt: )?(?:connection refused|no route to host|i/o timeout|network is unreachable"
           r"|connection timed out)")
# How the agents' own lines look, which go to the API server by its service address: calico, weave, kube-router
_AGENT_SAYS = (r"(?:\[(?:INFO|WARNING|ERROR|FATAL|PANIC)\]\[\d+\]|\b(?:felix|startup|confd|cni-installer)/[\w.<>]+"
               r"|(?:connecting to|initializing) datastore|kube-peers|CNI kubeconfig|Failed to list nodes)")
_READY = [("any", "became ready", r"(?:Node|it just) became ready"), ("any", "nodeready", r"status is now: NodeReady")]
# What keeps an agent's pod from running, and what keeps it from the API server.
_ON_THE_NODE = ["pids.exhausted", "disk.full", "disk.read_only", "memory.oom.container", "limits.inotify_instances",
                "runtime.sandbox_image", "runtime.runc_broken", "runtime.apparmor_unusable", "runtime.seccomp_memory",
                "runtime.storage_corrupt", "kubelet.resolv_conf_missing", "net.name_servers_failing", "net.name_servers_missing",
                "cni.kernel_support_missing"]
_WAY_TO_API = ["api.refused", "api.timeout", "api.no_route", "api.name_unresolved", "nic.link_down", "nic.bond_down",
               "net.no_default_route", "net.networkd_restarted"]

FAILURES = [
    failure(
        "cni.config_missing",
        title="There is no CNI configuration on the node",
        severity="critical",
        role="cause",
        what="/etc/cni/net.d holds no usable file. The CNI agent's pod writes it: it did not start here, or the file was removed. "
             "New pods get no network and the node is NotReady.",
        log=[
            ("any", "no networks found in", r"No networks found in /(?!etc/cni/multus)\S+"),
            ("any", "no cni configuration file in", r"No CNI configuration file in /\S+"),
            # not of the directory itself: see cni.config_not_loaded
            ("runtime", "fs change event",
             r"^(?!.*(?:REMOVE|RENAME) *\"/[^\"]*net\.d/?\"|.*\"/[^\"]*net\.d/?\": (?:REMOVE|RENAME))"
             r".*failed to reload cni configuration after receiving fs change event\(\"?(?:REMOVE|RENAME|/\S+: (?:REMOVE|RENAME)|\S*\"?: "
             r"(?:REMOVE|RENAME)|.{0,200}(?:REMOVE|RENAME)).{0,300}no network config found"),
        ],
        ends=_READY,
        confirm=["ls -la /etc/cni/net.d", "kubectl -n kube-system get pods -o wide --field-selector spec.nodeName={node}"],
        fix=[
            "restart the CNI agent's pod on this node; its install container writes the file again",
            "if the pod is not there: kubectl -n kube-system describe ds AGENT (taints, image, quota)",
        ],
        repair="restart_cni_agent",
        caused_by=["cni.agent_not_ready", "cni.pod_cidr_missing", "cni.service_unreachable", "kubelet.unauthorized",
                   "kubelet.wrong_node_name"] + _ON_THE_NODE,
    ),
    failure(
        "cni.config_not_loaded",
        title="containerd has not loaded the CNI configuration that is there",
        severity="critical",
        role="cause",
        what="containerd watches the directory itself: once that was removed and made again, or no watch could be had, it does not see new "
             "files (before 2.0), or exits (since). The node stays NotReady although the file is there.",
        log=[
            # the event is about the directory, or empty because the watch is gone
            ("runtime", "fs change event",
             r"fs change event\((?:\"/[^\"]*net\.d/?\": (?:REMOVE|RENAME)|(?:REMOVE|RENAME) +\"/[^\"]*net\.d/?\"|\"\": \))"),
            ("runtime", "conf dir is removed", r"cni conf dir is removed, stop watching"),
        ],
        ends=_READY,
        confirm=["ls -la --time-style=full-iso /etc/cni/net.d", "crictl info | grep -i lastCNILoadStatus"],
        fix=["systemctl restart containerd"],
        repair="restart_runtime",
        caused_by=["limits.inotify_instances", "limits.inotify_watches"],
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
            ("any", "the version is empty", r"(?P<reason>invalid version \\*\"\\*\": the version is empty)"),
            ("any", "config load failed", r"cni config load failed: (?!no network config found)(?P<reason>.{1,200})"),
            ("any", "cni version", r"(?P<reason>incompatible CNI versions.{0,160})"),
            ("any", "does not support key", r"(?P<reason>Network configuration does not support key.{0,80})"),  # azure-vnet
            ("any", "support config version", r"(?P<reason>plugin \S{1,60} does not support config version.{0,80})"),
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
            ("any", "fork/exec",
             _PLUGIN + r".{0,300}fork/exec (?P<path>/\S*/(?P<plugin>[\w.-]{1,60})): (?:exec format error|permission denied|no such file)"),
        ],
        confirm=["grep -h '\"type\"' /etc/cni/net.d/*.conf*; ls -l /opt/cni/bin", "findmnt -T /opt/cni/bin -o OPTIONS   # noexec?"],
        fix=[
            "install it again: apt-get install --reinstall kubernetes-cni, or yum reinstall --disableexcludes=kubernetes kubernetes-cni, or unpack the "
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
            ("any", "cilium", r"(?:unable to connect to Cilium (?:agent|daemon)|Cilium API client timeout exceeded)"),
            ("any", "dial unix",
             r"dial unix (?P<path>/(?:var/)?run/(?:cilium/cilium\.sock|antrea/cni\.sock|ovn-kubernetes/cni/+ovn-cni-server\.sock"
             r"|aws-node/ipam\S*|openshift-sdn/cniserver/socket|multus/multus\.sock|openvswitch/kube-ovn-daemon\.sock|spidernet/\S+)): "
             r"connect: (?:no such file|connection refused)"),
            ("any", "readinessindicatorfile", r"still waiting for readinessindicatorfile @ (?P<path>\S+?)\.? "),
            ("any", "database connection failed", r"ovs-vsctl: unix:(?P<path>\S+db\.sock): database connection failed"),
            ("any", "127.0.0.1:10090", r"127\.0\.0\.1:10090.{0,40}connection refused"),
            ("any", "127.0.0.1:6784", r"^(?!.*probe failed).*127\.0\.0\.1:6784.{0,80}connection refused"),
            ("any", "127.0.0.1:50051", r"(?:aws-cni|AddNetwork|127\.0\.0\.1:50051).{0,200}127\.0\.0\.1:50051.{0,40}connection refused"),
        ],
        least=(2, 120),  # one pod that comes while the agent is replaced tries again
        confirm=[
            "ls -l /run/flannel/subnet.env /var/lib/calico/nodename /var/run/cilium/cilium.sock /var/run/antrea/cni.sock 2>&1",
            "kubectl get pods -A -o wide --field-selector spec.nodeName={node}",
        ],
        fix=["restart the CNI agent's pod on this node and read its log: kubectl -n kube-system logs POD --previous"],
        repair="restart_cni_agent",
        caused_by=["cni.agent_not_ready", "cni.pod_cidr_missing", "cni.service_unreachable"] + _ON_THE_NODE,
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
            ("any", "startcontainer", r"StartContainer\" for \"(?P<container>" + _AGENTS + r")\" with (?P<reason>" + _BROKEN + r")"),
            ("any", "restarting failed container",
             r"Back-off restarting failed container[ =](?P<container>" + _AGENTS + r")\b"
             r"|pod/(?:rke2-)?" + _AGENT_PODS + r"-\S+ .{0,40}Back-off restarting failed"),
            # Cilium: logrus with subsys=, since 1.18 slog with source=
            ("any", "level=fatal",
             r"^(?=.*(?:subsys=|source=/go/src/github\.com/cilium|=/var/(?:run|lib)/cilium)).*level=fatal .{0,200}\bmsg=\"(?P<reason>.{1,160})"),
            ("any", "127.0.0.1:6784/status", r"probe failed: .{0,20}127\.0\.0\.1:6784/status\"?: (?P<reason>.{1,120})"),  # weave
            ("any", "cilium: daemon unreachable", r"probe failed: (?P<reason>cilium: daemon unreachable)"),
            ("any", "cilium.sock/v1/healthz", r"probe failed: .{0,40}cilium\.sock/v1/healthz: dial unix"),
            ("any", "waiting for ipam-d", r"Retrying waiting for IPAM-D"),
            ("any", "to call ec2:", r"failed to call (?P<call>ec2:\w+).{0,300}(?:UnauthorizedOperation|missing permissions)"),
            ("any", "ovnkube.go:", r"F\d{4} .{0,60}ovnkube\.go:\d+\] (?P<reason>.{1,160})"),
            ("any", "failed to start sdn", r"Failed to start sdn: (?P<reason>.{1,160})"),
            ("any", "sdn initialization failed", r"SDN initialization failed: (?P<reason>.{1,160})"),
            ("any", "error running agent:", r"Error running agent: (?P<reason>.{1,160})"),
            ("any", "map after bpffs was mounted", r"error opening map after bpffs was mounted"),
            ("any", "not connected yet", r"Not connected yet.{0,4}will +try again in"),
            ("any", "sdn node startup failed", r"SDN node startup failed: (?P<reason>.{1,160})"),
            ("any", "ovsdb-tool: i/o error", r"ovsdb-tool: (?P<reason>I/O error: .{1,160})"),
            ("any", "br-int.mgmt", r"(?P<reason>br-int\.mgmt: connection failed.{0,60})"),
            ("any", "pidfile check failed", r"(?P<reason>ovs\S+: \S+ pidfile check failed.{0,60})"),
            ("any", "overlaps with existing route", r"(?P<reason>Network \S+ overlaps with existing route \S+)"),
            ("any", "failed to run kube-router", r"Failed to run kube-router: (?P<reason>.{1,160})"),
            ("any", "valid interface to use", r"(?P<reason>Failed to find any valid interface to use.{0,120})"),
            ("any", "calico node", r"(?P<reason>Calico node (?:failed to start|\S+ is already using the IPv[46] address \S+))"),
            ("any", "autodetect an ipv4 address", r"(?P<reason>Couldn't autodetect an IPv4 address)"),
            ("any", "[panic][", r"\[PANIC\]\[\d+\] (?P<reason>.{1,160})"),  # calico, felix
            ("any", "[fatal][", r"\[FATAL\]\[\d+\] (?P<reason>.{1,160})"),
            ("any", "/bin/calico-node", r"probe failed: (?:command(?: timed out)?:? ?)?\"?/bin/calico-node .{0,60}(?P<reason>timed out)?"),
            ("kubelet", "probe failed",
             r"\"Probe failed\" probeType=\"(?:Live|Readi)ness\" pod=\"(?P<namespace>[\w-]+)/(?P<pod>" + _AGENT_PODS + r"-[\w-]+)\""),
            ("any", "encap type and ip", r"chassis\|\w+\|(?P<reason>Need to specify an encap type and ip)"),
            ("any", "failed to create subnetmanager", r"Failed to create SubnetManager: (?P<reason>(?!.*dial tcp).{1,160})"),
            ("any", "error registering network",
             r"Error registering network: (?P<reason>(?!.*(?:pod cidr not assigned|operation not supported)).{1,160})"),
        ],
        least=(3, 60),  # an agent that starts fails its readiness check once or twice
        ends=[("any", "setting up node network", r"\bSetting up node network"),  # antrea
              ("kubelet", "syncloop (probe)",
               r"SyncLoop \(probe\)\" probe=\"(?:readiness\" status=\"ready|startup\" status=\"started)\" pod=\"\S+/" + _AGENT_PODS)],
        confirm=[
            "kubectl get pods -A -o wide --field-selector spec.nodeName={node} | grep -E 'calico|flannel|cilium|weave|aws-node|antrea|ovn'",
            "kubectl -n {namespace} logs {pod} --previous --tail 50",
        ],
        fix=["fix what its log names (address detection, API server, kernel module, image)", "kubectl -n {namespace} delete pod {pod}"],
        repair="restart_cni_agent",
        caused_by=["cni.service_unreachable", "cni.br_netfilter_missing", "cni.pod_cidr_missing", "cni.mtu", "cni.drop_all",
                   "cni.backend_mix", "cni.rules_not_written",
                   "net.interfaces_managed", "net.no_default_route", "net.networkd_restarted"] + _ON_THE_NODE,
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
            ("any", "cidr allocation failed", r"CIDR allocation failed; there are no remaining CIDRs"),
            ("any", "pod cidr from node spec", r"Failed to get pod CIDR from node spec"),
            ("any", "podcidr not available", r"required IPv[46] PodCIDR not available"),
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
        what="The node's range or the cloud subnet is used up, addresses of dead pods were never given back, or no pool is meant for this "
             "node. The node stays Ready; new pods hang in ContainerCreating.",
        log=[
            ("any", "no ip addresses available", r"no IP addresses available in (?:range set|network)[: ]*(?P<range>\S{0,80})"),
            ("any", "failed to assign an ip address to container", r"failed to assign an IP address to container"),
            ("any", "insufficientfreeaddressesinsubnet", r"InsufficientFreeAddressesInSubnet"),
            ("any", "no available address", r"Failed to allocate (?:address|pool): No available address(?:es| pools)"),
            ("any", "not enough ips available", r"AllocateIPConfig failed: not enough IPs available"),
            ("any", "assigned 0 out of", r"Assigned 0 out of \d+ requested IPv[46] addresses"),
            ("any", "range is full", _PLUGIN + r".{0,400}(?:range is full|No more IPs available)"),
            ("any", "could not allocate ip in range", r"Could not allocate IP in range"),
            ("any", "qualified ippool", r"cannot find a qualified ippool"),  # calico: every pool is disabled, or meant for other nodes
            ("any", "no configured calico pools", r"no configured Calico pools"),
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
            ("any", "/api",
             r"(?:plugin type=|NetworkPlugin cni|network for sandbox|Multus:|SubnetManager|ClusterInformation).{0,600}"
             r"https?://(?P<server>[^/\s\"]+)/apis?/.{0,300}(?P<reason>dial tcp \S{1,60}: (?:connect: )?"
             r"(?:connection refused|no route to host|i/o timeout|network is unreachable)|TLS handshake timeout|Client\.Timeout exceeded"
             r"|context deadline exceeded)"),
            ("any", "unable to reach api server", r"Unable to reach API Server"),
            ("any", "failed to check api server connectivity", r"Failed to check API server connectivity"),
            ("any", "to communicate with k8s server", r"Failed to communicate with K8S Server"),
            ("any", "communicating with apiserver", r"error communicating with apiserver"),
            ("any", "contact k8s api-server", r"Unable to contact k8s api-server"),
            ("any", "client connection lost", _PLUGIN + r".{0,600}http2: client connection lost"),
            # without an answer aws-node says no more, and starts again
            ("any", "testing communication with server", r"Testing communication with server"),
            ("any", "dial tcp", r"(?:plugin/kubernetes|reflector\.go).{0,400}" + _SERVICE + r".{0,300}(?P<reason>" + _NO_WAY + r")"),
            ("any", ":443/api", _AGENT_SAYS + r".{0,400}https?://(?P<server>[^/\s\"]{1,60}:443)/apis?/.{0,400}"
                                              r"(?P<reason>" + _NO_WAY + r"|context deadline exceeded|Client\.Timeout exceeded)"),
        ],
        ends=[("any", "successful communication with the cluster", r"Successful communication with the Cluster")],
        confirm=[
            "curl -sk -m 5 https://$(kubectl get svc kubernetes -o custom-columns=IP:.spec.clusterIP --no-headers)/healthz",
            "iptables-save -t nat | grep -c KUBE-SVC",
        ],
        fix=["restart kube-proxy's pod on this node", "iptables-save | grep -c KUBE-   # 0, with kube-proxy in iptables or ipvs mode: see cni.chains_flushed"],
        caused_by=["cni.chains_flushed", "cni.kube_proxy_down", "cni.backend_mix", "cni.drop_all", "cni.br_netfilter_missing",
                   "cni.ip_forward_off", "cni.mtu", "cni.routes_missing", "cni.rules_not_written", "limits.conntrack"] + _WAY_TO_API,
    ),
    failure(
        "cni.kernel_support_missing",
        title="The kernel does not offer what the pod network is made of",
        severity="critical",
        role="cause",
        what="veth, bridge, vxlan or openvswitch is not there: the modules of the running kernel were removed by an update, are in a package that "
             "is not installed, or were left out of the kernel. No pod gets a network, or its agent exits.",
        log=[
            ("any", "operation not supported",
             r"(?:Error registering network|flannel exited|failed to make veth pair|failed to add the host \(veth\w+\) <=> sandbox \(veth\w+\) pair "
             r"interfaces|could not add \"[\w.-]{1,15}\"|(?:add|creat\w+|set ?up) (?:the )?(?:vxlan|tunnel|bridge|ipip|wireguard)[^:]{0,80})"
             r"(?::|.{0,60}error=) ?.{0,80}operation not supported|Failed to list routing rules.{0,40}error=operation not supported"),
            ("any", "modprobe: fatal: module",
             r"modprobe: FATAL: Module (?P<module>vxlan|veth|bridge|openvswitch|wireguard|geneve) not found in directory"),
        ],
        confirm=["uname -r; ls -d /lib/modules/*; modprobe -n -v vxlan veth bridge"],
        fix=[
            "the running kernel's modules are gone after an update: systemctl reboot",
            "install the package that has them: linux-modules-extra-$(uname -r), linux-modules-extra-raspi, kernel-modules-extra",
        ],
    ),
    failure(
        "cni.rules_not_written",
        title="kube-proxy or the CNI agent cannot write its firewall rules",
        severity="warning",
        role="cause",
        what="iptables-restore or nft refuses what it is given: a module or match that the kernel lacks, another version or backend of iptables, a "
             "set that is gone. Service addresses and policies on this node stay as they were. The node stays Ready.",
        log=[
            # exit status 4 is the lock; kube-proxy tries IPv6 even where the kernel has none
            ("any", "execute iptables-restore",
             r"^(?!.*unable to initialize table).*Failed to execute iptables-restore\"?:? ?(?:for \w+: )?(?:err=)?[\"<]?\s*"
             r"(?P<reason>exit status (?!4\b)\d.{0,200})"),
            ("any", "run iptables-restore", r"Aborting sync\. Failed to run iptables-restore: (?P<reason>.{1,200})"),
            ("any", "save command failed after retries", r"(?P<reason>ip6?tables-\S*save command failed after retries)"),
            ("any", "loading diags before panic", r"(?P<reason>Failed to program iptables, loading diags before panic.{0,80})"),
            ("any", "tables-restore command",
             r"Failed to execute ip\(6\)tables-restore command .{0,60}errorOutput=\"(?P<reason>.{0,160}Couldn't load.{0,80})"),
            ("any", "can't open lock file", r"(?P<reason>can't open lock file \S*xtables\.lock: (?:Permission denied|Read-only file system).{0,20})"),
            ("any", "failed to add ipvs service", r"Failed to add IPVS service\"? .{0,120}(?P<reason>no such file or directory)"),
            ("any", "tables sync failed", r"\"(?:nf|ip)tables sync failed\"(?: err=\"(?P<reason>.{1,200}))?"),
        ],
        least=(2, 600),
        confirm=["iptables --version; iptables-legacy-save 2>/dev/null | wc -l", "lsmod | grep -E 'ip_tables|nf_tables|xt_comment|ip_set'",
                 "iptables-save > /dev/null; echo $?"],
        fix=[
            "module missing after a kernel update: reboot, or modprobe what the line names (IPVS: ip_vs ip_vs_rr nf_conntrack)",
            "use the same iptables version and backend on the host and in the agents' images; reboot to drop the old rules",
            "permission denied: ausearch -m AVC -ts recent; restorecon /run/xtables.lock",
        ],
        caused_by=["cni.chains_flushed", "cni.backend_mix", "cni.kernel_support_missing"],
    ),
    failure(
        "cni.plugin_unauthorized",
        title="The API server refuses the CNI plugin's credentials",
        severity="critical",
        role="cause",
        what="The token in the plugin's kubeconfig under /etc/cni/net.d has expired or belongs to another cluster; its agent should have "
             "renewed it; or the CA in it is not the cluster's. The node stays Ready; no pod gets or gives back a network.",
        log=[
            ("any", ": x509: ",
             r"(?:plugin type=|NetworkPlugin cni|network for sandbox|Multus:|to CNI network).{0,600}"
             r"https?://(?P<server>[^/\s\"]+)/apis?/\S{1,300}: (?P<reason>(?:tls: failed to verify certificate: )?x509: .{1,120})"),
            ("any", "connection is unauthorized", r"connection is unauthorized(?:$|\"|: (?:Unauthorized|\S{1,80} is forbidden))"),
            ("any", "unauthorized", r"(?:plugin type=|NetworkPlugin cni|Multus:|to CNI network).{0,400}: Unauthorized\b"),
        ],
        least=(2, 120),
        confirm=["ls -l /etc/cni/net.d/*kubeconfig", "kubectl get pods -A -o wide --field-selector spec.nodeName={node}"],
        fix=[
            "restart the CNI agent's pod on this node: it writes a new token",
            "still refused: compare its CA with the cluster's, and the clock",
        ],
        repair="restart_cni_agent",
        caused_by=["time.skew", "cni.agent_not_ready", "cert.unknown_authority"],
    ),
    failure(
        "cni.bridge_stale",
        title="The pods' bridge has the address of an earlier network",
        severity="critical",
        role="cause",
        what="The node was given another pod range, by a reset or a new join, and cni0 was left over: the plugin refuses to give it a second "
             "address. The node stays Ready; no pod gets a network.",
        log=[("any", "already has an ip address different from",
              r"\"(?P<interface>[\w.-]{1,15})\" already has an IP address different from (?P<address>[0-9a-f.:/]{1,60})")],
        confirm=["ip -br addr show cni0; cat /run/flannel/subnet.env", "kubectl get node {node} -o yaml | grep -i podcidr"],
        fix=["ip link set {interface} down; ip link delete {interface}   # the plugin makes it again",
             "then delete the node's pods, so that they get new addresses"],
    ),
    failure(
        "cni.sandbox_failed",
        title="Pods get no network",
        severity="warning",
        role="symptom",
        what="The CNI plugin failed for a reason that is not known here: the end of the line has its words.",
        log=[
            ("any", "network for sandbox",
             r"failed to setup network for sandbox .{0,400}failed \(add\): " + _NOT_ASKED + r"(?P<reason>.{1,200})"),
            ("any", "failed to set up pod",
             r"NetworkPlugin cni failed to set up pod \"[^\"]{1,200}\" network: " + _NOT_ASKED + r"(?P<reason>.{1,200})"),
            ("any", "to cni network",
             r"error adding pod \S{1,200} to CNI network \"[^\"]{1,60}\": (?:.{0,200}failed \(add\): )?" + _NOT_ASKED + r"(?P<reason>.{1,200})"),
            ("any", "pod network sandbox", r"failed to create pod network sandbox \S{1,300}: (?!error adding pod)" + _NOT_ASKED + r"(?P<reason>.{1,200})"),
        ],
        least=(2, 120),
        confirm=["journalctl -u kubelet | grep -E 'failed .add.|failed to set up pod' | tail", "kubectl get pods -A -o wide | grep {node}"],
        fix=["fix what the end of the line names; restart the CNI agent's pod on this node"],
        caused_by=["cni.bridge_stale", "cni.binary_missing", "cni.config_invalid", "cni.agent_state_missing", "cni.agent_not_ready", "cni.ip_exhausted",
                   "cni.service_unreachable", "cni.plugin_unauthorized", "cni.pod_cidr_missing", "cni.routes_missing", "cni.backend_mix",
                   "cni.chains_flushed", "cni.mtu", "kernel.netdev_refcount", "limits.xtables_lock",
                   "time.skew"] + _ON_THE_NODE + _WAY_TO_API,
    ),
    failure(
        "cni.mtu",
        title="Packets of the pod network are too large for the node's link",
        severity="warning",
        role="cause",
        what="The MTU of the overlay does not leave room for its header (VXLAN 50 bytes, IPIP 20, WireGuard 60 to 80): small packets pass, "
             "TLS handshakes and large answers hang. The node stays Ready.",
        log=[
            ("kernel", "over-mtu packet", r"\b(?P<interface>[\w.@-]+): dropped over-mtu packet: (?P<size>\d+) > (?P<mtu>\d+)"),
            ("any", "tunnel device mtu", r"Failed to set (?:vxlan )?tunnel device MTU error=(?P<reason>.{1,60})"),
            ("any", "message too long, mtu", r"message too long, mtu ?[=:] ?(?P<mtu>\d+)"),
            ("any", "frag needed and df set", r"Frag needed and DF set \(mtu ?= ?(?P<mtu>\d+)\)"),
        ],
        confirm=["ip -br link; ip -d link show type vxlan", "ping -M do -s 1400 POD-ADDRESS-ON-ANOTHER-NODE"],
        fix=[
            "set the agent's MTU to the link's minus the header (calico: FelixConfiguration; flannel and cilium find it when restarted)",
            "make all nodes' links have the same MTU; then restart the agent and the pods",
        ],
    ),
    failure(
        "cni.kube_proxy_down",
        title="kube-proxy does not run on this node",
        severity="warning",
        role="cause",
        what="The node stays Ready; service addresses go stale and fail one by one.",
        log=[
            ("any", "startcontainer",
             r"StartContainer\" for \"(?P<container>kube-proxy)\" with (?P<reason>" + _BROKEN + r")"),
            ("systemd", "kube-proxy.service",
             r"(?P<unit>kube-proxy\.service)(?:: main process exited, code=\w+, status=(?!0/|15/|143/)\S+|: Failed with result '(?P<result>[\w-]+)'"
             r"| entered failed state)"),
            ("any", "error running proxyserver", r"\"Error running ProxyServer\" err=\"(?P<reason>.{1,200})"),
            ("any", "could not find the requested resource",
             r"(?:endpointslice|EndpointSlice|\*v1\.Service).{0,200}the server could not find the requested resource"),
        ],
        confirm=[
            "curl -sS -m 5 http://127.0.0.1:10256/healthz",
            "kubectl -n kube-system get pods -o wide --field-selector spec.nodeName={node} | grep kube-proxy",
        ],
        fix=["kubectl -n kube-system logs POD --previous", "version skew: kube-proxy must not be newer than the API server"],
        caused_by=["pids.exhausted", "disk.full", "limits.inotify_instances", "memory.oom.agent"],
    ),
    failure(
        "cni.routes_missing",
        title="The pod network's routes cannot be set",
        severity="warning",
        role="cause",
        what="The tunnel or VXLAN interface is down or gone, so the routing daemon's routes to other nodes are refused; or the cloud "
             "controller could not add this node's route.",
        log=[
            ("any", "netlink: network is down", r"bird6?\b.{0,40}Netlink: Network is down"),
            ("any", "bind: address not available", r"bird6?\b.{0,200}bind: Address not available"),
            ("any", "failed to add ", r"failed to add (?:vxlan ?)?[Rr]oute.{0,120}(?:network is down|invalid argument)"),
            ("any", "state down", r"(?P<interface>flannel\.1|vxlan\.calico): <(?![^>]*\bUP\b)[^>]{0,80}> mtu \d+ .{0,60}state DOWN"),
        ],
        confirm=["ip route | grep -c 'proto bird'; ip -br link | grep -E 'tunl0|vxlan|flannel'"],
        fix=["ip link set tunl0 up", "restart the CNI agent's pod on this node; check its address autodetection (IP_AUTODETECTION_METHOD)"],
        repair="restart_cni_agent",
        caused_by=["net.interfaces_managed", "net.networkd_restarted", "nic.link_down"],
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
            ("any", "missing cni default network", r"Missing CNI default network"),
        ],
        ends=_READY,
        confirm=["ls -la /etc/cni/net.d", "crictl info | grep -A8 -i networkready"],
        fix=["file missing: restart the CNI agent's pod on this node", "file there: systemctl restart containerd"],
        caused_by=["cni.config_missing", "cni.config_invalid", "cni.config_not_loaded", "cni.agent_not_ready", "cni.pod_cidr_missing",
                   "cni.service_unreachable", "kubelet.unauthorized", "kubelet.wrong_node_name", "kubelet.runtime_down",
                   "limits.inotify_watches"] + _ON_THE_NODE,
    ),
    failure(
        "cni.chains_flushed",
        title="The firewall chains of kube-proxy or the CNI are gone",
        severity="critical",
        role="cause",
        what="A firewall reload or flush removed them. kubelet and kube-proxy write theirs again within a minute; host ports and CNI "
             "chains stay away until the agent restarts. The node stays Ready.",
        log=[
            ("any", "canary", r"iptables canary\b.{0,60}deleted"),
            ("any", "load target", r"Couldn't load target `(?P<chain>(?:FLANNEL|KUBE|CNI|WEAVE|cali)[\w:-]*)'"),
            ("any", "does not exist", r"Chain '(?P<chain>(?:FLANNEL|KUBE|CNI|WEAVE|cali)[\w:-]*)' does not exist"),
        ],
        confirm=[
            "iptables-save | grep -cE 'KUBE-|CNI-|FLANNEL|cali|CILIUM|WEAVE'",
            "journalctl --since -1d | grep -iE 'firewalld|nftables|iptables' | tail",
        ],
        fix=[
            "stop the firewall service from flushing first: FlushAllOnReload=no in /etc/firewalld/firewalld.conf, or systemctl disable --now firewalld   # the "
            "host is then without it",
            "then restart kube-proxy's and the CNI agent's pod on this node",
        ],
        repair="restart_cni_agent",
        caused_by=["net.firewall_reloaded"],
    ),
    failure(
        "cni.forward_drop",
        title="The node does not forward pod traffic (FORWARD policy DROP)",
        severity="critical",
        role="cause",
        what="The policy is DROP, as docker and some firewalls set it, and no rule of the CNI or kube-proxy accepts pod traffic; or a firewall's "
             "own chain rejects it.",
        # only what opens a connection: a firewall that logs drops stray ends of connections every day
        log=[("kernel", " out=",
              r"(?:BLOCK|REJECT|DROP\w*)\S{0,20} ?.{0,4}(?=IN=\S{0,15} OUT=\S)(?=.{0,30}=" + _LINKS + r")"
              r"IN=(?P<source>\S+) OUT=(?P<interface>\S+) .{0,400}(?:PROTO=UDP|\bSYN URGP)")],
        least=(2, 600),
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
        title="Rules of iptables' two backends, or of nft itself, are mixed",
        severity="warning",
        role="cause",
        what="Host and agents write to different tables. Both are in force and the stale set wins where it drops; or the kernel does not "
             "offer the one that an agent's image wants; or iptables cannot list a chain any more, as nft put a rule of its own there.",
        log=[
            ("any", "iptables-legacy tables present", r"iptables-legacy tables present"),
            ("any", "initialize iptables table", r"can't initialize ip6?tables table"),
            # rules that were written with nft itself, in iptables' chains
            ("any", "incompatible nft rules", r"(?P<reason>incompatible nft rules in the table)"),
            ("any", "is incompatible, use", r"^(?!\s*#).*iptables v.{0,40}: (?P<reason>.{0,80} is incompatible, use 'nft' tool)"),
        ],
        confirm=[
            "iptables-legacy-save | grep -c KUBE-; iptables-nft-save | grep -c KUBE-",
            "update-alternatives --display iptables | head -3",
        ],
        fix=[
            "use one; Debian, Ubuntu: update-alternatives --set iptables /usr/sbin/iptables-nft; update-alternatives --set ip6tables /usr/sbin/ip6tables-nft",
            "empty the other: reboot the node after changing (its tables are then not made again); iptables-legacy-save | grep -c . must then say 0",
            "rules of nft's own belong into a table of their own: nft -a list table ip filter; nft delete rule ... handle N",
        ],
    ),
    failure(
        "cni.drop_all",
        title="A KUBE-FIREWALL rule drops all traffic of the node",
        severity="critical",
        role="cause",
        what="Two versions of iptables do not understand each other's rules: the mark match is lost and the DROP applies to everything.",
        log=[
            ("any", "kube-firewall", r"-A KUBE-FIREWALL(?: -m comment --comment \"[^\"]{0,120}\")?(?: -c \d+ \d+)? -j DROP"),
            ("any", "for dropping marked packets",
             r"^(?!.*mark match)(?:\s*\d+\s+\d+\w?)?\s*DROP\s.*kubernetes firewall for dropping marked packets"),
        ],
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
        log=[
            ("any", "ip_forward", r"/proc/sys/net/ipv4/ip_forward contents are not set to 1|^\s*net\.ipv4\.ip_forward ?= ?0\b"),
            ("any", "forwarding is disabled", r"WARNING: IPv4 forwarding is disabled"),
        ],
        ends=[("any", "ip_forward", r"^\s*net\.ipv4\.ip_forward ?= ?1\b")],
        confirm=["sysctl net.ipv4.ip_forward; grep -rn ip_forward /etc/sysctl.conf /etc/sysctl.d /usr/lib/sysctl.d"],
        fix=["sysctl -w net.ipv4.ip_forward=1; echo net.ipv4.ip_forward=1 > /etc/sysctl.d/99-zz-ip-forward.conf", "take out the line that confirm found"],
    ),
    failure(
        "cni.br_netfilter_missing",
        title="Bridged pod traffic bypasses the firewall rules (br_netfilter)",
        severity="warning",
        role="cause",
        what="The module br_netfilter is not loaded or its setting is 0: service addresses fail between pods of one node. "
             "Usual after a kernel update.",
        log=[
            ("any", "bridge-nf-call-iptables",
             r"bridge-nf-call-iptables:? (?:no such file or directory|does not exist|contents are not set to 1|is disabled)"
             r"|^\s*net\.bridge\.bridge-nf-call-iptables ?= ?0\b"),
            ("any", "br-netfilter", r"Missing br-netfilter module or unset"),
        ],
        ends=[("any", "bridge-nf-call-iptables", r"^\s*net\.bridge\.bridge-nf-call-iptables ?= ?1\b")],
        confirm=["lsmod | grep br_netfilter; sysctl net.bridge.bridge-nf-call-iptables"],
        fix=[
            "modprobe br_netfilter; echo br_netfilter > /etc/modules-load.d/br_netfilter.conf",
            "sysctl -w net.bridge.bridge-nf-call-iptables=1; echo net.bridge.bridge-nf-call-iptables=1 > /etc/sysctl.d/99-zz-bridge.conf",
        ],
    ),
]
