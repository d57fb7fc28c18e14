# Copyright: kubetriage.node contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Counts that take many small reads of /proc, /sys or a directory tree: made here in one pass, so that a bundle holds one answer each."""

import os
import time

from .child import in_child

# Programs whose presence tells what to expect of the node (comm, so at most 15 characters).
AGENTS = ("kubelet", "kube-proxy", "containerd", "dockerd", "crio", "calico-node", "flanneld", "cilium-agent", "kube-router", "weaver", "antrea-agent",
          "ovs-vswitchd", "aws-k8s-agent")


def _first_line(path):
    try:
        with open(path, "rb") as file:
            return file.readline().decode("utf-8", "replace").strip()
    except OSError:
        return None


def processes(timeout=5.0):
    """-> {"processes", "states": {letter: count}, "agents": {comm: pid}, "top": [{"pid", "comm", "state", "threads", "rss", "cgroup"}]}.

    `agents` are the AGENTS that run; `top` are the 8 largest by rss, in bytes.

    /proc/PID/stat, proc_pid_stat(5): comm may hold blanks and parentheses, so fields count from the last one. Ends early at its deadline.
    """
    until, page, seen, states, agents = time.monotonic() + timeout, os.sysconf("SC_PAGE_SIZE"), [], {}, {}
    for name in os.listdir("/proc"):
        if not name.isdigit():
            continue
        line = _first_line("/proc/%s/stat" % name)
        if not line or ")" not in line:
            continue  # it ended meanwhile
        head, _close, tail = line.rpartition(")")
        fields = tail.split()
        states[fields[0]] = states.get(fields[0], 0) + 1
        comm = head.partition("(")[2]
        if comm in AGENTS:
            agents[comm] = int(name)
        seen.append((int(fields[21]) * page, int(name), comm, fields[0], int(fields[17])))
        if time.monotonic() > until:
            break
    top = []
    for rss, pid, comm, state, threads in sorted(seen, reverse=True)[:8]:
        top.append({"pid": pid, "comm": comm, "state": state, "threads": threads, "rss": rss, "cgroup": _cgroup(pid)})
    return {"processes": len(seen), "states": states, "agents": agents, "top": top}


def _cgroup(pid):
    """The memory controller's (v1) or the unified (v2) path of a process."""
    try:
        with open("/proc/%d/cgroup" % pid, "rb") as file:
            lines = [line.split(":", 2) for line in file.read().decode("utf-8", "replace").splitlines()]
    except OSError:
        return None
    paths = {controllers: path for _number, controllers, path in lines}
    return paths.get("memory") or paths.get("") or next(iter(paths.values()), None)


def pids(timeout=5.0):
    """Pids cgroups that have a limit, or are a pod -> [{"path", "current", "max"}]; max None without a limit. cgroup v1 and v2.

    Source: Documentation/admin-guide/cgroup-v1/pids.rst and cgroup-v2.rst (pids.current, pids.max count tasks, so threads).
    """
    until, found = time.monotonic() + timeout, []
    root = "/sys/fs/cgroup/pids" if os.path.isdir("/sys/fs/cgroup/pids") else "/sys/fs/cgroup"
    for folder, inner, files in os.walk(root):
        depth = folder[len(root):].count("/")
        if depth >= 4 or "/pod" in folder or "-pod" in folder:
            del inner[:]  # containers count in their pod
        if "pids.current" in files:
            current, limit = _first_line(folder + "/pids.current"), _first_line(folder + "/pids.max")
            if current and (limit != "max" or "pod" in folder):
                found.append({"path": folder[len(root):] or "/", "current": int(current), "max": int(limit) if limit and limit != "max" else None})
        if time.monotonic() > until:
            break
    return sorted(found, key=lambda each: -each["current"])[:40]


def largest(root, timeout=3.0):
    """What fills the file system of `root`: -> {"complete": bool, "paths": [{"path", "bytes"}]}, up to 5, the deepest that still hold a fifth.

    Disk blocks as du(1) counts them, one file system only, as far as the deadline allows.
    """
    return in_child("du " + root, lambda: _largest(root, timeout), timeout + 1)


def _largest(root, timeout):
    until, sizes, complete = time.monotonic() + timeout, {}, True
    device = os.lstat(root).st_dev
    with open("/proc/mounts", "rb") as file:
        mounted = set(os.fsdecode(line.split(b" ", 2)[1]) for line in file)  # not even to be asked for their device: a mount may hang
    for folder, inner, files in os.walk(root, topdown=True):
        inner[:] = [path for path in inner if os.path.join(folder, path) not in mounted and _device(os.path.join(folder, path)) == device]
        total = 0
        for name in files:
            try:
                total += os.lstat(os.path.join(folder, name)).st_blocks * 512
            except OSError:
                continue
        part = folder
        while total and len(part) >= len(root):
            sizes[part] = sizes.get(part, 0) + total
            part = os.path.dirname(part) if part != "/" else ""
        if time.monotonic() > until:
            complete = False
            break
    whole = sizes.get(root, 0)
    heavy = [path for path, size in sizes.items() if size * 5 >= whole and path != root]
    deepest = [path for path in heavy if not any(other.startswith(path + "/") and sizes[other] * 10 >= sizes[path] * 9 for other in heavy)]
    best = sorted(deepest, key=lambda path: (-sizes[path], path))[:5]
    return {"complete": complete, "paths": [{"path": path, "bytes": sizes[path]} for path in best]}


def _device(path):
    try:
        return os.lstat(path).st_dev
    except OSError:
        return None
