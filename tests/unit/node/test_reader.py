# Copyright: kubetriage.node contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A file system that never answers costs a deadline, twice, and then nothing."""

import os
import time

import pytest
from ansible_collections.kubetriage.node.plugins.module_utils.node import TimedOut, reader


@pytest.fixture(name="hangs")
def fixture_hangs(monkeypatch):
    monkeypatch.setitem(reader._QUESTIONS, "read", lambda path, limit, tail: time.sleep(60))
    monkeypatch.setattr(reader, "_mounts", lambda: ["/", "/data", "/data/x"])
    seen = reader.Reader(0.2)
    yield seen
    seen.close()


def test_a_mount_that_is_late_twice_is_not_asked_again(hangs):
    begin = time.time()
    for _time in range(2):
        with pytest.raises(TimedOut, match="/data"):
            hangs.ask("read", "/data/a", 10, False)
    waited = time.time() - begin
    assert 0.4 <= waited < 2
    with pytest.raises(TimedOut, match="at /data does not answer"):
        hangs.ask("names", "/data/b")
    assert time.time() - begin < waited + 0.1
    assert hangs.ask("names", "/proc/self/fd")  # another file system


def test_errors_of_the_child_are_ours():
    asked = reader.Reader(2)
    with pytest.raises(FileNotFoundError):
        asked.ask("look", "/no/such/file")
    assert asked.ask("look", "/")["kind"] == "dir"
    asked.close()


def test_a_child_that_was_killed_is_replaced():
    asked = reader.Reader(2)
    asked.ask("look", "/")
    os.kill(asked._child[0], 9)
    assert asked.ask("look", "/")["kind"] == "dir"
    assert asked.ask("look", "/")["kind"] == "dir"
    asked.close()


def test_without_a_process_to_be_had_it_asks_itself(monkeypatch):
    def fork():
        raise BlockingIOError(11, "Resource temporarily unavailable")
    monkeypatch.setattr(os, "fork", fork)
    assert reader.Reader(2).ask("look", "/")["kind"] == "dir"
