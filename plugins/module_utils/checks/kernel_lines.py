# Copyright: kubetriage.node contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the kernel's lines mean beyond their text: since when, whether it is over, what hung tasks wait for, and whose device it is.

Loaded only when the kernel's log shows a failure: that of a healthy node does not.
"""

import calendar
import re
import time

from ..catalogue import FAILURES
from ..node import Unavailable
from ..parse import cgroup, hung_task, loglines
from ..result import evidence, iso
from .kernel_log import shared_kernel
from .log_findings import SILENCE, boot_time
from .owner import mine, name_pod, pods
from .units import journal
from .volumes import is_of_a_pod

# While these last the kernel says so again, every 10 to 120 s. All others last until something is repaired.
_REPEATED = ("kernel.hung_task", "kernel.soft_lockup", "kernel.netdev_refcount", "storage.nvme_timeout", "storage.io_stall",
             "raid.controller_reset", "limits.conntrack", "limits.neighbours")
_REPORTS = 10  # kernel.hung_task_warnings: after so many reports silence proves nothing
# Seconds until the first line: nvme_core.io_timeout; timeo and retrans of mount.nfs; what megaraid_sas waits before a reset
_BEGAN = {"storage.nvme_timeout": 30, "storage.nfs_gone": 180, "raid.controller_reset": 180}
_LASTED = re.compile(r"stuck for (\d{1,6}) ?s")
_WAITS = {"file server": "storage.nfs_gone", "disk": "storage.io_stall", "memory": "memory.thrash",
          "network namespace": "kernel.netdev_refcount"}
_OF_A_DEVICE = ("storage.io_error", "storage.fs_error", "storage.io_stall", "disk.read_only")
_SUPPRESSED = re.compile(r"(?:blk_update_request|print_req_error|buffer_io_error|end_request|net_ratelimit|neigh\w*|nf_conntrack\w*): "
                         r"(\d{1,9}) callbacks suppressed")
_RATED = ("storage.io_error", "storage.volume_error", "limits.conntrack", "limits.neighbours")


def refine(result, node, window, text):
    """Make the findings of log lines in `result` say what they mean; `text` is the kernel's log."""
    try:
        units_journal = journal(node, window)
    except Unavailable:
        units_journal = ""
    found = [finding for finding in result.findings if finding["data"].get("basis") == "log"]
    for finding in found:
        _begin(finding)
    if any(finding["id"] == "kernel.hung_task" for finding in found):
        found += _hung(result, node, text)
    _over(found, node, text, units_journal)
    _volumes(result, found, node, text, units_journal)
    _dead(result, found)
    _count(found, text)
    _belong(result, node, units_journal)


def _begin(finding):
    """The kernel speaks when it has waited long enough: what it waited for began that much earlier."""
    lasted = _LASTED.search(finding["evidence"][0]["text"])
    seconds = int(lasted.group(1)) if lasted else _BEGAN.get(finding["id"], 0)
    if seconds and finding["since"]:
        finding["since"] = iso(_epoch(finding["since"]) - seconds)


def _epoch(stamp):
    return calendar.timegm(time.strptime(stamp, "%Y-%m-%dT%H:%M:%SZ"))


def _hung(result, node, text):
    """Hung tasks by what they wait for -> findings of that, one a kind and device, unless a line says it itself."""
    groups, made = {}, []
    for task in hung_task.hung_tasks(loglines.entries(text, node.now, boot_time(node))):
        if task["waits"]:
            groups.setdefault((task["waits"], task["device"]), []).append(task)
    known = set(finding["id"] for finding in result.findings if finding["severity"] != "info")
    for (waits, device), tasks in sorted(groups.items(), key=str):
        if _WAITS[waits] in known:
            continue
        quotes = [evidence("kernel", tasks[0]["line"], tasks[0]["time"])]
        quotes += [evidence("kernel", task["sign"], task["time"]) for task in tasks[:1] if task["sign"]]
        times = [task["time"] for task in tasks if task["time"] is not None]
        since, until = (min(times) - tasks[0]["seconds"], max(times)) if times else (None, None)
        made.append(result.find(_WAITS[waits], quotes, subject={"device": device} if device else {}, since=since, until=until, basis="log",
                                count=len(tasks), past=False))
    return made


def _over(found, node, text, journal):
    """What the kernel would have said again is over when the log goes on without it."""
    heard = max(_last(text, node), _last(journal, node))
    spent = sum(finding["data"].get("count", 0) for finding in found if finding["id"] == "kernel.hung_task") >= _REPORTS
    spent = spent or "Future hung task reports are suppressed" in text
    for finding in found:
        hangs = finding["id"] == "kernel.hung_task" or "blocked for more than" in finding["evidence"][0]["text"]
        if (spent if hangs else finding["id"] not in _REPEATED) or not finding["until"]:
            continue
        if _epoch(finding["until"]) < heard - SILENCE:
            finding["severity"] = "info"
            finding["data"]["past"] = True


def _last(text, node):
    """Epoch of the newest line, 0 if no line tells its time."""
    for line in text[-65536:].splitlines()[:-200:-1]:
        for entry in loglines.entries([line], node.now, boot_time(node)):
            if entry.time is not None:
                return entry.time
    return 0


def _volumes(result, found, node, text, journal):
    """A device that only pods use is no disk of the node: its failures become one of the volume."""
    volumes = {}
    for finding in found:
        device = finding["subject"].get("device") or finding["data"].get("address")
        if finding["id"] not in _OF_A_DEVICE or not device or not is_of_a_pod(node, device, text, journal):
            continue
        if device in volumes:
            _merge(result, volumes[device], finding)
        else:
            volumes[device] = finding
            entry = FAILURES["storage.volume_error"]
            finding.update(id=entry["id"], severity=entry["severity"], title=entry["title"])


def _dead(result, found):
    """Commands of a controller that time out and its death are one failure, which began with the timeouts."""
    dead = {finding["subject"].get("device"): finding for finding in found if finding["id"] == "storage.nvme_dead"}
    for finding in found:
        if finding["id"] == "storage.nvme_timeout" and finding["subject"].get("device") in dead:
            _merge(result, dead[finding["subject"]["device"]], finding)


def _merge(result, into, finding):
    into["evidence"] = sorted(into["evidence"] + finding["evidence"], key=lambda quote: quote["time"] or "")
    into["since"] = min((stamp for stamp in (into["since"], finding["since"]) if stamp), default=None)
    into["until"] = max((stamp for stamp in (into["until"], finding["until"]) if stamp), default=None)
    into["data"]["count"] += finding["data"]["count"]
    result.findings.remove(finding)


def _count(found, text):
    """The kernel prints ten lines of a kind in 5 s: what it left out, it counts."""
    left_out = sum(int(number) for number in _SUPPRESSED.findall(text)) if "callbacks suppressed" in text else 0
    for finding in found:
        if left_out and finding["id"] in _RATED:
            finding["data"]["lines_left_out"] = left_out


def _belong(result, node, units_journal):
    """Name the pods that lines tell of. With a shared kernel a line is this node's only if it names one of them: the rest becomes info."""
    shared, known = shared_kernel(node), pods(node)
    for found in result.findings:
        if found["data"].get("basis") != "log":
            continue
        interface = found["subject"].get("interface")
        if found["id"].startswith("nic.") and result.facts.get("interfaces") and interface not in result.facts["interfaces"]:
            found["severity"] = "info"  # a spare port, or that of another network
        path = found["subject"].get("cgroup")
        if path:
            pod = cgroup.pod_of(path) or {}
            found["subject"].update({key: pod[key] for key in ("pod_uid", "container_id") if pod.get(key)})
            name_pod(found["subject"], known)
        if shared and not mine(path, known, units_journal):
            found["severity"] = "info"
            found["data"]["shared_kernel"] = True
