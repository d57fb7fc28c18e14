# Copyright: kubetriage.node contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

import json

import pytest

from ansible_collections.kubetriage.node.plugins.module_utils.catalogue import FAILURES
from ansible_collections.kubetriage.node.plugins.module_utils.catalogue.entry import failure
from ansible_collections.kubetriage.node.plugins.module_utils.catalogue.match import scan

NOW = 1795400000.0  # 2026-11-23T02:13:20Z
AT = 1795399987.0   # 2026-11-23T02:13:07Z

PLEG = ('E1123 02:13:07.100000     812 kubelet.go:2327] "Skipping pod synchronization" err="PLEG is not healthy: '
        'pleg was last seen active 3m1s ago; threshold is 3m0s"')
LINK = failure("nic.link_down", "t", "critical", "cause", "w.",
               log=[("kernel", "link is down", r"(?P<interface>\w+): NIC Link is Down")],
               ends=[("kernel", "link is up", r"(?P<interface>\w+): NIC Link is Up")])
LINKS = {"nic.link_down": LINK}


def only(text, source="any", failures=None, **options):
    matches = scan(text, source, failures or FAILURES, now=NOW, **options)
    assert len(matches) == 1, matches
    return matches[0]


def down(second, interface="eth0", state="Down"):
    return "Nov 23 02:13:%02d w2 kernel: ixgbe 0000:03:00.0 %s: NIC Link is %s" % (second, interface, state)


JOURNAL = {"__REALTIME_TIMESTAMP": "1795399987100000", "SYSLOG_IDENTIFIER": "kubelet", "_PID": "812", "MESSAGE": PLEG}
FORMATS = {
    "short": "Nov 23 02:13:07 w2 kubelet[812]: " + PLEG,
    "short-iso": "2026-11-23T02:13:07+0000 w2 kubelet[812]: " + PLEG,
    "short-unix": "1795399987.100000 w2 kubelet[812]: " + PLEG,
    "json": json.dumps(JOURNAL),
    "container log": "2026-11-23T02:13:07.100000000Z stderr F " + PLEG,
    "klog alone": PLEG,
    "quotes escaped once more": "Nov 23 02:13:07 w2 kubelet[812]: " + PLEG.replace('"', '\\"'),
}


@pytest.mark.parametrize("text", FORMATS.values(), ids=FORMATS)
def test_formats(text):
    match = only(text)
    assert match.id == "kubelet.pleg_unhealthy"
    assert match.fields == {"seconds": "3m1s"}
    assert int(match.first) == int(match.last) == AT
    assert match.count == 1 and "PLEG is not healthy" in match.lines[0][2]


def test_kernel_lines_have_their_time_from_the_boot():
    match = only("[   87.000000] nf_conntrack: table full, dropping packet", "kernel", boot=AT - 87)
    assert (match.id, match.first, match.lines[0][1]) == ("limits.conntrack", AT, "kernel")


def test_a_line_without_prefix_belongs_to_the_line_above():
    match = only("Nov 23 02:13:07 w2 kubelet[812]: Error: bad start\nError: unknown flag: --network-plugin\n")
    assert (match.id, match.first, match.lines[0][1]) == ("kubelet.bad_flag", AT, "kubelet")


@pytest.mark.parametrize("ident, source, seen", [
    ("kernel", "any", True), ("kernel", "kubelet", True), ("nginx", "kernel", False), ("kubelet", "any", False)])
def test_the_program_on_the_line_decides(ident, source, seen):
    assert bool(scan("Nov 23 02:13:07 w2 %s: nf_conntrack: table full, dropping packet" % ident, source, FAILURES, now=NOW)) is seen


@pytest.mark.parametrize("source, seen", [("kernel", True), ("any", True), ("kubelet", False)])
def test_without_a_program_the_source_of_the_text_decides(source, seen):
    assert bool(scan("nf_conntrack: table full, dropping packet", source, FAILURES, now=NOW)) is seen


def test_programs_that_hold_a_kubelet():
    for ident in ("k3s", "k3s-agent", "rke2", "microk8s.daemon-kubelite", "hyperkube", "origin-node", "docker", "kubelet-wrapper"):
        assert only("Nov 23 02:13:07 w2 %s[812]: %s" % (ident, PLEG)).id == "kubelet.pleg_unhealthy"


def test_lines_are_counted_and_the_first_and_the_last_quoted():
    match = only("\n".join(down(second) for second in range(5, 50)), failures=LINKS)
    assert match.count == 45 and (match.first, match.last) == (AT - 2, AT + 42)
    assert [line[0] for line in match.lines] == [AT - 2, AT - 1, AT + 42]


def test_newest_first_gives_the_same():
    lines = [down(second) for second in range(5, 50)]
    assert only("\n".join(lines), failures=LINKS) == only("\n".join(reversed(lines)), failures=LINKS)


def test_a_line_counts_once_for_all_signatures_of_a_failure():
    entry = dict(LINK, log=LINK["log"] + [("any", "nic link", "NIC Link")], ends=[])
    assert only(down(7), failures={"nic.link_down": entry}).count == 1


def test_each_subject_is_a_match():
    matches = scan("\n".join([down(7), down(8, "eth1"), down(9)]), "kernel", LINKS, now=NOW)
    assert [(match.fields["interface"], match.count) for match in matches] == [("eth0", 2), ("eth1", 1)]


@pytest.mark.parametrize("seconds, few", [
    ((1,), True), ((1, 5), True), ((1, 5, 9), False), ((1, 5, 30), True), ((1, 20, 40, 44, 48), False)])
def test_few_lines_are_marked(seconds, few):
    failures = {"nic.link_down": dict(LINK, least=(3, 10))}
    match = only("\n".join(down(second) for second in seconds), failures=failures)
    assert (match.few, match.count) == (few, len(seconds))
    assert not only(down(1), failures=LINKS).few


def test_lines_without_a_time_are_counted_only():
    bare = "igb eth0: NIC Link is Down"
    assert [only("\n".join([bare] * count), failures={"nic.link_down": dict(LINK, least=(3, 10))}).few for count in (2, 3)] == [True, False]


def test_many_subjects_are_bounded():
    matches = scan("\n".join(down(7, "eth%d" % number) for number in range(30)), "kernel", LINKS, now=NOW)
    assert len(matches) == 10
    assert sum(match.fields.get("others", 0) for match in matches) == 20


def test_a_very_long_log_is_counted_whole():
    lines = [down(7)] * 3000 + [down(40)]
    match = only("\n".join(lines), failures=LINKS)
    assert (match.count, match.last) == (3001, AT + 33)


def test_what_ended_is_over():
    assert only("\n".join([down(7), down(9, state="Up")]), failures=LINKS).over
    assert not only("\n".join([down(7, state="Up"), down(9)]), failures=LINKS).over
    assert not only("\n".join([down(7), down(9, "eth1", "Up")]), failures=LINKS).over, "another link came up"
    assert only("\n".join([down(9, state="Up"), down(7)]), failures=LINKS).over, "newest first"


def test_a_kubelet_that_was_started_again():
    stopped = "Nov 23 02:13:07 w2 systemd[1]: Stopped kubelet.service - kubelet: The Kubernetes Node Agent."
    started = "Nov 23 02:13:09 w2 systemd[1]: Started kubelet.service - kubelet: The Kubernetes Node Agent."
    assert not only(stopped).over
    assert only(stopped + "\n" + started).over


def test_a_letter_that_grows_in_lower_case_does_not_move_the_lines():
    assert only("\u0130" * 50 + "\n" + down(7) + "\n", failures=LINKS).lines[0][2].startswith("ixgbe")


def test_the_travelling_part_is_enough():
    travelled = {name: {"log": [list(signature) for signature in entry["log"]], "ends": []} for name, entry in LINKS.items()}
    matches = scan(down(7), "any", travelled, now=NOW)
    assert [match.id for match in matches] == ["nic.link_down"]
