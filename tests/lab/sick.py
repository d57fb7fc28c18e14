# Copyright: kubetriage.node contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Sick workers: states in which tools themselves fail, each with a cause that must be found all the same.

As faults.py, and with it: a state that says nothing of the node by itself (no Python, a slow sshd) comes with one of its faults.
"""

import pathlib

from faults import FAULTS, Fault, container, delete_pod, pod
from lab import LabError, run

HERE = pathlib.Path(__file__).parent


class Sick(Fault):
    """What is wrong, in one line for the table of docs/sick-nodes.md."""

    by = "python"  # who must answer: python, sh, or None where nothing on the node can
    with_fault = ""  # name of a fault of faults.py that is there as well, and gives the cause
    unseen = ""  # pattern: what must be named as not checked
    sign = "true"  # shell command in the worker: is it still so? Asked before the look and after it
    slower = 0  # seconds that it must have cost
    held = False  # may the kernel hold processes of ours?
    host = {}  # variables of the host in the inventory
    environment = {}
    small_disk = ""  # mkfs options: the worker's root on a file system of its own

    def inject(self, lab, node):
        lab.fault_file(node).write_text(self.name)
        if self.small_disk:
            small_root(lab, node, self.small_disk)
            lab.fault_file(node).write_text(self.name)
        if self.with_fault:
            FAULTS[self.with_fault].do(lab, node)
        self.do(lab, node)

    def do(self, lab, node):
        pass

    def settled(self, lab, node):
        return (not self.with_fault or FAULTS[self.with_fault].settled(lab, node)) and self.so(lab, node)

    def so(self, lab, node):
        """Is the worker in this state now?"""
        return lab.exec(node, "{ %s; } >/dev/null 2>&1 && echo so" % self.sign, check=False).strip() == "so"

    def last(self, lab, node):
        """What must be done right before the look."""

    def cure(self, lab, node):
        """Whatever it was: the worker from scratch."""
        try:
            self.undo(lab, node)
        except LabError:
            pass  # it is thrown away anyhow
        if self.small_disk:
            lab.script("off", node)
            disk = lab.home / "nodes" / node / "disk"
            run(["umount", str(disk)])
            (lab.home / "nodes" / (node + ".img")).unlink()
        lab.fresh(node)

    def undo(self, lab, node):
        pass


def small_root(lab, node, options):
    """The worker again, its root on an ext4 of 300 MB that can really be full or read-only without the machine being so."""
    home = lab.home / "nodes" / node
    octet, zone = (home / "place").read_text().split()
    lab.script("off", node)
    run(["rm", "-rf", "--one-file-system", str(home)])
    lab.kubectl("delete", "node", node, "--ignore-not-found")
    lab.kubectl("delete", "pods", "-A", "--field-selector", "spec.nodeName=" + node, "--force", "--grace-period=0", check=False)
    image = home.with_suffix(".img")
    (home / "disk").mkdir(parents=True)
    run(["truncate", "-s", "300M", str(image)])
    run(["mkfs.ext4", "-q", "-F", *options.split(), str(image)])
    run(["mount", "-o", "loop", str(image), str(home / "disk")])
    for part in ("up", "work"):
        (home / "disk" / part).mkdir()
        (home / part).symlink_to(home / "disk" / part)
    lab.script("worker", node, octet, zone)


JOURNALD = "systemd-journald.socket systemd-journald-dev-log.socket systemd-journald-audit.socket systemd-journald"


# ---- what is full

class RootFull(Sick):
    """/ and /var full to the last byte"""

    name, cause, state, small_disk = "root_full", "disk.full", "degraded", "-N 20000"
    sign = "df --output=pcent / | grep -q 100%"

    def do(self, lab, node):
        lab.exec(node, "cat /dev/zero >/var/log/core.dump 2>/dev/null; cat /dev/zero >/tmp/x 2>/dev/null; true")


class InodesFull(Sick):
    """not one inode left on /"""

    name, cause, state, small_disk = "inodes_full", "disk.inodes_full", "degraded", "-N 4096"
    sign = "df --output=ipcent / | grep -q 100%"

    def do(self, lab, node):
        lab.exec(node, "mkdir -p /var/spool/mail/x; cd /var/spool/mail/x; (i=0; while : >$i; do i=$((i+1)); done) 2>/dev/null; true", timeout=60)


class RootReadOnly(Sick):
    """/ turned read-only"""

    name, cause, state, small_disk = "root_readonly", "disk.read_only", "degraded", "-N 20000"
    sign = "! touch /sign"

    def do(self, lab, node):
        # Nothing may be open for writing at that moment, so /var/log gets a file system of its own first.
        lab.exec(node, "systemctl stop kubelet containerd %s; pkill containerd-shim; mount -t tmpfs tmpfs /var/log; sleep 1; mount -o remount,ro /; rc=$?;"
                 " systemctl start systemd-journald containerd kubelet; exit $rc" % JOURNALD)


class FewPids(Sick):
    """a handful of PIDs left"""

    name, cause, state = "pids_few", "pids.exhausted", "degraded"
    free = 6
    unseen = "temporarily unavailable|PIDs are free"

    def last(self, lab, node):
        cgroup = lab.cgroup(node, "pids")
        (cgroup / "pids.max").write_text(str(int((cgroup / "pids.current").read_text()) + self.free))

    def undo(self, lab, node):
        (lab.cgroup(node, "pids") / "pids.max").write_text("2000")


class NoPidsForTheShell(FewPids):
    """root's shell got the last PID: nothing can be started"""

    name = "pids_last"

    def last(self, lab, node):
        sshd = lab.cgroup(node, "pids") / "sshd"
        sshd.mkdir()
        for pid in lab.sessions(node):
            (sshd / "cgroup.procs").write_text(pid)
        (sshd / "pids.max").write_text(str(int((sshd / "pids.current").read_text()) + 2))  # sshd's process for the session, and the shell
        super().last(lab, node)


class NoPids(FewPids):
    """no PID left, not even for sshd"""

    name, cause, state, by = "pids_none", "host.ssh_only", "", None
    free = -20
    unseen = "starts no shell|connection was closed"


class NoMemory(Sick):
    """memory at its limit, the OOM killer at work all the time"""

    name, cause, state = "memory_limit", "memory.oom.outer", "degraded"

    def do(self, lab, node):
        eater = container("app", "lab.example/shell:1", "sh", "-c", "while :; do /bin/busybox tail /dev/zero; done")
        pod(lab, node, "eater-" + node, eater)
        cgroup = lab.cgroup(node, "memory")
        used = int((cgroup / "memory.usage_in_bytes").read_text())
        (cgroup / "memory.limit_in_bytes").write_text(str(min(used + (300 << 20), 2 << 30)))

    def so(self, lab, node):
        return bool(lab.exec(node, "dmesg | tail -n 500 | grep 'oom_memcg=/lab/%s,.*task=busybox'" % node, check=False))

    def undo(self, lab, node):
        delete_pod(lab, "eater-" + node)
        (lab.cgroup(node, "memory") / "memory.limit_in_bytes").write_text("2G")


class TmpNoexec(Sick):
    """/tmp, /var/tmp and /dev/shm mounted noexec, and full"""

    name, cause, state, with_fault = "tmp_noexec_full", "cni.config_missing", "not_ready", "conflist_gone"
    sign = "for d in /tmp /var/tmp /dev/shm; do grep -q \" $d tmpfs .*noexec\" /proc/mounts && ! cp /bin/true $d/t || exit 1; done"

    def do(self, lab, node):
        lab.exec(node, "for d in /tmp /var/tmp /dev/shm; do mount -t tmpfs -o noexec,size=64k tmpfs $d; cat /dev/zero >$d/x 2>/dev/null; done; true")


class TmpAbsent(Sick):
    """no /tmp, no /var/tmp"""

    name, cause, state, with_fault = "tmp_absent", "cni.config_missing", "not_ready", "conflist_gone"
    sign = "! test -e /tmp && ! test -e /var/tmp && ! test -e /root/.ansible"

    def do(self, lab, node):
        lab.exec(node, "umount -l /tmp; rm -rf /tmp /var/tmp /root/.ansible")


# ---- what hangs

class RuntimeHung(Sick):
    """containerd accepts and does not answer"""

    name, cause, state, with_fault = "runtime_hung", "runtime.hung", "not_ready", "containerd_hung"
    sign = "ps -C containerd -o stat= | grep -q ^T"


class RuntimeHungNoPython(RuntimeHung):
    """containerd hangs, and no Python"""

    name, by = "runtime_hung_no_python", "sh"

    def do(self, lab, node):
        lab.exec(node, "chmod -x /usr/bin/python3*")


class HungMount(Sick):
    """/etc/kubernetes on a FUSE server that stopped answering"""

    name, cause, state, with_fault = "mount_hung", "kubelet.stopped", "not_ready", "kubelet_stopped"
    unseen = "/etc/kubernetes"
    sign = "grep -q ' /etc/kubernetes fuse' /proc/mounts && pgrep -f hung_mount.py"
    held = True

    def do(self, lab, node):
        lab.exec(node, "cat >/run/hung_mount.py <<'END_OF_FILE'\n%s\nEND_OF_FILE" % (HERE / "hung_mount.py").read_text())
        lab.exec(node, "setsid python3 /run/hung_mount.py /etc/kubernetes </dev/null >/run/hung.out 2>&1 & sleep 1; grep mounted /run/hung.out")

    def undo(self, lab, node):
        lab.exec(node, "pkill -KILL -f hung_mount.py; umount -l /etc/kubernetes", check=False)


class HungMountNoPython(HungMount):
    """/etc/kubernetes on a FUSE server that stopped answering, and no Python"""

    name, by = "mount_hung_no_python", "sh"

    def do(self, lab, node):
        super().do(lab, node)
        lab.exec(node, "chmod -x /usr/bin/python3*")


class SystemdHung(Sick):
    """systemd (PID 1) and dbus stopped"""

    name, cause, state, with_fault = "systemd_hung", "cni.config_missing", "not_ready", "conflist_gone"
    unseen = "systemctl"
    sign = "grep -q '^State:.T' /proc/1/status && ps -C dbus-daemon -o stat= | grep -q ^T"

    def do(self, lab, node):
        lab.exec(node, "pkill -STOP dbus-daemon", check=False)
        self.signal(lab, node, "STOP")

    def signal(self, lab, node, name):
        leader = run(["pgrep", "-P", (lab.home / "nodes" / node / "pid").read_text().split()[0]]).split()[0]
        run(["kill", "-" + name, leader])

    def undo(self, lab, node):
        self.signal(lab, node, "CONT")


class Load(Sick):
    """200 busy processes on the node"""

    name, cause, state, with_fault = "load_200", "cni.config_missing", "not_ready", "conflist_gone"
    busy = "while :; do :; done"

    def last(self, lab, node):
        # As a pod's: what is not the pods' own has its share of the CPU beside them.
        lab.exec(node, "d=/sys/fs/cgroup/cpu/kubepods/burn; mkdir -p $d; echo $$ >$d/cgroup.procs; i=0; while [ $i -lt 200 ]; do"
                 " setsid timeout 60 sh -c '%s' </dev/null >/dev/null 2>&1 & i=$((i+1)); done" % self.busy)
        lab.wait("load", 20, self.burns, lab, node)

    def burns(self, lab, node):
        return lab.exec(node, "pgrep -fxc 'sh -c %s'" % self.busy, check=False).strip() == "200"

    def undo(self, lab, node):
        lab.exec(node, "pkill -KILL timeout; pkill -KILL -x sh", check=False)


# ---- no Python

class NoPython(Sick):
    """no Python"""

    name, cause, state, by, with_fault = "python_none", "kubelet.stopped", "not_ready", "sh", "kubelet_stopped"
    unseen = "Python gave no answer"
    sign = "! python3 -c ''"

    def do(self, lab, node):
        lab.exec(node, "rm -f /usr/bin/python3*")


class BrokenPython(NoPython):
    """a Python without its library"""

    name, cause, with_fault = "python_broken", "cni.config_missing", "conflist_gone"

    def do(self, lab, node):
        lab.exec(node, "mv /usr/lib/python3.11/encodings /usr/lib/python3.11/gone")


class OldPython(NoPython):
    """a python3 that is too old"""

    name, cause, with_fault = "python_old", "cni.config_missing", "conflist_gone"

    def do(self, lab, node):
        lab.exec(node, "rm -f /usr/bin/python3*;"
                 " printf '#!/bin/sh\\ncat >/dev/null\\necho \"  File <stdin>, line 1: SyntaxError: invalid syntax\" >&2; exit 1\\n'"
                 " >/usr/bin/python3; chmod +x /usr/bin/python3")


class NoMemoryForPython(NoPython):
    """memory for a shell, but none for Python"""

    name, cause, with_fault = "python_no_memory", "cni.config_missing", "conflist_gone"

    def do(self, lab, node):
        lab.exec(node, "rm /usr/bin/python3;"
                 " printf '#!/bin/sh\\nulimit -v 12000\\nexec /usr/bin/python3.11 \"$@\"\\n' >/usr/bin/python3; chmod +x /usr/bin/python3")


class DiskFullNoPython(Sick):
    """/var/lib/kubelet full, and no Python"""

    name, cause, state, by, with_fault = "disk_full_no_python", "disk.full", "degraded", "sh", "disk_full"

    def do(self, lab, node):
        lab.exec(node, "rm -f /usr/bin/python3*")


class FewPidsNoPython(FewPids):
    """a handful of PIDs, and no Python"""

    name, by, free = "pids_few_no_python", "sh", 5
    unseen = "PIDs are free"

    def do(self, lab, node):
        lab.exec(node, "rm -f /usr/bin/python3*")


class NoPidsForTheShellNoPython(NoPidsForTheShell):
    """root's shell got the last PID, and no Python"""

    name, by = "pids_last_no_python", "sh"
    unseen = "0 PIDs are free"

    def do(self, lab, node):
        lab.exec(node, "rm -f /usr/bin/python3*")


class ChainsNoPython(Sick):
    """chains flushed, no Python, busybox for sh"""

    name, cause, state, by, with_fault = "busybox_no_python", "cni.chains_flushed", "degraded", "sh", "chains_flushed"
    sign = "! command -v python3 && readlink /usr/bin/sh | grep -q busybox"

    def do(self, lab, node):
        lab.exec(node, "rm -f /usr/bin/python3*; ln -sf busybox /usr/bin/sh;"
                 " for t in timeout head stat sed tr ls grep dmesg; do ln -sf busybox /usr/bin/$t; done")


# ---- the way in

class Noise(Sick):
    """a banner, and a .bashrc that prints and fails"""

    name, cause, state, with_fault = "login_noise", "cni.config_missing", "not_ready", "conflist_gone"

    def do(self, lab, node):
        lab.write(node, "/root/.bashrc", "echo Welcome to KUBETRIAGE-BEGIN\nno-such-command\nset -u\nalias python3=false\nfalse")
        lab.write(node, "/etc/ssh/banner", "Authorized users only. fork: retry\n")
        lab.exec(node, "echo 'Banner /etc/ssh/banner' >>/etc/ssh/sshd_config.d/lab.conf; systemctl reload ssh")


class NoiseNoPython(Noise):
    """a banner, a .bashrc that prints and fails, and no Python"""

    name, by = "login_noise_no_python", "sh"

    def do(self, lab, node):
        super().do(lab, node)
        lab.exec(node, "rm -f /usr/bin/python3*")


class SlowSshd(Sick):
    """sshd lets one in after 8 s"""

    name, cause, state, with_fault = "sshd_slow", "cni.config_missing", "not_ready", "conflist_gone"
    slower = 8

    def do(self, lab, node):
        lab.exec(node, "sed -i '1i account optional pam_exec.so /bin/sleep 8' /etc/pam.d/sshd")


class SlowSshdNoPython(SlowSshd):
    """sshd lets one in after 8 s, and no Python"""

    name, by = "sshd_slow_no_python", "sh"

    def do(self, lab, node):
        super().do(lab, node)
        lab.exec(node, "rm -f /usr/bin/python3*")


class SudoPassword(Sick):
    """sudo asks for a password that nobody gave"""

    name, cause, state, with_fault = "sudo_password", "kubelet.stopped", "not_ready", "kubelet_stopped"
    host = {"ansible_user": "nosudo", "ansible_become": True}
    unseen = "becoming root failed"


class NoStandardInput(SudoPassword):
    """a connection plugin that cannot pipeline"""

    name, unseen = "no_pipelining", ""
    cause, with_fault = "cni.config_missing", "conflist_gone"
    host = {"ansible_connection": "no_stdin"}
    environment = {"ANSIBLE_PIPELINING": "False", "ANSIBLE_CONNECTION_PLUGINS": str(HERE / "connection_plugins")}


class NoStandardInputNoPython(NoStandardInput):
    """a connection plugin that cannot pipeline, and no Python"""

    name, by = "no_pipelining_no_python", "sh"

    def do(self, lab, node):
        lab.exec(node, "rm -f /usr/bin/python3*")


class CorruptJournal(Sick):
    """the journal's files are damaged"""

    name, cause, state, with_fault = "journal_corrupt", "kubelet.stopped", "not_ready", "kubelet_stopped"
    unseen = "journal"

    def last(self, lab, node):
        lab.exec(node, "systemctl stop %s 2>/dev/null; for f in /var/log/journal/*/*.journal;"
                 " do dd if=/dev/urandom of=$f bs=4096 count=64 conv=notrunc; done 2>/dev/null; journalctl -n 1 -q 2>&1 | grep -q corrupted" % JOURNALD)


SICK = {}


def _register(kind):
    for sub in kind.__subclasses__():
        SICK[sub.name] = sub()
        _register(sub)


_register(Sick)


# ---- every place in which a visit can hang

class Hang:
    """One place of the way from ssh to the last command in which a worker hangs: by `host`, the variables by which it is visited there.

    `reached`: shell command in the worker, which tells that the visit came to this place; `by`: who answers all the same.
    """

    def __init__(self, host, reached, by=None):
        self.host, self.reached, self.by = host, reached, by


# Several doors of one worker, each of which hangs at another step; what comes in by the others is well.
DOORS = r"""
mkdir -p /run/hang /opt/hang; chmod 777 /run/hang; cd /opt/hang
door() { printf '#!/bin/sh\ntouch /run/hang/%s\n%s\n' "$1" "$2" >$1; chmod +x $1; }
door shell 'exec sleep 1000'
door sudo 'exec sleep 1000'
door start 'exec sleep 1000'
door sending '/usr/bin/python3 "$@" | { head -c 1000; exec sleep 1000; }'
door after '/usr/bin/python3 "$@"; exec sleep 1000'
door cut 'iptables -I OUTPUT -p tcp --sport 2202 -j DROP; exec /usr/bin/python3 "$@"'
sed -i '1i /opt/hang/shell' /home/ops/.bashrc
for port in 2201 2202; do /usr/sbin/sshd -p $port -o PidFile=/run/hang/sshd.$port; done
iptables -I INPUT -p tcp --dport 2201 -j ACCEPT
sleep 0.5; kill -STOP $(cat /run/hang/sshd.2201)
"""
_COUNTED = "iptables -nvxL"  # packets come first
HANGS = {
    "sshd takes the connection and says nothing": Hang(
        {"ansible_port": 2201}, "grep -q ^State:.T /proc/$(cat /run/hang/sshd.2201)/status && "
        + _COUNTED + " INPUT | awk '/dpt:2201/ { n += $1 } END { exit !n }'"),
    "the login shell does not come back": Hang({"ansible_user": "ops", "ansible_become": True}, "test -e /run/hang/shell"),
    "sudo does not come back": Hang({"ansible_user": "nosudo", "ansible_become": True, "ansible_become_exe": "/opt/hang/sudo"},
                                    "test -e /run/hang/sudo", "python"),  # without root
    "Python does not start": Hang({"ansible_python_interpreter": "/opt/hang/start"}, "test -e /run/hang/start", "sh"),
    "in the middle of its output": Hang({"ansible_python_interpreter": "/opt/hang/sending"}, "test -e /run/hang/sending", "sh"),
    "after the answer": Hang({"ansible_python_interpreter": "/opt/hang/after"}, "test -e /run/hang/after", "sh"),
    "the way is cut during the look": Hang({"ansible_port": 2202, "ansible_python_interpreter": "/opt/hang/cut"},
                                           _COUNTED + " OUTPUT | awk '/spt:2202/ { n += $1 } END { exit !n }'"),
}


class AllHangs(HungMount):
    """every program, a mount, the runtime and systemd hang, all at once"""

    def do(self, lab, node):
        super().do(lab, node)
        lab.exec(node, "systemctl kill --kill-whom=main -s STOP containerd; mkdir -p /run/hang; for p in journalctl dmesg iptables-save nft; do"
                 " rm -f $(command -v $p); printf '#!/bin/sh\\ntouch /run/hang/%s\\nsleep 1000 & wait\\n' $p >/usr/bin/$p; chmod +x /usr/bin/$p; done")
        SICK["systemd_hung"].do(lab, node)
