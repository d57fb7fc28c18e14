# Copyright: kubetriage.node contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

import pytest
from ansible_collections.kubetriage.node.plugins.module_utils.parse import hung_task, loglines
from hypothesis import given
from hypothesis import strategies as st

HEAD = "[ 9955.000000] INFO: task %s blocked for more than 122 seconds.\n"
OLD = """\
[ 9955.000001]       Tainted: G           OE  ------------   3.10.0-957.el7.x86_64 #1
[ 9955.000002] "echo 0 > /proc/sys/kernel/hung_task_timeout_secs" disables this message.
[ 9955.000003] df              D ffff9ea004aa30c0     0 80601  80473 0x00000082
[ 9955.000004] Call Trace:
[ 9955.000005]  [<ffffffffa176aa40>] ? bit_wait+0x50/0x50
[ 9955.000006]  [<ffffffffa176cb49>] schedule+0x29/0x70
"""
NEW = """\
[ 9955.000001]       Not tainted 6.1.90 #1
[ 9955.000002] "echo 0 > /proc/sys/kernel/hung_task_timeout_secs" disables this message.
[ 9955.000003] task:x               state:D stack:0     pid:6604  ppid:2      flags:0x00000008
[ 9955.000004] Call Trace:
[ 9955.000005]  <TASK>
[ 9955.000006]  __schedule+0x258/0x6e0
[ 9955.000007]  schedule+0x58/0xf0
"""


def frames(*functions):
    return "".join("[ 9955.0001%02d]  %s\n" % each for each in enumerate(functions))


CASES = [  # what, task, report, what it waits for, the sign, device
    ("NFS, 3.10", "df:80601", OLD + frames("[<ffffffffc08f1b66>] nfs_file_flush+0x46/0x60 [nfs]"), "file server", "nfs_file_flush", None),
    ("NFSv4, 6.1", "df:1", NEW + frames("rpc_wait_bit_killable+0x11/0x70 [sunrpc]", "nfs4_do_close+0x1/0x2 [nfsv4]"), "file server",
     "rpc_wait_bit_killable", None),
    ("NFS through the page cache", "x:1",
     NEW + frames("io_schedule+0x46/0x80", "wait_on_page_bit+0x1/0x2", "nfs_file_fsync+0x30/0x280 [nfs]"),
     "file server", "nfs_file_fsync", None),
    ("an NFS server's thread", "nfsd:3780",
     OLD + frames("zfs_vget+0x1/0x2 [zfs]", "nfsd_dispatch+0x1/0x2 [nfsd]", "svc_process+0x1/0x2 [sunrpc]"),
     "disk", "zfs_vget", None),
    ("SMB", "ls:1", NEW + frames("wait_for_response+0x8e/0xf0 [cifs]"), "file server", "wait_for_response", None),
    ("FUSE", "ls:1", NEW + frames("request_wait_answer+0x1/0x2 [fuse]"), "file server", "request_wait_answer", None),
    ("journal", "jbd2/nvme2n1-8:6604", NEW + frames("jbd2_journal_commit_transaction+0x264/0x1bc0 [jbd2]"), "disk",
     "jbd2_journal_commit_transaction", "nvme2n1"),
    ("XFS", "containerd:1", OLD + frames("[<ffffffffc02>] xfs_log_force_lsn+0x1/0x2 [xfs]"), "disk", "xfs_log_force_lsn", None),
    ("throttled writer", "fio:1", NEW + frames("balance_dirty_pages+0x1/0x2"), "disk", "balance_dirty_pages", None),
    ("reclaim through a file system", "java:1",
     NEW + frames("xfs_log_force+0x1/0x2 [xfs]", "shrink_node+0x1/0x2", "try_to_free_pages+0x1/0x2"),
     "memory", "shrink_node", None),
    ("namespaces", "kworker/u4:2:141", OLD.replace("Call", "Workqueue: netns cleanup_net\n[ 9955.000004] Call"),
     "network namespace", "cleanup_net", None),
    ("new namespace", "runc:[1:CHILD]:31337", NEW + frames("rwsem_down_write_slowpath+0x1/0x2", "copy_net_ns+0xb2/0x1b0"),
     "network namespace", "copy_net_ns", None),
    ("a lock, nothing tells", "exe:1990875", OLD + frames("wait_for_completion+0x10a/0x170"), None, None, None),
    ("only the first line, told by the name", "jbd2/dm-0-8:342", "", "disk", None, "dm-0"),
    ("only the first line, XFS", "xfsaild/dm-3:342", "", "disk", None, "dm-3"),
    ("only the first line, writeback", "kworker/u8:1+flush-253:0:99", "", "disk", None, None),
    ("only the first line, reclaim", "kswapd0:42", "", "memory", None, None),
    ("only the first line, anyone", "docker:2241", "", None, None, None),
    ("arm", "objcopy:24916", OLD + frames("[<802d5dcc>] (vfs_fsync) from [<8029d758>] (filp_close+0x2c/0x80)",
                                          "[<80233190>] (filemap_write_and_wait_range) from [<803db1c4>] (nfs_file_fsync+0x30/0x280)"),
     "file server", "nfs_file_fsync", None),
]


@pytest.mark.parametrize("task, report, waits, sign, device", [case[1:] for case in CASES], ids=[case[0] for case in CASES])
def test_hung_task(task, report, waits, sign, device):
    text = "[ 9954.000000] cni0: port 3(veth1) entered forwarding state\n" + HEAD % task + report
    (found,) = hung_task.hung_tasks(loglines.entries(text, boot=1000.0))
    comm, _colon, pid = task.rpartition(":")
    said = found.pop("sign")
    assert sign in said if sign else said is None
    assert found == {"comm": comm, "pid": int(pid), "seconds": 122, "time": 10955.0,
                     "line": "INFO: task %s blocked for more than 122 seconds." % task, "waits": waits, "device": device}


def test_two_reports_do_not_mix():
    text = HEAD % "a:1" + OLD + HEAD % "b:2" + NEW + frames("nfs_wait_bit_killable+0x1/0x2 [nfs]")
    text += "[ 9955.1] Showing all locks held in the system:\n"
    assert [found["waits"] for found in hung_task.hung_tasks(loglines.entries(text + frames("xfs_x+0x1/0x2")))] == [None, "file server"]


@given(st.text() | st.lists(st.sampled_from(["INFO: task ", "x:1", " blocked for more than 120 seconds", "\n", "nfs_x+0x1/0x2 [nfs]",
                                             "(a) from ", "Workqueue: "]), max_size=30).map("".join))
def test_any_text(text):
    hung_task.hung_tasks(loglines.entries(text))
