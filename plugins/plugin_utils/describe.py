# Copyright: kubetriage.node contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""`kubectl describe node`, whole or in fragments (only the Conditions, only the Events) -> parts of a view.

Format: kubectl/pkg/describe, describeNode, kubectl 1.5 to 1.36. Times carry their zone.
"""

import re
import textwrap
from email.utils import parsedate_to_datetime

from ansible_collections.kubetriage.node.plugins.plugin_utils import event_table
from ansible_collections.kubetriage.node.plugins.plugin_utils.utc import iso, seconds

_DATE = r"[A-Z][a-z]{2}, \d{1,2} [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d [+-]\d{4}"
_CONDITION = re.compile(rf"^ *([A-Za-z][\w./-]*) +(True|False|Unknown) +({_DATE}) +({_DATE}) +(\S+)(?: +(\S.*?))? *$", re.M)
# As typed off, or cut to what matters: only of the kubelet's own conditions
_UNDATED = re.compile(r"^ *(Ready|OutOfDisk|(?:Memory|Disk|PID)Pressure) +(True|False|Unknown) +((?:Kubelet|NodeStatus)[A-Z]\w{1,60}) +(\S.*?) *$", re.M)
_SECTION = re.compile(r"^([A-Z][\w ()-]{0,40}):(?:[ \t]+(.*))?$")
_PAIR = re.compile(r"^\s+([\w./ -]{1,80}?):\s+(\S.*?)\s*$")
_TAINT = re.compile(r"^([\w./-]+)(?:=([\w.-]*))?:(NoSchedule|PreferNoSchedule|NoExecute)$")
_CELL = r"(\S+ \(\d+%\))"
_POD = re.compile(rf"^ *([a-z0-9][a-z0-9-]*) +([a-z0-9][a-z0-9.-]*) +{_CELL} +{_CELL} +{_CELL} +{_CELL}(?: +\S+)? *$", re.M)
_OF_A_NODE = re.compile(r"^(?:Unschedulable|PodCIDRs?|Non-terminated Pods|System Info|Allocatable):", re.M)
_INFO = {"kubelet version": "kubelet", "kernel version": "kernel", "container runtime version": "runtime", "os image": "os",
         "boot id": "boot_id"}
_PODS = 1000
_ROW = 4096  # characters
_LIMIT = 4 * 1024 * 1024  # characters; a description has some 10 kB


def nodes(text):
    """Text with one or more descriptions in it -> [part]; a part holds only those keys of a view that the text tells, and besides them

    events   [event_table row], still with ages instead of times
    latest   epoch of the newest time in it, None without one
    Descriptions of other objects (pods) are passed over, except that their events are kept in a part of their own.
    """
    text = textwrap.dedent(text[:_LIMIT].expandtabs())
    starts = [match.start() for match in re.finditer(r"^Name:[ \t]", text, re.M)]
    edges = [0] + [start for start in starts if start] + [len(text)]
    parts = [_part(text[start:end]) for start, end in zip(edges, edges[1:])]
    return [part for part in parts if len(part) > 1]


def without_rows(text):
    """Text without its rows of conditions and events: they are the control plane's words, and have their times elsewhere than a log."""
    return "\n".join("" if event_table.is_row(line) or _is_condition(line[:_ROW].expandtabs()) else line for line in text.split("\n"))


def _is_condition(line):
    return _CONDITION.match(line) or _UNDATED.match(line)


def _part(text):
    part = {"conditions": _conditions(text), "events": event_table.rows(text)}
    if part["conditions"] or _OF_A_NODE.search(text) or not text.startswith("Name:"):
        part["pods"] = [_pod(*match.groups()) for match in list(_POD.finditer(text))[:_PODS]]
        part.update(_sections(text))
    part = {key: value for key, value in part.items() if value not in (None, [], {})}
    times = [condition[key] for condition in part.get("conditions", ()) for key in ("heartbeat", "transition")]
    times.append((part.get("lease") or {}).get("renewed"))
    part["latest"] = max((moment for moment in map(seconds, times) if moment is not None), default=None)
    return part


def _conditions(text):
    return [{"type": kind, "status": status, "reason": reason, "message": message,
             "transition": _time(transition), "heartbeat": _time(heartbeat)}
            for kind, status, heartbeat, transition, reason, message in _CONDITION.findall(text)] or [
                {"type": kind, "status": status, "reason": reason, "message": message, "transition": None, "heartbeat": None}
                for kind, status, reason, message in _UNDATED.findall(text)]


def _sections(text):
    lines, current = {}, None
    for line in text.splitlines():
        match = _SECTION.match(line)
        if match:
            current = lines.setdefault(match.group(1), [])
            if match.group(2):
                current.append(match.group(2).strip())
        elif line[:1].isspace() and current is not None:
            current.append(line)
        elif line.strip():
            current = None
    word = {key: value[0].split(" ")[0] for key, value in lines.items() if value}
    lease, info = _pairs(lines, "Lease"), _pairs(lines, "System Info")
    part = {
        "name": word.get("Name"),
        "created": _time((lines.get("CreationTimestamp") or [""])[0]),
        "labels": dict(line.strip().split("=", 1) for line in lines.get("Labels", ()) if "=" in line),
        "addresses": [{"type": kind, "address": address} for kind, address in _pairs(lines, "Addresses").items()],
        "capacity": _pairs(lines, "Capacity"),
        "allocatable": _pairs(lines, "Allocatable"),
        "info": {_INFO[key.lower()]: value for key, value in info.items() if key.lower() in _INFO},
    }
    if "Unschedulable" in word:
        part["unschedulable"] = word["Unschedulable"] == "true"
    if "Taints" in lines:
        part["taints"] = [{"key": match.group(1), "value": match.group(2) or None, "effect": match.group(3), "added": None}
                          for match in (_TAINT.match(line.strip()) for line in lines["Taints"]) if match]
    if lease:
        part["lease"] = {"renewed": _time(lease.get("RenewTime", "")), "holder": lease.get("HolderIdentity"), "duration_s": None}
    return part


def _pairs(lines, section):
    return dict(match.groups() for match in map(_PAIR.match, lines.get(section, ())) if match)


def _pod(namespace, name, *cells):
    """A row of the pods. Its owner is not told, which is not the same as none. Nothing asked for and nothing limited is BestEffort."""
    nothing = all(cell.startswith("0 ") for cell in cells)
    return {"namespace": namespace, "name": name, "uid": "", "phase": None, "owner": {"kind": None, "name": None}, "deleting": None,
            "qos": "BestEffort" if nothing else None, "containers": [], "tolerations": {}}


def _time(text):
    if " 0001 " in text:  # Go's zero time
        return None
    try:
        return iso(parsedate_to_datetime(text).timestamp())
    except (TypeError, ValueError, IndexError, OverflowError):
        return None
