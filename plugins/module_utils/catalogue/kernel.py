# Copyright: kubetriage.node contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The kernel itself, CPU and memory hardware."""

from .entry import failure

_TRAP = r"^(?!.*traps:).*\b(?:divide error|double fault|stack segment): [0-9a-f]{4} \[#\d+\]"  # of the kernel; those of programs are no bug
_BOOT = r"Linux version \d+\.\d"  # the first line of a boot: what the kernel had before is gone

FAILURES = [
    failure(
        "kernel.panic",
        title="The kernel panicked",
        severity="critical",
        role="cause",
        what="The whole node stopped, and reboots if kernel.panic is set. Nothing on the node could report it: the lines come from the "
             "console, pstore or a dump.",
        log=[
            ("kernel", "kernel panic - not syncing", r"(?<!end )Kernel panic - not syncing: (?P<reason>.{0,160})"),
            ("any", "saving vmcore", r"kdump: saving vmcore(?! failed)"),
        ],
        ends=[("kernel", "linux version", _BOOT)],
        confirm=["journalctl -k -b -1 -n 100", "ls /sys/fs/pstore /var/crash"],
        fix=[
            "match the panic's reason with known bugs of this kernel (uname -r); update kernel or firmware",
            "sysctl -w kernel.panic=10 lets the node come back by itself",
        ],
        caused_by=["kernel.oops", "kernel.mce", "kernel.soft_lockup", "kernel.hung_task", "memory.oom.unkillable", "memory.oom.node",
                   "storage.nvme_dead"],
    ),
    failure(
        "kernel.oops",
        title="The kernel hit a bug (oops) and goes on damaged",
        severity="critical",
        role="cause",
        what="The task that ran was killed, and locks it held stay taken: hung tasks, an unkillable container or a panic follow. "
             "Only a reboot makes it whole.",
        log=[
            ("kernel", "bug: unable to handle", r"BUG: unable to handle (?:kernel |page fault|NULL)"),
            ("kernel", "kernel null pointer dereference", r"(?:BUG:|Unable to handle) kernel NULL pointer dereference"),
            ("kernel", "unable to handle kernel",  # arm, powerpc, s390, riscv
             r"(?<!BUG: )Unable to handle kernel (?:paging request|read from|write to|execut|access |data access|instruction fetch|pointer )"),
            ("kernel", "general protection fault", r"^(?!.*traps:).*general protection fault(?:, [^:]{1,80})?: [0-9a-f]{4} \[#\d+\]"),
            ("kernel", "kernel bug at", r"kernel BUG at (?P<where>\S+)"),
            ("kernel", "internal error: ", r"Internal error: (?:Oops|.{1,80} \[#\d+\])"),
            ("kernel", "oops: ", r"\bOops: .{1,120} \[#\d+\]"),
            ("kernel", "divide error", _TRAP), ("kernel", "double fault", _TRAP), ("kernel", "stack segment", _TRAP),
            ("kernel", "bug: bad page ", r"BUG: Bad page (?:state|map|cache)"),
            ("kernel", "invalid opcode", r"^(?!.*(?:traps:|trap invalid)).*invalid opcode: [0-9a-f]{4} \[#\d+\]"),
        ],
        ends=[("kernel", "linux version", _BOOT)],
        confirm=["journalctl -k | grep -A30 -E 'BUG:|Oops|general protection'", "cat /proc/sys/kernel/tainted"],
        fix=["kubectl drain {node} --ignore-daemonsets --delete-emptydir-data", "when that is done, on the node: systemctl reboot",
             "update the kernel if it comes back"],
        repair="drain",
        caused_by=["kernel.mce"],
    ),
    failure(
        "kernel.hung_task",
        title="Tasks hang in the kernel",
        severity="warning",
        role="cause",
        what="A task has waited in the kernel for two minutes and cannot be killed. If it belongs to the runtime or to a container, the "
             "runtime's calls hang with it. The kernel prints ten of these and then stops: silence later proves nothing.",
        log=[
            ("kernel", "blocked for more than",
             r"INFO: task (?P<comm>.{1,64}):(?P<pid>\d+) blocked for more than (?P<seconds>\d+) seconds"),
            # XFS tries again without end, and says so each hundredth time: memory is too fragmented, or a container's kernel memory used up
            ("kernel", "possible memory allocation deadlock",
             r"XFS: (?:(?P<comm>.{1,64})\((?P<pid>\d+)\) )?possible memory allocation deadlock"),
        ],
        ends=[("kernel", "linux version", _BOOT)],
        confirm=[
            "ps -eo state,pid,wchan:32,args | grep '^D'",
            "journalctl -k | grep -A20 'blocked for more than'",
            "echo w > /proc/sysrq-trigger; dmesg | tail -200",
        ],
        fix=[
            "read the stacks: nfs or rpc: file server; jbd2, xfs or blk: disk; shrink or kswapd: memory; cleanup_net: leaked network "
            "namespace",
            "tasks that never return need a reboot: kubectl drain {node} --ignore-daemonsets --delete-emptydir-data --timeout=5m",
            "then, on the node: systemctl reboot   # it hangs on tasks in state D: reset it by BMC, hypervisor or cloud",
        ],
        caused_by=["storage.nfs_gone", "storage.io_error", "storage.fs_error", "storage.nvme_timeout", "storage.nvme_dead",
                   "storage.io_stall", "raid.failed", "raid.controller_reset", "memory.thrash", "memory.oom.node", "kernel.oops",
                   "kernel.netdev_refcount", "disk.thin_pool_full"],
    ),
    failure(
        "kernel.soft_lockup",
        title="A CPU is stuck in the kernel",
        severity="critical",
        role="cause",
        what="A CPU did not schedule for 20 s or more; what runs there, and what waits for it, stands still. On a virtual machine the "
             "host is often overcommitted.",
        log=[
            ("kernel", "soft lockup - cpu",
             r"BUG: soft lockup - CPU#(?P<cpu>\d+) stuck for (?P<seconds>\d+)s!(?: \[(?P<comm>.{1,64}):(?P<pid>\d+)\])?"),
            ("kernel", "hard lockup on cpu", r"hard LOCKUP on cpu (?P<cpu>\d+)"),
            ("kernel", "detected stall on cpu", r"rcu\w* (?:self-)?detected stall on CPU"),
            ("kernel", "stalls on cpus", r"rcu\w* detected (?:expedited )?stalls on CPUs/tasks"),
            ("kernel", "workqueue lockup", r"BUG: workqueue lockup - pool .{0,80}stuck for (?P<seconds>\d+)s"),
        ],
        ends=[("kernel", "linux version", _BOOT)],
        confirm=[
            "grep -E '^cpu ' /proc/stat; vmstat 1 5   # st: time stolen by the host",
            "journalctl -k | grep -A25 -E 'soft lockup|rcu.*stall'",
        ],
        fix=["virtual machine: take load from its host or move it", "bare metal: update kernel and firmware; reboot: systemctl reboot"],
        caused_by=["kernel.mce", "kernel.oops", "memory.thrash"],
    ),
    failure(
        "kernel.mce",
        title="The hardware reports an error that was not corrected",
        severity="critical",
        role="cause",
        what="CPU, memory or bus returned wrong data and hardware could not repair it. Processes are killed or the kernel panics.",
        log=[
            ("kernel", "event severity:", r"\[Hardware Error\]: event severity: (?P<level>recoverable|fatal)"),
            ("kernel", "machine check exception", r"Machine Check(?: Exception)?: (?!0\b)\d|Machine Check Exception:"),
            ("kernel", "edac mc", r"EDAC MC\d+: (?:(?P<errors>\d+) )?UE "),
            ("kernel", "pcie bus error", r"PCIe Bus Error: severity=Uncorrect\w+ \(Fatal\)"),
            ("kernel", "memory failure: 0x", r"Memory failure: 0x[0-9a-f]+: (?:Sending SIGBUS|recovery action for|Killing)"),
            ("kernel", "uncorrected hardware memory error", r"Uncorrected hardware memory error"),
        ],
        confirm=["journalctl -k | grep -iE 'hardware error|mce|edac'", "ras-mc-ctl --errors", "ipmitool sel list"],
        fix=[
            "kubectl drain {node} --ignore-daemonsets --delete-emptydir-data",
            "replace the memory module or CPU that the report names (ras-mc-ctl --layout)",
        ],
        repair="drain",
    ),
    failure(
        "kernel.netdev_refcount",
        title="A network namespace cannot be removed: device reference leak",
        severity="warning",
        role="cause",
        what="The kernel waits for a device to become free and holds the lock under which namespaces are made and removed: containers can "
             "no longer start or stop.",
        log=[
            ("kernel", "unregister_netdevice: waiting for",
             r"unregister_netdevice: waiting for (?P<interface>\S+) to become free\. Usage count = (?P<usage>-?\d+)"),
        ],
        ends=[("kernel", "linux version", _BOOT)],
        least=(3, 60),  # said every 10 s; once or twice while a namespace is taken down
        confirm=["journalctl -k | grep unregister_netdevice", "ps -eo state,pid,wchan:32,args | grep -E 'cleanup_net|rtnl'"],
        fix=[
            "only a reboot frees it: kubectl drain {node} --ignore-daemonsets --delete-emptydir-data --timeout=5m",
            "when that is done, on the node: systemctl reboot",
            "update the kernel: the leak is a kernel bug",
        ],
        repair="drain",
    ),
]
