# Copyright: kubetriage.node contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The chain from configuration to traffic: conflist, plugin binaries, what the agent leaves behind, packet filter chains, forwarding."""

import re

from ..node import Missing, Unavailable, census, first_line
from ..parse import conflist, iptables, route
from ..result import Result, evidence
from . import cni_config, kubelet_setup

# Plugin type -> the file its agent must have written on the node before a sandbox can get a network.
_LEFT_BEHIND = {
    "flannel": "/run/flannel/subnet.env",
    "calico": "/var/lib/calico/nodename",
    "cilium-cni": "/var/run/cilium/cilium.sock",
    "kube-ovn": "/run/openvswitch/kube-ovn-daemon.sock",
    "aws-cni": "/run/aws-node/ipam.json",
}
# Chains through which a CNI lets pods be forwarded although the policy is DROP. KUBE-FORWARD is none: it accepts only what came by a Service.
_FORWARDING = r"-j (FLANNEL-FWD|cali-FORWARD|CILIUM_FORWARD|CNI-FORWARD|WEAVE-NPC|WEAVE-EXPOSE|KUBE-ROUTER-FORWARD|ANTREA-FORWARD|OVN-KUBE\S*)"
_NO_POD = r"(?:^| )-[io] (?:docker\d|br-|virbr|lxc|lxd|podman)|--(?:ct)?state (?:RELATED,ESTABLISHED|ESTABLISHED,RELATED|ESTABLISHED)\b"
# What the kubelet makes itself, whatever kube-proxy does (pkg/kubelet/kubelet_network_linux.go; the last two up to 1.26)
_OF_KUBELET = ("KUBE-IPTABLES-HINT", "KUBE-FIREWALL", "KUBE-MARK-DROP", "KUBE-MARK-MASQ", "KUBE-POSTROUTING")
# Chains that kube-proxy or a CNI works through; what the kubelet itself keeps (canary, hint, firewall, marks) is none.
_AT_WORK = r"KUBE-(?:SERVICES|SVC|SEP|FORWARD|ROUTER|POD-FW|NODE)|FLANNEL|cali-|CILIUM|CNI-|WEAVE|ANTREA|OVN-KUBE|AWS-"
_OVERLAYS = {"flannel.1": 50, "vxlan.calico": 50, "flannel-wg": 60, "wireguard.cali": 60, "tunl0": 20}  # interface -> bytes of its header


def _configuration(result, node, folders):
    """The network configuration in use, parsed, or None."""
    path, others, listed = cni_config.in_use(node, folders)
    if path:
        network = conflist.conflist(node.read(path))
        result.facts["configuration"] = {"path": path, "name": network["name"], "plugins": network["plugins"], "others": others}
        for error in network["errors"]:
            result.find("cni.config_invalid", evidence(path, error, node.now), subject={"file": path}, basis="state")
        return network
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
    if mode is None and not any(name.startswith("KUBE-") and "CANARY" not in name and name not in _OF_KUBELET for chains in tables.values() for name in chains):
        try:
            if "kube-proxy" in node.run("nft-tables", ["nft", "list", "tables"]).out:
                return  # nftables mode, GA in 1.33
        except Unavailable as gap:
            return result.skip("chains of kube-proxy", "its mode is not on its command line, and %s" % gap)
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
    filters = tables.get("filter", {})
    forward = filters.get("FORWARD", {"policy": None, "rules": []})
    result.facts["forward_policy"] = forward["policy"]
    result.facts["chains"] = {table: len(chains) for table, chains in sorted(tables.items())}
    _backends(result, node, output, tables)
    with result.part("agents"):
        processes = node.ask("processes", census.processes, timeout=3.0)
        result.facts["agents"] = sorted(processes["agents"])
        if processes["agents"].get("kube-proxy"):
            _services(result, node, tables, processes["agents"]["kube-proxy"])
    if "agents" not in result.facts and "nat" in tables and "legacy" not in result.facts.get("backends", ()):
        _flushed(result, node, tables)
    if forward["policy"] == "DROP" and not any(re.search(_FORWARDING, rule) or "-j ACCEPT" in rule and not re.search(_NO_POD, rule)
                                               for rule in forward["rules"]):
        result.find("cni.forward_drop", evidence("iptables-save", ":FORWARD DROP, and no rule that accepts pods", node.now), basis="state")
    for rule in filters.get("KUBE-FIREWALL", {"rules": ()})["rules"]:
        if iptables.bare(rule) == "-j DROP":
            result.find("cni.drop_all", evidence("iptables-save", "-A KUBE-FIREWALL " + rule, node.now), basis="state")
            break
    for port, failure in ((6443, "api.port_dropped"), (10250, "net.kubelet_port_dropped")):
        rule = iptables.closed(filters, port)
        if rule:
            result.find(failure, evidence("iptables-save", rule, node.now), basis="state")


def _at_work(tables):
    """Names of the chains, with rules in them, that kube-proxy or a CNI works through."""
    return sorted(set(name for chains in tables.values() for name, chain in chains.items() if chain["rules"] and re.match(_AT_WORK, name)))


def _flushed(result, node, tables):
    """Nothing tells what runs here, but there is no kube-proxy and no CNI without chains of theirs."""
    if _at_work(tables):
        return
    left = sorted(set(name for chains in tables.values() for name, chain in chains.items() if chain["policy"] is None))[:6]
    said = "no chain of kube-proxy or of a CNI; other chains: %s" % (", ".join(left) or "none")
    result.find("cni.chains_flushed", evidence("iptables-save", said, node.now), basis="state")


def _backends(result, node, output, tables):
    """kube-proxy's or the CNI's chains in both backends, or out of sight in the other one: one set is stale, and both are applied."""
    both = iptables.backends(output.out)
    if len(both) < 2:
        if "iptables-legacy tables present" not in output.out + output.err:
            return
        try:
            both = {"nf_tables": tables, "legacy": iptables.tables(node.run("iptables-legacy-save", ["iptables-legacy-save"]).out)}
        except Unavailable as gap:
            result.skip("legacy tables", str(gap))
            # the kubelet's own chains are here, and those that must be somewhere are not
            both = {"nf_tables": tables, "legacy": None}
    counts = {name: len(_at_work(chains)) if chains is not None else None for name, chains in both.items()}
    result.facts["backends"] = counts
    kubelet = any(name.startswith("KUBE-") for chains in tables.values() for name in chains)
    if counts["nf_tables"] and counts["legacy"] or counts["legacy"] is None and kubelet and not counts["nf_tables"]:
        said = "chains of kube-proxy and the CNI: %s in nft, %s in legacy" % (counts["nf_tables"], "unseen" if counts["legacy"] is None else counts["legacy"])
        result.find("cni.backend_mix", evidence("iptables-save, iptables-legacy-save", said, node.now), basis="state")


def _mtu(result, node):
    """Does the overlay's packet with its header fit the node's link?"""
    default = route.default(node.read("/proc/net/route")) or {}
    for name in set(_OVERLAYS).intersection(node.list("/sys/class/net")) if default else ():
        overlay, link = (int(node.read("/sys/class/net/%s/mtu" % each)) for each in (name, default["interface"]))
        if overlay + _OVERLAYS[name] > link and node.read("/sys/class/net/%s/operstate" % name).strip() != "down":
            said = "%s has MTU %d, with %d bytes of header more than %d of %s" % (name, overlay, _OVERLAYS[name], link, default["interface"])
            result.find("cni.mtu", evidence("/sys/class/net/*/mtu", said, node.now), subject={"interface": name}, basis="state")


def _forwarding(result, node):
    value = node.read("/proc/sys/net/ipv4/ip_forward").strip()
    result.facts["ip_forward"] = value
    # without an IPv4 route there is nothing to forward: a node of IPv6 alone
    if value == "0" and len(node.read("/proc/net/route").splitlines()) > 1:
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
    kube_proxy {pid, mode, chain, reached}, backends {nf_tables, legacy: chains at work}, ip_forward.
    """
    result = Result("cni_chain_check")
    setup = kubelet_setup.setup(node)
    if not setup["node"]:
        result.skip("pod network", "no kubelet is set up here")
        return result.done()
    conf_dirs, bin_dirs = cni_config.directories(node, setup)
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
    with result.part("MTU"):
        _mtu(result, node)
    if network and not result.findings:
        result.summary = "%s: %s" % (result.facts["configuration"]["path"], ", ".join(network["plugins"]))
    return result.done()
