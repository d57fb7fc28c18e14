# Copyright: kubetriage.node contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Is the kubelet up, does it answer, what does it complain of, and is its identity good?"""

from ..node import Unavailable, endpoint
from ..parse import systemd_show, x509
from ..result import Result, evidence, iso
from . import kubelet_setup, log_findings, units

_CERTIFICATE = "/var/lib/kubelet/pki/kubelet-client-current.pem"
_SOON = 7 * 86400  # seconds; the kubelet renews after 70 to 90 % of the lifetime, so a week left of a year means that renewal failed
# cgroup v2, and one hierarchy of v1
_RUNTIME_CGROUPS = tuple("/sys/fs/cgroup/%ssystem.slice/%s.service" % (tree, unit) for tree in ("", "memory/") for unit in ("containerd", "crio"))
# A kubelet without a configuration exits again and again; systemd's units of kubeadm's package do not mind.
_BEFORE_JOIN = ("kubelet.stopped", "kubelet.failed", "kubelet.crash_loop", "kubelet.start_failed", "kubelet.config_missing", "kubelet.no_kubeconfig",
                "cert.ca_missing")


def _figures(properties, names):
    return " ".join("%s=%s" % (name, properties[name]) for name in names.split() if properties.get(name))


def _unit(result, setup):
    name, properties = setup["unit"], setup["properties"]
    if not name:
        return
    active, since = properties.get("ActiveState"), systemd_show.epoch(properties.get("StateChangeTimestamp"))
    result.facts["unit"] = {
        "name": name, "active": active, "sub": properties.get("SubState"), "result": properties.get("Result"), "restart": properties.get("Restart"),
        "restarts": int(properties.get("NRestarts") or 0), "exit_code": properties.get("ExecMainCode"),
        "exit_status": properties.get("ExecMainStatus"), "since": iso(since), "pid": int(properties.get("MainPID") or 0),
    }
    figures = _figures(properties, "ActiveState SubState Result ExecMainCode ExecMainStatus Restart NRestarts StateChangeTimestamp")
    proof = evidence("systemctl show " + name, figures, since)
    subject = {"unit": name}
    if active == "inactive":
        result.find("kubelet.stopped", proof, subject=subject, since=since, basis="state")
    elif active == "failed":
        result.find("kubelet.failed", proof, subject=subject, since=since, basis="state")
    elif active == "activating" and properties.get("SubState") == "auto-restart":
        # no `since`: the state changes at each restart, and the loop is older than the last one
        result.find("kubelet.crash_loop", proof, subject=subject, basis="state", restarts=result.facts["unit"]["restarts"])


def _healthz(result, node, setup, running):
    flags, config = setup["flags"], setup["config"]  # a flag counts before the file
    port = int(flags.get("healthz-port", config.get("healthzPort", 10248)) or 0)
    if not running or not port:
        return
    host = str(flags.get("healthz-bind-address") or config.get("healthzBindAddress") or "127.0.0.1")
    answer = node.ask("kubelet-healthz", endpoint.request, host, port, "/healthz", timeout=3.0)
    result.facts["healthz"] = {"status": answer["status"], "error": answer["error"]}
    if answer["status"] != 200:
        said = answer["error"] or "HTTP %s %s" % (answer["status"], answer["body"])
        result.find("kubelet.healthz_failing", evidence("http://%s:%d/healthz" % (host, port), said, node.now), basis="state")


def _certificate(result, node, setup):
    path = setup["client"]["cert"] or (_CERTIFICATE if not setup["client"]["embedded"] else None)
    if not path:
        return result.skip("client certificate", "the identity stands in %s itself" % setup["kubeconfig_path"])
    certificate = x509.certificate(node.read(path))
    if certificate is None:
        return result.skip("client certificate", "%s holds no certificate that can be read" % path)
    target = node.stat(path)["target"]
    not_before, not_after = certificate["not_before"], certificate["not_after"]
    subject = certificate["subject"]
    result.facts["client_certificate"] = {
        "path": path, "subject": subject, "not_before": iso(not_before), "not_after": iso(not_after),
        "rotation": bool(setup["config"].get("rotateCertificates", False)), "file": target,
    }
    proof = evidence(path, "subject=%s notBefore=%s notAfter=%s" % (subject.get("CN"), iso(not_before), iso(not_after)), node.now)
    about = {"certificate": path, "name": subject.get("CN")}
    if not_after < node.now:
        result.find("cert.client_expired", proof, subject=about, since=not_after, basis="state")
    elif not_before > node.now + 60:
        result.find("cert.client_not_yet_valid", proof, subject=about, basis="state")
    elif not_after < node.now + _SOON:
        result.find("cert.client_expires_soon", proof, subject=about, basis="state", days=round((not_after - node.now) / 86400, 1))
    if setup["flags"].get("cloud-provider", "external") not in ("", "external") or not setup["config_path"]:
        return  # a cloud provider within the kubelet (until 1.30) names the node, or a configuration of k3s, rke2, k0s or microk8s
    wanted = "system:node:" + (setup["flags"].get("hostname-override") or node.name).lower()
    if subject.get("CN", "").startswith("system:node:") and subject["CN"].lower() not in (wanted, wanted.split(".")[0]):
        result.find("kubelet.wrong_node_name", [proof, evidence("hostname", wanted[len("system:node:"):], node.now)], subject=about,
                    severity="warning", basis="state")


def _pods_outside(result, node):
    """Pods below the runtime's own cgroup: the kubelet names a systemd slice, and a runtime with the cgroupfs driver takes it for a path."""
    for folder in _RUNTIME_CGROUPS:
        try:
            outside = sorted(name for name in node.list(folder) if name.startswith("kubepods") and ":" in name)
        except Unavailable:
            continue
        if outside:
            return result.find("kubelet.cgroup_driver_mismatch", evidence(folder, outside[0], node.now), basis="state", pods=len(outside))


def check(node, window):
    """Kubelet up, answering, and with a good identity? -> CheckResult `kubelet_health`.

    Facts: unit {name, active, sub, result, restart, restarts, exit_code, exit_status, since, pid}, flags, config (path and the values that triage
    needs), endpoint, healthz {status, error}, client_certificate {path, subject, not_before, not_after, rotation, file}, node_name.
    """
    result = Result("kubelet_health")
    setup = kubelet_setup.setup(node)
    for gap in setup["gaps"]:
        result.skip(gap["what"], gap["why"])
    if not setup["unit"] and not setup["gaps"]:
        result.skip("kubelet unit", "none of %s is there; is this a Kubernetes node?" % ", ".join(units.KUBELET))
    result.facts["endpoint"] = setup["endpoint"]
    result.facts["flags"] = setup["flags"]
    result.facts["config_path"] = setup["config_path"]
    _unit(result, setup)
    unit = result.facts.get("unit", {})
    running = unit.get("active") == "active"
    with result.part("/healthz"):
        _healthz(result, node, setup, running)
    with result.part("client certificate"):
        _certificate(result, node, setup)
    with result.part("cgroups of the pods"):
        _pods_outside(result, node)
    with result.part("kubelet journal"):
        text = units.journal(node, window)
        if units.journal_gap(node, window):
            result.skip("a part of the journal", units.journal_gap(node, window))
        ended = units.stopped_at(setup["properties"]) or (node.now if unit else log_findings.last_word(text, ("kubelet",)))
        log_findings.add(result, node, text, ("kubelet", "systemd", "cni", "any"), "journal", reference=ended)
    if running and not result.findings:
        result.summary = "%s active, healthz ok" % unit["name"]
    if not setup["joined"] and not running:
        result.summary = "this host has not joined a cluster: %s and %s are not there" % (setup["config_path"], setup["kubeconfig_path"])
        for found in result.findings:
            if found["id"] in _BEFORE_JOIN:
                found["severity"] = "info"
    return result.done(seen=bool(unit))
