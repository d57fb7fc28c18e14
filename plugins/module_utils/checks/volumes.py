# Copyright: kubetriage.node contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Whose block device is it: the node's own, or a pod's volume?"""

import re

from ..node import Unavailable
from ..parse import mounts

_OF_PODS = re.compile(r"/kubelet/(?:pods|plugins)/")
_REMOTE = re.compile(r"(?:rbd|nbd|drbd)\d")  # Ceph, network block devices, DRBD
_ADDRESS = re.compile(r"\d+:\d+:\d+:\d+$")
_GONE = re.compile(r"sd (\d+:\d+:\d+:\d+): (?:rejecting I/O to|Device offlined)")
_SESSION_LOST = re.compile(r"session\d+: session recovery timed out")  # after that the disks of the session are taken offline
_TARGETS = re.compile(r"IET +VIRTUAL-DISK|LIO-ORG|OpenEBS|TrueNAS|FreeNAS")  # what storage in the cluster says of itself


def is_of_a_pod(node, device, text, journal):
    """Is `device` (kernel name: sdb, dm-3; or a SCSI address: 8:0:0:1) mounted for pods alone, or known as such from the kernel's log or the
    kubelet's?

    False if nothing tells.
    """
    if _ADDRESS.match(device):
        return _is_iscsi(device, text)
    targets = _targets(node, device)
    if targets:
        return all(_OF_PODS.search(target) for target in targets)
    attached = r'DevicePath \\?"/dev/%s\\?"' % re.escape(device)
    return bool(_REMOTE.match(device) or _is_attached(device, text) or re.search(attached, journal))


def _targets(node, device):
    """Where the device, or a partition of it, is mounted. By number where /proc tells it: a mount's source may be any of its names."""
    try:
        parts = [name for name in node.list("/sys/class/block/" + device) if name.startswith(device)]
        numbers = set(_number(node, name) for name in [device] + parts)
        lines = node.read("/proc/self/mountinfo", 262144)
        return [target for number, target in re.findall(r"(?m)^\d+ \d+ (\d+:\d+) \S+ (\S+) ", lines) if number in numbers]
    except Unavailable:
        pass
    try:
        table = mounts.mounts(node.read("/proc/mounts", 262144))
    except Unavailable:
        return []
    name = re.compile(r"/dev/%s(?:p?\d+)?$" % re.escape(device))
    return [entry["target"] for entry in table if name.match(entry["source"])]


def _number(node, name):
    return node.read("/sys/class/block/%s/dev" % name).strip()


def _is_attached(device, text):
    """By the kernel's lines about the disk. Where none tells its SCSI address: by those about disks that are gone, if all are of iSCSI."""
    disk = re.sub(r"(?<=\D)\d+$", "", device) if device.startswith("sd") else device
    address = re.search(r"sd (\d+:\d+:\d+:\d+): \[%s\]" % re.escape(disk), text)
    if address:
        return _is_iscsi(address.group(1), text)
    gone = set(_GONE.findall(text)) if device.startswith("sd") else ()
    return bool(gone) and all(_is_iscsi(each, text) for each in gone)


def _is_iscsi(address, text):
    """A session of the node brought the disk, its vendor is storage that runs in clusters, or it cannot be of an adapter of the machine: those
    have their disks at LUN 0, and the first adapter is never iSCSI's; targets of clusters keep LUN 0 for themselves."""
    host, channel, target, lun = address.split(":")
    driver = re.search(r"scsi host%s: (.*)" % host, text)
    if driver:
        return "iSCSI Initiator" in driver.group(1)
    vendor = re.search(r"scsi %s: Direct-Access +(.*)" % address, text)
    if vendor:
        return bool(_TARGETS.search(vendor.group(1)))
    return host != "0" and (bool(_SESSION_LOST.search(text)) or (channel, target) == ("0", "0") and lun != "0")
