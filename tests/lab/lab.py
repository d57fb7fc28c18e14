# Copyright: kubetriage.node contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The lab (lab.sh) from Python: run it, ask its API server, act in its workers."""

import concurrent.futures
import fcntl
import json
import os
import pathlib
import subprocess
import sys
import time

SCRIPT = pathlib.Path(__file__).with_name("lab.sh")


class LabError(Exception):
    """The lab did not do what it was told; the text is its own."""


class Lab:
    """One lab, running or not. `home` is lab.sh's LAB."""

    workers = ("w1", "w2", "w3")

    def __init__(self, home=None):
        cache = os.environ.get("XDG_CACHE_HOME") or pathlib.Path.home() / ".cache"
        self.home = pathlib.Path(home or os.environ.get("LAB") or pathlib.Path(cache) / "kubetriage-lab").absolute()
        self.kubeconfig = self.home / "pki" / "admin.conf"
        self.inventory = self.home / "inventory.yml"
        self.ssh_key = self.home / "ssh_key"
        self.known_hosts = self.home / "known_hosts"
        self.controller_manager_log = self.home / "log" / "kcm.log"
        # Seconds until a fault shows at the latest. The slowest are a hung runtime (2 min with Kubernetes' defaults) and a silent node.
        self.patience = 200 if os.environ.get("LAB_TIMING") == "kubernetes" else 60
        self._lock = None

    # ---- the lab itself

    def script(self, *arguments, timeout=120):
        """lab.sh ARGUMENTS -> its standard output. Raises LabError with its last lines."""
        held = {"LAB_HELD": "1"} if self._lock else {}
        return run([str(SCRIPT), *arguments], timeout, env={**os.environ, "LAB": str(self.home), **held})

    def hold(self):
        """Have the lab to oneself until this process ends: two tests at once in the same workers would prove nothing."""
        if self._lock:
            return
        self.home.mkdir(parents=True, exist_ok=True)
        lock = open(self.home / "in-use", "a+", encoding="utf-8")
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.seek(0)
            raise LabError("the lab in %s is in use by process %s" % (self.home, lock.read().strip())) from None
        lock.truncate(0)
        lock.write("%s (%s)\n" % (os.getpid(), " ".join(sys.argv)))
        lock.flush()
        self._lock = lock

    def up(self):
        """Build what is missing, start what does not run, make afresh what an earlier session left broken, write the inventory."""
        self.hold()
        self.script("build", timeout=2400)
        self.script("start")
        with concurrent.futures.ThreadPoolExecutor(len(self.workers)) as pool:
            list(pool.map(self._sound, self.workers))
        self.script("up")
        self.inventory.write_text(self.script("inventory"))

    def _sound(self, node):
        """A worker that runs and is not as it should be becomes fresh."""
        if (self.home / "nodes" / node / "place").exists() and (self.fault_file(node).exists() or not self.healthy(node)):
            self.fresh(node)

    def stop(self):
        self.script("stop")

    def fresh(self, node):
        """The worker from scratch: nothing on its disks, in its journal or in the API remembers anything (about 6 s).

        Only the kernel's ring buffer does, which all workers share with this machine.
        """
        self.script("fresh", node)

    def fault_file(self, node):
        """Holds the name of the fault that is in the worker (faults.py)."""
        return self.home / "nodes" / node / "fault"

    # ---- a worker

    def exec(self, node, command, timeout=30, check=True):
        """Shell command as root inside the worker, without ssh and outside its limits -> standard output."""
        return run([str(SCRIPT), "exec", node, "sh", "-c", command], timeout, check, env={**os.environ, "LAB": str(self.home)})

    def write(self, node, path, text):
        """A file in the worker, with the directories above it."""
        self.exec(node, "mkdir -p \"$(dirname '%s')\" && cat >'%s' <<'END_OF_FILE'\n%s\nEND_OF_FILE" % (path, path, text.rstrip("\n")))

    def ssh(self, node, command, user="root", timeout=15):
        """Shell command by ssh -> standard output. Raises LabError when ssh fails as well."""
        options = ("UserKnownHostsFile=%s" % self.known_hosts, "StrictHostKeyChecking=yes", "BatchMode=yes", "ConnectTimeout=5",
                   "KexAlgorithms=curve25519-sha256")  # the default exchange costs 60 ms of CPU more
        flags = [flag for option in options for flag in ("-o", option)]
        return run(["ssh", "-i", str(self.ssh_key), *flags, "%s@%s" % (user, self.address(node)), command], timeout)

    def address(self, node):
        return "10.77.0." + (self.home / "nodes" / node / "place").read_text().split()[0]

    def cgroup(self, node, controller):
        """The worker's own cgroup in one (v1) hierarchy, as this machine sees it."""
        return pathlib.Path("/sys/fs/cgroup") / controller / "lab" / node

    def machine_pid(self, node, pid):
        """PID inside the worker -> PID on this machine, for what only the machine may do (cgroup limits)."""
        for directory in self.cgroup(node, "pids").rglob("cgroup.procs"):
            for outer in directory.read_text().split():
                try:
                    status = pathlib.Path("/proc", outer, "status").read_text()
                except OSError:
                    continue  # it ended meanwhile
                if status.partition("NSpid:")[2].split("\n")[0].split()[-1:] == [str(pid)]:
                    return int(outer)
        raise LabError("no process %s in worker %s" % (pid, node))

    def sessions(self, node):
        """PIDs on this machine of the worker's sshd and of whatever ssh sessions started: it stands in the cgroup of sshd's unit."""
        return (self.cgroup(node, "systemd") / "payload" / "system.slice" / "ssh.service" / "cgroup.procs").read_text().split()

    # ---- the API server

    def kubectl(self, *arguments, stdin=None, timeout=30, check=True):
        """-> standard output."""
        return run([str(self.home / "bin" / "kubectl"), "--kubeconfig", str(self.kubeconfig), *arguments], timeout, check, stdin=stdin)

    def json(self, *arguments):
        return json.loads(self.kubectl(*arguments, "-o", "json"))

    def apply(self, manifest):
        """One object as a dict."""
        self.kubectl("apply", "-f", "-", stdin=json.dumps(manifest))

    def condition(self, node, kind="Ready"):
        """-> {"status", "reason", "message", ...} of one node condition; empty if the node has none such."""
        conditions = self.json("get", "node", node)["status"].get("conditions", [])
        return next((c for c in conditions if c["type"] == kind), {})

    def healthy(self, node):
        """Ready, without pressure, without taints, and with its pod of shop/front running?"""
        found = json.loads(self.kubectl("get", "node", node, "-o", "json", check=False) or "{}")
        if not found:
            return False
        good = {c["type"]: c["status"] == ("True" if c["type"] == "Ready" else "False") for c in found["status"].get("conditions", [])}
        if not good.get("Ready") or not all(good.values()) or found["spec"].get("taints") or found["spec"].get("unschedulable"):
            return False
        pods = self.json("get", "pods", "-n", "shop", "-l", "app=front", "--field-selector", "spec.nodeName=" + node)["items"]
        return any(c["type"] == "Ready" and c["status"] == "True" for p in pods for c in p["status"].get("conditions", []))

    def wait(self, what, seconds, true, *arguments):
        """Poll `true(*arguments)` until it is. -> seconds waited. Raises LabError naming `what` when the time is over."""
        begin = time.monotonic()
        while not true(*arguments):
            if time.monotonic() - begin > seconds:
                raise LabError("%s: not within %s s" % (what, seconds))
            time.sleep(0.3)
        return time.monotonic() - begin


def run(argv, timeout=30, check=True, stdin=None, env=None):
    """-> standard output. A failure or a timeout is a LabError with the end of what the program said."""
    try:
        done = subprocess.run(argv, input=stdin, stdin=subprocess.DEVNULL if stdin is None else None, capture_output=True, text=True,
                              errors="replace", timeout=timeout, env=env, check=False)
    except subprocess.TimeoutExpired as late:
        raise LabError("%s: no end within %s s" % (" ".join(argv[:4]), timeout)) from late
    if check and done.returncode:
        raise LabError("%s: exit %s: %s" % (" ".join(argv[:4]), done.returncode, (done.stderr or done.stdout).strip()[-1500:]))
    return done.stdout
