# Copyright: kubetriage.node contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The triage works on the sick node: each state of sick.py is answered in time and with the right cause; the rows become docs/sick-nodes.md.

    pytest tests/lab/test_sick.py [-k mount_hung]      every state: about 15 min, because each starts on a worker from scratch
"""

import json
import re
import tarfile

import pytest

from playbooks import ROOT, play
from sick import SICK, hanging

PAGE = ROOT / "docs" / "sick-nodes.md"
WITHIN = 30  # seconds at the default deadline
NODE = "w2"


def row(name, what, by, seconds, found, unseen):
    return "| `%s` | %s | %s | %.0f | %s | %s |" % (name, what, by, seconds, found, unseen or "")


@pytest.fixture(scope="session")
def table():
    """Rows by name: those of the page, and what this run puts over them; written at the end."""
    lines = PAGE.read_text().splitlines()
    top = lines.index("|---|---|---|---|---|---|") + 1
    end = next((number for number in range(top, len(lines)) if not lines[number].startswith("|")), len(lines))
    rows = {line.split("`")[1]: line for line in lines[top:end]}
    yield rows
    order = list(SICK) + sorted(set(rows) - set(SICK))
    PAGE.write_text("\n".join(lines[:top] + [rows[name] for name in order if name in rows] + lines[end:]) + "\n")


def unseen(artifact):
    return [gap for check in artifact["checks"] for gap in check["not_checked"]]


@pytest.mark.parametrize("name", SICK)
def test_a_sick_node_is_answered(lab, table, name, tmp_path):
    sick = SICK[name]
    try:
        sick.inject(lab, NODE)
        lab.wait(name, lab.patience, sick.settled, lab, NODE)
        run = play("triage.yml", tmp_path / "a", "-l", NODE, "-e", json.dumps(sick.host), lab=lab, environment=sick.environment)
    finally:
        sick.cure(lab, NODE)
    artifact = run.nodes[NODE]
    verdict, reach, gaps = artifact["verdict"], artifact["reach"], unseen(artifact)
    causes = [cause["id"] for cause in verdict["causes"]]
    said = json.dumps([gaps, reach["error"]])
    what = sorted({gap["what"].partition(" (")[0] for gap in gaps} - {"what only the probe can ask"})
    what = what if sick.by else ["the node: " + reach["error"].split(";")[0]]
    what = "; ".join(what[:8] + ["and %d more" % (len(what) - 8)] * (len(what) > 8))
    table[name] = row(name, sick.__doc__, sick.by or "neither", run.seconds, "`%s`" % causes[0] if causes else verdict["state"], what)
    print(table[name])
    assert run.rc == 0 and run.seconds < WITHIN, run.text
    assert reach["by"] == sick.by, (reach, gaps)
    assert not sick.cause or causes and re.fullmatch(sick.cause, causes[0]), json.dumps([verdict["causes"], gaps], indent=1)
    assert re.search(sick.unseen, said), said


def test_a_clock_an_hour_off_is_found_in_a_bundle(lab, table, tmp_path):
    """A worker has the machine's clock, so what its bundle says of the API server's is moved instead."""
    run = play("playbooks/collect.yml", tmp_path / "a", "-l", NODE, lab=lab)
    with tarfile.open(run.dir / "bundles" / (NODE + ".tar.gz")) as tar:
        tar.extractall(tmp_path / "bundle", filter="data")
    answer = tmp_path / "bundle" / "commands" / "api-request" / "stdout"
    answer.write_text(json.dumps(dict(json.loads(answer.read_text()), offset_s=-3600)))
    replay = play("playbooks/replay.yml", tmp_path / "b", "-e", "node_triage_evidence=%s" % (tmp_path / "bundle"))
    causes = [cause["id"] for node in replay.nodes.values() for cause in node["verdict"]["causes"]]
    table["clock_off"] = row("clock_off", "the clock an hour ahead of the API server's (a bundle of a healthy worker, that one figure changed)", "replay",
                             replay.seconds, "`%s`" % (causes or ["none"])[0], "")
    assert causes[:1] == ["time.skew"] and replay.seconds < WITHIN, (causes, replay.text)


@pytest.mark.parametrize("place", hanging())
def test_a_node_that_hangs_costs_its_own_deadline_only(lab, place, tmp_path):
    hang = hanging()[place]
    try:
        hang.do(lab, NODE)
        run = play("triage.yml", tmp_path / "a", lab=lab)
    finally:
        hang.cure(lab, NODE)
    assert run.rc == 0 and run.seconds < WITHIN + 5, (run.seconds, run.text)
    for node in set(lab.workers) - {NODE}:
        assert run.nodes[node]["reach"]["by"] == "python" and len(run.nodes[node]["checks"]) == 8, run.text
    print(place, "%.1f s" % run.seconds, run.nodes[NODE]["reach"], run.verdict(NODE)["state"])


# What sshd, its pam_motd, sudo and journald write about any login.
LEFT = (r"^(?:[CM] )?(/var/log/(?:journal/\S+|lastlog|wtmp|btmp|auth\.log)|/var/lib/sudo/.*"
        r"|/run/(?:sudo|log|systemd)/.*|/run/utmp|/run/motd\.dynamic|/run|/var/log/journal)$")


@pytest.mark.parametrize("by", ["python", "sh"])
def test_nothing_is_written_on_the_node(lab, by, tmp_path):
    """Everything on all file systems of the worker (also /tmp, /run and /dev/shm) whose inode changed during the look."""
    snapshot = ("for d in / $(awk '$3 ~ /^(tmpfs|ext4)$/ {{ print $2 }}' /proc/mounts); do"
                " find $d -xdev -newerct @{0} 2>/dev/null; done; true")
    quiet = "systemctl stop kubelet kube-proxy containerd systemd-tmpfiles-clean.timer; sleep 1; pkill containerd-shim; sleep 2; true"
    try:
        if by == "sh":
            lab.exec(NODE, "rm -f /usr/bin/python3*")
        lab.exec(NODE, quiet)
        start = lab.exec(NODE, "sleep 1.1; date +%s.%N").strip()
        idle = set(lab.exec(NODE, "sleep 4; " + snapshot.format(start), check=False).splitlines())
        start = lab.exec(NODE, "sleep 1.1; date +%s.%N").strip()
        run = play("triage.yml", tmp_path / "a", "-l", NODE, lab=lab)
        changed = set(lab.exec(NODE, snapshot.format(start), check=False).splitlines())
    finally:
        lab.fresh(NODE)
    assert run.nodes[NODE]["reach"]["by"] == by
    ours = sorted(path for path in changed - idle if not re.match(LEFT, path) and not path.startswith(("/proc/", "/sys/")))
    assert not ours, ours
