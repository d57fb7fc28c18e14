# Copyright: kubetriage.node contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The lab's faults: each one named, really there, and reversible.

    python tests/lab/faults.py                       the list
    python tests/lab/faults.py inject FAULT NODE     and wait until it shows
    python tests/lab/faults.py revert FAULT NODE     and wait until the node is healthy

What is said here about timing and wording was seen with Kubernetes 1.35, containerd 1.6 and systemd 252.
"""

import dataclasses
import datetime
import json
import os
import pathlib
import sys
import tempfile
import time
from typing import Callable

from lab import Lab, LabError, run

FAULTS = {}


@dataclasses.dataclass(frozen=True)
class Fault:
    """What is done to one worker, and what a right diagnosis says of it.

    `settled` tells whether the fault shows by now: in the API where the API can see it, else on the node. `undo` repairs what
    `inject` broke and nothing more; what the worker's journal holds of it stays, so a test that needs a spotless worker calls
    lab.fresh(node) instead.
    """

    name: str
    cause: str  # id in the failure catalogue
    state: str  # of the node: not_ready, degraded (still Ready) or unreachable (not Ready, and no ssh)
    inject: Callable
    settled: Callable
    undo: Callable
    trace: str  # shell command on the node that prints what the fault leaves there, and nothing without it

    @staticmethod
    def seconds():
        """From inject to settled at most. The slowest are a hung runtime (2 min with the defaults of Kubernetes) and a silent node."""
        return 180 if os.environ.get("LAB_TIMING") == "kubernetes" else 60

    def revert(self, lab, node):
        """Repair, and wait for the node to be healthy. -> seconds."""
        begin = time.monotonic()
        self.undo(lab, node)
        lab.wait("%s healthy again after %s" % (node, self.name), 90, lab.healthy, node)
        return time.monotonic() - begin


def fault(name, cause, state):
    """Class decorator: the class groups the fault's inject, settled, undo and trace; its docstring says what was learned."""
    def register(functions):
        FAULTS[name] = Fault(name, cause, state, functions.inject, functions.settled, functions.undo, functions.trace)
        return functions
    return register


def silent(lab, node):
    """Nobody has heard of the node for the grace period: Ready=Unknown, by the controller manager."""
    return lab.condition(node)["status"] == "Unknown"


def drop_in(lab, node, text):
    """A drop-in for kubelet.service; an empty text removes it."""
    path = "/etc/systemd/system/kubelet.service.d/90-fault.conf"
    if text:
        lab.write(node, path, text)
    else:
        lab.exec(node, "rm -f " + path)
    lab.exec(node, "systemctl daemon-reload")


def container(name, image, *arguments, memory=None):
    return {"name": name, "image": image, "imagePullPolicy": "Never", "args": list(arguments),
            "resources": {"limits": {"memory": memory}} if memory else {}}


def pod(lab, node, name, *containers):
    """A bare pod in namespace shop, bound to the node."""
    lab.apply({
        "apiVersion": "v1", "kind": "Pod", "metadata": {"name": name, "namespace": "shop", "labels": {"app": name}},
        "spec": {"nodeName": node, "automountServiceAccountToken": False, "terminationGracePeriodSeconds": 1, "containers": list(containers)},
    })


def delete_pod(lab, name):
    lab.kubectl("delete", "pod", "-n", "shop", name, "--ignore-not-found", "--grace-period=0", "--force", timeout=60)


@fault("kubelet_stopped", "kubelet.stopped", "not_ready")
class KubeletStopped:
    """Somebody stopped the service."""

    trace = "journalctl -u kubelet -o cat --no-pager | grep 'Stopped kubelet'"

    def inject(lab, node):
        lab.exec(node, "systemctl stop kubelet")

    settled = silent

    def undo(lab, node):
        lab.exec(node, "systemctl start kubelet")


@fault("kubelet_oom_killed", "memory.oom.kubelet", "not_ready")
class KubeletOomKilled:
    """The kernel kills the kubelet, out of a memory cgroup that is too small, and its unit does not restart it.

    systemd in the workers does not manage memory (cgroup v1), so the cgroup is made from outside, at the path systemd would use.
    A process that moves leaves its charged memory behind, so the limit counts only what the kubelet takes from then on;
    /metrics and the like make it take some. systemd sees a SIGKILL: Result=signal (oom-kill needs cgroup v2).
    """

    trace = "dmesg | grep oom_memcg=/lab/$(hostname)/.*task=kubelet && journalctl -u kubelet -o cat --no-pager | grep 'code=killed, status=9/KILL'"

    def inject(lab, node):
        drop_in(lab, node, "[Service]\nRestart=no")
        pid = lab.exec(node, "systemctl show -p MainPID --value kubelet").strip()
        cgroup = lab.cgroup(node, "memory") / "system.slice" / "kubelet.service"
        cgroup.mkdir(parents=True, exist_ok=True)
        (cgroup / "memory.limit_in_bytes").write_text("1M")
        (cgroup / "cgroup.procs").write_text(str(lab.machine_pid(node, pid)))
        for _ in range(60):
            if lab.exec(node, "systemctl is-active kubelet", check=False).strip() != "active":
                return
            for path in ("metrics", "metrics/cadvisor", "configz"):
                lab.kubectl("get", "--raw", "/api/v1/nodes/%s/proxy/%s" % (node, path), check=False)
        raise LabError("the kubelet of %s outlives its memory limit" % node)

    settled = silent

    def undo(lab, node):
        drop_in(lab, node, "")
        cgroup = lab.cgroup(node, "memory") / "system.slice" / "kubelet.service"
        if cgroup.exists():
            cgroup.rmdir()
        lab.exec(node, "systemctl start kubelet")


@fault("pod_over_memory_limit", "memory.oom.container", "degraded")
class PodOverMemoryLimit:
    """The container app of shop/leaky takes more than its limit, is killed by the kernel, started again, killed again.

    Beside it stands a container that needs nothing of its own limit. In a pod with one container the pod's limit is the same
    figure, and the pause container's few pages make the kernel report the pod's cgroup (oom_memcg ends in pod<uid>) instead.
    """

    trace = "dmesg | grep oom_memcg=/lab/$(hostname)/kubepods/.*task=leaky"

    def inject(lab, node):
        pod(lab, node, "leaky", container("app", "lab.example/leaky:1", "leak", "200", memory="64Mi"),
            container("sidecar", "lab.example/front:1", memory="64Mi"))

    def settled(lab, node):
        containers = lab.json("get", "pod", "-n", "shop", "leaky")["status"].get("containerStatuses", [])
        return any(c["restartCount"] >= 1 and "CrashLoopBackOff" in json.dumps(c["state"]) and "OOMKilled" in json.dumps(c) for c in containers)

    def undo(lab, node):
        delete_pod(lab, "leaky")


@fault("disk_full", "disk.full", "degraded")
class DiskFull:
    """A file fills the file system under /var/lib/kubelet and /var/lib/containerd to the last byte.

    The kubelet sets DiskPressure at its next look (every 10 s) and would hold it for 5 min after there is room again
    (evictionPressureTransitionPeriod), hence its restart in undo. It may have collected images meanwhile: they are imported again.
    """

    trace = "df --output=pcent,target /var/lib/kubelet | grep 100%"

    def inject(lab, node):
        lab.exec(node, "cd /var/lib/kubelet && fallocate -l $(df -B1 --output=avail . | tail -n 1) capture.pcap; cat /dev/zero >>capture.pcap 2>/dev/null; true")

    def settled(lab, node):
        return lab.condition(node, "DiskPressure")["status"] == "True"

    def undo(lab, node):
        lab.exec(node, "rm -f /var/lib/kubelet/capture.pcap; systemctl restart containerd; systemctl restart lab-images; systemctl restart kubelet")


@fault("pids_exhausted", "pids.exhausted", "degraded")
class PidsExhausted:
    """shop/forker takes every PID the worker may have, then gives 50 back.

    The kernel's line about it is printed once per cgroup. The limit is the worker's own cgroup's, so pid_max and what the
    kubelet reports as PID pressure never see it.
    """

    trace = "dmesg | grep 'fork rejected by pids controller in /lab/'$(hostname)/"

    def inject(lab, node):
        pod(lab, node, "forker", container("app", "lab.example/forker:1", "forks", "50"))

    def settled(lab, node):
        cgroup = lab.cgroup(node, "pids")
        free = int((cgroup / "pids.max").read_text()) - int((cgroup / "pids.current").read_text())
        return 0 < free < 80

    def undo(lab, node):
        delete_pod(lab, "forker")
        lab.wait("PIDs free on %s" % node, 60, lambda: not FAULTS["pids_exhausted"].settled(lab, node))


@fault("containerd_stopped", "runtime.stopped", "not_ready")
class ContainerdStopped:
    """The kubelet calls the runtime down 30 s after its last good answer (maxWaitForContainerRuntime, not configurable)."""

    trace = "systemctl show -p ActiveState containerd | grep inactive"

    def inject(lab, node):
        lab.exec(node, "systemctl stop containerd")

    def settled(lab, node):
        return lab.condition(node)["status"] == "False"

    def undo(lab, node):
        lab.exec(node, "systemctl start containerd")


@fault("containerd_hung", "runtime.hung", "not_ready")
class ContainerdHung:
    """The service is active, its socket accepts, nobody answers.

    The kubelet's own question before each status report waits for runtimeRequestTimeout, so the node stays Ready, its lease fresh,
    its /healthz ok and its journal silent: 2 min with the defaults of Kubernetes, less with LAB_TIMING=fast (see lab.sh).
    """

    trace = "ps -C containerd -o stat=,comm= | grep ^T"

    def inject(lab, node):
        lab.exec(node, "systemctl kill --kill-whom=main -s STOP containerd")

    settled = ContainerdStopped.settled

    def undo(lab, node):
        lab.exec(node, "systemctl kill --kill-whom=main -s CONT containerd")


@fault("conflist_gone", "cni.config_missing", "not_ready")
class ConflistGone:
    """containerd watches the directory: the network is not ready at the kubelet's next question.

    Of the events that tell of a new file, containerd 1.6 ignores CREATE and waits for WRITE; a file that is moved in from another
    directory makes only the first, and the network stays down until containerd restarts. So undo copies.
    """

    trace = "journalctl -u containerd -o cat --no-pager | grep 'no network config found in /etc/cni/net.d'"

    def inject(lab, node):
        lab.exec(node, "mv /etc/cni/net.d/10-lab.conflist /root/")

    def settled(lab, node):
        ready = lab.condition(node)
        return ready["status"] == "False" and "NetworkPluginNotReady" in ready["message"]

    def undo(lab, node):
        lab.exec(node, "cp /root/10-lab.conflist /etc/cni/net.d/ && rm /root/10-lab.conflist")


@fault("chains_flushed", "cni.chains_flushed", "degraded")
class ChainsFlushed:
    """A firewall script starts over: filter and nat flushed, FORWARD closed.

    kube-proxy and the kubelet look for a canary chain every 30 s and 60 s and would write all of theirs again, but the one whose
    absence they notice is the first they made, in mangle (Monitor in pkg/util/iptables), which such scripts leave alone. Otherwise
    kube-proxy writes everything once an hour, or when an endpoint changes. What the CNI plugins wrote comes back with new pods only.
    """

    trace = "iptables-save -t filter | grep ':FORWARD DROP' && ! iptables-save | grep -E 'KUBE-SERVICES|CNI-'"

    def inject(lab, node):
        lab.exec(node, "for t in filter nat; do iptables -t $t -F; iptables -t $t -X; done; iptables -P FORWARD DROP")

    def settled(lab, node):
        rules = lab.exec(node, "iptables-save -t nat; iptables-save -t filter")
        return "KUBE-SERVICES" not in rules and ":FORWARD DROP" in rules

    def undo(lab, node):
        lab.exec(node, "iptables -P FORWARD ACCEPT; systemctl restart kube-proxy kubelet")
        lab.kubectl("delete", "pod", "-n", "shop", "-l", "app=front", "--field-selector", "spec.nodeName=" + node)
        lab.wait("chains on %s" % node, 60, lambda: all(chain in lab.exec(node, "iptables-save") for chain in ("KUBE-SERVICES", "KUBE-FIREWALL", "CNI-HOSTPORT")))


@fault("api_port_dropped", "api.port_dropped", "not_ready")
class ApiPortDropped:
    """A firewall on the worker drops what goes to the API server; ssh works."""

    trace = "iptables -S OUTPUT | grep 'dport 6443 -j DROP'"

    def inject(lab, node):
        lab.exec(node, "iptables -I OUTPUT -p tcp --dport 6443 -j DROP")

    settled = silent

    def undo(lab, node):
        lab.exec(node, "iptables -D OUTPUT -p tcp --dport 6443 -j DROP")


@fault("client_cert_expired", "cert.client_expired", "not_ready")
class ClientCertExpired:
    """The kubelet's client certificate ended yesterday; the kubelet finds no bootstrap kubeconfig to ask for another, and exits."""

    trace = "journalctl -u kubelet -o cat --no-pager | grep 'bootstrap client certificate in .* is expired'"

    def inject(lab, node):
        lab.write(node, "/var/lib/kubelet/pki/kubelet-client-expired.pem", expired_certificate(lab, node))
        lab.exec(node, "cd /var/lib/kubelet/pki && cp -P kubelet-client-current.pem /root/ && ln -sfn $PWD/kubelet-client-expired.pem kubelet-client-current.pem"
                 " && systemctl restart kubelet")

    settled = silent

    def undo(lab, node):
        lab.exec(node, "cd /var/lib/kubelet/pki && mv -f /root/kubelet-client-current.pem . && rm -f kubelet-client-expired.pem && systemctl restart kubelet")


def expired_certificate(lab, node):
    """-> PEM of certificate and key for the node's own subject, by the lab's CA, for a year that ended yesterday."""
    end = datetime.datetime.now(datetime.timezone.utc) - datetime.timedelta(days=1)
    pki = lab.kubeconfig.parent
    with tempfile.TemporaryDirectory() as directory:
        work = pathlib.Path(directory)
        (work / "index").touch()
        (work / "serial").write_text("5EED\n")
        # `openssl ca`, because `openssl x509` of Debian 12 cannot set dates in the past.
        (work / "ca.cnf").write_text(
            "[ca]\ndefault_ca=lab\n[lab]\ndatabase=%s/index\nserial=%s/serial\nnew_certs_dir=%s\npolicy=any\nx509_extensions=client\n"
            "[any]\norganizationName=supplied\ncommonName=supplied\n[client]\nextendedKeyUsage=clientAuth\n" % (work, work, work))
        run(["openssl", "ca", "-batch", "-notext", "-md", "sha256", "-config", str(work / "ca.cnf"), "-cert", str(pki / "ca.crt"),
             "-keyfile", str(pki / "ca.key"), "-in", str(pki / (node + ".csr")), "-out", str(work / "crt"),
             "-startdate", (end - datetime.timedelta(days=365)).strftime("%Y%m%d%H%M%SZ"), "-enddate", end.strftime("%Y%m%d%H%M%SZ")])
        return (work / "crt").read_text() + (pki / (node + ".key")).read_text()


@fault("bad_kubelet_flag", "kubelet.bad_flag", "not_ready")
class BadKubeletFlag:
    """A flag that Kubernetes 1.24 removed is still in kubeadm-flags.env after an upgrade."""

    trace = "journalctl -u kubelet -o cat --no-pager | grep 'unknown flag: --network-plugin'"

    def inject(lab, node):
        lab.exec(node, "sed -i 's/ARGS=\"/&--network-plugin=cni /' /var/lib/kubelet/kubeadm-flags.env; systemctl restart kubelet")

    settled = silent

    def undo(lab, node):
        lab.exec(node, "sed -i 's/--network-plugin=cni //' /var/lib/kubelet/kubeadm-flags.env; systemctl restart kubelet")


@fault("link_down", "host.unreachable", "unreachable")
class LinkDown:
    """The cable is out: no heartbeat and no ssh."""

    trace = "ip -br link show host0 | grep -w DOWN"

    def inject(lab, node):
        run(["ip", "link", "set", "vb-" + node, "down"])

    settled = silent

    def undo(lab, node):
        run(["ip", "link", "set", "vb-" + node, "up"])


def main(argv):
    if len(argv) == 3 and argv[0] in ("inject", "revert") and argv[1] in FAULTS:
        lab, chosen = Lab(), FAULTS[argv[1]]
        if argv[0] == "revert":
            print("%s is healthy again after %.1f s" % (argv[2], chosen.revert(lab, argv[2])))
        else:
            chosen.inject(lab, argv[2])
            print("%s shows on %s after %.1f s" % (argv[1], argv[2], lab.wait(argv[1], chosen.seconds(), chosen.settled, lab, argv[2])))
        return None
    for one in FAULTS.values():
        print("%-24s %-24s %s" % (one.name, one.cause, one.state))
    return __doc__ if argv else None


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
