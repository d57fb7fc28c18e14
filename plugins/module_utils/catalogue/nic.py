# Copyright: kubetriage.node contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Network adapters, links and bonds."""

from .entry import failure

# A container's link goes up and down with the container, and a BMC's USB link as it likes; only adapters of the machine, bonds and VLANs
# count.
_NIC = (r"(?P<interface>(?!veth|cali|lxc|lxd|cni|docker|br-|flannel|vxlan|virbr|vnet|tap|tun|kube|nodelocal|dummy|cilium|weave|antrea"
        r"|gene|gre|sit|lo\b|eni[0-9a-f]{8}|azv|gke[0-9a-f]{8}|ovn|ovs|podman|usb|idrac|en\w{1,12}u\d|wg|wl|ifb|ip6)[a-z][\w.@-]*)")

FAILURES = [
    failure(
        "nic.link_down",
        title="A network link is down",
        severity="critical",
        role="cause",
        what="The adapter has no carrier: cable, switch port, transceiver, or a disabled virtual port. If it carries the node's address, "
             "nothing reaches the API server.",
        log=[
            ("kernel", "nic link is down", r"\b" + _NIC + r":? NIC Link is Down"),
            ("kernel", ": link is down", r"\b" + _NIC + r": Link is Down"),
            ("kernel", ": link down", r"\b" + _NIC + r": link down\b"),
            ("systemd", "lost carrier", r"\b" + _NIC + r": Lost carrier"),
            ("any", "carrier-changed", r"device \(" + _NIC + r"\): state change: activated -> unavailable \(reason 'carrier-changed'"),
        ],
        ends=[
            ("kernel", "link is up", r"\b" + _NIC + r":? (?:NIC )?Link is Up"),
            ("kernel", ": link up", r"\b" + _NIC + r": link up\b"),
            ("systemd", "gained carrier", r"\b" + _NIC + r": Gained carrier"),
            ("any", "-> activated", r"device \(" + _NIC + r"\): state change: \S+ -> activated"),
        ],
        confirm=["ip -br link show {interface}", "cat /sys/class/net/{interface}/carrier_changes", "ethtool {interface}"],
        fix=[
            "check cable, transceiver and switch port of {interface}; on a virtual machine, its port on the host",
            "if it was set down by hand: ip link set {interface} up",
        ],
        caused_by=["nic.reset"],
    ),
    failure(
        "nic.errors",
        title="A network adapter drops or damages packets",
        severity="warning",
        role="presence",
        what="Error or drop counters rise. Cable, transceiver, duplex or a ring that is too small; connections become slow before they "
             "fail.",
        confirm=["ip -s link show {interface}", "ethtool -S {interface} | grep -iE 'err|drop|crc|miss' | grep -v ': 0$'"],
        fix=[
            "CRC errors: replace cable or transceiver",
            "drops and misses: ethtool -g {interface}, then ethtool -G {interface} rx MAXIMUM",
        ],
    ),
    failure(
        "nic.bond_degraded",
        title="A bond runs without one of its links",
        severity="warning",
        role="presence",
        what="One member is down; the bond still carries traffic. No cause of NotReady by itself.",
        log=[
            ("kernel", "link status definitely down",
             r"(?P<interface>[\w.-]+): (?:\([^)]{1,40}\): )?link status definitely down(?: for interface (?P<member>[\w.@-]+))?"),
            # with a downdelay it first waits
            ("kernel", "link status down for",
             r"\b(?P<interface>[\w.-]{1,15}): (?:\([^)]{1,40}\): )?link status down for (?:(?:active|backup) )?interface(?: (?P<member>[\w.@-]{1,15}))?,"),
        ],
        ends=[("kernel", "link status definitely up", r"(?P<interface>[\w.-]+): (?:\([^)]{1,40}\): )?link status definitely up")],
        confirm=["cat /proc/net/bonding/{interface}"],
        fix=["check cable and switch port of the member that is down; LACP: check the switch's port channel"],
    ),
    failure(
        "nic.bond_down",
        title="A bond has no working link left",
        severity="critical",
        role="cause",
        what="All members of the bond are down: what it carries, often all of the node's traffic, is cut.",
        log=[
            ("kernel", "running without any active interface",
             r"(?P<interface>[\w.-]+): (?:\([^)]{1,40}\): )?now running without any active interface"),
        ],
        ends=[
            ("kernel", "the new active one", r"(?P<interface>[\w.-]+): (?:\([^)]{1,40}\): )?making interface (?:\S+ )?the new active one"),
            ("kernel", "link status definitely up", r"(?P<interface>[\w.-]+): (?:\([^)]{1,40}\): )?link status definitely up"),
            ("kernel", "first active interface up",
             r"(?P<interface>[\w.-]+): (?:\([^)]{1,40}\): )?(?:active interface up|first active interface up)"),
        ],
        confirm=["cat /proc/net/bonding/{interface}", "ip -br link show master {interface}"],
        fix=["check both switches and the members' cables; LACP: check the port channel"],
        caused_by=["nic.link_down", "nic.reset"],
    ),
    failure(
        "nic.reset",
        title="A network adapter hung and was reset",
        severity="warning",
        role="cause",
        what="The driver found that the adapter no longer sends and resets it: seconds without network each time.",
        log=[
            ("kernel", "netdev watchdog",
             r"NETDEV WATCHDOG: " + _NIC + r" \((?P<driver>[^)]{1,40})\): transmit queue (?P<queue>\d+) timed out"),
            ("kernel", "netdev watchdog: cpu", r"\b" + _NIC + r": NETDEV WATCHDOG: CPU: \d+: transmit queue (?P<queue>\d+) timed out"),
            ("kernel", "reset adapter unexpectedly", r"\b" + _NIC + r": Reset adapter unexpectedly"),
            ("kernel", "unit hang", r"\b" + _NIC + r": Detected (?:Hardware|Tx) Unit Hang"),
            ("kernel", "unit hang", r"\b(?:igb|igc|ixgbe|e1000e?) [\da-f:.]{7,12}: Detected (?:Hardware|Tx) Unit Hang"),
            ("kernel", "keep alive watchdog timeout", r"\bena \S+ ?" + _NIC + r"?: .{0,40}Keep alive watchdog timeout"),
            ("kernel", "trigger reset", r"\bena \S+ ?" + _NIC + r"?: Trigger reset is on"),
            ("kernel", "lost tx completion", r"\bena \S+ ?" + _NIC + r"?: .{0,20}lost tx completions? is above the threshold"),
            ("kernel", "tx timeout on queue", r"\bvirtio_net \S+ " + _NIC + r": TX timeout on queue: (?P<queue>\d+)"),
            ("kernel", "tx timeout", r"\b" + _NIC + r": (?:initiating reset due to tx timeout|TX timeout detected)"),
            ("kernel", "tx_timeout", r"\b" + _NIC + r": tx_timeout recovery level \d+"),
            ("kernel", "health compromised", r"mlx5_core \S+ ?" + _NIC + r"?:? .{0,80}health compromised"),
        ],
        ends=[("kernel", "link is up", r"\b" + _NIC + r":? (?:NIC )?Link is Up"), ("kernel", ": link up", r"\b" + _NIC + r": link up\b")],
        confirm=["ethtool -i {interface}", "journalctl -k | grep -E 'WATCHDOG|Reset adapter|Unit Hang'"],
        fix=["update driver and firmware of the adapter", "as a trial: ethtool -K {interface} tso off gso off"],
    ),
    failure(
        "nic.allowance_exceeded",
        title="The cloud drops packets beyond the instance's network allowance",
        severity="warning",
        role="cause",
        what="EC2 shapes bandwidth, packets, tracked connections and link-local requests (DNS, metadata) per instance and says so only in "
             "the adapter's counters. Connections time out now and then; the kernel logs nothing.",
        # counted since boot: a burst in days is everyday life, a tracked connection that was refused is not
        log=[("any", "_allowance_exceeded",
              r"\b(?P<what>(?:conntrack|linklocal)_allowance_exceeded: (?!0\b)\d+|(?:bw_in|bw_out|pps)_allowance_exceeded: \d{5,})")],
        confirm=["ethtool -S {interface} | grep allowance; sleep 10; ethtool -S {interface} | grep allowance   # rising?"],
        fix=[
            "conntrack: fewer or shorter connections, no tracking by security group for the busy port, or a larger instance",
            "linklocal: NodeLocal DNSCache; bandwidth or packets: a larger instance",
        ],
    ),
]
