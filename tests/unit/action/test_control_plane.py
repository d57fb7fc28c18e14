# Copyright: kubetriage.node contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The action in a real play, against a very small API server."""

import json
import os
import pathlib
import subprocess
import sys

import pytest

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "plugin_utils"))
from fake_api import serve  # noqa: E402

NODES = {
    "w1": {"metadata": {"name": "w1"}, "status": {"addresses": [{"type": "InternalIP", "address": "10.0.0.1"}]}},
    "w2": {"metadata": {"name": "w2"}, "status": {"addresses": [{"type": "InternalIP", "address": "10.0.0.2"}]}},
}
INVENTORY = """
w1
second ansible_host="{{ '10.0.0' }}.2"
bastion ansible_host=10.0.0.9
"""
PLAY = """
- hosts: all
  gather_facts: false
  environment:
    K8S_AUTH_API_KEY: s3cret
  module_defaults:
    group/kubetriage.node.cluster:
      host: %s
  tasks:
    - kubetriage.node.control_plane:
        artifacts: %s
        timeout: 2
      run_once: true
"""


def answer(path, headers):
    if headers["Authorization"] != "Bearer s3cret":
        return 401, {"kind": "Status", "message": "Unauthorized"}
    if "/pods?" in path:
        return 403, {"kind": "Status", "message": 'pods is forbidden: User "bob" cannot list resource "pods"'}
    if path.startswith("/api/v1/nodes?"):
        return 200, {"kind": "NodeList", "items": list(NODES.values())}
    if path.startswith("/api/v1/nodes/"):
        return 200, NODES[path.rsplit("/", 1)[1]]
    return 200, {"kind": "List", "items": []}


def play(tmp_path, server, *options):
    (tmp_path / "inventory").write_text(INVENTORY)
    (tmp_path / "play.yml").write_text(PLAY % (server, tmp_path / "artifacts"))
    environ = {key: value for key, value in os.environ.items() if not key.startswith(("K8S_AUTH_", "KUBE", "ANSIBLE_"))}
    environ.update(HOME=str(tmp_path), ANSIBLE_COLLECTIONS_PATH=str(HERE.parents[2] / "collections"), ANSIBLE_NOCOLOR="1", NO_PROXY="*",
                   ANSIBLE_STDOUT_CALLBACK="ansible.builtin.default")
    done = subprocess.run([sys.executable, "-m", "ansible", "playbook", "-i", "inventory", "play.yml", "-v", *options],
                          cwd=tmp_path, env=environ, capture_output=True, text=True, timeout=60, check=False)
    assert "s3cret" not in done.stdout + done.stderr
    assert done.returncode == 0, done.stdout + done.stderr
    runs = os.listdir(tmp_path / "artifacts")
    assert len(runs) == 1
    return done.stdout, tmp_path / "artifacts" / runs[0]


@pytest.mark.parametrize("options", [[], ["--check"]])
def test_a_run_begins_with_the_view_of_its_hosts(tmp_path, options):
    with serve(answer) as server:
        told, run_dir = play(tmp_path, server, *options)
    assert '"nodes": 2' in told and '"unmatched": ["bastion"]' in told and '"changed": false' in told
    seen = json.loads((run_dir / "control_plane.json").read_text())
    assert (seen["error"], seen["server"]) == (None, server)
    assert seen["hosts"] == {"w1": "w1", "second": "w2", "bastion": None}
    view = json.loads((run_dir / "control_plane" / "w2.json").read_text())
    assert view["not_checked"] == [{"what": "pods of the node", "why": 'forbidden: User "bob" cannot list resource "pods"'}]


def test_a_refused_connection_is_a_result(tmp_path):
    with serve(answer) as server:
        pass
    told, run_dir = play(tmp_path, server)
    assert "refused the connection" in told and "failed=0" in told
    assert "refused the connection" in json.loads((run_dir / "control_plane.json").read_text())["error"]
