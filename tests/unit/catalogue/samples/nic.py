# Copyright: kubetriage.node contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

SAMPLES = {
    "nic.link_down": {
        "hits": [
            ("ixgbe, kernel 4.15", "kernel", "[ 700.000000] ixgbe 0000:03:00.0 eth0: NIC Link is Down"),
            ("igb, kernel 5.4", "kernel", "Nov 23 02:13:07 w2 kernel: igb 0000:01:00.0 eno1: igb: eno1 NIC Link is Down"),
            ("i40e, kernel 4.18", "kernel", "[ 700.000000] i40e 0000:3d:00.0 ens1f0: NIC Link is Down"),
            ("tg3, kernel 3.10", "kernel", "[ 700.000000] tg3 0000:02:00.0: eth0: Link is down"),
            ("r8169, kernel 5.15", "kernel", "[ 700.000000] r8169 0000:02:00.0 enp2s0: Link is Down"),
            ("mlx5, kernel 5.15", "kernel", "[ 700.000000] mlx5_core 0000:5e:00.0 ens1f0np0: Link down"),
            ("bnxt, kernel 5.14", "kernel", "[ 700.000000] bnxt_en 0000:3b:00.0 ens3f0np0: NIC Link is Down"),
            ("systemd-networkd 249", "systemd", "Nov 23 02:13:07 w2 systemd-networkd[501]: ens3: Lost carrier"),
        ],
        "misses": [
            ("ixgbe, kernel 4.15", "kernel", "[ 700.000000] ixgbe 0000:03:00.0 eth0: NIC Link is Up 10 Gbps, Flow Control: RX/TX"),
            ("systemd-networkd 249, a container's link", "systemd", "Nov 23 02:13:07 w2 systemd-networkd[501]: veth1a2b3c4d: Lost carrier"),
            ("systemd-networkd 249, calico", "systemd", "Nov 23 02:13:07 w2 systemd-networkd[501]: cali0a1b2c3d4e5: Lost carrier"),
            ("kernel 4.15", "kernel", "[ 700.000000] IPv6: ADDRCONF(NETDEV_UP): eth0: link is not ready"),
            ("kernel 5.15", "kernel", "[ 700.000000] docker0: port 1(veth9a8b7c6) entered disabled state"),
        ],
    },
    "nic.bond_degraded": {
        "hits": [
            ("kernel 3.10", "kernel", "[ 700.000000] bonding: bond0: link status definitely down for interface eth1, disabling it"),
            ("kernel 5.15", "kernel", "[ 700.000000] bond0: (slave eno2): link status definitely down, disabling slave"),
            ("kernel 4.18", "kernel", "[ 700.000000] bond0: link status definitely down for interface eno2, disabling it"),
        ],
        "misses": [
            ("kernel 5.15", "kernel", "[ 700.000000] bond0: (slave eno2): link status definitely up, 10000 Mbps full duplex"),
        ],
    },
    "nic.bond_down": {
        "hits": [
            ("kernel 3.10", "kernel", "[ 700.000000] bonding: bond0: now running without any active interface !"),
            ("kernel 5.15", "kernel", "Nov 23 02:13:07 w2 kernel: bond0: now running without any active interface!"),
        ],
        "misses": [
            ("kernel 5.15", "kernel", "[ 700.000000] bond0: (slave eno1): making interface the new active one"),
            ("kernel 4.18", "kernel", "[ 700.000000] bond0: making interface eno1 the new active one"),
        ],
    },
    "nic.reset": {
        "hits": [
            ("ena, kernel 5.10", "kernel", "[ 700.000000] ena 0000:00:05.0 eth0: Trigger reset is on"),
            ("kernel 4.15", "kernel", "[ 700.000000] NETDEV WATCHDOG: eth0 (igb): transmit queue 3 timed out"),
            ("kernel 6.5", "kernel", "[ 700.000000] igb 0000:01:00.0 eno1: NETDEV WATCHDOG: CPU: 12: transmit queue 3 timed out 5120 ms"),
            ("kernel 6.4", "kernel", "[ 700.000000] NETDEV WATCHDOG: eth0 (e1000e): transmit queue 0 timed out 6144 ms"),
            ("e1000e, kernel 5.15", "kernel", "[ 700.000000] e1000e 0000:00:1f.6 eno1: Reset adapter unexpectedly"),
            ("e1000e, kernel 5.15", "kernel", "[ 700.000000] e1000e 0000:00:1f.6 eno1: Detected Hardware Unit Hang:"),
            ("ena, kernel 5.10", "kernel", "[ 700.000000] ena 0000:00:05.0 eth0: Keep alive watchdog timeout."),
        ],
        "misses": [
            ("kernel 5.15", "kernel", "[   10.000000] e1000e 0000:00:1f.6 eno1: NIC Link is Up 1000 Mbps Full Duplex, Flow Control: Rx/Tx"),
            ("ena, kernel 5.10", "kernel", "[   10.000000] ena 0000:00:05.0: Elastic Network Adapter (ENA) found at mem febf4000, mac addr 0a:00:00:00:00:01"),
        ],
    },
}
