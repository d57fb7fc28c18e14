# Copyright: kubetriage.node contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One visit: Python first, then sh, then without root, all of it through whatever exec the connection has, and in time."""

import base64
import json
import subprocess
import time
import zlib

import pytest
from ansible.errors import AnsibleConnectionFailure
from ansible_collections.kubetriage.node.plugins.module_utils.checks import CHECKS, ROUTINE
from ansible_collections.kubetriage.node.plugins.module_utils.frame import BEGIN, END
from ansible_collections.kubetriage.node.plugins.module_utils.node.bundle import open_bundle
from ansible_collections.kubetriage.node.plugins.module_utils.probe import look
from ansible_collections.kubetriage.node.plugins.plugin_utils import transport, visit

OPTIONS = {"checks": ["node_resources"], "window": 60, "deadline": 15, "bundle": True}
ANSWER = {"checks": [], "root": True, "collected_at": "2026-11-23T02:00:00Z"}


def framed(answer):
    return "%s\n%s\n%s\n" % (BEGIN, base64.b64encode(zlib.compress(json.dumps(answer).encode())).decode(), END)


class Connection:
    transport = "fake"
    become = True

    def __init__(self, pipes=True):
        self.has_pipelining = pipes


class Action:
    """An ActionBase whose node does what `does(command, in_data, sudoable)` says."""

    def __init__(self, does, pipes=True):
        self._connection, self._does, self.asked = Connection(pipes), does, []

    def _low_level_execute_command(self, command, sudoable=True, in_data=None):
        self.asked.append((command, in_data, sudoable))
        return self._does(command, in_data, sudoable)


def really(command, in_data, _sudoable):
    """This machine as the node."""
    done = subprocess.run(["sh", "-c", command], input=in_data, stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=False)
    return {"rc": done.returncode, "stdout": done.stdout.decode("utf-8", "replace"), "stderr": done.stderr.decode("utf-8", "replace")}


def without_python(command, in_data, sudoable):
    if " -I -S " in command:
        return {"rc": 127, "stdout": "Welcome\n", "stderr": "python3: error while loading shared libraries: libm.so.6: cannot open shared object file"}
    return really(command, in_data, sudoable)


def test_python_answers():
    seen = visit.visit(Action(lambda *_args: {"rc": 0, "stdout": "Welcome\n" + framed(ANSWER), "stderr": "banner"}), "w9", OPTIONS, None)
    assert (seen.by, seen.answer, seen.gaps) == ("python", ANSWER, [])


def test_what_sh_brought_is_a_bundle_that_says_the_same_again(tmp_path):
    options = dict(OPTIONS, checks=None)
    seen = visit.visit(Action(without_python), "w9", options, None)
    path = tmp_path / "bundle.tar.gz"
    path.write_bytes(base64.b64decode(seen.answer["bundle"]))
    again = look(open_bundle(str(path)), list(ROUTINE), options["window"], 30)
    assert [(each["check"], each["status"], each["findings"], each["facts"]) for each in again] == [
        (each["check"], each["status"], each["findings"], each["facts"]) for each in seen.answer["checks"]]


@pytest.mark.parametrize("pipes", [True, False])
def test_sh_answers_where_python_does_not_start(pipes):
    action = Action(without_python, pipes)
    seen = visit.visit(action, "w9", OPTIONS, None)
    assert seen.by == "sh" and [check["check"] for check in seen.answer["checks"]] == OPTIONS["checks"]
    assert seen.answer["checks"][0]["facts"]["mounts"], seen.answer
    assert "libm.so.6" in seen.gaps[0]["why"] and base64.b64decode(seen.answer["bundle"])
    assert pipes or not any(in_data for _command, in_data, _sudoable in action.asked)


def test_a_plugin_without_standard_input_carries_the_probe_in_the_command():
    action = Action(really, pipes=False)
    seen = visit.visit(action, "w9", OPTIONS, None)
    assert seen.by == "python" and seen.answer["checks"][0]["check"] == "node_resources"
    assert len(action.asked) == 1 and len(action.asked[0][0]) < 128 * 1024


def test_a_command_holds_all_of_the_probe_with_room_for_what_comes():
    """128 KB is all that a login shell takes as one argument; the catalogue grows."""
    action = Action(really, pipes=False)
    visit.visit(action, "w9", dict(OPTIONS, checks=list(CHECKS), key="0" * 64), "/usr/bin/python3")
    assert len(action.asked[0][0]) < 0.9 * 128 * 1024


def test_a_probe_that_no_command_can_hold_is_left_to_sh(monkeypatch):
    monkeypatch.setattr(transport, "_ARGUMENT_LIMIT", 100)
    seen = visit.visit(Action(really, pipes=False), "w9", OPTIONS, None)
    assert seen.by == "sh" and "too long for a command" in seen.gaps[0]["why"]


def test_without_root_it_looks_as_it_came():
    def sudo(_command, _in_data, sudoable):
        if sudoable:
            return {"rc": 1, "stdout": "", "stderr": "sudo: a password is required"}
        return {"rc": 0, "stdout": framed(dict(ANSWER, root=False)), "stderr": ""}
    seen = visit.visit(Action(sudo), "w9", OPTIONS, None)
    assert seen.by == "python" and "a password is required" in seen.gaps[0]["why"]


def test_a_connection_that_fails_is_not_tried_twice():
    def refuse(*_args):
        raise AnsibleConnectionFailure("ssh: connect to host w9 port 22: Connection refused")
    action = Action(refuse)
    with pytest.raises(transport.Unreached) as raised:
        visit.visit(action, "w9", OPTIONS, None)
    assert raised.value.kind == "refused" and len(action.asked) == 1


def test_a_node_that_says_nothing_costs_its_deadline(monkeypatch):
    monkeypatch.setattr(visit, "_GRACE", 4)
    monkeypatch.setattr(visit, "_FOR_SHELL", 2)
    begin = time.monotonic()
    with pytest.raises(transport.Unreached) as raised:
        visit.visit(Action(lambda *_args: time.sleep(60)), "w9", dict(OPTIONS, deadline=1), None)
    assert raised.value.kind == "timeout" and time.monotonic() - begin < 7


def test_a_shell_that_cannot_fork_is_named():
    action = Action(lambda *_args: {"rc": 254, "stdout": "", "stderr": "bash: fork: retry: Resource temporarily unavailable"})
    with pytest.raises(transport.Unreached) as raised:
        visit.visit(action, "w9", OPTIONS, None)
    assert raised.value.kind == "no_shell" and len(action.asked) == 2
