# Copyright: kubetriage.node contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

import pytest

from ansible_collections.kubetriage.node.plugins.module_utils.parse import mdstat

HEAD = "Personalities : [raid1] [linear] [raid0] [raid6] [raid5] [raid4] [raid10]\n"
TAIL = "\nunused devices: <none>\n"

CASES = [  # what, array, name, state, level, map, work, percent
    ("healthy mirror", "md0 : active raid1 sdb1[1] sda1[0]\n      1046528 blocks super 1.2 [2/2] [UU]\n"
     "      bitmap: 0/1 pages [0KB], 65536KB chunk\n",
     "md0", "ok", "raid1", "UU", None, None),
    ("a member failed", "md0 : active raid1 sdb1[1](F) sda1[0]\n      1046528 blocks super 1.2 [2/1] [U_]\n", "md0", "degraded", "raid1",
     "U_", None, None),
    ("a member missing", "md127 : active raid1 sda1[0]\n      1046528 blocks super 1.2 [2/1] [U_]\n", "md127", "degraded", "raid1", "U_",
     None, None),
    ("recovery", "md1 : active raid1 sdc1[2] sda1[0]\n      976630464 blocks super 1.2 [2/1] [U_]\n"
     "      [==>..................]  recovery = 12.6% (123456/976630464) finish=90.1min speed=150000K/sec\n", "md1", "degraded", "raid1",
     "U_", "recovery", 12.6),
    ("spare", "md0 : active raid1 sdc1[2](S) sdb1[1] sda1[0]\n      1046528 blocks [2/2] [UU]\n", "md0", "ok", "raid1", "UU", None, None),
    ("auto-read-only", "md2 : active (auto-read-only) raid1 sda6[0] sdb6[1]\n      4200952 blocks super 1.0 [2/2] [UU]\n"
     "      resync=PENDING\n",
     "md2", "ok", "raid1", "UU", "resync", 0.0),
    ("monthly check", "md0 : active raid1 sdb1[1] sda1[0]\n      1046528 blocks [2/2] [UU]\n"
     "      [=>...]  check =  5.0% (1/20) finish=1.0min speed=1K/sec\n",
     "md0", "ok", "raid1", "UU", "check", 5.0),
    ("raid5 lost two", "md3 : active raid5 sdd1[3](F) sdc1[2](F) sdb1[1] sda1[0]\n"
     "      3 blocks super 1.2 level 5, 512k chunk, algorithm 2 [4/2] [UU__]\n",
     "md3", "failed", "raid5", "UU__", None, None),
    ("raid6 lost two", "md3 : active raid6 sdb1[1] sda1[0]\n      3 blocks super 1.2 level 6, 512k chunk, algorithm 2 [4/2] [UU__]\n",
     "md3", "degraded", "raid6", "UU__", None, None),
    ("raid10", "md4 : active raid10 sdd[3] sdc[2] sda[0]\n      3 blocks super 1.2 512K chunks 2 near-copies [4/3] [U_UU]\n", "md4",
     "degraded", "raid10", "U_UU", None, None),
    ("raid0 with a dead member", "md5 : active raid0 sdb1[1](F) sda1[0]\n      2 blocks super 1.2 512k chunks\n", "md5", "failed", "raid0",
     None, None, None),
    ("raid0, kernel 5.4 and newer", "md5 : broken raid0 sdb1[1] sda1[0]\n      2 blocks super 1.2 512k chunks\n", "md5", "failed", "raid0",
     None, None, None),
    ("raid0", "md5 : active raid0 sdb1[1] sda1[0]\n      2 blocks super 1.2 512k chunks\n", "md5", "ok", "raid0", None, None, None),
    ("inactive", "md6 : inactive sdb1[1](S)\n      976631512 blocks super 1.2\n", "md6", "failed", None, None, None, None),
    ("nothing left", "md7 : active raid1 sdb1[1](F) sda1[0](F)\n      10 blocks super 1.2 [2/0] [__]\n", "md7", "failed", "raid1", "__",
     None, None),
    ("named", "md_d0 : active raid1 nvme1n1p2[1] nvme0n1p2[0]\n      10 blocks super 1.2 [2/2] [UU]\n", "md_d0", "ok", "raid1", "UU", None,
     None),
]


@pytest.mark.parametrize("text, name, state, level, slots, work, percent", [case[1:] for case in CASES], ids=[case[0] for case in CASES])
def test_array(text, name, state, level, slots, work, percent):
    (array,) = mdstat.arrays(HEAD + text + TAIL)
    assert (array["name"], array["state"], array["level"], array["map"], array["work"], array["percent"]) == (name, state, level, slots,
                                                                                                              work, percent)
    assert array["line"].startswith(name + " : ")


def test_several():
    text = HEAD + CASES[0][1] + "\n" + CASES[1][1].replace("md0", "md1") + TAIL
    first, second = mdstat.arrays(text)
    assert [member["device"] for member in second["members"] if member["failed"]] == ["sdb1"] and first["state"] == "ok"
    assert second["line"] == "md1 : active raid1 sdb1[1](F) sda1[0] 1046528 blocks super 1.2 [2/1] [U_]"


def test_none():
    assert mdstat.arrays("Personalities : \nunused devices: <none>\n") == mdstat.arrays("") == []
