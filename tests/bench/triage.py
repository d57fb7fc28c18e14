# Copyright: kubetriage.node contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What triage costs, beside bare ssh and beside `ansible -m ping`, in one run on one machine: trust the ratios.

    ./dev bench triage    starts the lab; prints wall and controller CPU seconds, node CPU and peak memory of the probe

Exits 1 when a healthy node costs more than 1 s above ping, or the probe more than 150 ms CPU or 40 MB. Of the probe's CPU the least of many
runs counts, as neighbours of a shared machine only ever add; the same number of a Python that does nothing but start stands beside it.
"""

import json
import os
import pathlib
import resource
import statistics
import subprocess
import sys
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "collections"))
sys.path.insert(0, str(ROOT / "tests" / "lab"))

from ansible_collections.kubetriage.node.plugins.plugin_utils.payload import program  # noqa: E402
from lab import Lab  # noqa: E402

ROUNDS = 5
BIN = pathlib.Path(sys.executable).parent
ABOVE_PING, NODE_CPU, NODE_MEMORY = 1.0, 0.150, 40
# Runs the probe as its child and says what it took: CPU of it and of the programs that it ran, and its peak memory.
METER = ("import resource,subprocess,sys,json;p=subprocess.run([sys.executable,'-I','-S','-'],stdout=subprocess.DEVNULL);"
         "u=resource.getrusage(resource.RUSAGE_CHILDREN);print(json.dumps([u.ru_utime+u.ru_stime,u.ru_maxrss/1024]))")


def measure(argv, **options):
    """-> (median wall, median CPU) seconds of a command and all it starts, on this machine."""
    walls, cpus = [], []
    for _round in range(ROUNDS):
        before, start = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic()
        subprocess.run(argv, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd=ROOT, **options)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        walls.append(time.monotonic() - start)
        cpus.append(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)
    return statistics.median(walls), statistics.median(cpus)


def ssh(lab, worker):
    """The bare connection that everything else is compared with."""
    return ["ssh", "-i", str(lab.ssh_key), "-o", "UserKnownHostsFile=%s" % lab.known_hosts, "-o", "BatchMode=yes", "root@" + lab.address(worker)]


def node_cost(lab, worker, *programs):
    """-> [(least CPU seconds, median, peak MB)] of Python programs on a worker, run in turns."""
    costs = [[] for _program in programs]
    for _round in range(4 * ROUNDS):
        for text, seen in zip(programs, costs):
            done = subprocess.run(ssh(lab, worker) + ["python3 -c \"%s\"" % METER], input=text.encode(), stdout=subprocess.PIPE, check=True)
            seen.append(json.loads(done.stdout))
    return [(min(cpu for cpu, _mb in seen), statistics.median(cpu for cpu, _mb in seen), max(mb for _cpu, mb in seen)) for seen in costs]


def main():
    lab = Lab()
    lab.up()
    environment = dict(os.environ, K8S_AUTH_KUBECONFIG=str(lab.kubeconfig))
    inventory = ["-i", str(lab.inventory)]
    triage = [str(BIN / "ansible-playbook"), "playbooks/triage.yml", "-e", "node_triage_artifacts=%s" % (lab.home / "bench")] + inventory
    ping = [str(BIN / "ansible"), "-m", "ping", "workers"] + inventory
    one = lab.workers[0]
    rows = [
        ("bare ssh, one node", measure(ssh(lab, one) + ["true"])),
        ("ansible -m ping, one node", measure(ping + ["-l", one], env=environment)),
        ("triage, one node", measure(triage + ["-l", one], env=environment)),
        ("ansible -m ping, %d nodes" % len(lab.workers), measure(ping, env=environment)),
        ("triage, %d nodes" % len(lab.workers), measure(triage, env=environment)),
    ]
    (bare, _median, _mb), (cpu, median, memory) = node_cost(lab, one, "import json, re, ssl, threading", program(
        {"window": 3600, "deadline": 15, "bundle": False}, "bench"))
    print("%-28s %8s %8s %14s" % ("", "wall s", "CPU s", "wall x ssh"))
    for name, (wall, used) in rows:
        print("%-28s %8.2f %8.2f %14.1f" % (name, wall, used, wall / rows[0][1][0]))
    above = rows[2][1][0] - rows[1][1][0]
    print("triage above ping, one node: %.2f s (bound %.1f)" % (above, ABOVE_PING))
    print("probe on the node: %.0f ms CPU (bound %.0f; median %.0f; %.1f x a Python with the same imports and no work), peak %.0f MB (bound %d)"
          % (cpu * 1000, NODE_CPU * 1000, median * 1000, cpu / bare, memory, NODE_MEMORY))
    if os.environ.get("LAB_KEEP") != "1":
        lab.stop()
    return int(above > ABOVE_PING or cpu > NODE_CPU or memory > NODE_MEMORY)


if __name__ == "__main__":
    sys.exit(main())
