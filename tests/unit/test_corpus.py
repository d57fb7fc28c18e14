# Copyright: kubetriage.node contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The labelled incidents of tests/corpus: their form, their number, and that the diagnosis is as right as docs/corpus.md says."""

import pathlib
import sys

import pytest

from ansible_collections.kubetriage.node.plugins.module_utils.catalogue import FAMILIES

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests" / "corpus"))
import corpus  # noqa: E402

HEAD = "title: a\nprograms: b\n"
BODY = "=== kubelet.log\nNov 20 02:13:05 a kubelet[1]: b\n"


@pytest.fixture(scope="module")
def cases():
    return [corpus.Case(path) for path in corpus.paths()]


@pytest.fixture(scope="module")
def scores():
    return corpus.scores(corpus.paths())


def test_each_case_is_in_the_form(cases):
    names = [(case.family, case.name) for case in cases]
    assert len(names) == len(set(names))
    for case in cases:
        assert case.family in (*FAMILIES, *corpus.BESIDE), case.family
        assert case.labels["cause"] not in case.labels.get("looks_like", ()), (case.family, case.name)
        assert case.family != "noise" or not case.right, case.name


@pytest.mark.parametrize("text", [
    HEAD + BODY, "cause:\n" + BODY, HEAD + "cause:\n", HEAD + "cause: no.such\n" + BODY, HEAD + "cause:\nor: disk.full\n" + BODY,
    HEAD + "cause:\nalso: [disk.full]\n" + BODY, HEAD + "cause:\nsymptom: [disk.full]\n" + BODY,
    HEAD + "cause:\nlooks_like: [no.such]\n" + BODY,
    HEAD + "cause:\n=== other.log\nx\n", "- a\n" + BODY, "title: a: b\n" + BODY,
])
def test_a_case_that_is_not_in_the_form_is_refused(tmp_path, text):
    path = tmp_path / "case.txt"
    path.write_text(text)
    with pytest.raises(corpus.BadCase):
        corpus.Case(path)


def test_there_are_enough_cases_and_half_of_them_are_no_plain_hits(cases):
    assert len(cases) >= 200
    negative = {family: sum(case.family == family and not case.right for case in cases) for family in {case.family for case in cases}}
    assert set(FAMILIES) <= set(negative) and min(negative.values()) >= 1, negative
    near = sum(bool(case.right and case.labels.get("looks_like")) for case in cases)
    assert 2 * (sum(negative.values()) + near) >= len(cases)


def test_each_causal_edge_has_a_case_and_a_twin(cases):
    names = [case.name for case in cases if case.family == "chains"]
    for number in range(1, 26):
        edge = [name for name in names if name.startswith(f"edge-{number:02}-")]
        assert any(name.endswith("-not") for name in edge) and any(not name.endswith("-not") for name in edge), (number, edge)
    for case in cases:
        if case.family == "chains" and case.name.startswith("edge-") and not case.name.endswith("-not"):
            assert case.labels.get("symptoms"), case.name


def test_each_label_is_met(scores):
    assert [f"{score.family}/{score.name}: {sentence}" for score in scores for sentence in score.wrong] == []


def test_the_shares_hold_and_the_page_is_current(scores):
    assert corpus.good(scores)
    assert (ROOT / "docs" / "corpus.md").read_text(encoding="utf-8") == corpus.page(scores), "tests/corpus/corpus.py --table docs/corpus.md"


@pytest.mark.parametrize("file, state, causes, unseen", [
    ("kernel.log", "degraded", [("memory.oom.runtime", "likely")], ["kubelet journal", "control plane's view", "file systems"]),
    ("kubelet.log", "not_ready", [("memory.oom.runtime", "confirmed")], ["kernel log", "control plane's view", "file systems"]),
    ("describe-node.txt", "not_ready", [("kubelet.not_posting", "possible")],
     ["kernel log", "kubelet journal", "runtime journal", "file systems"]),
])
def test_one_file_alone_gives_what_it_can_support(file, state, causes, unseen):
    """Of the node whose OOM killer took containerd, and systemd the kubelet with it."""
    case = corpus.Case(corpus.HERE / "cases" / "chains" / "edge-08-oom-takes-containerd-and-systemd-the-kubelet.txt")
    case.files = {file: case.files[file]}
    verdict = case.verdict()
    assert verdict["state"] == state
    assert [(cause["id"], cause["confidence"]) for cause in verdict["causes"]] == causes
    gaps = {gap["what"] for gap in verdict["not_checked"]}
    assert set(unseen) <= gaps
