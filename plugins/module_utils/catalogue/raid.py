# Copyright: kubetriage.node contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Disk arrays, software (md) and hardware."""

from .entry import failure

FAILURES = [
    failure(
        "raid.degraded",
        title="A RAID array runs without one of its disks",
        severity="warning",
        role="presence",
        what="The array still serves, with no redundancy left or with less. It does not make a node NotReady; the next failed disk may.",
        log=[
            ("kernel", "disk failure on",
             r"md/raid(?:1|10|4|5|6|456)?:(?P<device>md[\w-]+): Disk failure on (?P<member>[^\s,]+), disabling device"),
            ("kernel", "out of",
             r"md/raid\w*:(?P<device>md[\w-]+): active with (?P<active>\d+) out of (?!(?P=active)\b)(?P<of>\d+) (?:mirrors|devices)"),
            ("any", "degradedarray event", r"DegradedArray event.{0,60}on md device /dev/(?P<device>md[\w/-]+)"),
            ("any", "fail event", r"Fail event.{0,60}on md device /dev/(?P<device>md[\w/-]+)"),
            ("any", "degraded", r"^ +State : (?:\w+, )*degraded\b"),  # mdadm --detail
            ("any", "degraded", r"^State\s*: (?:Partially )?Degraded\b"),  # MegaCli -LDInfo
            ("any", "raid", r"^\d+/\d+ +RAID\d+ +(?:Dgrd|Pdgd)\b"),  # storcli /call/vall show
            ("any", "firmware state:", r"^Firmware state: (?:Failed|Unconfigured\(bad\)|Offline)"),  # MegaCli -PDList
            ("any", "logicaldrive", r"logicaldrive \d+ \(.{0,80}\b(?:Interim Recovery Mode|Recovering|Ready for Rebuild)"),  # ssacli
        ],
        ends=[("kernel", "recovery done", r"md: (?P<device>md[\w-]+): recovery done")],
        confirm=["cat /proc/mdstat", "mdadm --detail /dev/{device}"],
        fix=["mdadm /dev/{device} --remove failed; replace the disk; mdadm /dev/{device} --add /dev/NEWDISK"],
    ),
    failure(
        "raid.failed",
        title="A RAID array has failed",
        severity="critical",
        role="cause",
        what="More disks are gone than the array can bear: reads and writes fail. The node may stay Ready until the kubelet has to write.",
        log=[
            ("kernel", "operation continuing on 0 devices", r"md/raid\w*:(?P<device>md[\w-]+): Operation continuing on 0 devices"),
            ("kernel", "not enough operational", r"md/raid\w*:(?P<device>md[\w-]+): not enough operational (?:devices|mirrors)"),
            ("kernel", "cannot continue operation", r"md/raid\w*:(?P<device>md[\w-]+): Cannot continue operation \(\d+/\d+ failed\)"),
            ("kernel", "failing array", r"md/(?:raid0|linear):?(?P<device>md[\w-]+): Disk failure on \S+, failing array"),
            ("any", "offline", r"^State\s*: Offline\b"),  # MegaCli -LDInfo
            ("any", "raid", r"^\d+/\d+ +RAID\d+ +OfLn\b"),  # storcli /call/vall show
            ("any", "logicaldrive", r"logicaldrive \d+ \(.{0,80}\bFailed\)"),  # ssacli
            ("kernel", "failed to run raid set", r"md/raid\w*:(?P<device>md[\w-]+): failed to run raid set"),
        ],
        confirm=["cat /proc/mdstat", "mdadm --detail /dev/{device}"],
        fix=["kubectl drain {node} --ignore-daemonsets --delete-emptydir-data", "replace the disks and rebuild the node"],
        repair="drain",
        caused_by=["raid.controller_reset", "storage.nvme_dead"],
    ),
    failure(
        "raid.controller_reset",
        title="The RAID controller hung and was reset",
        severity="critical",
        role="cause",
        what="All disks behind the controller stall while it is reset, for a minute or more, and may be gone afterwards.",
        log=[
            ("kernel", "resetting fusion adapter", r"megaraid_sas \S+: resetting fusion adapter"),
            # the driver waits for 3 minutes, and says so every 5 s
            ("kernel", "commands to complete", r"\bmega(?:raid_)?sas\b.{0,20}: \[ ?\d{2,3}\] ?waiting for [1-9]\d* commands to complete"),
            ("kernel", "is requested due to io timeout", r"(?:Controller reset|OCR) is requested due to IO timeout"),
            ("kernel", "host is non-operational", r"mpt[23]sas(?:_cm)?\d+: SAS host is non-operational"),
            ("kernel", "adapter reset", r"(?:megaraid_sas|aacraid|mpt[23]sas(?:_cm)?\d+|hpsa)\b.{0,60}adapter reset (?:request|in progress)"),
            ("kernel", "fault", r"megaraid_sas \S+: (?:FW in FAULT state|Found FW in FAULT state)|mpt[23]sas(?:_cm)?\d+: fault_state\(0x"),
            ("kernel", "controller lockup detected", r"hpsa \S+: Controller lockup detected"),
            ("kernel", "controller is offline", r"smartpqi \S+: controller is offline"),
        ],
        confirm=["dmesg -T | grep -E 'megaraid|mpt[23]sas|hpsa|aacraid'", "storcli /c0 show"],
        fix=["drain the node; update the controller's firmware, check its cache battery, replace it if it repeats"],
        repair="drain",
    ),
]
