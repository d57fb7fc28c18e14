# Copyright: kubetriage.node contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a long journal costs: 10 MB and 100 MB of a node's journal as loose logs, replayed, beside `grep -c` over the same file.

    ./dev bench journal    makes the journals in the temporary directory; prints seconds and peak memory of each

The journal is a healthy day of a busy node (kubelet, containerd, systemd, kernel, in the proportions of a real one) whose kubelet is
killed for want of memory near the end. Seconds are of the processor and depend on the machine, so only ratios are judged. Exits 1 when the
cause is not found, when ten times the journal takes more than 14 times as long, or when its replay holds more than 300 MB.
"""

import json
import os
import pathlib
import random
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
MEGABYTE = 1 << 20
SIZES = (10, 100)
SLOWER, MEMORY_MB = 14, 300
END = 1795399987  # 2026-11-23T02:13:07Z

NODE = "worker-017"
LETTERS = "bcdfghjklmnpqrstvwxz2456789"  # of random names, k8s.io/apimachinery/pkg/util/rand
KUBELET, CONTAINERD = "kubelet[812]: ", "containerd[700]: "
# what a healthy node prints, and how often: {n} a number, {h} and {v} hex digits, {r} a random name, {k} klog's stamp, {t} RFC 3339
CHATTER = (
    (14, KUBELET + 'I{k}     812 reconciler_common.go:224] "operationExecutor.VerifyControllerAttachedVolume started for volume '
     '\\"kube-api-access-{r}\\" (UniqueName: \\"kubernetes.io/projected/{u}-kube-api-access-{r}\\") pod \\"{p}\\" (UID: \\"{u}\\") " pod="{s}/{p}"'),
    (10, KUBELET + 'I{k}     812 operation_generator.go:661] "MountVolume.SetUp succeeded for volume \\"config\\" (UniqueName: '
     '\\"kubernetes.io/configmap/{u}-config\\") pod \\"{p}\\" (UID: \\"{u}\\") " pod="{s}/{p}"'),
    (12, KUBELET + 'I{k}     812 kubelet.go:2407] "SyncLoop (PLEG): event for pod" pod="{s}/{p}" '
     'event={{"ID":"{u}","Type":"ContainerStarted","Data":"{h}{h}"}}'),
    (9, KUBELET + 'I{k}     812 prober.go:107] "Probe failed" probeType="Readiness" pod="{s}/{p}" podUID="{u}" containerName="app"'
     ' probeResult="failure" output="HTTP probe failed with statuscode: 503"'),
    (8, KUBELET + 'I{k}     812 pod_startup_latency_tracker.go:102] "Observed pod startup duration" pod="{s}/{p}" '
     'podStartSLOduration={n}.{n} firstStartedPulling="0001-01-01 00:00:00 +0000 UTC"'),
    (4, KUBELET + 'E{k}     812 pod_workers.go:1300] "Error syncing pod, skipping" err="failed to \\"StartContainer\\" for \\"app\\" with '
     'CrashLoopBackOff: \\"back-off 5m0s restarting failed container=app pod={p}_{s}({u})\\"" pod="{s}/{p}" podUID="{u}"'),
    (10, CONTAINERD + 'time="{t}" level=info msg="StartContainer for \\"{h}{h}\\" returns successfully"'),
    (10, CONTAINERD + 'time="{t}" level=info msg="CreateContainer within sandbox \\"{h}{h}\\" for '
     '&ContainerMetadata{{Name:app,Attempt:{d},}} returns container id \\"{h}{h}\\""'),
    (6, CONTAINERD + 'time="{t}" level=info msg="shim disconnected" id={h}{h} namespace=k8s.io'),
    (5, CONTAINERD + 'time="{t}" level=warning msg="cleaning up after shim disconnected" id={h}{h} namespace=k8s.io'),
    (7, "systemd[1]: cri-containerd-{h}{h}.scope: Deactivated successfully."),
    (5, "systemd[1]: run-containerd-runc-k8s.io-{h}-runc.{r}.mount: Deactivated successfully."),
    (3, "kernel: IPv6: ADDRCONF(NETDEV_CHANGE): veth{v}: link becomes ready"),
    (3, "kernel: cni0: port {d}(veth{v}) entered forwarding state"),
    (2, "sshd[{n}]: Connection closed by 10.20.0.{d} port {n} [preauth]"),
    (2, "CRON[{n}]: (root) CMD (   cd / && run-parts --report /etc/cron.hourly)"),
)
KILL = ("Out of memory: Killed process 812 (kubelet) total-vm:1873400kB, anon-rss:98304kB, file-rss:0kB, shmem-rss:0kB, UID:0 "
        "pgtables:460kB oom_score_adj:-999")
INCIDENT = (
    "kernel: leaky invoked oom-killer: gfp_mask=0x140cca(GFP_HIGHUSER_MOVABLE|__GFP_COMP), order=0, oom_score_adj=1000",
    "kernel: oom-kill:constraint=CONSTRAINT_NONE,nodemask=(null),cpuset=kubelet.service,mems_allowed=0,global_oom,"
    "task_memcg=/system.slice/kubelet.service,task=kubelet,pid=812,uid=0",
    "kernel: " + KILL,
    "systemd[1]: kubelet.service: Main process exited, code=killed, status=9/KILL",
    "systemd[1]: kubelet.service: Failed with result 'oom-kill'.",
)


def write(path, size):
    """A journal (journalctl -o short-iso) of `size` bytes that ends with the incident."""
    chance = random.Random(size)
    lines, weights = [line for _weight, line in CHATTER], [weight for weight, _line in CHATTER]
    pods = ["%s-%x-%s" % (name, chance.getrandbits(36), "".join(chance.choices(LETTERS, k=5)))
            for name in ("api", "worker", "coredns", "ingress-nginx-controller", "prometheus-node") for _copy in range(20)]
    uids = {pod: "%08x-%04x-4%03x-a%03x-%012x" % tuple(map(chance.getrandbits, (32, 16, 12, 12, 48))) for pod in pods}
    count = size // 330
    with open(path, "w", encoding="utf-8") as file:
        for number, line in enumerate(chance.choices(lines, weights, k=2 * count)):
            if file.tell() >= size:
                break
            when = END - 86400 + min(number / count, 1) * 86000
            pod = chance.choice(pods)
            day = time.gmtime(when)
            said = line.format(
                k=time.strftime("%m%d %H:%M:%S", day) + ".%06d" % chance.randrange(1000000),
                t=time.strftime("%Y-%m-%dT%H:%M:%S", day) + ".%09dZ" % chance.randrange(10 ** 9), p=pod, u=uids[pod], s="shop",
                n=chance.randrange(1, 60000), d=chance.randrange(1, 255), h="%032x" % chance.getrandbits(128),
                v="%08x" % chance.getrandbits(32), r="".join(chance.choices(LETTERS, k=5)))
            file.write("%s %s %s\n" % (time.strftime("%Y-%m-%dT%H:%M:%S+0000", day), NODE, said))
        for line in INCIDENT:
            file.write("%s %s %s\n" % (time.strftime("%Y-%m-%dT%H:%M:%S+0000", time.gmtime(END)), NODE, line))


def replay(directory):
    """Reads, checks and diagnoses; prints the first cause, seconds, and the megabytes held above those of the imported program."""
    import resource
    sys.path.insert(0, str(ROOT / "collections"))
    from ansible_collections.kubetriage.node.plugins.module_utils.result import iso
    from ansible_collections.kubetriage.node.plugins.plugin_utils import verdicts
    from ansible_collections.kubetriage.node.plugins.plugin_utils.evidence import checked, open_evidence
    before, started = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, time.process_time()
    (node, bundle, view), = open_evidence(directory)[0]
    checks = checked(bundle, 86400, 600)
    reach = {"how": "loose", "ok": True, "error": None, "kind": None}
    verdict = verdicts.artifact("bench", node, reach, checks, view, iso(bundle.now))["verdict"]
    held = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024
    print(json.dumps([[cause["id"] for cause in verdict["causes"]], time.process_time() - started, held]))


def seconds(argv):
    """-> (CPU seconds of a command, what it printed)"""
    before, done = os.times(), subprocess.run(argv, stdout=subprocess.PIPE, check=True, text=True)
    after = os.times()
    return after.children_user + after.children_system - before.children_user - before.children_system, done.stdout


def main():
    rows = []
    for size in SIZES:
        with tempfile.TemporaryDirectory() as directory:
            path = os.path.join(directory, "kubelet.log")
            write(path, size * MEGABYTE)
            grep, _count = seconds(["grep", "-c", "oom-kill", path])
            causes, spent, held = json.loads(seconds([sys.executable, __file__, directory])[1])
        rows.append((size, grep, spent, held, causes))
    print("%8s %9s %10s %11s   %s" % ("journal", "grep -c", "replay", "memory", "cause"))
    for size, grep, spent, held, causes in rows:
        print("%5d MB %7.2f s %8.2f s %8.0f MB   %s" % (size, grep, spent, held, ", ".join(causes)))
    slower = rows[-1][2] / rows[0][2]
    print("%d times the journal: %.1f times the seconds (bound %d), memory %.0f MB (bound %d)" % (
        SIZES[-1] // SIZES[0], slower, SLOWER, rows[-1][3], MEMORY_MB))
    return int(slower > SLOWER or rows[-1][3] > MEMORY_MB or any(causes[:1] != ["memory.oom.kubelet"] for *_figures, causes in rows))


if __name__ == "__main__":
    sys.exit(replay(sys.argv[1]) if len(sys.argv) > 1 else main())
