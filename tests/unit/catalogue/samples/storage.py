# Copyright: kubetriage.node contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

SAMPLES = {
    "storage.io_error": {
        "hits": [
            ("kernel 2.6.32", "kernel", "Nov 23 02:13:07 w2 kernel: end_request: I/O error, dev sdb, sector 1953524992"),
            ("kernel 4.4", "kernel", "[81234.113251] blk_update_request: I/O error, dev sda, sector 4196352"),
            ("kernel 4.18 el8", "kernel", "Nov 23 02:13:07 w2 kernel: print_req_error: I/O error, dev nvme0n1, sector 83886072 flags 80700"),
            ("kernel 5.4", "kernel", "[  933.120014] blk_update_request: I/O error, dev nvme1n1, sector 2099200 op 0x1:(WRITE) flags 0x800 phys_seg 4 prio class 0"),
            ("kernel 6.1", "kernel", "2026-11-23T02:13:07+0000 w2 kernel: I/O error, dev sdc, sector 12345678 op 0x0:(READ) flags 0x80700 phys_seg 1 prio class 2"),
            ("kernel 3.10", "kernel", "[12345.678901] Buffer I/O error on device dm-3, logical block 1310720"),
            ("kernel 5.15", "kernel", "[12345.678901] Buffer I/O error on dev sdb1, logical block 121601, lost async page write"),
            ("kernel 5.10", "kernel", "[ 411.000121] blk_update_request: critical medium error, dev sda, sector 976773152 op 0x0:(READ) flags 0x0 phys_seg 1 prio class 0"),
            ("kernel 6.8", "kernel", "[ 411.000121] critical medium error, dev sda, sector 976773152 op 0x0:(READ) flags 0x84700 phys_seg 32 prio class 2"),
            ("kernel 4.15", "kernel", "[ 99.12] sd 2:0:0:0: [sdb] tag#12 FAILED Result: hostbyte=DID_BAD_TARGET driverbyte=DRIVER_OK"),
            ("kernel 5.14", "kernel", "[ 99.120000] sd 0:0:1:0: [sdb] tag#8 Add. Sense: Unrecovered read error - auto reallocate failed"),
            ("kernel 4.19", "kernel", "[ 99.120000] sd 2:0:0:0: rejecting I/O to offline device"),
        ],
        "misses": [
            ("kernel 5.15, virtual machine without floppy", "kernel", "[   12.340000] blk_update_request: I/O error, dev fd0, sector 0 op 0x0:(READ) flags 0x0 phys_seg 1 prio class 0"),
            ("kernel 6.1, empty CD drive", "kernel", "[   12.340000] I/O error, dev sr0, sector 0 op 0x0:(READ) flags 0x80700 phys_seg 1 prio class 2"),
            ("kernel 5.15, image of a snap", "kernel", "[  112.340000] Buffer I/O error on dev loop7, logical block 0, async page read"),
            ("kernel 6.1, discard not supported", "kernel", "[  112.340000] critical target error, dev sda, sector 2048 op 0x3:(DISCARD) flags 0x800 phys_seg 1 prio class 2"),
            ("kubelet 1.28", "kubelet", "Nov 23 02:13:07 w2 kubelet[812]: E1123 02:13:07.100000     812 remote_runtime.go:222] \"RunPodSandbox from runtime service failed\" err=\"rpc error: input/output error\""),
        ],
    },
    "storage.fs_error": {
        "hits": [
            ("kernel 3.10", "kernel", "[81234.5] EXT4-fs error (device sda1): ext4_find_entry:1312: inode #131073: comm kubelet: reading directory lblock 0"),
            ("kernel 2.6.32", "kernel", "Nov 23 02:13:07 w2 kernel: EXT4-fs error (device dm-0) in ext4_reserve_inode_write:5132: Journal has aborted"),
            ("kernel 5.4", "kernel", "Nov 23 02:13:07 w2 kernel: EXT4-fs (sda1): Remounting filesystem read-only"),
            ("kernel 4.15", "kernel", "[81234.500000] Aborting journal on device sda1-8."),
            ("kernel 5.15", "kernel", "[81234.500000] EXT4-fs error (device nvme0n1p1): ext4_journal_check_start:83: comm containerd: Detected aborted journal"),
            ("kernel 4.18", "kernel", "[81234.500000] XFS (dm-2): Filesystem has been shut down due to log error (0x2)."),
            ("kernel 3.10", "kernel", "[81234.500000] XFS (sdb1): Corruption of in-memory data detected.  Shutting down filesystem"),
            ("kernel 5.14", "kernel", "[81234.500000] XFS (vda2): metadata I/O error in \"xfs_buf_ioend+0x1a2/0x3f0 [xfs]\" at daddr 0x4b2a10 len 8 error 5"),
            ("kernel 6.5", "kernel", "[81234.500000] BTRFS error (device sda2: state A): Transaction aborted (error -5) and forced readonly"),
        ],
        "misses": [
            ("kernel 5.15", "kernel", "[    3.100000] EXT4-fs (sda1): mounted filesystem with ordered data mode. Opts: errors=remount-ro. Quota mode: none."),
            ("kernel 6.1", "kernel", "[    3.100000] EXT4-fs (sda1): re-mounted 6d1c6f1e-0000-4000-8000-000000000000 r/w. Quota mode: none."),
            ("kernel 5.15, image of a snap", "kernel", "[   81.500000] EXT4-fs error (device loop3): ext4_lookup:1785: inode #12: comm snapd: iget: checksum invalid"),
            ("kernel 5.14", "kernel", "[    3.100000] XFS (vda2): Ending clean mount"),
            ("kernel 5.14", "kernel", "[    3.100000] XFS (vda2): Unmounting Filesystem"),
        ],
    },
    "storage.nvme_dead": {
        "hits": [
            ("kernel 4.15", "kernel", "[91.2] nvme nvme1: Device not ready; aborting reset"),
            ("kernel 5.15", "kernel", "[ 191.200000] nvme nvme0: Device not ready; aborting reset, CSTS=0x1"),
            ("kernel 5.4", "kernel", "[ 191.200000] nvme nvme0: Removing after probe failure status: -19"),
            ("kernel 6.5", "kernel", "[ 191.200000] nvme nvme0: Disabling device after reset failure: -19"),
            ("kernel 5.15", "kernel", "[ 191.200000] nvme nvme0: controller is down; will reset: CSTS=0xffffffff, PCI_STATUS=0x10"),
        ],
        "misses": [
            ("kernel 5.15", "kernel", "[    1.200000] nvme nvme0: 8/0/0 default/read/poll queues"),
            ("kernel 5.15", "kernel", "[ 191.200000] nvme nvme0: I/O 12 QID 3 timeout, completion polled"),
        ],
    },
    "storage.nvme_timeout": {
        "hits": [
            ("kernel 4.15", "kernel", "[ 5551.000000] nvme nvme1: I/O 25 QID 2 timeout, reset controller"),
            ("kernel 4.14, EBS", "kernel", "[ 5551.000000] nvme nvme0: I/O 166 QID 1 timeout, completion polled"),
            ("kernel 6.6", "kernel", "[ 5551.000000] nvme nvme0: I/O tag 25 (1019) opcode 0x1 (Write) QID 2 timeout, reset controller"),
            ("kernel 5.15", "kernel", "[ 5551.000000] nvme nvme0: I/O 640 (I/O Cmd) QID 8 timeout, aborting"),
        ],
        "misses": [
            ("kernel 5.15", "kernel", "[ 5552.000000] nvme nvme0: Abort status: 0x0"),
            ("kernel 5.15", "kernel", "[ 5552.000000] scsi 2:0:0:0: timing out command, waited 180s"),
        ],
    },
    "storage.nfs_gone": {
        "hits": [
            ("kernel 3.10", "kernel", "Nov 23 02:13:07 w2 kernel: nfs: server nas1.example.com not responding, still trying"),
            ("kernel 5.15, soft mount", "kernel", "[ 5551.000000] nfs: server 10.0.0.7 not responding, timed out"),
        ],
        "misses": [
            ("kernel 5.15", "kernel", "[ 5552.000000] nfs: server 10.0.0.7 OK"),
            ("kernel 5.15", "kernel", "[   12.000000] NFS: Registering the id_resolver key type"),
        ],
    },
    "storage.smart_failing": {
        "hits": [
            ("smartd 7.1", "any", "Nov 23 02:13:07 w2 smartd[701]: Device: /dev/sda [SAT], FAILED SMART self-check. BACK UP DATA NOW!"),
            ("smartd 6.6", "any", "Nov 23 02:13:07 w2 smartd[701]: Device: /dev/bus/0 [megaraid_disk_05] [SAT], SMART Failure: HARDWARE IMPENDING FAILURE GENERAL HARD DRIVE FAILURE"),
            ("smartctl 7.3", "any", "SMART overall-health self-assessment test result: FAILED!"),
        ],
        "misses": [
            ("smartctl 7.3", "any", "SMART overall-health self-assessment test result: PASSED"),
            ("smartd 7.1", "any", "Nov 23 02:13:07 w2 smartd[701]: Device: /dev/sda [SAT], SMART Usage Attribute: 194 Temperature_Celsius changed from 66 to 65"),
        ],
    },
    "storage.slow_disk": {
        "hits": [
            ("etcd 3.3", "any", "2026-11-23 02:13:07.123456 W | etcdserver: read-only range request \"key:\\\"/registry/health\\\" \" with result \"error:context canceled\" took too long (2.000221s) to execute"),
            ("etcd 3.5", "any", "{\"level\":\"warn\",\"ts\":\"2026-11-23T02:13:07.123Z\",\"caller\":\"etcdserver/util.go:166\",\"msg\":\"apply request took too long\",\"took\":\"1.2s\",\"expected-duration\":\"100ms\"}"),
            ("etcd 3.3", "any", "2026-11-23 02:13:07.123456 W | etcdserver: failed to send out heartbeat on time (exceeded the 100ms timeout for 812.4ms)"),
            ("etcd 3.4", "any", "2026-11-23 02:13:07.123456 W | wal: sync duration of 3.812s, expected less than 1s"),
            ("etcd 3.5", "any", "{\"level\":\"warn\",\"ts\":\"2026-11-23T02:13:07.123Z\",\"caller\":\"wal/wal.go:805\",\"msg\":\"slow fdatasync\",\"took\":\"3.8s\",\"expected-duration\":\"1s\"}"),
        ],
        "misses": [
            ("etcd 3.5", "any", "{\"level\":\"info\",\"ts\":\"2026-11-23T02:13:07.123Z\",\"caller\":\"mvcc/index.go:214\",\"msg\":\"compact tree index\",\"revision\":12345}"),
            ("kubelet 1.22", "kubelet", "Nov 23 02:13:07 w2 kubelet[812]: I1123 02:13:07.100000     812 request.go:665] Waited for 1.1s due to client-side throttling, took too long is not said here"),
        ],
    },
}
