# Copyright: kubetriage.node contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Secrets planted in logs, in the API's objects and in a bundle are in nothing that a replay writes or prints."""

import base64
import io
import json
import os
import pathlib
import subprocess
import sys
import tarfile
import urllib.parse

import pytest
from node.planted import PLANTED

ROOT = pathlib.Path(__file__).resolve().parents[2]
LINE = 'Nov 24 02:00:%02d w1 kubelet[812]: E1124 02:00:%02d.000000     812 run.go:74] "command failed" err="failed to run Kubelet: %s"\n'


def forms(secret):
    """As it is, and in the codings that a report might put it in."""
    raw = secret.encode()
    return {secret, urllib.parse.quote(secret, safe=""), json.dumps(secret)[1:-1], raw.hex(),
            base64.b64encode(raw).decode().rstrip("="), base64.urlsafe_b64encode(raw).decode().rstrip("=")}


def loose(folder):
    said = "".join(LINE % (number, number, text) for number, (text, _secret) in enumerate(PLANTED.values()))
    (folder / "kubelet.log").write_text(said)
    (folder / "notes.txt").write_text("\n".join(text for text, _secret in PLANTED.values()))
    node = {"kind": "Node", "apiVersion": "v1", "metadata": {"name": "w1", "annotations": {name: text for name, (text, _secret) in PLANTED.items()}},
            "spec": {}, "status": {"conditions": [{"type": "Ready", "status": "False", "reason": "KubeletNotReady", "message": text}
                                                  for text, _secret in PLANTED.values()]}}
    (folder / "node.json").write_text(json.dumps(node))


def bundle(folder):
    """As a probe of somebody else would make it, that redacts nothing."""
    now = 1795486000
    contents = {"meta.json": json.dumps({"format": "kubetriage.bundle/1", "node": "w1", "now": now, "collected_at": "2026-11-24T02:06:40Z", "window": 3600}),
                "paths.json": "{}", "control_plane.json": json.dumps({"name": "w1", "conditions": [
                    {"type": "Ready", "status": "False", "reason": "x", "message": text} for text, _secret in PLANTED.values()]}),
                "commands/journal/argv.json": '["journalctl"]', "commands/journal/rc": "0", "commands/journal/stderr": "",
                "commands/journal/stdout": "".join("%d.%06d %s" % (now - 99, number, (LINE % (0, 0, text))[16:]) for number, (text, _secret)
                                                   in enumerate(PLANTED.values()))}
    with tarfile.open(folder / "w1.tar.gz", "w:gz") as tar:
        for name, text in contents.items():
            member, data = tarfile.TarInfo(name), text.encode()
            member.size = len(data)
            tar.addfile(member, io.BytesIO(data))


@pytest.mark.parametrize("made", [loose, bundle])
def test_no_planted_secret_is_in_an_artifact_or_on_the_console(made, tmp_path):
    evidence, artifacts = tmp_path / "evidence", tmp_path / "artifacts"
    evidence.mkdir()
    made(evidence)
    done = subprocess.run([str(pathlib.Path(sys.executable).parent / "ansible-playbook"), "-vvv", "playbooks/replay.yml",
                           "-e", "node_triage_evidence=%s" % evidence, "-e", "node_triage_artifacts=%s" % artifacts], cwd=ROOT, text=True,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, env=dict(os.environ, ANSIBLE_NOCOLOR="1"), timeout=300, check=False)
    assert done.returncode == 0, done.stdout[-2000:]
    written = {path: path.read_text() for path in artifacts.rglob("*") if path.is_file()}
    assert {path.name for path in written} >= {"report.html", "report.md", "fleet.json"}
    assert json.loads(next(text for path, text in written.items() if path.parent.name == "nodes"))["redacted"]["secrets"] > 0
    found = [(name, where) for name, (_text, secret) in PLANTED.items() for where, text in list(written.items()) + [("console", done.stdout)]
             for form in forms(secret) if form in text]
    assert not found
