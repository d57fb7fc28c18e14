# Copyright: kubetriage.node contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the control plane's view of a node says: its findings, its impact on pods, and which Node a host is.

Ready=Unknown is written by the controller manager: it means that nobody reported, and says nothing of why. Whether the kubelet lives is
judged by its Lease (renewed every 10 s), not by a condition's heartbeat, which may be 5 minutes old on a healthy node.
"""

import re

from ansible_collections.kubetriage.node.plugins.module_utils.catalogue import FAILURES
from ansible_collections.kubetriage.node.plugins.module_utils.catalogue.match import scan
from ansible_collections.kubetriage.node.plugins.module_utils.result import Result, evidence
from ansible_collections.kubetriage.node.plugins.plugin_utils import node_agents, node_state
from ansible_collections.kubetriage.node.plugins.plugin_utils.utc import iso, seconds, span

# What a condition means: {type: (the status that is bad, failure)}. Types of the kubelet, of cloud and network agents, of
# node-problem-detector's shipped configurations and AKS's, and of the EKS node monitoring agent. Others ending in Ready are good when True.
CONDITIONS = {
    "DiskPressure": ("True", "disk.pressure"),
    "MemoryPressure": ("True", "memory.pressure"),
    "PIDPressure": ("True", "pids.pressure"),
    "OutOfDisk": ("True", "disk.full"),  # kubelets before 1.13
    "NetworkUnavailable": ("True", "cni.agent_not_ready"),
    "KernelDeadlock": ("True", "kernel.hung_task"),
    "ReadonlyFilesystem": ("True", "disk.read_only"),
    "XfsShutdown": ("True", "storage.fs_error"),
    "FilesystemCorruptionProblem": ("True", "storage.fs_error"),
    "CorruptDockerOverlay2": ("True", "runtime.metadata_corrupt"),
    "CperHardwareErrorFatal": ("True", "kernel.mce"),
    "FrequentUnregisterNetDevice": ("True", "kernel.netdev_refcount"),
    "FrequentKubeletRestart": ("True", "kubelet.crash_loop"),
    "FrequentContainerdRestart": ("True", "runtime.failed"),
    "FrequentDockerRestart": ("True", "runtime.failed"),
    "KubeletUnhealthy": ("True", "kubelet.healthz_failing"),
    "KubeletProblem": ("True", "kubelet.healthz_failing"),
    "ContainerRuntimeUnhealthy": ("True", "runtime.not_ready"),
    "ContainerRuntimeProblem": ("True", "runtime.not_ready"),
    "NTPProblem": ("True", "time.unsynchronized"),
    "ContainerRuntimeReady": ("False", "runtime.not_ready"),
    "NetworkingReady": ("False", "cni.agent_not_ready"),
    "StorageReady": ("False", "storage.io_error"),
    "AcceleratedHardwareReady": ("False", "gpu.lost"),
}
# The status that is bad of a condition that is not known, by its name; others may be good either way.
_POLARITY = ((r"(Ready|Healthy|Available)$", "False"), (r"(Problem|Unhealthy|Deadlock|Error|Failure|Failed|Fault|Corrupt\w*)$|^Frequent", "True"))
# Reasons of a bad condition that say more than its type does (EKS node monitoring agent)
REASONS = {
    "ForkFailedOutOfPIDs": "pids.exhausted",
    "InterfaceNotUp": "nic.link_down",
    "InterfaceNotRunning": "nic.link_down",
    "NoRouteCreated": "cni.routes_missing",  # the cloud controller manager's
}
# Parts of the kubelet's Ready message (pkg/kubelet/runtime.go and the CRI's own words in it), in the order they are tried. None: no failure
# of its own. What a kubelet says in its first half minute has no entry of its own either (see _SETTLING).
READY_PARTS = (
    (r"node is shutting down", "kubelet.shutting_down"),
    (r"PLEG is not healthy", "kubelet.pleg_unhealthy"),
    (r"NetworkReady=false|network plugin is not ready|network state unknown|cni (config uninitialized|plugin not initialized)",
     "cni.not_initialized"),
    (r"RuntimeReady=false|container runtime not ready", "runtime.not_ready"),
    (r"(container )?runtime is down", "kubelet.runtime_down"),
    (r"CSINode is not yet initialized|failed to initialize CSINode", "kubelet.csinode_waiting"),
)
_PART = re.compile(r", (?=(?:container )?runtime (?:is down|network not ready|not ready|status check)|PLEG is not healthy|pleg has yet"
                   r"|node is shutting down|network state unknown|CSINode|failed to initialize CSINode|missing node capacity)")
_SETTLING = re.compile(r"status check may not have completed yet|pleg has yet to be successful")
TAINTS = {
    "node.kubernetes.io/out-of-service": "node.taint_out_of_service",
    "node.cloudprovider.kubernetes.io/shutdown": "host.shutdown",
}
_KILLED = ((r"Memory cgroup out of memory", "memory.oom.container"),
           (r"Kill(?:ed)? process \d+ \((?:kubelet|kubelite|hyperkube|k3s(?:-server|-agent)?)\)", "memory.oom.kubelet"),
           (r"Kill(?:ed)? process \d+ \((?:containerd|dockerd|crio)\)", "memory.oom.runtime"),
           (r"Out of memory", "memory.oom.node"))
# Events about a Node: {reason: ((pattern of the message, failure), ...)}
EVENTS = {
    "Rebooted": (("", "host.rebooted"),),
    "SystemOOM": ((r"victim process: kubelet,", "memory.oom.kubelet"),
                  (r"victim process: (containerd|dockerd|crio),", "memory.oom.runtime"),
                  ("", "memory.oom.node")),
    # node-problem-detector: the kernel's line of the kill
    "OOMKilling": _KILLED,
    "PodOOMKilling": _KILLED,
    "EvictionThresholdMet": ((r"reclaim memory", "memory.pressure"), (r"reclaim pids", "pids.pressure"),
                             (r"reclaim (ephemeral-storage|inodes|nodefs|imagefs|containerfs)", "disk.pressure")),
    "FreeDiskSpaceFailed": ((r"garbage collect", "disk.image_gc_failed"),),
    "ImageGCFailed": ((r"garbage collect|wanted to free", "disk.image_gc_failed"),),
    "ContainerGCFailed": ((r"Cannot connect|connection refused|DeadlineExceeded|deadline exceeded|no such file", "kubelet.runtime_down"),),
    "TaskHung": (("", "kernel.hung_task"),),
    "UnregisterNetDevice": (("", "kernel.netdev_refcount"),),
    "IOError": (("", "storage.io_error"),),
    "Ext4Error": (("", "storage.fs_error"),),
    "FilesystemIsReadOnly": (("", "disk.read_only"),),
    "KernelOops": (("", "kernel.oops"),),
    "KubeletSetupFailed": (("", "kubelet.start_failed"),),
    "FailedNodeAllocatableEnforcement": ((r"Failed to enforce (?:System|Kube) Reserved", "kubelet.config_invalid"),),
    "Shutdown": ((r"^(?!.*cancel)", "kubelet.shutting_down"),),
    "DeletingNode": (("", "node.deleted"),),
    "FailedToCreateRoute": (("", "cni.routes_missing"),),  # cloud controller manager
    "MissingIAMPermissions": (("", "cni.agent_not_ready"),),  # aws-node
    # of clouds and their agents
    "BlockDeviceIOError": (("", "storage.io_error"),),
    "EBSVolumeIOPSExceeded": (("", "storage.throttled"),),
    "EBSVolumeThroughputExceeded": (("", "storage.throttled"),),
    "EBSInstanceIOPSExceeded": (("", "storage.throttled"),),
    "EBSInstanceThroughputExceeded": (("", "storage.throttled"),),
    "ConntrackExceededKernel": (("", "limits.conntrack"),),
    "ForkFailedOutOfPIDs": (("", "pids.exhausted"),),
    "SoftLockup": (("", "kernel.soft_lockup"),),
    "SpotInterrupted": (("", "host.reclaimed"),),
    "SpotInterruption": (("", "host.reclaimed"),),
    "PreemptScheduled": (("", "host.reclaimed"),),
    "TerminateScheduled": (("", "host.reclaimed"),),
    "RedeployScheduled": (("", "host.reclaimed"),),
}
# Events, most of pods, whose message is an error of the kubelet or the runtime, and the families of which it is the node's own, whatever the pod.
_QUOTING = ("FailedCreatePodContainer", "FailedCreatePodSandBox", "FailedMount", "Failed", "FailedKillPod", "UnexpectedAdmissionError",
            "FailedSync", "NetworkNotReady", "CheckLimitsForResolvConf", "BackOff", "Unhealthy", "ContainerGCFailed", "ImageGCFailed")
_OFTEN = 3
# What comes before a pod's first container, and what can only come after it
_BEFORE_START, _STARTING = ("FailedCreatePodSandBox", "FailedMount", "NetworkNotReady"), ("Pulling", "Pulled", "Created", "Started")
_OF_THE_NODE = ("disk", "pids", "limits", "systemd", "runtime", "cni", "net")
_TOO = ("storage.io_error", "kubelet.resolv_conf_missing", "kubelet.cgroup_driver_mismatch", "kubelet.cgroups_missing")
_NODE_FAILURES = {name: entry for name, entry in FAILURES.items() if name.split(".")[0] in _OF_THE_NODE or name in _TOO}
_API_FAILURES = {name: entry for name, entry in FAILURES.items() if name.split(".")[0] in ("api", "cert") or name in (
    "kubelet.newer_than_api", "kubelet.unauthorized", "kubelet.wrong_node_name")}
_KUBELET_FAILURES = {name: entry for name, entry in FAILURES.items() if name.startswith("kubelet.") and entry["role"] == "cause"}
_REPLAY_S = 60  # a kubelet that starts reads the kernel's log from the boot on, and tells of kills that are long over
RECENT_S = 900  # an event older than this is history: worth knowing, no trouble of now
_AGAIN_S = 400  # the kubelet looks at its images every 5 minutes, and says each time that it could not free enough
_APPROVED_S = 300  # the controller manager approves and signs a kubelet's request within seconds
_NOT_READY = ("node.kubernetes.io/not-ready", "node.alpha.kubernetes.io/notReady")
_UNREACHABLE = ("node.kubernetes.io/unreachable", "node.alpha.kubernetes.io/unreachable")


def check(view):
    """View (api_object.empty_view; parts of it may be missing, as in a pasted describe) -> CheckResult `control_plane`.

    Facts, each only if known: ready ("true", "false", "unknown"), ready_since, lease_age_s (negative: the node's clock is ahead),
    lease_duration_s, grace_s, grace_assumed (nobody told it), denied {failure: when the kubelet said that it is not so}, kubelet, kernel, runtime, os, boot_id,
    created, unschedulable, taints, pods, kubelet_starts.
    """
    result = Result("control_plane")
    for gap in view.get("not_checked") or ():
        result.skip(gap["what"], gap["why"])
    now = _time_of(view)
    conditions = view.get("conditions") or []
    ready = next((condition for condition in conditions if condition.get("type") == "Ready"), {})
    age = _lease(result, view, now)
    _facts(result, view, ready)
    _ready(result, view, ready, age, now)
    for condition in conditions:
        if condition is not ready:
            _condition(result, view, condition)
    for taint in view.get("taints") or ():
        if taint.get("key") in TAINTS:
            text = "%s=%s:%s" % (taint["key"], taint.get("value") or "", taint.get("effect"))
            added = seconds(taint.get("added"))
            result.find(TAINTS[taint["key"]], evidence("taint", text, added), subject=_subject(view), since=added, basis="api")
    _cordon(result, view)
    _api(result, view)
    _events(result, view, now if ready or age is not None else _last_trouble(view, now))
    _agents(result, view)
    _waiting(result, view, now)
    result.summary = _summary(ready, age, now)
    done = result.done()
    if not ready and done["status"] == "ok":
        done["status"] = "unknown"  # whatever else was read, the question is whether the node is Ready
    return done


def _api(result, view):
    """etcd, as the API server sees it: nothing can be written while it fails, so no kubelet is heard."""
    failed = [name for name in (view.get("cluster") or {}).get("api_failed") or () if name.startswith("etcd")]
    if failed:
        result.find("api.etcd_failing", evidence("/readyz?verbose", "[-]%s failed" % failed[0], _time_of(view)), basis="state")


def ready_parts(message):
    """The kubelet's Ready message -> its parts: "[a, b]" -> ["a", "b"], "a" -> ["a"]."""
    message = (message or "").strip()
    if message.startswith("[") and message.endswith("]"):
        message = message[1:-1]
    return [part.strip() for part in _PART.split(message) if part.strip()]


def impact(view, now):
    """What the node's pods have to expect -> dict. `now`: UTC ISO time, used where the view has no time of its own.

    pods            how many run here, without those of DaemonSets, static and finished ones
    terminating     of these, how many are being deleted
    evicts_at       UTC ISO time at which the first of the others is deleted because of a NoExecute taint, or None
    evicts_in_s     seconds until then, 0 if it is past
    unmanaged       ["namespace/name"] of pods without an owner: nobody makes them anew
    evictions       "stopped" or "slowed" by the controller manager, which takes itself or the zone for cut off; else None
    stateful        ["namespace/name"] of pods of StatefulSets: each is made anew only when this one is proven gone
    """
    pods = [pod for pod in view.get("pods") or ()
            if (pod.get("owner") or {}).get("kind") not in ("DaemonSet", "Node") and pod.get("phase") not in ("Succeeded", "Failed")]
    staying = [pod for pod in pods if not pod.get("deleting")]
    evicts_at = min((moment for pod in staying for moment in _evictions(view, pod)), default=None)
    read_at = seconds(view.get("read_at")) or seconds(now)
    return {
        "pods": len(pods),
        "terminating": len(pods) - len(staying),
        "evicts_at": iso(evicts_at),
        "evicts_in_s": max(0, int(evicts_at - read_at)) if iso(evicts_at) and read_at is not None else None,
        "evictions": (view.get("controller_manager") or {}).get("evictions"),
        "unmanaged": _names(pod for pod in staying if not pod.get("owner")),
        "stateful": _names(pod for pod in pods if (pod.get("owner") or {}).get("kind") == "StatefulSet"),
    }


def match_node(views, host, addresses=()):
    """{Node name: anything with "name", "addresses" and "created" or "age_s"}, an inventory host and its addresses -> the one that is this host, or None."""
    return matcher(views)(host, addresses)


def matcher(views):
    """As match_node for many hosts: -> function (host, addresses) -> view or None.

    By name first, then by address (any type), then by the first label of a name where that is unambiguous ("w1" and "w1.example.com").
    Of two Nodes with one address, as a renamed node leaves them, the newer one is it.
    """
    by_name, by_address, by_label = {}, {}, {}
    for view in sorted(views.values(), key=lambda view: (view.get("created") or "", -(view.get("age_s") or 0), view["name"])):
        by_name[view["name"].lower()] = view
        by_label.setdefault(view["name"].lower().split(".")[0], []).append(view)
        for entry in view.get("addresses") or ():
            by_address[str(entry.get("address")).lower()] = view

    def match(host, addresses=()):
        wanted = [str(name).lower() for name in [host] + list(addresses) if name]
        for table in (by_name, by_address):
            for name in wanted:
                if name in table:
                    return table[name]
        for name in wanted:
            named = by_label.get(name.split(".")[0], [])
            if len(named) == 1 and not name.replace(".", "").isdigit() and ("." not in name or "." not in named[0]["name"]):
                return named[0]
        return None

    return match


def _time_of(view):
    """When the view was true: its reading, else the newest time in it (a pasted describe), else None."""
    told = [view["read_at"]] if view.get("read_at") else [
        (view.get("lease") or {}).get("renewed"),
        *(condition.get(key) for condition in view.get("conditions") or () for key in ("heartbeat", "transition")),
        *(event.get("last") for event in view.get("events") or ())]
    return max((moment for moment in map(seconds, told) if moment is not None), default=None)


def _subject(view):
    return {"node": view["name"]} if view.get("name") else {}


def _lease(result, view, now):
    """-> seconds since the Lease's renewal by the API server's clock, or None."""
    lease = view.get("lease") or {}
    renewed = seconds(lease.get("renewed"))
    if renewed is None or now is None:
        return None
    age = round(now - renewed)
    result.facts.update(lease_age_s=age, lease_duration_s=lease.get("duration_s"), grace_s=node_state.grace_s(view),
                        grace_assumed=not (view.get("controller_manager") or {}).get("grace_s"))
    if age < -30:
        text = "renewed %s by the node's clock, %s after the API server's time" % (lease["renewed"], span(-age))
        result.find("time.skew", evidence("Lease", text, renewed), subject=_subject(view), basis="api", seconds=-age)
    return age


def _facts(result, view, ready):
    if ready:
        result.facts.update(ready=str(ready.get("status")).lower(), ready_since=ready.get("transition"))
    for key, value in (view.get("info") or {}).items():
        if value:
            result.facts[key] = value
    if view.get("created"):
        result.facts["created"] = view["created"]
    if view.get("conditions"):
        result.facts["unschedulable"] = bool(view.get("unschedulable"))
        result.facts["taints"] = ["%s:%s" % (taint.get("key"), taint.get("effect")) for taint in view.get("taints") or ()]
    if view.get("pods"):
        result.facts["pods"] = len(view["pods"])
    starts = sum(event.get("count") or 1 for event in view.get("events") or ()
                 if event.get("reason") == "Starting" and event.get("source") == "kubelet")
    if starts:
        result.facts["kubelet_starts"] = starts


def _quote(condition):
    text = "%s=%s" % (condition.get("type"), condition.get("status"))
    if condition.get("reason"):
        text += ", " + condition["reason"]
    if condition.get("message"):
        text += ": " + condition["message"]
    return evidence("condition", text, seconds(condition.get("transition")))


def _ready(result, view, ready, age, now):
    status, since = ready.get("status"), seconds(ready.get("transition"))
    silent = age is not None and age > node_state.grace_s(view) + node_state.CHECK_S
    proof = [_quote(ready)] if ready else []
    if age is not None:
        proof.append(evidence("Lease", "renewed %s ago" % span(age) if age >= 0 else "renewed just now", seconds(view["lease"]["renewed"])))
    if status == "Unknown" or status == "True" and silent:
        result.find("kubelet.not_posting", proof, subject=_subject(view), basis="api", lease_age_s=age,
                    since=since if status == "Unknown" else seconds(view["lease"]["renewed"]))
    elif status == "False":
        result.find("kubelet.not_ready", proof, subject=_subject(view), since=since, basis="api", reason=ready.get("reason"))
        for part in ready_parts(ready.get("message")):
            if _SETTLING.search(part) and (since is None or now is None or now - since < 120):
                continue
            failure = next((name for pattern, name in READY_PARTS if re.search(pattern, part, re.IGNORECASE)), None)
            # it quotes the API server's answer, or an old kubelet its own start
            quoted = _API_FAILURES if failure == "kubelet.csinode_waiting" else {} if failure else _KUBELET_FAILURES
            for match in scan(part, "kubelet", quoted) if quoted else ():
                result.find(match.id, evidence("condition", "Ready=False: " + part, since), subject=_subject(view), since=since, basis="api")
            if failure is None and "pleg has yet" in part:
                failure = "kubelet.pleg_unhealthy"
            if failure is not None:
                result.find(failure, evidence("condition", "Ready=False: " + part, since), subject=_subject(view), since=since, basis="api")


def _condition(result, view, condition):
    kind = condition.get("type") or ""
    bad, failure = CONDITIONS.get(kind) or (next((status for pattern, status in _POLARITY if re.search(pattern, kind)), None), None)
    if kind.endswith("Pressure") and condition.get("status") == "False" and failure:
        result.facts.setdefault("denied", {})[failure] = condition.get("heartbeat")
    if bad is None or condition.get("status") != bad:
        return
    failure = REASONS.get(condition.get("reason"), failure)
    quote = _quote(condition)
    result.find(failure or "node.condition", quote, subject=_subject(view), since=seconds(condition.get("transition")), basis="api",
                condition=kind, reason=condition.get("reason"))


def _cordon(result, view):
    if not view.get("unschedulable"):
        return
    cordon = view.get("cordon") or {}
    at = seconds(cordon.get("at"))
    if at is None:
        at = next((seconds(taint.get("added")) for taint in view.get("taints") or ()
                   if taint.get("key") == "node.kubernetes.io/unschedulable"), None)
    text = "spec.unschedulable=true" + (", set by %s" % cordon["by"] if cordon.get("by") else "")
    result.find("node.cordoned", evidence("Node", text, at), subject=_subject(view), since=at, basis="api", by=cordon.get("by"))


def _last_trouble(view, now):
    """When the newest event was told, unless the node got Ready with it: events that somebody kept without the node's conditions are those of an
    incident, however long ago that was."""
    last = [(moment, event.get("reason")) for moment, event in ((seconds(event.get("last")), event) for event in view.get("events") or ()) if moment]
    ready = max((moment for moment, reason in last if reason == "NodeReady"), default=None)
    lost = max((moment for moment, reason in last if reason != "NodeReady"), default=None)
    return now if lost is None or ready is not None and ready >= lost else lost


def _events(result, view, now):
    starts = [seconds(event.get("last")) for event in view.get("events") or ()
              if event.get("reason") == "Starting" and event.get("source") == "kubelet"]
    returned = max((event["last"] for event in view.get("events") or () if event.get("reason") == "NodeReady" and event.get("last")), default="")
    started = _started(view.get("events") or ())
    for event in view.get("events") or ():
        message, last = event.get("message") or "", seconds(event.get("last"))
        first = seconds(event.get("first")) or (last if (event.get("count") or 1) == 1 else None)
        text = "%s: %s" % (event["reason"], message) + (" (%d times)" % event["count"] if (event.get("count") or 1) > 1 else "")
        for failure in _told(event, message):
            old = last is not None and now is not None and now - last > (_AGAIN_S if failure == "disk.image_gc_failed" else RECENT_S)
            if event.get("reason") in _BEFORE_START and last is not None:
                old = old or started.get(event.get("object"), last) > last
            if failure == "memory.oom.node" and last is not None:
                old = old or any(start is not None and abs(last - start) <= _REPLAY_S for start in starts)
            if failure == "kubelet.shutting_down":
                old = old or returned > (event.get("last") or "")
            result.find(failure, evidence("event", text, last), severity="info" if old else None, subject=_subject(view),
                        since=first, until=last, basis="api", count=event.get("count") or 1)


def _started(events):
    """-> {pod: when its containers were last told to start}; the pod is None in a description of one."""
    latest = {}
    for event in events:
        at = seconds(event.get("last"))
        if event.get("reason") in _STARTING and at is not None:
            latest[event.get("object")] = max(at, latest.get(event.get("object"), at))
    if sum(event.get("reason") == "Scheduled" and not event.get("object") for event in events) > 1:  # of several pods
        latest.pop(None, None)
    return latest


def _told(event, message):
    """-> the failures that an event tells of: its reason's, and what its message quotes of the kubelet, the runtime or the CNI."""
    told = [name for pattern, name in EVENTS.get(event.get("reason"), ()) if re.search(pattern, message)][:1]
    often = _OFTEN if event.get("reason") == "Unhealthy" else 1  # whatever starts is not ready at once
    if event.get("reason") in _QUOTING and (event.get("count") or 1) >= often:
        told += [match.id for match in scan("%s %s" % (event.get("object") or "", message), "any", _NODE_FAILURES) if match.id not in told]
    return told


def _agents(result, view):
    for failure, about, reason, text, at in node_agents.broken(view):
        source = "pod %s/%s" % (about["namespace"], about["pod"])
        result.find(failure, evidence(source, text, seconds(at)), subject=dict(_subject(view), **about), basis="api", reason=reason)
    for failure, name in node_agents.missing(view):
        result.find(failure, evidence("DaemonSet", name + " wants a pod on this node and has none"), subject=_subject(view), basis="api",
                    daemonset=name)


def _waiting(result, view, now):
    for entry in view.get("volume_attachments") or ():
        if entry.get("error"):
            text = "%s, %s: %s" % (entry.get("pv") or entry.get("name"), "attached" if entry.get("attached") else "not attached", entry["error"])
            result.find("storage.volume_error", evidence("VolumeAttachment", text), subject=_subject(view), basis="api")
    for entry in view.get("csrs") or ():
        created = seconds(entry.get("created"))
        if created is not None and now is not None and now - created > _APPROVED_S:
            text = "%s (%s) is pending for %s" % (entry.get("name"), entry.get("signer"), span(now - created))
            # a kubelet without a certificate to serve with still posts
            serving = entry.get("signer") == "kubernetes.io/kubelet-serving"
            result.find("cert.rotation_broken", evidence("CertificateSigningRequest", text, created), severity="info" if serving else None,
                        subject=_subject(view), since=created, basis="api")


def _summary(ready, age, now):
    if not ready:
        return "the Node's conditions are not known"
    since = seconds(ready.get("transition"))
    words = ["Ready=%s" % ready.get("status")]
    if since is not None and now is not None:
        words[0] += " for %s" % span(now - since)
    if age is not None:
        words.append("Lease renewed %s ago" % span(age))
    return ", ".join(words)


def _evictions(view, pod):
    """Epoch times at which NoExecute taints make the taint manager delete the pod."""
    tolerations = pod.get("tolerations") or {}
    for taint in view.get("taints") or ():
        added = seconds(taint.get("added"))
        if taint.get("effect") != "NoExecute" or added is None:
            continue
        for keys, name in ((_NOT_READY, "not_ready_s"), (_UNREACHABLE, "unreachable_s")):
            if taint.get("key") in keys and tolerations.get(name, 300) is not None:
                yield added + tolerations.get(name, 300)  # 300: what the API server gives a pod that says nothing


def _names(pods):
    return sorted("%s/%s" % (pod.get("namespace"), pod.get("name")) for pod in pods)
