# Copyright: kubetriage.node contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Reading the machine: deadlines hold, bounds hold, absences and refusals are told apart, secrets stay."""

import errno
import io
import itertools
import os
import select
import socket
import threading
import time

import pytest
from ansible_collections.kubetriage.node.plugins.module_utils.node import Missing, TimedOut, Unavailable, census, child, cri, endpoint, reader
from ansible_collections.kubetriage.node.plugins.module_utils.node.child import in_child
from ansible_collections.kubetriage.node.plugins.module_utils.node.live import Live
from ansible_collections.kubetriage.node.plugins.module_utils.node.secrets import redact
from ansible_collections.kubetriage.node.plugins.module_utils.probe import look

LIVE = Live()


def test_a_program_that_does_not_end_costs_its_deadline_and_is_ended_with_its_children(tmp_path):
    mark = tmp_path / "pid"
    start = time.time()
    with pytest.raises(TimedOut):
        LIVE.run("x", ["sh", "-c", "sleep 60 & echo $! >%s; wait" % mark], timeout=0.5)
    assert time.time() - start < 5
    time.sleep(0.1)
    state = open("/proc/%s/stat" % mark.read_text().strip()).read() if os.path.exists("/proc/%s" % mark.read_text().strip()) else ") Z"
    assert state.rpartition(")")[2].split()[0] == "Z"


def test_a_program_that_prints_without_end_is_cut():
    assert len(LIVE.run("x", ["yes"], timeout=10).out) <= 4 * 1024 * 1024


@pytest.mark.parametrize("call, kind", [
    (lambda: LIVE.run("x", ["no-such-program-here"]), Missing),
    (lambda: LIVE.read("/no/such/file"), Missing),
    (lambda: LIVE.list("/no/such/dir"), Missing),
    (lambda: LIVE.stat("/etc/passwd/x"), Missing),
    (lambda: LIVE.statvfs("/no/such/mount"), Missing),
    (lambda: LIVE.read("/"), Unavailable),
])
def test_what_is_not_there_is_missing(call, kind):
    with pytest.raises(Unavailable) as raised:
        call()
    assert raised.value.kind == kind.kind and raised.value.why


def test_a_call_that_never_returns_costs_its_deadline():
    start = time.time()
    with pytest.raises(TimedOut):
        in_child("hung", lambda: time.sleep(60), 0.3)
    assert time.time() - start < 5


def test_without_a_process_to_be_had_a_call_is_not_made(monkeypatch):
    def no_fork():
        raise OSError(errno.EAGAIN, "")
    before = os.listdir("/proc/self/fd")
    monkeypatch.setattr(os, "fork", no_fork)
    for call in (lambda: census.largest("/"), lambda: endpoint.request("api.example.com", 443, "/version")):
        with pytest.raises(Unavailable, match="temporarily unavailable"):
            call()
    assert len(os.listdir("/proc/self/fd")) == len(before)


def test_a_name_that_does_not_resolve_is_a_result():
    seen = endpoint.request("no.such.name.invalid", 443, "/version", timeout=8.0)
    assert seen["step"] is None and seen["addresses"] == [] and seen["error"]


def test_a_kernel_without_ipv6_goes_on_to_the_next_address(monkeypatch):
    class Socket(socket.socket):
        def __init__(self, family=-1, *args, **options):
            if family == socket.AF_INET6:
                raise OSError(errno.EAFNOSUPPORT, "")
            super().__init__(family, *args, **options)

    with socket.create_server(("127.0.0.1", 0)) as server:
        monkeypatch.setattr(socket, "socket", Socket)
        address, connection = endpoint._connect(["2001:db8::1", "127.0.0.1"], server.getsockname()[1], time.monotonic() + 5)
        connection.close()
    assert address == "127.0.0.1"


def test_a_mount_may_have_a_name_of_any_bytes(monkeypatch):
    monkeypatch.setattr(reader, "open", lambda *_args: io.BytesIO(b"/dev/sda1 /data/\xff\xfe ext4 rw 0 0\n"), raising=False)
    assert reader._mounts() == [os.fsdecode(b"/data/\xff\xfe")]


def test_a_clock_that_is_set_meanwhile_ends_nothing(monkeypatch):
    ahead = itertools.count(0, 3600)
    monkeypatch.setattr(time, "time", lambda: 1795399987 + next(ahead))
    assert LIVE.run("sleep", ["sleep", "0.2"]).rc == 0
    assert in_child("slow", lambda: time.sleep(0.2) or 7, 3.0) == 7
    (result,) = look(LIVE, ["node_resources"], 60, 15)
    assert 0 <= result["duration_s"] < 15 and not any("did not end" in gap["why"] for gap in result["not_checked"])


def test_read_is_bounded_from_either_end(tmp_path):
    (tmp_path / "log").write_text("a" * 100 + "b" * 100)
    assert LIVE.read(str(tmp_path / "log"), 10) == "a" * 10
    assert LIVE.read(str(tmp_path / "log"), 10, tail=True) == "b" * 10


def test_statvfs_and_stat_tell_what_df_and_ls_tell():
    seen, real = LIVE.statvfs("/"), os.statvfs("/")
    assert seen["size"] == real.f_blocks * real.f_frsize and seen["files"] == real.f_files
    assert LIVE.stat("/proc/self")["kind"] == "link"


@pytest.mark.parametrize("text, gone", [
    ("-----BEGIN EC PRIVATE KEY-----\nMHcCAQ\n-----END EC PRIVATE KEY-----", "MHcCAQ"),
    ("-----BEGIN PRIVATE KEY-----\nMHcCAQ and then the file is cut", "MHcCAQ"),
    ("client-key-data: TUhjQ0FR", "TUhjQ0FR"),
    ("Authorization: Bearer eyJhbGciOi.abc", "eyJhbGciOi"),
    ("--token=abcdef.0123456789abcdef", "0123456789abcdef"),
    ('"password": "hunter22"', "hunter22"),
    ("proxy http://user:hunter22@proxy:3128", "hunter22"),
])
def test_secrets_are_taken_out(text, gone):
    assert gone not in redact(text)


@pytest.mark.parametrize("text", ["-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----", "token bucket", "unix:///run/x.sock"])
def test_what_is_no_secret_stays(text):
    assert redact(text) == text


def test_nothing_runs_on_when_the_look_is_over():
    """A check that is late at the deadline still waits for its program then."""
    live = Live()
    thread = threading.Thread(target=live.run, args=("x", ["sh", "-c", "sleep 61 & wait"], 60), daemon=True)
    thread.start()
    while not child._running:
        time.sleep(0.01)
    leader = next(iter(child._running))
    live.close()
    thread.join(5)
    assert not child._running and not [pid for pid in filter(str.isdigit, os.listdir("/proc")) if group_of(pid) == leader]


def group_of(pid):
    """The process group of what runs; None of what ended."""
    try:
        state, _parent, group = open("/proc/%s/stat" % pid).read().rpartition(")")[2].split()[:3]
    except OSError:
        return None
    return None if state == "Z" else int(group)


def test_a_child_holds_no_pipe_of_a_program_that_is_being_started():
    """Else the program, though it ended, would seem to go on as long as a child that a dead disk holds."""
    reader, writer = os.pipe()
    pid = os.fork()
    if not pid:
        child.close_but(0)
        time.sleep(60)
        os._exit(0)
    os.close(writer)
    try:
        assert select.select([reader], [], [], 5)[0] and os.read(reader, 1) == b""
    finally:
        os.kill(pid, 9)
        os.waitpid(pid, 0)
        os.close(reader)


def test_a_runtime_whose_queue_is_full_hangs(tmp_path):
    """A kernel turns away at once whoever comes to a full queue; that is no word of "try later" but of nobody who accepts."""
    path, waiting = str(tmp_path / "cri.sock"), []
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(path)
        server.listen(0)
        while True:
            client = socket.socket(socket.AF_UNIX)
            client.setblocking(False)
            waiting.append(client)
            try:
                client.connect(path)
            except BlockingIOError:
                break
        with pytest.raises(TimedOut, match="no answer within"):
            cri.status(path, timeout=0.5)
    for client in waiting:
        client.close()
