# Copyright: kubetriage.node contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How this node's kubelet is set up: command line, configuration file, kubeconfig, and what follows from them."""

import re

from ..node import Unavailable
from ..parse import cmdline, yaml_subset
from . import units
from .once import once_per_node

_CONFIG = "/var/lib/kubelet/config.yaml"  # kubeadm's places
_KUBECONFIG = "/etc/kubernetes/kubelet.conf"
_ABSENT = "no such file or directory"
_ENDPOINT = "unix:///run/containerd/containerd.sock"  # the kubelet's default since 1.24
_DOCKERSHIM = "unix:///run/dockershim.sock"
# Distributions that give their kubelet its flags themselves: (beginning of the unit's name, kubeconfig, endpoint).
_DISTRIBUTIONS = (
    ("k3s", "/var/lib/rancher/k3s/agent/kubelet.kubeconfig", "unix:///run/k3s/containerd/containerd.sock"),
    ("rke2", "/var/lib/rancher/rke2/agent/kubelet.kubeconfig", "unix:///run/k3s/containerd/containerd.sock"),
    ("k0s", "/var/lib/k0s/kubelet.conf", "unix:///run/k0s/containerd.sock"),
    ("snap.microk8s", "/var/snap/microk8s/current/credentials/kubelet.config", "unix:///var/snap/microk8s/common/run/containerd.sock"),
)


def _environment(node, unit):
    """Variables of the unit: Environment= and the files of EnvironmentFiles=, as systemd.exec(5) reads them."""
    text = "\n".join(quoted or plain for quoted, plain in re.findall(r'"((?:[^"\\]|\\.)*)"|(\S+)', unit.get("Environment", "")))
    for path in re.findall(r"(/\S+)", unit.get("EnvironmentFiles", "")):
        try:
            text += "\n" + node.read(path)
        except Unavailable:
            pass  # a file marked with "-" need not exist
    return {name: value.strip().strip("\"'") for name, value in re.findall(r"(?m)^\s*([A-Za-z_]\w*)=(.*)$", text)}


def _arguments(node, unit):
    """The kubelet's words: of the running process, else of ExecStart with its variables put in."""
    if unit.get("MainPID", "0") != "0":
        try:
            return [word for word in node.read("/proc/%s/cmdline" % unit["MainPID"]).split("\0") if word]
        except Unavailable:
            pass
    words = re.search(r"argv\[\]=(.*?) ;", unit.get("ExecStart", ""))
    if not words:
        return []
    variables = _environment(node, unit)
    return re.sub(r"\$\{?(\w+)\}?", lambda name: variables.get(name.group(1), ""), words.group(1)).split()


def _yaml(node, path, gaps):
    try:
        content = yaml_subset.load(node.read(path))
        if isinstance(content, dict):
            return content
        raise ValueError("no mapping")
    except Unavailable as gap:
        gaps.append({"what": path, "why": gap.why})
    except ValueError as error:
        gaps.append({"what": path, "why": "cannot be understood: %s" % error})
    return {}


def _named(entries, name, key):
    entries = [entry for entry in entries or [] if isinstance(entry, dict)]
    chosen = [entry for entry in entries if entry.get("name") == name] or entries
    return (chosen[0].get(key) if chosen else None) or {}


def _client(kubeconfig):
    """Kubeconfig -> {"server", "server_name", "insecure", "ca", "ca_data", "cert", "key", "embedded"}: paths, the name that the server's certificate
    is held against where it is not the address's, whether it is not looked at, and whether the identity stands in the file itself."""
    context = _named(kubeconfig.get("contexts"), kubeconfig.get("current-context"), "context")
    cluster = _named(kubeconfig.get("clusters"), context.get("cluster"), "cluster")
    user = _named(kubeconfig.get("users"), context.get("user"), "user")
    return {
        "server": cluster.get("server"),
        "server_name": cluster.get("tls-server-name"),
        "insecure": bool(cluster.get("insecure-skip-tls-verify")),
        "ca": cluster.get("certificate-authority"),
        "ca_data": cluster.get("certificate-authority-data"),
        "cert": user.get("client-certificate"),
        "key": user.get("client-key"),
        "embedded": bool(user.get("client-certificate-data") or user.get("token") or user.get("exec")),
    }


def _default_endpoint(node):
    """A kubelet before 1.24 that is told no endpoint serves docker's itself."""
    try:
        return _DOCKERSHIM if node.stat(_DOCKERSHIM[len("unix://"):])["kind"] == "socket" else _ENDPOINT
    except Unavailable:
        return _ENDPOINT


@once_per_node
def setup(node):
    """-> {"node", "joined", "unit", "properties", "flags", "config", "config_path", "kubeconfig_path", "client", "endpoint", "gaps"}.

    What cannot be had is in gaps; "node" is False when all of it was looked for and is not there: this machine is no Kubernetes node. "joined" is
    False when the kubelet has neither configuration nor kubeconfig, as before kubeadm join.
    """
    gaps = []
    try:
        name, unit = units.first(units.show(node), units.KUBELET)
    except Unavailable as gap:
        gaps.append({"what": "systemd units", "why": gap.why})
        name, unit = None, {}
    flags = cmdline.flags(_arguments(node, unit))
    own = next((each for each in _DISTRIBUTIONS if (name or "").startswith(each[0])), None)
    config_path = None if own else flags.get("config", _CONFIG)  # --config of k3s and rke2 is their own
    kubeconfig_path = own[1] if own else flags.get("kubeconfig", _KUBECONFIG)
    files = []
    config, client = _yaml(node, config_path, files) if config_path else {}, _client(_yaml(node, kubeconfig_path, files))
    gaps += files
    return {
        "node": bool(name or flags or config or [gap for gap in files if gap["why"] != _ABSENT] or len(files) < 2),
        "joined": len([gap for gap in files if gap["why"] == _ABSENT]) < 2,
        "unit": name,
        "properties": unit,
        "flags": flags,
        "config": config,
        "config_path": config_path,
        "kubeconfig_path": kubeconfig_path,
        "client": client,
        "endpoint": config.get("containerRuntimeEndpoint") or flags.get("container-runtime-endpoint") or (own[2] if own else _default_endpoint(node)),
        "gaps": gaps,
    }
