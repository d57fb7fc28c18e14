# Copyright: kubetriage.node contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Runs' directories, and files that are whole or not there."""

import errno
import json
import os
import stat

import pytest
from ansible_collections.kubetriage.node.plugins.plugin_utils import artifacts


def mode(path):
    return stat.S_IMODE(os.stat(path).st_mode)


def test_a_run_is_named_by_its_time_in_utc(tmp_path):
    made = [artifacts.new_run(str(tmp_path / "runs"), now=1795400130) for _number in range(3)]
    assert [os.path.basename(path) for path in made] == ["20261123T021530Z", "20261123T021530Z-2", "20261123T021530Z-3"]
    assert {mode(path) for path in made} == {0o700}
    assert mode(tmp_path / "runs") == 0o700


def test_a_named_run_is_one_look(tmp_path):
    assert artifacts.new_run(str(tmp_path), "job-7") == str(tmp_path / "job-7")
    with pytest.raises(ValueError, match="a run job-7 is in .* already"):
        artifacts.new_run(str(tmp_path), "job-7")


@pytest.mark.parametrize("run", ["..", "a/b", "", ".hidden", "-x", "a b", "x" * 65, "a\n"])
def test_a_run_cannot_leave_the_directory(tmp_path, run):
    with pytest.raises(ValueError, match="cannot name a run"):
        artifacts.new_run(str(tmp_path / "runs"), run)


@pytest.mark.parametrize(
    "name, file",
    [
        ("w1", "w1"),
        ("w1.example.com", "w1.example.com"),
        ("a/b", "a%2Fb"),
        ("..", "%2E%2E"),
        (".", "%2E"),
        ("a b", "a%20b"),
        ("10.0.0.1:22", "10.0.0.1%3A22"),
        ("../../etc/passwd", "..%2F..%2Fetc%2Fpasswd"),
        ("n\u0153ud", "n%C5%93ud"),
    ],
)
def test_a_name_becomes_a_file_in_its_directory(name, file):
    assert artifacts.file_name(name) == file


def test_a_file_is_private_ascii_and_in_order(tmp_path):
    path = tmp_path / "nodes" / "w1.json"
    artifacts.write_json(str(path), {"b": "\u202e\x1b[31m\ud800", "a": 1})
    assert path.read_bytes() == b'{"a":1,"b":"\\u202e\\u001b[31m\\ud800"}\n'
    assert mode(path) == 0o600
    assert mode(path.parent) == 0o700


def test_a_write_that_fails_leaves_the_old_file_and_nothing_else(tmp_path, monkeypatch):
    path = tmp_path / "fleet.json"
    artifacts.write_json(str(path), {"old": True})

    def full(*_names):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "replace", full)
    with pytest.raises(OSError, match="No space left"):
        artifacts.write_json(str(path), {"new": True})
    assert json.loads(path.read_text()) == {"old": True}
    assert os.listdir(tmp_path) == ["fleet.json"]


def test_a_link_in_the_way_is_not_followed(tmp_path):
    target = tmp_path / "target"
    target.write_text("mine")
    os.symlink(target, tmp_path / f".report.md.{os.getpid()}")
    with pytest.raises(OSError):
        artifacts.write_text(str(tmp_path / "report.md"), "x")
    assert target.read_text() == "mine"
