# Copyright: kubetriage.node contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Disks, filesystems and file servers."""

from .entry import failure

# Loop devices, floppies, CD drives and RAM disks fail without harm: a virtual machine often has an empty one.
_DISK = r"(?P<device>(?!loop|fd\d|sr\d|ram\d|zram)[\w.!-]+)"

FAILURES = [
    failure(
        "storage.io_error",
        title="A disk returns I/O errors",
        severity="critical",
        role="cause",
        what="The kernel could not read or write a block device. What lies on it stalls or fails: the kubelet, the runtime, etcd, or only "
             "one pod's volume.",
        log=[
            ("kernel", "i/o error, dev ", r"\bI/O error, dev " + _DISK + r", sector \d+"),
            ("kernel", "buffer i/o error on dev", r"\bBuffer I/O error on dev(?:ice)? " + _DISK + r", logical block"),
            ("kernel", "critical medium error", r"critical medium error, dev " + _DISK + r", sector \d+"),
            ("kernel", "hostbyte=did_", r"\[" + _DISK + r"\].{0,80}hostbyte=DID_(?:BAD_TARGET|NO_CONNECT|TRANSPORT_DISRUPTED)"),
            ("kernel", "unrecovered read error", r"\[" + _DISK + r"\].{0,80}Unrecovered read error"),
            ("kernel", "rejecting i/o to", r"rejecting I/O to (?:offline|dead) device"),
        ],
        confirm=[
            "lsblk -o NAME,TYPE,SIZE,MOUNTPOINT,MODEL,SERIAL /dev/{device}",
            "smartctl -a /dev/{device}",
            "dmesg -T | grep -w {device}",
        ],
        fix=[
            "kubectl drain {node} --ignore-daemonsets --delete-emptydir-data",
            "replace the disk or volume /dev/{device}; in a cloud, replace the node",
        ],
        repair="drain",
        caused_by=["storage.nvme_dead", "storage.nvme_timeout", "raid.failed", "raid.controller_reset"],
    ),
    failure(
        "storage.fs_error",
        title="A filesystem is damaged or was shut down by the kernel",
        severity="critical",
        role="cause",
        what="The kernel found the filesystem inconsistent, or could not write its journal; it remounts it read-only or shuts it down. "
             "If the device is a pod's volume, only that pod suffers.",
        log=[
            ("kernel", "ext4-fs error", r"EXT4-fs error \(device " + _DISK + r"\)"),
            ("kernel", "ext4-fs (",
             r"EXT4-fs \(" + _DISK + r"\): (?:Remounting filesystem read-only|failed to convert|previous I/O error to superblock)"),
            ("kernel", "aborting journal on device", r"Aborting journal on device " + _DISK + r"?-\d+"),
            ("kernel", "detected aborted journal", r"\(device " + _DISK + r"\).{0,60}Detected aborted journal"),
            ("kernel", "xfs (",
             r"XFS \(" + _DISK +
             r"\): .{0,160}(?:Corruption|metadata I/O error|log I/O error|Shutting down filesystem|has been shut down)"),
            ("kernel", "btrfs",
             r"BTRFS:? (?:error|critical) \(device " + _DISK + r"[^)]*\).{0,160}(?:forced readonly|corrupt|checksum|parent transid)"),
        ],
        confirm=["findmnt -S /dev/{device}", "dmesg -T | grep -E 'EXT4-fs|XFS|BTRFS|JBD2'", "touch {mount}/.probe && rm {mount}/.probe"],
        fix=[
            "kubectl drain {node} --ignore-daemonsets --delete-emptydir-data",
            "boot a rescue system: e2fsck -f /dev/{device} (ext4) or xfs_repair /dev/{device} (XFS); replace the disk if I/O errors came "
            "first",
        ],
        repair="drain",
        caused_by=["storage.io_error", "storage.nvme_dead", "raid.failed"],
    ),
    failure(
        "storage.nvme_dead",
        title="An NVMe controller died and was disabled",
        severity="critical",
        role="cause",
        what="The controller stopped answering and did not come back after a reset; the kernel removed it. Every I/O to it fails from "
             "then on.",
        log=[
            ("kernel", "device not ready; aborting",
             r"nvme (?:\S+ )?(?P<device>nvme\d+|\S+): Device not ready; aborting (?:reset|initiali[sz]ation|shutdown)"),
            ("kernel", "after reset failure", r"nvme (?P<device>nvme\d+): Disabling device after reset failure: -\d+"),
            ("kernel", "removing after probe failure", r"nvme (?P<device>nvme\d+): Removing after probe failure"),
            ("kernel", "controller is down; will reset", r"nvme (?P<device>nvme\d+): controller is down; will reset: CSTS=0xffffffff"),
        ],
        confirm=["ls /dev/nvme*", "nvme list", "dmesg -T | grep nvme"],
        fix=[
            "kubectl drain {node} --ignore-daemonsets --delete-emptydir-data",
            "power-cycle the host (a reboot alone may not reset the controller), then replace the drive",
        ],
        repair="drain",
    ),
    failure(
        "storage.nvme_timeout",
        title="NVMe commands time out",
        severity="warning",
        role="cause",
        what="A command was not answered within 30 s or more. Everything that waits for the disk stalls; etcd and the runtime notice it "
             "before the kernel prints it.",
        log=[
            ("kernel", "timeout, ",
             r"nvme (?P<device>nvme\d+): I/O (?:tag )?\d+.{0,80}timeout, (?:reset controller|aborting|completion polled"
             r"|disable controller)"),
        ],
        confirm=["nvme smart-log /dev/{device}", "iostat -x 1 3", "cat /sys/module/nvme_core/parameters/io_timeout"],
        fix=[
            "cloud volume: raise its IOPS or throughput, and nvme_core.io_timeout=4294967295 on the kernel command line",
            "local drive: update its firmware; replace it if it repeats",
        ],
    ),
    failure(
        "storage.nfs_gone",
        title="An NFS server does not answer",
        severity="critical",
        role="cause",
        what="Processes that touch the mount wait in the kernel and cannot be killed. One such container is enough to stall the runtime "
             "and the kubelet's PLEG.",
        log=[("kernel", "not responding", r"nfs: server (?P<host>\S+) not responding, (?:still trying|timed out)")],
        ends=[("kernel", "nfs: server", r"nfs: server (?P<host>\S+) OK")],
        confirm=["grep ' nfs' /proc/mounts", "ps -eo state,pid,wchan:32,args | grep '^D'", "rpcinfo -t {host} nfs"],
        fix=[
            "bring the server {host} or the way to it back; the processes then go on by themselves",
            "if it is gone for good: umount -f -l {mount}",
        ],
    ),
    failure(
        "storage.smart_failing",
        title="A disk says by SMART that it is failing",
        severity="warning",
        role="presence",
        what="The drive's own monitoring expects it to fail. It may still serve; I/O errors will follow.",
        log=[
            ("any", "smart failure", r"Device: /dev/(?P<device>[\w/!-]+)\b.{0,60}SMART Failure: "),
            ("any", "failed smart self-check", r"Device: /dev/(?P<device>[\w/!-]+)\b.{0,60}FAILED SMART self-check"),
            ("any", "overall-health self-assessment", r"SMART overall-health self-assessment test result: FAILED"),
        ],
        confirm=["smartctl -H -A /dev/{device}"],
        fix=["drain the node and replace /dev/{device} in planned time"],
    ),
    failure(
        "storage.slow_disk",
        title="The disk is too slow for etcd",
        severity="warning",
        role="symptom",
        what="etcd waits for its disk: heartbeats are late, leaders change, and the API server answers late or not at all.",
        log=[
            ("any", "took too long",
             r"(?:etcdserver: |\"msg\":\")?(?:read-only range request|apply(?:ing raft message| request| entries)?|request) "
             r".{0,400}took too long|apply request took too long"),
            ("any", "failed to send out heartbeat on time", r"failed to send out heartbeat on time"),
            ("any", "sync duration of", r"sync duration of (?P<seconds>\S+), expected less than"),
            ("any", "slow fdatasync", r"slow fdatasync"),
        ],
        confirm=["iostat -x 1 5", "cat /proc/pressure/io", "journalctl -k --since -1h | grep -iE 'error|timeout|blocked'"],
        fix=["find what loads the disk: iotop -oPa", "give /var/lib/etcd a disk of its own (fsync below 10 ms)"],
        caused_by=["storage.io_error", "storage.nvme_timeout", "storage.nvme_dead", "raid.degraded", "memory.thrash"],
    ),
]
