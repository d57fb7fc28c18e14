# Copyright: kubetriage.node contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the controller manager says: its grace period however it is written, its lines about one node, and when it deletes no pods."""

import pytest
from ansible_collections.kubetriage.node.plugins.plugin_utils import controller_manager, node_view, utc
from ansible_collections.kubetriage.node.plugins.plugin_utils.api_object import empty_view

ONSET, NOW = utc.seconds("2026-11-23T02:13:47Z"), utc.seconds("2026-11-23T02:15:30Z")


@pytest.mark.parametrize("command, seconds", [
    ("kube-controller-manager --leader-elect=true --node-monitor-grace-period=40s --v=2", 40),
    ("kube-controller-manager --node-monitor-grace-period 1m30s", 90),
    ("k3s server --kube-controller-manager-arg=node-monitor-grace-period=20s", 20),
    ('- "node-monitor-grace-period=1h0m0.5s"', 3600.5),
    ("kube-controller-manager --node-monitor-period=5s", None),
    ("kube-controller-manager --node-monitor-grace-period=", None),
    ("", None),
])
def test_grace(command, seconds):
    assert controller_manager.grace_s(command) == seconds


# kubernetes 1.35 through `kubectl logs --timestamps`, 1.18 as a file, 1.20 in CRI's log format, k3s 1.28 in the journal
FORMS = {
    "api": '2026-11-23T02:13:47.104912Z I1123 02:13:47.104765       1 node_lifecycle_controller.go:1012] '
           '"Recording status change event message for node" status="NodeNotReady" node="w1"',
    "file": "I1123 02:13:47.104765       1 node_lifecycle_controller.go:1127] node w1 hasn't been updated for 40.00s. Last Ready is: x",
    "cri": "2026-11-23T02:13:47.1Z stderr F I1123 02:13:47.104765       1 taint_manager.go:106] NoExecuteTaintManager is deleting pod on w1",
    "journal": '1795400027.104765 cp1 k3s[812]: I1123 02:13:47.104765     812 event.go:307] "Event occurred" object="w1" reason="NodeNotReady"',
}


@pytest.mark.parametrize("form", FORMS)
def test_lines_about_the_node_and_no_other(form):
    text = "\n".join([FORMS[form], FORMS[form].replace("w1", "w11"), FORMS[form].replace("w1", "w1.example.com"),
                      FORMS[form].replace("w1", "eu-w1"), FORMS[form], FORMS[form].replace("02:13:47", "01:13:47").replace("1795400027", "1795396427")])
    told = controller_manager.told("pod x/y", "", controller_manager.said(text, NOW), "w1", ONSET)
    assert [line["time"] for line in told["lines"]] == ["2026-11-23T02:13:47Z"], told


ENTERS = "I1123 02:13:50.0       1 node_lifecycle_controller.go:1] Controller detected that all Nodes are not-Ready. Entering master disruption mode."
LEAVES = "I1123 02:14:50.0       1 node_lifecycle_controller.go:1] Controller detected that some Nodes are Ready. Exiting master disruption mode."
PARTLY = ('I1123 02:13:50.0       1 node_lifecycle_controller.go:1] "Controller detected that zone is now in new state" zone="eu:\\x00:a" '
          'newState="PartialDisruption"')
BEFORE_1_27 = "I1123 02:13:50.0       1 node_lifecycle_controller.go:1] Controller detected that zone eu:a is now in state PartialDisruption."
AGAIN = PARTLY.replace("PartialDisruption", "Normal").replace("02:13:50", "02:14:50")


@pytest.mark.parametrize("lines, evictions", [
    ([], None), ([ENTERS], "stopped"), ([ENTERS, LEAVES], None), ([PARTLY], "slowed"), ([BEFORE_1_27], "slowed"), ([PARTLY, AGAIN], None),
])
def test_when_it_deletes_no_pods(lines, evictions):
    told = controller_manager.told("cp1", "", controller_manager.said("\n".join(lines), NOW), "w1", ONSET)
    assert told["evictions"] == evictions and len(told["lines"]) == len(lines)


def test_a_chatty_one_is_bounded_and_those_near_the_onset_stay():
    text = "\n".join("I1123 02:%02d:%02d.0       1 x.go:1] w1 %d" % (5 + second // 60, second % 60, second) for second in range(600))
    told = controller_manager.told("cp1", "", controller_manager.said(text, NOW), "w1", ONSET)
    times = [utc.seconds(line["time"]) for line in told["lines"]]
    assert len(times) == 20 and times == sorted(times) and max(abs(time - ONSET) for time in times) <= 10


def test_the_grace_period_that_it_told_is_the_one_that_counts():
    view = dict(empty_view("w1"), read_at="2026-11-23T02:15:30Z", lease={"renewed": "2026-11-23T02:14:00Z", "duration_s": 40, "holder": "w1"},
                conditions=[{"type": "Ready", "status": "True", "reason": None, "message": None, "transition": None, "heartbeat": None}])
    assumed = node_view.check(view)
    assert (assumed["facts"]["grace_s"], assumed["facts"]["grace_assumed"], assumed["status"]) == (50, True, "problem")
    view["controller_manager"] = {"source": "pod x/y", "grace_s": 120, "lines": [], "evictions": None}
    told = node_view.check(view)
    assert (told["facts"]["grace_s"], told["facts"]["grace_assumed"], told["status"]) == (120, False, "ok")


def test_no_name_of_a_node_reaches_a_shell_that_is_none():
    program = controller_manager.script("abc123", ["w1", "w2.example.com", "x; reboot", "$(id)", "-rf", "w'3"], 1795400000)
    first = program.splitlines()[0]
    assert first == "MARK=abc123 since=1795400000 about='-e w1 -e w2.example.com'"


@pytest.mark.parametrize("text, found", [
    ("node-monitor-grace-period=20s\n@m log\na line\n@m done\n", ("node-monitor-grace-period=20s", "a line")),
    ("@m log\n@m done\n", ("", "")),  # neither: the action says so
    ("\r\n@m log\r\n@m done\r\n", ("", "")),
    ("@m log\n" * 100000, None),
    ("@m log\ncut off", None),
    ("sh: not found", None),
])
def test_answer(text, found):
    assert controller_manager.answer(text, "m") == found
