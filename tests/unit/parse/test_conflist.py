# Copyright: kubetriage.node contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.kubetriage.node.plugins.module_utils.parse import conflist

FLANNEL = """{"name": "cbr0", "cniVersion": "0.3.1", "plugins": [
  {"type": "flannel", "subnetFile": "/run/flannel/subnet.env", "delegate": {"hairpinMode": true}},
  {"type": "portmap", "capabilities": {"portMappings": true}}]}"""
CALICO = """{"name": "k8s-pod-network", "cniVersion": "0.3.1", "plugins": [
  {"type": "calico", "ipam": {"type": "calico-ipam"}, "nodename_file_optional": false,
   "kubernetes": {"kubeconfig": "/etc/cni/net.d/calico-kubeconfig"}},
  {"type": "bandwidth", "capabilities": {"bandwidth": true}}]}"""
MULTUS = """{"cniVersion": "0.3.1", "name": "multus-cni-network", "type": "multus",
  "kubeconfig": "/etc/cni/net.d/multus.d/multus.kubeconfig",
  "delegates": [{"name": "x", "plugins": [{"type": "cilium-cni"}]}, {"type": "macvlan", "ipam": {"type": "whereabouts"}}]}"""
BRIDGE = '''{"cniVersion": "1.0.0", "name": "mynet", "type": "bridge",
  "ipam": {"type": "host-local", "dataDir": "/var/lib/cni/x", "ranges": []}}'''


@pytest.mark.parametrize("text, name, plugins, ipam, files", [
    (FLANNEL, "cbr0", ["flannel", "portmap"], [], {"subnetFile": "/run/flannel/subnet.env"}),
    (CALICO, "k8s-pod-network", ["calico", "bandwidth"], ["calico-ipam"], {"kubeconfig": "/etc/cni/net.d/calico-kubeconfig"}),
    (MULTUS, "multus-cni-network", ["multus", "cilium-cni", "macvlan"], ["whereabouts"],
     {"kubeconfig": "/etc/cni/net.d/multus.d/multus.kubeconfig"}),
    (BRIDGE, "mynet", ["bridge"], ["host-local"], {"dataDir": "/var/lib/cni/x"}),
])
def test_good(text, name, plugins, ipam, files):
    found = conflist.conflist(text)
    assert (found["name"], found["plugins"], found["ipam"], found["files"], found["errors"]) == (name, plugins, ipam, files, [])


@pytest.mark.parametrize("text, error", [
    ("", "the file is empty"), (FLANNEL[:90], "no JSON"), ("[]", "no JSON object"), ('{"name": "x"}', "no 'plugins' key"),
    ('{"plugins": [{"type": "a"}]}', "missing 'name'"),
    ('{"name": "x", "plugins": []}', "no plugins in list"), ('{"name": "x", "plugins": {}}', "'plugins' is no list"),
    ('{"name": "x", "plugins": [{"mtu": 1}]}', "plugin without 'type'"), ('{"name": "x", "plugins": [null, 1]}', "plugin without 'type'"),
    ("[" * 100000, ""),
])
def test_bad(text, error):
    assert error in conflist.conflist(text)["errors"][0]


_json = st.recursive(st.none() | st.integers() | st.text(max_size=5), lambda part: st.lists(part, max_size=3) | st.dictionaries(
    st.sampled_from(["name", "plugins", "type", "ipam", "delegates", "kubernetes", "kubeconfig"]), part, max_size=5), max_leaves=12)


@given(_json)
def test_any_json(value):
    import json
    conflist.conflist(json.dumps(value))
