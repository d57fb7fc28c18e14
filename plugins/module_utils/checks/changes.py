# Copyright: kubetriage.node contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What was changed on this node lately: packages, the kernel, configuration, certificates, services of the network, boots.

Asked for only where a node is in trouble, and in bundles: the probe of a healthy node does not even carry it.
"""

import re

from ..node import Missing, Unavailable, first_line
from ..parse import packages, systemd_show
from ..result import Result, iso
from . import kubelet_setup, log_findings, units
from .journal import journalctl

_DAYS = 14
_LIMIT = 200  # changes, the newest
_TAIL = 256 * 1024  # bytes of dpkg's log: the lines of some 300 packages
_FILES = 100  # of one directory
_SAME = 2  # seconds: a directory that changed with a file in it says nothing more

# Files that decide how a node works. A directory is named by its last slash: what is in it counts, and that something went.
_FIXED = (
    "/var/lib/kubelet/kubeadm-flags.env", "/etc/default/kubelet", "/etc/sysconfig/kubelet", "/etc/kubernetes/manifests/", "/etc/kubernetes/pki/",
    "/var/lib/kubelet/pki/", "/etc/rancher/k3s/config.yaml", "/etc/rancher/k3s/registries.yaml", "/etc/rancher/rke2/config.yaml",
    "/etc/systemd/system/kubelet.service.d/", "/etc/systemd/system/containerd.service.d/", "/etc/systemd/system/docker.service.d/",
    "/etc/containerd/config.toml", "/etc/containerd/conf.d/", "/etc/docker/daemon.json", "/etc/crio/crio.conf", "/etc/crio/crio.conf.d/",
    "/etc/containers/registries.conf", "/etc/cni/net.d/", "/opt/cni/bin/",
    "/etc/resolv.conf", "/etc/hosts", "/etc/hostname", "/etc/fstab", "/etc/sysctl.conf", "/etc/sysctl.d/", "/etc/modprobe.d/", "/etc/netplan/",
    "/etc/systemd/network/", "/etc/systemd/resolved.conf", "/etc/systemd/system.conf", "/etc/network/interfaces",
    "/etc/NetworkManager/system-connections/", "/etc/sysconfig/network-scripts/", "/etc/nftables.conf", "/etc/iptables/", "/etc/sysconfig/iptables",
    "/etc/firewalld/firewalld.conf", "/etc/firewalld/zones/", "/etc/ufw/user.rules", "/etc/ssh/sshd_config", "/etc/selinux/config",
    "/etc/ssl/certs/ca-certificates.crt", "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem",
)
_SERVICES = ("firewalld", "nftables", "iptables", "ip6tables", "ufw", "NetworkManager", "systemd-networkd", "networking", "wickedd", "systemd-resolved",
             "ssh", "sshd")
_STARTED = re.compile(r"(?m)^(\d+\.\d+) \S+ systemd\[1\]: (Started|Stopped|Finished|Reloaded) ([^\n]+)")
_VERSION = re.compile(r"\d+")


class _Found(object):
    """The changes of the last _DAYS, each {"time", "what", "source"}."""

    def __init__(self, now):
        self._now, self._changes = now, {}

    def add(self, when, what, source):
        if when is not None and self._now - _DAYS * 86400 <= when <= self._now + 60:
            self._changes[what, source] = max(when, self._changes.get((what, source), 0))

    def newest(self):
        ordered = sorted(((when, what, source) for (what, source), when in self._changes.items()), reverse=True)
        return [{"time": iso(when), "what": what, "source": source} for when, what, source in ordered[:_LIMIT]]


def _packages(node, found):
    try:
        path = "/var/log/dpkg.log"
        written = node.stat(path)["mtime"]
        steps = packages.dpkg(node.read(path, limit=_TAIL, tail=True), written)
        if not steps or steps[0][0] > node.now - 2 * 86400:  # begun anew lately, as each month
            steps = _rotated(node, path + ".1") + steps
    except Missing:
        path = "rpm -qa"
        try:
            output = node.run("rpm-installed", packages.RPM_QUERY, timeout=4.0)
        except Missing:  # an image: its version is its packages
            return
        if output.rc and not output.out:
            raise Unavailable("rpm -qa", first_line(output.err) or "ended with %d" % output.rc)
        steps = packages.rpm(output.out)
    recent = [step for step in steps if step[0] >= node.now - _DAYS * 86400]
    for when, text in packages.changes(recent):
        found.add(when, text, path)


def _rotated(node, path):
    try:
        return packages.dpkg(node.read(path, limit=_TAIL, tail=True), node.stat(path)["mtime"])
    except Unavailable:
        return []


def _kernel(node, found):
    """A newer kernel that waits for the next boot. The directory of modules is written to when its package is set up."""
    running = node.read("/proc/sys/kernel/osrelease").strip()
    try:
        names = node.list("/lib/modules")
    except Missing:  # in a container
        return
    for name in names:
        if _order(name) > _order(running):
            found.add(node.stat("/lib/modules/" + name)["mtime"], "kernel %s was installed; %s runs until the next boot" % (name, running), "/lib/modules")


def _order(version):
    return [int(number) for number in _VERSION.findall(version)[:6]]


def _boot(node, found):
    """The start of PID 1 (proc_pid_stat(5), field 22 in ticks of 1/100 s): of the machine, or of the container that is the node."""
    booted = log_findings.boot_time(node)
    if booted is not None:
        found.add(booted + float(node.read("/proc/1/stat").rpartition(")")[2].split()[19]) / 100, "the node started", "/proc/1/stat")


def _places(node):
    """-> paths of files, and of directories with a slash at their end."""
    setup = kubelet_setup.setup(node)
    places = [setup["config_path"], setup["kubeconfig_path"]] + list(_FIXED)
    try:
        for unit in units.show(node).values():
            places += [unit.get("FragmentPath")] + unit.get("DropInPaths", "").split()
    except Unavailable:
        pass
    return sorted({place for place in places if place and place.startswith("/")})


def _files(node, found):
    refused = None
    for place in _places(node):
        try:
            _written(node, place, found)
        except Missing:
            pass
        except Unavailable as gap:  # one that only root may see, or on a dead mount, says nothing of the others
            refused = refused or gap
    if refused:
        raise refused


def _written(node, place, found):
    seen = [(place.rstrip("/"), node.stat(place.rstrip("/")))]
    if place.endswith("/"):
        inside = [(place + name, node.stat(place + name)) for name in node.list(place.rstrip("/"))[:_FILES]]
        seen = inside + [each for each in seen if not any(abs(told["mtime"] - each[1]["mtime"]) <= _SAME for _path, told in inside)]
    for path, told in seen:
        found.add(told["mtime"], "%s%s" % (path, ": entries came, went or were renamed" if told["kind"] == "dir" else " was written"), "mtime")


def _services(node, found):
    arguments = ["-n", "300", "--since", "@%d" % (node.now - _DAYS * 86400), "_PID=1"]
    for name in _SERVICES:
        arguments += ["-u", name + ".service"]
    output = journalctl(node, "journal-services", arguments, 4.0)
    if output.rc and not output.out and output.err:
        raise Unavailable("journalctl", first_line(output.err))
    for when, how, unit in _STARTED.findall(output.out):
        found.add(float(when), "%s: %s" % (unit.partition(" - ")[0].rstrip("."), how.lower()), "journal")


def _units(node, found):
    """The last start of kubelet and runtime, unless it was systemd's own after a failure."""
    try:
        known = units.show(node)
    except Unavailable:  # kubelet_health says so
        return
    for names in (units.KUBELET, units.RUNTIME):
        name, unit = units.first(known, names)
        if name and unit.get("ActiveState") == "active" and not int(unit.get("NRestarts") or 0):
            found.add(systemd_show.epoch(unit.get("ActiveEnterTimestamp")), "%s was started" % name, "systemctl show " + name)


def check(node, window):
    """What was changed here in the last 14 days? -> CheckResult `changes`, without findings: a change is no failure.

    Facts: changes [{"time", "what", "source"}], the newest first, at most 200. `window` is of no matter: the onset may be long ago.
    """
    result, found = Result("changes"), _Found(node.now)
    for what, part in (("package history", _packages), ("installed kernels", _kernel), ("last boot", _boot), ("configuration files", _files),
                       ("restarts of services", _services), ("last start of kubelet and runtime", _units)):
        with result.part(what):
            part(node, found)
    result.facts["changes"] = found.newest()
    result.summary = "%d changes in %d days" % (len(result.facts["changes"]), _DAYS)
    return result.done(seen=bool(result.facts["changes"]))
