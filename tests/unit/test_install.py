# Copyright: kubetriage.node contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The built tarball, installed into an empty path, does what the checkout does; and it holds what the collection is, and no more."""

import json
import os
import pathlib
import subprocess
import sys
import tarfile

import pytest
import yaml
from ansible_collections.kubetriage.node.plugins.plugin_utils.version import VERSION

ROOT = pathlib.Path(__file__).resolve().parents[2]
BIN = pathlib.Path(sys.executable).parent


def run(*argv, **environment):
    environ = {key: value for key, value in os.environ.items() if not key.startswith(("ANSIBLE_", "K8S_AUTH_", "KUBECONFIG"))}
    done = subprocess.run([str(BIN / argv[0]), *argv[1:]], env=dict(environ, **environment), cwd=environment.get("PWD", ROOT), check=False,
                          stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=120)
    assert done.returncode == 0, done.stdout
    return done.stdout


@pytest.fixture(scope="module")
def tarball(tmp_path_factory):
    path = tmp_path_factory.mktemp("built")
    run("ansible-galaxy", "collection", "build", "--output-path", str(path))
    return next(path.glob("*.tar.gz"))


def test_the_tarball_holds_the_collection_and_no_more(tarball):
    with tarfile.open(tarball) as tar:
        names = tar.getnames()
    assert {"plugins/action/triage.py", "roles/node_triage/tasks/main.yml", "playbooks/triage.yml", "README.md", "meta/runtime.yml",
            "plugins/plugin_utils/report/page.html.j2"} <= set(names)
    assert {name.split("/")[0] for name in names} <= {"MANIFEST.json", "FILES.json", "README.md", "SECURITY.md", "CHANGELOG.rst", "LICENSE", "changelogs",
                                                      "deploy", "docs", "meta", "playbooks", "plugins", "roles", "requirements.txt"}
    assert tarball.name == "kubetriage-node-%s.tar.gz" % VERSION == "kubetriage-node-%s.tar.gz" % yaml.safe_load((ROOT / "galaxy.yml").read_text())["version"]


def test_installed_into_an_empty_path_it_replays_the_incident(tarball, tmp_path):
    place, empty = tmp_path / "collections", tmp_path / "empty"
    empty.mkdir()
    run("ansible-galaxy", "collection", "install", str(tarball), "-p", str(place), "--no-deps", ANSIBLE_COLLECTIONS_PATH=str(place))
    said = run("ansible-playbook", "kubetriage.node.replay", "-e", "node_triage_evidence=%s" % (ROOT / "docs/incidents/node-worker-02"),
               ANSIBLE_COLLECTIONS_PATH=str(place), PWD=str(empty))
    assert "memory.oom.kubelet" in said and "shop/leaky" in said
    artifact = json.loads(next(empty.glob("artifacts/*/nodes/node-worker-02.json")).read_text())
    assert artifact["verdict"]["causes"][0]["id"] == "memory.oom.kubelet"
