# Copyright: kubetriage.node contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The host as a whole: power, boots, and whether it can be reached."""

from .entry import failure

FAILURES = [
    failure(
        "host.rebooted",
        title="The host was rebooted",
        severity="info",
        role="cause",
        what="The node left and came back with a new boot id. NotReady is normal until the kubelet is up; what is not persistent (swap "
             "off, firewall, modules) may have come back different.",
        log=[
            ("any", "has been rebooted, boot id", r"Node (?P<node>\S+) has been rebooted, boot id: (?P<boot_id>[0-9a-f-]+)"),
            ("systemd", "system is rebooting", r"System is rebooting"),
            ("systemd", "will reboot now", r"The system will reboot now"),
            ("any", "reboot: restarting system", r"reboot: Restarting system"),
        ],
        confirm=["uptime -s", "last -x reboot shutdown | head", "journalctl --list-boots | tail -3"],
        fix=["find who or what rebooted it: journalctl -b -1 -e; last -x", "if the node does not become Ready: systemctl status kubelet"],
        caused_by=["kernel.panic", "host.unclean_shutdown", "host.reclaimed"],
    ),
    failure(
        "host.shutdown",
        title="The host was shut down or powered off on request",
        severity="critical",
        role="cause",
        what="An operator, the power button, the hypervisor or the cloud asked for it. It stays away until it is powered on.",
        log=[
            ("systemd", "system is powering down", r"System is powering down"),
            ("systemd", "will power off now", r"The system will power off now"),
            ("systemd", "power key pressed", r"Power key pressed"),
            ("kernel", "reboot: power down", r"reboot: Power down"),
            ("any", "guest-shutdown called", r"guest-shutdown called, mode: (?:powerdown|halt)"),
            ("kernel", "shutdown request received", r"Shutdown request received - graceful shutdown initiated"),
        ],
        confirm=["ask the BMC, the hypervisor or the cloud for the machine's power state", "journalctl -b -1 -e"],
        fix=[
            "power it on",
            "if it is gone for good, only after power-off is proven: kubectl taint node {node} "
            "node.kubernetes.io/out-of-service=nodeshutdown:NoExecute",
        ],
        caused_by=["host.reclaimed"],
    ),
    failure(
        "host.unclean_shutdown",
        title="The host went down without a shutdown",
        severity="info",
        role="cause",
        what="Power loss, a reset or a crash: files that were being written can be damaged, the runtime's database among them.",
        log=[
            ("any", "corrupted or uncleanly shut down", r"\S+\.journal corrupted or uncleanly shut down, renaming and replacing"),
            ("kernel", "volume was not properly unmounted", r"FAT-fs \(\S+\): Volume was not properly unmounted"),
            ("any", "recovering journal", r"/dev/\S+: recovering journal"),
            ("any", " - crash ", r"^\S+ +\S.{0,120} - crash +\(\d"),  # last -x
        ],
        confirm=["last -x reboot shutdown | head", "journalctl -b -1 -e", "ipmitool sel list | tail"],
        fix=["check power, BMC event log and hypervisor events at that time"],
        caused_by=["kernel.panic"],
    ),
    failure(
        "host.reclaimed",
        title="The cloud takes the machine away or restarts it",
        severity="warning",
        role="cause",
        what="A spot or preemptible machine was reclaimed, or the provider does maintenance on its host: the node is stopped, moved or "
             "replaced, and nothing on it is at fault.",
        log=[
            ("any", "interruption", r"(?:Spot|Instance|Rebalance) ?(?:Interruption|Termination)(?: Notice| Warning)|SpotInterruption|"
                                    r"instance interruption event|interruption event (?:received|has occurred)"),
            ("any", " scheduled: ", r"\b(?:Preempt|Terminate|Redeploy|Reboot) Scheduled: "),
            ("any", "preempted", r"instance (?:was|has been|is being) preempted"),
            ("any", "termination notice", r"spot (?:instance )?termination notice"),
        ],
        confirm=["kubectl get events -A --field-selector involvedObject.name={node}", "look at the provider's activity log of the machine"],
        fix=["let the pool make a new node; kubectl delete node {node} when the machine is gone", "spread critical pods over other pools"],
    ),
    failure(
        "host.unreachable",
        title="The host is silent: no SSH and no heartbeat",
        severity="critical",
        role="cause",
        what="Neither this side nor the API server hears of it: powered off, kernel hung, or cut off from the network.",
        confirm=[
            "ping -c 3 {node}",
            "from a node of the same subnet: ip neigh show; ping -c 3 {node}",
            "ask the BMC, the hypervisor or the cloud for its power state and console",
        ],
        fix=[
            "do not force-delete its pods and set no out-of-service taint before power-off is proven",
            "off: power it on; hung: reset it by BMC, hypervisor or cloud",
            "network: check its link and switch port from the other side",
        ],
        caused_by=["kernel.panic", "host.shutdown", "host.unclean_shutdown", "host.reclaimed", "nic.link_down", "nic.bond_down",
                   "net.no_default_route", "kernel.soft_lockup", "memory.thrash"],
    ),
    failure(
        "host.powered_off",
        title="The host is off, or its link is dead",
        severity="critical",
        role="cause",
        what="Not even ARP is answered to a neighbour, or its BMC or cloud says that the power is off. A dead cable or switch port looks the "
             "same.",
        confirm=["ask the BMC, the hypervisor or the cloud for its power state",
                 "from a node of the same subnet: ip neigh show; ping -c 3 {node}"],
        fix=[
            "powered off: power it on, and see its event log for who or what did it",
            "powered on: check link and switch port",
            "do not force-delete its pods and set no out-of-service taint before power-off is proven",
        ],
        caused_by=["host.shutdown", "host.unclean_shutdown", "host.reclaimed", "nic.link_down", "nic.bond_down"],
    ),
    failure(
        "host.hung",
        title="The host hangs: its kernel answers, no program does",
        severity="critical",
        role="cause",
        what="Ports accept connections and ping is answered, both by the kernel; sshd and the kubelet say nothing. No memory, dead storage "
             "under the root file system, or a frozen virtual machine.",
        confirm=["its console, by BMC, hypervisor or cloud: hung task, out of memory or I/O error lines"],
        fix=["save its console first", "reset it by BMC, hypervisor or cloud"],
        caused_by=["kernel.panic", "kernel.soft_lockup", "kernel.hung_task", "memory.thrash", "pids.exhausted", "storage.io_error",
                   "storage.nvme_dead", "disk.read_only"],
    ),
    failure(
        "host.cut_off",
        title="The host runs, and its traffic is cut off",
        severity="critical",
        role="cause",
        what="A neighbour sees it alive, and the API server or this side does not: a firewall, a route, a switch's filter or an MTU stands "
             "between.",
        confirm=["from a node of the same subnet: ping -c 3 {node}",
                 "on its console: ip route; iptables-save | head -50; nft list ruleset | head -50"],
        fix=["look for the last change of firewall, routes, security group or switch filter",
             "its pods may still run: do not force-delete them"],
        caused_by=["nic.link_down", "nic.bond_down", "net.no_default_route", "net.firewall_reloaded"],
    ),
    failure(
        "host.kubelet_only",
        title="The host lives, and its kubelet does not report",
        severity="critical",
        role="cause",
        what="The host answers and no heartbeat comes: the kubelet is stopped, crashes or hangs. Why was not seen, because SSH did not let us "
             "in.",
        confirm=["nc -w 5 {node} 10250 </dev/null", "on its console: systemctl status kubelet; journalctl -u kubelet -e"],
        fix=["get in (console, or mend SSH), then triage it again", "on its console: systemctl restart kubelet"],
        caused_by=["kubelet.stopped", "kubelet.failed", "kubelet.crash_loop", "memory.oom.kubelet", "disk.full", "pids.exhausted",
                   "host.rebooted"],
    ),
    failure(
        "host.ssh_only",
        title="Only SSH is broken: the kubelet still reports",
        severity="warning",
        role="cause",
        what="The node's heartbeat is fresh, so the node works; sshd, its key, the firewall or the way from here to port 22 does not.",
        confirm=["kubectl get node {node}", "ssh -v {node} true", "kubectl debug node/{node} -it --image=busybox"],
        fix=["through kubectl debug node/{node}: chroot /host systemctl status sshd", "check the firewall between here and port 22"],
    ),
]
