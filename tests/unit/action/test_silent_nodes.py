# Copyright: kubetriage.node contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The two actions in a real play: who is asked of a silent node, what becomes of it, and that a run without silent nodes does nothing."""

import json
import os
import pathlib
import subprocess
import sys

import pytest
from ansible_collections.kubetriage.node.plugins.plugin_utils import artifacts, outside, verdicts

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "plugin_utils"))
from fake_api import serve  # noqa: E402

NOW = "2026-11-24T03:40:35Z"
INVENTORY = """
[play]
w1 ansible_host=198.51.100.11
[rest]
w2 ansible_host=198.51.100.12 ansible_connection=local ansible_python_interpreter=/nonexistent
w3 ansible_host=198.51.100.13
w4 ansible_host=203.0.113.14 ansible_connection=local
"""
PLAY = """
- hosts: play
  gather_facts: false
  tasks:
    - kubetriage.node.silent_nodes:
        host: %s
        api_key: s3cret
        run_dir: %s
        peers: "{{ peers | default(omit) }}"
      register: silent
      run_once: true
    - kubetriage.node.peer_look:
        run_dir: %s
        peer: "{{ item.peer }}"
        targets: "{{ item.targets }}"
      loop: "{{ silent.looks }}"
      delegate_to: "{{ item.peer }}"
      run_once: true
"""


def row(name, status, address):
    return {"cells": [name, status, address]}


def answer(path, _headers):
    if path.startswith("/api/v1/nodes?"):
        return 200, {"kind": "Table", "columnDefinitions": [{"name": "Name"}, {"name": "Status"}, {"name": "Internal-IP"}],
                     "rows": [row("w1", "NotReady", "198.51.100.11"), row("w2", "Ready", "198.51.100.12"), row("w3", "NotReady", "198.51.100.13"),
                              row("w4", "Ready", "203.0.113.14")]}
    if "/leases/" in path:
        return 200, {"metadata": {"name": "w1"}, "spec": {"renewTime": "2026-11-24T03:34:35.000000Z", "leaseDurationSeconds": 40}}
    if "/proxy/healthz" in path:
        return 503, {"kind": "Status", "message": "error trying to reach service: dial tcp 198.51.100.11:10250: i/o timeout"}
    return 404, {"kind": "Status", "message": path}


def play(tmp_path, server, *options):
    (tmp_path / "inventory").write_text(INVENTORY)
    run_dir = tmp_path / "run"
    (tmp_path / "play.yml").write_text(PLAY % (server, run_dir, run_dir))
    environ = {key: value for key, value in os.environ.items() if not key.startswith(("K8S_AUTH_", "KUBE", "ANSIBLE_"))}
    environ.update(HOME=str(tmp_path), ANSIBLE_COLLECTIONS_PATH=str(HERE.parents[2] / "collections"), ANSIBLE_NOCOLOR="1", NO_PROXY="*",
                   ANSIBLE_STDOUT_CALLBACK="ansible.builtin.default")
    done = subprocess.run([sys.executable, "-m", "ansible", "playbook", "-i", "inventory", "play.yml", "-v", *options],
                          cwd=tmp_path, env=environ, capture_output=True, text=True, timeout=90, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "s3cret" not in done.stdout + done.stderr
    return done.stdout


@pytest.fixture
def silent(tmp_path):
    view = {"name": "w1", "read_at": "2026-11-24T03:40:20Z", "lease": None, "not_checked": [], "taints": [], "events": [], "pods": [], "labels": {}, "info": {},
            "conditions": [{"type": "Ready", "status": "Unknown", "reason": "NodeStatusUnknown", "message": "Kubelet stopped posting node status.",
                            "transition": "2026-11-24T03:35:20Z", "heartbeat": None}],
            "addresses": [{"type": "InternalIP", "address": "198.51.100.11"}], "cluster": None, "provider_id": None}
    reach = {"how": "ssh", "ok": False, "error": "Connection timed out", "kind": "timeout", "root": None, "by": None, "no_view": None}
    artifacts.write_json(artifacts.node_path(str(tmp_path / "run"), "w1"), verdicts.artifact("run", "w1", reach, [], view, NOW))
    outside.mark(str(tmp_path / "run"), "w1")
    return lambda: json.loads(pathlib.Path(artifacts.node_path(str(tmp_path / "run"), "w1")).read_text())


def test_a_ready_host_of_the_inventory_looks_when_the_play_has_no_other(tmp_path, silent):
    with serve(answer) as server:
        play(tmp_path, server)
    content = silent()
    learned = content["reach"]["outside"]
    assert learned["kubelet"]["answer"] == "timeout" and learned["lease"]["lease"]["renewed"] == "2026-11-24T03:34:35Z"
    assert learned["peer"]["host"] == "w2", learned  # Ready, and of the same subnet; w3 is not Ready, w4 is far away
    assert content["verdict"]["causes"] and content["verdict"]["causes"][0]["id"].startswith("host.")


@pytest.mark.parametrize("peers, host, gap", [
    ([], None, None), (["w4", "unknown"], "w4", None), (["w3"], None, "w3 gave none"), (["w1"], None, "no other host")])
def test_only_those_that_the_user_names(tmp_path, silent, peers, host, gap):
    with serve(answer) as server:
        play(tmp_path, server, "-e", json.dumps({"peers": peers}), "-e", json.dumps({"ansible_ssh_common_args": "-o ConnectTimeout=1"}))
    learned = silent()["reach"]["outside"]
    assert (learned.get("peer") or {}).get("host") == host
    missed = [found["why"] for found in learned["not_checked"] if found["what"] == outside.PEER]
    assert bool(missed) == bool(gap) and (not gap or gap in missed[0]), learned


def test_without_silent_nodes_nothing_is_asked(tmp_path):
    asked = []
    with serve(lambda path, headers: asked.append(path) or answer(path, headers)) as server:
        told = play(tmp_path, server)
    assert asked == [] and '"silent": []' in told
