# Copyright: kubetriage.node contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.kubetriage.node.plugins.module_utils.parse import loglines, oom

NIGHT = 1795399987.0  # 2026-11-23T02:13:07Z
NOW = NIGHT + 432
UID = "3f0c6f1e_8a52_4b0e_9d6c_2f1d7c0a9b11"
POD = "/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod%s.slice" % UID
SCOPE = POD + "/cri-containerd-%s.scope" % ("9b7c" * 16)


def log(text, prefix="Nov 23 02:13:07 w2 kernel: "):
    return "\n".join(prefix + line for line in text.strip("\n").splitlines())


def one(text, **how):
    (report,) = oom.oom_reports(text, now=NOW, **how)
    return report


GLOBAL_6_1 = """
kube-proxy invoked oom-killer: gfp_mask=0x140cca(GFP_HIGHUSER_MOVABLE|__GFP_COMP), order=0, oom_score_adj=-999
CPU: 2 PID: 1201 Comm: kube-proxy Not tainted 6.1.0-27-cloud-amd64 #1  Debian 6.1.115-1
Hardware name: QEMU Standard PC (Q35 + ICH9, 2009), BIOS 1.16.2 04/01/2014
Call Trace:
 <TASK>
 dump_stack_lvl+0x44/0x5c
 oom_kill_process.cold+0xb/0x10
Mem-Info:
active_anon:1021 inactive_anon:3880217 isolated_anon:0
 active_file:312 inactive_file:499 isolated_file:0
 unevictable:768 dirty:2 writeback:0
 slab_reclaimable:9011 slab_unreclaimable:31022
 mapped:1204 shmem:2218 pagetables:9807
 sec_pagetables:0 bounce:0
 kernel_misc_reclaimable:0
 free:33211 free_pcp:120 free_cma:0
Node 0 active_anon:4084kB inactive_anon:15520868kB active_file:1248kB shmem:8872kB all_unreclaimable? yes
Node 0 hugepages_total=512 hugepages_free=512 hugepages_surp=0 hugepages_size=2048kB
Free swap  = 0kB
Total swap = 0kB
4164477 pages RAM
0 pages HighMem/MovableOnly
74521 pages reserved
Tasks state (memory values in pages):
[  pid  ]   uid  tgid total_vm      rss pgtables_bytes swapents oom_score_adj name
[    402]     0   402    12345     1100   110592        0          -250 systemd-journal
[    812]     0   812   468350    24576   458752        0          -999 kubelet
[   1201]     0  1201   187000    10240   200704        0          -999 kube-proxy
[  48210] 1000640000 48210  1750000  1717606 13900000        0             0 leaky
[  48211] 1000640000 48211  1750000  1717606 13900000        0             0 leaky
[  48300]     0 48300      256        1    40960        0          -998 Plex Media Serv
oom-kill:constraint=CONSTRAINT_NONE,nodemask=(null),cpuset=kubelet.service,mems_allowed=0,global_oom\
,task_memcg=/system.slice/kubelet.service,task=kubelet,pid=812,uid=0
Out of memory: Killed process 812 (kubelet) total-vm:1873400kB, anon-rss:98304kB, file-rss:0kB, shmem-rss:0kB, UID:0\
 pgtables:448kB oom_score_adj:-999
oom_reaper: reaped process 812 (kubelet), now anon-rss:0kB, file-rss:0kB, shmem-rss:0kB
"""


def test_global_6_1():
    report = one(log(GLOBAL_6_1))
    assert (report["kind"], report["partial"], report["time"], report["kernel"]) == ("global", False, NIGHT, "6.1.0-27-cloud-amd64")
    assert report["trigger"] == {"comm": "kube-proxy", "pid": 1201, "adj": -999}
    assert report["victim"] == {"pid": 812, "comm": "kubelet", "uid": 0, "adj": -999, "total_vm_kb": 1873400, "anon_rss_kb": 98304,
                                "file_rss_kb": 0, "shmem_rss_kb": 0, "rss_kb": 98304}
    assert report["limit_cgroup"] is None and report["task_cgroup"] == "/system.slice/kubelet.service"
    assert report["by_name"][0] == {"name": "leaky", "rss_kb": 2 * 1717606 * 4, "count": 2, "adj": [0, 0]}
    assert [row["name"] for row in report["tasks"]][-1] == "Plex Media Serv" and report["tasks"][0]["uid"] == 1000640000
    assert report["node"]["ram_kb"] == (4164477 - 74521) * 4 and report["node"]["slab_unreclaimable_kb"] == 31022 * 4
    assert report["node"]["hugepages_kb"] == 1 << 20 and report["node"]["total_swap_kb"] == 0
    assert sorted(report["quotes"]) == ["biggest", "invoked", "kill", "limit"]
    assert report["quotes"]["biggest"][1].endswith("leaky") and report["quotes"]["kill"][0] == NIGHT


TWO_LINES_3_10 = """
java invoked oom-killer: gfp_mask=0xd0, order=0, oom_score_adj=872
java cpuset=docker-9b7c.scope mems_allowed=0
CPU: 5 PID: 13536 Comm: java Kdump: loaded Tainted: G               ------------ T 3.10.0-1160.el7.x86_64 #1
Call Trace:
 [<ffffffff81720bf6>] dump_stack+0x45/0x56
Task in {scope} killed as a result of limit of {pod}
memory: usage 1048576kB, limit 1048576kB, failcnt 4152
memory+swap: usage 1048576kB, limit 9007199254740988kB, failcnt 0
kmem: usage 0kB, limit 9007199254740988kB, failcnt 0
Memory cgroup stats for {pod}: cache:0KB rss:0KB rss_huge:0KB mapped_file:0KB swap:0KB
Memory cgroup stats for {scope}: cache:92KB rss:1041000KB rss_huge:0KB mapped_file:60KB swap:0KB
[ pid ]   uid  tgid total_vm      rss nr_ptes swapents oom_score_adj name
[13500]     0 13500      256        1       4        0          -998 pause
[13530]     0 13530     4869       50      13        0           872 sh
[13536]  1000 13536  8389663   260000   16267        0           872 java
Memory cgroup out of memory: Kill process 13599 (C2 CompilerThre) score 996 or sacrifice child
Killed process 13536 (java) total-vm:33558652kB, anon-rss:1039000kB, file-rss:1000kB
""".format(pod=POD, scope=SCOPE)


def test_two_lines_3_10():
    report = one(log(TWO_LINES_3_10))
    assert (report["kind"], report["partial"], report["limit_cgroup"], report["task_cgroup"]) == ("memcg", False, POD, SCOPE)
    assert report["selected"] == {"pid": 13599, "comm": "C2 CompilerThre", "score": 996}
    assert (report["victim"]["pid"], report["victim"]["comm"], report["victim"]["rss_kb"]) == (13536, "java", 1040000)
    assert (report["victim"]["uid"], report["victim"]["adj"], report["victim"]["shmem_rss_kb"]) == (1000, 872, None)
    assert report["usage"]["memory"] == {"usage_kb": 1048576, "limit_kb": 1048576, "failcnt": 4152}
    assert report["usage"]["memory+swap"]["limit_kb"] == 9007199254740988
    assert report["stats"][SCOPE]["rss"] == 1041000 and report["stats"][POD]["rss"] == 0
    assert report["by_name"][0]["name"] == "java" and len(report["tasks"]) == 3
    assert report["kernel"] == "3.10.0-1160.el7.x86_64" and report["cpuset"] == "docker-9b7c.scope"


def test_el7_with_uid_after_a_comma():
    victim = one(log("""
Out of memory: Kill process 21945 (tidb-server) score 956 or sacrifice child
Killed process 21945 (tidb-server), UID 1000, total-vm:33027492kB, anon-rss:31303276kB, file-rss:0kB, shmem-rss:0kB"""))["victim"]
    assert (victim["pid"], victim["comm"], victim["uid"], victim["rss_kb"]) == (21945, "tidb-server", 1000, 31303276)


def test_4_15_two_blanks_before_order():
    report = one(log("""
nginx invoked oom-killer: gfp_mask=0x14000c0(GFP_KERNEL), nodemask=(null),  order=0, oom_score_adj=999
nginx cpuset=9b7c mems_allowed=0
Task in /kubepods/besteffort/pod3f0c6f1e-8a52-4b0e-9d6c-2f1d7c0a9b11 killed as a result of limit of /kubepods
[ pid ]   uid  tgid total_vm      rss pgtables_bytes swapents oom_score_adj name
[ 4242]     0  4242    10000     5000    81920        0           999 nginx
Memory cgroup out of memory: Kill process 4242 (nginx) score 1500 or sacrifice child
Killed process 4242 (nginx) total-vm:40000kB, anon-rss:20000kB, file-rss:0kB, shmem-rss:0kB"""))
    assert (report["limit_cgroup"], report["order"], report["gfp"], report["trigger"]["adj"]) == ("/kubepods", 0, "0x14000c0(GFP_KERNEL)",
                                                                                                  999)


def test_el8_hybrid():
    report = one(log("""
Task in {scope} killed as a result of limit of {scope}
memory: usage 32461120kB, limit 33554432kB, failcnt 0
Memory cgroup out of memory: Killed process 7093 (java) total-vm:11451920kB, anon-rss:1968776kB, file-rss:0kB, shmem-rss:164kB, UID:0\
 pgtables:4976kB oom_score_adj:936
""".format(scope=SCOPE)))
    assert (report["limit_cgroup"], report["victim"]["adj"], report["partial"]) == (SCOPE, 936, True)


GROUP_6_8 = """
Thread-2 invoked oom-killer: gfp_mask=0xcc0(GFP_KERNEL), order=0, oom_score_adj=969
CPU: 1 PID: 22640 Comm: Thread-2 Tainted: P           O       6.8.0-50-generic #51-Ubuntu
memory: usage 4194304kB, limit 4194304kB, failcnt 1273284
swap: usage 0kB, limit 0kB, failcnt 0
Memory cgroup stats for {pod}:
anon 4213456896
file 8192
kernel_stack 180224
shmem 4096
pgfault 99999
Tasks state (memory values in pages):
[  pid  ]   uid  tgid total_vm      rss rss_anon rss_file rss_shmem pgtables_bytes swapents oom_score_adj name
[  22600]     0 22600      256      128        1      127         0    40960        0          -998 pause
[  22609]     0 22609  2480905  1034954  1029171     5783         0 11227136        0           969 node
oom-kill:constraint=CONSTRAINT_MEMCG,nodemask=(null),cpuset=cri-containerd-x.scope,mems_allowed=0-1,4,oom_memcg={pod}\
,task_memcg={scope},task=node,pid=22609,uid=0
Memory cgroup out of memory: Killed process 22609 (node) total-vm:9923620kB, anon-rss:4116684kB, file-rss:23132kB, shmem-rss:0kB, UID:0\
 pgtables:10964kB oom_score_adj:969
Tasks in {scope} are going to be killed due to memory.oom.group set
Memory cgroup out of memory: Killed process 22609 (node) total-vm:9923620kB, anon-rss:4116684kB, file-rss:23132kB, shmem-rss:0kB, UID:0\
 pgtables:10964kB oom_score_adj:969
Memory cgroup out of memory: Killed process 22700 (sh) total-vm:2572kB, anon-rss:4kB, file-rss:0kB, shmem-rss:0kB, UID:0\
 pgtables:32kB oom_score_adj:969
""".format(pod=POD, scope=SCOPE)


@pytest.mark.parametrize("wrap", [log, lambda text: log(text, "[ 5541.000000] ")], ids=["journal", "dmesg"])
def test_group_6_8(wrap):
    report = one(wrap(GROUP_6_8), boot=NIGHT - 5541)
    assert (report["kind"], report["limit_cgroup"], report["task_cgroup"], report["group"]) == ("memcg", POD, SCOPE, SCOPE)
    assert [victim["comm"] for victim in [report["victim"]] + report["killed"]] == ["node", "sh"]
    assert report["stats"][POD]["anon"] == 4213456896 // 1024 and "pgfault" not in report["stats"][POD]
    assert report["by_name"][0] == {"name": "node", "rss_kb": 1034954 * 4, "count": 1, "adj": [969, 969]}
    assert report["node"] == {} and report["time"] == NIGHT and not report["partial"]


def test_statistics_without_prefix():
    text = log(GROUP_6_8).replace("Nov 23 02:13:07 w2 kernel: anon", "anon").replace("Nov 23 02:13:07 w2 kernel: file",
                                                                                     "                 file")
    assert one(text)["stats"][POD]["anon"] == 4213456896 // 1024 and one(text)["stats"][POD]["file"] == 8


def test_other_lines_between():
    lines = log(GLOBAL_6_1).splitlines()
    other = "Nov 23 02:13:07 w2 kubelet[812]: E1123 02:13:07.1 812 x.go:1] Killed process 1 (fake) total-vm:1kB"
    assert one("\n".join(line for pair in lines for line in (other, pair))) == one(log(GLOBAL_6_1))


def test_lines_and_entries_and_text_are_alike():
    text = log(GROUP_6_8)
    assert oom.oom_reports(text.splitlines(), now=NOW) == oom.oom_reports(loglines.entries(text, NOW)) == oom.oom_reports(text, now=NOW)


def test_newest_first():
    later = log(GROUP_6_8, "Nov 23 02:15:07 w2 kernel: ")
    for text in (log(GLOBAL_6_1), log(GLOBAL_6_1, "") + "\n" + log(GROUP_6_8, ""), log(GLOBAL_6_1) + "\n" + later):
        assert oom.oom_reports("\n".join(reversed(text.splitlines())), now=NOW) == oom.oom_reports(text, now=NOW)


def test_two_sources_of_one_kill():
    text = log(GLOBAL_6_1) + "\n" + log(GLOBAL_6_1, "[ 5541.000000] ")
    assert len(oom.oom_reports(text, now=NOW, boot=NIGHT - 5541)) == 1


def test_two_reports():
    first, second = oom.oom_reports(log(GLOBAL_6_1) + "\n" + log(GROUP_6_8, "Nov 23 02:14:07 w2 kernel: "), now=NOW)
    assert (first["victim"]["comm"], second["victim"]["comm"], second["time"] - first["time"]) == ("kubelet", "node", 60)


@pytest.mark.parametrize("cut, expected", [
    (lambda lines: lines[30:], {"partial": True, "kind": "global"}),  # begins within the table
    (lambda lines: lines[-3:], {"partial": True, "kind": "global", "trigger": None}),
    (lambda lines: lines[-2:-1], {"partial": True, "kind": "global", "task_cgroup": None}),  # only the kill line: grep
    (lambda lines: lines[:-2], {"partial": True, "kind": "global"}),  # ends before the kill line
    (lambda lines: lines[:28], {"partial": True, "victim": None}),
    (lambda lines: lines[:1], {"partial": True, "victim": None, "kind": None}),
])
def test_cut(cut, expected):
    report = one("\n".join(cut(log(GLOBAL_6_1).splitlines())))
    assert {key: report[key] for key in expected} == expected
    if "victim" not in expected:
        assert (report["victim"]["pid"], report["victim"]["comm"]) == (812, "kubelet")


def test_a_table_without_its_head():
    rows = one("\n".join(log(GLOBAL_6_1).splitlines()[26:]))["tasks"]
    assert [(row["pid"], row["rss_kb"], row["adj"], row["name"]) for row in rows[1:2] + rows[-1:]] == [
        (48211, 1717606 * 4, 0, "leaky"), (48300, 4, -998, "Plex Media Serv")]


def test_a_container_that_dies_again_and_again():
    text = "\n".join(log(GROUP_6_8.replace("22609", str(30000 + at)), "[ %d.000000] " % (9 * at)) for at in range(150))
    reports = oom.oom_reports(text, NOW, 0.0)
    assert [report["victim"]["pid"] for report in reports] == list(range(30000, 30150))
    assert [bool(report["tasks"]) for report in reports] == [False] * 49 + [True] * 101 and len(reports[0]["by_name"]) == 2


def test_header_held_back_by_rate_limit():
    text = log(GROUP_6_8) + "\n" + log("Memory cgroup out of memory: Killed process 31000 (worker) total-vm:100kB, anon-rss:80kB, "
                                       "file-rss:0kB, "
                                       "shmem-rss:0kB, UID:0 pgtables:1kB oom_score_adj:969", "Nov 23 02:33:00 w2 kernel: ")
    reports = oom.oom_reports(text, now=NOW + 3600)
    assert [(report["victim"]["comm"], report["partial"]) for report in reports] == [("node", False), ("worker", True)]


@pytest.mark.parametrize("comm", ["CPU 11/KVM", "runc:[2:INIT]", "Plex Media Serv", "()", "[", "a) total-vm:9k", "x,pid=1,uid=0",
                                  ",task=kubelet,", '"q" \'r\''])
def test_odd_names(comm):
    report = one(log(GROUP_6_8.replace("Thread-2", comm).replace("(node)", "(%s)" % comm).replace("task=node,", "task=%s," % comm)
                     .replace("969 node", "969 " + comm)))
    assert report["trigger"]["comm"] == report["victim"]["comm"] == report["tasks"][0]["name"] == comm
    assert (report["victim"]["pid"], report["victim"]["anon_rss_kb"], report["limit_cgroup"]) == (22609, 4116684, POD)


def test_line_cut_by_the_kernel():
    text = log(GROUP_6_8)
    at = text.index("task_memcg=") + 60
    report = one(text[:at] + text[text.index("\n", at):])
    assert report["limit_cgroup"] == POD and SCOPE.startswith(report["task_cgroup"]) and report["victim"]["comm"] == "node"


@pytest.mark.parametrize("constraint, kind", [("CPUSET", "cpuset"), ("MEMORY_POLICY", "mempolicy")])
def test_numa(constraint, kind):
    assert one(log(GLOBAL_6_1.replace("CONSTRAINT_NONE", "CONSTRAINT_" + constraint)))["kind"] == kind


def test_only_the_first_of_two_kill_lines():
    report = one("Memory cgroup out of memory: Kill process 25169 (hyperkube) score 2109 or sacrifice child")
    assert [report["victim"][key] for key in ("pid", "comm", "rss_kb")] == [25169, "hyperkube", None] and report["kind"] == "memcg"


@pytest.mark.parametrize("lines, limit", [
    (["Memory limit reached of cgroup " + POD, "memory: usage 4kB, limit 4kB, failcnt 9"], POD),  # no task was named: 3.10 to 4.19
    (["memory: usage 4kB, limit 4kB, failcnt 9", "Memory cgroup stats for %s: cache:0KB rss:4KB" % POD,
      "Memory cgroup stats for %s: cache:0KB rss:4KB" % SCOPE], POD),
    (["Memory cgroup stats for %s: cache:0KB rss:4KB" % SCOPE], None),  # a child's: what stood above is lost
])
def test_the_limit_of_a_report_without_its_beginning(lines, limit):
    kill = "Memory cgroup out of memory: Kill process 7 (java) score 9 or sacrifice child"
    assert one(log("\n".join(lines + [kill])))["limit_cgroup"] == limit


@pytest.mark.parametrize("line, kind", [
    (" [<ffffffff811d3a85>] mem_cgroup_oom_synchronize+0x555/0x580", "memcg"), (" try_charge_memcg+0x6c4/0x790", "memcg"),
    (" ? mem_cgroup_out_of_memory+0x145/0x160", "memcg"), (" __alloc_pages_slowpath.constprop.0+0xa7a/0xb30", "global"),
    (" [<ffffffff811878ee>] __alloc_pages_may_oom+0x1/0x2", "global"), (" handle_mm_fault+0x1/0x2", None)])
def test_who_called_tells_the_kind_when_the_rest_is_lost(line, kind):
    header = "java invoked oom-killer: gfp_mask=0xcc0(GFP_KERNEL), order=0, oom_score_adj=999"
    report = one(log("\n".join([header, "Call Trace:", " dump_header+0x4f/0x1f6", line])))
    assert (report["kind"], report["partial"]) == (kind, True)


@pytest.mark.parametrize("width", [100, 80, 133])
def test_lines_wrapped_by_a_terminal(width):
    text = log(GLOBAL_6_1)
    wrapped = "\n".join(line[at:at + width] for line in text.splitlines() for at in range(0, len(line), width))
    report = one(wrapped)
    assert report["victim"] == one(text)["victim"] and report["task_cgroup"] == "/system.slice/kubelet.service"


def test_lines_wrapped_by_an_editor():
    report = one("""Aug 06 23:51:09 w2 kernel: oom-kill:constraint=CONSTRAINT_NONE,nodemask=(null),cpuset=/,
  mems_allowed=0,global_oom,task_memcg=/user.slice/user-1000.slice/session-250.scope,task=python,pid=253445,uid=1000
Aug 06 23:51:09 w2 kernel: Out of memory: Killed process 253445 (python)
  total-vm:67253092kB, anon-rss:57148352kB, file-rss:8kB, shmem-rss:0kB, UID:1000 pgtables:128572kB oom_score_adj:0""")
    assert (report["victim"]["rss_kb"], report["victim"]["uid"], report["task_cgroup"]) == (
        57148360, 1000, "/user.slice/user-1000.slice/session-250.scope")


def test_no_kernel_prints_both():
    assert one(log(GROUP_6_8.replace("oom_memcg=" + POD, "global_oom")))["kind"] == "forged"


def test_line_breaks_that_rsyslog_has_escaped():
    lines = log(GLOBAL_6_1).replace("isolated_anon:0\nNov 23 02:13:07 w2 kernel:  active_file:312", "isolated_anon:0#012 active_file:312")
    assert "#012" in lines and one(lines)["node"] == one(log(GLOBAL_6_1))["node"]


def test_a_header_alone_and_the_report_of_the_same_kill_from_another_log():
    text = "\n".join(log(GLOBAL_6_1).splitlines()[-3:-2]) + "\n\n" + log(GLOBAL_6_1, "[ 5541.000000] ")
    report, = oom.oom_reports(text, now=NOW, boot=NIGHT - 5541)
    assert not report["partial"] and len(report["tasks"]) == 6


def test_sysrq():
    report = one(log("""
kworker/3:1 invoked oom-killer: gfp_mask=0xcc0(GFP_KERNEL), order=-1, oom_score_adj=0
 moom_callback+0x7e/0xa0
oom-kill:constraint=CONSTRAINT_NONE,nodemask=(null),cpuset=/,mems_allowed=0,global_oom,task_memcg=/user.slice,task=app,pid=77,uid=0
Out of memory: Killed process 77 (app) total-vm:10kB, anon-rss:8kB, file-rss:0kB, shmem-rss:0kB, UID:0 pgtables:4kB oom_score_adj:0"""))
    assert (report["kind"], report["order"], report["victim"]["comm"]) == ("manual", -1, "app")


def test_nobody_left():
    report = one(log("""
swapper/0 invoked oom-killer: gfp_mask=0xcc0(GFP_KERNEL), order=0, oom_score_adj=0
[  pid  ]   uid  tgid total_vm      rss pgtables_bytes swapents oom_score_adj name
Out of memory and no killable processes...
Kernel panic - not syncing: System is deadlocked on memory"""))
    assert (report["nobody"], report["victim"], report["partial"], report["kind"]) == (True, None, False, "global")


def test_64_kib_pages():
    report = one(log(GLOBAL_6_1.replace("total-vm:1873400kB", "total-vm:%dkB" % (468350 * 64))))
    assert report["page_kb"] == 64 and report["by_name"][0]["rss_kb"] == 2 * 1717606 * 64


@pytest.mark.parametrize("text", [
    "", "Nov 23 02:13:07 w2 kernel: oom_reaper: reaped process 812 (kubelet), now anon-rss:0kB, file-rss:0kB, shmem-rss:0kB",
    "Nov 23 02:13:07 w2 systemd-oomd[5]: Killed /user.slice due to memory pressure",
    "Nov 23 02:13:07 w2 node-problem-detector[9]: Message:Out of memory: Killed process 1 (x) total-vm:1kB",
    "Nov 23 02:13:07 w2 app[9]: Out of memory: Killed process 1 (x) total-vm:1kB, anon-rss:1kB",
    "Nov 23 02:13:07 w2 kernel: request_sock_TCP: Out of socket memory",
])
def test_no_report(text):
    assert oom.oom_reports(text, now=NOW) == []


_lines = [line for text in (GLOBAL_6_1, TWO_LINES_3_10, GROUP_6_8) for line in text.strip().splitlines()]


@given(st.lists(st.sampled_from(_lines) | st.text(max_size=30), max_size=60), st.sampled_from(["", "Nov 23 02:13:07 w2 kernel: ",
                                                                                               "[ 1.5] "]), st.randoms())
def test_any_order_of_lines(lines, prefix, chance):
    lines = [line if chance.random() < 0.9 else line[:chance.randrange(len(line) + 1)] for line in lines]
    for report in oom.oom_reports("\n".join(prefix + line for line in lines), NOW, 0.0):
        assert set(report) == set(one(log(GLOBAL_6_1)))


def test_long_logs_cost_little():
    random.seed(1)
    noise = ["[ %d.000000] eth0: link %d" % (at, random.random() * 9) for at in range(20000)]
    assert len(oom.oom_reports("\n".join(noise + log(GLOBAL_6_1, "[30000.000000] ").splitlines()), NOW, 0.0)) == 1
