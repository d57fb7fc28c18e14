# Copyright: kubetriage.node contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

import pathlib
import re
import sys
import time

import pytest
from hypothesis import given, settings, strategies as st

from ansible_collections.kubetriage.node.plugins.module_utils.catalogue import FAILURES, FAMILIES, TRAVELLING
from ansible_collections.kubetriage.node.plugins.module_utils.catalogue import entry as form
from ansible_collections.kubetriage.node.plugins.module_utils.catalogue.match import scan

sys.path.insert(0, str(pathlib.Path(__file__).parent))
from sample_files import NOISE, SAMPLES  # noqa: E402

NOW = 1795400000.0  # 2026-11-23
PLACEHOLDERS = {"node", "namespace", "pod", "container", "unit", "mount", "device", "interface", "server", "host", "plugin",
                "cgroup", "socket", "file"}
QUOTED = re.compile(r"""'[^']*\{\w+\}[^']*'|"[^"]*\{\w+\}[^"]*\"""")
# Keys of a finding's data that are not the pattern's.
TAKEN = {"basis", "count", "past", "others"}


def found(text, source="any", failures=None):
    return {match.id for match in scan(text, source, failures or FAILURES, now=NOW)}


def each(samples):
    return [pytest.param(sample, id="%s-%d" % (sample.name, number)) for number, sample in enumerate(samples)]


@pytest.mark.parametrize("name", FAILURES)
def test_form(name):
    entry = FAILURES[name]
    assert set(entry) == {"id", "title", "severity", "role", "what", "log", "ends", "least", "confirm", "fix", "repair", "caused_by", "seen_with"}
    assert name == entry["id"]
    assert not entry["title"].endswith(".") and entry["what"].endswith(".")
    assert entry["confirm"] and entry["fix"]
    causes = entry["caused_by"] + entry["seen_with"]
    assert all(cause in FAILURES and cause != name for cause in causes)
    assert len(set(causes)) == len(causes)
    assert entry["role"] != "presence" or not entry["repair"] and entry["severity"] != "critical"
    for source, needle, regex in entry["log"] + entry["ends"]:
        pattern = re.compile(regex, re.IGNORECASE)
        assert not set(pattern.groupindex) & TAKEN
        assert not pattern.search(""), "it matches everything"
    for step in entry["confirm"] + entry["fix"]:
        assert set(re.findall(r"(?<!\$)\{(\w+)\}", step)) <= PLACEHOLDERS, step  # what awk, jsonpath and the shell have in braces is no name
        assert not QUOTED.search(re.sub(r"(?<=\w)'(?=s\b)", "", step)), "what is filled in comes with its own quotes"


def test_families():
    assert len(FAILURES) >= 90
    assert {name.split(".")[0] for name in FAILURES} == set(FAMILIES)
    assert [name.split(".")[0] for name in FAILURES] == sorted((name.split(".")[0] for name in FAILURES), key=FAMILIES.index)
    assert set(TRAVELLING) <= set(FAILURES["disk.full"])


@pytest.mark.parametrize("change", [
    {"severity": "bad"}, {"role": "reason"}, {"repair": "reboot"}, {"title": "x" * 71}, {"title": ""}, {"what": ""},
    {"log": [("kernel", "Upper", "x")]}, {"log": [("dmesg", "x", "x")]}, {"ends": [("kernel", 'a"b', "x")]}])
def test_an_entry_that_breaks_the_form_is_refused_by_name(change):
    good = {"title": "t", "severity": "info", "role": "cause", "what": "w."}
    assert form.failure("disk.new", **good)["id"] == "disk.new"
    with pytest.raises(ValueError, match="disk.new"):
        form.failure("disk.new", **dict(good, **change))


def test_causes_form_no_cycle():
    done, walking = set(), []

    def visit(name):
        assert name not in walking, " <- ".join(walking + [name])
        if name not in done:
            walking.append(name)
            for cause in FAILURES[name]["caused_by"] + FAILURES[name]["seen_with"]:
                visit(cause)
            done.add(walking.pop())

    for name in FAILURES:
        visit(name)


# Section 10 of what is known about nodes: cause, effect that it must be able to explain (over however many steps).
EDGES = [
    ("disk.full", "kubelet.failed"), ("disk.inodes_full", "kubelet.failed"), ("disk.full", "api.etcd_failing"),
    ("disk.pressure", "api.refused"), ("cert.client_expired", "disk.full"), ("time.skew", "cert.client_not_yet_valid"),
    ("time.skew", "disk.inodes_full"), ("net.firewall_reloaded", "cni.chains_flushed"), ("cni.chains_flushed", "cni.service_unreachable"),
    ("storage.nfs_gone", "kubelet.pleg_unhealthy"), ("memory.thrash", "kubelet.not_posting"), ("memory.thrash", "kubelet.pleg_unhealthy"),
    ("memory.oom.node", "memory.oom.runtime"), ("memory.oom.runtime", "kubelet.stopped"), ("memory.oom.reserved", "memory.oom.kubelet"),
    ("memory.oom.node", "memory.oom.kubelet"), ("memory.oom.kubelet", "kubelet.failed"),
    ("runtime.cri_plugin_failed", "runtime.cri_disabled"), ("runtime.cri_disabled", "kubelet.crash_loop"),
    ("net.name_servers_missing", "runtime.sandbox_image"), ("runtime.sandbox_image", "cni.not_initialized"),
    ("kubelet.unauthorized", "cni.not_initialized"), ("kubelet.unauthorized", "kubelet.node_not_found"),
    ("kubelet.wrong_node_name", "kubelet.node_not_found"), ("kubelet.wrong_node_name", "api.lease_failing"),
    ("host.unclean_shutdown", "runtime.metadata_corrupt"), ("runtime.metadata_corrupt", "runtime.socket_refused"),
    ("pids.exhausted", "cni.agent_not_ready"), ("pids.exhausted", "runtime.create_failed"),
    ("limits.inotify_watches", "kubelet.not_ready"), ("limits.conntrack", "kubelet.watchdog_killed"),
    ("storage.nvme_timeout", "api.etcd_failing"), ("storage.nvme_timeout", "storage.io_error"),
    ("nic.link_down", "kubelet.stale_connection"), ("kubelet.stale_connection", "kubelet.not_posting"),
    ("cni.drop_all", "kubelet.not_posting"), ("cni.backend_mix", "cni.drop_all"), ("storage.fs_error", "disk.read_only"),
    ("disk.read_only", "kubelet.failed"), ("kubelet.cgroup_driver_mismatch", "memory.oom.node"),
    ("runtime.sandbox_image", "runtime.name_reserved"), ("runtime.failed", "kubelet.stopped"),
]


@pytest.mark.parametrize("cause, effect", EDGES)
def test_edge(cause, effect):
    above, ahead = set(), [effect]
    while ahead:
        entry = FAILURES[ahead.pop()]
        for name in entry["caused_by"] + entry["seen_with"]:
            if name not in above:
                above.add(name)
                ahead.append(name)
    assert cause in above


def test_entries_with_signatures_have_samples():
    counts = {name: [0, 0] for name, entry in FAILURES.items() if entry["log"]}
    for sample in SAMPLES:
        counts[sample.name][not sample.hit] += 1
    assert {name: count for name, count in counts.items() if count[0] < 2 or count[1] < 1} == {}


def test_every_signature_has_a_line_that_it_matches():
    unseen = []
    for name, entry in FAILURES.items():
        for signature in entry["log"]:
            alone = {name: dict(entry, log=[signature])}
            if not any(found(sample.line, sample.source, alone) for sample in SAMPLES if sample.name == name and sample.hit):
                unseen.append((name, signature[1]))
    assert not unseen


@pytest.mark.parametrize("sample", each([sample for sample in SAMPLES if sample.hit]))
def test_hit(sample):
    assert sample.name in found(sample.line, sample.source)
    assert sample.name in found(sample.line)


@pytest.mark.parametrize("sample", each([sample for sample in SAMPLES if not sample.hit]))
def test_near_miss(sample):
    assert sample.name not in found(sample.line, sample.source)
    assert sample.name not in found(sample.line)


@pytest.mark.parametrize("sample", each(NOISE))
def test_noise_is_nothing(sample):
    assert found(sample.line, sample.source) == set()


def test_hits_are_seen_among_noise():
    noise = "\n".join(sample.line for sample in NOISE)
    for sample in SAMPLES:
        if sample.hit:
            assert sample.name in found("\n".join([noise, "", sample.line, "", noise]), sample.source), sample


# What makes patterns slow: many places to begin what they look for, and no place to end it.
HOSTILE = ("{0}", "{0} ", "x" * 40 + "{0}", "https://a/api/x {0} dial tcp ", '"{0}" err="', "{0}: {0}=", "(({0}))[[ ", "/{0}/x: ")


def test_patterns_are_fast_on_hostile_lines():
    """A line of 200 kB costs a signature a bounded time, however it is made."""
    for name, entry in FAILURES.items():
        for signature in entry["log"] + entry["ends"]:
            alone = {name: dict(entry, log=[signature], ends=[])}
            for shape in HOSTILE:
                line = (shape.format(signature[1]) * 200000)[:200000]
                start = time.perf_counter()
                scan(line, "any", alone, now=NOW)
                assert time.perf_counter() - start < 2.0, (signature, shape)


PIECES = sorted({signature[1] for entry in FAILURES.values() for signature in entry["log"]}) + [
    "\n", "\n\n", " ", '"', '\\"', "\\", ": ", "=", "\x00", "\u0130", "\ud800",
    "Nov 23 02:13:07 w2 kubelet[812]: ", "Nov 23 02:13:08 w2 systemd[1]: ",
    "[ 12.345678] ", '{"MESSAGE":"', '{"MESSAGE":[', "__CURSOR=x\n", "[  +0.000001] ", "-- ", "kubelet.service", "/dev/sda", "x" * 300]


@settings(max_examples=150, deadline=None)
@given(st.lists(st.one_of(st.sampled_from(PIECES), st.text(max_size=20)), max_size=60).map("".join))
def test_any_text_is_scanned(text):
    for match in scan(text, "any", FAILURES, now=NOW):
        assert match.count >= 1 and 1 <= len(match.lines) <= 3
        assert (match.first is None) == (match.last is None) and (match.first is None or match.first <= match.last)
