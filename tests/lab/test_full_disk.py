# Copyright: kubetriage.node contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The controller's disk fills up in the middle of a run: what was written is whole, what was not is named, and every verdict was said."""

import json
import subprocess

import pytest

from playbooks import play


@pytest.fixture
def small(tmp_path):
    """A file system of the given size, in kB -> its path."""
    place = tmp_path / "small"
    place.mkdir()
    mounted = []

    def mount(size):
        subprocess.run(["mount", "-t", "tmpfs", "-o", "size=%dk" % size, "tmpfs", str(place)], check=True)
        mounted.append(place)
        return place

    yield mount
    for path in mounted:
        subprocess.run(["umount", str(path)], check=True)


def test_nothing_that_was_written_is_lost(spotless, small, tmp_path):
    whole = play("triage.yml", tmp_path / "roomy", lab=spotless)
    assert whole.rc == 0, whole.text
    needed = sum(-(-path.stat().st_size // 4096) * 4 for path in whole.dir.rglob("*") if path.is_file())
    one = max((whole.dir / "nodes" / ("%s.json" % node)).stat().st_size for node in spotless.workers) // 1024
    run = play("triage.yml", small(needed - 2 * one), lab=spotless)
    assert run.rc != 0 and "was not written: No space left on device" in run.text and "Traceback" not in run.text
    files = [path for path in run.dir.rglob("*") if path.is_file()]
    assert len(run.nodes) >= 1 and not [path for path in files if path.name.startswith(".")]
    for path in files:
        if path.suffix == ".json":
            json.loads(path.read_text())
        assert path.stat().st_mode & 0o077 == 0 and path.parent.stat().st_mode & 0o077 == 0
    for node in spotless.workers:
        assert node in run.nodes or "%s: healthy" % node in run.text
