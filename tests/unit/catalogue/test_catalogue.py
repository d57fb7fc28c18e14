# Copyright: kubetriage.node contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

import pathlib
import re
import runpy
import time

import pytest

from ansible_collections.kubetriage.node.plugins.module_utils.catalogue import FAILURES, FAMILIES, TRAVELLING
from ansible_collections.kubetriage.node.plugins.module_utils.catalogue import entry as form
from ansible_collections.kubetriage.node.plugins.module_utils.catalogue.match import scan

HERE = pathlib.Path(__file__).parent
SAMPLES = {}
for path in sorted((HERE / "samples").glob("*.py")):
    SAMPLES.update(runpy.run_path(str(path))["SAMPLES"])
NOISE = runpy.run_path(str(HERE / "noise.py"))["NOISE"]

NOW = 1795400000.0  # 2026-11-23T...Z
PLACEHOLDERS = {"node", "namespace", "pod", "container", "unit", "mount", "device", "interface", "server", "host", "plugin", "cgroup", "socket", "file"}

ENTRIES = [pytest.param(entry, id=name) for name, entry in FAILURES.items()]
HITS = [pytest.param(name, *sample, id=f"{name}-{number}") for name, samples in SAMPLES.items() for number, sample in enumerate(samples["hits"])]
MISSES = [pytest.param(name, *sample, id=f"{name}-{number}") for name, samples in SAMPLES.items() for number, sample in enumerate(samples["misses"])]


def found(text, source="any"):
    return {match.id for match in scan(text, source, FAILURES, now=NOW)}


@pytest.mark.parametrize("entry", ENTRIES)
def test_form(entry):
    assert set(entry) == {"id", "title", "severity", "role", "what", "log", "ends", "confirm", "fix", "repair", "caused_by"}
    assert entry["id"].split(".")[0] in FAMILIES
    assert len(entry["title"]) <= form.TITLE_LIMIT and not entry["title"].endswith(".")
    assert entry["what"].endswith(".")
    assert entry["confirm"] and entry["fix"]
    assert all(cause in FAILURES and cause != entry["id"] for cause in entry["caused_by"])
    assert len(set(entry["caused_by"])) == len(entry["caused_by"])
    assert entry["role"] != "presence" or not entry["repair"]
    for _source, _needle, regex in entry["log"] + entry["ends"]:
        groups = re.compile(regex, re.I).groupindex
        assert not set(groups) & {"basis", "count", "past", "others"}  # names that findings use themselves
    for step in entry["confirm"] + entry["fix"]:
        assert set(re.findall(r"\{(.*?)\}", step)) <= PLACEHOLDERS, step


def test_every_family_is_there():
    assert len(FAILURES) >= 90
    assert {name.split(".")[0] for name in FAILURES} == set(FAMILIES)
    assert [name.split(".")[0] for name in FAILURES] == sorted((name.split(".")[0] for name in FAILURES), key=FAMILIES.index)
    assert set(TRAVELLING) <= set(form.failure("a.b", "t", "info", "cause", "w."))


def test_causes_form_no_cycle():
    done, walking = set(), []

    def visit(name):
        assert name not in walking, " <- ".join(walking + [name])
        if name not in done:
            walking.append(name)
            for cause in FAILURES[name]["caused_by"]:
                visit(cause)
            done.add(walking.pop())

    for name in FAILURES:
        visit(name)


def test_a_cause_is_not_a_mere_presence():
    for name, entry in FAILURES.items():
        for cause in entry["caused_by"]:
            assert FAILURES[cause]["id"], (name, cause)


def test_every_entry_with_signatures_has_samples():
    with_log = {name for name, entry in FAILURES.items() if entry["log"]}
    assert set(SAMPLES) == with_log
    for name, samples in SAMPLES.items():
        assert len(samples["hits"]) >= 2 and len(samples["misses"]) >= 1, name


def test_every_signature_has_a_sample():
    unseen = []
    for name, entry in FAILURES.items():
        for signature in entry["log"]:
            alone = {name: dict(entry, log=[signature])}
            if not any(scan(line, source, alone, now=NOW) for _origin, source, line in SAMPLES[name]["hits"]):
                unseen.append((name, signature[1]))
    assert not unseen


@pytest.mark.parametrize("name, origin, source, line", HITS)
def test_hit(name, origin, source, line):
    assert any(needle in line.lower() for _source, needle, _regex in FAILURES[name]["log"])
    assert name in found(line, source)
    assert name in found(line)


@pytest.mark.parametrize("name, origin, source, line", MISSES)
def test_near_miss(name, origin, source, line):
    assert name not in found(line, source)
    assert name not in found(line)


@pytest.mark.parametrize("origin, line", [pytest.param(*each, id=str(number)) for number, each in enumerate(NOISE)])
def test_noise_is_nothing(origin, line):
    assert found(line) == set()


def test_a_hit_is_seen_among_other_lines():
    noise = [line for _origin, line in NOISE]
    for name, samples in SAMPLES.items():
        origin, source, line = samples["hits"][0]
        assert name in found("\n".join(noise + [line] + noise), source)


# What makes patterns slow: many starts of what they look for, and never the end of it.
HOSTILE = ["{needle}", "{needle} ", "x" * 40 + "{needle}", "https://a/api/x {needle} dial tcp ", "\"{needle}\" err=\"", "{needle}: {needle}=", "(({needle}))[[ ", "/{needle}/x: "]


def test_patterns_are_not_slow_on_hostile_lines():
    """A line of 200 kB costs each signature a bounded time, however it is made."""
    for name, entry in FAILURES.items():
        for signature in entry["log"] + entry["ends"]:
            for shape in HOSTILE:
                piece = shape.format(needle=signature[1])
                line = (piece * (200000 // len(piece) + 1))[:200000]
                start = time.perf_counter()
                scan(line, "any", {name: dict(entry, log=[signature], ends=[])}, now=NOW)
                assert time.perf_counter() - start < 1.0, (name, signature, shape)
