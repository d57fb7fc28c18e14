# Copyright: kubetriage.node contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which changes belong to a failure, and how they stand on the time line."""

import pytest
from ansible_collections.kubetriage.node.plugins.plugin_utils import changes, timeline, utc
from incident import check

BEGAN, NOW = utc.seconds("2026-11-23T02:13:50Z"), utc.seconds("2026-11-23T02:20:19Z")


def change(time, what="kubelet 1 -> 2", source="dpkg.log"):
    return {"time": time, "what": what, "source": source}


def of(*told, view=None, began=BEGAN, now=NOW):
    return changes.of([check("changes", facts={"changes": list(told)})], view, began, now)


@pytest.mark.parametrize("time, began, counts", [
    ("2026-11-23T02:01:07Z", BEGAN, True),
    ("2026-11-22T02:13:50Z", BEGAN, True),
    ("2026-11-22T02:13:49Z", BEGAN, False),  # more than a day before
    ("2026-11-23T02:20:00Z", BEGAN, True),  # after it began: somebody tried to help
    ("2026-11-23T02:22:00Z", BEGAN, False),  # after the look
    ("2026-11-22T02:20:30Z", None, True),
    ("2026-11-22T02:20:00Z", None, False),
])
def test_a_day_before_the_onset_counts(time, began, counts):
    assert of(change(time), began=began) == ([change(time)] if counts else [])


def test_the_newest_comes_first_from_all_sources():
    view = {"unschedulable": True, "cordon": {"by": "kubectl", "at": "2026-11-23T02:02:00Z"},
            "changes": [change("2026-11-23T02:03:00Z", "DaemonSet kube-system/cilium was rolled out", "ControllerRevision x")]}
    assert [found["what"] for found in of(change("2026-11-23T02:01:00Z"), view=view)] == [
        "DaemonSet kube-system/cilium was rolled out", "the Node was cordoned by kubectl", "kubelet 1 -> 2"]
    assert of(view=dict(view, unschedulable=False, changes=[])) == []


@pytest.mark.parametrize("told", [7, [7, None, []], [{"time": 7}], [{"what": "x"}], [{"time": "soon", "what": "x"}], {"time": "x"}])
def test_the_node_s_word_may_have_any_form(told):
    assert changes.of([check("changes", facts={"changes": told})], {"changes": [None, "x"], "unschedulable": True, "cordon": None}, BEGAN, NOW) == []
    assert changes.of([{"check": "changes", "facts": None}], None, None, None) == []


def test_hostile_words_are_cut_and_cleaned():
    found, = of({"time": "2026-11-23T02:01:00Z", "what": "\x1b[31m" + "x" * 900, "source": {"a": 1}})
    assert found["what"].startswith("[31mxx") and len(found["what"]) == 300 and found["source"] == "{'a': 1}"


def test_of_many_those_nearest_to_the_onset_stay():
    found = of(*(change(utc.iso(BEGAN - 60 * number), str(number)) for number in range(100)))
    assert [each["what"] for each in found] == [str(number) for number in range(20)]


def test_before_the_onset_the_nearest_first():
    found = of(change("2026-11-23T02:15:00Z", "late"), change("2026-11-23T02:01:00Z", "b"), change("2026-11-23T02:02:00Z", "a"))
    assert [each["what"] for each in changes.before(found, "2026-11-23T02:13:50Z", 1)] == ["a"]
    assert [each["what"] for each in changes.before(found, None, 3)] == ["late", "a", "b"]


def test_changes_stand_on_the_time_line():
    line = timeline.timeline({}, None, BEGAN, changes=[change("2026-11-23T02:01:07Z")])
    assert line == [{"time": "2026-11-23T02:01:07Z", "source": "change, dpkg.log", "text": "kubelet 1 -> 2", "id": None}]
