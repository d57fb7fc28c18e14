# Copyright: kubetriage.node contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A peer's look: nothing but IP addresses reaches its shell, it runs under every shell and with whatever can connect, and its words are read right."""

import re
import shutil
import socket
import subprocess
import sys
import threading

import pytest
from ansible_collections.kubetriage.node.plugins.plugin_utils import peer
from hypothesis import given
from hypothesis import strategies as st

MARK = "0123456789abcdef"
NOW = "2026-11-24T03:40:35Z"
SHELLS = [[shutil.which(name)] + rest for name, rest in (("dash", []), ("bash", ["--posix"]), ("ksh", []), ("busybox", ["sh"])) if shutil.which(name)]
# As OpenBSD's nc -v
NC = """#!%s
import socket, sys
try:
    made = socket.create_connection((sys.argv[-2], int(sys.argv[-1])), 4)
except OSError:
    sys.exit("nc: connect to %%s port %%s (tcp) failed: Connection refused" %% tuple(sys.argv[-2:]))
print("Connection to %%s %%s port [tcp/*] succeeded!" %% tuple(sys.argv[-2:]), file=sys.stderr, flush=True)
made.settimeout(2)
try:
    print(made.recv(60).decode())
except OSError:
    pass
""" % sys.executable
# iproute2 5.10 to 6.1: `ip -s neigh`
FAILED = "10.0.0.11 dev eth0  used 4/64/0probes 6 FAILED"
FRESH = "10.0.0.11 dev eth0 lladdr 52:54:00:12:34:56  ref 1 used 12/%d/12probes 4 REACHABLE"


def printed(*lines):
    return "Welcome!\n" + "\n".join("@%s 0 %s" % (MARK, line) for line in lines) + "\n@%s done\n" % MARK


def read(text, provider=None):
    return peer.read(text, MARK, 0, "w2", 22, provider, NOW)


@pytest.mark.parametrize("lines, provider, arp", [
    (["route 10.0.0.11 dev eth0 src 10.0.0.12", "neigh 3 10.0.0.11 dev eth0 used 3/62/2probes 5 INCOMPLETE", "neigh 4 " + FAILED], None, "failed"),
    (["neigh 0 10.0.0.11 dev eth0 lladdr 52:54:00:12:34:56 used 500/500/480probes 1 STALE", "neigh 9 " + FRESH % 1], None, "reachable"),
    (["neigh 1 " + FRESH % 20, "neigh 12 " + FRESH % 31], None, "none"),  # answered before we looked, and not since
    (["neigh 0 ", "neigh 2 10.0.0.11 dev eth0 lladdr 52:54:00:12:34:56 REACHABLE"], None, "reachable"),  # busybox: no figures
    (["neigh 0 10.0.0.11 dev eth0 lladdr 52:54:00:12:34:56 REACHABLE"] * 2, None, "none"),
    (["route 10.0.1.11 via 10.0.0.1 dev eth0 src 10.0.0.12", "neigh 12 "], None, "none"),
    (["neigh 2 " + FRESH % 1], "azure:///subscriptions/1/vm", "none"),  # the cloud answers ARP for every machine
])
def test_neighbour_entries(lines, provider, arp):
    assert read(printed(*lines), provider)["arp"] == arp


@pytest.mark.parametrize("answer, arp, state", [
    # bash 4.2 to 5.2, Python 3, nc of OpenBSD, busybox and nmap
    ("OPEN BANNER SSH-2.0-OpenSSH_9.2p1 Debian-2+deb12u3", "none", "banner"),
    ("OPEN BANNER HTTP/1.0 400 Bad Request", "none", "banner"),
    ("OPEN", "none", "open"),
    ("OPEN timed out", "none", "open"),
    ("bash: connect: Connection refused bash: /dev/tcp/10.0.0.11/22: Connection refused", "none", "refused"),
    ("[Errno 111] Connection refused", "none", "refused"),
    ("bash: connect: No route to host bash: /dev/tcp/10.0.0.11/22: No route to host", "failed", "timeout"),  # our own kernel, after ARP
    ("bash: connect: No route to host bash: /dev/tcp/10.0.0.11/22: No route to host", "reachable", "refused"),  # a firewall's REJECT
    ("", "none", "timeout"),
    ("timed out", "none", "timeout"),
    ("UNKNOWN", "none", None),
    ("nc: invalid option -- 'v' BusyBox v1.35.0 (Debian 1:1.35.0-4+b1) multi-call binary. Usage: nc [OPTIONS] HOST PORT - connect", "none", None),
    ("Connection to 10.0.0.11 22 port [tcp/ssh] succeeded! SSH-2.0-OpenSSH_8.0", "none", "banner"),
    ("Connection to 10.0.0.11 10250 port [tcp/*] succeeded!", "none", "open"),
    ("10.0.0.11 (10.0.0.11:22) open", "none", "open"),
    ("nc: 10.0.0.11 (10.0.0.11:22): Connection refused", "none", "refused"),
    ("Ncat: Connected to 10.0.0.11:22.", "none", "open"),
])
def test_ports(answer, arp, state):
    assert peer.port_state(answer, arp) == state


def test_a_whole_look():
    look = read(printed("route 10.0.0.11 dev eth0", "port 22 OPEN", "port 10250 OPEN", "neigh 1 " + FRESH % 0,
                        "ping 64 bytes from 10.0.0.11: icmp_seq=1 ttl=64 time=0.2 ms"))
    assert (look["arp"], look["ping"], look["ports"]) == ("reachable", True, {"22": "open", "10250": "open"})
    assert [quote["source"] for quote in look["evidence"]] == ["w2: ip neigh", "w2: ping and ports"]
    assert look["evidence"][0]["text"] == "10.0.0.11 dev eth0 lladdr 52:54:00:12:34:56 REACHABLE"
    assert look["evidence"][1]["text"] == "ping: answered; port 22: accepts, and says nothing; port 10250: accepts, and says nothing"


@pytest.mark.parametrize("text", ["", "bash: fork: retry: Resource temporarily unavailable", printed().replace(MARK, "x"), "@%s 1 ping NONE of 3" % MARK])
def test_without_a_look_there_is_none(text):
    assert read(text) is None


@given(st.text())
def test_any_answer_is_read(text):
    read(printed(text, "neigh " + text, "port 22 " + text))


@pytest.mark.parametrize("names, found", [
    (("10.0.0.11",), "10.0.0.11"), ((None, "w1", "fd00:0::0B"), "fd00::b"), (("$(reboot)", "10.0.0.1; reboot", "-I"), None), (("127.0.0.1", "0.0.0.0"), None),
    (("fe80::1%eth0",), None), (("10.0.0.11\n",), "10.0.0.11"), ((b"x" * 4, 167772171), None), (("",), None)])
def test_only_ip_addresses_count(names, found):
    assert peer.address(*names) == found


@pytest.mark.parametrize("target", [("10.0.0.1; reboot", 22), ("w1", 22), ("10.0.0.1", "22; reboot")])
def test_nothing_else_reaches_the_peers_shell(target):
    with pytest.raises(ValueError):
        peer.script(MARK, [target])


def test_a_peer_of_the_same_subnet_comes_first():
    hosts = {"far": "10.9.0.1", "named": None, "near": "10.0.0.12", "six": "fd00::1", "rack": "10.0.7.1"}
    assert peer.closest("10.0.0.11", hosts) == ["near", "rack", "far", "six", "named"]
    assert peer.closest("fd00::2", hosts)[0] == "six"


@pytest.fixture
def neighbour():
    """Port of a program that greets as sshd does -> (that port, a port that accepts and says nothing)."""
    listeners = [socket.create_server(("127.0.0.1", 0)) for _each in range(2)]

    def greet():
        while True:
            try:
                made, _address = listeners[0].accept()
            except OSError:
                return
            made.sendall(b"SSH-2.0-OpenSSH_9.2p1 \x1b[31mDebian\r\n")
            made.close()

    threading.Thread(target=greet, daemon=True).start()
    yield [listener.getsockname()[1] for listener in listeners]
    for listener in listeners:
        listener.close()


@pytest.mark.parametrize("shell, by", [(shell, "bash") for shell in SHELLS] + [(SHELLS[0], "python3"), (SHELLS[0], "nc")])
def test_it_runs_under_this_shell_and_with_this_program(shell, by, neighbour, tmp_path):
    if by == "nc":
        (tmp_path / "nc").write_text(NC)
        (tmp_path / "nc").chmod(0o755)
    else:
        (tmp_path / by).symlink_to(sys.executable if by == "python3" else shutil.which(by))
    for name in ("head", "tr", "grep", "timeout", "sleep", "true"):
        (tmp_path / name).symlink_to(shutil.which(name) or shutil.which("busybox"))
    (tmp_path / "ip").write_text("#!/bin/sh\necho '127.0.0.1 dev lo lladdr 00:00:00:00:00:00 used 0/0/0probes 1 REACHABLE'\n")
    (tmp_path / "ping").write_text("#!/bin/sh\necho '64 bytes from 127.0.0.1: icmp_seq=1 ttl=64 time=0.04 ms'\n")
    (tmp_path / "ip").chmod(0o755)
    (tmp_path / "ping").chmod(0o755)
    speaks, silent = neighbour
    text = re.sub(r"PATH=\S+", "PATH=%s" % tmp_path, peer.script(MARK, [("127.0.0.1", speaks)])).replace(" 10250 ", " %d " % silent)
    text = text.replace("read -t 6", "read -t 1").replace("settimeout(6)", "settimeout(1)").replace("sleep 3", "sleep 1")
    done = subprocess.run(shell, input=text.encode(), stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=True, timeout=30)
    look = peer.read(done.stdout.decode(), MARK, 0, "w2", speaks, None, NOW)
    assert (look["ping"], look["ports"]) == (True, {"22": "banner", "10250": "open"}), done
    assert look["arp"] == "reachable" or "busybox" in shell[0], done  # busybox has an ip of its own
    assert "\x1b" not in str(look)
