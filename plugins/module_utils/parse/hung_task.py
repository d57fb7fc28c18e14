# Copyright: kubetriage.node contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Reports of tasks that hang in the kernel (kernel/hung_task.c, show_stack) -> who, since when, and what its stack waits for."""

import re

_HEAD = re.compile(r"INFO: task (.{1,64}):(\d{1,9}) blocked for more than (\d{1,9}) seconds")
_NEXT = ("INFO: task ", "Showing all locks held", "Future hung task reports")
_LIMIT = 80  # lines of one report
# function+0x46/0x60 [module]; arm: (function) from, or function from
_FRAME = re.compile(r"([A-Za-z_][\w.]*)\+0x[0-9a-f]+/0x[0-9a-f]+(?: \[(\w+)\])?|\(([A-Za-z_]\w*)\) from |^ ?([a-z_]\w*) from ")
_WORK = re.compile(r"Workqueue: (?:\S+ )?(\w+)")
# What it waits for: the first of these of which there is a trace anywhere in the stack. A file server's client goes through the page cache,
# and reclaim through a file system, so the order counts.
_KINDS = (
    ("file server", re.compile(r"(?:nfs\d?|rpc|nlm\w*|cifs|smb2|ceph|fuse|v9fs|p9)_|request_wait_answer$|__rpc_"
                               r"|(?:nfs(?:v\d)?|cifs|ceph|libceph|fuse|9p)$")),
    ("network namespace", re.compile(r"(?:cleanup_net|copy_net_ns|netdev_wait_allrefs\w*|netdev_run_todo)$")),
    ("memory", re.compile(r"(?:shrink_|do_try_to_free|try_to_free|throttle_direct_reclaim|reclaim_throttle|__alloc_pages_(?:slow|direct)"
                          r"|balance_pgdat|kswapd|mem_cgroup_(?:oom|out_of))")),
    ("disk", re.compile(r"(?:jbd2|xfs|ext[34]|btrfs|blk|blkdev|bio|dm|md|raid\d+|nvme|scsi|zfs|zio|txg)_|io_schedule|__?wait_on_buffer"
                        r"|wait_on_page_|folio_wait_|submit_bio_wait|balance_dirty_pages|sync_inodes|__bread|xlog_"
                        r"|(?:jbd2|xfs|ext4|btrfs|dm_mod|zfs)$")),
)
_BY_NAME = (("disk", re.compile(r"(?:jbd2|xfsaild|xfs-\w+|btrfs-\w+|dmcrypt_write|md\d+_raid\d+|txg_sync)\b"
                                r"|.*[-+](?:flush-\d|writeback)")),
            ("memory", re.compile(r"kswapd\d")), ("network namespace", re.compile(r"kworker/.*[-+]netns")))
_DEVICE = re.compile(r"jbd2/([\w!-]+)-\d+$|(?:xfsaild|xfs-\w+|dmcrypt_write)/([\w!-]+)$")


def hung_tasks(entries):
    """Kernel log entries (loglines) -> [{"comm", "pid", "seconds", "time", "line", "waits", "sign", "device"}], in the order of the log.

    time: epoch of the report or None; line: its first; waits: file server, network namespace, memory, disk, or None if nothing tells;
    sign: the line of the stack that tells it, None where the task's name does; device: of a file system's own thread.
    """
    found, frames, lines = [], [], 0
    for entry in entries:
        match = _HEAD.search(entry.message)
        if match:
            _judge(found, frames)
            comm, pid, seconds = match.groups()
            device = _DEVICE.match(comm)
            found.append({"comm": comm, "pid": int(pid), "seconds": int(seconds), "time": entry.time, "line": entry.message, "waits": None,
                          "sign": None, "device": device and (device.group(1) or device.group(2))})
            frames, lines = [], 0
        elif found and lines < _LIMIT:
            lines += 1
            if entry.message.startswith(_NEXT):
                lines = _LIMIT
            frames += [(function or of or before, module, entry.message) for function, module, of, before in _FRAME.findall(entry.message)]
            frames += [(work, "", entry.message) for work in _WORK.findall(entry.message)]
    _judge(found, frames)
    return found


def _judge(found, frames):
    """Put into the last report what its frames tell. An NFS server's own threads are not its clients."""
    if not found:
        return
    for waits, pattern in _KINDS:
        for function, module, line in frames:
            if not function.startswith(("nfsd", "svc_")) and (pattern.match(function) or pattern.match(module)):
                found[-1].update(waits=waits, sign=line.strip())
                return
    for waits, pattern in _BY_NAME:
        if pattern.match(found[-1]["comm"]):
            found[-1].update(waits=waits)
            return
