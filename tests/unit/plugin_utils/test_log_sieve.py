# Copyright: kubetriage.node contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Of a long log the lines that count are kept, whatever its form and wherever they stand."""

import io
import json

import pytest

from ansible_collections.kubetriage.node.plugins.plugin_utils import log_sieve

UID = "3f0c6f1e-8a2b-4c1d-9e0f-1a2b3c4d5e6f"
CHATTER = "Nov 23 02:%02d:%02d w2 kubelet[812]: I1123 02:%02d:%02d.000000     812 kubelet.go:2407] SyncLoop ADD %d"
STOPPED = "Nov 23 02:30:00 w2 systemd[1]: kubelet.service: Failed with result 'oom-kill'."
STARTED = "Nov 23 02:50:00 w2 systemd[1]: Started kubelet.service - kubelet: The Kubernetes Node Agent."
REPORT = ["Nov 23 02:29:59 w2 kernel: " + line for line in (
    "leaky invoked oom-killer: gfp_mask=0xcc0(GFP_KERNEL), order=0, oom_score_adj=1000",
    "[  pid  ]   uid  tgid total_vm      rss pgtables_bytes swapents oom_score_adj name",
    "[    812]     0   812   468350    24576    61440        0          -999 kubelet",
    "oom-kill:constraint=CONSTRAINT_MEMCG,oom_memcg=/kubepods.slice/kubepods-pod%s.slice,task=leaky,pid=9,uid=0" % UID.replace("-", "_"),
    "Memory cgroup out of memory: Killed process 9 (leaky) total-vm:1873400kB, anon-rss:98304kB, file-rss:0kB, shmem-rss:0kB, UID:0")]
NAMED = 'Nov 23 02:01:00 w2 kubelet[812]: I1123 02:01:00.000000     812 reconciler.go:224] x pod "leaky-0" (UID: "%s")' % UID


def journal(lines=60000):
    """Chatter of some 5 MB, and in it what counts."""
    said = [CHATTER % (at // 1000 % 60, at // 17 % 60, at // 1000 % 60, at // 17 % 60, at) for at in range(lines)]
    said[1000:1000] = [NAMED] * 5
    said[30000:30000] = REPORT + [STOPPED, "wrapped: failed to run Kubelet: x"]
    said[50000:50000] = [STARTED]
    return said


@pytest.fixture(autouse=True)
def small_chunks(monkeypatch):
    monkeypatch.setattr(log_sieve, "_CHUNK", 1 << 20)
    monkeypatch.setattr(log_sieve, "_EDGE", 2000)


def sieved(data):
    text, cut = log_sieve.read(io.BytesIO(data))
    return text.splitlines(), cut


def test_what_counts_is_kept_in_its_order():
    kept, cut = sieved("\n".join(journal()).encode())
    counting = [line for line in kept if "SyncLoop" not in line]
    assert counting == [NAMED] * 3 + REPORT + [STOPPED, "wrapped: failed to run Kubelet: x", STARTED] and cut is None
    assert len(kept) < 600


def test_the_edges_tell_how_far_it_goes():
    lines = journal()
    kept, _cut = sieved("\n".join(lines).encode())
    assert (kept[0], kept[-1]) == (lines[0], lines[-1])


@pytest.mark.parametrize("form", [
    lambda line: json.dumps({"__REALTIME_TIMESTAMP": "1795399987100000", "SYSLOG_IDENTIFIER": "systemd", "MESSAGE": line}) + "\n",
    lambda line: json.dumps({"__REALTIME_TIMESTAMP": "1795399987100000", "SYSLOG_IDENTIFIER": "systemd", "MESSAGE": line}, indent="\t") + "\n",
    lambda line: "__CURSOR=s=1\n__REALTIME_TIMESTAMP=1795399987100000\nSYSLOG_IDENTIFIER=systemd\nMESSAGE=%s\n\n" % line,
    lambda line: "Mon 2026-11-23 02:13:07.100000 UTC [s=9f;i=1;b=5b;m=2f;t=660d9f31c0b20;x=1]\n    SYSLOG_IDENTIFIER=systemd\n    MESSAGE=%s\n" % line,
], ids=["json", "json-pretty", "export", "verbose"])
def test_journals_of_other_forms(form):
    lines = ["chatter %d" % at for at in range(20000)]
    lines[15000] = "kubelet.service: Failed with result 'oom-kill'."
    kept, _cut = sieved("".join(map(form, lines)).encode())
    told = [json.loads(line) for line in kept if "oom-kill" in line]
    assert [fields["MESSAGE"] for fields in told] == [lines[15000]] and "__REALTIME_TIMESTAMP" in told[0]
    assert len(kept) < 500


def test_utf_16():
    kept, _cut = sieved("\n".join(journal(20000) + [STOPPED]).encode("utf-16"))
    assert STOPPED in kept


def test_a_report_across_two_chunks():
    for before in (2090, 2091, 2092, 2093, 2094):
        filler = ["x" * 499] * before
        kept, _cut = sieved("\n".join(filler + REPORT + filler).encode())
        assert [line for line in kept if "kernel" in line] == REPORT


def test_the_stack_of_a_hung_task_is_kept():
    hung = ["Nov 23 02:20:00 w2 kernel: " + line for line in (
        "INFO: task kubelet:812 blocked for more than 120 seconds.", "Call Trace:", " rpc_wait_bit_killable+0x1e/0x80 [sunrpc]")]
    lines = journal()
    lines[20000:20000] = hung
    kept, _cut = sieved("\n".join(lines).encode())
    assert [line for line in kept if " kernel: " in line][:3] == hung


def test_of_too_much_the_first_and_the_newest_are_kept(monkeypatch):
    monkeypatch.setattr(log_sieve, "_KEPT", 1 << 20)
    lines = ["%s %d" % (STOPPED, at) for at in range(60000)]
    kept, cut = sieved("\n".join(lines).encode())
    assert "1 MB were read" in cut
    assert (kept[0], kept[-1]) == (lines[0], lines[-1]) and sum(map(len, kept)) < 1 << 20


@pytest.mark.parametrize("data", [b"", b"\n", b"x" * (3 << 20), b"\xff\xfe", b"\xff" * (1 << 20), b"\0" * (2 << 20), b"\n" * (2 << 20)])
def test_any_bytes(data):
    sieved(data)
