# Copyright: kubetriage.node contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Who ran out of memory, who asked, who died, and who held it: four different questions (mm/oom_kill.c answers the first three)."""

import re

from ..node import Unavailable, census
from ..parse import cgroup
from ..result import Result, evidence
from . import kernel_log
from .log_findings import boot_time
from .owner import killed_units, mine, name_pod, pods, shared_kernel
from .units import journal

_KUBELETS = ("kubelet", "hyperkube", "k3s", "k3s-agent", "k3s-server", "rke2", "kubelite")
_RUNTIMES = ("containerd", "dockerd", "crio", "containerd-shim")
_SCOPES = {"container": "memory.oom.container", "pod": "memory.oom.pod", "allocatable": "memory.oom.allocatable", "reserved": "memory.oom.reserved",
           "outer": "memory.oom.outer", "node": "memory.oom.node", "other": "memory.oom.service"}
_SLACK = 5  # seconds between the kernel's line and systemd's about the same death


def _failure(report):
    """-> (catalogue id, scope). The kubelet's or the runtime's death outweighs whose limit it was."""
    scope = "node" if report["kind"] != "memcg" else cgroup.scope(report["limit_cgroup"])
    comm = (report["victim"] or {}).get("comm", "")
    if comm in _KUBELETS or re.search(r"kubelet\.service", report["task_cgroup"] or ""):
        return "memory.oom.kubelet", scope
    if comm in _RUNTIMES:
        return "memory.oom.runtime", scope
    if report["nobody"] and not report["victim"]:
        return "memory.oom.unkillable", scope
    if report["kind"] in ("cpuset", "mempolicy"):
        return "memory.oom.cpuset", scope
    return _SCOPES[scope], scope


def _is_mine(report, known, text, killed):
    """On a kernel shared with other nodes: this report names a pod of this node, or a unit that systemd here saw killed at that moment."""
    if mine(report["task_cgroup"], known, text) or mine(report["limit_cgroup"], known, text):
        return True
    comm = (report["victim"] or {}).get("comm")
    return any(unit.startswith(comm or "?") and abs(when - (report["time"] or 0)) <= _SLACK for unit, when in killed)


def _cgroups_of_names(reports, processes):
    """Program -> a cgroup it was seen in: the tasks table of the kernel names none. Kill lines tell, and what still runs."""
    places = {}
    for each in processes:
        if each["cgroup"]:
            places.setdefault(each["comm"], each["cgroup"])
    for report in reports:
        if report["victim"] and report["task_cgroup"]:
            places[report["victim"]["comm"]] = report["task_cgroup"]
    return places


def _culprit(report, places, known):
    """Who held the memory: for a limit, the cgroup it stands on; for the whole node, the program with the biggest rss, not the victim."""
    if report["kind"] == "memcg" and report["limit_cgroup"]:
        usage = report["usage"].get("memory", {})
        name, path = (report["victim"] or {}).get("comm"), report["limit_cgroup"]
        held, limit = usage.get("usage_kb", 0) * 1024, usage.get("limit_kb", 0) * 1024
        if not (cgroup.pod_of(path) or {}).get("container_id"):
            path = report["task_cgroup"] or path
    elif report["by_name"]:
        biggest = report["by_name"][0]
        name, held, limit, path = biggest["name"], biggest["rss_kb"] * 1024, None, places.get(biggest["name"])
    else:
        return None
    pod = cgroup.pod_of(path or "") or {}
    found = {"name": name, "bytes": held, "limit_bytes": limit or None, "pod_uid": pod.get("pod_uid"), "container_id": pod.get("container_id")}
    return name_pod(found, known)


def _proof(report, culprit, origin):
    """The lines that decide, the telling ones first: the death, who held the memory, the limit."""
    lines = [evidence(origin, text, when) for when, text in [report["quotes"][part] for part in ("kill", "nobody") if part in report["quotes"]]]
    if culprit and report["kind"] != "memcg":
        said = "tasks table: %s, rss %.1f GiB of %.1f GiB" % (culprit["name"], culprit["bytes"] / 2.0 ** 30, report["node"].get("ram_kb", 0) / 2.0 ** 20)
        lines.append(evidence(origin, said, report["time"]))
    if "limit" in report["quotes"]:
        when, text = report["quotes"]["limit"]
        lines.append(evidence(origin, text, when))
    return lines


def _process(task):
    return None if not task else {"comm": task["comm"], "pid": task["pid"], "adj": task["adj"], "rss_bytes": (task.get("rss_kb") or 0) * 1024}


def _findings(result, groups, places, known):
    for (failure, _uid), reports in groups.items():
        last = reports[-1]
        culprit = _culprit(last, places, known)
        subject = {"comm": (last["victim"] or {}).get("comm")}
        for key in ("pod_uid", "container_id", "pod", "namespace", "container"):
            if culprit and culprit.get(key):
                subject[key] = culprit[key]
        proof = _proof(last, culprit, "kernel")
        if not proof:
            proof = [evidence("kernel", last["quotes"].get("invoked", [None, "an OOM report, cut off"])[1], last["time"])]
        result.find(failure, proof, subject=subject, since=reports[0]["time"], until=last["time"], basis="log", count=len(reports),
                    scope=_failure(last)[1], kind=last["kind"], trigger=last["trigger"], victim=_process(last["victim"]), culprit=culprit,
                    mem_total_bytes=last["node"].get("ram_kb", 0) * 1024 or None, limit_cgroup=last["limit_cgroup"], partial=last["partial"])


def _reports(log, node):
    from ..parse import oom  # compiled where there is something to read: 4 ms of each healthy node's time
    return oom.oom_reports(log, now=node.now, boot=boot_time(node))


def check(node, window):
    """The OOM killer's case files of the last `window` seconds -> CheckResult `oom_scan`.

    Facts: reports (count), shared_kernel, elsewhere (reports of other nodes on a shared kernel). Data of a finding: scope, kind, trigger, victim and
    culprit as {comm or name, pid, rss_bytes or bytes, ...}, mem_total_bytes, count. All sizes in bytes.
    """
    result = Result("oom_scan")
    with result.part("kernel log"):
        log = kernel_log.text(node, window)
        reports = _reports(log, node) if re.search("oom-killer|[Oo]ut of memory|Killed process", log) else []
        reports = [report for report in reports if report["kind"] != "manual" and (report["victim"] or report["nobody"])]
        result.facts.update(reports=len(reports), shared_kernel=shared_kernel(node), elsewhere=0)
        if not reports:
            result.summary = "no OOM kill in the kernel log"
            return result.done()
        known = pods(node)
        text = ""
        with result.part("journal"):
            text = journal(node, window)
        if result.facts["shared_kernel"]:
            killed = killed_units(text)
            ours = [report for report in reports if _is_mine(report, known, text, killed)]
            result.facts["elsewhere"] = len(reports) - len(ours)
            reports = ours
        try:
            processes = node.ask("processes", census.processes, timeout=3.0)["top"]
        except Unavailable:
            processes = []
        groups = {}
        for report in reports:
            failure = _failure(report)[0]
            pod = cgroup.pod_of(report["limit_cgroup"] or report["task_cgroup"] or "") or {}
            groups.setdefault((failure, pod.get("pod_uid")), []).append(report)
        _findings(result, groups, _cgroups_of_names(reports, processes), known)
    return result.done()
