# Copyright: kubetriage.node contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The systemd units that make this a node, and their journal: asked once, shared by the checks."""

from ..node import Unavailable, first_line
from ..parse import systemd_show
from .journal import journalctl
from .once import once_per_node

# Where a kubelet lives: kubeadm and clouds, k3s, rke2, k0s, microk8s (older ones last), EKS Anywhere snaps, OpenShift 3.
KUBELET = ("kubelet.service", "k3s.service", "k3s-agent.service", "rke2-server.service", "rke2-agent.service",
           "k0sworker.service", "k0scontroller.service", "snap.microk8s.daemon-kubelite.service", "snap.microk8s.daemon-kubelet.service",
           "snap.kubelet-eks.daemon.service", "origin-node.service", "atomic-openshift-node.service")
RUNTIME = ("containerd.service", "crio.service", "docker.service", "cri-docker.service", "snap.microk8s.daemon-containerd.service")
BESIDE = ("kube-proxy.service", "firewalld.service", "nftables.service", "iptables.service")
_PROPERTIES = ("Id,LoadState,ActiveState,SubState,Result,Restart,NRestarts,ExecMainCode,ExecMainStatus,MainPID,ExecStart,Environment,EnvironmentFiles,"
               "ActiveEnterTimestamp,InactiveEnterTimestamp,StateChangeTimestamp,FragmentPath,DropInPaths,Requires,BindsTo,ControlGroup")
_FOLDERS = ("/etc/systemd/system", "/run/systemd/system", "/usr/lib/systemd/system", "/lib/systemd/system")
_MARGIN = 600  # seconds read before a unit's end, for what led to it


def _installed(node):
    """Those of our units that have a file: systemd looks long for one that has none. All of them if the folders cannot be listed."""
    names = set()
    for folder in _FOLDERS:
        try:
            names.update(node.list(folder))
        except Unavailable:
            continue
    return [unit for unit in KUBELET + RUNTIME + BESIDE if unit in names] or list(KUBELET + RUNTIME + BESIDE)


@once_per_node
def show(node):
    """-> {unit: {property: value}} of the units that exist here. Raises Unavailable (no systemd, or it does not answer)."""
    output = node.run("systemctl-show", ["systemctl", "show", "--no-pager", "-p", _PROPERTIES] + _installed(node))
    units = systemd_show.units(output.out)
    if not units:
        raise Unavailable("systemctl show", first_line(output.err) or "no unit in the answer")
    return {name: unit for name, unit in units.items() if unit.get("LoadState") == "loaded"}


def first(units, names):
    """The unit of `names` that is in use: a running one before a dead one, then in the order of `names`. -> (name, properties) or (None, {})"""
    present = [name for name in names if name in units]
    running = [name for name in present if units[name].get("ActiveState") in ("active", "activating", "reloading")]
    name = (running or present or [None])[0]
    return name, units.get(name, {})


def stopped_at(unit):
    """Epoch at which a unit that is not active ended, else None."""
    if unit.get("ActiveState") in ("inactive", "failed"):
        return systemd_show.epoch(unit.get("InactiveEnterTimestamp") or unit.get("StateChangeTimestamp"))
    return None


def journal_since(node, window):
    """Epoch from which on the journal counts: back `window` seconds, and further if the kubelet or the runtime ended before that: the lines that
    count were printed then."""
    try:
        units = show(node)
    except Unavailable:  # systemd does not answer, or somebody kept the journal only: all of it is read
        units = {}
    ends = [stopped_at(first(units, names)[1]) for names in (KUBELET, RUNTIME)]
    return int(min([node.now - window] + [end - _MARGIN for end in ends if end]))


def _journal(node, window):
    try:
        units = show(node)
    except Unavailable:
        units = {}
    arguments = ["-n", "20000", "--since", "@%d" % journal_since(node, window)]
    for name in sorted(units):
        arguments += ["-u", name]
    return journalctl(node, "journal", arguments, 8.0)


def journal(node, window):
    """Journal text of these units and of systemd about them, oldest first. Raises Unavailable."""
    output = _journal(node, window)
    if not output.out and (output.rc or output.err):
        raise Unavailable("journalctl", first_line(output.err) or "ended with %d" % output.rc)
    return output.out


def journal_gap(node, window):
    """Why journal() is not all of it, or None: journalctl passes over a damaged file with a word on standard error and exit 0."""
    said = _journal(node, window).err
    return first_line(said) if "ignoring" in said else None
