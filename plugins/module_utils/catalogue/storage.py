# Copyright: kubetriage.node contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Disks, filesystems and file servers."""

from .entry import failure

# Loop devices, floppies, CD drives and RAM disks fail without harm: a virtual machine often has an empty one.
_DISK = r"(?P<device>(?!loop|fd\d|sr\d|ram\d|zram)[\w.!-]+)"
# A row of smartctl -A whose raw value is not 0.
_ATTRIBUTE = r"^ *(?:5|197|198) (?P<attribute>\w+) +0x\S+(?: +\S+){6} +(?P<raw>[1-9]\d*)"
# What the node itself reads and writes, as programs name it; not what is a volume, nor what a container sees.
_OWN_FILE = (r"^(?!.*(?:probe |exec in container|exec failed|/(?:volumes|volume-subpaths|volumeDevices|plugins|rootfs|merged)/)).*?"
             r"(?P<path>/(?:(?:etc|usr|s?bin|lib|opt/cni|opt/bin)/[^\s:\"']+|var/log/(?:pods|containers|journal)[^\s:\"']*"
             r"|(?:var/lib|run)(?:/(?:kubelet|containerd|containers|docker|rancher|cni|etcd|k0s|k3s)\b[^\s:\"']*)?))[\"']?: ")
_SECONDS = r"(?:\d+[hm])*\d+(?:\.\d+)?s"  # as Go prints a duration of a second or more
_CONTROLLER = r"nvme (?P<device>nvme\d+|[\da-f:.]+): "  # kernels before 4.6 name the PCI address

FAILURES = [
    failure(
        "storage.io_error",
        title="A disk returns I/O errors",
        severity="critical",
        role="cause",
        what="The kernel could not read or write a block device. What lies on it stalls or fails: the kubelet, the runtime, etcd.",
        log=[
            ("kernel", "error, dev ",
             r"\b(?:I/O|critical medium|timeout|recoverable transport|protection|device offline) error, dev " + _DISK + r", sector \d+"),
            ("kernel", "buffer i/o error on dev", r"\bBuffer I/O error on dev(?:ice)? " + _DISK + r", logical block"),
            ("kernel", "due to i/o error on", r"lost page write due to I/O error on " + _DISK),
            ("kernel", "ext4_end_bio", r"EXT4-fs warning \(device " + _DISK + r"\): ext4_end_bio:.{0,60}I/O error"),
            ("kernel", "jbd2:", r"JBD2: (?:Detected IO errors .{0,40}? on|Error -5 detected .{0,60}?for) " + _DISK + r"-\d+"),
            ("kernel", "errs: wr", r"BTRFS error \(device [\w.!-]{1,40}[^)]*\): bdev (?:/dev/)?" + _DISK + r" errs: wr \d+, rd"),
            ("kernel", "hostbyte=did_", r"\[" + _DISK + r"\].{0,80}hostbyte=DID_(?:BAD_TARGET|NO_CONNECT|TRANSPORT_DISRUPTED)"),
            ("kernel", "unrecovered read error", r"\[" + _DISK + r"\].{0,80}Unrecovered read error"),
            ("kernel", "rejecting i/o to", r"\b(?P<address>\d+:\d+:\d+:\d+): rejecting I/O to (?:offline|dead) device"),
            ("kernel", "device offlined", r"\b(?P<address>\d+:\d+:\d+:\d+): Device offlined - not ready after error recovery"),
            ("kernel", "overlayfs: ", r"overlayfs: .{0,200}(?:\(-5\)|err=-5\b)"),
            ("any", "input/output error", _OWN_FILE + r"input/output error"),
            ("any", "input/output error", r"Failed to write entry.{0,80}: Input/output error"),  # journald's
            ("any", "remaining active paths: 0", r"(?P<map>mpath\w+|[\w.-]+): remaining active paths: 0\b"),
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
        caused_by=["storage.nvme_dead", "storage.nvme_timeout", "raid.failed", "raid.controller_reset", "disk.thin_pool_full"],
    ),
    failure(
        "storage.fs_error",
        title="A filesystem is damaged or was shut down by the kernel",
        severity="critical",
        role="cause",
        what="The kernel found the filesystem inconsistent, or could not write its journal; it remounts it read-only or shuts it down.",
        log=[
            ("kernel", "-fs error (device", r"EXT[234]-fs error \(device " + _DISK + r"\)"),
            ("kernel", "ext4-fs (",
             r"EXT4-fs \(" + _DISK +
             r"\): (?:Remounting filesystem read-only|failed to convert|previous I/O error to superblock|I/O error while writing superblock"
             r"|delayed block allocation failed(?!.{0,200}error 28))"),
            ("kernel", "aborting journal on device", r"Aborting journal on device " + _DISK + r"?-\d+"),
            ("kernel", "detected aborted journal", r"\(device " + _DISK + r"\).{0,60}Detected aborted journal"),
            ("kernel", "xfs (",
             r"XFS \(" + _DISK + r"\): (?!User initiated).{0,160}(?:Corruption|Internal error|metadata I/O error|log I/O error"
             r"|Shutting down filesystem|has been shut down|xfs_log_force: error|Metadata CRC error|log mount/recovery failed)"),
            ("kernel", "btrfs",
             r"BTRFS:? \w+ \(device " + _DISK + r"[^)]*\).{0,160}(?:forced readonly|corrupt(?! \d)|checksum (?:verify|error)|csum failed|parent transid"
             r"|errno=-5\b|bad tree block|bad fsid on block|failed to read (?:tree|fs|chunk|log|block)|open_ctree failed|unable to find ref)"),
            ("kernel", "has been suspended", r"Pool '(?P<pool>[^']{1,100})' has encountered an uncorrectable I/O failure"),
            # what ZFS finds inconsistent stops the thread that found it, with all that wait for it
            ("kernel", "panic: zfs:", r"\bPANIC: zfs: "),
            ("kernel", "panic at ", r"\bPANIC at [\w.-]{1,60}\.[ch]:\d+:\w+\(\)"),
        ],
        confirm=["findmnt -S /dev/{device}", "dmesg -T | grep -E 'EXT4-fs|XFS|BTRFS|JBD2'", "touch {mount}/.probe && rm {mount}/.probe"],
        fix=[
            "kubectl drain {node} --ignore-daemonsets --delete-emptydir-data",
            "boot a rescue system: e2fsck -f /dev/{device} (ext4) or xfs_repair /dev/{device} (XFS); replace the disk if I/O errors came "
            "first",
        ],
        repair="drain",
        caused_by=["storage.io_error", "storage.nvme_dead", "raid.failed", "disk.thin_pool_full"],
    ),
    failure(
        "storage.volume_error",
        title="The volume of a pod fails, not a disk of the node",
        severity="warning",
        role="presence",
        what="The kernel reports I/O or filesystem errors of a device that is mounted for pods alone (CSI, Longhorn, Ceph, iSCSI). Its pod "
             "suffers; the node does not, although node-problem-detector may say so.",
        confirm=["lsblk -o NAME,TYPE,SIZE,MOUNTPOINT,VENDOR,MODEL /dev/{device}", "findmnt -S /dev/{device}",
                 "kubectl get volumeattachments | grep {node}"],
        fix=["look at the storage system of the volume (engine, replicas, network)", "delete the pod that uses it, so that it is mounted "
             "anew; fsck first if the filesystem has errors"],
    ),
    failure(
        "storage.io_stall",
        title="The disk does not answer: tasks hang on it",
        severity="warning",
        role="cause",
        what="Tasks wait for a disk or the filesystem on it for minutes, without an I/O error: it is overloaded, throttled (a cloud volume "
             "whose burst credits are used up), or its controller hangs.",
        log=[
            # adapters of virtual machines and SAS controllers give up a command after 30 s or more
            ("kernel", "uas_eh_abort_handler", r"\[(?P<device>sd\w+)\] (?:tag#\d+ )?uas_eh_abort_handler"),
            ("kernel", "task abort", r"(?:\[(?P<device>sd\w+)\] (?:tag#\d+ )?task abort on host \d|\battempting task abort ?!)"),
        ],
        confirm=["iostat -x 1 5", "cat /proc/pressure/io", "ps -eo state,pid,wchan:32,args | grep '^D'"],
        fix=[
            "cloud volume: look at its burst balance and queue length; raise its IOPS or throughput",
            "find what loads it: iotop -oPa",
            "local disk: smartctl -a; look at the controller's log",
        ],
        caused_by=["storage.io_error", "storage.fs_error", "storage.nvme_timeout", "storage.nvme_dead", "storage.throttled", "raid.failed",
                   "raid.controller_reset"],
    ),
    failure(
        "storage.throttled",
        title="The cloud throttles the disk",
        severity="warning",
        role="cause",
        what="The volume or the instance is above the IOPS or throughput that are paid for: every write waits, without an error anywhere.",
        log=[
            ("any", "ebsvolume", r"\bEBSVolume(?P<what>IOPS|Throughput)Exceeded\b"),
            ("any", "ebsinstance", r"\bEBSInstance(?P<what>IOPS|Throughput)Exceeded\b"),
            ("any", "exceeded configured", r"\((?P<device>[\w/-]+)\) reported exceeded configured (?P<what>\w+) for"),
        ],
        confirm=["nvme amzn stats /dev/{device}", "iostat -x 1 5"],
        fix=["raise the volume's IOPS or throughput, or take a larger instance", "give containerd and the kubelet a disk of their own"],
    ),
    failure(
        "storage.nvme_dead",
        title="An NVMe controller died and was disabled",
        severity="critical",
        role="cause",
        what="The controller stopped answering and did not come back after a reset; the kernel removed it. Every I/O to it fails from "
             "then on.",
        log=[
            ("kernel", "device not ready; aborting", _CONTROLLER + r"Device not ready; aborting (?:reset|initiali[sz]ation|shutdown)"),
            ("kernel", "after reset failure", _CONTROLLER + r"Disabling device after reset failure: -\d+"),
            ("kernel", "after probe failure", _CONTROLLER + r"Remov(?:e|ing) after probe failure"),
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
             _CONTROLLER + r"I/O (?:tag )?\d+.{0,80}timeout, (?:reset controller|aborting|completion polled|disable controller)"),
            ("kernel", "cancelling i/o", _CONTROLLER + r"Cancelling I/O \d+ QID \d+"),
            ("kernel", "controller is down; will reset", _CONTROLLER + r"controller is down; will reset: CSTS=0x[0-9a-f]+"),
        ],
        confirm=["nvme smart-log /dev/{device}", "iostat -x 1 3", "cat /sys/module/nvme_core/parameters/io_timeout"],
        fix=[
            "cloud volume: raise its IOPS or throughput, and nvme_core.io_timeout=4294967295 on the kernel command line",
            "local drive: update its firmware; replace it if it repeats",
        ],
    ),
    failure(
        "storage.nfs_gone",
        title="A network filesystem does not answer",
        severity="critical",
        role="cause",
        what="Processes that touch the mount (NFS, SMB, CephFS, FUSE) wait in the kernel and cannot be killed. One such container is "
             "enough to stall the runtime and the kubelet's PLEG.",
        log=[
            ("kernel", "not responding", r"(?:nfs|lockd): server (?P<host>\S+) not responding, (?:still trying|timed out)"),
            ("kernel", "has not responded in", r"CIFS:? VFS: (?:Server )?(?:\\\\)?(?P<host>[^\s\\]+) has not responded in \d+ seconds"),
            ("kernel", " hung", r"\bceph: (?:\[[^\]]{1,80}\]: )?(?P<host>mds\d+) hung"),
            ("kernel", "session lost, hunting for new mon", r"\blibceph: mon\d+ .{0,100}session lost, hunting for new mon"),
        ],
        ends=[
            ("kernel", "nfs: server", r"nfs: server (?P<host>\S+) OK"),
            ("kernel", "lockd: server", r"lockd: server (?P<host>\S+) OK"),
            ("kernel", "session established", r"\blibceph: mon\d+ .{0,100}session established"),
            ("kernel", "came back", r"\bceph: (?:\[[^\]]{1,80}\]: )?(?P<host>mds\d+) came back"),
        ],
        confirm=["grep -E ' (nfs|cifs|ceph|fuse)' /proc/mounts", "ps -eo state,pid,wchan:32,args | grep '^D'", "rpcinfo -t {host} nfs"],
        fix=[
            "bring the server {host} or the way to it back; the processes then go on by themselves",
            "if it is gone for good: umount -f -l {mount}",
        ],
        caused_by=["nic.link_down", "nic.bond_down"],
    ),
    failure(
        "storage.smart_failing",
        title="A disk says by SMART that it is failing",
        severity="warning",
        role="presence",
        what="The drive's own monitoring expects it to fail, or counts sectors that it could not read. It may still serve; I/O errors will "
             "follow.",
        log=[
            ("any", "smart failure", r"Device: /dev/(?P<device>[\w/!-]+)\b.{0,60}SMART Failure: "),
            ("any", "failed smart self-check", r"Device: /dev/(?P<device>[\w/!-]+)\b.{0,60}FAILED SMART self-check"),
            ("any", "sectors",
             r"Device: /dev/(?P<device>[\w/!-]+)\b.{0,60}, (?P<sectors>[1-9]\d*) (?:Currently unreadable \(pending\)|"
             r"(?:Total )?offline uncorrectable) sectors"),
            ("any", "overall-health self-assessment", r"SMART overall-health self-assessment test result: FAILED"),
            ("any", "smart health status:", r"SMART Health Status: (?!OK)\S"),
            ("any", "reallocated_sector_ct", _ATTRIBUTE),
            ("any", "current_pending_sector", _ATTRIBUTE),
            ("any", "offline_uncorrectable", _ATTRIBUTE),
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
            # etcd says so from 100 ms on, as the best disks make it wait now and then
            ("any", "took too long", r"(?:request|apply\w*|entries|message)\b.{0,400}took too long[^\da-z]{0,6}(?:took\W{1,5})?" + _SECONDS),
            ("any", "slow sql", r"\bSlow SQL\b.{0,80}\(total time: (?:\d+m\d|[5-9]\b|\d\d+(?:\.\d+)?s)"),  # k3s on SQLite; it says so from 1 s on
            ("any", "failed to send out heartbeat on time", r"failed to send out heartbeat on time"),
            ("any", "sync duration of", r"sync duration of (?P<seconds>\S+), expected less than"),
            ("any", "slow fdatasync", r"slow fdatasync"),
        ],
        confirm=["iostat -x 1 5", "cat /proc/pressure/io", "journalctl -k --since -1h | grep -iE 'error|timeout|blocked'"],
        fix=["find what loads the disk: iotop -oPa", "give /var/lib/etcd a disk of its own (fsync below 10 ms)"],
        caused_by=["storage.io_error", "storage.nvme_timeout", "storage.nvme_dead", "storage.io_stall", "storage.throttled",
                   "raid.degraded", "memory.thrash"],
    ),
]
