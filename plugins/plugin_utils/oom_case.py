# Copyright: kubetriage.node contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the control plane adds to an OOM case file: names, limits and requests of the pods, and events that tell of the same kill."""

import re

from ansible_collections.kubetriage.node.plugins.module_utils.catalogue import FAILURES
from ansible_collections.kubetriage.node.plugins.module_utils.parse import cgroup
from ansible_collections.kubetriage.node.plugins.plugin_utils import api_object

_VICTIM = re.compile(r"victim process: .{1,64}, pid: (\d{1,10})|Kill(?:ed)? process (\d{1,10}) \(")
_EVENTS = ("SystemOOM", "OOMKilling", "PodOOMKilling")


def settle(checks):
    """Events about a kill that the kernel's log tells as well become part of what that says.

    Kubelets before 1.19 call every kill a system OOM, as they do not understand kernels from 4.19 on, and those before 1.17 name no victim.
    """
    scan = next((check for check in checks if check["check"] == "oom_scan"), {})
    victims = scan.get("facts", {}).get("victims")
    known = sorted({found["id"] for found in scan.get("findings") or ()})
    if not known or not isinstance(victims, dict):
        return
    for check in checks:
        for found in check["findings"] if check["check"] == "control_plane" else ():
            text = found["evidence"][0]["text"] if found["evidence"] else ""
            if text.startswith(_EVENTS):
                victim = _VICTIM.search(text)
                told = victims.get(victim.group(1) or victim.group(2)) if victim else None
                if told is None and not victim and found["id"] not in known:
                    told = known[0]
                if told in known and told != found["id"]:
                    found.update(id=told, title=FAILURES[told]["title"])
                    found["severity"] = found["severity"] if found["severity"] == "info" else FAILURES[told]["severity"]


def name_pods(checks, view):
    """Names, limits and requests that only the API knows: a node has forgotten a pod's name sooner than its UID."""
    pods = {pod["uid"]: pod for pod in view.get("pods") or [] if pod.get("uid")}
    holders = {str(each["id"]): (pod, each) for pod in pods.values() for each in pod["containers"] if each.get("id")}
    for check in checks:
        for found in check["findings"]:
            culprit = found["data"].get("culprit")
            for key in ("container_id", "pod_uid"):  # a node may say anything
                if isinstance(culprit, dict) and not isinstance(culprit.get(key), str):
                    culprit[key] = None
            if isinstance(culprit, dict) and not culprit.get("pod_uid"):
                probable = _by_score(culprit.get("adj"), view, found["data"].get("mem_total_bytes"))
                if probable:
                    culprit["probable"] = probable
            of_path = cgroup.pod_of(found["subject"].get("cgroup") or "")
            if of_path:
                found["subject"].setdefault("pod_uid", of_path["pod_uid"])
            for holder in (found["subject"], culprit if isinstance(culprit, dict) else {}):
                pod, container = holders.get(holder.get("container_id"), (pods.get(holder.get("pod_uid")), None))
                if not pod:
                    continue
                holder.update(pod=pod["name"], namespace=pod["namespace"])
                container = container or (pod["containers"][0] if len(pod["containers"]) == 1 else None)
                if container:
                    holder["container"] = container["name"]
                    if holder is culprit:
                        holder["limit_bytes"] = holder.get("limit_bytes") or container.get("memory_limit")
                        holder["request_bytes"] = container.get("memory_request")
                        holder["limit_known"] = True


def _by_score(adj, view, total):
    """The only container of the node whose processes have this oom_score_adj -> {"pod", "namespace", "container", ...}, or None.

    The kernel's table of tasks names no pods, but a kubelet makes the score of the QoS class and of the share of the node's memory that the
    container requests (pkg/kubelet/qos/policy.go).
    """
    total = api_object.quantity((view.get("capacity") or {}).get("memory")) or total
    if not isinstance(adj, int) or not isinstance(total, (int, float)) or total <= 0:
        return None
    alike = [(pod, container) for pod in view.get("pods") or () for container in pod["containers"]
             if abs(_score(pod, container, total) - adj) <= 1]
    if len(alike) != 1:
        return None
    pod, container = alike[0]
    return {"pod": pod["name"], "namespace": pod["namespace"], "container": container["name"], "limit_bytes": container.get("memory_limit"),
            "request_bytes": container.get("memory_request"), "limit_known": True}


def _score(pod, container, total):
    if pod.get("qos") in ("Guaranteed", "BestEffort"):
        return -997 if pod["qos"] == "Guaranteed" else 1000
    return min(max(1000 - 1000 * (container.get("memory_request") or 0) // total, 3), 999)
