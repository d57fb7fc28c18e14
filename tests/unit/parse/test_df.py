# Copyright: kubetriage.node contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.kubetriage.node.plugins.module_utils.parse import df

G = 1 << 30
TABLES = [  # what, text, [(filesystem, type, size, used, avail, percent, mount)]
    ("df", "Filesystem     1K-blocks     Used Available Use% Mounted on\n/dev/sda1       41152736 41152736         0 100% /\n"
     "tmpfs            8132716        0   8132716   0% /dev/shm\n",
     [("/dev/sda1", None, 41152736 * 1024, 41152736 * 1024, 0, 100, "/"), ("tmpfs", None, 8132716 * 1024, 0, 8132716 * 1024, 0,
                                                                           "/dev/shm")]),
    ("df -P", "Filesystem     1024-blocks     Used Available Capacity Mounted on\n"
     "/dev/sda1         41152736 30000000  11152736      73% /\n",
     [("/dev/sda1", None, 41152736 * 1024, 30000000 * 1024, 11152736 * 1024, 73, "/")]),
    ("df -h", "Filesystem      Size  Used Avail Use% Mounted on\n/dev/nvme0n1p1   40G   39G  0.5G  99% /var/lib/containerd\n"
     "udev             7.8G     0  7.8G   0% /dev\n",
     [("/dev/nvme0n1p1", None, 40 * G, 39 * G, G // 2, 99, "/var/lib/containerd"), ("udev", None, int(7.8 * G), 0, int(7.8 * G), 0,
                                                                                    "/dev")]),
    ("df -h, decimal comma", "Dateisystem    Größe Benutzt Verf. Verw% Eingehängt auf\n/dev/sda1        40G     39G  1,5G   97% /\n",
     [("/dev/sda1", None, 40 * G, 39 * G, 3 * G // 2, 97, "/")]),
    ("df -hT", "Filesystem     Type      Size  Used Avail Use% Mounted on\n"
     "overlay        overlay    40G   39G  1.0G  98% /run/containerd/x y/rootfs\n",
     [("overlay", "overlay", 40 * G, 39 * G, G, 98, "/run/containerd/x y/rootfs")]),
    ("df, long name on a line of its own", "Filesystem           1K-blocks      Used Available Use% Mounted on\n"
     "/dev/mapper/VolGroup00-LogVol00-long\n                      10000    9000      1000  90% /\n",
     [("/dev/mapper/VolGroup00-LogVol00-long", None, 10000 * 1024, 9000 * 1024, 1000 * 1024, 90, "/")]),
    ("df -B1", "Filesystem         1B-blocks        Used   Available Use% Mounted on\n"
     "/dev/sda1      42140401664 30000000000 12140401664  72% /\n",
     [("/dev/sda1", None, 42140401664, 30000000000, 12140401664, 72, "/")]),
    ("df -m", "Filesystem     1M-blocks  Used Available Use% Mounted on\n/dev/sda1          40189 39000      1189  98% /\n",
     [("/dev/sda1", None, 40189 << 20, 39000 << 20, 1189 << 20, 98, "/")]),
    ("df -a", "Filesystem     1K-blocks     Used Available Use% Mounted on\nproc                   0        0         0    - /proc\n"
     "systemd-1              -        -         -    - /proc/sys/fs\n",
     [("proc", None, 0, 0, 0, None, "/proc"), ("systemd-1", None, None, None, None, None, "/proc/sys/fs")]),
    ("busybox", "Filesystem           1K-blocks      Used Available Use% Mounted on\n"
     "/dev/root              1998672   1998672         0 100% /\n"
     "/dev/disk/by-uuid/96b86d97-40a1-4181-82c1-1c5558bac1e6\n                     103079200   3843816  94920116   4% /var/lib/docker\n",
     [("/dev/root", None, 1998672 * 1024, 1998672 * 1024, 0, 100, "/"),
      ("/dev/disk/by-uuid/96b86d97-40a1-4181-82c1-1c5558bac1e6", None, 103079200 * 1024, 3843816 * 1024, 94920116 * 1024, 4,
       "/var/lib/docker")]),
    ("df -m, French", "Sys. de fichiers blocs de 1M Utilisé Disponible Uti% Monté sur\n"
     "/dev/sda1             40189   39000       1189  98% /\n",
     [("/dev/sda1", None, 40189 << 20, 39000 << 20, 1189 << 20, 98, "/")]),
    ("df, Spanish", "S.ficheros     bloques de 1K   Usados Disponibles Uso% Montado en\n"
     "/dev/sda1           41152736 41152736           0 100% /\n",
     [("/dev/sda1", None, 41152736 * 1024, 41152736 * 1024, 0, 100, "/")]),
    ("df -T, Chinese", "文件系统       类型       1K-块     已用     可用 已用% 挂载点\n/dev/vda1      ext4    41152736 39000000  2152736   95% /\n",
     [("/dev/vda1", "ext4", 41152736 * 1024, 39000000 * 1024, 2152736 * 1024, 95, "/")]),
    ("df -hT, a header in no language we know", "x y size used avail u% m\noverlay overlay 40G 39G 1.0G 98% /merged\n",
     [("overlay", "overlay", 40 * G, 39 * G, G, 98, "/merged")]),
    ("a row alone, as grep leaves it", "/dev/sda1        40G   40G     0 100% /var\n", [("/dev/sda1", None, 40 * G, 40 * G, 0, 100,
     "/var")]),
]


@pytest.mark.parametrize("text, rows", [table[1:] for table in TABLES], ids=[table[0] for table in TABLES])
def test_bytes(text, rows):
    found = df.df("root@w2:~# df\n" + text + "root@w2:~# uptime\n 02:13:07 up 3 days, load average: 0.00\n")
    assert [(row["filesystem"], row["type"], row["size"], row["used"], row["avail"], row["percent"], row["mount"]) for row in found] == rows
    assert {row["what"] for row in found} == {"bytes"}


@pytest.mark.parametrize("text, size, used", [
    ("Filesystem      Inodes   IUsed   IFree IUse% Mounted on\n/dev/sda1      2621440 2621440       0  100% /\n", 2621440, 2621440),
    ("Filesystem     Inodes IUsed IFree IUse% Mounted on\n/dev/sda1        2.5M  2.5M     0  100% /\n", int(2.5 * (1 << 20)),
     int(2.5 * (1 << 20))),
    ("Sys. de fichiers  Inœuds  IUtil. ILibre IUti% Monté sur\n/dev/sda1        100      100     0  100% /\n", 100, 100),
    ("Sys. de fichiers Inodes IUtil. ILibre IUti% Monté sur\n/dev/sda1        100      100     0  100% /\n", 100, 100),
    ("S.ficheros     Nodos-i NUsados NLibres NUso% Montado en\n/dev/sda1        100      100     0  100% /\n", 100, 100),
    ("Файловая система Iнодов IИспользовано IСвободно IИспользовано% Cмонтировано в\n"
     "/dev/sda1        100      100     0  100% /\n", 100, 100),
    ("文件系统          Inode 已用(I) 可用(I) 已用(I)% 挂载点\n/dev/sda1        100      100     0  100% /\n", 100, 100),
    ("ファイルシス   Iノード  I使用  I残り I使用% マウント位置\n/dev/sda1        100      100     0  100% /\n", 100, 100),
    ("System plików     i-węzły użyte dostępne %uż. zamontowany na\n/dev/sda1        100      100     0  100% /\n", 100, 100),
    ("Filesystem              Inodes      Used Available Use% Mounted on\n/dev/sda1        100      100     0  100% /\n", 100, 100),
    ("Dateisystem    INodes IBenutzt IFrei IBen% Eingehängt auf\n/dev/sda1        100      100     0  100% /\n", 100, 100),
])
def test_inodes(text, size, used):
    (row,) = df.df(text)
    assert (row["what"], row["size"], row["used"], row["avail"], row["percent"]) == ("inodes", size, used, 0, 100)


def test_both_tables_in_one_paste():
    inodes = "Filesystem      Inodes   IUsed   IFree IUse% Mounted on\n/dev/sda1      2621440 2621440       0  100% /\n"
    text = TABLES[2][1] + inodes + TABLES[0][1]
    assert [row["what"] for row in df.df(text)] == ["bytes", "bytes", "inodes", "bytes", "bytes"]


@given(st.text() | st.lists(st.sampled_from(["/dev/sda1", " ", "10", "5G", "-", "100%", "/", "\n", "Filesystem", "9" * 30]),
                            max_size=30).map(" ".join))
def test_any_text(text):
    df.df(text)
