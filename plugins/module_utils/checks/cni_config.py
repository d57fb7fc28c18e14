# Copyright: kubetriage.node contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Where the runtime looks for its CNI configuration and plugins, and which file it uses."""

import re

from ..node import Missing, Unavailable

_CONF_DIRS = ["/etc/cni/net.d", "/var/lib/rancher/k3s/agent/etc/cni/net.d", "/var/snap/microk8s/current/args/cni-network"]
_BIN_DIRS = ["/opt/cni/bin", "/usr/lib/cni", "/usr/libexec/cni", "/var/lib/rancher/k3s/data/current/bin", "/var/snap/microk8s/current/opt/cni/bin"]
_CONTAINERD = r'(?m)^\s*(conf|bin)_dirs?\s*=\s*\[?\s*["\']([^"\']+)'
_CRIO = r'(?m)^\s*(network|plugin)_dirs?\s*=\s*\[?\s*["\']([^"\']+)'


def directories(node, setup):
    """-> ([configuration directory], [binary directory]), as the runtime is told, then the usual places."""
    conf, binaries = [], []
    for path, pattern in (("/etc/containerd/config.toml", _CONTAINERD), ("/var/lib/rancher/k3s/agent/etc/containerd/config.toml", _CONTAINERD),
                          ("/etc/crio/crio.conf", _CRIO)):
        try:
            for kind, folder in re.findall(pattern, node.read(path)):
                (conf if kind in ("conf", "network") else binaries).append(folder.rstrip("/"))
        except Unavailable:
            continue
    if "crio" in setup["endpoint"]:  # OpenShift's places
        conf, binaries = conf + ["/etc/kubernetes/cni/net.d"], binaries + ["/var/lib/cni/bin"]
    flags = setup["flags"]
    conf += [flags["cni-conf-dir"]] if flags.get("cni-conf-dir") else []
    binaries += [flags["cni-bin-dir"]] if flags.get("cni-bin-dir") else []
    return conf + _CONF_DIRS, binaries + _BIN_DIRS


def in_use(node, folders):
    """-> (path of the first file in lexical order, which is the one used (libcni conf.go), or None; [names of the others];
    [(folder, its content in words)] of those looked at before). Raises Unavailable when the first folder cannot be looked at."""
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
            return folder + "/" + files[0], files[1:], listed
        listed.append((folder, "no such directory" if names is None else ", ".join(names) or "empty"))
    return None, [], listed
