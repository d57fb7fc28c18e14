# Copyright: kubetriage.node contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every way in which a connection fails is told apart and says what to do; a node's answer is bounded and may be garbage."""

import base64
import json
import signal
import time
import zlib

import pytest
from ansible_collections.kubetriage.node.plugins.module_utils.probe import BEGIN, END
from ansible_collections.kubetriage.node.plugins.plugin_utils import transport
from hypothesis import given
from hypothesis import strategies as st


def framed(text):
    return "%s\n%s\n%s\n" % (BEGIN, base64.b64encode(zlib.compress(text.encode())).decode(), END)


@pytest.mark.parametrize("said, kind", [
    # OpenSSH 8.0 to 9.6, sudo 1.8 to 1.9, bash 4 and 5, dash 0.5
    ("ssh: connect to host 10.77.0.13 port 22: No route to host", "no_route"),
    ("ssh: connect to host 10.77.0.13 port 22: Connection timed out", "timeout"),
    ("Connection timed out during banner exchange\r\nConnection to 10.77.0.13 port 22 timed out", "no_banner"),
    ("ssh: connect to host 10.77.0.13 port 22: Connection refused", "refused"),
    ("ssh: Could not resolve hostname w9: Name or service not known", "resolve"),
    ("root@10.77.0.11: Permission denied (publickey,password).", "auth"),
    ("@ WARNING: REMOTE HOST IDENTIFICATION HAS CHANGED! @\nIT IS POSSIBLE\nHost key verification failed.", "host_key"),
    ('Load key "/tmp/k": invalid format\nops@w1: Permission denied (publickey).', "auth"),
    ("sudo: a password is required", "sudo"),
    ("nosudo is not in the sudoers file.", "sudo"),
    ("/bin/sh: 1: sudo: not found", "sudo"),
    ("bash: fork: retry: Resource temporarily unavailable", "no_shell"),
    ("kex_exchange_identification: Connection closed by remote host", "closed"),
    ("something new", "other"),
])
def test_failures_are_told_apart(said, kind):
    failure = transport.unreached("Failed to connect to the host via ssh: Warning: Permanently added 'x'.\n" + said)
    assert failure.kind == kind
    assert "\n" not in str(failure) and "Permanently added" not in str(failure) and "; " in str(failure)


@pytest.mark.parametrize("said", ["load key ", "no ", "identity file ", "sudo: ", "Data could not be sent to remote host ", "\n", "x"])
def test_a_node_that_says_much_is_not_read_for_long(said):
    text, begin = said * (8000000 // len(said)) + "\nConnection refused", time.monotonic()
    assert transport.kind_of(text) == transport.unreached(text).kind == "refused"
    assert time.monotonic() - begin < 20


def test_every_kind_says_what_to_do():
    assert {kind for kind, _pattern in transport._KINDS} | {"no_python", "other"} == set(transport._NEXT)


def test_a_banner_before_and_after_does_no_harm():
    answer = {"checks": []}
    assert transport.unframe("Welcome!\r\n\n" + framed(json.dumps(answer)) + "bye") == answer


@pytest.mark.parametrize("text", ["", BEGIN, framed("[]"), framed("{}"), framed('{"checks": 1}'), framed("{" * 100000), "%s\n!!!\n%s" % (BEGIN, END),
                                  framed(" " * (65 * 1024 * 1024) + '{"checks": []}')])
def test_what_is_no_answer_is_none(text):
    assert transport.unframe(text) is None


@given(st.text())
def test_any_text_is_read_without_an_error(text):
    assert transport.unframe(text) is None


def test_the_configured_interpreter_comes_first_and_is_quoted():
    assert "for p in '/opt/my python' python3" in transport._command("/opt/my python")
    assert "for p in python3" in transport._command("auto_silent")


def test_the_tasks_own_timeout_goes_on_after_ours():
    """Ansible's `timeout:` of a task is an alarm as well."""
    before = signal.alarm(300)
    try:
        with transport._deadline(5):
            pass
        assert 290 <= signal.alarm(0) <= 300
    finally:
        signal.alarm(before)


def test_a_connection_that_tries_again_after_an_error_is_ended_as_well():
    """Ansible's ssh does, with `retries`, after any Exception, and the alarm rings once."""
    def try_again():
        for _try in range(2):
            try:
                time.sleep(30)
            except Exception:
                continue

    began = time.monotonic()
    with pytest.raises(transport.Late), transport._deadline(1):
        try_again()
    assert time.monotonic() - began < 10
