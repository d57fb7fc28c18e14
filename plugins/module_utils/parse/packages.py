# Copyright: kubetriage.node contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which packages came, went or changed, and when: dpkg's log, and rpm's answer to a query."""

import re

from . import timestamp

# dpkg.log: "2026-11-23 02:01:07 upgrade containerd.io:amd64 1.6.20-1 1.6.24-1", in the node's own time, which it does not name
_DPKG = re.compile(r"(\d{4}-\d\d-\d\d \d\d:\d\d:\d\d) (install|upgrade|remove|purge) (\S+) (\S+) (\S+)")
_RPM = re.compile(r"(\d{9,11}) (\S+) (\S+)")
RPM_QUERY = ["rpm", "-qa", "--qf", "%{INSTALLTIME} %{NAME} %{VERSION}-%{RELEASE}\\n"]
# What makes a node a node: named one by one, the rest is counted
_OF_THE_NODE = re.compile(
    r"(?:kube|k3s|rke2|containerd|docker|moby|cri-|crio|runc|crun|podman|cni|calico|flannel|cilium|linux-(?:image|modules)|kernel|systemd$|dbus$|libc6$|glibc$|"
    r"iptables|nftables|firewalld|ufw|openssl|ca-certificates|openssh-server|network-?manager|netplan|ifupdown|cloud-init|nvidia|multipath|"
    r"iscsi|nfs-(?:common|utils)|lvm2|chrony|ntp|selinux|apparmor|microcode|firmware|udev$)", re.IGNORECASE)
_TOGETHER = 600  # seconds between two steps of one upgrade
_NAMES = 5
_ZONES = 14 * 3600  # seconds that a zone is away from UTC, at most


def dpkg(text, written):
    """Text of dpkg.log, and when the file was written to last (epoch) -> [(epoch, package, what happened)], oldest first.

    A file is written to when its last line is: the difference is the node's zone, a multiple of a quarter of an hour.
    """
    stamps = re.findall(r"(?m)^(\d{4}-\d\d-\d\d \d\d:\d\d:\d\d) ", text)
    last = timestamp.epoch(stamps[-1] + " UTC") if stamps else None
    if last is None:
        return []
    zone = round((written - last) / 900.0) * 900
    zone = zone if abs(zone) <= _ZONES else 0  # a copy, with a time of its own
    found = []
    for stamp, action, package, old, new in _DPKG.findall(text):
        when = timestamp.epoch(stamp + " UTC")
        if when is not None:
            found.append((when + zone, package.partition(":")[0], _happened(action, old, new)))
    return found


def _happened(action, old, new):
    if action in ("remove", "purge"):
        return "%s removed" % old
    return "%s installed" % new if old == "<none>" else "%s -> %s" % (old, new)


def rpm(text):
    """Answer to RPM_QUERY -> as dpkg(); what was removed is not known to it."""
    return sorted((int(when), name, "%s installed" % version) for when, name, version in _RPM.findall(text))


def changes(steps):
    """[(epoch, package, what happened)] -> [(epoch, sentence)]: what makes a node a node by name, the rest of one upgrade together."""
    told, rest, last = {}, [], None
    for when, package, happened in steps:
        if _OF_THE_NODE.match(package):
            told["package %s %s" % (package, happened)] = when  # of several lines that say the same (remove, then purge) the last
        elif last is not None and when - last <= _TOGETHER:
            rest[-1][1].append(package)
            last = when
        else:
            rest.append((when, [package]))
            last = when
    return sorted([(when, text) for text, when in told.items()] + [(when, _counted(names)) for when, names in rest])


def _counted(packages):
    names = sorted(set(packages))
    return "%d other package%s changed: %s%s" % (len(names), "s" if len(names) > 1 else "", ", ".join(names[:_NAMES]),
                                                 " ..." if len(names) > _NAMES else "")
