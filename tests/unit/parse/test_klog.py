# Copyright: kubetriage.node contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.kubetriage.node.plugins.module_utils.parse import klog, loglines

NIGHT = 1795399987.0  # 2026-11-23T02:13:07Z
NOW = NIGHT + 432


@pytest.mark.parametrize("text, expected", [
    ("E1123 02:13:07.500000     812 kubelet.go:2263] node \"w2\" not found", (NIGHT + 0.5, "klog")),
    ('E1123 02:13:07.000000     812 kubelet.go:2407] "Error getting node" err="node \\"w2\\" not found"', (NIGHT, "klog")),
    ("F1231 23:59:59.000000   812 server.go:273] failed to run Kubelet: x", (1798761599.0, "klog")),
    ('time="2026-11-23T02:13:07.500000000Z" level=error msg="failed to load cni"', (NIGHT + 0.5, "utc")),
    ('time="2026-11-23T03:13:07+01:00" level=warning msg=stopped', (NIGHT, "utc")),
    ("time=2026-11-23T02:13:07 level=warning msg=stopped", (NIGHT, "klog")),
    ('{"ts":1795399987500,"caller":"kubelet.go:1","msg":"Error getting node"}', (NIGHT + 0.5, "utc")),
    ('{"level":"warn","ts":"2026-11-23T02:13:07Z","caller":"a.go:1","msg":"slow","took":1.5}', (NIGHT, "utc")),
    ('"command failed" err="x: \\"y\\""', None),
    ("kubelet.service: Failed with result 'exit-code'.", None),
])
def test_stamp(text, expected):
    assert klog.stamp(text, NOW) == expected


def joined(text):
    return [entry.message for entry in klog.joined(loglines.entries(text, NOW))]


def test_a_value_over_lines_is_joined():
    text = ('Nov 23 02:13:07 w2 kubelet[812]: E1123 02:13:07.000000     812 swap_util.go:54] "Swap is on" /proc/swaps contents=<\n'
            "Nov 23 02:13:07 w2 kubelet[812]:         Filename Type\n"
            "Nov 23 02:13:07 w2 kubelet[812]:  >\n"
            "Nov 23 02:13:07 w2 kubelet[812]: I1123 next\n")
    first, second = joined(text)
    assert first.endswith('"Swap is on" /proc/swaps contents=< Filename Type >') and second == "I1123 next"


def test_what_follows_a_value_belongs_to_the_message():
    text = 'E1123 02:13:07.000000     812 a.go:1] "x" err=<\n\trpc error: a\n\tb\n > pod="shop/db-0"\nE1123 02:13:08.000000     812 a.go:1] y\n'
    assert joined(text) == ['E1123 02:13:07.000000     812 a.go:1] "x" err=< rpc error: a b > pod="shop/db-0"', "E1123 02:13:08.000000     812 a.go:1] y"]


@pytest.mark.parametrize("other", ["Nov 23 02:13:07 w2 kernel: b\n", "Nov 23 02:13:07 w2 kubelet[812]: E1123 02:13:07.000000     812 a.go:1] cut\n"])
def test_another_program_or_message_ends_a_value(other):
    assert len(joined("Nov 23 02:13:07 w2 kubelet[812]: a=<\n" + other)) == 2


@given(st.text() | st.lists(st.sampled_from(['"', "\\", "=", "=<\n", "\n>", "E1123 02:13:07.1 8 a.go:1] ", 'time="', "level=", "{", '"ts":', "1" * 20, "a",
                                             " ", "\\u12"]),
                            max_size=30).map("".join), st.floats(0, 4e9))
def test_any_text(text, near):
    found = klog.stamp(text, near)
    assert found is None or isinstance(found[0], float) and found[1] in ("utc", "klog")
    list(klog.joined(loglines.entries(text, near)))
