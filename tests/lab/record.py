# Copyright: kubetriage.node contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Write down what a worker and the API server say right now, as raw texts to build parsers and samples from.

    python tests/lab/record.py NODE DIRECTORY             of a worker as it is
    python tests/lab/record.py NODE DIRECTORY FAULT...    of each fault in turn, into DIRECTORY/FAULT; the worker is made afresh after each
"""

import pathlib
import sys
import time

from faults import FAULTS
from lab import Lab, LabError

ON_THE_NODE = {
    "systemctl-show.txt": "systemctl show kubelet containerd",
    "systemctl-status.txt": "systemctl status --no-pager -l kubelet containerd",
    "systemctl-cat-kubelet.txt": "systemctl cat kubelet",
    "journal-kubelet.txt": "journalctl -u kubelet -n 300 -o short-unix --no-pager",
    "journal-containerd.txt": "journalctl -u containerd -n 300 -o short-unix --no-pager",
    "journal-all.txt": "journalctl -n 300 -o short-unix --no-pager",
    "journal-kubelet.json": "journalctl -u kubelet -n 60 -o json --no-pager",
    "journal-kernel.json": "journalctl -k -n 120 -o json --no-pager",
    "dmesg.txt": "dmesg | tail -n 200",
    "mounts.txt": "cat /proc/mounts",
    "mountinfo.txt": "cat /proc/self/mountinfo",
    "df.txt": "df -P",
    "df-i.txt": "df -Pi",
    "free.txt": "free",
    "meminfo.txt": "cat /proc/meminfo",
    "cgroup-memory.txt": "cd /sys/fs/cgroup/memory && grep . memory.limit_in_bytes memory.usage_in_bytes memory.stat",
    "iptables-save.txt": "iptables-save",
    "nft-list-ruleset.txt": "nft list ruleset",
    "cni.txt": "ls -la /etc/cni/net.d; grep -r . /etc/cni/net.d; ls /usr/lib/cni",
    "pids.txt": "cd /sys/fs/cgroup/pids && grep . pids.max pids.current; cd /proc; cat sys/kernel/pid_max sys/kernel/threads-max loadavg",
    "pids-cgroups.txt": "cd /sys/fs/cgroup/pids && find . -name pids.current -exec grep -H . {} +",
    "ps.txt": "ps -eLo pid,tid,stat,wchan:20,comm | head -n 400",
    "ip.txt": "ip addr; ip route",
    "ss.txt": "ss -tanp",
    "uptime.txt": "date -u; uptime; cat /proc/uptime /proc/sys/kernel/random/boot_id; uname -a; ls -ld /proc/1",
    "kubelet-config.yaml": "cat /var/lib/kubelet/config.yaml /var/lib/kubelet/kubeadm-flags.env",
    "containerd-config.toml": "cat /etc/containerd/config.toml; containerd config dump",
    "certificate.txt": "cd /var/lib/kubelet/pki; openssl x509 -noout -subject -issuer -dates -in kubelet-client-current.pem; ls -l",
    "healthz.txt": "python3 -c 'import urllib.request as u; print(u.urlopen(\"http://127.0.0.1:10248/healthz\", timeout=3).read())'",
    "ctr.txt": "timeout 5 ctr -n k8s.io images list; timeout 5 ctr plugins list; timeout 5 ctr -n k8s.io tasks list",
    "cgroup-paths.txt": "cat /proc/1/cgroup; for p in $(pidof kubelet) $(pidof front); do cat /proc/$p/cgroup; done",
}
IN_THE_API = {
    "node.json": ("get", "node", "{node}", "-o", "json"),
    "node.yaml": ("get", "node", "{node}", "-o", "yaml"),
    "describe-node.txt": ("describe", "node", "{node}"),
    "events.txt": ("get", "events", "-A", "--sort-by=.lastTimestamp"),
    "events.json": ("get", "events", "-A", "-o", "json"),
    "lease.json": ("get", "lease", "-n", "kube-node-lease", "{node}", "-o", "json"),
    "pods.json": ("get", "pods", "-A", "--field-selector", "spec.nodeName={node}", "-o", "json"),
    "pods.txt": ("get", "pods", "-A", "-o", "wide"),
    "nodes.txt": ("get", "nodes", "-o", "wide"),
}


def record(lab, node, directory):
    """All of the above into `directory`; what fails leaves its error as text, because that too is evidence."""
    directory.mkdir(parents=True, exist_ok=True)
    for name, command in ON_THE_NODE.items():
        _save(directory / name, lambda command=command: lab.exec(node, "(%s) 2>&1; true" % command, timeout=20))
    for name, arguments in IN_THE_API.items():
        _save(directory / name, lambda arguments=arguments: lab.kubectl(*(a.format(node=node) for a in arguments)))
    _save(directory / "controller-manager.log", lambda: "".join(
        line + "\n" for line in lab.controller_manager_log.read_text(errors="replace").splitlines() if node in line))


def _save(path, text):
    try:
        path.write_text(text())
    except LabError as error:
        path.write_text("%s\n" % error)


def main(node, directory, *names):
    lab, directory = Lab(), pathlib.Path(directory)
    lab.hold()
    if not names:
        record(lab, node, directory)
    for name in names:
        fault, begin = FAULTS[name], time.monotonic()
        try:
            fault.inject(lab, node)
            lab.wait(name, lab.patience, fault.settled, lab, node)
            print("%-22s settled after %5.1f s" % (name, time.monotonic() - begin))
        except LabError as error:
            print("%-22s %s" % (name, error))
        record(lab, node, directory / name)
        begin = time.monotonic()
        try:
            fault.revert(lab, node)
            print("%-22s Ready after   %5.1f s" % (name, time.monotonic() - begin))
        except LabError as error:
            print("%-22s %s" % (name, error))
        lab.fresh(node)


if __name__ == "__main__":
    if len(sys.argv) < 3:
        sys.exit(__doc__)
    main(*sys.argv[1:])
