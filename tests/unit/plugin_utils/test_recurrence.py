# Copyright: kubetriage.node contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Whether it is the first time: looks at one failure are one time, and what others had in common is told."""

import json
import os
import pathlib

import jsonschema
import pytest
from ansible_collections.kubetriage.node.plugins.plugin_utils import api_object, artifacts, history, recurrence
from ansible_collections.kubetriage.node.plugins.plugin_utils.cluster_error import ReadFailed

NOW = "2026-11-23T02:20:19Z"
INFO = {"kernel": "5.4.0-100", "runtime": "containerd://1.6.20", "kubelet": "v1.29.2", "os": "Debian", "boot_id": None}
SCHEMA = json.loads((pathlib.Path(__file__).parents[3] / "docs" / "schema" / "node.schema.json").read_text(encoding="utf-8"))


def look(at, since=None, node="w1", cause="runtime.hung", **versions):
    return dict({"node": node, "at": f"2026-11-{at}Z", "since": since and f"2026-11-{since}Z", "cause": cause, "kernel": None, "runtime": None,
                 "kubelet": None}, **versions)


def of(*looks, since="2026-11-23T02:13:50Z", cause="runtime.hung"):
    found = recurrence.of(cause, "w1", since, NOW, INFO, list(looks))
    if found:
        jsonschema.validate(found, dict(SCHEMA["$defs"]["recurrence"], **{"$defs": SCHEMA["$defs"]}))
    return found


@pytest.mark.parametrize("looks, times", [
    ([], 0),
    ([look("22T02:00:00", "22T01:50:00")], 2),
    ([look("22T02:00:00", "22T01:50:00"), look("20T02:00:00", "20T01:50:00")], 3),
    ([look("22T02:00:00", "22T01:50:00", cause="disk.full")], 0),
    ([look("16T02:20:18", "16T01:50:00")], 0),  # more than seven days ago
    ([look("23T02:15:00", "23T02:13:50"), look("23T02:18:00", "23T02:13:50")], 0),  # the same one, looked at before
    ([look("22T02:00:00", "22T01:50:00"), look("22T02:10:00", "22T01:50:00"), look("23T02:15:00", "23T02:13:50")], 2),
    ([look("23T02:15:00", "23T02:10:00")], 0),  # it began before the last look at it, by another line of a log
    ([look("23T02:15:00")], 0),  # began at a time that nobody knows, and now began before that look
    ([look("23T02:30:00", "23T02:25:00")], 0),  # a run beside this one, or a clock that is wrong
], ids=range(10))
def test_how_often(looks, times):
    found = of(*looks)
    assert (found["times"] if found else 0) == times


@pytest.mark.parametrize("at, times", [("22T02:00:00", 2), ("22T18:00:00", 0)])
def test_without_an_onset_a_day_makes_another_time(at, times):
    found = of(look(at), since=None)
    assert (found["times"] if found else 0) == times


def test_what_is_said():
    looks = [look("20T02:00:00", "20T01:50:00"), look("22T02:00:00", "22T01:50:00")]
    looks += [look("21T02:00:00", node=f"w{number}", kernel=INFO["kernel"]) for number in (2, 3, 4, 5)]
    found = of(*looks)
    assert found["text"] == "third runtime.hung here in 7 days; 4 other nodes had it, all with this node's kernel 5.4.0-100"
    assert (found["before"], found["others"], found["shared"]) == (
        ["2026-11-22T01:50:00Z", "2026-11-20T01:50:00Z"], ["w2", "w3", "w4", "w5"], {"kernel": 4})


@pytest.mark.parametrize("others, text", [
    ([{}], "1 other node had it in 7 days"),
    ([{"kernel": "6.1"}], "1 other node had it in 7 days"),
    ([{"kernel": "6.1"}, {"kubelet": "v1.29.2"}], "2 other nodes had it in 7 days, 1 with this node's kubelet v1.29.2"),
    ([{"runtime": INFO["runtime"], "kernel": INFO["kernel"]}, {"runtime": INFO["runtime"]}],
     "2 other nodes had it in 7 days, all with this node's runtime containerd://1.6.20"),
])
def test_what_is_said_of_others(others, text):
    found = of(*(look("22T02:00:00", node=f"w{number}", **versions) for number, versions in enumerate(others, 2)))
    assert (found["times"], found["text"]) == (1, text)


def test_without_a_cause_or_a_time_nothing_is_said():
    assert of(look("22T02:00:00"), cause=None) is None
    assert recurrence.of("runtime.hung", "w1", None, None, INFO, [look("22T02:00:00")]) is None


FLEET = {"schema": "kubetriage.fleet/1", "generated_at": "2026-11-22T02:00:00Z", "nodes": [
    {"node": "w1", "looked_at": "2026-11-22T01:59:00Z", "since": "2026-11-22T01:50:00Z", "cause": "runtime.hung", "versions": {"kernel": "5.4"}},
    {"node": "w2", "since": None, "cause": None}]}
LOOK = look("22T01:59:00", "22T01:50:00", kernel="5.4")
ARTIFACT = {"schema": "kubetriage.node/1", "node": "w1", "collected_at": "2026-11-22T01:59:00Z", "control_plane": {"info": {"kernel": "5.4"}},
            "verdict": {"since": "2026-11-22T01:50:00Z", "causes": [{"id": "runtime.hung"}, {"id": "disk.full"}]}}


def test_looks_are_read_from_a_summary_and_from_an_artifact():
    assert recurrence.looks(FLEET) == [LOOK]
    assert recurrence.look(ARTIFACT) == [LOOK]


HOSTILE = [None, 7, "x", [], {}, {"nodes": 7}, {"nodes": [7, None, {"node": 7, "cause": []}, {"node": "w1", "cause": "a.b", "looked_at": "soon"}]},
           {"verdict": []}, {"verdict": {"causes": [None]}}, {"node": "w1", "collected_at": "x" * 999, "verdict": {"causes": [{"id": "a.b"}]}},
           {"node": "w" * 9999, "collected_at": NOW, "verdict": {"causes": [{"id": "a.b"}]}}]


@pytest.mark.parametrize("content", [content for content in HOSTILE if isinstance(content, dict)], ids=lambda content: str(content)[:20])
def test_what_has_another_form_holds_no_looks(content):
    assert recurrence.looks(content) == recurrence.look(content) == []


@pytest.mark.parametrize("text, looks", [
    ('[{"cause": "runtime.hung", "at": "2026-11-22T01:59:00Z", "since": "2026-11-22T01:50:00Z"}, 7, {"cause": "x"}]', [LOOK]),
    ("[", []), ("{}", []), ("7", []), ("[" * 100000, []), (None, []), ({}, [])], ids=range(7))
def test_an_annotation_is_read_when_asked(text, looks):
    class Api:
        asked = []

        def get(self, path, query=(), accept=None):
            self.asked.append(path)
            return {"metadata": {"annotations": {"example.com/earlier": text}}}

    views = {name: dict(api_object.empty_view(name), conditions=[{"type": "Ready", "status": ready}], info={"kernel": "5.4"})
             for name, ready in (("w1", "Unknown"), ("w2", "True"))}
    assert history.annotated(Api(), views, None) == [] and Api.asked == []
    assert history.annotated(Api(), views, "example.com/earlier") == looks and Api.asked == ["/api/v1/nodes/w1"]


def test_a_denied_annotation_is_one_line():
    class Api:
        def get(self, path, query=(), accept=None):
            raise ReadFailed("forbidden", 403)

    views = {"w1": dict(api_object.empty_view("w1"), conditions=[{"type": "Ready", "status": "False"}])}
    assert history.annotated(Api(), views, "a") == []
    assert views["w1"]["not_checked"] == [{"what": "annotation a", "why": "forbidden"}]


def run(base, name, server="https://api", written=None, **files):
    """A run's directory with control_plane.json (but for server None) and the given files, written to at `written` (epoch)."""
    path = base / name
    (path / "nodes").mkdir(parents=True)
    if server:
        (path / "control_plane.json").write_text(json.dumps({"server": server}))
    for file, content in files.items():
        target = path / "nodes" / "w1.json" if file == "w1" else path / (file + ".json")
        target.write_text(content if isinstance(content, str) else json.dumps(content))
    if written:
        os.utime(path, (written, written))
    return path


KEPT = 1795399219  # 2026-11-23T02:00:19Z


@pytest.mark.parametrize("earlier, found", [
    ([], []),
    ([dict(name="a", fleet=FLEET)], [LOOK]),
    ([dict(name="a", fleet=FLEET), dict(name="b", fleet=FLEET)], [LOOK]),
    ([dict(name="a", w1=ARTIFACT)], [LOOK]),  # it broke off before its report
    ([dict(name="a", fleet='{"schema": "kubetriage.fleet/1", "nod', w1=ARTIFACT)], [LOOK]),
    ([dict(name="a", fleet=FLEET, server=None)], []),  # replayed
    ([dict(name="a", fleet=FLEET, server="https://other")], []),
    ([dict(name="a", fleet=FLEET, written=KEPT - 8 * 86400)], []),
    ([dict(name=".a", fleet=FLEET), dict(name="not a run", fleet=FLEET)], []),
    ([dict(name="a", fleet="[" * 100000), dict(name="b", fleet=FLEET)], [LOOK]),
    ([dict(name="a", fleet=dict(FLEET, schema="other/1"))], []),
], ids=range(11))
def test_what_earlier_runs_found_is_kept(tmp_path, earlier, found):
    for each in earlier:
        run(tmp_path, **dict({"written": KEPT - 3600}, **each))
    own = run(tmp_path, "own", fleet=dict(FLEET, nodes=[dict(FLEET["nodes"][0], node="own")]))
    history.keep(str(own), "https://api", ["w1"], KEPT)
    assert history.load(str(own)) == found


def test_files_that_are_no_files_or_too_large_are_passed_over(tmp_path):
    path = run(tmp_path, "a", fleet=FLEET)
    (path / "link.json").symlink_to(path / "fleet.json")
    os.mkfifo(path / "pipe.json")
    (path / "large.json").write_text(json.dumps({"x": "y" * 1000}))
    assert [artifacts.read_json(str(path / name), 500) for name in ("link.json", "pipe.json", "large.json", "nodes", "none.json")] == [{}] * 5
    assert artifacts.read_json(str(path / "fleet.json")) == FLEET


def test_a_host_s_earlier_artifacts_come_newest_first(tmp_path):
    for number, content in enumerate([ARTIFACT, "{", {"schema": "x"}, dict(ARTIFACT, run="newest")]):
        run(tmp_path, f"r{number}", written=KEPT + number, w1=content)
    own = run(tmp_path, "own", w1=ARTIFACT)
    assert [content.get("run") for content in artifacts.earlier(str(own), "w1")] == ["newest", None]
    assert list(artifacts.earlier(str(own), "../own/nodes/w1")) == []


def test_a_memory_is_bounded():
    many = [look("22T02:00:00", node=f"w{number}") for number in range(5000)]
    assert len(recurrence.newest(many)) == 2000


@pytest.mark.parametrize("number, word", [(1, "first"), (10, "tenth"), (11, "11th"), (12, "12th"), (21, "21st"), (22, "22nd"), (33, "33rd"), (111, "111th")])
def test_ordinals(number, word):
    assert recurrence._ordinal(number) == word
