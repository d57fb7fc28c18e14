# Copyright: kubetriage.node contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the kernel check makes of its lines: since when, over or not, what tasks wait for, whose device, and the boot before."""

import json

import pytest
from ansible_collections.kubetriage.node.plugins.module_utils.checks import named
from ansible_collections.kubetriage.node.plugins.module_utils.node.bundle import Bundle
from ansible_collections.kubetriage.node.plugins.module_utils.result import iso

BOOT = 1795400000.0
NOW = BOOT + 100000
HUNG = """\
[%d.000000] INFO: task %s blocked for more than 122 seconds.
[%d.000001]       Not tainted 6.1.90 #1
[%d.000002] Call Trace:
[%d.000003]  %s
"""
IDLE = "[%d.000000] cni0: port 3(veth1a2b3c4d) entered forwarding state\n"
DISK = "[96000.000000] I/O error, dev %s, sector 2466368 op 0x1:(WRITE) flags 0x4000 phys_seg 273 prio class 2\n"
EXT4 = "[96001.000000] EXT4-fs error (device %s): ext4_find_entry:1455: inode #2: comm mysqld: reading directory lblock 0\n"
ISCSI = """\
[95000.000000] scsi host10: iSCSI Initiator over TCP/IP
[95001.000000] scsi 10:0:0:1: Direct-Access     IET      VIRTUAL-DISK     0001 PQ: 0 ANSI: 5
[95002.000000] sd 10:0:0:1: [sdi] 209715200 512-byte logical blocks: (107 GB/100 GiB)
"""


def hung(at, task, frame="schedule+0x58/0xf0"):
    return HUNG % (at, task, at, at, at, frame)


def journal(text):
    return {"commands/journal/rc": "0", "commands/journal/stdout": text}


def found(dmesg, uptime=100000, **contents):
    """Kernel log text, and what else the node would answer -> {id: [finding]}"""
    said = dict({"files/proc/uptime": "%d.00 1.00\n" % uptime, "commands/dmesg/rc": "0", "commands/dmesg/stdout": dmesg}, **contents)
    by_id = {}
    for finding in named("kernel_health")(Bundle("w1", NOW, said), 86400)["findings"]:
        by_id.setdefault(finding["id"], []).append(finding)
    return by_id


@pytest.mark.parametrize("frame, failure", [
    ("nfs_wait_bit_killable+0x11/0x70 [nfs]", "storage.nfs_gone"), ("xfs_log_force+0x1/0x2 [xfs]", "storage.io_stall"),
    ("jbd2_journal_commit_transaction+0x1/0x2 [jbd2]", "storage.io_stall"), ("shrink_node+0x1/0x2", "memory.thrash"),
    ("cleanup_net+0x1/0x2", "kernel.netdev_refcount")])
def test_a_hung_task_tells_what_it_waits_for(frame, failure):
    said = found(hung(99990, "containerd:812", frame))
    assert set(said) == {"kernel.hung_task", failure}
    quotes = [quote["text"] for quote in said[failure][0]["evidence"]]
    assert quotes == ["INFO: task containerd:812 blocked for more than 122 seconds.", frame]
    assert said[failure][0]["since"] == iso(BOOT + 99990 - 122)


def test_what_a_line_says_itself_is_not_said_again():
    said = found("[99900.000000] nfs: server nas1 not responding, still trying\n" + hung(99990, "df:1", "nfs_file_flush+0x46/0x60 [nfs]"))
    assert [len(said[name]) for name in ("storage.nfs_gone", "kernel.hung_task")] == [1, 1]


def test_a_stack_that_tells_nothing_stays_a_hung_task():
    assert set(found(hung(99990, "exe:1"))) == {"kernel.hung_task"}


@pytest.mark.parametrize("name, line", [
    ("kernel.hung_task", hung(90000, "docker:2241")),
    ("kernel.soft_lockup", "[90000.1] watchdog: BUG: soft lockup - CPU#1 stuck for 22s! [kworker/1:0:1042]\n"),
    ("kernel.netdev_refcount", "".join("[%d.1] unregister_netdevice: waiting for lo to become free. Usage count = 1\n" % at for at in (89980, 89990, 90000))),
    ("limits.conntrack", "[90000.1] nf_conntrack: nf_conntrack: table full, dropping packet\n"),
    ("storage.nvme_timeout", "[90000.1] nvme nvme0: I/O 166 QID 1 timeout, completion polled\n")])
def test_what_the_kernel_would_repeat_is_over_when_it_does_not(name, line):
    (finding,) = found(line + IDLE % 99000)[name]
    assert (finding["severity"], finding["data"]["past"]) == ("info", True)
    (finding,) = found(line)[name]
    assert finding["severity"] != "info"
    (finding,) = found(line + IDLE % 90100)[name]
    assert finding["severity"] != "info"


@pytest.mark.parametrize("text", [
    "".join(hung(90000 + number, "docker:%d" % number) for number in range(10)),
    hung(90000, "docker:1") + "[90000.5] Future hung task reports are suppressed, see sysctl kernel.hung_task_warnings\n"])
def test_silence_after_the_last_report_of_hung_tasks_proves_nothing(text):
    (finding,) = found(text + IDLE % 99000)["kernel.hung_task"]
    assert finding["severity"] == "warning"


def test_the_node_lives_on_by_its_journal():
    said = found(hung(99000, "docker:1"), **journal("%f w1 kubelet[812]: I1123 ok\n" % (BOOT + 99900)))
    assert said["kernel.hung_task"][0]["severity"] == "info"


def test_damage_is_not_over_by_silence():
    assert found(DISK % "sda" + IDLE % 99990)["storage.io_error"][0]["severity"] == "critical"


MOUNTS = "/dev/sda1 / ext4 rw 0 0\n/dev/sdi /var/lib/kubelet/plugins/kubernetes.io/csi/x/globalmount ext4 rw 0 0\n"
MOUNTINFO = ("28 1 8:1 / / rw,relatime shared:1 - ext4 /dev/root rw\n"
             "99 28 253:3 / /var/lib/kubelet/pods/3f/volumes/kubernetes.io~csi/pvc/mount rw - ext4 /dev/longhorn/pvc-1 rw\n")
WHOSE = [  # what, device, text before, contents, is it a pod's?
    ("mounted for pods alone", "sdi", "", {"files/proc/mounts": MOUNTS}, True),
    ("a partition is the node's root", "sda", "", {"files/proc/mounts": MOUNTS}, False),
    ("by number, whatever its name", "dm-3", "", {"files/proc/self/mountinfo": MOUNTINFO, "files/sys/class/block/dm-3/dev": "253:3\n",
                                                  "paths.json": json.dumps({"/sys/class/block/dm-3": {"list": ["dev", "size"]}})}, True),
    ("by the number of its partition", "sda", "", {"files/proc/self/mountinfo": MOUNTINFO, "files/sys/class/block/sda/dev": "8:0\n",
                                                   "files/sys/class/block/sda1/dev": "8:1\n",
                                                   "paths.json": json.dumps({"/sys/class/block/sda": {"list": ["dev", "sda1"]}})}, False),
    ("an iSCSI session of the node", "sdi", ISCSI, {}, True),
    ("its vendor runs in clusters", "sdi", ISCSI.split("\n", 1)[1], {}, True),
    ("a disk of the machine", "sdi", ISCSI.split("\n", 1)[1].replace("IET      VIRTUAL-DISK", "ATA      INTEL SSDSC2KB48"), {}, False),
    ("a Ceph image", "rbd0", "", {}, True),
    ("the kubelet attached it", "xvdba", "", journal(
        "%f w1 kubelet[812]: I1123 02:13:07.1 812 operation_generator.go:587] MountVolume.WaitForAttach succeeded for volume \"pvc-1\" "
        "pod \"db-0\" DevicePath \"/dev/xvdba\"\n" % BOOT), True),
    ("nothing tells", "sdi", "", {}, False),
]


@pytest.mark.parametrize("device, before, contents, of_a_pod", [row[1:] for row in WHOSE], ids=[row[0] for row in WHOSE])
def test_whose_device(device, before, contents, of_a_pod):
    said = found(before + DISK % device + EXT4 % device, **contents)
    assert set(said) == ({"storage.volume_error"} if of_a_pod else {"storage.io_error", "storage.fs_error"})
    if of_a_pod:
        (finding,) = said["storage.volume_error"]
        assert (finding["severity"], finding["data"]["count"], len(finding["evidence"])) == ("warning", 2, 2)


def test_timeouts_and_death_of_a_controller_are_one_failure():
    text = ("[95000.0] nvme nvme1: I/O tag 27 (e01b) opcode 0x2 (Admin Cmd) QID 0 timeout, reset controller\n"
            "[95080.0] nvme nvme1: Device not ready; aborting reset, CSTS=0x1\n"
            "[95100.0] nvme nvme1: Disabling device after reset failure: -19\n"
            "[95101.0] nvme nvme0: I/O 1 QID 1 timeout, aborting\n")
    said = found(text)
    assert [finding["subject"] for finding in said["storage.nvme_timeout"]] == [{"device": "nvme0"}]
    (dead,) = said["storage.nvme_dead"]
    assert (dead["since"], dead["data"]["count"]) == (iso(BOOT + 95000 - 30), 3)


@pytest.mark.parametrize("function, number", [("print_req_error", 546), ("blk_update_request", 12), ("kauditd_printk_skb", None)])
def test_the_lines_that_the_kernel_left_out_are_counted(function, number):
    left_out = "[96005.0] %s: %d callbacks suppressed\n" % (function, number or 9)
    (finding,) = found(DISK % "sda" + left_out + DISK % "sda")["storage.io_error"]
    assert finding["data"].get("lines_left_out") == number


def test_a_reboot_ends_what_the_kernel_had():
    text = "%f w1 kernel: Kernel panic - not syncing: hung_task: blocked tasks\n%f w1 kernel: Linux version 5.15.102 (builder@x) (gcc)\n"
    said = {"commands/dmesg/rc": "1", "commands/journal-kernel/rc": "0", "commands/journal-kernel/stdout": text % (NOW - 500, NOW - 400)}
    (finding,) = found("", **said)["kernel.panic"]
    assert finding["severity"] == "info"


PANIC = ("%f w1 kernel: BUG: unable to handle page fault for address: ffffa0e480000000\n"
         "%f w1 kernel: Kernel panic - not syncing: Fatal exception\n")


@pytest.mark.parametrize("folder, name, kind, panicked", [
    ("/var/crash", "202611240540", "dir", True), ("/var/crash", "kexec_cmd", "file", False), ("/var/crash", "_usr_bin_top.0.crash", "file", False),
    ("/sys/fs/pstore", "dmesg-efi-169", "file", True), ("/sys/fs/pstore", "console-ramoops-0", "file", False),
    ("/var/lib/systemd/pstore", "7194", "dir", True)])
def test_what_a_panic_leaves_behind(folder, name, kind, panicked):
    """kdump writes its settings at each boot, and pstore keeps the console of an ordinary reboot."""
    paths = {folder: {"list": [name]}, "%s/%s" % (folder, name): {"stat": {"kind": kind, "mtime": NOW - 650}}}
    said = found(IDLE % 500, uptime=600, **{"commands/journal-boot-before/rc": "0", "commands/journal-boot-before/stdout": "",
                                            "paths.json": json.dumps(paths)})
    assert ("kernel.panic" in said) == panicked


def test_the_boot_before():
    """The host came up 10 minutes ago: what its kernel said before that is worth an info each."""
    said = found(IDLE % 500, uptime=600, **{
        "commands/journal-boot-before/rc": "0", "commands/journal-boot-before/stdout": PANIC % (NOW - 700, NOW - 699),
        "paths.json": json.dumps({"/var/crash": {"list": ["127.0.0.1-2026-11-24-05:40:11"]},
                                  "/var/crash/127.0.0.1-2026-11-24-05:40:11": {"stat": {"kind": "dir", "mtime": NOW - 650}}})})
    assert {finding["severity"] for findings in said.values() for finding in findings} == {"info"}
    assert len(said["kernel.panic"]) == 2 and len(said["kernel.oops"]) == 1


def test_a_host_that_is_up_for_long_is_not_asked_about_the_boot_before():
    said = {"files/proc/uptime": "100000.00 1.00\n", "commands/dmesg/rc": "0", "commands/dmesg/stdout": IDLE % 1}
    gaps = named("kernel_health")(Bundle("w1", NOW, said), 3600)["not_checked"]
    assert "boot before" not in [gap["what"] for gap in gaps]
