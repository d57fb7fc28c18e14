# Copyright: kubetriage.node contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What people paste -> the lines that the program printed."""

import json
import struct

import pytest

from ansible_collections.kubetriage.node.plugins.module_utils.parse import loglines
from ansible_collections.kubetriage.node.plugins.plugin_utils import pasted

LINE = "Nov 23 02:13:07 w2 kubelet[812]: text"
KERNEL = "[ 5541.000000] Out of memory"


@pytest.mark.parametrize("line, said", [
    (line, said) for said in (LINE, KERNEL, "2026-11-23T02:13:07+0000 w2 systemd[1]: x", "[Mon Nov 23 02:13:07 2026] x", "6月 05 10:11:12 w2 kernel: x",
                              "E1123 02:13:07.100000     812 a.go:1] x", 'time="2026-11-23T02:13:07Z" level=info', '{"MESSAGE":"x"}')
    for line in (said, "    " + said, "\t" + said, "> " + said, "- " + said, "* " + said, "12:" + said, "`" + said + "`", "kubelet.log.5.gz:" + said,
                 "/var/log/messages-20261122:" + said, "w2: " + said, "messages:17:" + said, "**" + said)
])
def test_what_stands_before_a_line_is_taken_off(line, said):
    assert list(pasted.lines(line)) == [said]


@pytest.mark.parametrize("line", [
    "root@w2:~# journalctl -u kubelet | grep 'PLEG is not healthy'", "[core@w2 ~]$ dmesg -T | grep -i oom", "$ kubectl describe node w2",
    "# crictl ps -a", "bash-4.2# df -h", "ip-10-0-71-28 ~ # df -h /", "w2:~ $ ls", "PS C:\\Users\\me> kubectl get nodes", "user@host:/var/log$ cat messages"])
def test_a_command_is_no_line_of_a_log(line):
    assert list(pasted.lines(line)) == [""]


@pytest.mark.parametrize("line", [LINE, KERNEL, "Out of memory: Killed process 812 (kubelet)",
                                  "[  812]     0   812   468350    24576      61        0  -999 kubelet",
                                  "  >", "-- Reboot --", "\tFilename\tType\tSize", "10.5.0.3: kern: err: [2026-11-23T02:13:07.5Z]: x",
                                  "<30>1 2026-11-23T02:13:07Z w2 kubelet 812 - - x", "cache:0KB rss:100%",
                                  "2. 40% of the nodes say `x`", "99.9% idle"])
def test_what_a_program_prints_stays(line):
    assert list(pasted.lines(line)) == [line]


def test_a_pagers_mark_is_taken_off():
    cut = [LINE.ljust(79, "x") + ">", KERNEL.ljust(79, "y") + ">"]
    assert list(pasted.lines("\n".join(cut + [LINE]))) == [cut[0][:-1], cut[1][:-1], LINE]
    assert list(pasted.lines(LINE + " <unset>")) == [LINE + " <unset>"]


def test_what_a_terminal_has_wrapped_is_one_line():
    one, two = LINE + " " + "a b c " * 30, LINE + " " + "d e " * 15
    text = "\n".join(line[at:at + 80] for line in (one, two, LINE, one) for at in range(0, len(line), 80))
    assert list(pasted.lines(text)) == [one, two, LINE, one]


def test_a_long_line_above_another_paste_is_not_wrapped():
    text = LINE + "x" * 80 + "\nkubelet.service: Failed\n"
    assert list(pasted.lines(text))[:2] == text.split("\n")[:2]


def test_nul_bytes_of_a_power_loss():
    assert list(pasted.lines("\0" * 4000 + LINE)) == [LINE]


FIELDS = {"__REALTIME_TIMESTAMP": "1795399987100000", "SYSLOG_IDENTIFIER": "kubelet", "_PID": "812", "MESSAGE": "one"}
TWO = dict(FIELDS, MESSAGE="one\ntwo")


def exported(fields):
    message = fields["MESSAGE"]
    plain = "".join("%s=%s\n" % item for item in fields.items() if item[0] != "MESSAGE")
    return "__CURSOR=s=1\n" + plain + ("MESSAGE=%s\n\n" % message if "\n" not in message else
                                       "MESSAGE\n%s%s\n\n" % (struct.pack("<Q", len(message)).decode(), message))


def verbose(fields):
    lines = ["    %s=%s" % (key, value.replace("\n", "\n            ")) for key, value in fields.items() if not key.startswith("__")]
    return "Mon 2026-11-23 02:13:07.100000 UTC [s=9f;i=1;b=5b;m=2f;t=%x;x=1]\n%s\n" % (int(fields["__REALTIME_TIMESTAMP"]), "\n".join(lines))


@pytest.mark.parametrize("form", [exported, verbose, lambda fields: json.dumps(fields, indent="\t") + "\n", lambda fields: json.dumps(fields) + "\n"],
                         ids=["export", "verbose", "json-pretty", "json"])
def test_a_journal_whose_entries_stand_on_many_lines(form):
    text = form(FIELDS) + form(TWO) + form(FIELDS)
    seen = [tuple(entry[:4]) for entry in loglines.entries(pasted.lines(text))]
    assert seen == [(1795399987.1, "kubelet", 812, word) for word in ("one", "one", "two", "one")]


def test_other_json_stays():
    text = json.dumps({"kind": "Node", "metadata": {"name": "w2"}}, indent=2)
    assert list(pasted.lines(text)) == text.split("\n")


@pytest.mark.parametrize("data", [LINE.encode("utf-16"), LINE.encode("utf-16-le") * 3, b"\xef\xbb\xbf" + LINE.encode() + b"\r\n",
                                  b"\x1b[0;1;31m" + LINE.encode() + b"\x1b[0m", b"ESC[31m" + LINE.encode() + b"^[[0m"])
def test_bytes_of_any_editor(data):
    assert pasted.text_of(data).startswith(LINE)


def test_an_issue():
    text = "**What happened**:\n```shell\n> Name:   w2\n> Conditions:\n```\n\n    Events:\n      Type  Reason\n<details>\n&nbsp;x &lt;none&gt;"
    assert pasted.unquoted(text) == "**What happened**:\n\nName:   w2\nConditions:\n\n\nEvents:\n  Type  Reason\n\n\xa0x <none>"
