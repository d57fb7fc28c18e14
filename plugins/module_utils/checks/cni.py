# Copyright: kubetriage.node contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The chain from configuration to traffic: conflist, plugin binaries, what the agent leaves behind, packet filter chains, forwarding."""

import re

from ..node import Missing, Unavailable, census, first_line
from ..parse import conflist, iptables
from ..result import Result, evidence
from . import kubelet_setup

_CONF_DIRS = ("/etc/cni/net.d", "/var/lib/rancher/k3s/agent/etc/cni/net.d", "/var/snap/microk8s/current/args/cni-network")
_BIN_DIRS = ("/opt/cni/bin", "/usr/lib/cni", "/usr/libexec/cni", "/var/lib/rancher/k3s/data/current/bin", "/var/snap/microk8s/current/opt/cni/bin")
_CONTAINERD = r'(?m)^\s*(conf|bin)_dir\s*=\s*["\']([^"\']+)'
_CRIO = r'(?m)^\s*(network|plugin)_dirs?\s*=\s*\[?\s*["\']([^"\']+)'
# Plugin type -> the file its agent must have written on the node before a sandbox can get a network.
_LEFT_BEHIND = {
    "flannel": "/run/flannel/subnet.env",
    "calico": "/var/lib/calico/nodename",
    "cilium-cni": "/var/run/cilium/cilium.sock",
    "kube-ovn": "/run/openvswitch/kube-ovn-daemon.sock",
    "aws-cni": "/run/aws-node/ipam.json",
}
# A rule that lets pods be forwarded although the policy is DROP: kube-proxy, flannel, calico, cilium, the portmap/firewall plugins.
_ACCEPTING = re.compile(r"-j (KUBE-FORWARD|FLANNEL-FWD|cali-FORWARD|CILIUM_FORWARD|CNI-FORWARD|WEAVE-NPC|KUBE-ROUTER-FORWARD|ANTREA-FORWARD)|-j ACCEPT")


def _directories(node, setup):
    """-> (configuration directory, [binary directories]), as the runtime is told, else the usual places."""
    conf, binaries = [], []
    for path, pattern in (("/etc/containerd/config.toml", _CONTAINERD), ("/var/lib/rancher/k3s/agent/etc/containerd/config.toml", _CONTAINERD),
                          ("/etc/crio/crio.conf", _CRIO)):
        try:
            for kind, folder in re.findall(pattern, node.read(path)):
                (conf if kind in ("conf", "network") else binaries).append(folder.rstrip("/"))
        except Unavailable:
            continue
    flags = setup["flags"]
    conf += [flags["cni-conf-dir"]] if flags.get("cni-conf-dir") else []
    binaries += [flags["cni-bin-dir"]] if flags.get("cni-bin-dir") else []
    return conf + list(_CONF_DIRS), binaries + list(_BIN_DIRS)


def _configuration(result, node, folders):
    """The network configuration in use: the first file in lexical order (libcni conf.go), parsed, or None."""
    listed = []
    for folder in folders:
        try:
            names = node.list(folder)
        except Unavailable as gap:
            if not listed and not isinstance(gap, Missing):
                raise
            names = None
        files = [name for name in names or () if name.endswith((".conf", ".conflist", ".json"))]
        if files:
            path = folder + "/" + files[0]
            network = conflist.conflist(node.read(path))
            result.facts["configuration"] = {"path": path, "name": network["name"], "plugins": network["plugins"], "others": files[1:]}
            for error in network["errors"]:
                result.find("cni.config_invalid", evidence(path, error, node.now), subject={"file": path}, basis="state")
            return network
        listed.append((folder, "no such directory" if names is None else ", ".join(names) or "empty"))
    folder, said = next((each for each in listed if each[1] != "no such directory"), listed[0])
    result.find("cni.config_missing", evidence("ls " + folder, said, node.now), subject={"directory": folder}, basis="state")
    return None


def _binaries(result, node, network, folders):
    there = {}
    for folder in folders:
        try:
            for name in node.list(folder):
                there.setdefault(name, folder)
        except Unavailable:
            continue
    if not there:
        return result.skip("CNI binaries", "none of %s can be listed" % ", ".join(folders))
    wanted = network["plugins"] + network["ipam"]
    result.facts["binaries"] = {name: there.get(name) for name in wanted}
    for name in sorted(set(wanted)):
        if name not in there:
            result.find("cni.binary_missing", evidence("ls " + " ".join(sorted(set(there.values()))), "no %s" % name, node.now),
                        subject={"plugin": name}, basis="state")


def _left_behind(result, node, network):
    for plugin in network["plugins"]:
        path = _LEFT_BEHIND.get(plugin)
        if path:
            try:
                node.stat(path)
            except Missing:
                result.find("cni.agent_state_missing", evidence("stat " + path, "no such file", node.now), subject={"plugin": plugin, "file": path},
                            basis="state")


def _proxy_mode(node, pid):
    """kube-proxy's --proxy-mode; None when the flag is not on the command line (a configuration file says it, or it is the default, iptables)."""
    try:
        words = node.read("/proc/%d/cmdline" % pid).split("\0")
    except Unavailable:
        return None
    return next((word.split("=", 1)[1] for word in words if word.startswith("--proxy-mode=")), None)


def _services(result, node, tables, proxy):
    """kube-proxy runs, but the chains it works through are gone or are not reached."""
    nat = tables.get("nat", {})
    mode = _proxy_mode(node, proxy)
    if mode not in (None, "iptables", "ipvs"):
        return
    chain = nat.get("KUBE-SERVICES")
    reached = any("KUBE-SERVICES" in rule for name in ("PREROUTING", "OUTPUT") for rule in nat.get(name, {}).get("rules", ()))
    result.facts["kube_proxy"] = {"pid": proxy, "mode": mode, "chain": chain is not None, "reached": reached}
    if chain is not None and chain["rules"] and reached:
        return
    if mode is None and not any(name.startswith("KUBE-") for chains in tables.values() for name in chains if "CANARY" not in name):
        try:
            if "kube-proxy" in node.run("nft-tables", ["nft", "list", "tables"]).out:
                return  # nftables mode, GA in 1.33
        except Unavailable:
            pass
    said = "nat has no KUBE-SERVICES chain" if chain is None else "KUBE-SERVICES is empty" if not chain["rules"] else "nothing jumps to KUBE-SERVICES"
    left = sorted(name for chains in tables.values() for name in chains if name.startswith(("KUBE-", "CNI-")))[:6]
    proof = [evidence("iptables-save", "%s, though kube-proxy runs (pid %d)" % (said, proxy), node.now),
             evidence("iptables-save", "left of KUBE-* and CNI-*: %s" % (", ".join(left) or "none"), node.now)]
    result.find("cni.chains_flushed", proof, basis="state")


def _filter(result, node):
    output = node.run("iptables-save", ["iptables-save"])
    if output.rc:
        raise Unavailable("iptables-save", first_line(output.err) or "ended with %d" % output.rc)
    tables = iptables.tables(output.out)
    forward = tables.get("filter", {}).get("FORWARD", {"policy": None, "rules": []})
    result.facts["forward_policy"] = forward["policy"]
    result.facts["chains"] = {table: len(chains) for table, chains in sorted(tables.items())}
    with result.part("agents"):
        processes = node.ask("processes", census.processes, timeout=3.0)
        result.facts["agents"] = sorted(processes["agents"])
        if processes["agents"].get("kube-proxy"):
            _services(result, node, tables, processes["agents"]["kube-proxy"])
    if forward["policy"] == "DROP" and not any(_ACCEPTING.search(rule) for rule in forward["rules"]):
        result.find("cni.forward_drop", evidence("iptables-save", ":FORWARD DROP, and no rule that accepts pods", node.now), basis="state")
    _backends(result, node, output, tables)


def _backends(result, node, output, tables):
    """KUBE-* chains in both backends: one of the sets is stale, and both are applied."""
    if "iptables-legacy tables present" not in output.out + output.err:
        return
    legacy = node.run("iptables-legacy-save", ["iptables-legacy-save"])
    both = [sum(name.startswith("KUBE-") and "CANARY" not in name for chains in each.values() for name in chains)
            for each in (tables, iptables.tables(legacy.out))]
    result.facts["backends"] = {"nft": both[0], "legacy": both[1]}
    if all(both):
        result.find("cni.backend_mix", evidence("iptables-save, iptables-legacy-save", "%d KUBE chains in nft and %d in legacy" % tuple(both), node.now),
                    basis="state")


def _forwarding(result, node):
    value = node.read("/proc/sys/net/ipv4/ip_forward").strip()
    result.facts["ip_forward"] = value
    if value == "0":
        result.find("cni.ip_forward_off", evidence("/proc/sys/net/ipv4/ip_forward", value, node.now), basis="state")
    if "bridge" in result.facts.get("configuration", {}).get("plugins", ()):
        path = "/proc/sys/net/bridge/bridge-nf-call-iptables"
        try:
            value = node.read(path).strip()
        except Missing:
            value = "no such file: br_netfilter is not loaded"
        if value != "1":
            result.find("cni.br_netfilter_missing", evidence(path, value, node.now), basis="state")


def check(node, window):
    """Each link of the pod network on this node -> CheckResult `cni_chain_check`. It reads what is there now; `window` has no use here.

    Facts: configuration {path, name, plugins, others}, binaries {plugin: directory or None}, forward_policy, chains {table: count}, agents,
    kube_proxy {pid, mode, chain, reached}, backends {nft, legacy}, ip_forward.
    """
    result = Result("cni_chain_check")
    setup = kubelet_setup.setup(node)
    if not setup["node"]:
        result.skip("pod network", "no kubelet is set up here")
        return result.done()
    conf_dirs, bin_dirs = _directories(node, setup)
    network = None
    with result.part("CNI configuration"):
        network = _configuration(result, node, conf_dirs)
    if network:
        with result.part("CNI binaries"):
            _binaries(result, node, network, bin_dirs)
        with result.part("agent state"):
            _left_behind(result, node, network)
    with result.part("packet filter"):
        _filter(result, node)
    with result.part("forwarding"):
        _forwarding(result, node)
    if network and not result.findings:
        result.summary = "%s: %s" % (result.facts["configuration"]["path"], ", ".join(network["plugins"]))
    return result.done()
