# Copyright: kubetriage.node contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

import pytest

from ansible_collections.kubetriage.node.plugins.plugin_utils import explanation, present

GIB = 1 << 30
POD = {"pod": "leaky", "namespace": "shop", "container": "app"}


def why(name, subject=None, text="the line", **data):
    finding = {"id": name, "severity": "critical", "subject": subject or {}, "data": data,
               "evidence": [{"source": "kernel", "time": None, "text": text}]}
    return explanation.why(present.entries([{"check": "a", "findings": [finding]}], {})[name])


@pytest.mark.parametrize("expected, given", [
    ("pod shop/leaky (app) held 13.0 of 16.0 GiB and has no memory limit", why(
        "memory.oom.node", culprit=dict(POD, bytes=13 * GIB, limit_bytes=None, limit_known=True), mem_total_bytes=16 * GIB)),
    ("pod shop/leaky (app) held 13.0 of 16.0 GiB", why(
        "memory.oom.node", culprit=dict(POD, bytes=13 * GIB, limit_bytes=None), mem_total_bytes=16 * GIB)),
    ("pod shop/leaky (app) held 13.0 of 16.0 GiB (its limit is 14 GiB), 3 times", why(
        "memory.oom.node", culprit=dict(POD, bytes=13 * GIB, limit_bytes=14 * GIB), mem_total_bytes=16 * GIB, count=3)),
    ("pod shop/leaky (app) held 127.5 MiB and reached its limit of 128 MiB", why(
        "memory.oom.container", scope="container", culprit=dict(POD, bytes=int(127.5 * (1 << 20)), limit_bytes=128 << 20))),
    ("pod with UID 3f0c held 2 GiB", why("memory.oom.node", culprit={"pod_uid": "3f0c", "bytes": 2 * GIB})),
    ("mysqld held 2 GiB", why("memory.oom.node", culprit={"name": "mysqld", "bytes": 2 * GIB})),
    ("kubelet was killed while it held 96 MiB", why("memory.oom.kubelet", victim={"comm": "kubelet", "rss_bytes": 96 << 20})),
    ("the line", why("memory.oom.node")),
    ("99 % of /var is used", why("disk.full", {"mount": "/var"}, used=0.999)),
    ("100 % of the inodes of /var are used", why("disk.inodes_full", {"mount": "/var"}, used=1.0)),
    ("path /var/lib/x", why("disk.full", {"path": "/var/lib/x"})),
    ("32700 of 32768 are in use; most by pod with UID 3f0c", why("pids.exhausted", {"pod_uid": "3f0c"}, used=32700, limit=32768)),
    ("pod shop/leaky (app) has 100 of 100 PIDs", why("pids.pod_limit", POD, used=100, limit=100)),
    ("unit kubelet.service: exit code 255, 12 lines", why("kubelet.failed", {"unit": "kubelet.service"}, exit_code=255, count=12, basis="log")),
    ("the line", why("cni.chains_flushed", basis="state")),
])
def test_why(expected, given):
    assert given == expected
