# Copyright: kubetriage.node contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What goes wrong around triage says so in one sentence that names it and the next step, and the other nodes' results are kept."""

import pytest

from playbooks import play


@pytest.fixture()
def inventory(tmp_path):
    """The lab's inventory with one more or one changed host."""
    def write(text):
        path = tmp_path / "more.yml"
        path.write_text(text)
        return ["-i", str(path)]
    return write


def lines_with(run, word):
    return [line for line in run.text.splitlines() if word in line]


@pytest.mark.parametrize("host, kind, next_step", [
    ("ghost: {ansible_host: no-such-host.invalid}", "resolve", "ansible_host"),
    ("ghost: {ansible_host: 10.77.0.1, ansible_port: 9}", "refused", "ansible_port"),
    ("ghost: {ansible_host: 10.77.0.11, ansible_user: nobody, ansible_ssh_private_key_file: /dev/null}", "auth", "ansible_ssh_private_key_file"),
    ("ghost: {ansible_host: 10.77.0.11, ansible_user: nosudo, ansible_become: true}", "sudo", "--ask-become-pass"),
    ("ghost: {ansible_host: 10.77.0.11, ansible_shell_executable: /no/such/shell}", None, ""),
    ("ghost: {ansible_host: 10.77.0.199}", "no_route", "off"),
])
def test_a_node_that_cannot_be_looked_at(spotless, tmp_path, inventory, host, kind, next_step):
    run = play("triage.yml", tmp_path / "run", "-l", "ghost,w2", *inventory("workers:\n  hosts:\n    %s\n" % host), lab=spotless)
    assert run.rc == 0 and "Traceback" not in run.text, run.text
    assert run.verdict("w2")["state"] == "healthy", run.text
    reach = run.nodes["ghost"]["reach"]
    if kind == "sudo":  # it is looked at without root, and that is said
        gaps = [gap["why"] for gap in run.verdict("ghost")["not_checked"] if gap["what"] == "what only root may read"]
        assert reach["ok"] and reach["root"] is False and any(next_step in why for why in gaps), run.text
    elif kind:
        assert not reach["ok"] and reach["kind"] == kind and next_step in reach["error"], reach
        assert run.verdict("ghost")["state"] == "unreachable"
    assert lines_with(run, "ghost")


def test_a_user_without_root_sees_less_and_says_what(lab, tmp_path):
    run = play("triage.yml", tmp_path, "-l", "w2", "-e", "ansible_user=nosudo", lab=lab)
    assert run.rc == 0, run.text
    assert run.nodes["w2"]["reach"]["root"] is False
    assert any("root" in gap["why"] or "root" in gap["what"] for gap in run.verdict("w2")["not_checked"])


@pytest.mark.parametrize("environment, sentence", [
    ({"K8S_AUTH_KUBECONFIG": "/no/such/kubeconfig"}, "/no/such/kubeconfig"),
    ({"K8S_AUTH_KUBECONFIG": "/dev/null"}, "/dev/null"),
    ({"K8S_AUTH_KUBECONFIG": "", "K8S_AUTH_HOST": "https://127.0.0.1:9", "K8S_AUTH_API_KEY": "x"}, "refused"),
    ({"K8S_AUTH_KUBECONFIG": "", "K8S_AUTH_HOST": "https://10.77.0.1:6443", "K8S_AUTH_API_KEY": "wrong",
      "K8S_AUTH_VERIFY_SSL": "false"}, "does not accept the credentials"),
])
def test_a_cluster_that_cannot_be_asked(lab, tmp_path, environment, sentence):
    run = play("triage.yml", tmp_path, "-l", "w2", lab=lab, environment=environment)
    assert run.rc == 0 and "Traceback" not in run.text, run.text
    gaps = [gap["why"] for gap in run.verdict("w2")["not_checked"]]
    assert any(sentence in why for why in gaps), gaps
    assert run.nodes["w2"]["verdict"]["state"] in ("healthy", "unknown", "degraded")


@pytest.mark.parametrize("make, sentence", [
    (lambda path: None, "no such"),
    (lambda path: path.mkdir(), "nothing"),
    (lambda path: path.write_bytes(b"garbage"), "not a readable .tar.gz"),
])
def test_evidence_that_is_none(tmp_path, make, sentence):
    path = tmp_path / "evidence.tar.gz"
    make(path)
    run = play("playbooks/replay.yml", tmp_path / "run", "-e", "node_triage_evidence=%s" % path)
    assert run.rc == 2 and "Traceback" not in run.text
    assert any(str(path) in line and sentence in line.lower() for line in run.text.splitlines()), run.text
