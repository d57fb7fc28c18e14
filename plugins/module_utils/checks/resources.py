# Copyright: kubetriage.node contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a node runs out of: disk bytes and inodes, memory, PIDs, file handles, connection tracking."""

import re

from ..node import Missing, Unavailable, census
from ..parse import loadavg, meminfo, mounts, pressure
from ..result import Result, evidence
from .kernel_log import shared_kernel

# Where a full or read-only file system hurts the node: kubelet and runtime state, certificates, logs, sockets.
_PATHS = ("/", "/run", "/var", "/var/log", "/var/lib/kubelet", "/var/lib/containerd", "/var/lib/docker", "/var/lib/containers",
          "/var/lib/rancher", "/var/lib/etcd", "/etc/kubernetes")
# The same under other names: /data/docker, /mnt/stateful_partition
_NAMES = re.compile(r"/(?:docker|containerd|kubelet|containers|rancher|k3s|k0s|etcd|kubernetes|microk8s|crio|stateful_partition)"
                    r"(?:[-_]\w+)?$")
_STATE = ("/var/lib/kubelet", "/var/lib/containerd", "/var/lib/docker", "/var/lib/containers", "/var/lib/rancher", "/var/log")
_WRITABLE = ("ext2", "ext3", "ext4", "xfs", "btrfs", "overlay")
_FULL, _TIGHT, _FILLING = 0.99, 0.90, 0.80  # nodefs.available<10% is the kubelet's default eviction threshold
_NEAR = 0.95
_SERVICE = r"/([\w.@-]+\.service)(?:/|$)"
_ZOMBIES = 100  # some are always there: parents are not asked at once


def _size(number):
    """Bytes -> "13.1 GiB"."""
    for unit in ("B", "KiB", "MiB", "GiB"):
        if number < 1024 or unit == "GiB":
            return "%.1f %s" % (number, unit) if unit != "B" else "%d B" % number
        number /= 1024.0


def _mount_of(path, table):
    """The mount entry that holds `path`: the longest mount point that leads it; of equal ones the last, which covers the others."""
    holding = [(len(entry["target"]), number) for number, entry in enumerate(table)
               if path == entry["target"] or path.startswith(entry["target"].rstrip("/") + "/")]
    return table[max(holding)[1]] if holding else None


def _filler(node, mount):
    try:
        answer = node.ask("largest" + mount.replace("/", "-"), census.largest, mount, timeout=3.0)
    except (Unavailable, OSError):
        return []
    return [evidence("du " + each["path"], _size(each["bytes"]) + ("" if answer["complete"] else " or more"), node.now) for each in answer["paths"][:2]]


def _fill(result, node, mount, seen):
    for what, total, left, failure in (("bytes", seen["size"], seen["avail"], "disk.full"), ("inodes", seen["files"], seen["ffree"], "disk.inodes_full")):
        used = 1 - float(left) / total if total else 0.0
        if used < _FILLING:
            continue
        said = "%d %% of %s used, %s left" % (int(used * 100), _size(total) if what == "bytes" else "%d inodes" % total,
                                              _size(left) if what == "bytes" else left)
        proof = [evidence("statvfs " + mount, said, node.now)]
        subject = {"mount": mount}
        if used >= _FULL:
            result.find(failure, proof + (_filler(node, mount) if what == "bytes" else []), subject=subject, basis="state", used=round(used, 3))
        else:
            result.find("disk.nearly_full", proof + (_filler(node, mount) if used >= _TIGHT and what == "bytes" else []), subject=subject,
                        severity="warning" if used >= _TIGHT else "info", basis="state", used=round(used, 3), what=what)


def _disks(result, node):
    table = mounts.mounts(node.read("/proc/mounts", 262144))
    found = {}
    for path in _PATHS:
        entry = _mount_of(path, table)
        if entry and entry["target"] not in found:
            found[entry["target"]] = entry
    for entry in table:
        if entry["source"].startswith("/dev/") and _NAMES.search(entry["target"]):
            found.setdefault(entry["target"], entry)
    result.facts["mounts"] = {}
    for mount, entry in sorted(found.items()):
        try:
            seen = node.statvfs(mount)
        except Missing:
            continue
        except Unavailable as gap:
            result.skip("file system " + mount, gap.why)
            continue
        result.facts["mounts"][mount] = dict(seen, device=entry["source"], type=entry["type"])
        holds_state = any(_mount_of(path, table) is entry for path in _STATE)
        if holds_state or not seen["readonly"]:  # an image of the system (composefs of OpenShift, Fedora CoreOS, bootc) is always full
            _fill(result, node, mount, seen)
        if seen["readonly"] and holds_state and entry["type"] in _WRITABLE:
            line = "%s %s %s %s" % (entry["source"], mount, entry["type"], ",".join(entry["options"]))
            result.find("disk.read_only", evidence("/proc/mounts", line, node.now), subject={"mount": mount}, basis="state")


def _memory(result, node):
    memory = meminfo.meminfo(node.read("/proc/meminfo"))
    total, available = memory.get("MemTotal", 0), memory.get("MemAvailable", memory.get("MemFree", 0))
    swap = memory.get("SwapTotal", 0) - memory.get("SwapFree", 0)
    result.facts["memory"] = {"total": total, "available": available, "swap_used": swap}
    try:
        stalls = pressure.pressure(node.read("/proc/pressure/memory"))
    except Unavailable:  # kernels before 4.20, or psi=0
        stalls = {}
    stalled = stalls.get("full", {}).get("avg10")
    cache = memory.get("Active(file)", 0) + memory.get("Inactive(file)", 0) if "Active(file)" in memory else memory.get("Cached", total)
    result.facts["memory"]["stalled_avg10"] = stalled
    if not total:
        return
    said = "MemAvailable %s of %s (%.1f %%)" % (_size(available), _size(total), 100.0 * available / total)
    proof = [evidence("/proc/meminfo", said, node.now)]
    if stalled is None:  # without PSI: is the programs' text still in memory?
        thrashes, quote = available < total * 0.01 and cache < total * 0.03, ("/proc/meminfo", "page cache %s" % _size(cache))
    else:
        thrashes, quote = available < total * 0.05 and stalled > 20, ("/proc/pressure/memory", "full avg10=%.2f" % stalled)
    if thrashes:
        result.find("memory.thrash", proof + [evidence(quote[0], quote[1], node.now)] + _eaters(result), basis="state")
    elif available < max(total * 0.02, 100 << 20):  # memory.available<100Mi is the kubelet's default eviction threshold
        result.find("memory.low", proof + _eaters(result), basis="state")


def _zombies(result, count, now):
    if count >= _ZOMBIES:
        result.find("pids.zombies", evidence("/proc", "%d processes in state Z" % count, now), basis="state", used=count)


def _eaters(result):
    top = result.facts.get("processes", {}).get("top", [])[:2]
    return [evidence("/proc/%d/stat" % each["pid"], "%s holds %s" % (each["comm"], _size(each["rss"]))) for each in top]


def _pids(result, node):
    load = loadavg.loadavg(node.read("/proc/loadavg"))
    limits, threads = {}, load["threads"]
    result.facts["load"] = load
    with result.part("PIDs of the kernel"):
        limits = {name: int(node.read("/proc/sys/kernel/" + name).strip()) for name in ("pid_max", "threads-max")}
        name = min(limits, key=limits.get)  # whichever is reached first
        result.facts["pids"] = {"threads": threads, "limit": limits[name], "by": "kernel." + name}
    groups = node.ask("pids-cgroups", census.pids, timeout=3.0)
    tight = [group for group in groups if group["max"] and group["current"] >= group["max"] * 0.90]
    full = []
    if limits and threads >= limits[name] * 0.90:
        full.append((evidence("/proc/loadavg", "%d threads; kernel.%s is %d" % (threads, name, limits[name]), node.now), threads, limits[name]))
    if not tight and not full:
        return
    from ..parse import cgroup  # compiling it is a node's time, and few need it
    for group in tight:
        proof = evidence("pids.max " + group["path"], "%d of %d" % (group["current"], group["max"]), node.now)
        pod = cgroup.pod_of(group["path"])
        if pod:
            result.find("pids.pod_limit", proof, subject={"pod_uid": pod["pod_uid"]}, basis="state", used=group["current"], limit=group["max"])
        elif cgroup.scope(group["path"]) == "reserved" and re.search(_SERVICE, group["path"]):
            unit = re.search(_SERVICE, group["path"]).group(1)
            result.find("pids.service_limit", proof, subject={"unit": unit, "cgroup": group["path"]}, basis="state", used=group["current"], limit=group["max"])
        elif cgroup.scope(group["path"]) in ("other", "outer"):
            result.find("pids.other_limit", proof, subject={"cgroup": group["path"]}, basis="state", used=group["current"], limit=group["max"])
        else:
            full.append((proof, group["current"], group["max"]))
    pods = [group for group in groups if cgroup.pod_of(group["path"])]
    largest = [evidence("pids.current " + group["path"], "%d" % group["current"], node.now) for group in pods[:1]]
    subject = {"pod_uid": cgroup.pod_of(pods[0]["path"])["pod_uid"]} if pods else {}
    for proof, used, limit in full[:1]:
        failure = "pids.exhausted" if used >= limit * _NEAR or limit - used < 8 else "pids.nearly_exhausted"
        result.find(failure, [proof] + largest, subject=subject, basis="state", used=used, limit=limit)


def _tables(result, node):
    used, _free, limit = [int(part) for part in node.read("/proc/sys/fs/file-nr").split()]
    result.facts["files"] = {"used": used, "limit": limit}
    if used >= limit * _NEAR:
        result.find("limits.files", evidence("/proc/sys/fs/file-nr", "%d of %d" % (used, limit), node.now), basis="state")
    try:
        count, limit = [int(node.read("/proc/sys/net/netfilter/nf_conntrack_" + name).strip()) for name in ("count", "max")]
    except Unavailable:  # conntrack is not in use
        return
    result.facts["conntrack"] = {"used": count, "limit": limit}
    if limit and count >= limit * _NEAR:
        result.find("limits.conntrack", evidence("nf_conntrack_count", "%d of %d" % (count, limit), node.now), basis="state")


def check(node, window):
    """What has run out, and who took it? -> CheckResult `node_resources`. It reads figures of now; `window` has no use here.

    Facts: mounts {mount: {size, free, avail (bytes), files, ffree (inodes), readonly, device, type}}, memory {total, available, swap_used (bytes),
    stalled_avg10 (%)}, processes {processes, states, top}, load, pids {threads, limit, by}, files and conntrack {used, limit}, shared_kernel.
    """
    result = Result("node_resources")
    with result.part("file systems"):
        _disks(result, node)
    with result.part("processes"):
        result.facts["processes"] = node.ask("processes", census.processes, timeout=3.0)
        _zombies(result, result.facts["processes"]["states"].get("Z", 0), node.now)
    with result.part("memory"):
        _memory(result, node)
    with result.part("PIDs"):
        _pids(result, node)
    with result.part("kernel tables"):
        _tables(result, node)
    result.facts["shared_kernel"] = shared_kernel(node)
    if not result.findings and result.facts.get("mounts"):
        result.summary = "%d file systems, memory and PIDs have room" % len(result.facts["mounts"])
    return result.done()
