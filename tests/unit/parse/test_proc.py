# Copyright: kubetriage.node contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The small files of /proc: mounts, meminfo, pressure, loadavg, net/route, net/ipv6_route."""

import pytest

from ansible_collections.kubetriage.node.plugins.module_utils.parse import loadavg, meminfo, mounts, pressure, route


def test_mounts():
    table = mounts.mounts(
        "/dev/sda1 / ext4 rw,relatime,errors=remount-ro 0 0\n"
        "/dev/sdb1 /mnt/my\\040disk\\134x xfs ro,noatime 0 0\n"
        "tmpfs /var/lib/kubelet/pods/3f0c/volumes/kubernetes.io~projected/t tmpfs rw,size=524288k 0 0\n"
        "10.0.0.9:/export /data nfs4 rw,hard,addr=10.0.0.9 0 0\n"
        "cut off\n\n")
    assert [(each["source"], each["target"], each["type"], each["readonly"]) for each in table] == [
        ("/dev/sda1", "/", "ext4", False), ("/dev/sdb1", "/mnt/my disk\\x", "xfs", True),
        ("tmpfs", "/var/lib/kubelet/pods/3f0c/volumes/kubernetes.io~projected/t", "tmpfs", False), ("10.0.0.9:/export", "/data", "nfs4",
                                                                                                    False)]
    assert table[0]["options"] == ["rw", "relatime", "errors=remount-ro"]


def test_meminfo():
    text = ("MemTotal:       16265432 kB\nMemFree:          123456 kB\n"
            "Active(anon):        100 kB\nHugePages_Total:       4\nHugepagesize:       2048 kB\nMemAv")
    assert meminfo.meminfo(text) == {"MemTotal": 16265432 * 1024, "MemFree": 123456 * 1024, "Active(anon)": 102400, "HugePages_Total": 4,
                                     "Hugepagesize": 2 << 20}


@pytest.mark.parametrize("text, expected", [
    ("some avg10=12.34 avg60=5.00 avg300=1.20 total=987654321\nfull avg10=10.00 avg60=4.00 avg300=1.00 total=123456789\n",
     {"some": {"avg10": 12.34, "avg60": 5.0, "avg300": 1.2, "total_us": 987654321}, "full": {"avg10": 10.0, "avg60": 4.0, "avg300": 1.0,
                                                                                             "total_us": 123456789}}),
    ("some avg10=0.00 avg60=0.00 avg300=0.00 total=1\n", {"some": {"avg10": 0.0, "avg60": 0.0, "avg300": 0.0, "total_us": 1}}),
    # cpu before 5.13
    ("some avg10=.. avg60=0 avg300=0 total=1", {}),
    ("", {}),
])
def test_pressure(text, expected):
    assert pressure.pressure(text) == expected


@pytest.mark.parametrize("text, expected", [
    ("0.52 0.58 0.59 3/1234 48211\n", {"load": [0.52, 0.58, 0.59], "running": 3, "threads": 1234, "last_pid": 48211}),
    ("389.10 310.00 120.25 25/32760 9\n", {"load": [389.1, 310.0, 120.25], "running": 25, "threads": 32760, "last_pid": 9}),
    ("", {}),
])
def test_loadavg(text, expected):
    assert loadavg.loadavg(text) == expected


ROUTES = """\
Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT
ens5\t00000000\t0114A8C0\t0003\t0\t0\t200\t00000000\t0\t0\t0
ens4\t00000000\t0100000A\t0003\t0\t0\t100\t00000000\t0\t0\t0
cni0\t0002F40A\t00000000\t0001\t0\t0\t0\t00FFFFFF\t0\t0\t0
*\t0003F40A\t00000000\t0200\t0\t0\t0\t00FFFFFF\t0\t0\t0
"""


def test_route():
    assert route.default(ROUTES) == {"interface": "ens4", "destination": "0.0.0.0", "prefix": 0, "gateway": "10.0.0.1", "metric": 100}
    assert route.routes(ROUTES)[2] == {"interface": "cni0", "destination": "10.244.2.0", "prefix": 24, "gateway": None, "metric": 0}
    assert len(route.routes(ROUTES)) == 3  # the blackhole of calico and the like is none
    assert route.default("Iface\tDestination\n") is None
    assert route.default("") is None


def test_route6():
    text = ("00000000000000000000000000000000 00 00000000000000000000000000000000 00 fe800000000000000000000000000001 00000400 00000001 "
            "00000000 00000003     ens4\n"
            "fe800000000000000000000000000000 40 00000000000000000000000000000000 00 00000000000000000000000000000000 00000100 00000001 "
            "00000000 00000001     ens4\n"
            "00000000000000000000000000000000 00 00000000000000000000000000000000 00 00000000000000000000000000000000 ffffffff 00000001 "
            "00000000 00200200       lo\n")
    assert route.default6(text) == {"interface": "ens4", "gateway": "fe80:0000:0000:0000:0000:0000:0000:0001", "metric": 1024}
    assert route.default6("") is None
