# Copyright: kubetriage.node contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.kubetriage.node.plugins.module_utils.parse import loglines

NIGHT = 1795399987.0  # 2026-11-23T02:13:07Z
NOW = NIGHT + 432
BOOT = NIGHT - 5541.0

KILL = "Out of memory: Killed process 812 (kubelet) total-vm:1873400kB"
SAMPLES = [  # what, line, (time, ident, pid, message)
    ("journalctl short", "Nov 23 02:13:07 w2 kubelet[812]: I1123 02:13:07.1 text", (NIGHT, "kubelet", 812, "I1123 02:13:07.1 text")),
    ("journalctl short, kernel", "Nov 23 02:13:07 w2 kernel: " + KILL, (NIGHT, "kernel", None, KILL)),
    ("journalctl --no-hostname", "Nov 23 02:13:07 kernel: " + KILL, (NIGHT, "kernel", None, KILL)),
    ("journalctl, Dutch", "nov 23 02:13:07 w2 systemd[1]: kubelet.service: Failed", (NIGHT, "systemd", 1, "kubelet.service: Failed")),
    ("journalctl, French", "nov. 23 02:13:07 w2 systemd[1]: x", (NIGHT, "systemd", 1, "x")),
    ("journalctl, Japanese", "11月 23 02:13:07 w2 kernel: x", (NIGHT, "kernel", None, "x")),
    ("journalctl, Chinese, padded", " 1月 23 02:13:07 w2 kernel: x", (NIGHT - 304 * 86400, "kernel", None, "x")),
    ("journalctl short-precise", "Nov 23 02:13:07.123456 w2 containerd[700]: time=x", (NIGHT + 0.123456, "containerd", 700, "time=x")),
    ("journalctl short-iso, systemd 219", "2026-11-23T02:13:07+0000 w2 systemd[1]: x", (NIGHT, "systemd", 1, "x")),
    ("journalctl short-iso, systemd 252", "2026-11-23T03:13:07+01:00 w2 systemd[1]: x", (NIGHT, "systemd", 1, "x")),
    ("journalctl short-iso-precise", "2026-11-23T02:13:07.500000+00:00 w2 k3s-agent[9]: x", (NIGHT + 0.5, "k3s-agent", 9, "x")),
    ("journalctl short-full", "Mon 2026-11-23 02:13:07 UTC w2 kubelet[812]: x", (NIGHT, "kubelet", 812, "x")),
    ("journalctl short-full, CET, German", "Mo 2026-11-23 03:13:07 CET w2 kubelet[812]: x", (NIGHT, "kubelet", 812, "x")),
    ("journalctl with-unit", "Mon 2026-11-23 02:13:07 UTC w2 kubelet.service[812]: x", (NIGHT, "kubelet", 812, "x")),
    ("journalctl short-delta", "[ 5541.000000 <    0.000011 >] w2 kubelet[812]: x", (NIGHT, "kubelet", 812, "x")),
    ("journalctl short-unix", "1795399987.123456 w2 microk8s.daemon-kubelite[77]: x", (NIGHT + 0.123456, "microk8s.daemon-kubelite", 77,
     "x")),
    ("journalctl short-monotonic", "[ 5541.250000] w2 kubelet[812]: x", (NIGHT + 0.25, "kubelet", 812, "x")),
    ("journalctl short-monotonic, kernel", "[ 5541.250000] w2 kernel: " + KILL, (NIGHT + 0.25, "kernel", None, KILL)),
    ("rsyslog, Ubuntu 18.04", "Nov 23 02:13:07 w2 kernel: [ 8341.856870] " + KILL, (NIGHT, "kernel", None, KILL)),
    ("rsyslog, no pid (el7)", "Nov 23 02:13:07 w2 systemd: kubelet.service: main process exited", (NIGHT, "systemd", None,
     "kubelet.service: main process exited")),
    ("rsyslog, Debian 12", "2026-11-23T02:13:07.250000+00:00 w2 kernel: [ 12.345678] x", (NIGHT + 0.25, "kernel", None, "x")),
    ("RFC 5424", "<30>1 2026-11-23T02:13:07Z w2 kubelet 812 - - a: b", (NIGHT, "kubelet", 812, "a: b")),
    ("RFC 3164 with priority", "<30>Nov 23 02:13:07 w2 kubelet[812]: x", (NIGHT, "kubelet", 812, "x")),
    ("dmesg", "[ 5541.000000] " + KILL, (NIGHT, "kernel", None, KILL)),
    ("dmesg, printk.caller", "[ 5541.000000][   T71] " + KILL, (NIGHT, "kernel", None, KILL)),
    ("dmesg -d", "[ 5541.000000 <    0.000011>] x", (NIGHT, "kernel", None, "x")),
    ("dmesg -r", "<3>[ 5541.000000] x", (NIGHT, "kernel", None, "x")),
    ("dmesg -x", "kern  :err   : [ 5541.000000] x", (NIGHT, "kernel", None, "x")),
    ("dmesg -T", "[Mon Nov 23 02:13:07 2026] " + KILL, (NIGHT, "kernel", None, KILL)),
    ("dmesg -T, Chinese", "[一 11月 23 02:13:07 2026] x", (NIGHT, "kernel", None, "x")),
    ("dmesg --time-format iso", "2026-11-23T02:13:07,250000+00:00 x: y", (NIGHT + 0.25, "kernel", None, "x: y")),
    ("dmesg, systemd's own line", "[ 5541.000000] systemd[1]: Started x.", (NIGHT, "systemd", 1, "Started x.")),
    ("dmesg, a process' segfault", "[ 5541.000000] node[123]: segfault at 0", (NIGHT, "kernel", None, "node[123]: segfault at 0")),
    ("dmesg without times", "<6>usb 1-1: new device", (None, "kernel", None, "usb 1-1: new device")),
    ("/dev/kmsg", "6,30574067,5541000000,-;Task in /a killed", (NIGHT, "kernel", None, "Task in /a killed")),
    ("CRI log", "2026-11-23T02:13:07.000000000Z stderr F E1123 x", (NIGHT, None, None, "E1123 x")),
    ("klog alone", "E1123 02:13:07.500000     812 kubelet.go:2] x", (NIGHT + 0.5, None, None,
     "E1123 02:13:07.500000     812 kubelet.go:2] x")),
    ("logrus alone", 'time="2026-11-23T02:13:07Z" level=info msg=x', (NIGHT, None, None, 'time="2026-11-23T02:13:07Z" level=info msg=x')),
    ("talosctl dmesg, its node cut off", " kern: warning: [2026-11-23T02:13:07.5Z]: x", (NIGHT + 0.5, "kernel", None, "x")),
    ("talosctl dmesg", "10.5.0.3: kern: err: [2026-11-23T02:13:07.5Z]: x", (NIGHT + 0.5, "kernel", None, "x")),
    ("json", json.dumps({"__REALTIME_TIMESTAMP": "1795399987500000", "_TRANSPORT": "stdout", "SYSLOG_IDENTIFIER": "kubelet", "_PID": "812",
                         "MESSAGE": "x"}), (NIGHT + 0.5, "kubelet", 812, "x")),
    ("json, kernel", json.dumps({"__REALTIME_TIMESTAMP": "1795399987000000", "_TRANSPORT": "kernel", "MESSAGE": "x"}), (NIGHT, "kernel",
     None, "x")),
    ("json, bytes", json.dumps({"__REALTIME_TIMESTAMP": "1795399987000000", "_COMM": "app", "MESSAGE": [120, 255, 121]}), (NIGHT, "app",
     None, "x\ufffdy")),
    ("json, too long", json.dumps({"__REALTIME_TIMESTAMP": "1795399987000000", "_COMM": "app", "MESSAGE": None}), (NIGHT, "app", None, "")),
    ("json, cut", '{"__REALTIME_TIMESTAMP":"1795399987000000","SYSLOG_IDENTIFIER":"kubelet","MESSAGE":"say \\"hi', (NIGHT, "kubelet", None,
     'say "hi')),
    ("kubelet --logging-format=json", '{"ts":1795399987500.5,"caller":"a.go:1","msg":"x"}', (NIGHT + 0.5005, None, None,
     '{"ts":1795399987500.5,"caller":"a.go:1","msg":"x"}')),
    ("docker's json-file", json.dumps({"log": "E1123 x\n", "stream": "stderr", "time": "2026-11-23T02:13:07.5Z"}), (NIGHT + 0.5, None, None,
     "E1123 x")),
    ("kubectl logs --timestamps", "2026-11-23T02:13:07.500000000Z I1123 x", (NIGHT + 0.5, None, None, "I1123 x")),
    ("loose logs, a line of anybody's", "1795399987.000000 notes.txt : [talos] x", (NIGHT, None, None, "[talos] x")),
    ("journalctl, Norwegian", "okt 23 02:13:07 w2 kernel: x", (NIGHT - 31 * 86400, "kernel", None, "x")),
    ("journalctl, Russian", "ноя 23 02:13:07 w2 kernel: x", (NIGHT, "kernel", None, "x")),
    ("journalctl, Korean", "11월 23 02:13:07 w2 kernel: x", (NIGHT, "kernel", None, "x")),
    ("journalctl short, of another year (systemd 258)", "2025 Nov 23 02:13:07 w2 kernel: x", (NIGHT - 365 * 86400, "kernel", None, "x")),
    ("journalctl short-full, China's CST", "Mon 2026-11-23 02:13:07 CST w2 kubelet[812]: x", (NIGHT, "kubelet", 812, "x")),
    ("journalctl short-full, zone by number", "Mon 2026-11-23 05:13:07 +03 w2 kubelet[812]: x", (NIGHT, "kubelet", 812, "x")),
    ("busybox", "Mon Nov 23 02:13:07 2026 daemon.info kubelet[812]: x", (NIGHT, "kubelet", 812, "x")),
    ("busybox to a file (Alpine)", "Nov 23 02:13:07 w2 daemon.info kubelet[812]: x", (NIGHT, "kubelet", 812, "x")),
    ("syslog with the year", "Nov 23 2026 02:13:07 w2 kubelet[812]: x", (NIGHT, "kubelet", 812, "x")),
    ("dmesg -x, -T", "kern  :err   : [Mon Nov 23 02:13:07 2026] x", (NIGHT, "kernel", None, "x")),
    ("dmesg -x --time-format iso", "kern  :err   : 2026-11-23T02:13:07,250000+00:00 x", (NIGHT + 0.25, "kernel", None, "x")),
    ("dmesg -x --notime", "kern  :err   : x", (None, "kernel", None, "x")),
    ("priorities without end", "<3>" * 9 + "x", (None, "kernel", None, "<3>" * 8 + "x")),
    ("console, the kubelet's own line", "[ 5541.000000] kubelet[812]: I1123 x", (NIGHT, "kubelet", 812, "I1123 x")),
    ("talosctl dmesg, of a service", "10.5.0.3: user: warning: [2026-11-23T02:13:07.5Z]: [talos] x", (NIGHT + 0.5, "talos", None, "[talos] x")),
    ("talosctl logs kubelet", '10.5.0.3: {"ts":1795399987500,"caller":"a.go:1","msg":"x"}', (NIGHT + 0.5, None, None,
     '{"ts":1795399987500,"caller":"a.go:1","msg":"x"}')),
    ("Go's own log (flannel)", "2026/11/23 02:13:07 x: y", (NIGHT, None, None, "x: y")),
    ("calico", "2026-11-23 02:13:07.500 [WARNING][55] felix/int_dataplane.go 9: x", (NIGHT + 0.5, None, None,
     "[WARNING][55] felix/int_dataplane.go 9: x")),
    ("etcd 3.3", "2026-11-23 02:13:07.500000 W | etcdserver: x", (NIGHT + 0.5, None, None, "W | etcdserver: x")),
    ("no prefix", KILL, (None, None, None, KILL)),
    ("a row of the tasks table", "[  812]     0   812   468350    24576      61        0          -999 kubelet",
     (None, None, None, "[  812]     0   812   468350    24576      61        0          -999 kubelet")),
]


@pytest.mark.parametrize("line, expected", [sample[1:] for sample in SAMPLES], ids=[sample[0] for sample in SAMPLES])
def test_line(line, expected):
    (entry,) = loglines.entries(line, NOW, BOOT)
    assert entry.time == (expected[0] if expected[0] is None else pytest.approx(expected[0], abs=1e-4))
    assert tuple(entry[1:4]) == expected[1:] and entry.raw == line


@pytest.mark.parametrize("line", ["-- Logs begin at Mon 2026-11-02 10:00:00 UTC, end at Mon 2026-11-23 02:20:19 UTC. --", "-- Reboot --",
                                  "",
                                  "-- Boot 5b3cf0c2a4b14a5e8b1c --", "-- No entries --", "-- Journal begins at x. --", "   ",
                                  "░░ Subject: A start job"])
def test_passed_over(line):
    assert list(loglines.entries(line, NOW)) == []


@pytest.mark.parametrize("line, clock", [
    ("1795399987.123456 w2 kubelet[1]: x", "utc"), ("2026-11-23T02:13:07+0100 w2 kubelet[1]: x", "utc"), ("Nov 23 02:13:07 w2 kubelet[1]: x", "local"),
    ("2026-11-23 02:13:07 w2 kubelet[1]: x", "local"), ("[Mon Nov 23 02:13:07 2026] x", "local"), ("[ 12.3] x", "boot"),
    ("Mon 2026-11-23 02:13:07 CET w2 kubelet[812]: x", "utc"), ("Mon 2026-11-23 02:13:07 CST w2 kubelet[812]: x", "local"),
    ("E1123 02:13:07.500000     812 kubelet.go:2] x", "klog"), ('time="2026-11-23T02:13:07+02:00" level=info', "utc"), ("x", None)])
def test_whose_time_it_is(line, clock):
    assert next(loglines.entries(line, NOW)).clock == clock


def test_lines_without_prefix_belong_to_the_line_above():
    text = ('Nov 23 02:13:07 w2 kubelet[812]: E1123 x "Swap is on" /proc/swaps contents=<\n'
            "\tFilename\tType\tSize\n >\r\n\nanother paste\n")
    seen = [(entry.time, entry.ident, entry.pid, entry.message) for entry in loglines.entries(text, NOW)]
    assert seen[1:] == [(NIGHT, "kubelet", 812, "\tFilename\tType\tSize"), (NIGHT, "kubelet", 812, " >"), (None, None, None,
                                                                                                           "another paste")]


def test_message_with_line_breaks():
    line = json.dumps({"__REALTIME_TIMESTAMP": "1795399987000000", "_COMM": "app", "MESSAGE": "a\nb"})
    assert [(entry.time, entry.message) for entry in loglines.entries(line)] == [(NIGHT, "a"), (NIGHT, "b")]


def test_relative_times():
    text = "[Nov23 02:13] first\n[  +0.500000] second\n[  +1.250000] third\n"
    start = NIGHT - 7
    assert [entry.time for entry in loglines.entries(text, NOW)] == [start, start + 0.5, start + 1.75]


def test_year_of_the_turn():
    now = 1798761700.0  # 2027-01-01T00:01:40Z
    (before, after) = loglines.entries("Dec 31 23:59:59 w2 a: x\nJan  1 00:00:01 w2 a: x\n", now)
    assert after.time - before.time == 2 and after.time == now - 99


def test_lines_are_read_as_they_come():
    def source():
        yield "Nov 23 02:13:07 w2 a: x\n"
        raise AssertionError("read ahead")
    assert next(loglines.entries(source(), NOW)).message == "x"


_pieces = st.lists(st.sampled_from([sample[1] for sample in SAMPLES] + ["\n", "[", "{", "<3>", "]: ", "99999999999999999999", "月", "\x00",
                                                                        "٣٣"])
                   | st.text(max_size=12), max_size=8).map("".join)


@given(_pieces | st.text(), st.none() | st.floats(0, 4e9), st.none() | st.floats(0, 4e9))
def test_any_text(text, now, boot):
    for entry in loglines.entries(text, now, boot):
        assert entry.time is None or isinstance(entry.time, float)
        assert isinstance(entry.message, str) and "\n" not in entry.message
