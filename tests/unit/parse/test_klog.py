# Copyright: kubetriage.node contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.kubetriage.node.plugins.module_utils.parse import klog, loglines

NIGHT = 1795399987.0  # 2026-11-23T02:13:07Z
NOW = NIGHT + 432

SAMPLES = [  # what, text, level, time, what .text must hold, fields
    ("kubelet 1.17, free text", "E1123 02:13:07.500000     812 kubelet.go:2263] node \"w2\" not found", "error", NIGHT + 0.5,
     'node "w2" not found', {}),
    ("kubelet 1.22, structured", 'E1123 02:13:07.000000     812 kubelet.go:2407] "Error getting node" err="node \\"w2\\" not found"',
     "error", NIGHT,
     'node "w2" not found', {"msg": "Error getting node", "err": 'node "w2" not found'}),
    ("kubelet 1.28, bare values", 'I1123 02:13:07.000000     812 x.go:1] "SyncLoop ADD" source="api" pods=["shop/a","shop/b"] n=3', "info",
     NIGHT, "SyncLoop ADD",
     {"msg": "SyncLoop ADD", "source": "api", "pods": "[", "n": "3"}),
    ("kubelet 1.30, swap table", 'E1123 02:13:07.000000     812 swap_util.go:54] "Swap is on" /proc/swaps contents=<\n\tFilename\tType\n'
     '\t/dev/sda3\tpartition\n >', "error",
     NIGHT, "/dev/sda3", {"msg": "Swap is on", "contents": "\tFilename\tType\n\t/dev/sda3\tpartition"}),
    ("kubelet, nested quotes", 'E1123 02:13:07.000000 812 a.go:1] "x" err="rpc error: desc = \\"a \\\\\\"b\\\\\\" c\\""', "error", NIGHT,
     'desc = "a "b" c"',
     {"msg": "x", "err": 'rpc error: desc = "a \\"b\\" c"'}),
    ("fatal", "F1123 02:13:07.000000     812 server.go:273] failed to run Kubelet: x", "fatal", NIGHT, "failed to run Kubelet: x", {}),
    ("containerd", 'time="2026-11-23T02:13:07.500000000Z" level=error msg="failed to load cni" error="cni config load failed: \\"x\\""',
     "error", NIGHT + 0.5,
     'cni config load failed: "x"', {"time": "2026-11-23T02:13:07.500000000Z", "level": "error", "msg": "failed to load cni",
                                     "error": 'cni config load failed: "x"'}),
    ("docker 18", "time=\"2026-11-23T02:13:07Z\" level=warning msg=stopped", "warning", NIGHT, "stopped",
     {"time": "2026-11-23T02:13:07Z", "level": "warning", "msg": "stopped"}),
    ("kubelet json", '{"ts":1795399987500,"caller":"kubelet.go:1","msg":"Error getting node","err":"node \\"w2\\" not found"}', "error",
     NIGHT + 0.5,
     'Error getting node err=node "w2" not found', {"ts": "1795399987500", "caller": "kubelet.go:1", "msg": "Error getting node",
                                                    "err": 'node "w2" not found'}),
    ("etcd zap", '{"level":"warn","ts":"2026-11-23T02:13:07Z","caller":"a.go:1","msg":"slow","took":1.5}', "warning", NIGHT,
     "slow took=1.5",
     {"level": "warn", "ts": "2026-11-23T02:13:07Z", "caller": "a.go:1", "msg": "slow", "took": "1.5"}),
    ("structured without header", '"command failed" err="x: \\"y\\""', None, None, 'x: "y"', {"msg": "command failed", "err": 'x: "y"'}),
    ("plain", "kubelet.service: Failed with result 'exit-code'.", None, None, "Failed with result", {}),
    ("cut in a value", 'E1123 02:13:07.000000 812 a.go:1] "x" err="node \\"w', "error", NIGHT, 'node "w', {"msg": "x", "err": 'node "w'}),
]


@pytest.mark.parametrize("text, level, time, holds, fields", [sample[1:] for sample in SAMPLES], ids=[sample[0] for sample in SAMPLES])
def test_message(text, level, time, holds, fields):
    message = klog.message(text, NOW)
    assert (message.level, message.time) == (level, time)
    assert holds in message.text
    assert message.fields == fields


def test_a_value_over_lines_is_joined():
    text = ('Nov 23 02:13:07 w2 kubelet[812]: E1123 02:13:07.000000     812 swap_util.go:54] "Swap is on" /proc/swaps contents=<\n'
            "Nov 23 02:13:07 w2 kubelet[812]:         Filename Type\n"
            "Nov 23 02:13:07 w2 kubelet[812]:  >\n"
            "Nov 23 02:13:07 w2 kubelet[812]: I1123 next\n")
    first, second = klog.joined(loglines.entries(text, NOW))
    assert klog.message(first.message).fields["contents"].split() == ["Filename", "Type"]
    assert second.message == "I1123 next"


def test_another_program_ends_a_value():
    entries = list(loglines.entries("Nov 23 02:13:07 w2 kubelet[812]: a=<\nNov 23 02:13:07 w2 kernel: b\n", NOW))
    assert list(klog.joined(entries)) == entries


@given(st.text() | st.lists(st.sampled_from(['"', "\\", "=", "<\n", "\n>", "E1123 02:13:07.1 8 a.go:1] ", 'time="', "level=", "{", "a",
                                             " ", "\\u12"]),
                            max_size=30).map("".join))
def test_any_text(text):
    message = klog.message(text, NOW)
    assert isinstance(message.text, str) and all(isinstance(value, str) for value in message.fields.values())
