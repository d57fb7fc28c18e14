# Copyright: kubetriage.node contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The triage works on the sick node: each state of sick.py is answered in time and with the right cause, leaves nothing there, and a node that hangs
costs its own deadline. What is measured becomes docs/sick-nodes.md.

    pytest tests/lab/test_sick.py [-k mount_hung]      all of it: about 8 min, because each state starts on a worker from scratch
"""

import concurrent.futures
import json
import pathlib
import re
import tarfile
import time

import pytest

from playbooks import ROOT, play
from shifts import Shifts
from sick import DOORS, HANGS, SICK, AllHangs

PAGE = ROOT / "docs" / "sick-nodes.md"
WITHIN = 30  # seconds at the default deadline
NODE = "w2"


@pytest.fixture(scope="session")
def page():
    """{first column: row} of what this run measures, for both tables of the page; at the end it is put over the rows that are there."""
    measured = {}
    yield measured
    lines = PAGE.read_text().splitlines()
    rows = dict({line.split(" | ")[0][2:]: line for line in lines if line.startswith("| ")}, **measured)
    text, order = [], ([name(state) for state in SICK] + [name("clock_off")], list(HANGS) + [AllHangs.__doc__])
    for line in lines:
        if not line.startswith("| ") or line.startswith(("| state ", "| place ")):
            text.append(line)
        if line.startswith("|---"):
            text += [rows[first] for first in order[line.count("|") < 7] if first in rows]
    PAGE.write_text("\n".join(text) + "\n")


def name(state):
    return "`%s`" % state


def put(page, *columns):
    page[columns[0]] = "| %s |" % " | ".join(columns)
    print(page[columns[0]])


def unseen(artifact):
    return [gap for check in artifact["checks"] for gap in check["not_checked"]]


# ---- every state

@pytest.fixture(scope="module")
def looked(request, lab, tmp_path_factory):
    """Every selected state on a worker of its own time -> {name: Future of (run, its worker, does the state last, processes of ours left there)}."""
    states = [SICK[item.callspec.params["state"]] for item in request.session.items if item.originalname == "test_a_sick_node_is_answered"]
    base = tmp_path_factory.mktemp("sick")
    with Shifts(lab, states, lambda sick, node: look(lab, sick, node, base / sick.name)) as shifts:
        yield shifts.futures


def look(lab, sick, node, path):
    try:
        sick.inject(lab, node)
        lab.wait("%s on %s" % (sick.name, node), lab.patience, sick.settled, lab, node)
        sick.last(lab, node)
        run = play("triage.yml", path, "-l", node, "-e", json.dumps(sick.host), lab=lab, environment=sick.environment)
        return run, node, sick.so(lab, node), left(lab, node)
    finally:
        sick.cure(lab, node)


def left(lab, node):
    """What ssh sessions started in the worker and is there 3 s later -> {(state, command)}."""
    until = time.monotonic() + 3
    while True:
        found = set()
        for pid in lab.sessions(node):
            try:
                stat = pathlib.Path("/proc", pid, "stat").read_text()
                command = pathlib.Path("/proc", pid, "cmdline").read_bytes().replace(b"\0", b" ").decode().strip()
            except OSError:
                continue
            if not stat.partition("(")[2].startswith("sshd"):
                found.add((stat.rpartition(")")[2].split()[0], command or stat.split()[1]))
        if not found or time.monotonic() > until:
            return found
        time.sleep(0.2)


@pytest.mark.parametrize("state", SICK)
def test_a_sick_node_is_answered(looked, page, state):
    sick = SICK[state]
    run, node, lasts, remain = looked[state].result()
    artifact = run.nodes[node]
    verdict, reach, gaps = artifact["verdict"], artifact["reach"], unseen(artifact)
    causes = [cause["id"] for cause in verdict["causes"]]
    what = sorted({gap["what"].partition(" (")[0] for gap in gaps} - {"what only the probe can ask"})
    what = what if sick.by else ["the node: " + reach["error"].split(";")[0]]
    what = "; ".join(what[:8] + ["and %d more" % (len(what) - 8)] * (len(what) > 8))
    put(page, name(state), sick.__doc__, str(reach["by"] or "neither"), "%.0f" % run.seconds, "`%s`" % (causes or ["none"])[0], what)
    assert lasts, "the worker was not in this state during the whole look"
    assert run.rc == 0 and sick.slower < run.seconds < WITHIN, (run.seconds, run.text)
    assert reach["by"] == sick.by, (reach, gaps)
    assert causes[:1] == [sick.cause], json.dumps([verdict["causes"], gaps], indent=1)
    assert re.search(sick.unseen, json.dumps([gaps, reach["error"]])), (gaps, reach)
    assert {each[0] for each in remain} <= {"D"} and (sick.held or not remain), remain


def test_a_clock_an_hour_off_is_found_in_a_recording(lab, page, tmp_path):
    """A worker has the machine's clock, so what its bundle says of the API server's is moved instead."""
    run = play("playbooks/collect.yml", tmp_path / "a", "-l", NODE, lab=lab)
    with tarfile.open(run.dir / "bundles" / (NODE + ".tar.gz")) as tar:
        tar.extractall(tmp_path / "bundle", filter="data")
    answer = tmp_path / "bundle" / "commands" / "api-request" / "stdout"
    answer.write_text(json.dumps(dict(json.loads(answer.read_text()), offset_s=-3600)))
    replay = play("playbooks/replay.yml", tmp_path / "b", "-e", "node_triage_evidence=%s" % (tmp_path / "bundle"))
    causes = [cause["id"] for node in replay.nodes.values() for cause in node["verdict"]["causes"]]
    put(page, name("clock_off"), "the clock an hour off (recorded: a worker's bundle, in which this figure was changed)", "replay", "%.0f" % replay.seconds,
        "`%s`" % (causes or ["none"])[0], "")
    assert causes[:1] == ["time.skew"] and replay.seconds < WITHIN, (causes, replay.text)


# ---- a node that hangs

LATE = 17  # seconds of a run beside what its slowest node may take: the control plane, what a peer sees of a silent node, the reports
CHECKS = 8  # of a whole look
COST = 15 + 13  # seconds that a node may take: the default deadline, and connecting


def visited(lab, path, host):
    """A run over all workers; `host`: variables of NODE."""
    path.mkdir(parents=True, exist_ok=True)
    (path / "hang.json").write_text(json.dumps({"workers": {"hosts": {NODE: host}}}))
    return play("triage.yml", path / "artifacts", "-i", str(path / "hang.json"), lab=lab)


def judge(lab, page, run, place, by, reached):
    reach = run.nodes[NODE]["reach"]
    put(page, place, reach["by"] or "neither: " + reach["error"].split(";")[0], "%.0f" % run.seconds,
        ", ".join(node for node in sorted(run.nodes) if len(run.nodes[node]["checks"]) >= CHECKS))
    assert run.rc == 0 and run.seconds < COST + LATE, (run.seconds, run.text)
    assert lab.exec(NODE, "{ %s; } >/dev/null 2>&1 && echo reached" % reached, check=False), "the visit did not come to this place"
    assert reach["by"] == by, reach
    for node in set(lab.workers) - {NODE}:
        seen = run.nodes[node]
        assert seen["reach"]["by"] == "python" and len(seen["checks"]) >= CHECKS and not seen["verdict"]["causes"], run.text


def test_a_node_on_which_everything_hangs_is_answered_and_nothing_stays(lab, page, tmp_path):
    sick = AllHangs()
    try:
        lab.fault_file(NODE).write_text("all")
        sick.do(lab, NODE)
        run = visited(lab, tmp_path, {})
        gaps = json.dumps(unseen(run.nodes[NODE]))
        judge(lab, page, run, sick.__doc__, "python", "cd /run/hang && ls journalctl iptables-save")
        assert all(word in gaps for word in ("/etc/kubernetes", "kubelet_health", "runtime_health", "iptables")), gaps
        assert {each[0] for each in left(lab, NODE)} <= {"D"}, "no more than what waits in the kernel"
        sick.undo(lab, NODE)
        assert not left(lab, NODE), "and not even that when the mount has gone"
    finally:
        lab.fresh(NODE)


# ---- nothing is written

SNAPSHOT = ("for d in / $(awk '$3 ~ /^(tmpfs|ext4)$/ { print $2 }' /proc/mounts | sort -u); do"
            " find $d -xdev -printf '%p|%i %s %m %U %T@ %C@\\n'; done 2>/dev/null")
QUIET = "systemctl stop kubelet kube-proxy containerd systemd-tmpfiles-clean.timer; sleep 1; pkill containerd-shim; sleep 2; true"
WAYS = {"w1": ("python", "root", {}), "w2": ("sh", "root", {}), "w3": ("python", "ops", {"ansible_user": "ops", "ansible_become": True})}


def snapshot(lab, node):
    return dict(line.rsplit("|", 1) for line in lab.exec(node, SNAPSHOT, check=False).splitlines() if "|" in line)


def changed(before, after):
    """Paths that came, went or were written, with numbers (a journal's, a session's) as #."""
    return {re.sub(r"\d+", "#", path) for path in set(before) | set(after) if before.get(path) != after.get(path)}


def prepared(lab, node):
    """-> what a plain login changes on a worker on which nothing else runs, and a snapshot after it."""
    by, user, _host = WAYS[node]
    lab.fault_file(node).write_text("quiet")
    lab.exec(node, QUIET + ("; rm -f /usr/bin/python3*" if by == "sh" else ""))
    before = snapshot(lab, node)
    lab.ssh(node, "true" if user == "root" else "sudo -n true", user=user)
    time.sleep(4)
    after = snapshot(lab, node)
    return changed(before, after), after


def test_nothing_is_written_on_the_node(lab, tmp_path):
    """All file systems of the worker (also /tmp, /run and /dev/shm) before the look and after it: nothing that a plain login of ssh and sudo does not
    change. And the journal holds their lines only."""
    (tmp_path / "ways.json").write_text(json.dumps({"workers": {"hosts": {node: way[2] for node, way in WAYS.items()}}}))
    with concurrent.futures.ThreadPoolExecutor(len(WAYS)) as pool:
        try:
            before = dict(zip(WAYS, pool.map(lambda node: prepared(lab, node), WAYS)))
            since = time.time()
            run = play("triage.yml", tmp_path / "a", "-i", str(tmp_path / "ways.json"), lab=lab)
            after = dict(zip(WAYS, pool.map(lambda node: snapshot(lab, node), WAYS)))
            said = {node: lab.exec(node, "journalctl -q --since=@%.3f -o json --output-fields=SYSLOG_IDENTIFIER" % since) for node in WAYS}
        finally:
            list(pool.map(lab.fresh, WAYS))
    for node, (by, _user, _host) in WAYS.items():
        assert run.nodes[node]["reach"]["by"] == by, run.text
        login, start = before[node]
        assert len(start) > 10000 and login, "a snapshot, and a login that shows in it"
        assert changed(start, after[node]) <= login, (node, sorted(changed(start, after[node]) - login))
        assert {json.loads(line).get("SYSLOG_IDENTIFIER") for line in said[node].splitlines()} <= {"sshd", "sudo"}, said[node]


# ---- one door of a node after the other hangs: last, because the worker is left so until the end

@pytest.fixture(scope="module")
def hung(request, lab, tmp_path_factory):
    """NODE with all the doors of sick.DOORS, visited through each of the selected ones -> {place: Future of the run}."""
    places = [item.callspec.params["place"] for item in request.session.items if item.originalname == "test_a_node_that_hangs_costs_its_own_deadline_only"]
    try:
        lab.fault_file(NODE).write_text("doors")
        lab.exec(NODE, DOORS)
        with concurrent.futures.ThreadPoolExecutor(4) as pool:  # more at a time would wait for this machine's CPUs, and not for the node
            yield {place: pool.submit(visited, lab, tmp_path_factory.mktemp("hang"), HANGS[place].host) for place in places}
    finally:
        lab.fresh(NODE)


@pytest.mark.parametrize("place", HANGS)
def test_a_node_that_hangs_costs_its_own_deadline_only(lab, page, hung, place):
    judge(lab, page, hung[place].result(), place, HANGS[place].by, HANGS[place].reached)
