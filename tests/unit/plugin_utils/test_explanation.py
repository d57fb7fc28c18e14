# Copyright: kubetriage.node contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

import pytest
from hypothesis import given, strategies as st

from ansible_collections.kubetriage.node.plugins.plugin_utils import explanation, log_message, present

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
    ("java (2 processes) held 13.0 of 16.0 GiB and asked for none (BestEffort); killed: kubelet", why(
        "memory.oom.kubelet", scope="node", culprit={"name": "java", "processes": 2, "bytes": 13 * GIB, "adj": 1000}, mem_total_bytes=16 * GIB,
        killed=[["kubelet", 1]])),
    ("java held 13.0 of 16.0 GiB, having asked for about 1.6 GiB; killed: nginx 3x, kubelet", why(
        "memory.oom.kubelet", scope="node", culprit={"name": "java", "bytes": 13 * GIB, "adj": 900}, mem_total_bytes=16 * GIB,
        killed=[["nginx", 3], ["kubelet", 1]], count=4)),
    ("java (by its oom_score_adj of pod shop/leaky (app)) held 13.0 of 16.0 GiB and has no memory limit (it requests 1 GiB)", why(
        "memory.oom.node", scope="node", culprit={"name": "java", "bytes": 13 * GIB, "adj": 900, "probable": dict(
            POD, limit_bytes=None, request_bytes=GIB, limit_known=True)}, mem_total_bytes=16 * GIB, killed=[["java", 1]], count=1)),
    ("node held 3 GiB; all pods together reached the limit of 14 GiB; killed: stress, 13 times", why(
        "memory.oom.allocatable", scope="allocatable", culprit={"name": "node", "bytes": 3 * GIB, "limit_bytes": 14 * GIB}, count=13,
        killed=[["stress", 13]])),
    ("kubelet was killed while it held 96 MiB", why("memory.oom.kubelet", victim={"comm": "kubelet", "rss_bytes": 96 << 20})),
    ("the line", why("memory.oom.node")),
    ("99 % of /var is used", why("disk.full", {"mount": "/var"}, used=0.999)),
    ("100 % of the inodes of /var are used", why("disk.inodes_full", {"mount": "/var"}, used=1.0)),
    ("path /var/lib/x", why("disk.full", {"path": "/var/lib/x"})),
    ("32700 of 32768 are in use; most by pod with UID 3f0c", why("pids.exhausted", {"pod_uid": "3f0c"}, used=32700, limit=32768)),
    ("pod shop/leaky (app) has 100 of 100 PIDs", why("pids.pod_limit", POD, used=100, limit=100)),
    ("unit kubelet.service: exit code 255", why("kubelet.failed", {"unit": "kubelet.service"}, exit_code=255, basis="state")),
    ("unit kubelet.service: the line, 12 times", why("kubelet.failed", {"unit": "kubelet.service"}, count=12, basis="log")),
    ("unknown flag: --nope", why("kubelet.bad_flag", {"flag": "--nope"}, "F0420 15:00:05.441196    3301 server.go:157] unknown flag: --nope", basis="log")),
    ("the line", why("cni.chains_flushed", basis="state")),
])
def test_why(expected, given):
    assert given == expected


@pytest.mark.parametrize("expected, line", [
    ("Unable to register node with API server: Unauthorized",
     'E0802 12:00:00.224249    2211 kubelet_node_status.go:93] "Unable to register node with API server" err="Unauthorized" node="n1"'),
    ('Failed to watch *v1.Node: failed to list *v1.Node: Get "https://172.20.4.5:6443/api/v1/nodes": remote error: tls: expired certificate',
     'E0211 01:00:00.224249     901 reflector.go:138] k8s.io/client-go/informers/factory.go:134: Failed to watch *v1.Node: failed to list *v1.Node: '
     'Get "https://172.20.4.5:6443/api/v1/nodes?fieldSelector=metadata.name%3Dn1&limit=500&resourceVersion=0": remote error: tls: expired certificate'),
    ('RunPodSandbox from runtime service failed: name "a_b_0" is reserved for "0123456789ab"',
     'E0227 15:00:45.1  2211 remote_runtime.go:222] "RunPodSandbox from runtime service failed" err="rpc error: code = Unknown desc = name \\"a_b_0\\" '
     'is reserved for \\"' + "0123456789ab" + "c" * 52 + '\\""'),
    ("failed to load plugin io.containerd.grpc.v1.cri: invalid plugin config: `mirrors` cannot be set",
     'time="2021-04-20T15:00:00.985717841Z" level=warning msg="failed to load plugin io.containerd.grpc.v1.cri" error="invalid plugin config: `mirrors` '
     'cannot be set"'),
    ("apply request took too long: context canceled",
     '{"level":"warn","ts":"2023-05-15T03:00:28.118Z","caller":"etcdserver/util.go:166","msg":"apply request took too long","took":"3s","error":"context '
     'canceled"}'),
    ("nfs: server 10.11.0.20 not responding, still trying", "nfs: server 10.11.0.20 not responding, still trying"),
    ("Container runtime network not ready: NetworkReady=false reason:NetworkPluginNotReady",
     'E1205 09:00:15.1    2211 kubelet.go:2373] "Container runtime network not ready" networkReady="NetworkReady=false reason:NetworkPluginNotReady"'),
    ("a" * 90 + " ... " + "b" * 110, "a" * 200 + "b" * 200),
    ("", ""),
    ('"', '"'),
])
def test_the_core_of_a_line(expected, line):
    assert log_message.core(line) == expected


@given(st.text())
def test_any_line_has_a_core(line):
    assert len(log_message.core(line)) <= 205


ANY = st.recursive(st.none() | st.booleans() | st.integers(-10, 1 << 40) | st.text(max_size=5), lambda inner: st.lists(inner, max_size=3) | st.dictionaries(
    st.sampled_from(["bytes", "name", "comm", "processes", "limit_bytes", "pod", "probable", "adj", "rss_bytes"]), inner, max_size=4), max_leaves=8)


@given(st.sampled_from(["memory.oom.node", "disk.full", "pids.exhausted", "host.hung", "runtime.hung"]), st.dictionaries(st.sampled_from(
    ["scope", "killed", "culprit", "victim", "count", "used", "limit", "why", "mem_total_bytes"]), ANY))
def test_whatever_a_node_says_of_a_finding_there_is_a_sentence(name, data):
    assert isinstance(why(name, **data), str)
