# Copyright: kubetriage.node contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.kubetriage.node.plugins.module_utils.parse import free

K, M, G = 1 << 10, 1 << 20, 1 << 30
NEW = "               total        used        free      shared  buff/cache   available\n"
OLD = "             total       used       free     shared    buffers     cached\n"
CASES = [  # what, text, total, used, available, swap total
    ("free -h, procps 3.3.16+", NEW + "Mem:            15Gi        13Gi       387Mi        15Mi       3.6Gi       500Mi\n"
     "Swap:          2.0Gi       2.0Gi          0B\n",
     15 * G, 13 * G, 500 * M, 2 * G),
    ("free -h, procps 3.3.12", NEW + "Mem:            15G         13G        387M         15M        3.6G        500M\n"
     "Swap:            0B          0B          0B\n",
     15 * G, 13 * G, 500 * M, 0),
    ("free -h, decimal comma", "              gesamt       benutzt     frei      gemns.  Puffer/Cache verfügbar\n"
     "Mem:           7,5Gi       7,0Gi       100Mi       1,0Mi       400Mi       250Mi\n",
     int(7.5 * G), 7 * G, 250 * M, None),
    ("free", NEW + "Mem:        16265432    13631488      123456       15360     2510488      512000\n"
     "Swap:              0           0           0\n",
     16265432 * K, 13631488 * K, 512000 * K, 0),
    ("free -m", NEW + "Mem:           15884       13312         120          15        2451         500\n"
     "Swap:              0           0           0\n", 15884 * M, 13312 * M, 500 * M, 0),
    ("free -g", NEW + "Mem:              15          13           0           0           2           0\n"
     "Swap:              0           0           0\n", 15 * G, 13 * G, 0, 0),
    ("free -wh", "               total        used        free      shared     buffers       cache   available\n"
     "Mem:            15Gi        13Gi       387Mi        15Mi       100Mi       3.5Gi       500Mi\n"
     "Swap:             0B          0B          0B\n",
     15 * G, 13 * G, 500 * M, 0),
    ("free -b", NEW + "Mem:     16655802368 13958643712   126418944    15728640  2570739712   524288000\n"
     "Swap:              0           0           0\n",
     16655802368, 13958643712, 524288000, 0),
    ("free -m, German", "              gesamt       benutzt     frei      gemns.  Puffer/Cache verfügbar\n"
     "Speicher:       15884       13312         120          15        2451         500\nAuslager:        2047           0        2047\n",
     15884 * M, 13312 * M, 500 * M, 2047 * M),
    ("free -h, French", "              total       utilisé      libre     partagé tamp/cache   disponible\n"
     "Mem:           15Gi        13Gi       387Mi        15Mi       3,6Gi       500Mi\n"
     "Partition d'échange:   2,0Gi          0B       2,0Gi\n",
     15 * G, 13 * G, 500 * M, 2 * G),
    ("free -m, Chinese", "              总计         已用        空闲      共享    缓冲/缓存    可用\n"
     "内存：       15884       13312         120          15        2451         500\n交换：           0           0           0\n",
     15884 * M, 13312 * M, 500 * M, 0),
    ("busybox 1.36", NEW + "Mem:        16265432    13631488      123456       15360     2510488      512000\n"
     "Swap:             0           0           0\n", 16265432 * K, 13631488 * K, 512000 * K, 0),
    ("busybox 1.20", "             total         used         free       shared      buffers\n"
     "Mem:      16265432     16000000       265432            0       100000\n-/+ buffers:          15900000       365432\n"
     "Swap:            0            0            0\n", 16265432 * K, 15900000 * K, 365432 * K, 0),
    ("free, procps 3.2 (el6)", OLD + "Mem:      16265432   16000000     265432          0     100000     900000\n"
     "-/+ buffers/cache:   15000000    1265432\nSwap:      2097148          0    2097148\n",
     16265432 * K, 15000000 * K, 1265432 * K, 2097148 * K),
]


@pytest.mark.parametrize("text, total, used, available, swap", [case[1:] for case in CASES], ids=[case[0] for case in CASES])
def test_free(text, total, used, available, swap):
    found = free.free("$ free\n" + text)
    assert (found["memory"]["total"], found["memory"]["used"], found["memory"]["available"]) == (total, used, available)
    assert found.get("swap", {}).get("total") == swap


def test_buffers_and_cache_of_old_ones_are_cache():
    assert free.free(CASES[-1][1])["memory"]["cache"] == 1000000 * K


@pytest.mark.parametrize("text, available, cache, swap", [
    ("MiB Mem :  64281.9 total,    507.3 free,  63628.3 used,    146.3 buff/cache\nMiB Swap:   1024.0 total,   1024.0 free,      0.0 used."
     "    149.4 avail Mem\n", int(149.4 * M), int(146.3 * M), G),
    ("KiB Mem : 16266204 total,   183916 free, 15823012 used,   259276 buff/cache\nKiB Swap:        0 total,        0 free,        0 used."
     "   128244 avail Mem \n", 128244 * K, 259276 * K, 0),
    ("Mem:  16266204k total, 16123412k used,   142792k free,     2036k buffers\nSwap:        0k total,        0k used,        0k free,"
     "    40280k cached\n", None, 42316 * K, 0)], ids=["procps 4", "procps 3.3", "procps 3.2"])
def test_the_lines_above_tops_table(text, available, cache, swap):
    found = free.free("top - 14:02:50 up 16:38,  1 user,  load average: 378.90, 324.11, 182.45\n" + text)
    assert (found["memory"]["available"], found["memory"]["cache"], found["swap"]["total"]) == (available, cache, swap)
    assert found["memory"]["total"] > 15 * G


@given(st.text() | st.lists(st.sampled_from(["Mem:", "Swap:", "-/+ buffers/cache:", "cached", "1", "2Gi", "9" * 20, "\n"]),
                            max_size=25).map(" ".join))
def test_any_text(text):
    free.free(text)
