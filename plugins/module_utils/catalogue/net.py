# Copyright: kubetriage.node contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The host's own network: routes, name servers, firewall services, and who manages the interfaces."""

from .entry import failure

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
             r"\blookup (?P<host>\S{1,200}) on (?:\[::1\]|127\.0\.0\.(?:1|53)):53:.{0,120}(?:connection refused|i/o timeout)"),
        ],
        confirm=["cat /etc/resolv.conf; resolvectl status 2>/dev/null | head -20", "getent hosts {host}"],
        fix=["systemctl restart systemd-resolved", "or write a reachable one: echo nameserver ADDRESS > /etc/resolv.conf"],
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
        title="NetworkManager manages the CNI's interfaces",
        severity="warning",
        role="cause",
        what="It re-addresses or removes interfaces and routes that belong to the CNI; pods lose the network whenever it acts.",
        log=[
            ("any", "state change:",
             r"device \((?P<interface>(?:cali|tunl|flannel|vxlan\.calico|cni|cilium)[\w.]*)\): state change: (?:unmanaged -> "
             r"unavailable|\S+ -> (?:prepare|config|ip-config|secondaries|activated))"),
            ("any", "device state change:",
             r"\((?P<interface>(?:cali|tunl|flannel|vxlan\.calico|cni|cilium)[\w.]*)\): device state change: \S+ -> (?:prepare|config"
             r"|ip-config|activated)"),
        ],
        confirm=["nmcli device | grep -E 'cali|tunl|flannel|cni|vxlan'   # must say unmanaged"],
        fix=[
            "printf '[keyfile]\\nunmanaged-devices=interface-name:cali*;interface-name:tunl*;interface-name:vxlan.calico;interface-name:fla"
            "nnel*;interface-name:cni0\\n' > /etc/NetworkManager/conf.d/cni.conf",
            "systemctl reload NetworkManager; then restart the CNI agent's pod on this node",
        ],
    ),
]
