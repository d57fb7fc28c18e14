# Copyright: kubetriage.node contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Kubernetes API objects (parsed JSON) -> the parts of a node's view.

Everything comes from outside, pasted files included: a field that is absent, null or of the wrong kind reads as absent. Times become
"2026-11-23T02:13:07Z"; memory is in bytes. Field names: Kubernetes API reference, v1 Node, Pod and Event, coordination.k8s.io/v1 Lease.
"""

import re
from decimal import Decimal, InvalidOperation

from ansible_collections.kubetriage.node.plugins.plugin_utils import intent, node_agents

_TEXT_LIMIT = 2000
_QUANTITY = re.compile(r"([+-]?[0-9.]+(?:[eE][+-]?[0-9]{1,2})?)(m|k|[MGTPE]|[KMGTPE]i)?")
_FACTOR = {None: 1, "m": Decimal("0.001"), "k": 10**3, "M": 10**6, "G": 10**9, "T": 10**12, "P": 10**15, "E": 10**18,
           "Ki": 2**10, "Mi": 2**20, "Gi": 2**30, "Ti": 2**40, "Pi": 2**50, "Ei": 2**60}
# Kubernetes 1.6 to 1.12 called the two taints by their alpha names
_NOT_READY = ("node.kubernetes.io/not-ready", "node.alpha.kubernetes.io/notReady")
_UNREACHABLE = ("node.kubernetes.io/unreachable", "node.alpha.kubernetes.io/unreachable")


def empty_view(name):
    """The view of a Node of which nothing is known yet; the shape of every view."""
    return {
        "name": name, "uid": None, "created": None, "labels": {}, "annotations": {}, "addresses": [], "unschedulable": False, "cordon": None, "taints": [],
        "conditions": [], "lease": None,
        "info": {"kubelet": None, "kernel": None, "runtime": None, "os": None, "boot_id": None}, "provider_id": None,
        "capacity": {}, "allocatable": {}, "attached": [], "volume_attachments": [], "csrs": [], "events": [], "pods": [], "workloads": {}, "changes": [],
        "controller_manager": None,
        "cluster": None, "not_checked": [], "read_at": None,
    }


def node(item):
    """v1 Node -> the Node's part of a view. `cordon` is {"by", "at"} as metadata.managedFields tell it (1.18+), or None."""
    meta, spec, status = dict_of(item, "metadata"), dict_of(item, "spec"), dict_of(item, "status")
    info = dict_of(status, "nodeInfo")
    unschedulable = spec.get("unschedulable") is True
    return {
        "name": text_of(meta, "name"),
        "uid": text_of(meta, "uid"),
        "created": time(meta.get("creationTimestamp")),
        "labels": {key: value for key, value in dict_of(meta, "labels").items() if isinstance(value, str)},
        "annotations": intent.annotations(dict_of(meta, "annotations")),
        "addresses": [{"type": text_of(entry, "type"), "address": text_of(entry, "address")} for entry in dicts_of(status, "addresses")],
        "unschedulable": unschedulable,
        "cordon": _cordon(meta) if unschedulable else None,
        "taints": [{"key": text_of(entry, "key"), "value": text_of(entry, "value"), "effect": text_of(entry, "effect"),
                    "added": time(entry.get("timeAdded"))} for entry in dicts_of(spec, "taints")],
        "conditions": [{"type": text_of(entry, "type"), "status": text_of(entry, "status"), "reason": text_of(entry, "reason"),
                        "message": text_of(entry, "message"), "transition": time(entry.get("lastTransitionTime")),
                        "heartbeat": time(entry.get("lastHeartbeatTime"))} for entry in dicts_of(status, "conditions")],
        "info": {"kubelet": text_of(info, "kubeletVersion"), "kernel": text_of(info, "kernelVersion"),
                 "runtime": text_of(info, "containerRuntimeVersion"), "os": text_of(info, "osImage"), "boot_id": text_of(info, "bootID")},
        "provider_id": text_of(spec, "providerID"),
        "capacity": _quantities(status, "capacity"),
        "allocatable": _quantities(status, "allocatable"),
        "attached": [{"name": text_of(entry, "name")} for entry in dicts_of(status, "volumesAttached")],
    }


def lease(item):
    """coordination.k8s.io Lease -> {"renewed", "holder", "duration_s"}."""
    spec = dict_of(item, "spec")
    return {"renewed": time(spec.get("renewTime")), "holder": text_of(spec, "holderIdentity"),
            "duration_s": _number(spec.get("leaseDurationSeconds"))}


def event(item):
    """v1 Event -> {"type", "reason", "message", "count", "first", "last", "source"}; series of the newer Event API are read as well."""
    item = item if isinstance(item, dict) else {}
    series = dict_of(item, "series")
    at = time(item.get("eventTime"))
    first = time(item.get("firstTimestamp")) or at
    last = time(series.get("lastObservedTime")) or time(item.get("lastTimestamp")) or first
    return {"type": text_of(item, "type"), "reason": text_of(item, "reason"), "message": text_of(item, "message"),
            "count": _number(series.get("count")) or _number(item.get("count")) or 1, "first": first, "last": last,
            "source": text_of(dict_of(item, "source"), "component") or text_of(item, "reportingComponent")}


def pod(item):
    """v1 Pod -> the pod's part of a view.

    `deleting` is the deletion's time or None; `agent` the failure that it is when this network agent does not run (node_agents), or None;
    `owner` of a static pod's mirror is {"kind": "Node"}; a container's `last` is how it ended the time before.
    `tolerations`: seconds that the pod may stay on a Node that is not ready or unreachable; None for ever, 0 not at all.
    """
    meta, spec, status = dict_of(item, "metadata"), dict_of(item, "spec"), dict_of(item, "status")
    tolerations, owner = dicts_of(spec, "tolerations"), _owner(meta, spec)
    images = [text_of(entry, "image") for entry in dicts_of(spec, "containers")]
    return {
        "namespace": text_of(meta, "namespace"),
        "name": text_of(meta, "name"),
        "uid": text_of(meta, "uid"),
        "phase": text_of(status, "phase"),
        "owner": owner,
        "agent": node_agents.failure_of_pod(owner, dict_of(meta, "labels"), images),
        "qos": text_of(status, "qosClass"),
        "deleting": time(meta.get("deletionTimestamp")),
        "containers": _containers(spec, status),
        "tolerations": {"not_ready_s": _tolerated(tolerations, _NOT_READY), "unreachable_s": _tolerated(tolerations, _UNREACHABLE)},
    }


def node_of_pod(item):
    """v1 Pod -> the name of the Node it was bound to, or None."""
    return text_of(dict_of(item, "spec"), "nodeName")


def name(item):
    """Any object -> its name, or None."""
    return text_of(dict_of(item, "metadata"), "name")


def object_of_event(item):
    """v1 Event -> the name of the object it is about, or None."""
    return text_of(dict_of(item, "involvedObject"), "name")


def quantity(text):
    """"512Mi", "1.5G", "128974848", "1e9", "100m" -> a whole number rounded up, or None. Format: apimachinery's resource.Quantity."""
    match = _QUANTITY.fullmatch(str(text)) if isinstance(text, (str, int)) and not isinstance(text, bool) else None
    if not match:
        return None
    try:
        exact = Decimal(match.group(1)) * _FACTOR[match.group(2)]
    except InvalidOperation:
        return None
    whole = int(exact)
    return whole if whole >= exact else whole + 1


def time(text):
    """RFC 3339 as the API writes it, "2026-11-23T02:13:07.383056Z" -> the same without the fraction; anything else -> None."""
    if isinstance(text, str) and re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z", text):
        return text[:19] + "Z"
    return None


def _containers(spec, status):
    limits = {text_of(entry, "name"): dict_of(entry, "resources")
              for key in ("initContainers", "containers") for entry in dicts_of(spec, key)}
    found = []
    for key in ("initContainerStatuses", "containerStatuses", "ephemeralContainerStatuses"):
        for entry in dicts_of(status, key):
            state, reason, detail = _state(entry, "state")
            if key != "containerStatuses" and state == "terminated" and reason == "Completed":
                continue  # ran to its end as it should: nothing to tell, in every pod with an init container
            found.append(_container(text_of(entry, "name"), entry, state, reason, detail, limits))
    told = {entry["name"] for entry in found}
    return found + [_container(text_of(entry, "name"), {}, None, None, {}, limits) for entry in dicts_of(spec, "containers")
                    if text_of(entry, "name") not in told]


def _container(name_, entry, state, reason, detail, limits):
    resources = limits.get(name_, {})
    last_state, last_reason, last = _state(entry, "lastState")
    identity = text_of(entry, "containerID")
    return {
        "name": name_,
        "id": identity.split("://")[-1] if identity else None,
        "restarts": _number(entry.get("restartCount")) or 0,
        "state": state,
        "reason": reason,
        "exit_code": _number(detail.get("exitCode")),
        "message": _end(detail),
        "last": {"reason": last_reason, "exit_code": _number(last.get("exitCode")), "at": time(last.get("finishedAt")),
                 "message": _end(last)}
        if last_state == "terminated" else None,
        "memory_limit": quantity(dict_of(resources, "limits").get("memory")),
        "memory_request": quantity(dict_of(resources, "requests").get("memory")),
    }


def _end(detail):
    """The message of a state, of its end what a line holds: a program says last why it gave up."""
    message = text_of(detail, "message")
    return message[-300:] if message else None


def _state(entry, key):
    for state in ("running", "waiting", "terminated"):
        detail = dict_of(entry, key).get(state)
        if isinstance(detail, dict):
            return state, text_of(detail, "reason"), detail
    return None, None, {}


def _owner(meta, spec):
    for entry in dicts_of(meta, "ownerReferences"):
        if entry.get("controller") is True:
            return {"kind": text_of(entry, "kind"), "name": text_of(entry, "name")}
    if "kubernetes.io/config.mirror" in dict_of(meta, "annotations"):  # before 1.17 mirror pods had no owner
        return {"kind": "Node", "name": text_of(spec, "nodeName")}
    return None


def _tolerated(tolerations, keys):
    """As the taint manager reckons: all matching tolerations count, the shortest one rules, those without seconds mean for ever."""
    seconds = [entry.get("tolerationSeconds") for entry in tolerations
               if entry.get("effect") in (None, "", "NoExecute")
               and (entry.get("key") in keys or not entry.get("key") and entry.get("operator") == "Exists")]
    if not seconds:
        return 0
    return min((max(0, _number(value)) for value in seconds if _number(value) is not None), default=None)


def _cordon(meta):
    for entry in dicts_of(meta, "managedFields"):
        if "f:unschedulable" in dict_of(dict_of(entry, "fieldsV1"), "f:spec"):
            return {"by": text_of(entry, "manager"), "at": time(entry.get("time"))}
    return None


def _quantities(item, key):
    return {resource: str(value) for resource, value in dict_of(item, key).items() if isinstance(value, (str, int))}


def dict_of(item, key):
    """-> item[key] if it is a dict, else {}."""
    value = item.get(key) if isinstance(item, dict) else None
    return value if isinstance(value, dict) else {}


def dicts_of(item, key):
    """-> the dicts in item[key] if it is a list, else []."""
    value = item.get(key) if isinstance(item, dict) else None
    return [entry for entry in value if isinstance(entry, dict)] if isinstance(value, list) else []


def text_of(item, key):
    """-> item[key] if it is a text that is not empty, at most 2000 characters of it, else None."""
    value = item.get(key) if isinstance(item, dict) else None
    return value[:_TEXT_LIMIT] if isinstance(value, str) and value else None


def _number(value):
    return value if isinstance(value, int) and not isinstance(value, bool) else None
