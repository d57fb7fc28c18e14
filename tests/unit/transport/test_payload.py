# Copyright: kubetriage.node contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The probe is one program that needs nothing but a Python: it runs from standard input and, carried by hand, prints a bundle."""

import base64
import glob
import io
import subprocess
import sys
import tarfile

import pytest
from ansible_collections.kubetriage.node.plugins.module_utils.catalogue import FAILURES
from ansible_collections.kubetriage.node.plugins.module_utils.checks import CHECKS, ROUTINE
from ansible_collections.kubetriage.node.plugins.module_utils.node.bundle import open_bundle
from ansible_collections.kubetriage.node.plugins.plugin_utils.evidence import checked
from ansible_collections.kubetriage.node.plugins.plugin_utils.payload import program
from ansible_collections.kubetriage.node.plugins.plugin_utils.transport import unframe

OPTIONS = {"checks": None, "window": 60, "deadline": 15, "bundle": False}


def pythons():
    """This Python and, where a version manager has them, the oldest and the newest that a node may have."""
    root = subprocess.run(["sh", "-c", "pyenv root"], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, universal_newlines=True, check=False).stdout.strip()
    found = [path for version in ("3.6", "3.13") for path in glob.glob("%s/versions/%s.*/bin/python" % (root, version))] if root else []
    return [sys.executable] + found


@pytest.mark.parametrize("python", pythons())
def test_the_probe_answers_from_standard_input(python):
    done = subprocess.run([python, "-I", "-S", "-"], input=program(OPTIONS, "0").encode(), stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                          check=False)
    answer = unframe(done.stdout.decode())
    assert answer, done.stderr.decode()
    assert [check["check"] for check in answer["checks"]] == list(ROUTINE)
    assert not [gap for check in answer["checks"] for gap in check["not_checked"] if "defect" in gap["why"]]


def test_what_is_not_asked_for_is_not_sent():
    """A healthy node pays for each line that it compiles: what changed is for the others."""
    routine, whole = program(dict(OPTIONS, frame=False), "0"), program(dict(OPTIONS, frame=False, checks=list(CHECKS)), "0")
    for name in ("kubetriage.checks.changes", "kubetriage.parse.packages"):
        assert repr(name) not in routine and repr(name) in whole


def test_the_probe_carried_by_hand_prints_a_bundle(tmp_path):
    path = tmp_path / "probe.py"
    path.write_text(program(dict(OPTIONS, bundle=True, frame=False), "0"))
    done = subprocess.run([sys.executable, str(path)], stdout=subprocess.PIPE, check=True)
    with tarfile.open(fileobj=io.BytesIO(done.stdout)) as tar:
        names = tar.getnames()
    assert "meta.json" in names and "files/proc/meminfo" in names and "paths.json" in names


@pytest.mark.parametrize("python", pythons())
def test_a_bundle_says_of_changes_what_the_node_said(python, tmp_path):
    text = program(dict(OPTIONS, bundle=True, checks=list(CHECKS)), "0")
    done = subprocess.run([python, "-I", "-S", "-"], input=text.encode(), stdout=subprocess.PIPE, check=True)
    answer = unframe(done.stdout.decode())
    (tmp_path / "bundle.tar.gz").write_bytes(base64.b64decode(answer["bundle"]))
    again = checked(open_bundle(str(tmp_path / "bundle.tar.gz")), 60, 30)
    live, replayed = (next(check for check in checks if check["check"] == "changes") for checks in (answer["checks"], again))
    assert replayed["facts"] == live["facts"] and replayed["not_checked"] == live["not_checked"]


def test_the_probe_is_plain_ascii_without_the_catalogues_prose():
    text = program(OPTIONS, "0")
    text.encode("ascii")
    assert not [name for name, entry in FAILURES.items() if entry["what"][:60] in text]
