# Copyright: kubetriage.node contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The plain sh collector runs under every shell there is, and what it prints becomes the bundle that the probe would have made."""

import json
import shutil
import subprocess
import time

import pytest
from ansible_collections.kubetriage.node.plugins.module_utils.checks import units
from ansible_collections.kubetriage.node.plugins.module_utils.node import Missing, TimedOut, Unavailable, census, cri
from ansible_collections.kubetriage.node.plugins.plugin_utils import shell_evidence
from hypothesis import given
from hypothesis import strategies as st

MARK = "0123456789abcdef"
SHELLS = [[shutil.which(name)] + rest for name, rest in (("dash", []), ("bash", []), ("bash", ["--posix"]), ("busybox", ["sh"]), ("ksh", []), ("sh", []))
          if shutil.which(name)]


def bundle(text, clock=1700000000):
    contents, gaps = shell_evidence.read(text, MARK, "w9", 3600, clock)
    return shell_evidence.bundle(contents), gaps


def answer(*sections):
    """[(head, content, err, end)] -> the collector's output."""
    text = "Welcome!\n\n@%s begin 15\n" % MARK
    for head, content, err, end in sections:
        text += "\n@%s %s\n%s\n@%s err\n%s\n\n@%s end %s\n" % (MARK, head, content, MARK, err, MARK, end)
    return text + "\n@%s done\n" % MARK


@pytest.mark.parametrize("shell", SHELLS, ids=" ".join)
def test_it_runs_under_this_shell(shell):
    done = subprocess.run(shell, input=shell_evidence.script(MARK, 15).encode(), stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=True, timeout=60)
    node, gaps = bundle(done.stdout.decode("utf-8", "replace"))
    assert not gaps or "crictl" in gaps[0]["why"]
    assert abs(node.now - time.time()) < 30
    assert node.read("/proc/meminfo").startswith("MemTotal") and node.read("/proc/sys/kernel/pid_max").strip().isdigit()
    assert node.statvfs("/")["size"] > 0
    assert node.ask("processes", None)["processes"] > 0
    with pytest.raises(Missing):
        node.read("/etc/crio/crio.conf")
    with pytest.raises(Unavailable, match="not brought by the sh collector"):
        node.read("/etc/passwd")


@pytest.mark.parametrize("shell", SHELLS, ids=" ".join)
def test_it_starts_no_process_when_there_is_no_room(shell):
    """As if no PID were free: everything in front of the first process came, and it says why no more."""
    script = shell_evidence.script(MARK, 15).replace('[ "$free" -lt 4 ]', "[ 1 -lt 4 ]").replace("printf '%s\\n' \"$free\"", "echo 2")
    done = subprocess.run(shell, input=script.encode(), stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=True, env={"PATH": "/nonexistent"})
    node, gaps = bundle(done.stdout.decode("utf-8", "replace"))
    assert node.read("/proc/meminfo").startswith("MemTotal") and node.ask("processes", None)["processes"] > 0
    assert "2 PIDs are free" in gaps[0]["why"]


def test_refusals_absences_and_deadlines_are_told_apart():
    node, _gaps = bundle(answer(
        ("file /a", "", "head: cannot open '/a' for reading: No such file or directory", 1),
        ("file /b", "", "head: /b: Permission denied", 1),
        ("file /c", "", "", 137),
        ("list /d", "x\na b\n", "", 0),
        ("list /e", "", "", "hung"),
        ("stat /f", "symbolic link|61|1795470000|777|0|'/f' -> '/g/h'\n", "", 0),
        ("vfs /", "4096 100 50 40 10 5\n", "", 0),
        ("run systemctl-show", "", "Failed to connect to bus: Connection refused", 1),
        ("run dmesg", "", "sh: dmesg: not found", 127)))
    for path, kind in (("/a", Missing), ("/b", Unavailable), ("/c", TimedOut)):
        with pytest.raises(kind):
            node.read(path)
    assert node.list("/d") == ["a b", "x"]
    with pytest.raises(TimedOut):
        node.list("/e")
    assert node.stat("/f") == {"kind": "link", "size": 61, "mtime": 1795470000, "mode": 0o777, "uid": 0, "target": "/g/h"}
    assert node.statvfs("/") == {"size": 409600, "free": 204800, "avail": 163840, "files": 10, "ffree": 5, "readonly": False}
    assert node.run("systemctl-show", ["systemctl"]).err.startswith("Failed to connect")
    with pytest.raises(Missing):
        node.run("dmesg", ["dmesg"])


@pytest.mark.parametrize("content, err, end, step, error", [
    # curl 7.61 to 8.5, openssl 1.1.1 and 3.0, bash 5
    ("HTTP/1.1 200 OK\r\nDate: Tue, 14 Nov 2023 22:13:20 GMT\r\n\r\n{}", "", 0, "answer", None),
    ("", "curl: (6) Could not resolve host: k8s.example", 6, None, "cannot be resolved"),
    ("", "curl: (7) Failed to connect to 10.0.0.1 port 6443: Connection refused", 7, "resolve", "connection refused"),
    ("", "curl: (7) Failed to connect to 10.0.0.1 port 6443: No route to host", 7, "resolve", "no route to host"),
    ("", "curl: (28) Connection timed out after 4001 milliseconds", 28, "resolve", "timed out"),
    ("", "curl: (60) SSL certificate problem: unable to get local issuer certificate", 60, "connect",
     "certificate verify failed: signed by unknown authority"),
    ("", "40F7:error:8000006F:system library:BIO_connect:Connection refused:../crypto/bio/bio_sock2.c:125:calling connect()\nconnect:errno=111", 1,
     "resolve", "connection refused"),
    ("", "bash: connect: Connection refused\nbash: line 1: /dev/tcp/127.0.0.1/10248: Connection refused", 1, "resolve", "connection refused"),
    ("", "", 137, "resolve", "timed out"),
])
def test_the_step_at_which_a_request_ended(content, err, end, step, error):
    node, _gaps = bundle(answer(("http api-request", content, err, end)))
    seen = node.ask("api-request", None)
    assert (seen["step"], seen["error"]) == (step, error)
    assert seen["offset_s"] in (None, 0)


@pytest.mark.parametrize("name, content, err, end, kind", [
    ("ctr-version", "", "", 137, TimedOut),
    ("ctr-version", "", "ctr: failed to dial \"/run/x.sock\": connection error: dial unix /run/x.sock: connect: connection refused", 1, Unavailable),
    ("ctr-version", "", "ctr: cannot access socket /run/x.sock: no such file or directory", 1, Missing),
    ("crictl-info", "", "FATA[0004] getting status of runtime: rpc error: code = DeadlineExceeded desc = context deadline exceeded", 1, TimedOut),
])
def test_what_a_runtime_that_gives_no_answer_is_taken_for(name, content, err, end, kind):
    node, _gaps = bundle(answer(("run " + name, content, err, end)))
    with pytest.raises(kind):
        node.ask("cri-status", None)


def test_an_answer_of_another_runtime_is_not_the_kubelets():
    """k3s' kubelet, and a containerd of Docker's beside it."""
    shown = "Id=k3s-agent.service\nLoadState=loaded\nActiveState=active\nSubState=running\nMainPID=0\n"
    node, _gaps = bundle(answer(("raw socket", "/run/containerd/containerd.sock", "", 0), ("run systemctl-show", shown, "", 0),
                                ("run ctr-version", "", "ctr: cannot access socket /run/containerd/containerd.sock: no such file or directory", 1)))
    with pytest.raises(Unavailable, match="the sh collector asked /run/containerd/containerd.sock") as raised:
        node.ask("cri-status", None)
    assert not isinstance(raised.value, Missing)


def test_the_journal_of_systemd_219_comes_by_its_iso_times():
    node, _gaps = bundle(answer(("run journal", "", "Unknown output format 'short-unix'.", 1), ("run journal-iso", (
        "2023-11-14T20:00:00+0000 w9 kubelet[1]: of before the window\n2023-11-14T22:13:00+0000 w9 kubelet[1]: I1114 here\n"), "", 0)), 1700000000)
    assert units.journal(node, 3600) == "1699999980.000000 w9 kubelet[1]: I1114 here\n"


def test_a_ca_inside_the_kubeconfig_is_said_not_to_be_looked_at():
    _node, gaps = bundle(answer(("raw unverified", "", "", 0)))
    assert [gap["what"] for gap in gaps] == ["the API server's certificate"]


def test_crictl_says_what_the_cri_says():
    info = {"status": {"conditions": [{"type": "NetworkReady", "status": False, "reason": "NetworkPluginNotReady", "message": "cni plugin"}]}}
    version = "RuntimeName:  containerd\nRuntimeVersion:  1.7.2\n"
    node, _gaps = bundle(answer(("run crictl-info", json.dumps(info), "", 0), ("run crictl-version", version, "", 0)))
    seen = node.ask("cri-status", None)
    assert seen["version"] == "1.7.2" and seen["conditions"] == info["status"]["conditions"]


def test_secrets_are_taken_out_and_an_early_end_is_named():
    text = answer(("file /etc/kubernetes/kubelet.conf", "token: abcdef.0123456789abcdef\n", "", 0)).replace("@%s done" % MARK, "")
    node, gaps = bundle(text)
    assert "0123456789abcdef" not in json.dumps(node.contents)
    assert "ended early" in gaps[0]["why"]


def test_evidence_cannot_end_its_section():
    node, _gaps = bundle(answer(("file /proc/uptime", "1.0 2.0\n@0000 end 0\n@0000 file /proc/meminfo\nMemTotal: 1 kB\n", "", 0)))
    assert "MemTotal" in node.read("/proc/uptime")
    with pytest.raises(Unavailable):
        node.read("/proc/meminfo")


def test_lines_as_a_terminal_ends_them():
    node, _gaps = bundle(answer(("file /proc/uptime", "1.0 2.0\n", "", 0)).replace("\n", "\r\n"))
    assert node.read("/proc/uptime") == "1.0 2.0\n"


@pytest.mark.parametrize("said", ["[]", "7", "null", "[" * 100000, '{"status": 5}', '{"status": {"conditions": 5}}',
                                  '{"status": {"conditions": [5, {"type": []}]}}', '{"containers": 5}', '{"containers": [5, {"labels": 5}]}'])
def test_a_crictl_that_says_something_else(said):
    sections = [("run crictl-info", said, "", 0), ("run crictl-ps", said, "", 0)]
    node, _gaps = bundle(answer(*sections))
    seen = node.ask("cri-status", cri.status)
    assert all(isinstance(each, dict) for each in seen["conditions"] + seen["containers"])


@pytest.mark.parametrize("line", ["cgroup 81", "cgroup ", "81 (kubelet) " + "x " * 30, "\u00b2 (kubelet) " + "1 " * 30, "9" * 5000])
def test_a_line_that_was_cut_off_costs_no_other(line):
    whole = "7 (kubelet) S " + "1 " * 30
    node, _gaps = bundle(answer(("raw processes", whole + "\n" + line, "", 0), ("raw free", "9" * 5000, "", 0)))
    assert node.ask("processes", census.processes)["agents"] == {"kubelet": 7}


def test_much_on_standard_error_is_not_read_for_long():
    begin = time.monotonic()
    bundle(answer(("sysctl .", "", "/proc/sys/" * 20000, 1), ("stat /a", "-> " * 40000, "", 0)))
    assert time.monotonic() - begin < 10


@given(st.lists(st.tuples(st.sampled_from(["file /a", "list /a", "stat /a", "vfs /a", "df /a", "http x", "tcp x", "run journal", "run crictl-info",
                                           "raw processes", "raw pids-cgroups", "raw self", "sysctl .", "cmdline /x", "run crictl-ps", "raw socket"]),
                          st.text(), st.text(), st.sampled_from(["0", "1", "124", "late", "x"]))))
def test_no_answer_is_an_error_of_ours(sections):
    contents, _gaps = shell_evidence.read(answer(*sections), MARK, "w9", 3600, 1700000000)
    assert contents is None or shell_evidence.bundle(contents)
