# Copyright: kubetriage.node contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The host's own network: routes, name servers, firewall services, and who manages the interfaces."""

from .api import PRIVATE
from .entry import failure

# Interfaces that belong to a CNI, or carry its tunnels.
_OF_CNI = (r"(?P<interface>(?:cali|tunl|flannel|vxlan\.calico|wireguard\.cali|cni|cilium|lxc|antrea|genev|weave|kube-|eni[0-9a-f]{8})"
           r"[\w.-]*)")

FAILURES = [
    failure(
        "net.no_default_route",
        title="The node has no default route",
        severity="critical",
        role="cause",
        what="Everything outside its own subnets is unreachable. Agents that pick the node's address by the default route fail as well.",
        log=[
            ("any", "no default routes found", r"no default routes found in"),
            ("any", "to find default", r"(?:unable|failed) to find default (?:v4 |ipv4 )?route"),
        ],
        confirm=["ip route; ip -6 route", "networkctl status 2>/dev/null | head -20; nmcli device 2>/dev/null"],
        fix=["systemctl restart systemd-networkd   # or NetworkManager", "for now: ip route add default via GATEWAY dev {interface}"],
        caused_by=["nic.link_down", "nic.bond_down", "net.address_lost", "net.networkd_restarted"],
    ),
    failure(
        "net.address_lost",
        title="The node lost its network address",
        severity="critical",
        role="cause",
        what="The DHCP lease ran out or was not renewed, or the network manager gave the configuration up; address and routes are taken "
             "away.",
        log=[
            ("any", "lease lost", r"\b(?P<interface>(?!veth|cali|docker|cni)[\w.-]+): DHCP(?:v4|v6)? lease lost"),
            ("any", "ip-config-",
             r"device \((?P<interface>(?!veth|cali|docker|cni)[\w.-]+)\): state change: \S+ -> failed \(reason 'ip-config-"),
            ("any", "no working leases", r"No working leases in persistent database"),
        ],
        ends=[
            ("any", "dhcpv4 address", r"\b(?P<interface>[\w.-]+): DHCPv4 address \S+"),
            ("any", "-> activated", r"device \((?P<interface>[\w.-]+)\): state change: \S+ -> activated"),
            ("any", "bound to", r"\bbound to \S+ -- renewal in"),
        ],
        confirm=["ip -br addr", "journalctl -u systemd-networkd -u NetworkManager --since -1h | grep -iE 'dhcp|lease'"],
        fix=[
            "networkctl renew {interface}   # or: nmcli device reapply {interface}",
            "look at the DHCP server's log; give nodes static addresses",
        ],
        caused_by=["nic.link_down", "nic.bond_down"],
    ),
    failure(
        "net.name_servers_missing",
        title="The node has no name server",
        severity="critical",
        role="cause",
        what="resolv.conf names none, or a local stub that does not run; lookups go to localhost and are refused.",
        log=[
            ("any", "lookup ",
             r"\blookup (?P<host>\S{1,200}) on (?:\[::1\]|127\.0\.0\.(?:1|53)):53:.{0,120}(?:connection refused"
             r"|cannot assign requested address)"),
        ],
        confirm=["cat /etc/resolv.conf; resolvectl status 2>/dev/null | head -20", "getent hosts {host}"],
        fix=["systemctl restart systemd-resolved",
             "for now: resolvectl dns INTERFACE ADDRESS; where /etc/resolv.conf is a plain file: write a reachable name server into it"],
    ),
    failure(
        "net.name_servers_failing",
        title="The node's name server does not answer",
        severity="warning",
        role="cause",
        what="Names that the node itself looks up are not resolved: images cannot be pulled, those of the CNI agent included, and what has a name "
             "in the kubelet's configuration is not found.",
        # of registries: pods ask another server. A name that does not exist may be misspelt in a pod.
        log=[
            ("any", "lookup ",
             r"^(?=.*(?:/v2/|PullImage|pull))"
             r"(?!.*\blookup \S{1,200} on (?:\[::1\]|127\.0\.0\.(?:1|53)):53:.{0,120}(?:connection refused|cannot assign requested address))"
             r".*\blookup (?P<host>[\w.-]{1,200})(?: on (?P<resolver>\S{1,60}?))?: "
             r"(?:read udp \S{1,100}: )?(?:i/o timeout|read: connection refused|server misbehaving|Temporary failure in name resolution"
             r"|no route to host|network is unreachable)"),
        ],
        least=(2, 300),
        confirm=["cat /etc/resolv.conf; resolvectl status 2>/dev/null | head -20", "getent hosts {host}"],
        fix=["make the name servers in /etc/resolv.conf reachable: route, firewall, or their own service", "or name others that answer"],
        caused_by=["nic.link_down", "nic.bond_down", "net.no_default_route", "net.address_lost", "cni.drop_all"],
    ),
    failure(
        "net.metadata_unreachable",
        title="The cloud's metadata service does not answer",
        severity="warning",
        role="cause",
        what="169.254.169.254 gives no answer: credentials, node name and address from the cloud are missing.",
        log=[
            ("any", "169.254.169.254",
             r"169\.254\.169\.254.{0,300}(?:i/o timeout|connection refused|no route to host|network is unreachable"
             r"|context deadline exceeded|Client\.Timeout exceeded|request send failed)"),
        ],
        confirm=["curl -sS -m 3 -o /dev/null http://169.254.169.254/", "ip route get 169.254.169.254; iptables-save | grep 169.254"],
        fix=["remove the rule or route that blocks 169.254.169.254", "AWS: check the instance's metadata options (hop limit, tokens)"],
        caused_by=["nic.link_down", "net.no_default_route", "cni.chains_flushed"],
    ),
    failure(
        "net.firewall_reloaded",
        title="A firewall service was started, reloaded or stopped",
        severity="info",
        role="cause",
        what="Firewall services replace the rules when they load theirs; those of kube-proxy and the CNI go with them.",
        log=[
            ("systemd", "restore iptables",
             r"\b(?:Started|Stopped|Finished) (?:(?P<unit>[\w.@-]+\.service) - )?Restore iptables firewall rules"),
            ("systemd", "firewall",
             r"\b(?:Started|Reloaded|Stopped|Finished|Reloading) (?:(?P<unit>[\w.@-]+\.service) - )?(?:firewalld\b"
             r"|IPv[46] firewall with|Uncomplicated firewall)"),
            ("systemd", "netfilter", r"\b(?:Started|Reloaded|Stopped|Finished) (?:(?P<unit>[\w.@-]+\.service) - )?Netfilter Tables"),
            ("systemd", "nftables", r"\b(?:Started|Reloaded|Stopped|Finished) (?:(?P<unit>[\w.@-]+\.service) - )?nftables"),
        ],
        confirm=["systemctl status firewalld nftables iptables ufw 2>/dev/null | grep -E 'Active|Loaded'", "iptables-save | grep -c KUBE-"],
        fix=[
            "systemctl disable --now {unit}   # or give it rules that leave KUBE-*, CNI-* and cali* alone",
            "restart kube-proxy and the CNI agent of this node so that they write theirs again",
        ],
    ),
    failure(
        "net.interfaces_managed",
        title="The host's network manager manages the CNI's interfaces",
        severity="warning",
        role="cause",
        what="NetworkManager or systemd-networkd re-addresses or removes interfaces and routes that belong to the CNI; pods lose the "
             "network whenever it acts.",
        log=[
            # "external": it looks on, and leaves the interface to who made it
            ("any", "state change:",
             r"^(?!.*reason '(?!managed)[^']*', sys-iface-state: 'external').*device \(" + _OF_CNI +
             r"\): state change: (?:unmanaged -> unavailable|\S+ -> (?:prepare|config|ip-config|secondaries|activated))"),
            ("any", "device state change:", r"\(" + _OF_CNI + r"\): device state change: \S+ -> (?:prepare|config|ip-config|activated)"),
            ("any", "connecting (getting ip configuration)", r"\b" + _OF_CNI + r"[: ].{0,40}connecting \(getting IP configuration\)"),
            ("systemd", ": dhcp", r"\b" + _OF_CNI + r": DHCP(?:v4)? (?:address|lease)"),
        ],
        confirm=["nmcli device | grep -E 'cali|tunl|flannel|cni|vxlan'   # must say unmanaged"],
        fix=[
            "printf '[keyfile]\\nunmanaged-devices=interface-name:cali*;interface-name:tunl*;interface-name:vxlan.calico;interface-name:fla"
            "nnel*;interface-name:cni0\\n' > /etc/NetworkManager/conf.d/cni.conf",
            "systemctl reload NetworkManager; then restart the CNI agent's pod on this node",
            "systemd-networkd: a .network file with [Match] Name=cali* and [Link] Unmanaged=yes, sorted before the others",
        ],
    ),
    failure(
        "net.networkd_restarted",
        title="systemd-networkd was restarted",
        severity="info",
        role="cause",
        what="When it starts it removes routes and rules that it did not make (ManageForeignRoutes=, ManageForeignRoutingPolicyRules=), "
             "those of the CNI among them. Unattended upgrades of systemd restart it.",
        log=[("systemd", "stopped ", r"\bStopped (?:(?P<unit>systemd-networkd\.service) - )?Network (?:Configuration|Service)\b")],
        confirm=[
            "systemctl show -p ActiveEnterTimestamp systemd-networkd; tail /var/log/apt/history.log",
            "ip rule; ip route | head -20",
        ],
        fix=[
            "restart the CNI agent's pod on this node, so that it writes its routes and rules again; then the pods that stay cut off",
            "mkdir -p /etc/systemd/networkd.conf.d; "
            "printf '[Network]\\nManageForeignRoutes=no\\nManageForeignRoutingPolicyRules=no\\n' > /etc/systemd/networkd.conf.d/cni.conf",
        ],
    ),
    failure(
        "net.dns_loop",
        title="Cluster DNS asks itself: the node's resolv.conf names a local stub",
        severity="warning",
        role="cause",
        what="CoreDNS got the node's resolv.conf with 127.0.0.53 (or another address of its own), forwards to itself and exits. The node "
             "stays Ready; names are not resolved in the cluster.",
        log=[("any", "plugin/loop", r"plugin/loop: Loop \((?P<address>\S{1,60}) -> \S{1,20}\) detected for zone")],
        confirm=["cat /etc/resolv.conf; ls -l /run/systemd/resolve/resolv.conf", "grep resolvConf /var/lib/kubelet/config.yaml"],
        fix=[
            "resolvConf: /run/systemd/resolve/resolv.conf in /var/lib/kubelet/config.yaml; systemctl restart kubelet",
            "kubectl -n kube-system rollout restart deploy/coredns",
        ],
    ),
    failure(
        "net.kubelet_port_dropped",
        title="A firewall drops connections to the kubelet's port",
        severity="warning",
        role="cause",
        what="Nothing reaches port 10250: logs, exec and metrics of this node time out. Its heartbeat goes the other way, so it stays "
             "Ready.",
        log=[
            ("kernel", "dpt=10250",
             r"(?:UFW BLOCK|REJECT|DROP)\S{0,20} ?.{0,4}IN=(?P<interface>[\w.@-]+) OUT= .{0,200}SRC=(?P<source>" + PRIVATE +
             r"\S+) .{0,200}DPT=10250\b"),
        ],
        least=(3, 120),
        confirm=["iptables-save | grep -n 10250; nft list ruleset | grep -n 10250", "ss -ltn 'sport = :10250'"],
        fix=[
            "open it for the control plane and the nodes only: ufw allow from SUBNET to any port 10250 proto tcp; or: firewall-cmd --permanent "
            "--add-rich-rule='rule family=ipv4 source address=SUBNET port port=10250 protocol=tcp accept'; firewall-cmd --reload",
        ],
        caused_by=["net.firewall_reloaded"],
    ),
]
