# Copyright: kubetriage.node contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Stamps of different clocks -> one time line in UTC."""

import pytest
from hypothesis import given, settings, strategies as st

from ansible_collections.kubetriage.node.plugins.module_utils.parse import loglines
from ansible_collections.kubetriage.node.plugins.plugin_utils import clocks

NIGHT = 1795399987.0  # 2026-11-23T02:13:07Z
HOUR = 3600


def times(zones=None, guesses=(), latest=None, **files):
    """Keywords are {file name without its ending: text} -> {the same: [seconds after NIGHT, or None]}"""
    entries = {name: list(loglines.entries(text, NIGHT + 86400, 0.0)) for name, text in files.items()}
    return {name: [moment if moment is None else round(moment - NIGHT, 2) for moment in moments]
            for name, moments in clocks.times(entries, NIGHT + 86400, zones, guesses, latest).items()}


def klog(at, text="x"):
    """A klog line of NIGHT + `at` seconds, as a clock of `zone` shows it."""
    return "I1123 %s     812 a.go:1] %s" % (clock(at) + ".000000", text)


def clock(at):
    at = int(at) + 2 * HOUR + 13 * 60 + 7
    return "%02d:%02d:%02d" % (at // HOUR, at // 60 % 60, at % 60)


def short(at, said="kubelet[812]: x"):
    return "Nov 23 %s w2 %s" % (clock(at), said)


def test_a_clock_without_a_zone_is_in_utc():
    assert times(kubelet=short(0)) == {"kubelet": [0]}


def test_the_zone_of_a_journal_by_the_runtimes_own_stamp():
    lines = "\n".join([short(HOUR, 'containerd[7]: time="2026-11-23T02:13:07Z" level=info'), short(HOUR + 5), short(HOUR + 9, "kernel: y")])
    assert times(runtime=lines, kubelet=short(HOUR + 1)) == {"runtime": [0, 5, 9], "kubelet": [1]}, "one node has one zone"


@pytest.mark.parametrize("line", [
    "kernel: audit: type=1400 audit(1795399987.000:2): apparmor",
    'kubelet[8]: E1123 x certificate has expired or is not yet valid: current time 2026-11-23T02:13:07Z is after 2026-11-22T00:00:00Z',
    "kubelet[8]: I1123 05:43:07.1       8 setters.go:518] Node became not ready: {Type:Ready Status:False "
    "LastHeartbeatTime:2026-11-23 02:13:07.1 +0000 UTC m=+1",
    'kubelet[8]: I1123 05:43:07.1       8 setters.go:552] "Node became not ready" node="w2" condition={"type":"Ready","status":"False",'
    '"lastHeartbeatTime":"2026-11-23T02:13:07Z","lastTransitionTime":"2026-11-23T02:13:07Z"}',
])
def test_other_lines_that_tell_utc(line):
    east = 3.5 * HOUR
    assert times(kubelet=short(east, line) + "\n" + short(east + 60)) == {"kubelet": [pytest.approx(0, abs=0.2), 60]}


def test_a_kubelet_in_a_container_prints_utc_below_a_local_prefix():
    lines = [short(2 * HOUR + at, "docker[9]: " + klog(at)) for at in range(5)]
    assert times(zones={"kubelet": 2 * HOUR}, kubelet="\n".join(lines)) == {"kubelet": [0, 1, 2, 3, 4]}


def test_a_line_that_came_late_has_the_time_at_which_it_was_written():
    written = [short(at, "kubelet[8]: " + klog(at)) for at in range(0, 50, 10)]
    late = [short(200, "kubelet[8]: " + klog(at)) for at in range(50, 200, 10)]
    assert times(kubelet="\n".join(written + late)) == {"kubelet": list(range(0, 200, 10))}


def test_a_fragment_whose_lines_all_came_late():
    late = [short(200, "kubelet[8]: " + klog(at)) for at in (60, 100, 170)]
    assert times(kubelet="\n".join(late)) == {"kubelet": [60, 100, 170]}


def test_late_lines_of_a_local_clock():
    lines = [short(HOUR + at, 'containerd[7]: time="2026-11-23T%sZ" level=info' % clock(at)) for at in range(5)]
    lines.append(short(HOUR + 90, 'containerd[7]: time="2026-11-23T%sZ" level=info' % clock(10)))
    assert times(runtime="\n".join(lines)) == {"runtime": [0, 1, 2, 3, 4, 10]}


def test_a_constant_difference_that_is_no_zone_is_kept():
    """A syslog server of its own clock: all its lines stay in order, the kernel's included."""
    lines = [short(300 + at, "kubelet[8]: " + klog(at)) for at in range(5)] + [short(302, "kernel: y")]
    assert times(kubelet="\n".join(lines)) == {"kubelet": [300, 301, 302, 303, 304, 302]}


def test_a_clock_that_is_wrong_by_minutes_follows_the_one_that_tells_utc():
    lines = [short(300 + at, 'containerd[7]: time="2026-11-23T%sZ" level=info' % clock(at)) for at in range(5)]
    assert times(runtime="\n".join(lines)) == {"runtime": [0, 1, 2, 3, 4]}


OOM = "Out of memory: Killed process 81234 (kubelet)"


@pytest.mark.parametrize("other", [
    {"kubelet": short(0, "kernel: " + OOM)},
    {"kubelet": short(0, "kernel: [ 5541.000000] y")},
    {"kubelet": "[ 5541.000000] w2 kubelet[812]: " + klog(0)},
    {"kubelet": '[ 5541.000000] w2 containerd[812]: time="2026-11-23T02:13:07Z" level=info'},
])
def test_seconds_since_boot_by_a_line_that_tells_the_time_of_day(other):
    assert times(kernel="[ 5539.000000] a\n[ 5541.000000] " + OOM, **other)["kernel"] == [-2, 0]


@pytest.mark.parametrize("line", ["[    1.000000] audit: type=2000 audit(1795394447.000:1): x",
                                  "[    1.000000] rtc_cmos 00:00: setting system clock to 2026-11-23T00:40:47 UTC (1795394447)"])
def test_seconds_since_boot_by_the_kernels_own_word(line):
    assert times(kernel=line + "\n[ 5541.000000] y") == {"kernel": [-5540, 0]}


def test_of_two_boots_the_last_sets_the_clock():
    syslog = "\n".join([short(-9000, "kernel: [ 900.000000] a"), short(0, "kernel: [ 5541.000000] b"), short(60, "kernel: [    9.000000] c"),
                        short(61, "kernel: [   10.000000] d")])
    assert times(notes=syslog, kernel="[   12.000000] e")["kernel"] == [63]


def test_seconds_since_boot_that_nothing_sets():
    assert times(kernel="[ 5541.000000] y", kubelet=short(0)) == {"kernel": [None], "kubelet": [0]}


def test_dmesg_in_local_time_by_the_lines_that_the_journal_holds_as_well():
    wall = "[Mon Nov 23 04:13:07 2026] " + OOM + "\n[Mon Nov 23 04:13:09 2026] y"
    assert times(kernel=wall, kubelet="2026-11-23T02:13:07+0000 w2 kernel: " + OOM)["kernel"] == [0, 2]


def test_the_zone_in_which_the_control_plane_was_asked():
    lines = short(8 * HOUR) + "\n" + short(8 * HOUR + 10)
    assert times(kubelet=lines, guesses=(8 * HOUR,), latest=NIGHT + 40) == {"kubelet": [0, 10]}
    assert times(kubelet=short(0), guesses=(8 * HOUR,), latest=NIGHT + 40) == {"kubelet": [0]}, "asked from far away"


def test_nonsense_is_no_time():
    assert times(kubelet='{"ts":99999999999,"msg":"x"}') == {"kubelet": [None]}


LINES = st.sampled_from([short(0), short(HOUR), klog(5), "[ 5.0] x", "[ 900.0] " + OOM, short(3, "kernel: [ 9.0] " + OOM), "x",
                         short(9, "kubelet[8]: " + klog(-400)), short(60, 'containerd[7]: time="2026-11-23T02:13:07Z"'),
                         'time="2026-11-23T02:13:07+09:00"', "2026-11-23 02:13:07 w2 a: b 123456789012345",
                         '{"ts":1}', "[Mon Nov 23 04:13:07 2026] " + OOM, short(0, "kernel: audit(1795399987.000:2)")])


@settings(max_examples=80, deadline=None)
@given(st.dictionaries(st.sampled_from(["kubelet", "runtime", "kernel", "notes"]), st.lists(LINES, max_size=8).map("\n".join)), st.data())
def test_any_lines(files, data):
    found = times(**files)
    assert {name: len(moments) for name, moments in found.items()} == {name: len(list(loglines.entries(text))) for name, text in files.items()}
    order = data.draw(st.permutations(list(files)))
    assert times(**{name: files[name] for name in order}) == found, "the order of the files means nothing"
