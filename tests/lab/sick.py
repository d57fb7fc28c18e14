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


def background(lab, node, command):
    """A command that goes on in the worker, inside its limits."""
    lab.ssh(node, "setsid sh -c '%s' </dev/null >/dev/null 2>&1 &" % command)


# ---- what is full

class RootFull(Sick):
    """/ and /var full to the last byte"""

    name, cause, state, small_disk = "root_full", "disk.full", "degraded", "-N 20000"

    def do(self, lab, node):
        lab.exec(node, "cat /dev/zero >/var/log/core.dump 2>/dev/null; cat /dev/zero >/tmp/x 2>/dev/null; true")

    def settled(self, lab, node):
        return "100%" in lab.exec(node, "df --output=pcent /")


class InodesFull(Sick):
    """not one inode left on /"""

    name, cause, state, small_disk = "inodes_full", "disk.inodes_full", "degraded", "-N 4096"

    def do(self, lab, node):
        lab.exec(node, "mkdir -p /var/spool/mail/x; cd /var/spool/mail/x; (i=0; while : >$i; do i=$((i+1)); done) 2>/dev/null; true", timeout=60)

    def settled(self, lab, node):
        return "100%" in lab.exec(node, "df --output=ipcent /")


class RootReadOnly(Sick):
    """/ turned read-only"""

    name, cause, state, small_disk = "root_readonly", "disk.read_only", "degraded", "-N 20000"

    def do(self, lab, node):
        # Nothing may be open for writing at that moment, so /var/log gets a file system of its own first.
        lab.exec(node, "systemctl stop kubelet containerd %s; pkill containerd-shim; mount -t tmpfs tmpfs /var/log; sleep 1; mount -o remount,ro /; rc=$?;"
                 " systemctl start systemd-journald containerd kubelet; exit $rc" % JOURNALD)

    def settled(self, lab, node):
        return " ro," in lab.exec(node, "grep ' / overlay' /proc/mounts")


class FewPids(Sick):
    """a handful of PIDs left"""

    name, cause, state = "pids_few", "pids.exhausted", "degraded"
    free = 6
    unseen = "temporarily unavailable|PIDs are free"

    def do(self, lab, node):
        run(["ssh", "-O", "exit", "-i", str(lab.ssh_key), "root@" + lab.address(node)], check=False)
        self.limit(lab, node)

    def limit(self, lab, node):
        cgroup = lab.cgroup(node, "pids")
        (cgroup / "pids.max").write_text(str(int((cgroup / "pids.current").read_text()) + self.free))

    def settled(self, lab, node):
        self.limit(lab, node)  # processes come and go
        return True

    def undo(self, lab, node):
        (lab.cgroup(node, "pids") / "pids.max").write_text("2000")


class NoPids(FewPids):
    """no PID left, not even for sshd"""

    name, cause, state, by = "pids_none", "", "", None
    free = -20
    unseen = "starts no shell|connection was closed|no answer"


class NoMemory(Sick):
    """memory at its limit, the OOM killer at work all the time"""

    name, cause, state = "memory_limit", "memory.oom.outer", "degraded"

    def do(self, lab, node):
        eater = container("app", "lab.example/shell:1", "sh", "-c", "while :; do /bin/busybox tail /dev/zero; done")
        pod(lab, node, "eater", eater)
        cgroup = lab.cgroup(node, "memory")
        used = int((cgroup / "memory.usage_in_bytes").read_text())
        (cgroup / "memory.limit_in_bytes").write_text(str(min(used + (300 << 20), 2 << 30)))

    def settled(self, lab, node):
        return bool(lab.exec(node, "dmesg | tail -n 500 | grep 'oom_memcg=/lab/%s,.*task=busybox'" % node, check=False))

    def undo(self, lab, node):
        delete_pod(lab, "eater")
        (lab.cgroup(node, "memory") / "memory.limit_in_bytes").write_text("2G")


class TmpNoexec(Sick):
    """/tmp and /var/tmp mounted noexec, and full"""

    name, cause, state, with_fault = "tmp_noexec_full", "kubelet.stopped", "not_ready", "kubelet_stopped"

    def do(self, lab, node):
        lab.exec(node, "for d in /tmp /var/tmp /dev/shm; do mount -t tmpfs -o noexec,size=64k tmpfs $d; cat /dev/zero >$d/x 2>/dev/null; done; true")

    def settled(self, lab, node):
        return FAULTS[self.with_fault].settled(lab, node)


class TmpAbsent(TmpNoexec):
    """no /tmp, no /var/tmp"""

    name, cause, state, with_fault = "tmp_absent", "kubelet.stopped", "not_ready", "kubelet_stopped"

    def do(self, lab, node):
        lab.exec(node, "rm -rf /tmp /var/tmp; mv /root/.ssh /etc/ssh/root; ln -s /etc/ssh/root /root/.ssh; rm -rf /root/.ansible /root/.cache")


# ---- what hangs

class RuntimeHung(Sick):
    """containerd accepts and does not answer"""

    name, cause, state, with_fault = "runtime_hung", "runtime.hung", "not_ready", "containerd_hung"

    def do(self, lab, node):
        pass

    def settled(self, lab, node):
        return FAULTS[self.with_fault].settled(lab, node)


class RuntimeHungNoPython(RuntimeHung):
    """containerd hangs, and no Python"""

    name, by = "runtime_hung_no_python", "sh"

    def do(self, lab, node):
        lab.exec(node, "chmod -x /usr/bin/python3*")


class HungMount(Sick):
    """/etc/kubernetes on a FUSE server that stopped answering"""

    name, cause, state, with_fault = "mount_hung", "kubelet.stopped", "not_ready", "kubelet_stopped"
    unseen = "/etc/kubernetes"

    def do(self, lab, node):
        lab.exec(node, "cat >/run/hung_mount.py <<'END_OF_FILE'\n%s\nEND_OF_FILE" % (HERE / "hung_mount.py").read_text())
        lab.exec(node, "setsid python3 /run/hung_mount.py /etc/kubernetes </dev/null >/run/hung.out 2>&1 & sleep 1; grep mounted /run/hung.out")

    def settled(self, lab, node):
        return FAULTS[self.with_fault].settled(lab, node)

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

    def do(self, lab, node):
        lab.exec(node, "pkill -STOP dbus-daemon", check=False)
        self.signal(lab, node, "STOP")

    def signal(self, lab, node, name):
        leader = run(["pgrep", "-P", (lab.home / "nodes" / node / "pid").read_text().split()[0]]).split()[0]
        run(["kill", "-" + name, leader])

    def settled(self, lab, node):
        return FAULTS[self.with_fault].settled(lab, node)

    def undo(self, lab, node):
        self.signal(lab, node, "CONT")


class Load(Sick):
    """200 busy processes on the node"""

    name, cause, state, with_fault = "load_200", "kubelet.stopped", "not_ready", "kubelet_stopped"

    def do(self, lab, node):
        pass

    def settled(self, lab, node):
        if not FAULTS[self.with_fault].settled(lab, node):
            return False
        # As a pod's: what is not the pods' own has its share of the CPU beside them.
        background(lab, node, "d=/sys/fs/cgroup/cpu/kubepods/burn; mkdir -p $d; echo $$ >$d/cgroup.procs; i=0;"
                   " while [ $i -lt 200 ]; do timeout 45 sh -c \"while :; do :; done\" & i=$((i+1)); done")
        return True

    def undo(self, lab, node):
        lab.exec(node, "pkill -KILL timeout; pkill -KILL -x sh", check=False)


# ---- no Python

class NoPython(Sick):
    """no Python"""

    name, cause, state, by, with_fault = "python_none", "kubelet.stopped", "not_ready", "sh", "kubelet_stopped"
    unseen = "Python gave no answer"

    def do(self, lab, node):
        lab.exec(node, "rm -f /usr/bin/python3*")

    def settled(self, lab, node):
        return FAULTS[self.with_fault].settled(lab, node)


class BrokenPython(NoPython):
    """a Python without its library"""

    name = "python_broken"

    def do(self, lab, node):
        lab.exec(node, "mv /usr/lib/python3.11/encodings /usr/lib/python3.11/gone")


class OldPython(NoPython):
    """a python3 that is too old"""

    name = "python_old"

    def do(self, lab, node):
        lab.exec(node, "rm -f /usr/bin/python3*;"
                 " printf '#!/bin/sh\\ncat >/dev/null\\necho \"  File <stdin>, line 1: SyntaxError: invalid syntax\" >&2; exit 1\\n'"
                 " >/usr/bin/python3; chmod +x /usr/bin/python3")


class NoMemoryForPython(NoPython):
    """memory for a shell, but none for Python"""

    name = "python_no_memory"

    def do(self, lab, node):
        lab.exec(node, "rm /usr/bin/python3;"
                 " printf '#!/bin/sh\\nulimit -v 12000\\nexec /usr/bin/python3.11 \"$@\"\\n' >/usr/bin/python3; chmod +x /usr/bin/python3")


class DiskFullNoPython(Sick):
    """/var/lib/kubelet full, and no Python"""

    name, cause, state, by, with_fault = "disk_full_no_python", "disk.full", "degraded", "sh", "disk_full"

    def do(self, lab, node):
        lab.exec(node, "rm -f /usr/bin/python3*")

    def settled(self, lab, node):
        return FAULTS[self.with_fault].settled(lab, node)


class FewPidsNoPython(FewPids):
    """a handful of PIDs, and no Python"""

    name, by, free = "pids_few_no_python", "sh", 5
    unseen = "PIDs are free"

    def do(self, lab, node):
        lab.exec(node, "rm -f /usr/bin/python3*")
        super().do(lab, node)


class ChainsNoPython(Sick):
    """chains flushed, no Python, busybox for sh"""

    name, cause, state, by, with_fault = "busybox_no_python", "cni.chains_flushed", "degraded", "sh", "chains_flushed"

    def do(self, lab, node):
        lab.exec(node, "rm -f /usr/bin/python3*; ln -sf busybox /usr/bin/sh;"
                 " for t in timeout head stat sed tr ls grep dmesg; do ln -sf busybox /usr/bin/$t; done")

    def settled(self, lab, node):
        return True


# ---- the way in

class Noise(Sick):
    """a banner, and a .bashrc that prints and fails"""

    name, cause, state, with_fault = "login_noise", "kubelet.stopped", "not_ready", "kubelet_stopped"

    def do(self, lab, node):
        lab.write(node, "/root/.bashrc", "echo Welcome to KUBETRIAGE-BEGIN\nno-such-command\nset -u\nalias python3=false\nfalse")
        lab.write(node, "/etc/ssh/banner", "Authorized users only. fork: retry\n")
        lab.exec(node, "echo 'Banner /etc/ssh/banner' >>/etc/ssh/sshd_config.d/lab.conf; systemctl reload ssh")

    def settled(self, lab, node):
        return FAULTS[self.with_fault].settled(lab, node)


class NoiseNoPython(Noise):
    """a banner, a .bashrc that prints and fails, and no Python"""

    name, by = "login_noise_no_python", "sh"

    def do(self, lab, node):
        super().do(lab, node)
        lab.exec(node, "rm -f /usr/bin/python3*")


class SlowSshd(Sick):
    """sshd lets one in after 8 s"""

    name, cause, state, with_fault = "sshd_slow", "kubelet.stopped", "not_ready", "kubelet_stopped"

    def do(self, lab, node):
        lab.exec(node, "sed -i '1i account optional pam_exec.so /bin/sleep 8' /etc/pam.d/sshd")

    def settled(self, lab, node):
        return FAULTS[self.with_fault].settled(lab, node)


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

    def do(self, lab, node):
        pass

    def settled(self, lab, node):
        return FAULTS[self.with_fault].settled(lab, node)


class NoStandardInput(SudoPassword):
    """a connection plugin that cannot pipeline"""

    name, unseen = "no_pipelining", ""
    host = {"ansible_connection": "no_stdin"}
    environment = {"ANSIBLE_PIPELINING": "False", "ANSIBLE_CONNECTION_PLUGINS": str(HERE / "connection_plugins")}


class NoStandardInputNoPython(NoStandardInput):
    """a connection plugin that cannot pipeline, and no Python"""

    name, by = "no_pipelining_no_python", "sh"

    def do(self, lab, node):
        lab.exec(node, "rm -f /usr/bin/python3*")


class CorruptJournal(Sick):
    """the journal's file is damaged"""

    name, cause, state, with_fault = "journal_corrupt", "kubelet.stopped", "not_ready", "kubelet_stopped"
    unseen = "journal"

    def do(self, lab, node):
        pass

    def settled(self, lab, node):
        if not FAULTS[self.with_fault].settled(lab, node):
            return False
        lab.exec(node, "systemctl stop %s 2>/dev/null; for f in /var/log/journal/*/*.journal;"
                 " do dd if=/dev/urandom of=$f bs=4096 count=64 conv=notrunc; done 2>/dev/null; true" % JOURNALD)
        return True


SICK = {}


def _register(kind):
    for sub in kind.__subclasses__():
        SICK[sub.name] = sub()
        _register(sub)


_register(Sick)


# ---- every place in which a visit can hang

class Hang:
    """`do` makes a worker hang in one place of the way from ssh to the last command."""

    def __init__(self, command=None, deed=None):
        self._command, self._deed = command, deed

    def do(self, lab, node):
        if self._command:
            lab.exec(node, self._command)
        if self._deed:
            self._deed(lab, node)

    def cure(self, lab, node):
        lab.fresh(node)


def _mute(lab, node):
    """The machine behind the address takes connections and says nothing: sshd is stopped, with the sessions that it has."""
    lab.exec(node, "pkill -STOP sshd")


def _cut(lab, node):
    """The way is cut in the middle of the look: nothing comes back any more from the tenth second of the login on."""
    lab.exec(node, "sed -i '1i account optional pam_exec.so /bin/sleep 4' /etc/pam.d/sshd; pkill -f '[s]shd: .*@'; (sleep 3;"
             " iptables -I OUTPUT -p tcp --sport 22 -j DROP) >/dev/null 2>&1 </dev/null &")


def hanging():
    """-> {place: Hang}"""
    hung = SICK["mount_hung"]
    return {
        "sshd says nothing": Hang(deed=_mute),
        "the way is cut": Hang(deed=_cut),
        "the login shell does not come back": Hang("echo 'sleep 1000' >/root/.bashrc"),
        "Python does not start": Hang("rm -f /usr/bin/python3*; printf '#!/bin/sh\\nexec sleep 1000\\n' >/usr/bin/python3;"
                                      " chmod +x /usr/bin/python3"),
        "every program hangs": Hang("for p in systemctl journalctl dmesg iptables-save nft; do rm -f $(command -v $p);"
                                    " printf '#!/bin/sh\\nsleep 1000 & wait\\n' >/usr/bin/$p; chmod +x /usr/bin/$p; done"),
        "every file hangs": Hang(deed=hung.do),
        "runtime and systemd hang": Hang("systemctl kill --kill-whom=main -s STOP containerd", SICK["systemd_hung"].do),
    }
