# Copyright: kubetriage.node contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A directory of hostile logs, replayed: no script of theirs runs in a real browser, and the terminal gets no control bytes."""

import json
import os
import re
import shutil
import subprocess

import pytest

from playbooks import play

MARK = "document.documentElement.setAttribute('data-pwned','1')"
SCRIPTS = ["<script>%s</script>" % MARK, "</td></code></pre></script><script>%s</script>" % MARK, "<img src=x onerror=\"%s\">" % MARK,
           "\" onmouseover=\"%s\" autofocus onfocus=\"%s\" x=\"" % (MARK, MARK),
           "<svg/onload=%s>" % MARK,
           "<iframe srcdoc=\"<script>parent.%s</script>\">" % MARK,
           "<a href=\"javascript:%s\">" % MARK, "--><script>%s</script><!--" % MARK,
           "{{ lookup('pipe', 'false') }}{% raw %}", "]]><style>*{display:none}</style>"]
CONTROL = "\x1b[2J\x1b]8;;http://evil.example\x07link\x1b]52;c;AAAA\x07\x9b31m\x00\x08\x7f\u202e\u2066\u200b\r"
HOSTILE = [script + CONTROL for script in SCRIPTS]


@pytest.fixture(scope="module")
def browser():
    found = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if not found:
        if os.environ.get("KUBETRIAGE_REQUIRE_LAB"):
            pytest.fail("the tests need Chromium")
        pytest.skip("no Chromium")

    def dom(path, profile):
        """What a page's elements are after its scripts have had their time."""
        return subprocess.run([found, "--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--user-data-dir=%s" % profile,
                               "--virtual-time-budget=3000", "--dump-dom", "file://%s" % path], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
                              timeout=120, check=True).stdout.decode("utf-8", "replace")
    return dom


@pytest.fixture(scope="module")
def replayed(tmp_path_factory):
    base = tmp_path_factory.mktemp("hostile")
    folder = base / "logs" / "node<script>{{x}}"
    folder.mkdir(parents=True)
    lines = ['Nov 24 02:00:%02d w1 kubelet[812]: E1124 02:00:%02d.000000     812 run.go:74] "command failed" err="failed to run Kubelet: %s"'
             % (number, number, text) for number, text in enumerate(HOSTILE)]
    killed = ["[ %d.000000] Out of memory: Killed process %d (%s) total-vm:1kB, anon-rss:1kB, file-rss:0kB, shmem-rss:0kB, UID:0 pgtables:1kB oom_score_adj:0"
              % (100 + number, number, text[:15]) for number, text in enumerate(HOSTILE)]
    (folder / "kubelet.log").write_text("\n".join(lines) + "\n")
    (folder / "kernel.log").write_text("\n".join(killed) + "\n" + "A" * (1 << 20) + "\n")
    (folder / "notes.txt").write_bytes("\n".join(HOSTILE).encode() + b"\xff\xfe\xc3\x28\n")
    named = {"name": HOSTILE[0], "labels": {HOSTILE[1]: HOSTILE[2]}, "annotations": {HOSTILE[3]: HOSTILE[4]}}
    (folder / "node.json").write_text(json.dumps({"kind": "Node", "metadata": named, "status": {"conditions": [
        {"type": text, "status": "False" if number else "Unknown", "reason": text, "message": text} for number, text in enumerate(["Ready"] + HOSTILE)]}}))
    pods = [{"kind": "Pod", "metadata": {"name": text, "namespace": text, "uid": text}, "spec": {}, "status": {"phase": text, "reason": text}}
            for text in HOSTILE]
    (folder / "pods.json").write_text(json.dumps({"kind": "List", "items": pods}))
    events = [{"kind": "Event", "reason": text, "message": text, "type": "Warning", "involvedObject": {"kind": "Node", "name": text}} for text in HOSTILE]
    (folder / "events.json").write_text(json.dumps({"kind": "List", "items": events}))
    return play("playbooks/replay.yml", base / "out", "-vv", "-e", json.dumps({"node_triage_evidence": str(folder.parent)}),
                environment={"ANSIBLE_FORCE_COLOR": "0", "ANSIBLE_NOCOLOR": "1"})


def test_the_terminal_gets_no_control_bytes(replayed):
    assert replayed.rc == 0 and "Traceback" not in replayed.text, replayed.text
    assert "<script>" in replayed.text  # it was told, as text
    assert not re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\u200b-\u200f]", replayed.text)


def test_no_script_runs(replayed, browser, tmp_path):
    page = browser(replayed.dir / "report.html", tmp_path / "profile")
    assert "pwned" in page and "kubelet" in page and not re.search(r"<html[^>]*data-pwned", page)
    for tag in ("<script", "<img", "<iframe", "<svg", "<a href=\"javascript"):
        assert tag not in page, tag


def test_the_browser_would_run_them(browser, tmp_path):
    """The same texts, not escaped: else the test above could not fail."""
    bare = tmp_path / "bare.html"
    bare.write_text("<!doctype html><html><body>%s</body></html>" % SCRIPTS[0])
    assert re.search(r"<html[^>]*data-pwned", browser(bare, tmp_path / "profile"))
