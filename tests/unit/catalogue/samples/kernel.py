# Copyright: kubetriage.node contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

SAMPLES = {
    "kernel.panic": {
        "hits": [
            ("kernel 4.14", "kernel", "[99551.000000] Kernel panic - not syncing: softlockup: hung tasks"),
            ("kernel 6.1, console", "kernel", "Nov 23 02:13:07 w2 kernel: Kernel panic - not syncing: Fatal exception in interrupt"),
        ],
        "misses": [
            ("kernel 5.15", "kernel", "[    0.000000] Kernel command line: BOOT_IMAGE=/vmlinuz root=/dev/sda1 panic=10"),
            ("kernel 5.15", "kernel", "[    0.900000] Kernel/User page tables isolation: enabled"),
        ],
    },
    "kernel.oops": {
        "hits": [
            ("kernel 3.10", "kernel", "[ 9955.000000] BUG: unable to handle kernel NULL pointer dereference at 0000000000000050"),
            ("kernel 5.15", "kernel", "[ 9955.000000] BUG: unable to handle page fault for address: ffffa0e480000000"),
            ("kernel 4.15", "kernel", "[ 9955.000000] general protection fault: 0000 [#1] SMP PTI"),
            ("kernel 6.1", "kernel", "[ 9955.000000] general protection fault, probably for non-canonical address 0xdead000000000108: 0000 [#1] PREEMPT SMP NOPTI"),
            ("kernel 5.4", "kernel", "[ 9955.000000] kernel BUG at mm/slub.c:321!"),
            ("kernel 6.1 arm64", "kernel", "[ 9955.000000] Internal error: Oops: 0000000096000004 [#1] SMP"),
        ],
        "misses": [
            ("kernel 5.15, an application crashed", "kernel", "[ 9955.000000] traps: nginx[4242] general protection fault ip:7f1c2a3b4c5d sp:7ffd00000000 error:0 in libc.so.6[7f1c2a000000+195000]"),
            ("kernel 4.15, an application crashed", "kernel", "[ 9955.000000] app[4242]: segfault at 0 ip 000000000040052d sp 00007ffc error 4 in app[400000+1000]"),
            ("kernel 5.15", "kernel", "[ 9955.000000] BUG: soft lockup - CPU#1 stuck for 22s! [kworker/1:0:42]"),
        ],
    },
    "kernel.hung_task": {
        "hits": [
            ("kernel 3.10", "kernel", "[ 9955.000000] INFO: task docker:2241 blocked for more than 120 seconds."),
            ("kernel 5.15", "kernel", "Nov 23 02:13:07 w2 kernel: INFO: task jbd2/sda1-8:342 blocked for more than 241 seconds."),
            ("kernel 6.1", "kernel", "[ 9955.000000] INFO: task runc:[1:CHILD]:31337 blocked for more than 122 seconds."),
            ("kernel 6.8", "kernel", "[ 9955.000000] INFO: task kworker/u64:2:811 blocked for more than 122 seconds."),
        ],
        "misses": [
            ("kernel 5.15", "kernel", "[ 9955.000000] perf: interrupt took too long (2512 > 2500), lowering kernel.perf_event_max_sample_rate to 79500"),
            ("kernel 5.15", "kernel", "[ 9955.000000] \"echo 0 > /proc/sys/kernel/hung_task_timeout_secs\" disables this message."),
        ],
    },
    "kernel.soft_lockup": {
        "hits": [
            ("kernel 3.10", "kernel", "[ 9955.000000] NMI watchdog: BUG: soft lockup - CPU#1 stuck for 22s! [kworker/1:0:1042]"),
            ("kernel 2.6.32", "kernel", "Nov 23 02:13:07 w2 kernel: BUG: soft lockup - CPU#3 stuck for 67s! [java:2345]"),
            ("kernel 5.4", "kernel", "[ 9955.000000] watchdog: BUG: soft lockup - CPU#7 stuck for 23s! [runc:[1:CHILD]:20112]"),
            ("kernel 6.5", "kernel", "[ 9955.000000] watchdog: BUG: soft lockup - CPU#2 stuck for 26s! [swapper/2:0]"),
            ("kernel 4.4", "kernel", "[ 9955.000000] INFO: rcu_sched self-detected stall on CPU"),
            ("kernel 5.15", "kernel", "[ 9955.000000] rcu: INFO: rcu_sched detected stalls on CPUs/tasks:"),
            ("kernel 5.14", "kernel", "[ 9955.000000] NMI watchdog: Watchdog detected hard LOCKUP on cpu 12"),
        ],
        "misses": [
            ("kernel 5.15", "kernel", "[    0.500000] NMI watchdog: Enabled. Permanently consumes one hw-PMU counter."),
            ("kernel 5.15", "kernel", "[    0.500000] rcu: Hierarchical SRCU implementation."),
        ],
    },
    "kernel.mce": {
        "hits": [
            ("kernel 5.10", "kernel", "[ 9955.000000] mce: Uncorrected hardware memory error in user-access at 7f1c2a000"),
            ("kernel 4.15", "kernel", "[ 9955.000000] {1}[Hardware Error]: event severity: fatal"),
            ("kernel 5.4", "kernel", "[ 9955.000000] {2}[Hardware Error]: event severity: recoverable"),
            ("kernel 3.10", "kernel", "[ 9955.000000] mce: [Hardware Error]: CPU 2: Machine Check Exception: 5 Bank 7: be00000000010091"),
            ("kernel 4.18", "kernel", "[ 9955.000000] EDAC MC1: 1 UE memory read error on CPU_SrcID#1_MC#0_Chan#2_DIMM#0 (channel:2 slot:0 page:0x7f1c2 offset:0x0 grain:32)"),
            ("kernel 5.15", "kernel", "[ 9955.000000] Memory failure: 0x7f1c2a: Sending SIGBUS to java:4242 due to hardware memory corruption"),
        ],
        "misses": [
            ("kernel 4.18", "kernel", "[ 9955.000000] EDAC MC0: 1 CE memory read error on CPU_SrcID#0_MC#0_Chan#1_DIMM#0 (channel:1 slot:0 page:0x1 offset:0x0 grain:32)"),
            ("kernel 5.4", "kernel", "[ 9955.000000] {1}[Hardware Error]: event severity: corrected"),
            ("kernel 5.15", "kernel", "[ 9955.000000] mce: [Hardware Error]: Machine check events logged"),
            ("kernel 4.15", "kernel", "[ 9955.000000] mce: CMCI storm detected: switching to poll mode"),
        ],
    },
    "kernel.netdev_refcount": {
        "hits": [
            ("kernel 3.10", "kernel", "[ 9955.000000] unregister_netdevice: waiting for lo to become free. Usage count = 1"),
            ("kernel 5.15", "kernel", "Nov 23 02:13:07 w2 kernel: unregister_netdevice: waiting for veth1a2b3c4d to become free. Usage count = 2"),
        ],
        "misses": [
            ("kernel 5.15", "kernel", "[ 9955.000000] cni0: port 3(veth1a2b3c4d) entered disabled state"),
        ],
    },
}
