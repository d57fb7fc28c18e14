# Copyright: kubetriage.node contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Who ran out of memory, who asked, who died, and who held it: four different questions (mm/oom_kill.c answers the first three).

Loaded only when the kernel's log holds something of the OOM killer.
"""

import re
from collections import Counter

from ..node import Unavailable, census
from ..parse import cgroup, oom
from ..result import evidence
from .kernel_log import shared_kernel
from .log_findings import boot_time
from .owner import killed_units, learn_names, mine, name_pod, pods
from .units import journal

# By the name of the process (comm, 15 characters), where it is the node's own and no pod's: docker in docker has the same names.
_DAEMONS = {
    "memory.oom.kubelet": ("kubelet", "hyperkube", "openshift", "k3s", "k3s-agent", "k3s-server", "rke2", "kubelite"),
    "memory.oom.runtime": ("containerd", "dockerd", "dockerd-current", "crio", "cri-dockerd"),
}
_STARTERS = ("runc", "crun", "exe", "conmon")  # what sets a container up; "exe" is runc or docker that has started itself anew
_AGENTS = ("flanneld", "calico-node", "bird", "bird6", "cilium-agent", "weaver", "aws-k8s-agent", "kube-router", "antrea-agent", "ovnkube",
           "ovn-controller", "ovs-vswitchd", "kube-proxy")
_SCOPES = {"container": "memory.oom.container", "pod": "memory.oom.pod", "allocatable": "memory.oom.allocatable",
           "reserved": "memory.oom.reserved", "outer": "memory.oom.outer", "node": "memory.oom.node", "other": "memory.oom.service"}
# A table of tasks with these is of the whole node.
_OF_THE_HOST = ("systemd", "systemd-journal", "systemd-udevd", "sshd") + sum(_DAEMONS.values(), ())
# What no process's rss holds
_MEMORY = {"shmem_kb": "tmpfs and shared memory", "slab_unreclaimable_kb": "kernel slab", "hugepages_kb": "huge pages"}
_SLACK = 5  # seconds between the kernel's line and systemd's about the same death
_VICTIMS = 200
_LATELY = 3600  # seconds: a daemon killed this long before the last kill has come back


def _comm(report):
    return (report["victim"] or {}).get("comm") or ""


def _daemon(report):
    """The failure that the victim's death is for the node, or None."""
    if cgroup.pod_of(report["task_cgroup"] or ""):
        return None
    return next((failure for failure, names in _DAEMONS.items() if _comm(report) in names), None)


def _scope(report):
    """-> (what ran out of memory: see cgroup.scope, is that sure).

    Where the report is cut so that it does not tell, the processes do: a table with those of the host is of the whole node, and in a pod
    (they have scores from -998 on) mostly a limit is reached.
    """
    adj = ((report["victim"] or {}).get("adj"), (report["trigger"] or {}).get("adj"))
    adj = next((each for each in adj if each is not None), None)
    if report["kind"] is None:
        if any(row["name"] in _OF_THE_HOST for row in report["tasks"]):
            return "node", True
        return "container" if adj is not None and adj >= -998 and adj != 0 else "node", False
    if report["kind"] != "memcg":
        return "node", True
    path, task = report["limit_cgroup"], report["task_cgroup"] or ""
    if not path and not task:
        if _daemon(report) or adj is not None and adj < -998:
            return "reserved", False
        return "other" if adj == 0 else "container", False  # a pod's processes have no score of 0
    scope = cgroup.scope(path or task)
    # A plain container of docker or podman has the form of a node in a container, but nothing of a node in it.
    if scope == "outer" and path and task in ("", path, path + "/container") and re.search("[0-9a-f]{64}", path) and not _daemon(report):
        scope = "container"
    # Whatever its name: a limit that has the pods or the services of a whole system below it is that of the container which holds them.
    if scope == "other" and path and task.startswith(path + "/") and re.match(r"/(?:kubelet/)?(?:kubepods|system\.slice)\b", task[len(path):]):
        scope = "outer"
    return scope, bool(path)


def _failure(report, scope):
    """-> catalogue id of a report of a known scope."""
    if scope == "node":
        if report["nobody"] and not report["victim"]:
            return "memory.oom.unkillable"
        return "memory.oom.cpuset" if report["kind"] in ("cpuset", "mempolicy") else "memory.oom.node"
    if scope in ("container", "pod"):
        if _comm(report).split(":")[0] in _STARTERS:
            return "memory.oom.start"
        if _comm(report) in _AGENTS:
            return "memory.oom.agent"
    return _SCOPES[scope]


def _complete(reports):
    """The kernel holds back the headers of kills that follow one another, and the line that names the cgroups with them: such a kill is of
    the same limit as the nearest one of the same program, or of the same score within seconds."""
    whole = [report for report in reports if report["kind"] == "memcg" and report["limit_cgroup"] and report["victim"]]
    for report in reports:
        if report["kind"] == "memcg" and report["victim"] and not report["limit_cgroup"] and not report["task_cgroup"]:
            alike = [(abs((report["time"] or 0) - (other["time"] or 0)), place) for place, other in enumerate(whole)
                     if _comm(other) == _comm(report) or other["victim"]["adj"] == report["victim"]["adj"]
                     and abs((report["time"] or 0) - (other["time"] or 0)) <= _SLACK]
            if alike:
                other = whole[min(alike)[1]]
                report.update(limit_cgroup=other["limit_cgroup"], task_cgroup=other["task_cgroup"])


def _groups(reports):
    """-> {(failure, what it is about): reports}. A kubelet or runtime that died of a limit is a failure beside that of the limit; where the
    whole node ran out of memory, it is what the node's failure came to."""
    groups, of_node = {}, []
    for report in reports:
        failure = _failure(report, _scope(report)[0])
        if failure == "memory.oom.node":
            of_node.append(report)
            continue
        path = report["limit_cgroup"] or report["task_cgroup"] or _comm(report)
        groups.setdefault((failure, (cgroup.pod_of(path) or {}).get("pod_uid") or path), []).append(report)
        if _daemon(report):
            groups.setdefault((_daemon(report), None), []).append(report)
    if of_node:
        last = of_node[-1]["time"]
        lately = [_daemon(report) for report in of_node
                  if last is None or report["time"] is None or last - report["time"] <= _LATELY]
        worst = next((failure for failure in _DAEMONS if failure in lately), "memory.oom.node")
        groups[(worst, None)] = of_node + groups.get((worst, None), [])
    return groups


def _is_mine(report, known, text, killed):
    """On a kernel shared with other nodes: this report names a pod of this node, or a unit that systemd here saw killed at that moment."""
    if mine(report["task_cgroup"], known, text) or mine(report["limit_cgroup"], known, text):
        return True
    return any(unit.startswith(_comm(report) or "?") and abs(when - (report["time"] or 0)) <= _SLACK for unit, when in killed)


def _places(reports, processes):
    """The kernel's table of tasks names no cgroups -> {pid or program: {cgroups it was seen in}}: kill lines tell, and what still runs."""
    places = {}
    seen = [(each["pid"], each["comm"], each["cgroup"]) for each in processes]
    seen += [(report["victim"]["pid"], report["victim"]["comm"], report["task_cgroup"]) for report in reports if report["victim"]]
    for pid, comm, path in seen:
        if path:
            places.setdefault(pid, set()).add(path)
            places.setdefault(comm, set()).add(path)
    return places


def _place(name, report, places):
    """The one cgroup that the processes of a name were seen in, or None: a second pod may run the same program."""
    pids = [row["pid"] for row in report["tasks"] if row["name"] == name]
    found = set().union(*(places.get(pid, ()) for pid in pids)) or places.get(name, ())
    found = {(cgroup.pod_of(path) or {}).get("pod_uid") or path: path for path in sorted(found)}
    return next(iter(found.values())) if len(found) == 1 else None


def _culprit(report, scope, places):
    """Who held the memory: of a container's limit its own process; else who had most of it, which need not be the victim.

    On the whole node and behind a shared limit that is a program, by the sum of its rss, or what no process's rss holds (_MEMORY); with
    cgroup v1 a child of the limit's cgroup, as its statistics tell. None if nothing tells.
    """
    usage, victim = report["usage"].get("memory", {}), report["victim"] or {}
    found, path = {"limit_bytes": usage.get("limit_kb", 0) * 1024 or None}, report["task_cgroup"]
    of_container = scope == "container"
    kept, child = max([(figures.get("rss", 0) + figures.get("shmem", 0), name) for name, figures in report["stats"].items()
                       if name != report["limit_cgroup"]] or [(0, None)])
    if not of_container and report["by_name"]:
        biggest = report["by_name"][0]
        found.update(name=biggest["name"], bytes=biggest["rss_kb"] * 1024, processes=biggest["count"])
        if biggest["adj"][0] == biggest["adj"][1]:
            found["adj"] = biggest["adj"][0]
        path = _place(biggest["name"], report, places)
        rest, size = max(((name, report["node"].get(key, 0)) for key, name in _MEMORY.items()), key=lambda each: each[1])
        if size > biggest["rss_kb"]:
            found, path = {"name": rest, "bytes": size * 1024, "limit_bytes": None}, None
    elif report["kind"] != "memcg" and not of_container:
        return None
    else:
        held = of_container and usage.get("usage_kb") or victim.get("rss_kb")
        found.update(name=victim.get("comm"), bytes=held and held * 1024, adj=victim.get("adj"))
        if not path or (cgroup.pod_of(report["limit_cgroup"] or "") or {}).get("container_id"):
            path = report["limit_cgroup"]
    if child and not of_container and kept * 1024 > (found["bytes"] or 0):
        found, path = {"name": child.rpartition("/")[2], "bytes": kept * 1024, "limit_bytes": found["limit_bytes"]}, child
    pod = cgroup.pod_of(path or "") or {}
    found.update(pod_uid=pod.get("pod_uid"), container_id=pod.get("container_id"))
    return found


def _proof(report, scope, culprit):
    """The lines that decide, the telling ones first: the death, who held the memory, the limit."""
    quotes = report["quotes"]
    lines = [evidence("kernel", text, when) for when, text in [quotes[part] for part in ("kill", "nobody") if part in quotes]]
    if culprit and culprit.get("bytes") and scope != "container" and (report["by_name"] or report["stats"]):
        total = report["node"].get("ram_kb") or report["usage"].get("memory", {}).get("limit_kb")
        said = "tasks table: %s, rss %.1f GiB" % (culprit["name"], culprit["bytes"] / 2.0 ** 30)
        lines.append(evidence("kernel", said + (" of %.1f GiB" % (total / 2.0 ** 20) if total else ""), report["time"]))
    if "limit" in quotes:
        lines.append(evidence("kernel", quotes["limit"][1], quotes["limit"][0]))
    when, text = quotes.get("invoked") or quotes.get("stats") or (report["time"], "an OOM report, cut off")
    return lines or [evidence("kernel", text, when)]


def _process(task):
    return task and {"comm": task["comm"], "pid": task["pid"], "adj": task["adj"], "rss_bytes": task["rss_kb"] and task["rss_kb"] * 1024}


def _telling(failure, reports):
    """The report that says most: the daemon's death if the failure is that, with a table of tasks, with the limit, the latest."""
    return max(enumerate(reports), key=lambda each: (_daemon(each[1]) == failure, bool(each[1]["by_name"]), "limit" in each[1]["quotes"],
                                                     each[0]))[1]


def _find(result, failure, reports, culprits):
    told = _telling(failure, reports)
    scope, culprit, sure = _scope(told)[0], culprits[id(told)], any(_scope(report)[1] for report in reports)
    subject = {"comm": _comm(told) or None}
    subject.update((key, culprit[key]) for key in ("pod_uid", "container_id", "pod", "namespace", "container")
                   if culprit and culprit.get(key))
    unit = re.search(r"[\w.@-]+\.service", told["task_cgroup"] or "") if _daemon(told) == failure else None
    if unit:
        subject["unit"] = unit.group()
    victims = Counter(_comm(report) for report in reports if report["victim"])
    result.find(failure, _proof(told, scope, culprit), severity=None if sure or failure in _DAEMONS else "warning", subject=subject,
                since=reports[0]["time"], until=reports[-1]["time"], basis="log", count=len(reports), scope=scope, kind=told["kind"],
                trigger=told["trigger"], victim=_process(told["victim"]), culprit=culprit, partial=told["partial"],
                killed=[[name, kills] for name, kills in sorted(victims.items(), key=lambda each: (-each[1], each[0]))[:5]],
                mem_total_bytes=told["node"].get("ram_kb", 0) * 1024 or None, limit_cgroup=told["limit_cgroup"])


def _mismatch(result, reports):
    """The runtime made its own cgroups: not where the kubelet has set limits."""
    colon = [report for report in reports for path in (report["task_cgroup"] or report["limit_cgroup"],)
             if (cgroup.pod_of(path or "") or {}).get("form") == "colon"]
    if colon:
        whole = any(_scope(report)[0] == "node" for report in colon)
        result.find("kubelet.cgroup_driver_mismatch", _proof(colon[-1], "container", None), severity="warning" if whole else "info",
                    since=colon[0]["time"], until=colon[-1]["time"], basis="log", count=len(colon))


def add(result, node, window, log):
    """Put the findings of every report in the kernel's `log` into `result`, and into its facts what oom.check says of them."""
    reports = oom.oom_reports(log, now=node.now, boot=boot_time(node))
    if any(report["kind"] == "forged" for report in reports):
        result.skip("an OOM report", "its line has both CONSTRAINT_MEMCG and global_oom, which no kernel prints")
    for report in reports:
        if report["kind"] == "manual":
            result.find("memory.oom.manual", _proof(report, "node", None), since=report["time"], until=report["time"], basis="log",
                        count=1)
    reports = [report for report in reports if report["kind"] not in ("manual", "forged")]
    result.facts["reports"] = len(reports)
    if not reports:
        return
    known = pods(node)
    text = ""
    with result.part("journal"):
        text = journal(node, window)
    if shared_kernel(node):
        killed = killed_units(text)
        ours = [report for report in reports if _is_mine(report, known, text, killed)]
        result.facts["elsewhere"] = len(reports) - len(ours)
        reports = ours
    try:
        processes = node.ask("processes", census.processes, timeout=3.0)["top"]
    except Unavailable:
        processes = []
    _complete(reports)
    places = _places(reports, processes)
    culprits = {id(report): _culprit(report, _scope(report)[0], places) for report in reports}
    learn_names(known, [culprit for culprit in culprits.values() if culprit], text)
    for culprit in culprits.values():
        name_pod(culprit or {}, known)
    result.facts["victims"] = {}
    for (failure, _about), group in _groups(reports).items():
        _find(result, failure, group, culprits)
        result.facts["victims"].update((str(report["victim"]["pid"]), failure) for report in group[-_VICTIMS:] if report["victim"])
    _mismatch(result, reports)
