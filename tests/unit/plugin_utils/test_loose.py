# Copyright: kubetriage.node contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Loose logs -> what a bundle would hold."""

import json
import os
import time

import pytest
from hypothesis import given as any_of, settings, strategies as st

from ansible_collections.kubetriage.node.plugins.module_utils.catalogue import FAILURES
from ansible_collections.kubetriage.node.plugins.module_utils.catalogue.match import scan
from ansible_collections.kubetriage.node.plugins.module_utils.checks import CHECKS, resources
from ansible_collections.kubetriage.node.plugins.module_utils.node import Unavailable
from ansible_collections.kubetriage.node.plugins.module_utils.node.bundle import BadBundle, Bundle
from ansible_collections.kubetriage.node.plugins.module_utils.parse import iptables, meminfo, mounts, oom, systemd_show
from ansible_collections.kubetriage.node.plugins.module_utils.probe import look
from ansible_collections.kubetriage.node.plugins.plugin_utils import loose, loose_view, systemctl_status
from ansible_collections.kubetriage.node.plugins.plugin_utils.utc import iso, seconds

NEWEST = seconds("2026-11-22T09:00:00Z")  # when the files were written


def given(**files):
    """Keywords name the files, with _ for - and __ for the dot -> Bundle"""
    texts = {key.replace("__", ".").replace("_", "-"): text for key, text in files.items()}
    content, now = loose.contents(texts, "w1", NEWEST)
    return Bundle("w1", now, content)


def text_of(bundle, name):
    return bundle.run(name, [name]).out


def why_not(bundle, name):
    with pytest.raises(Unavailable) as raised:
        bundle.run(name, [name])
    return raised.value.why


OOM = "Out of memory: Killed process 812 (kubelet) total-vm:1873400kB, anon-rss:98304kB, file-rss:0kB, shmem-rss:0kB, UID:0 pgtables:460kB oom_score_adj:0"
FAILED = "kubelet.service: Failed with result 'oom-kill'."
KLOG = 'E1120 02:13:04.000100     812 kubelet.go:2512] "Housekeeping took longer than expected" expected="1s" actual="3.8s"'
STAMP = "1795140787.000000"  # 2026-11-20T02:13:07Z
MICRO = str(1795140787 * 1000000)


@pytest.mark.parametrize("line", [
    "Nov 20 02:13:07 w1 systemd[1]: " + FAILED,
    "2026-11-20T02:13:07+0000 w1 systemd[1]: " + FAILED,
    "2026-11-20T03:13:07+01:00 w1 systemd[1]: " + FAILED,
    STAMP + " w1 systemd[1]: " + FAILED,
    json.dumps({"__REALTIME_TIMESTAMP": MICRO, "SYSLOG_IDENTIFIER": "systemd", "_PID": "1", "MESSAGE": FAILED}),
])
def test_a_line_of_any_format_is_one_of_the_journal(line):
    bundle = given(kubelet__log=line + "\n")
    assert text_of(bundle, "journal") == STAMP + " kubelet.log systemd[1]: " + FAILED + "\n"
    assert bundle.now == 1795140787


@pytest.mark.parametrize("line", [
    "Nov 20 02:13:07 w1 kernel: " + OOM,
    "[Fri Nov 20 02:13:07 2026] " + OOM,
    "2026-11-20T02:13:07,000000+00:00 " + OOM,
    "[1000.500000] audit: type=1400 audit(1795140707.500:2): x\n[1080.000000] " + OOM,
])
@pytest.mark.parametrize("file", ["kernel.log", "notes.txt"])
def test_a_line_of_the_kernel_is_in_its_log(file, line):
    content, now = loose.contents({file: line}, "w1", NEWEST)
    report, = oom.oom_reports(content["commands/dmesg/stdout"], now=now)
    assert report["victim"]["comm"] == "kubelet" and report["time"] == 1795140787 == now


def test_the_file_name_tells_the_program_of_lines_that_do_not():
    bundle = given(kubelet__log=KLOG + "\n", runtime__log='time="2026-11-20T02:13:05Z" level=info msg="x"\n', kernel__log="[   12.000000] " + OOM + "\n")
    lines = text_of(bundle, "journal").splitlines()
    assert [line.split(" ")[2] for line in lines if line] == ["kubelet[0]:", "containerd[0]:"]
    assert lines[0].endswith(KLOG)
    assert OOM in text_of(bundle, "dmesg") and OOM not in text_of(bundle, "journal")


@pytest.mark.parametrize("text, program", [("dockerd said", "dockerd"), ("crio said", "crio"), ("dockerd asked containerd", "containerd"), ("x", "containerd")])
def test_which_runtime(text, program):
    bundle = given(runtime__log='time="2026-11-20T02:13:05Z" level=info msg="%s"\n' % text)
    assert " %s[0]: " % program in text_of(bundle, "journal")


def test_a_mixed_journal_is_taken_apart():
    mixed = "Nov 20 02:13:07 w1 kernel: %s\nNov 20 02:13:08 w1 systemd[1]: %s\n" % (OOM, FAILED)
    for file in ("kubelet__log", "kernel__log", "notes__txt"):
        bundle = given(**{file: mixed})
        assert FAILED in text_of(bundle, "journal") and OOM not in text_of(bundle, "journal")
        assert OOM in text_of(bundle, "dmesg") and FAILED not in text_of(bundle, "dmesg")


def test_the_same_line_in_two_files_is_one():
    line = "Nov 20 02:13:07 w1 kernel: " + OOM + "\n"
    assert text_of(given(kernel__log=line, kubelet__log=line, notes__txt=line), "dmesg").count("Killed process") == 1
    assert text_of(given(kernel__log=line * 2), "dmesg").count("Killed process") == 2


def test_files_are_merged_by_time_and_newest_first_is_turned_round():
    backwards = "Nov 20 02:13:09 w1 kubelet[1]: d\nNov 20 02:13:07 w1 kubelet[1]: c\nNov 20 02:13:07 w1 kubelet[1]: b\nNov 20 02:13:05 w1 kubelet[1]: a\n"
    bundle = given(kubelet__log=backwards, runtime__log="Nov 20 02:13:06 w1 containerd[2]: r\n")
    assert [line[-1] for line in text_of(bundle, "journal").split("\n") if line] == ["a", "r", "b", "c", "d"]


def test_lines_without_time_keep_their_place_and_do_not_join_the_line_above():
    bundle = given(kubelet__log="Nov 20 02:13:07 w1 systemd[1]: last\n", notes__txt=OOM + "\n" + FAILED + "\n")
    assert text_of(bundle, "dmesg").splitlines()[-2:] == [OOM, FAILED]
    journal = text_of(bundle, "journal")
    assert "\n\n" in journal and oom.oom_reports(text_of(bundle, "dmesg"))[0]["time"] is None
    assert bundle.now == 1795140787


def test_the_year_of_stamps_without_one():
    assert iso(given(kubelet__log="Nov 20 02:13:07 w1 systemd[1]: x\n").now) == "2026-11-20T02:13:07Z"
    with_year = "2024-02-29T10:00:00Z level=x\n2024-02-29T10:00:00+00:00 w1 containerd[1]: x\n"
    assert iso(given(kubelet__log="Mar  1 02:13:07 w1 systemd[1]: x\n", runtime__log=with_year).now) == "2024-03-01T02:13:07Z"


def test_now_is_the_files_time_when_nothing_tells_it():
    assert given(notes__txt="kubelet is dead\n").now == NEWEST


@pytest.mark.parametrize("name, files, why", [
    ("journal", {"df__txt": "x"}, "no kubelet.log or runtime.log or notes.txt was given"),
    ("dmesg", {"kubelet__log": KLOG}, "no kernel.log or notes.txt was given"),
    ("journal-kernel", {"kubelet__log": KLOG}, "no kernel.log or notes.txt was given"),
    ("dmesg", {"notes__txt": KLOG}, "nothing of it in notes.txt"),
    ("dmesg", {"notes__txt": FAILED}, "nothing of it in notes.txt"),
    ("dmesg", {"kubelet__log": FAILED}, "no kernel.log or notes.txt was given"),
    ("iptables-save", {"kubelet__log": KLOG}, "no iptables-save.txt or notes.txt was given"),
    ("iptables-save", {"iptables_save__txt": "Chain INPUT (policy ACCEPT)\n"}, "nothing of it in iptables-save.txt"),
    ("systemctl-show", {"kubelet__log": KLOG}, "no systemctl status in notes.txt was given"),
    ("processes", {"kubelet__log": KLOG}, "not in the bundle"),
])
def test_what_was_not_given_says_so(name, files, why):
    assert why_not(given(**files), name) == why


DF = """\
Filesystem     Type   Size  Used Avail Use% Mounted on
udev           devtmpfs 7.8G    0  7.8G   0% /dev
/dev/vda1      ext4    40G   38G   2.0G  95% /
/dev/mapper/my\tvg ext4 9.8G  9.8G     0 100% /var/lib
tmpfs          tmpfs  7.8G  7.8G     0 100% /dev/shm
overlay        overlay 40G   38G  2.0G  95% /var/lib/docker/overlay2/x/merged
"""
DF_I = "Filesystem      Inodes  IUsed  IFree IUse% Mounted on\n/dev/vda1 2621440 2621440 0 100% /\n"


@pytest.mark.parametrize("files", [{"df__txt": DF, "df_i__txt": DF_I}, {"notes__txt": "$ df -hT\n" + DF + "\n$ df -i\n" + DF_I}])
def test_df(files):
    bundle = given(**files)
    assert [(mount["target"], mount["type"]) for mount in mounts.mounts(bundle.read("/proc/mounts"))] == [("/", "ext4"), ("/var/lib", "ext4")]
    assert bundle.statvfs("/") == {"size": 40 << 30, "free": 2 << 30, "avail": 2 << 30, "files": 2621440, "ffree": 0, "readonly": False}
    assert bundle.statvfs("/var/lib")["avail"] == 0
    found = {(each["id"], each["subject"]["mount"]) for each in resources.check(bundle, 3600)["findings"] if each["id"].startswith("disk.")}
    assert ("disk.full", "/var/lib") in found and ("disk.inodes_full", "/") in found


def test_only_inodes_or_nothing():
    bundle = given(df_i__txt=DF_I)
    assert bundle.statvfs("/") == {"size": 0, "free": 0, "avail": 0, "files": 2621440, "ffree": 0, "readonly": False}
    assert [each["id"] for each in resources.check(bundle, 3600)["findings"]] == ["disk.inodes_full"]
    for files, why in (({"df__txt": "df: /var: Stale file handle\n"}, "no table of df in it"), ({"notes__txt": "x"}, "no df.txt or df-i.txt was given")):
        with pytest.raises(Unavailable) as raised:
            given(**files).read("/proc/mounts")
        assert raised.value.why == why


@pytest.mark.parametrize("text, available", [
    ("              total        used        free      shared  buff/cache   available\n"
     "Mem:       16353784    16011200      169308        3368      173276       61208\nSwap:             0           0           0\n", 61208),
    ("             total       used       free     shared    buffers     cached\n"
     "Mem:      16353784   16253784     100000          0       1000      20000\n-/+ buffers/cache:   16232784     121000\nSwap: 0 0 0\n", 121000),
])
def test_free(text, available):
    for file in ("free__txt", "notes__txt"):
        found = meminfo.meminfo(given(**{file: text}).read("/proc/meminfo"))
        assert (found["MemTotal"], found["MemAvailable"], found["SwapTotal"]) == (16353784 << 10, available << 10, 0)
    with pytest.raises(Unavailable, match="no free.txt was given"):
        given(kubelet__log=KLOG).read("/proc/meminfo")


def test_iptables():
    text = "# Generated by iptables-save v1.8.7\n*filter\n:FORWARD DROP [0:0]\nCOMMIT\n"
    for file in ("iptables_save__txt", "notes__txt"):
        assert iptables.tables(text_of(given(**{file: "x\n" + text}), "iptables-save"))["filter"]["FORWARD"]["policy"] == "DROP"


STATUS = """\
● kubelet.service - kubelet: The Kubernetes Node Agent
     Loaded: loaded (/lib/systemd/system/kubelet.service; enabled; preset: enabled)
    Drop-In: /etc/systemd/system/kubelet.service.d
             └─20-ops.conf
     Active: failed (Result: oom-kill) since Fri 2026-11-20 02:13:07 UTC; 4min 24s ago
   Duration: 6d 10h 50min 9.812s
    Process: 812 ExecStart=/usr/bin/kubelet $KUBELET_ARGS (code=killed, signal=KILL)
   Main PID: 812 (code=killed, signal=KILL)
        CPU: 3h 51min
● containerd.service - containerd container runtime
     Loaded: loaded (/lib/systemd/system/containerd.service; enabled; preset: enabled)
     Active: active (running) since Fri 2026-11-13 15:22:57 UTC; 6 days ago
   Main PID: 611 (containerd)
"""


def test_a_pasted_status_tells_of_the_units():
    units = systemd_show.units(text_of(given(notes__txt=STATUS), "systemctl-show"))
    kubelet, containerd = units["kubelet.service"], units["containerd.service"]
    assert [kubelet[key] for key in ("ActiveState", "SubState", "Result", "ExecMainCode", "ExecMainStatus", "MainPID")] == [
        "failed", "failed", "oom-kill", "2", "9", "0"]
    assert systemd_show.epoch(kubelet["InactiveEnterTimestamp"]) == 1795140787
    assert (containerd["ActiveState"], containerd["SubState"], containerd["MainPID"]) == ("active", "running", "611")


@pytest.mark.parametrize("line, state, sub, result", [
    ("activating (auto-restart) (Result: exit-code) since Fri 2026-11-20 02:13:07 UTC; 2s ago", "activating", "auto-restart", "exit-code"),
    ("inactive (dead)", "inactive", "dead", "success"),
    ("inactive (dead) since Fri 2026-11-20 02:13:07 UTC; 2s ago", "inactive", "dead", "success"),
    ("failed (Result: start-limit) since Fri 2026-11-20 02:13:07 UTC; 2s ago", "failed", "failed", "start-limit"),
])
def test_states(line, state, sub, result):
    text = "● kubelet.service - kubelet\n   Loaded: loaded (/etc/x; enabled)\n   Active: %s\n" % line
    unit = systemd_show.units(systemctl_status.shown(text))["kubelet.service"]
    assert (unit["ActiveState"], unit["SubState"], unit["Result"]) == (state, sub, result)


def test_no_status():
    assert systemctl_status.shown("kubelet.service failed") is None
    assert systemctl_status.shown("● kubelet.service - kubelet\n") is None


def write(directory, **files):
    directory.mkdir(exist_ok=True)
    for key, text in files.items():
        path = directory / key.replace("__", ".").replace("_", "-")
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        os.utime(path, (NEWEST, NEWEST))
    return str(directory)


CONDITION = "  Ready   Unknown   Fri, 20 Nov 2026 02:10:22 +0000   Fri, 20 Nov 2026 02:13:47 +0000   NodeStatusUnknown   Kubelet stopped posting node status.\n"


def test_a_directory(tmp_path):
    path = write(tmp_path / "w7", kubelet__log=KLOG, describe_node__txt="Name:   node-worker-02\nConditions:\n" + CONDITION)
    node, bundle, view, problems = loose.open_loose(path)
    assert (node, view["name"], problems) == ("node-worker-02", "node-worker-02", [])
    assert iso(bundle.now) == "2026-11-20T02:13:47Z" and bundle.json("meta.json")["how"] == "loose"
    assert loose.open_loose(path, "w7")[0] == "w7"
    with pytest.raises(Unavailable, match="not among the given files"):
        bundle.read("/etc/kubernetes/kubelet.conf")


def test_without_a_name_in_the_files_the_directory_names_the_node(tmp_path):
    assert loose.open_loose(write(tmp_path / "w7", kubelet__log=KLOG))[0] == "w7"
    hostile = write(tmp_path / "w8", node__json=json.dumps({"metadata": {"name": "../../x"}}))
    assert loose.open_loose(hostile)[0] == "w8"


@pytest.mark.parametrize("data", [
    ("Nov 20 02:13:07 w1 systemd[1]: " + FAILED).encode("utf-16"),
    b"\xef\xbb\xbfNov 20 02:13:07 w1 systemd[1]: " + FAILED.encode() + b"\r\n",
    b"\x1b[0;1;31mNov 20 02:13:07 w1 systemd[1]: " + FAILED.encode() + b"\x1b[0m",
])
def test_bytes_of_any_editor(tmp_path, data):
    _node, bundle, _view, _problems = loose.open_loose(write(tmp_path / "w1", kubelet__log=data))
    assert text_of(bundle, "journal") == STAMP + " kubelet.log systemd[1]: " + FAILED + "\n"


def test_unknown_names_and_links_are_said_and_not_read(tmp_path):
    path = write(tmp_path / "w1", kubelet__log=KLOG, dmesg__txt=OOM)
    os.symlink("/etc/passwd", os.path.join(path, "notes.txt"))
    _node, bundle, _view, problems = loose.open_loose(path)
    assert ["dmesg.txt: not read" in problems[0], "notes.txt: not read" in problems[1], len(problems)] == [True, True, 2]
    assert not any("root:" in text for text in bundle.contents.values())


def test_nothing_in_it(tmp_path):
    with pytest.raises(BadBundle, match="kubelet.log"):
        loose.open_loose(write(tmp_path / "w1", kubelet__log=" \n"))


def test_any_bytes_are_read(tmp_path):
    noise = bytes(range(256)) * 40 + b"\n{{ x }}\n" + b"x" * 300000 + b"\n[1.0] a\nNov 99 99:99:99 x y: z\n"
    path = write(tmp_path / "w1", **{name.replace(".", "__").replace("-", "_"): noise for name in loose.FILES})
    _node, bundle, _view, _problems = loose.open_loose(path)
    assert len(look(bundle, list(CHECKS), 3600, 60)) == len(CHECKS)


def test_every_check_runs_on_the_least():
    results = look(given(notes__txt="x\n"), list(CHECKS), 3600, 60)
    assert not any("defect" in gap["why"] for result in results for gap in result["not_checked"])


def test_a_long_journal_takes_seconds():
    lines = "".join("Nov 20 %02d:%02d:%02d w1 kubelet[812]: %s %d\n" % (n // 3600 % 24, n // 60 % 60, n % 60, KLOG, n) for n in range(60000))
    started = time.process_time()
    given(kubelet__log=lines)
    assert time.process_time() - started < 10


def test_bare_text_may_be_anybodys():
    """Lines pasted without their prefix, below one that tells only its time."""
    bundle = given(kubelet__log=KLOG + "\n" + FAILED + "\n" + OOM + "\n")
    assert text_of(bundle, "journal").splitlines()[1] == "1795140784.000100 kubelet.log : " + FAILED
    assert oom.oom_reports(text_of(bundle, "dmesg"))[0]["time"] == 1795140784.0001
    found = {match.id for match in scan(text_of(bundle, "journal"), "any", FAILURES)}
    assert {"memory.oom.kubelet", "kubelet.failed"} <= found


PIECES = st.sampled_from([KLOG, FAILED, OOM, STATUS, DF, DF_I, CONDITION, "Nov 20 02:13:07 w1 kernel: ", "[1.0] ", "Name:  x", "Events:", "\n", "{", "- ",
                          "Normal  A  7m  b  c", "NAME STATUS ROLES AGE VERSION", "*filter", "Mem:  1 2 3 4 5 6"])


@settings(max_examples=60, deadline=None)
@any_of(st.dictionaries(st.sampled_from(loose.FILES), st.lists(st.one_of(PIECES, st.text(max_size=40)), max_size=8).map("\n".join), max_size=4))
def test_any_text_is_read(texts):
    told = loose_view.Told(texts, "w1")
    content, now = loose.contents(texts, "w1", NEWEST, told.latest)
    view = told.view("w1", now)
    assert json.loads(content["meta.json"])["node"] == "w1" and (view is None or json.dumps(view))


def journal_times(**files):
    """-> [seconds after 2026-11-20T02:13:07Z] of the journal's lines that have a time"""
    return [round(float(line.split(" ")[0]) - 1795140787) for line in text_of(given(**files), "journal").splitlines() if line[:10].isdigit()]


@pytest.mark.parametrize("notes, seconds_after", [
    ("Time zone: Asia/Kolkata (IST, +0530)\nNov 20 07:43:07 w1 kubelet[1]: x\n", 0),
    ("-- Logs begin at Mon 2026-11-02 10:00:00 CET, end at Fri 2026-11-20 03:14:00 CET. --\nNov 20 03:13:07 w1 kubelet[1]: x\n", 0),
    ("   Active: active (running) since Fri 2026-11-20 10:13:00 CST; 2s ago\n11月 20 10:13:07 w1 kubelet[1]: x\n", 0),
    ("Nov 20 02:13:07 w1 kubelet[1]: x\n", 0),
])
def test_the_zone_that_a_file_tells(notes, seconds_after):
    assert journal_times(notes__txt=notes) == [seconds_after]


@pytest.mark.parametrize("files, year", [
    ({"kubelet__log": "Nov 20 02:13:07 w1 kubelet[1]: x\n", "notes__txt": "-- Logs begin at Mon 2019-11-02 10:00:00 UTC, end at x --\n"}, 2019),
    ({"kubelet__log": "Log file created at: 2018/11/19 22:01:00\nE1120 02:13:07.000000   1 a.go:1] x\n"}, 2018),
    ({"kubelet__log": 'Nov 20 02:13:07 w1 containerd[1]: time="2017-11-20T02:13:07Z" level=info\n'}, 2017),
    ({"kubelet__log": "Nov 20 02:13:07 w1 kubelet[1]: x509: certificate has expired: current time 2021-11-20T02:13:07Z is after x\n"}, 2021),
    ({"kubelet__log": "Nov 20 02:13:07 w1 kubelet[1]: x\n"}, 2026),
])
def test_the_year(files, year):
    assert iso(given(**files).now)[:4] == str(year)


def test_the_same_line_with_a_coarser_stamp_is_one():
    """The kernel's own stamp and the journal's prefix of the same line; the report stays together."""
    kernel = "[  900.000000] java invoked oom-killer: order=0\n[ 1000.400000] x\n[ 1000.500000] %s\n" % OOM
    bundle = given(kernel__log=kernel, kubelet__log="Nov 20 02:13:07 w1 kernel: %s\nNov 20 02:11:26 w1 kernel: java invoked oom-killer: order=0\n" % OOM)
    lines = text_of(bundle, "dmesg").splitlines()
    assert [line.split(" ", 2)[1] for line in lines if line] == ["kernel.log"] * 3


def test_rows_of_the_control_plane_are_no_log():
    notes = CONDITION + "7m12s  Warning  ContainerGCFailed  node/w1  rpc error: code = DeadlineExceeded\n" + "Nov 20 02:13:07 w1 kubelet[1]: x\n"
    assert text_of(given(notes__txt=notes), "journal") == "1795140787.000000 notes.txt kubelet[1]: x\n"


def test_a_table_of_nodes_tells_of_the_node(tmp_path):
    table = ("$ kubectl get nodes\nNAME   STATUS                        ROLES    AGE   VERSION\n"
             "w1     NotReady,SchedulingDisabled   <none>   9d    v1.27.4\nw2     Ready                         <none>   9d    v1.27.4\n")
    view = loose.open_loose(write(tmp_path / "w1", notes__txt=table), "w1")[2]
    assert [(condition["type"], condition["status"]) for condition in view["conditions"]] == [("Ready", "False")] and view["cluster"]["nodes"] == 2
    alone = "NAME   STATUS   AGE   VERSION\nw9     Ready    9d    v1.8.4\n"
    assert loose.open_loose(write(tmp_path / "x", notes__txt=alone))[2]["conditions"][0]["status"] == "True"
    with_description = table + "\nName:   w1\nConditions:\n" + CONDITION
    assert loose.open_loose(write(tmp_path / "w3", notes__txt=with_description), "w1")[2]["conditions"][0]["status"] == "Unknown"


def test_of_nodes_that_are_all_lost_any_one_is(tmp_path):
    table = "NAME   STATUS     ROLES    AGE   VERSION\nw1     NotReady   <none>   9d    v1.27.4\nw2     %s   <none>   9d    v1.27.4\n"
    lost = loose.open_loose(write(tmp_path / "a", notes__txt=table % "NotReady"))[2]
    assert lost["conditions"][0]["status"] == "False"
    assert not loose.open_loose(write(tmp_path / "b", notes__txt=table % "Ready"))[2]["conditions"]


@pytest.mark.parametrize("rows, status", [
    ([("9m", "kubelet", "Ready"), ("4m", "node-controller", "NotReady")], "Unknown"),
    ([("9m", "kubelet", "Ready"), ("4m", "kubelet", "NotReady")], "False"),
    ([("9m", "kubelet", "NotReady"), ("4m", "kubelet", "Ready")], None),
])
def test_the_last_event_that_tells_of_ready(tmp_path, rows, status):
    text = "".join("  Normal  Node%s  %s  %s  Node w7 status is now: Node%s\n" % (word, age, source, word) for age, source, word in rows)
    conditions = loose.open_loose(write(tmp_path / "x", events__txt=text))[2]["conditions"]
    assert [condition["status"] for condition in conditions] == ([status] if status else [])
    others = text + "  Normal  NodeNotReady  1m  kubelet  Node w8 status is now: NodeNotReady\n"
    assert loose.open_loose(write(tmp_path / "y", events__txt=others))[2]["conditions"] == []


@pytest.mark.parametrize("prefix", ["", "Nov 20 02:13:07 w1 kubelet[1]: "])
def test_a_value_over_lines_is_one_line(prefix):
    text = '%s"x" err=<\n%s\trpc error: a\n%s > pod="b"\n' % (prefix, prefix, prefix)
    assert text_of(given(notes__txt=text), "journal").endswith('"x" err=< rpc error: a > pod="b"\n')
