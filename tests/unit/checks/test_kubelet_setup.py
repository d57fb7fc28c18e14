# Copyright: kubetriage.node contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a kubelet's unit, files and cgroups say of how it is set up: on kubeadm's nodes, on distributions', and before a node has joined."""

import json

import pytest
from ansible_collections.kubetriage.node.plugins.module_utils.checks import kubelet_setup, named
from ansible_collections.kubetriage.node.plugins.module_utils.node.bundle import Bundle

NOW = 1795467624.0
CONFIG, KUBECONFIG = "files/var/lib/kubelet/config.yaml", "files/etc/kubernetes/kubelet.conf"
MISSING = {"error": "unavailable", "what": "", "why": "no such file or directory"}


def node(unit="kubelet.service", active="active", files=(), paths=None):
    """A bundle with one unit, those files ({path: text}) and what was said of other paths; whatever else is asked for is not there."""
    show = "Id=%s\nLoadState=loaded\nActiveState=%s\nSubState=%s\nMainPID=0\n" % (unit, active, "auto-restart" if active == "activating" else "running")
    contents = {"commands/systemctl-show/argv.json": "[]", "commands/systemctl-show/rc": "0", "commands/systemctl-show/stdout": show,
                "commands/systemctl-show/stderr": ""}
    contents.update({"files" + path: text for path, text in dict(files).items()})
    contents["paths.json"] = json.dumps(paths or {})
    return Bundle("w1", NOW, contents)


def client(server):
    return ("apiVersion: v1\nkind: Config\nclusters:\n- name: c\n  cluster:\n    server: %s\nusers:\n- name: u\n  user:\n    client-certificate: /x.crt\n"
            "contexts:\n- name: k\n  context:\n    cluster: c\n    user: u\ncurrent-context: k\n" % server)


@pytest.mark.parametrize("unit, kubeconfig, endpoint", [
    ("kubelet.service", "/etc/kubernetes/kubelet.conf", "unix:///run/containerd/containerd.sock"),
    ("k3s.service", "/var/lib/rancher/k3s/agent/kubelet.kubeconfig", "unix:///run/k3s/containerd/containerd.sock"),
    ("k3s-agent.service", "/var/lib/rancher/k3s/agent/kubelet.kubeconfig", "unix:///run/k3s/containerd/containerd.sock"),
    ("rke2-agent.service", "/var/lib/rancher/rke2/agent/kubelet.kubeconfig", "unix:///run/k3s/containerd/containerd.sock"),
    ("k0sworker.service", "/var/lib/k0s/kubelet.conf", "unix:///run/k0s/containerd.sock"),
    ("snap.microk8s.daemon-kubelite.service", "/var/snap/microk8s/current/credentials/kubelet.config",
     "unix:///var/snap/microk8s/common/run/containerd.sock"),
])
def test_where_distributions_keep_it(unit, kubeconfig, endpoint):
    setup = kubelet_setup.setup(node(unit, files={kubeconfig: client("https://10.0.0.1:6443")}))
    assert setup["unit"] == unit and setup["joined"]
    assert setup["kubeconfig_path"] == kubeconfig and setup["client"]["server"] == "https://10.0.0.1:6443"
    assert setup["endpoint"] == endpoint


def absent(*paths):
    return {path: {"read": dict(MISSING, what=path)} for path in paths}


def test_a_host_that_has_not_joined_loops_and_that_is_normal():
    result = named("kubelet_health")(node(active="activating", paths=absent("/var/lib/kubelet/config.yaml", "/etc/kubernetes/kubelet.conf")), 3600)
    assert {found["id"]: found["severity"] for found in result["findings"]} == {"kubelet.crash_loop": "info"}
    assert result["status"] == "ok" and "has not joined" in result["summary"]


def test_a_node_that_lost_its_configuration_is_broken():
    lost = node(active="activating", files={"/etc/kubernetes/kubelet.conf": client("https://10.0.0.1:6443")}, paths=absent("/var/lib/kubelet/config.yaml"))
    result = named("kubelet_health")(lost, 3600)
    assert {found["id"]: found["severity"] for found in result["findings"]} == {"kubelet.crash_loop": "critical"}


@pytest.mark.parametrize("folder", ["/sys/fs/cgroup/system.slice/containerd.service", "/sys/fs/cgroup/memory/system.slice/containerd.service"])
def test_pods_below_the_runtimes_own_cgroup(folder):
    names = ["cgroup.procs", "kubepods-burstable-pod3f0c6f1e_0000_4000_8000_000000000000.slice:cri-containerd:0a1b2c3d"]
    result = named("kubelet_health")(node(paths={folder: {"list": names}}), 3600)
    found = [found for found in result["findings"] if found["id"] == "kubelet.cgroup_driver_mismatch"]
    assert [(each["severity"], each["evidence"][0]["text"]) for each in found] == [("warning", names[1])]
    clean = named("kubelet_health")(node(paths={folder: {"list": ["cgroup.procs", "init.scope"]}}), 3600)
    assert not [found for found in clean["findings"] if found["id"] == "kubelet.cgroup_driver_mismatch"]


@pytest.mark.parametrize("kind, endpoint", [("socket", "unix:///run/dockershim.sock"), ("file", "unix:///run/containerd/containerd.sock")])
def test_a_kubelet_before_1_24_without_an_endpoint_serves_docker(kind, endpoint):
    given = node(paths={"/run/dockershim.sock": {"stat": {"kind": kind}}})
    assert kubelet_setup.setup(given)["endpoint"] == endpoint
