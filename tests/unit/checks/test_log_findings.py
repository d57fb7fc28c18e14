# Copyright: kubetriage.node contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the signatures find in a log becomes findings, whatever stands before it."""

from ansible_collections.kubetriage.node.plugins.module_utils.checks import log_findings
from ansible_collections.kubetriage.node.plugins.module_utils.node.bundle import Bundle
from ansible_collections.kubetriage.node.plugins.module_utils.result import Result

LINE = "2026-11-23T02:13:07+0000 w1 kernel: nf_conntrack: table full, dropping packet\n"


def found(text):
    result = Result("kernel_health")
    log_findings.add(result, Bundle("w1", 1795399987.0, {}), text, ("kernel",), "kernel")
    return result.findings


def test_a_log_that_begins_with_much_that_has_no_time():
    (finding,) = found("a line without a time\n" * 1000 + LINE * 3)
    assert finding["id"] == "limits.conntrack" and finding["since"] == "2026-11-23T02:13:07Z" and "from_start" not in finding["data"]


def test_what_is_there_when_the_log_begins_may_be_older():
    (finding,) = found(LINE * 3)
    assert finding["data"]["from_start"] is True
