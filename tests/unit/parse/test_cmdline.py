# Copyright: kubetriage.node contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

import pytest

from ansible_collections.kubetriage.node.plugins.module_utils.parse import cmdline


@pytest.mark.parametrize("words, expected", [
    ("/usr/bin/kubelet\0--config=/var/lib/kubelet/config.yaml\0--node-labels=a=b,c=d\0", {"config": "/var/lib/kubelet/config.yaml",
     "node-labels": "a=b,c=d"}),
    ("/usr/bin/kubelet --v 2 -v=4 --fail-swap-on --root_dir /data", {"v": "4", "fail-swap-on": "true", "root-dir": "/data"}),
    (["/hyperkube", "kubelet", "--oom-score-adj", "-999", "--register-node"], {"oom-score-adj": "-999", "register-node": "true"}),
    (["k3s", "agent", "--server", "https://10.0.0.1:6443", "--", "--x=y"], {"server": "https://10.0.0.1:6443"}),
    ('kubelet --pod-infra-container-image="registry.k8s.io/pause:3.9" --hostname-override=\'\'',
     {"pod-infra-container-image": "registry.k8s.io/pause:3.9",
      "hostname-override": ""}),
    ("kubelet --a=1 --a=2 - stray", {"a": "2"}),
    ("", {}),
    ([], {}),
])
def test_flags(words, expected):
    assert cmdline.flags(words) == expected
