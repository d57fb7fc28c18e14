# Copyright: kubetriage.node contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Is the container runtime up, and does it answer? Two questions: a hung runtime is `active` for systemd."""

import re

from ..node import Missing, TimedOut, Unavailable, cri
from ..parse import conflist, systemd_show
from ..result import Result, evidence, iso
from . import cni_config, kubelet_setup, log_findings, units

# Socket -> the units that serve it. docker speaks CRI through cri-dockerd (dockershim before 1.24).
_SOCKETS = (
    ("/run/containerd/containerd.sock", ("containerd.service",)),
    ("/run/crio/crio.sock", ("crio.service",)),
    ("/run/cri-dockerd.sock", ("cri-docker.service", "docker.service")),
    ("/run/dockershim.sock", ("docker.service",)),
    ("/run/k3s/containerd/containerd.sock", ("k3s.service", "k3s-agent.service", "rke2-server.service", "rke2-agent.service")),
    ("/run/k0s/containerd.sock", ("k0sworker.service", "k0scontroller.service")),
    ("/var/snap/microk8s/common/run/containerd.sock", ("snap.microk8s.daemon-containerd.service",)),
)
_SLOW = 2.0  # seconds for four small calls; a healthy runtime takes some milliseconds
_DEADLINE = 5.0
_LOADED = 60  # seconds after which a runtime must have seen a new CNI configuration: it is told of it at once
_CONTAINERD_START = r'starting containerd\\*" revision=\S+ version=v?((\d+)\.(\d+)\S*)'
_CRI_V1 = (1, 6)  # the first containerd that serves it


def socket_of(endpoint):
    """CRI endpoint as the kubelet writes it -> path of the socket."""
    path = endpoint[len("unix://"):] if endpoint.startswith("unix://") else endpoint
    return path[len("/var"):] if path.startswith("/var/run/") else path


def _unit(result, node, present, socket):
    name, properties = units.first(present, dict(_SOCKETS).get(socket, ()))
    if not name:  # an endpoint that is not known here, or no more than a guess
        name, properties = units.first(present, units.RUNTIME)
    if not name:
        return {}
    since = systemd_show.epoch(properties.get("StateChangeTimestamp"))
    result.facts["unit"] = {"name": name, "active": properties.get("ActiveState"), "sub": properties.get("SubState"), "result": properties.get("Result"),
                            "restarts": int(properties.get("NRestarts") or 0), "since": iso(since), "pid": int(properties.get("MainPID") or 0)}
    said = " ".join("%s=%s" % (key, properties[key]) for key in
                    ("ActiveState", "SubState", "Result", "ExecMainCode", "ExecMainStatus", "NRestarts", "StateChangeTimestamp") if properties.get(key))
    proof = evidence("systemctl show " + name, said, since)
    if name in units.KUBELET:  # k3s, rke2: that the one process is down is a finding of the kubelet's check
        return properties
    if properties.get("ActiveState") == "inactive":
        result.find("runtime.stopped", proof, subject={"unit": name}, since=since, basis="state")
    elif properties.get("ActiveState") == "failed" or properties.get("SubState") == "auto-restart":
        result.find("runtime.failed", proof, subject={"unit": name}, since=since, basis="state")
    return properties


def _process_state(node, pid):
    """"T (stopped)" and the like, of /proc/PID/status; None when it cannot be read."""
    try:
        lines = node.read("/proc/%d/status" % pid).splitlines()
    except Unavailable:
        return None
    return next((line.split(":", 1)[1].strip() for line in lines if line.startswith("State:")), None)


def _hung(result, node, socket, why):
    unit = result.facts.get("unit", {})
    proof = [evidence("CRI " + socket, why, node.now)]
    state = _process_state(node, unit["pid"]) if unit.get("pid") else None
    if state:
        proof.append(evidence("/proc/%d/status" % unit["pid"], "State: " + state, node.now))
    result.find("runtime.hung", proof, subject={"unit": unit.get("name")}, basis="state", process_state=state)


def _other_socket(node, socket):
    """The socket of another runtime that is there while `socket` is not, or None."""
    for other, _names in _SOCKETS:
        try:
            if other != socket and node.stat(other)["kind"] == "socket":
                return other
        except Unavailable:
            continue
    return None


def _answer(result, node, socket):
    unit = result.facts.get("unit", {})
    down = unit.get("active") in ("inactive", "failed") or unit.get("sub") == "auto-restart"
    subject = {"unit": unit.get("name"), "socket": socket}
    try:
        answer = node.ask("cri-status", cri.status, socket, timeout=_DEADLINE)
    except TimedOut as gap:
        return _hung(result, node, socket, gap.why)
    except Missing:
        other = _other_socket(node, socket)
        proof = evidence("CRI " + socket, "no such socket" + ("; there is %s" % other if other else ""), node.now)
        if not down:
            result.find("runtime.wrong_endpoint" if other else "runtime.socket_refused", proof, subject=subject, basis="state")
        return None
    except Unavailable as gap:
        if "refused" not in gap.why and "closed" not in gap.why:
            raise
        if not down:
            result.find("runtime.socket_refused", evidence("CRI " + socket, gap.why, node.now), subject=subject, basis="state")
        return None
    return _judge(result, node, socket, subject, answer)


def _judge(result, node, socket, subject, answer):
    result.facts.update(runtime=answer["runtime"], version=answer["version"], images=answer["images"],
                        containers=len(answer["containers"]), api=answer["api"])
    silent = sorted(call for call, said in answer["calls"].items() if said is None)
    version = answer["calls"].get("Version") or {}
    if version.get("code") == cri.UNIMPLEMENTED:
        result.find("runtime.cri_disabled", evidence("CRI " + socket, version["message"] or "Unimplemented", node.now), subject=subject, basis="state")
        return
    if silent:
        _hung(result, node, socket, "no answer to %s within %g s" % (", ".join(silent), _DEADLINE))
    conditions = {each["type"]: each for each in answer["conditions"]}
    result.facts["cri"] = {"runtime_ready": conditions.get("RuntimeReady", {}).get("status"), "network_ready": conditions.get("NetworkReady", {}).get("status"),
                           "reason": next((each["reason"] for each in answer["conditions"] if not each["status"]), None)}
    for kind, failure in (("RuntimeReady", "runtime.not_ready"), ("NetworkReady", "cni.not_initialized")):
        said = conditions.get(kind)
        if said and not said["status"]:
            text = "%s=false reason:%s message:%s" % (kind, said["reason"], said["message"])
            result.find(failure, evidence("CRI Status " + socket, text, node.now), subject=subject, basis="state")
            if "cni plugin not initialized" in said["message"]:
                with result.part("CNI configuration"):
                    _not_loaded(result, node, text)
    result.facts["slow"] = answer["answer_s"] > _SLOW


def _not_loaded(result, node, said):
    """The runtime has no CNI configuration: is there one that it should have seen?"""
    path = cni_config.in_use(node, cni_config.directories(node, kubelet_setup.setup(node))[0])[0]
    if path and node.now - node.stat(path)["mtime"] > _LOADED and not conflist.conflist(node.read(path))["errors"]:
        written = node.stat(path)["mtime"]
        result.find("cni.config_not_loaded", [evidence("CRI Status", said, node.now), evidence("stat " + path, "there since " + iso(written), written)],
                    subject={"file": path}, basis="state")


def _too_old(result, text):
    """Does the runtime not know the CRI that the kubelet speaks? By its version, or as it still answers on the older one."""
    if "unknown service runtime.v1." not in text:
        return
    starts = re.findall(_CONTAINERD_START, text)
    if starts and tuple(map(int, starts[-1][1:])) < _CRI_V1:
        result.find("runtime.cri_too_old", evidence("journal containerd", "starting containerd version=" + starts[-1][0]), basis="log", count=1)
    elif result.facts.get("api") == "v1alpha2":
        result.find("runtime.cri_too_old", evidence("CRI", "%s %s answers on v1alpha2 only" % (result.facts["runtime"], result.facts["version"])),
                    basis="state")


def check(node, window):
    """Runtime up, and answering? -> CheckResult `runtime_health`.

    Facts: endpoint, unit {name, active, sub, result, restarts, since, pid}, runtime, version, api, images and containers (counts),
    cri {runtime_ready, network_ready, reason}, slow (the four calls took more than 2 s).
    """
    result = Result("runtime_health")
    setup = kubelet_setup.setup(node)
    if not setup["node"]:
        result.skip("container runtime", "no kubelet is set up here")
        return result.done()
    socket = socket_of(setup["endpoint"])
    result.facts["endpoint"] = setup["endpoint"]
    properties = {}
    with result.part("runtime unit"):
        properties = _unit(result, node, units.show(node), socket)
    with result.part("CRI answer"):
        _answer(result, node, socket)
    with result.part("runtime journal"):
        text = units.journal(node, window)
        ended = units.stopped_at(properties) or (node.now if properties else log_findings.last_word(text, ("runtime",)))
        log_findings.add(result, node, text, ("runtime",), "journal", reference=ended)
        _too_old(result, text)
    if not result.findings and "cri" in result.facts:
        result.summary = "%s %s answers, %d images" % (result.facts["runtime"], result.facts["version"], result.facts["images"])
    return result.done(seen="unit" in result.facts or "cri" in result.facts)
