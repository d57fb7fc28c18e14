# Copyright: kubetriage.node contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

SAMPLES = {
    "raid.degraded": {
        "hits": [
            ("kernel 3.10", "kernel", "[ 700.000000] md/raid1:md0: Disk failure on sdb1, disabling device."),
            ("kernel 5.15", "kernel", "[   2.000000] md/raid1:md127: active with 1 out of 2 mirrors"),
            ("kernel 4.15", "kernel", "[ 700.000000] md/raid10:md2: active with 3 out of 4 devices"),
            ("mdadm 4.1", "any", "A DegradedArray event had been detected on md device /dev/md0."),
            ("mdadm 4.2", "any", "Nov 23 02:13:07 w2 mdadm[801]: Fail event detected on md device /dev/md0, component device /dev/sdb1"),
        ],
        "misses": [
            ("kernel 5.15", "kernel", "[   2.000000] md/raid1:md0: active with 2 out of 2 mirrors"),
            ("kernel 5.15", "kernel", "[   2.000000] md: resync of RAID array md0"),
            ("mdadm 4.2", "any", "Nov 23 02:13:07 w2 mdadm[801]: RebuildFinished event detected on md device /dev/md0"),
        ],
    },
    "raid.failed": {
        "hits": [
            ("kernel 4.19", "kernel", "[ 700.000000] md/raid1:md0: Operation continuing on 0 devices."),
            ("kernel 5.4", "kernel", "[ 700.000000] md/raid:md5: not enough operational devices (2/4 failed)"),
            ("kernel 6.1", "kernel", "[ 700.000000] md/raid0:md1: Disk failure on nvme1n1, failing array."),
            ("kernel 5.4", "kernel", "[ 700.000000] md/raid:md5: failed to run raid set."),
        ],
        "misses": [
            ("kernel 4.19", "kernel", "[ 700.000000] md/raid1:md0: Operation continuing on 1 devices."),
        ],
    },
    "raid.controller_reset": {
        "hits": [
            ("kernel 4.18", "kernel", "[ 700.000000] megaraid_sas 0000:02:00.0: resetting fusion adapter scsi0."),
            ("kernel 3.10", "kernel", "[ 700.000000] aacraid: Host adapter reset request. SCSI hang ?"),
            ("kernel 5.4", "kernel", "[ 700.000000] hpsa 0000:03:00.0: Controller lockup detected: 0x00150000 after 30"),
        ],
        "misses": [
            ("kernel 4.18", "kernel", "[   2.000000] megaraid_sas 0000:02:00.0: FW now in Ready state"),
        ],
    },
}
