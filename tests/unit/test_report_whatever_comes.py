# Copyright: kubetriage.node contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The ends of a run: what fail_on makes of it, and that the report comes whatever failed before it."""

import os
import pathlib
import subprocess
import sys

import pytest
from ansible_collections.kubetriage.node.plugins.plugin_utils import fail_on

ROOT = pathlib.Path(__file__).resolve().parents[2]
INCIDENT = ROOT / "docs" / "incidents" / "node-worker-02"


def play(tmp_path, *words, where=ROOT):
    environ = {key: value for key, value in os.environ.items() if not key.startswith(("K8S_AUTH_", "KUBE", "ANSIBLE_"))}
    environ.update(KUBECONFIG="/nonexistent", ANSIBLE_NOCOLOR="1", ANSIBLE_COLLECTIONS_PATH=str(ROOT / "collections"), HOME=str(tmp_path))
    environ.pop("PWD", None)  # as a timer of systemd has it
    words = [str(pathlib.Path(sys.executable).parent / "ansible-playbook"), *words]
    if where == ROOT:
        words += ["-e", "node_triage_artifacts=%s" % (tmp_path / "out")]
    done = subprocess.run(words, cwd=where, env=environ, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=120, check=False)
    return done.returncode, done.stdout.decode()


@pytest.mark.parametrize("wanted, code", [("critical", 2), ("totals.not_ready > `0`", 2), ("totals.not_ready > `1`", 0), ("", 0)])
def test_a_replay_fails_on_what_it_is_told_to(tmp_path, wanted, code):
    ended, text = play(tmp_path, "playbooks/replay.yml", "-e", "node_triage_evidence=%s" % INCIDENT, "-e", '{"node_triage_fail_on": "%s"}' % wanted)
    assert ended == code, text
    assert "NOT READY" in text and ("fail_on holds" in text) == bool(code)


def test_artifacts_go_below_the_directory_that_it_was_started_in(tmp_path):
    ended, text = play(tmp_path, "kubetriage.node.replay", "-e", "node_triage_evidence=%s" % INCIDENT, where=tmp_path)
    assert ended == 0 and next(tmp_path.glob("artifacts/*/report.html")), text
    ended, text = play(tmp_path, "kubetriage.node.probe", where=tmp_path)
    assert ended == 0 and (tmp_path / "probe.py").exists(), text


def test_a_wrong_address_of_the_metadata_service_is_said_before_the_look(tmp_path):
    ended, text = play(tmp_path, "playbooks/triage.yml", "-i", "w1,", "-c", "local", "-e", "node_triage_metadata='http://$(reboot)'")
    assert ended == 2 and "is no address" in text and "Traceback" not in text, text


def test_the_report_comes_though_the_look_from_outside_failed(tmp_path):
    ended, text = play(tmp_path, "playbooks/triage.yml", "-i", "127.0.0.1:1,", "-e", '{"node_triage_cloud_state": "perhaps"}')
    assert ended == 2 and "perhaps" in text
    assert "UNREACHABLE" in text and next((tmp_path / "out").glob("*/report.html")).exists(), text


def test_an_expression_that_is_none_is_said(monkeypatch):
    with pytest.raises(ValueError, match="neither warning nor critical nor a JMESPath"):
        fail_on.expression_holds({}, "totals.[")
    monkeypatch.setitem(sys.modules, "jmespath", None)
    with pytest.raises(ValueError, match="jmespath is missing"):
        fail_on.expression_holds({}, "totals")
