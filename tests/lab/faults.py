# Copyright: kubetriage.node contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The lab's faults: each one named, really there, and reversible.

    python tests/lab/faults.py                       the list, and what is in which worker now
    python tests/lab/faults.py inject FAULT NODE     and wait until it shows
    python tests/lab/faults.py revert FAULT NODE     and wait until the node is healthy

What is said here about timing and wording was seen with Kubernetes 1.35, containerd 1.6, systemd 252 and Linux 6.18.
"""

import datetime
import json
import pathlib
import sys
import tempfile
import time

from lab import Lab, LabError, run


class Fault:
    """What is done to one worker, and what a right diagnosis says of it. A subclass is a fault; its docstring says what was learned."""

    name = ""
    cause = ""  # the right first cause: an id of the failure catalogue
    state = ""  # of the node: not_ready, degraded (still Ready) or unreachable (not Ready, and no ssh)
    trace = ""  # shell command that prints on the node what the fault leaves there, and nothing without the fault

    def inject(self, lab, node):
        lab.fault_file(node).write_text(self.name)  # so that a lab left behind in the middle of a test is known to be broken
        self.do(lab, node)

    def revert(self, lab, node):
        """Repair what inject broke, and wait for the node to be healthy -> seconds.

        The worker's journal still tells of it. A test that needs a spotless worker calls lab.fresh(node) instead.
        """
        begin = time.monotonic()
        self.undo(lab, node)
        lab.wait("%s healthy again after %s" % (node, self.name), 90, lab.healthy, node)
        lab.fault_file(node).unlink(missing_ok=True)
        return time.monotonic() - begin

    def settled(self, lab, node):
        """Does the fault show by now: in the API where the API can see it, else on the node? Here: nobody has heard of the node for
        the grace period, so the controller manager has made it Ready=Unknown."""
        return lab.condition(node).get("status") == "Unknown"

    def do(self, lab, node):
        raise NotImplementedError

    def undo(self, lab, node):
        raise NotImplementedError


class KubeletStopped(Fault):
    """Somebody stopped the service. systemd: `Deactivated successfully.`, Result=success."""

    name, cause, state = "kubelet_stopped", "kubelet.stopped", "not_ready"
    trace = "journalctl -u kubelet -o cat --no-pager | grep 'Stopped kubelet'"

    def do(self, lab, node):
        lab.exec(node, "systemctl stop kubelet")

    def undo(self, lab, node):
        lab.exec(node, "systemctl start kubelet")


class KubeletOomKilled(Fault):
    """The kernel kills the kubelet, out of a memory cgroup that is too small, and its unit does not restart it.

    systemd in the workers does not manage memory (cgroup v1), so the cgroup is made from outside, at the path systemd would use.
    A process that moves leaves its charged memory behind, so the limit counts only what the kubelet takes from then on;
    requests make it take some. systemd sees a SIGKILL and no more: Result=signal (oom-kill needs cgroup v2).
    """

    name, cause, state = "kubelet_oom_killed", "memory.oom.reserved", "not_ready"
    trace = ("dmesg | grep oom_memcg=/lab/$(hostname)/.*task=kubelet &&"
             " journalctl -u kubelet -o cat --no-pager | grep 'code=killed, status=9/KILL'")

    def do(self, lab, node):
        lab.write(node, self.DROP_IN, "[Service]\nRestart=no")
        lab.exec(node, "systemctl daemon-reload")
        pid = lab.exec(node, "systemctl show -p MainPID --value kubelet").strip()
        cgroup = self.cgroup(lab, node)
        cgroup.mkdir(parents=True, exist_ok=True)
        (cgroup / "memory.limit_in_bytes").write_text("1M")
        (cgroup / "cgroup.procs").write_text(str(lab.machine_pid(node, pid)))
        for _try in range(60):
            if lab.exec(node, "systemctl is-active kubelet", check=False).strip() != "active":
                return
            for path in ("metrics", "metrics/cadvisor", "configz"):
                lab.kubectl("get", "--raw", "/api/v1/nodes/%s/proxy/%s" % (node, path), check=False)
        raise LabError("the kubelet of %s outlives its memory limit" % node)

    def undo(self, lab, node):
        lab.exec(node, "rm -f %s; systemctl daemon-reload" % self.DROP_IN)
        if self.cgroup(lab, node).exists():
            self.cgroup(lab, node).rmdir()
        lab.exec(node, "systemctl start kubelet")

    DROP_IN = "/etc/systemd/system/kubelet.service.d/90-fault.conf"

    @staticmethod
    def cgroup(lab, node):
        return lab.cgroup(node, "memory") / "system.slice" / "kubelet.service"


def container(name, image, *arguments, memory=None):
    return {"name": name, "image": image, "imagePullPolicy": "Never", "args": list(arguments),
            "resources": {"limits": {"memory": memory}} if memory else {}}


def pod(lab, node, name, *containers):
    """A bare pod in namespace shop, bound to the node."""
    lab.apply({
        "apiVersion": "v1", "kind": "Pod", "metadata": {"name": name, "namespace": "shop", "labels": {"app": name}},
        "spec": {"nodeName": node, "automountServiceAccountToken": False, "terminationGracePeriodSeconds": 1,
                 "containers": list(containers)},
    })


def delete_pod(lab, name):
    lab.kubectl("delete", "pod", "-n", "shop", name, "--ignore-not-found", "--grace-period=0", "--force", timeout=60)


class PodOverMemoryLimit(Fault):
    """The container app of shop/leaky takes more than its limit, is killed by the kernel, started again, killed again.

    Beside it stands a container that needs nothing of its own limit. In a pod with one container the pod's limit is the same
    figure, and the pause container's few pages make the kernel report the pod's cgroup (oom_memcg ends in pod<uid>) instead.
    """

    name, cause, state = "pod_over_memory_limit", "memory.oom.container", "degraded"
    trace = "dmesg | grep oom_memcg=/lab/$(hostname)/kubepods/.*task=leaky"

    def do(self, lab, node):
        pod(lab, node, "leaky", container("app", "lab.example/leaky:1", "leak", "200", memory="64Mi"),
            container("sidecar", "lab.example/front:1", memory="64Mi"))

    def settled(self, lab, node):
        containers = lab.json("get", "pod", "-n", "shop", "leaky")["status"].get("containerStatuses", [])
        return any("CrashLoopBackOff" in json.dumps(c["state"]) and "OOMKilled" in json.dumps(c) for c in containers)

    def undo(self, lab, node):
        delete_pod(lab, "leaky")


class DiskFull(Fault):
    """A file fills the file system under /var/lib/kubelet and /var/lib/containerd to the last byte.

    The kubelet sets DiskPressure at its next look (every 10 s), evicts shop/front again and again, and collects images. It would
    hold the condition for 5 min after there is room again (evictionPressureTransitionPeriod), so undo makes the worker afresh.
    """

    name, cause, state = "disk_full", "disk.full", "degraded"
    trace = "df --output=pcent,target /var/lib/kubelet | grep 100%"

    def do(self, lab, node):
        lab.exec(node, "cd /var/lib/kubelet && fallocate -l $(df -B1 --output=avail . | tail -n 1) capture.pcap;"
                 " cat /dev/zero >>capture.pcap 2>/dev/null; true")  # fallocate leaves some blocks of metadata

    def settled(self, lab, node):
        return lab.condition(node, "DiskPressure").get("status") == "True"

    def undo(self, lab, node):
        lab.fresh(node)


class PidsExhausted(Fault):
    """shop/forker takes every PID the worker may have, then gives 50 back.

    The kernel's line about it is printed once per cgroup. The limit is that of the worker's own cgroup, so pid_max and what the
    kubelet calls PID pressure never see it: the node stays Ready.
    """

    name, cause, state = "pids_exhausted", "pids.exhausted", "degraded"
    trace = "dmesg | grep 'fork rejected by pids controller in /lab/'$(hostname)/"

    def do(self, lab, node):
        pod(lab, node, "forker", container("app", "lab.example/forker:1", "forks", "50"))

    def settled(self, lab, node):
        cgroup = lab.cgroup(node, "pids")
        free = int((cgroup / "pids.max").read_text()) - int((cgroup / "pids.current").read_text())
        return 0 < free < 80

    def undo(self, lab, node):
        delete_pod(lab, "forker")
        lab.wait("PIDs free on %s" % node, 60, lambda: not self.settled(lab, node))


class ContainerdStopped(Fault):
    """The kubelet calls the runtime down 30 s after its last good answer (maxWaitForContainerRuntime, not configurable)."""

    name, cause, state = "containerd_stopped", "runtime.stopped", "not_ready"
    trace = "systemctl show -p ActiveState containerd | grep inactive"

    def do(self, lab, node):
        lab.exec(node, "systemctl stop containerd")

    def settled(self, lab, node):
        return lab.condition(node).get("status") == "False"

    def undo(self, lab, node):
        lab.exec(node, "systemctl start containerd")


class ContainerdHung(Fault):
    """The service is active, its socket accepts, nobody answers.

    The kubelet's own question before each status report waits for runtimeRequestTimeout, so the node stays Ready, its lease fresh,
    its /healthz ok and its journal silent: 2 min with the defaults of Kubernetes, less with LAB_TIMING=fast (see lab.sh).
    """

    name, cause, state = "containerd_hung", "runtime.hung", "not_ready"
    trace = "ps -C containerd -o stat=,comm= | grep ^T"

    def do(self, lab, node):
        lab.exec(node, "systemctl kill --kill-whom=main -s STOP containerd")

    def settled(self, lab, node):
        return lab.condition(node).get("status") == "False"

    def undo(self, lab, node):
        lab.exec(node, "systemctl kill --kill-whom=main -s CONT containerd")


class ConflistGone(Fault):
    """containerd watches the directory: the network is not ready at the kubelet's next question.

    Of the events that tell of a new file, containerd 1.6 ignores CREATE and waits for WRITE; a file that is moved in from another
    directory makes only the first, and the network stays down until containerd restarts. So undo copies.
    """

    name, cause, state = "conflist_gone", "cni.config_missing", "not_ready"
    trace = "journalctl -u containerd -o cat --no-pager | grep 'no network config found in /etc/cni/net.d'"

    def do(self, lab, node):
        lab.exec(node, "mv /etc/cni/net.d/10-lab.conflist /root/")

    def settled(self, lab, node):
        ready = lab.condition(node)
        return ready.get("status") == "False" and "NetworkPluginNotReady" in ready["message"]

    def undo(self, lab, node):
        lab.exec(node, "cp /root/10-lab.conflist /etc/cni/net.d/ && rm /root/10-lab.conflist")


class ChainsFlushed(Fault):
    """A firewall script starts over: filter and nat flushed, FORWARD closed. It lasts (130 s seen, nothing came back).

    kube-proxy and the kubelet look for a canary chain every 30 s and 60 s and would write all of theirs again, but the one whose
    absence they notice is the first they made, in mangle (Monitor in pkg/util/iptables), which such scripts leave alone. Otherwise
    kube-proxy writes everything once an hour, or when an endpoint changes. What the CNI plugins wrote comes back with new pods only.
    """

    name, cause, state = "chains_flushed", "cni.chains_flushed", "degraded"
    trace = "iptables-save -t filter | grep ':FORWARD DROP' && ! iptables-save | grep -E 'KUBE-SERVICES|CNI-'"

    def do(self, lab, node):
        lab.exec(node, "for t in filter nat; do iptables -t $t -F; iptables -t $t -X; done; iptables -P FORWARD DROP")

    def settled(self, lab, node):
        rules = lab.exec(node, "iptables-save")
        return ":FORWARD DROP" in rules and "KUBE-SERVICES" not in rules and "CNI-" not in rules

    def undo(self, lab, node):
        lab.exec(node, "iptables -P FORWARD ACCEPT; systemctl restart kube-proxy kubelet")
        lab.kubectl("delete", "pod", "-n", "shop", "-l", "app=front", "--field-selector", "spec.nodeName=" + node)
        lab.wait("chains on %s" % node, 60, self.chains_are_back, lab, node)

    @staticmethod
    def chains_are_back(lab, node):
        rules = lab.exec(node, "iptables-save")
        return all(chain in rules for chain in ("KUBE-SERVICES", "KUBE-FIREWALL", "CNI-HOSTPORT"))


class ApiPortDropped(Fault):
    """A firewall on the worker drops what goes to the API server; ssh works.

    The kubelet's connection stays open, so its journal says `Failed to update lease` with `Client.Timeout exceeded while awaiting
    headers` and `context deadline exceeded`, and nothing of a refused or dropped connection.
    """

    name, cause, state = "api_port_dropped", "api.port_dropped", "not_ready"
    trace = "iptables -S OUTPUT | grep 'dport 6443 -j DROP'"

    def do(self, lab, node):
        lab.exec(node, "iptables -I OUTPUT -p tcp --dport 6443 -j DROP")

    def undo(self, lab, node):
        lab.exec(node, "iptables -D OUTPUT -p tcp --dport 6443 -j DROP")


class ClientCertExpired(Fault):
    """The kubelet's client certificate ended yesterday; the kubelet finds no bootstrap kubeconfig to ask for another, and exits."""

    name, cause, state = "client_cert_expired", "cert.client_expired", "not_ready"
    trace = "journalctl -u kubelet -o cat --no-pager | grep 'bootstrap client certificate in .* is expired'"

    def do(self, lab, node):
        lab.write(node, "/var/lib/kubelet/pki/kubelet-client-expired.pem", expired_certificate(lab, node))
        lab.exec(node, "cd /var/lib/kubelet/pki && cp -P kubelet-client-current.pem /root/"
                 " && ln -sfn $PWD/kubelet-client-expired.pem kubelet-client-current.pem && systemctl restart kubelet")

    def undo(self, lab, node):
        lab.exec(node, "cd /var/lib/kubelet/pki && mv -f /root/kubelet-client-current.pem ."
                 " && rm -f kubelet-client-expired.pem && systemctl restart kubelet")


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
            "[ca]\ndefault_ca=lab\n[lab]\ndatabase={0}/index\nserial={0}/serial\nnew_certs_dir={0}\npolicy=any\nx509_extensions=client\n"
            "[any]\norganizationName=supplied\ncommonName=supplied\n[client]\nextendedKeyUsage=clientAuth\n".format(work))
        run(["openssl", "ca", "-batch", "-notext", "-md", "sha256", "-config", str(work / "ca.cnf"), "-cert", str(pki / "ca.crt"),
             "-keyfile", str(pki / "ca.key"), "-in", str(pki / (node + ".csr")), "-out", str(work / "crt"),
             "-startdate", (end - datetime.timedelta(days=365)).strftime("%Y%m%d%H%M%SZ"), "-enddate", end.strftime("%Y%m%d%H%M%SZ")])
        return (work / "crt").read_text() + (pki / (node + ".key")).read_text()


class BadKubeletFlag(Fault):
    """A flag that Kubernetes 1.24 removed is still in kubeadm-flags.env after an upgrade."""

    name, cause, state = "bad_kubelet_flag", "kubelet.bad_flag", "not_ready"
    trace = "journalctl -u kubelet -o cat --no-pager | grep 'unknown flag: --network-plugin'"

    def do(self, lab, node):
        lab.exec(node, "sed -i 's/ARGS=\"/&--network-plugin=cni /' /var/lib/kubelet/kubeadm-flags.env; systemctl restart kubelet")

    def undo(self, lab, node):
        lab.exec(node, "sed -i 's/--network-plugin=cni //' /var/lib/kubelet/kubeadm-flags.env; systemctl restart kubelet")


class LinkDown(Fault):
    """The cable is out: no heartbeat and no ssh."""

    name, cause, state = "link_down", "host.powered_off", "unreachable"
    trace = "ip -br link show host0 | grep -w DOWN"

    def do(self, lab, node):
        run(["ip", "link", "set", "vb-" + node, "down"])

    def undo(self, lab, node):
        run(["ip", "link", "set", "vb-" + node, "up"])


FAULTS = {kind.name: kind() for kind in Fault.__subclasses__()}


def main(arguments):
    lab = Lab()
    if len(arguments) == 3 and arguments[0] in ("inject", "revert") and arguments[1] in FAULTS:
        action, fault, node = arguments[0], FAULTS[arguments[1]], arguments[2]
        lab.hold()
        if action == "inject":
            fault.inject(lab, node)
            print("%s shows on %s after %.1f s" % (fault.name, node, lab.wait(fault.name, lab.patience, fault.settled, lab, node)))
        else:
            print("%s is healthy again after %.1f s" % (node, fault.revert(lab, node)))
        return None
    for fault in FAULTS.values():
        print("%-22s %-22s %s" % (fault.name, fault.cause, fault.state))
    for node in lab.workers:
        if lab.fault_file(node).exists():
            print("now in %s: %s" % (node, lab.fault_file(node).read_text()))
    return __doc__ if arguments else None


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except LabError as error:
        sys.exit("faults.py: %s" % error)
