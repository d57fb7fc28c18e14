# Copyright: kubetriage.node contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The modules alone, by `ansible -m`, on a worker: under the oldest and the newest Python that a node may have."""

import glob
import json
import os
import pathlib
import subprocess
import sys

import pytest

from playbooks import ROOT

NAMED = ("kubelet_health", "runtime_health", "oom_scan", "cni_chain_check")
BESIDE = ("node_resources", "api_path", "kernel_health")
OLDEST_CORE = os.environ.get("KUBETRIAGE_OLDEST_CORE")  # bin directory of an environment with the oldest ansible-core, for Python 3.6 on the node


def python(version):
    """A Python of this machine that the workers see at the same path (LAB_PYTHONS)."""
    found = [path for prefix in os.environ.get("LAB_PYTHONS", "").split(":") for path in glob.glob(prefix + "/bin/python" + version)]
    if not found and not os.environ.get("KUBETRIAGE_REQUIRE_LAB"):
        pytest.skip("Python %s is not on this machine" % version)
    assert found, "no Python %s in LAB_PYTHONS" % version
    return found[0]


def module(lab, name, interpreter, core):
    environ = dict(os.environ, ANSIBLE_CONFIG=str(ROOT / "ansible.cfg"))
    done = subprocess.run([str(pathlib.Path(core) / "ansible"), "w1", "-i", str(lab.inventory), "-m", "kubetriage.node." + name, "-o",
                           "-e", "ansible_python_interpreter=" + interpreter], env=environ, cwd=ROOT, stdin=subprocess.DEVNULL,
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, timeout=120, check=False)
    assert " | SUCCESS => " in done.stdout, done.stdout + done.stderr
    return json.loads(done.stdout.partition(" => ")[2])


@pytest.mark.parametrize("name", NAMED + BESIDE)
def test_a_module_runs_alone(spotless, name):
    said = module(spotless, name, "/usr/bin/python3", pathlib.Path(sys.executable).parent)
    assert said["check"] == name and said["status"] == "ok" and said["facts"] and not said["changed"], said


@pytest.mark.parametrize("name", NAMED)
@pytest.mark.parametrize("version, core", [("3.6", OLDEST_CORE), ("3.13", pathlib.Path(sys.executable).parent)], ids=["3.6", "3.13"])
def test_the_named_modules_run_under_old_and_new_python(spotless, name, version, core):
    assert core, "KUBETRIAGE_OLDEST_CORE is not set; ./dev lab sets it"
    said = module(spotless, name, python(version), core)
    assert said["status"] == "ok" and not [gap for gap in said["not_checked"] if "defect" in gap["why"]], said
