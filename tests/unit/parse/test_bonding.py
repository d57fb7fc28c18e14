# Copyright: kubetriage.node contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from ansible_collections.kubetriage.node.plugins.module_utils.parse import bonding

ACTIVE_BACKUP = """\
Ethernet Channel Bonding Driver: v5.15.0-91-generic

Bonding Mode: fault-tolerance (active-backup)
Primary Slave: None
Currently Active Slave: eno2
MII Status: up
MII Polling Interval (ms): 100
Up Delay (ms): 0
Down Delay (ms): 0
Peer Notification Delay (ms): 0

Slave Interface: eno1
MII Status: down
Speed: Unknown
Duplex: Unknown
Link Failure Count: 3
Permanent HW addr: 3c:ec:ef:00:00:01
Slave queue ID: 0

Slave Interface: eno2
MII Status: up
Speed: 10000 Mbps
Duplex: full
Link Failure Count: 0
Permanent HW addr: 3c:ec:ef:00:00:02
Slave queue ID: 0
"""
LACP = """\
Ethernet Channel Bonding Driver: v3.7.1 (April 27, 2011)

Bonding Mode: IEEE 802.3ad Dynamic link aggregation
Transmit Hash Policy: layer3+4 (1)
MII Status: up
MII Polling Interval (ms): 100

802.3ad info
LACP rate: fast
Active Aggregator Info:
\tAggregator ID: 2
\tNumber of ports: 1
\tPartner Mac Address: 00:00:5e:00:01:bd

Slave Interface: ens1f0
MII Status: up
Speed: 25000 Mbps
Link Failure Count: 1
Aggregator ID: 1
details actor lacp pdu:
    port state: 71

Slave Interface: ens1f1
MII Status: up
Speed: 25000 Mbps
Link Failure Count: 2
Aggregator ID: 2
"""


def test_active_backup():
    found = bonding.bond(ACTIVE_BACKUP)
    assert (found["mode"], found["status"], found["active"], found["aggregator"]) == ("fault-tolerance (active-backup)", "up", "eno2", None)
    assert found["members"] == [
        {"interface": "eno1", "status": "down", "failures": 3, "speed_mbps": None, "aggregator": None},
        {"interface": "eno2", "status": "up", "failures": 0, "speed_mbps": 10000, "aggregator": None}]


def test_lacp():
    found = bonding.bond(LACP)
    assert (found["aggregator"], [(member["interface"], member["aggregator"]) for member in found["members"]]) == (2, [("ens1f0", 1),
                                                                                                                       ("ens1f1", 2)])


def test_all_down():
    found = bonding.bond(ACTIVE_BACKUP.replace("Slave: eno2", "Slave: None").replace("Status: up", "Status: down"))
    assert (found["status"], found["active"], [member["status"] for member in found["members"]]) == ("down", None, ["down", "down"])


def test_nothing():
    assert bonding.bond("") == {"mode": None, "status": None, "active": None, "aggregator": None, "members": []}
