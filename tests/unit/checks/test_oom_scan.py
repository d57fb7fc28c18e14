# Copyright: kubetriage.node contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Scope, victim and culprit of a case file, and what the node knows of the pod, each from as little of a report as tells it."""

import json

import pytest
from ansible_collections.kubetriage.node.plugins.module_utils.checks import named
from ansible_collections.kubetriage.node.plugins.module_utils.node.bundle import Bundle

NOW = 1795400000.0  # 2026-11-23T02:13:20Z
UID, ID = "3f0c6f1e-8a52-4b0e-9d6c-2f1d7c0a9b11", "9b7c" * 16
POD = "/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod%s.slice" % UID.replace("-", "_")
SCOPE = POD + "/cri-containerd-%s.scope" % ID
COLON = "/system.slice/containerd.service/kubepods-burstable-pod%s.slice:cri-containerd:%s" % (UID.replace("-", "_"), ID)
OUTER, PODMAN = "/docker/" + "1" * 64, "/machine.slice/libpod-%s.scope" % ID
SIZES = "total-vm:2097152kB, anon-rss:1048576kB, file-rss:0kB, shmem-rss:0kB, UID:0 pgtables:99kB oom_score_adj:%d"
HEAD = "[  pid  ]   uid  tgid total_vm      rss pgtables_bytes swapents oom_score_adj name"


def kill(comm="java", limit=None, task=SCOPE, pid=4242, adj=900):
    """The two lines with which kernels from 5.1 on end a report; without a limit it is of the whole node."""
    line = "oom-kill:constraint=CONSTRAINT_%s,nodemask=(null),cpuset=/,mems_allowed=0,%s,task_memcg=%s,task=%s,pid=%d,uid=0"
    return [line % ("MEMCG" if limit else "NONE", "oom_memcg=" + limit if limit else "global_oom", task, comm, pid),
            last(comm, bool(limit), pid, adj)]


def last(comm="java", memcg=True, pid=4242, adj=900):
    return "%s: Killed process %d (%s) %s" % ("Memory cgroup out of memory" if memcg else "Out of memory", pid, comm, SIZES % adj)


def row(comm, pages, pid=77, adj=0):
    return "[%7d]     0 %5d %8d %8d    40960        0         %5d %s" % (pid, pid, pages * 2, pages, adj, comm)


def scan(*lines, journal="", files=(), step=0):
    contents = {
        "commands/dmesg/argv.json": "[]", "commands/dmesg/rc": "0", "commands/dmesg/stderr": "",
        "commands/dmesg/stdout": "".join("[%5d.000000] %s\n" % (1000 + step * place, line) for place, line in enumerate(lines)),
        "commands/journal/argv.json": "[]", "commands/journal/rc": "0", "commands/journal/stderr": "", "commands/journal/stdout": journal,
        "files/proc/uptime": "2000.0 1.0", "paths.json": json.dumps({path: {"list": names} for path, names in files}),
    }
    return named("oom_scan")(Bundle("w1", NOW, contents), 3600)


def only(*lines, **how):
    (finding,) = scan(*lines, **how)["findings"]
    return finding


def ids(*lines, **how):
    return [(finding["id"], finding["severity"]) for finding in scan(*lines, **how)["findings"]]


@pytest.mark.parametrize("lines, expected", [
    (kill(), "memory.oom.node"),
    (kill(limit=SCOPE), "memory.oom.container"),
    (kill(limit=POD), "memory.oom.pod"),
    (kill(limit="/kubepods.slice"), "memory.oom.allocatable"),
    (kill(limit="/kubepods/besteffort"), "memory.oom.allocatable"),
    (kill("haproxy", limit="/system.slice", task="/system.slice/haproxy.service"), "memory.oom.reserved"),
    (kill("cc1", limit="/user.slice/user-1000.slice", task="/user.slice/user-1000.slice/session-4.scope"), "memory.oom.service"),
    (kill(limit="/lxc/204", task="/lxc/204/ns" + SCOPE), "memory.oom.outer"),
    (kill(limit=OUTER, task=OUTER + "/kubelet/kubepods/besteffort/pod" + UID), "memory.oom.outer"),
    (kill(limit="/tenants/7", task="/tenants/7" + SCOPE), "memory.oom.outer"),  # whoever made it: it has the pods below it
    (kill("sshd", limit="/tenants/7", task="/tenants/7/system.slice/ssh.service"), "memory.oom.outer"),
    (kill("redis", limit=OUTER, task=OUTER), "memory.oom.container"),  # docker run -m, beside the kubelet
    (kill("redis", limit=PODMAN, task=PODMAN + "/container"), "memory.oom.container"),
    (kill("kubelet", task="/system.slice/kubelet.service"), "memory.oom.kubelet"),
    (kill("k3s-server", task="/system.slice/k3s.service"), "memory.oom.kubelet"),
    (kill("dockerd", task="/system.slice/docker.service"), "memory.oom.runtime"),
    (kill("dockerd", limit=SCOPE), "memory.oom.container"),  # docker in docker
    (kill("dockerd"), "memory.oom.node"),
    (kill("exe", task="/system.slice/docker.service"), "memory.oom.node"),
    (kill("glusterfs", task="/system.slice/kubelet.service"), "memory.oom.node"),
    (kill("runc:[2:INIT]", limit=SCOPE), "memory.oom.start"),
    (kill("flanneld", limit=SCOPE), "memory.oom.agent"),
    (["x invoked oom-killer: gfp_mask=0xcc0(GFP_KERNEL), order=0, oom_score_adj=0", "Out of memory and no killable processes..."],
     "memory.oom.unkillable"),
    (["oom-kill:constraint=CONSTRAINT_CPUSET,nodemask=(null),cpuset=a,mems_allowed=1,global_oom,task_memcg=/a,task=vpp,pid=5,uid=0",
      last("vpp", False, 5)], "memory.oom.cpuset"),
])
def test_whose_memory_ran_out(lines, expected):
    assert only(*lines)["id"] == expected


def test_a_limit_that_kills_the_kubelet_is_the_cause_and_its_death_the_effect():
    assert ids(*kill("kubelet", limit="/podruntime.slice", task="/podruntime.slice/kubelet.service", adj=-999)) == [
        ("memory.oom.reserved", "critical"), ("memory.oom.kubelet", "critical")]


@pytest.mark.parametrize("lines, expected", [
    ([last()], ("memory.oom.container", "warning")),
    ([last("kubelet", adj=-999)], ("memory.oom.reserved", "warning")),
    ([last(memcg=False)], ("memory.oom.node", "critical")),
    (["Memory cgroup out of memory: Kill process 7 (hyperkube) score 9 or sacrifice child"], ("memory.oom.reserved", "warning")),
    (["Killed process 7 (node), UID 1000, total-vm:606096kB, anon-rss:68308kB, file-rss:13648kB, shmem-rss:0kB"],
     ("memory.oom.node", "warning")),
    (["java invoked oom-killer: gfp_mask=0xcc0(GFP_KERNEL), order=0, oom_score_adj=999"], ("memory.oom.container", "warning")),
    (["kubelet invoked oom-killer: gfp_mask=0xcc0(GFP_KERNEL), order=0, oom_score_adj=-999"], ("memory.oom.node", "warning")),
    (["java invoked oom-killer: gfp_mask=0xcc0(GFP_KERNEL), order=0, oom_score_adj=999", " __alloc_pages_slowpath+0xd5e/0xe50"],
     ("memory.oom.node", "critical")),
    (["kubelet invoked oom-killer: gfp_mask=0xcc0(GFP_KERNEL), order=0, oom_score_adj=-999", " mem_cgroup_out_of_memory+0xba/0xd0"],
     ("memory.oom.reserved", "warning")),
    ([HEAD, row("systemd-journal", 9), row("java", 999, adj=900)], ("memory.oom.node", "critical")),
    ([kill(limit="/kubepods.slice")[0][:-20]], ("memory.oom.allocatable", "warning")),
])
def test_what_a_fragment_tells(lines, expected):
    assert ids(*lines)[0] == expected


def test_no_report():
    for line in ("oom_reaper: reaped process 812 (kubelet), now anon-rss:0kB, file-rss:0kB, shmem-rss:0kB", "OOM killer enabled.",
                 "TCP: out of memory -- consider tuning tcp_mem"):
        assert scan(line)["status"] == "ok" and ids(line) == []


def test_sysrq_is_no_shortage():
    header = "kworker/3:1 invoked oom-killer: gfp_mask=0xcc0(GFP_KERNEL), order=-1, oom_score_adj=0"
    assert ids(header, *kill()) == [("memory.oom.manual", "info")]


def test_a_line_that_no_kernel_prints_is_not_believed():
    forged = kill(limit=SCOPE)[0].replace("oom_memcg=" + SCOPE, "global_oom")
    result = scan(forged, last())
    assert result["findings"] == [] and "no kernel prints" in result["not_checked"][0]["why"]


def test_the_culprit_is_who_held_most():
    found = only(HEAD, row("java", 700000, pid=50, adj=1000), row("java", 700000, pid=51, adj=1000), row("kubelet", 25000, adj=-999),
                 *kill("kubelet", task="/system.slice/kubelet.service"))
    culprit = found["data"]["culprit"]
    assert (culprit["name"], culprit["processes"], culprit["bytes"], culprit["adj"]) == ("java", 2, 1400000 * 4096, 1000)
    assert found["subject"]["unit"] == "kubelet.service" and found["data"]["victim"]["comm"] == "kubelet"
    assert found["data"]["killed"] == [["kubelet", 1]] and "who" not in found["data"]


def test_the_culprits_pod_is_told_by_an_earlier_kill():
    first = kill("leaky", pid=50)
    second = [HEAD, row("leaky", 700000, pid=51), row("nginx", 9, pid=60)] + kill("nginx", task="/a", pid=60)
    found = only(*(first + second))
    assert found["data"]["culprit"]["pod_uid"] == UID and found["data"]["count"] == 2
    two = kill("leaky", pid=50) + kill("leaky", pid=49, task=SCOPE.replace("3f0c6f1e", "00000000"))
    assert only(*(two + second))["data"]["culprit"]["pod_uid"] is None  # which of the two pods?


def test_memory_that_no_process_holds():
    memory = ["x invoked oom-killer: gfp_mask=0xcc0(GFP_KERNEL), order=0, oom_score_adj=0", "Mem-Info:", "active_anon:1 inactive_anon:2",
              " mapped:1204 shmem:2900000 pagetables:9807 bounce:0", "4194174 pages RAM", "99120 pages reserved", HEAD,
              row("nginx", 20000, pid=60)]
    culprit = only(*(memory + kill("nginx", pid=60)))["data"]["culprit"]
    assert (culprit["name"], culprit["bytes"]) == ("tmpfs and shared memory", 2900000 * 4096)
    slab = [line.replace("mapped:1204 shmem:2900000", "slab_reclaimable:1 slab_unreclaimable:3000000") for line in memory]
    assert only(*(slab + kill("nginx", pid=60)))["data"]["culprit"]["name"] == "kernel slab"


def test_cgroup_v1_tells_the_child_that_held_most():
    stats = ["memory: usage 262144kB, limit 262144kB, failcnt 8412", "Memory cgroup stats for /podruntime.slice: cache:0KB rss:0KB",
             "Memory cgroup stats for /podruntime.slice/kubelet.service: cache:1204KB rss:49600KB",
             "Memory cgroup stats for /podruntime.slice/docker.service: cache:4410KB rss:1902200KB"]
    data = scan(*(stats + kill("kubelet", "/podruntime.slice", "/podruntime.slice/kubelet.service")))["findings"][0]["data"]
    assert [data["culprit"][key] for key in ("name", "bytes", "limit_bytes")] == ["docker.service", 1902200 << 10, 256 << 20]


def test_kills_without_a_header_are_of_the_limit_of_the_kills_around():
    finding = only(*(kill(limit="/kubepods.slice") + [last(pid=5000)]), step=2)
    assert (finding["id"], finding["data"]["count"]) == ("memory.oom.allocatable", 2)


def test_the_kubelets_death_is_what_the_node_came_to():
    lines = kill("nginx", pid=1) + kill("kubelet", task="/system.slice/kubelet.service", pid=2) + kill("nginx", pid=3)
    finding = only(*lines, step=60)
    assert (finding["id"], finding["data"]["victim"]["comm"], finding["data"]["killed"]) == (
        "memory.oom.kubelet", "kubelet", [["nginx", 2], ["kubelet", 1]])
    assert only(*lines, step=2000)["id"] == "memory.oom.node"  # it has come back since


def test_a_pod_that_dies_again_and_again():
    finding = only(*[line for pid in range(9) for line in kill(limit=SCOPE, pid=100 + pid)])
    assert (finding["data"]["count"], finding["subject"]["pod_uid"], finding["subject"]["container_id"]) == (9, UID, ID)


def test_a_runtime_that_makes_its_own_cgroups():
    assert ids(*kill(task=COLON)) == [("memory.oom.node", "critical"), ("kubelet.cgroup_driver_mismatch", "warning")]
    assert ids(*kill(limit=COLON, task=COLON)) == [("memory.oom.container", "warning"), ("kubelet.cgroup_driver_mismatch", "info")]


PREFIX = "1795399999.000000 w1 kubelet[812]: I1123 02:13:19.000000     812 kubelet.go:1] "


@pytest.mark.parametrize("journal, named", [
    (PREFIX + 'SyncLoop (PLEG): "orders-7c9f-4xk2p_shop(%s)", event: &pleg.PodLifecycleEvent{ID:"%s"}' % (UID, UID), None),
    (PREFIX + '"SyncLoop (PLEG): event for pod" pod="shop/orders-7c9f-4xk2p" event=&{ID:%s Type:ContainerDied Data:%s}' % (UID, ID), None),
    (PREFIX + '"Killing container with a grace period" pod="shop/orders-7c9f-4xk2p" podUID="%s" containerName="app" '
     'containerID="containerd://%s"' % (UID, ID), "app"),
    ('1795399999.000000 w1 containerd[701]: time="x" level=info msg="RunPodSandbox for &PodSandboxMetadata{Name:orders-7c9f-4xk2p,Uid:%s,'
     'Namespace:shop,Attempt:0,}"\n1795399999.000000 w1 containerd[701]: time="x" level=info msg="CreateContainer within sandbox '
     '\\"0a\\" for &ContainerMetadata{Name:app,Attempt:3,} returns container id \\"%s\\""' % (UID, ID), "app"),
    ('1795399999.000000 w1 dockerd[701]: time="x" level=warning msg="k8s_app_orders-7c9f-4xk2p_shop_%s_3 exited"' % UID, None),
    (PREFIX + 'open /var/log/pods/shop_orders-7c9f-4xk2p_%s/app/0.log: no such file; /var/log/containers/orders-7c9f-4xk2p_shop_app-%s.log'
     % (UID, ID), "app"),
])
def test_names_from_the_journal(journal, named):
    subject = only(*kill(limit=SCOPE), journal=journal)["subject"]
    assert (subject["namespace"], subject["pod"], subject.get("container")) == ("shop", "orders-7c9f-4xk2p", named)


def test_names_from_the_log_directories():
    subject = only(*kill(limit=SCOPE), files=[("/var/log/pods", ["shop_orders-7c9f-4xk2p_" + UID])])["subject"]
    assert (subject["namespace"], subject["pod"]) == ("shop", "orders-7c9f-4xk2p")


def test_the_uid_when_nothing_names_it():
    subject = only(*kill(limit=SCOPE), journal=PREFIX + "something else")["subject"]
    assert subject["pod_uid"] == UID and "pod" not in subject
