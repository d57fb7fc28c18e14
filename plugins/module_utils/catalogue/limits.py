# Copyright: kubetriage.node contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Kernel tables with a limit: inotify, files, conntrack, neighbours, cgroups, the xtables lock."""

from .entry import failure

# by a program of the node itself, not by what was started in a container
_OPENS = (r"^(?!.*(?:failed to exec in container|\bprobe\b)).*?\b(?:accept4?(?: \w+ \S+)?|socket|pipe2?|open \S+|openat|dial \w+ \S+"
          r"|fork/exec \S+)(?: \S+)?: too many open files(?! in system)")
_NONE_LEFT = r"(?:no space left on device|cannot allocate memory)"
FAILURES = [
    failure(
        "limits.inotify_instances",
        title="inotify instances are used up",
        severity="critical",
        role="cause",
        what="Reported as too many open files, but it is fs.inotify.max_user_instances, counted per user. cAdvisor, static pod watching "
             "or the CNI watcher cannot start.",
        log=[
            ("any", "too many open files",
             r"(?:inotify_init1?|inotify instance|fsnotify watcher|fsnotify|inotify)[^:]{0,60}:? too many open files"),
            ("any", "too many open files", r"failed to start plugin watcher[^:]{0,60}: too many open files"),
            ("any", "too many open files",
             r"(?:Failed to allocate directory watch|creat\w+ (?:file|directory|config|\w+)? ?watcher|failed complete)[^:]{0,60}:"
             r" too many open files"),  # the last one is kube-proxy's
        ],
        confirm=[
            "sysctl fs.inotify.max_user_instances",
            "find /proc/[0-9]*/fd -lname 'anon_inode:inotify' 2>/dev/null | cut -d/ -f3 | sort | uniq -c | sort -n | tail",
        ],
        fix=[
            "sysctl -w fs.inotify.max_user_instances=8192; echo fs.inotify.max_user_instances=8192 > /etc/sysctl.d/90-inotify.conf",
            "systemctl restart kubelet",
        ],
    ),
    failure(
        "limits.inotify_watches",
        title="inotify watches are used up",
        severity="critical",
        role="cause",
        what="Reported as no space left on device, which df can never explain: it is fs.inotify.max_user_watches, counted per user.",
        log=[
            ("any", "no space left on device", r"inotify[_ ]add[_ ]watch.{0,300}no space left on device"),
            ("any", "no space left on device", r"(?:inotify|fsnotify)[^:]{0,80}watch.{0,200}: no space left on device"),
            ("any", "insufficient watch descriptors", r"Insufficient watch descriptors available"),
            ("any", "inotify resources exhausted", r"inotify resources exhausted"),
        ],
        confirm=["sysctl fs.inotify.max_user_watches", "cat /proc/[0-9]*/fdinfo/* 2>/dev/null | grep -c '^inotify wd'"],
        fix=[
            "sysctl -w fs.inotify.max_user_watches=524288; echo fs.inotify.max_user_watches=524288 > /etc/sysctl.d/90-inotify.conf",
            "systemctl restart kubelet",
        ],
    ),
    failure(
        "limits.files",
        title="The node has no file handles left",
        severity="critical",
        role="cause",
        what="fs.file-max, the limit of the whole kernel, is reached: nothing can open a file or a socket.",
        log=[
            ("kernel", "file-max limit", r"VFS: file-max limit (?P<maximum>\d+) reached"),
            ("any", "too many open files in system", r"too many open files in system"),
        ],
        confirm=[
            "cat /proc/sys/fs/file-nr",
            "for p in /proc/[0-9]*; do echo $(ls $p/fd 2>/dev/null | wc -l) $(cat $p/comm); done | sort -n | tail -5",
        ],
        fix=["sysctl -w fs.file-max=9223372036854775807", "restart what holds the handles"],
    ),
    failure(
        "limits.open_files",
        title="A node service has no file descriptors left",
        severity="critical",
        role="cause",
        what="The process reached its own limit (LimitNOFILE): it accepts no connection and opens no file until it is restarted or the "
             "limit is raised.",
        log=[
            ("kubelet", "too many open files", _OPENS),
            ("runtime", "too many open files", _OPENS),
            ("cni", "too many open files", _OPENS),
        ],
        confirm=["systemctl show -p LimitNOFILE,MainPID {unit}", "ls /proc/$(systemctl show -p MainPID --value {unit})/fd | wc -l"],
        fix=["LimitNOFILE=1048576 in a drop-in of the unit: systemctl edit {unit}", "systemctl restart {unit}"],
    ),
    failure(
        "limits.conntrack",
        title="The connection tracking table is full",
        severity="critical",
        role="cause",
        what="New connections are dropped, those of local health checks included; a watchdog may then restart a healthy kubelet.",
        log=[("kernel", "conntrack: table full", r"(?:nf|ip)_conntrack: table full(?: in netns (?P<netns>\d+))?, dropping packet")],
        confirm=[
            "sysctl net.netfilter.nf_conntrack_count net.netfilter.nf_conntrack_max",
            "conntrack -L 2>/dev/null | grep -oE 'src=[0-9.]+' | sort | uniq -c | sort -n | tail",
        ],
        fix=[
            "sysctl -w net.netfilter.nf_conntrack_max=1048576   # and kube-proxy conntrack.maxPerCore, which sets it again",
            "find who opens the connections",
        ],
    ),
    failure(
        "limits.neighbours",
        title="The neighbour (ARP) table is full",
        severity="critical",
        role="cause",
        what="The kernel cannot learn further addresses of the subnet; connections fail with no buffer space. One table serves the host "
             "and all pods.",
        log=[("kernel", "table overflow", r"(?:(?:arp_cache|ndisc_cache): )?neighbou?r table overflow")],
        confirm=["ip -s neigh | wc -l; sysctl net.ipv4.neigh.default.gc_thresh3"],
        fix=[
            "sysctl -w net.ipv4.neigh.default.gc_thresh1=8192 net.ipv4.neigh.default.gc_thresh2=32768 "
            "net.ipv4.neigh.default.gc_thresh3=65536; for IPv6 the same with net.ipv6.neigh.default.",
        ],
    ),
    failure(
        "limits.cgroups",
        title="The kernel cannot create another cgroup",
        severity="critical",
        role="cause",
        what="cgroups of dead containers are never freed (kernel memory accounting of 3.10 and early 4.x), or a cpuset is empty. "
             "No pod starts; df and free look fine.",
        log=[
            ("any", "/sys/fs/cgroup", r"^(?!.*inotify).*?/sys/fs/cgroup/\S*: " + _NONE_LEFT),
            ("any", "cgroup.procs", r"cgroup\.procs: " + _NONE_LEFT),
        ],
        confirm=["cat /proc/cgroups", "uname -r", "systemd-cgls --no-pager | wc -l"],
        fix=["drain and reboot the node", "update the kernel, or boot with cgroup.memory=nokmem"],
        repair="drain",
    ),
    failure(
        "limits.keyrings",
        title="The kernel's keyring quota is used up",
        severity="critical",
        role="cause",
        what="Each container gets a session keyring of its user, and kernel.keys.maxkeys bounds them: no container starts. "
             "The quota of the message is no disk's.",
        log=[("any", "disk quota exceeded", r"unable to (?:create session key|join session keyring)[^\n]{0,80}: disk quota exceeded")],
        confirm=["cat /proc/key-users", "sysctl kernel.keys.maxkeys kernel.keys.maxbytes kernel.keys.root_maxkeys"],
        fix=["sysctl -w kernel.keys.maxkeys=20000 kernel.keys.maxbytes=500000", "find what restarts containers all the time"],
    ),
    failure(
        "limits.xtables_lock",
        title="iptables waits for its lock",
        severity="warning",
        role="symptom",
        what="Only one program can change the rules at a time. On an overloaded node, or with very many rules, kube-proxy and CNI plugins "
             "time out.",
        log=[
            ("any", "resource temporarily unavailable", r"ip6?tables(?:-restore|-save)?\b.{0,60}resource temporarily unavailable"),
            ("any", "holding the xtables lock", r"Another app is currently holding the xtables lock"),
            ("any", "total time:", r"iptables (?:save|restore)\W.{0,160}total time: ?(?:\d{2,}|[2-9])(?:\.\d+)?s|"
                                   r"iptables (?:save|restore)\W.{0,160}total time: ?(?:\d{2,}|[2-9])\d{3}ms"),
        ],
        confirm=["iptables-save | wc -l; time iptables -L -n > /dev/null", "fuser -v /run/xtables.lock"],
        fix=["find who holds it (fuser); with tens of thousands of rules change kube-proxy to ipvs or nftables mode"],
        caused_by=["memory.thrash", "kernel.soft_lockup", "storage.io_stall"],
    ),
]
