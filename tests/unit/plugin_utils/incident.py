# Copyright: kubetriage.node contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Evidence for the tests of diagnosis and reports: a small catalogue, and findings in the shape that the checks give."""

NOW = "2026-11-23T02:20:19Z"
FAMILIES = ("storage", "nic", "host", "time", "disk", "memory", "pids", "runtime", "cert", "api", "cni", "kubelet", "node", "raid")


def _entry(severity, role, caused_by=(), **more):
    return dict({"severity": severity, "role": role, "caused_by": list(caused_by), "log": [], "confirm": [], "fix": [], "repair": None}, **more)


FAILURES = {
    "memory.oom.container": _entry("warning", "cause"),
    "memory.oom.node": _entry("critical", "cause"),
    "memory.oom.kubelet": _entry(
        "critical", "cause", ["memory.oom.node"], title="The kernel's OOM killer killed the kubelet", repair="drain",
        fix=["kubectl -n {namespace} set resources pod/{pod} --limits=memory=1Gi", "kubectl delete pod {pod} -n {namespace}"],
        confirm=["journalctl -k | grep -i oom", "kubectl describe node {node}"]),
    "memory.low": _entry("warning", "cause"),
    "disk.full": _entry("critical", "cause", ["cert.client_expired"], fix=["df -h {mount}", "awk '{print $1}' /proc/mounts"],
                        confirm=["du -x {mount}"], title="A file system is full"),
    "disk.nearly_full": _entry("warning", "cause", title="A file system is nearly full"),
    "runtime.hung": _entry("critical", "cause", ["disk.full"], title="The container runtime hangs", repair="restart_runtime",
                           fix=["systemctl restart {unit}"], confirm=["crictl info"]),
    "runtime.stopped": _entry("critical", "cause", ["memory.oom.node"], title="The container runtime is stopped"),
    "cert.client_expired": _entry("critical", "cause", ["time.skew"], title="The kubelet's client certificate has expired"),
    "cert.client_expires_soon": _entry("warning", "cause"),
    "time.skew": _entry("critical", "cause"),
    "cni.chains_flushed": _entry("critical", "cause", title="The service chains of kube-proxy are gone"),
    "cni.not_initialized": _entry("critical", "symptom", ["runtime.hung", "runtime.stopped"]),
    "kubelet.stopped": _entry("critical", "cause", title="The kubelet is stopped", repair="restart_kubelet"),
    "kubelet.failed": _entry("critical", "symptom", ["memory.oom.kubelet"], title="The kubelet's unit has failed"),
    "kubelet.pleg_unhealthy": _entry("critical", "symptom", ["runtime.hung"], title="PLEG is not healthy"),
    "kubelet.bad_flag": _entry("critical", "cause"),
    "kubelet.crash_loop": _entry("critical", "symptom", ["kubelet.bad_flag", "cert.client_expired", "disk.full"]),
    "kubelet.unauthorized": _entry("critical", "symptom", ["cert.client_expired"]),
    "kubelet.not_posting": _entry("critical", "symptom", [
        "kubelet.stopped", "kubelet.failed", "kubelet.crash_loop", "kubelet.unauthorized", "host.unreachable", "host.rebooted", "disk.full",
        "nic.link_down", "kubelet.stale_connection", "api.refused"]),
    "kubelet.not_ready": _entry("critical", "symptom", ["kubelet.pleg_unhealthy", "cni.not_initialized", "runtime.stopped", "runtime.hung"]),
    "host.unreachable": _entry("critical", "cause", title="The node is silent on both sides", confirm=["ping -c 3 {node}"]),
    "host.ssh_only": _entry("warning", "presence", title="SSH fails while the kubelet posts"),
    "host.unclean_shutdown": _entry("info", "cause", title="The host went down without a shutdown"),
    "host.rebooted": _entry("info", "cause", ["host.unclean_shutdown"], title="The host was rebooted"),
    "runtime.metadata_corrupt": _entry("critical", "cause", ["host.unclean_shutdown"]),
    "storage.fs_error": _entry("critical", "cause"),
    "disk.read_only": _entry("critical", "cause", ["storage.fs_error"]),
    "storage.nvme_timeout": _entry("warning", "cause"),
    "disk.pressure": _entry("warning", "symptom", ["disk.full", "disk.filling"]),
    "disk.filling": _entry("warning", "presence", title="A file system fills up"),
    "api.etcd_failing": _entry("critical", "cause", ["storage.nvme_timeout"]),
    "api.refused": _entry("critical", "cause", ["disk.pressure", "api.etcd_failing"]),
    "nic.link_down": _entry("critical", "cause", title="A network link is down"),
    "kubelet.stale_connection": _entry("critical", "cause", ["nic.link_down"], fix=["systemctl restart {unit}"]),
    "raid.degraded": _entry("warning", "presence", title="An md array runs without all of its members"),
}
for _name, _failure in FAILURES.items():
    _failure.setdefault("title", _name)


def finding(name, severity=None, since=None, until=None, subject=None, text=None, source="journal kubelet", basis="log", failures=None, **data):
    """A finding as a check gives it; times are "HH:MM:SS" of the night."""
    failure = (failures or FAILURES)[name]
    return {"id": name, "severity": severity or failure["severity"], "title": failure["title"], "subject": subject or {}, "since": at(since),
            "until": at(until), "evidence": [{"source": source, "time": at(since), "text": text or name + " seen"}], "data": dict(data, basis=basis)}


def at(time):
    return time and f"2026-11-23T{time}Z"


def check(name, *findings, status=None, gaps=(), facts=None):
    worst = any(found["severity"] != "info" for found in findings)
    return {"check": name, "status": status or ("problem" if worst else "ok"), "summary": "", "findings": list(findings),
            "facts": facts or {}, "not_checked": [{"what": what, "why": why} for what, why in gaps], "duration_s": 0.1}


def view(ready="True", transition="00:00:00", renewed="02:20:15", nodes=24, not_ready=(), message=""):
    return {"name": "node-worker-02", "uid": "1", "created": at("00:00:00"), "labels": {}, "addresses": [], "unschedulable": False, "taints": [],
            "conditions": [{"type": "Ready", "status": ready, "reason": "Kubelet", "message": message, "transition": at(transition),
                            "heartbeat": at(transition)}],
            "lease": {"renewed": at(renewed), "holder": "node-worker-02", "duration_s": 40}, "info": {"kubelet": "v1.35.4"}, "capacity": {},
            "allocatable": {}, "events": [], "pods": [], "cluster": {"nodes": nodes, "not_ready": list(not_ready)}, "not_checked": [], "read_at": NOW}


def evidence(*checks, control_plane=None, reach=None, **more):
    return dict({"node": "node-worker-02", "reach": reach or {"how": "ssh", "ok": True, "error": None, "kind": None}, "checks": list(checks),
                 "control_plane": control_plane, "now": NOW}, **more)


def the_night():
    """node-worker-02: a leaking pod takes the memory, the OOM killer the kubelet, and nothing starts it again."""
    gib = 1 << 30
    oom = finding(
        "memory.oom.kubelet", since="02:13:07", until="02:13:07", source="kernel", scope="node", trigger="leaky",
        text="Out of memory: Killed process 812 (kubelet) total-vm:1873400kB, anon-rss:98304kB, file-rss:0kB, shmem-rss:0kB, UID:0",
        subject={"pod": "leaky-7d4f9c-x2x8p", "namespace": "shop", "container": "app", "pod_uid": "3f0c6f1e-5f0f-4c3e-9e0e-1d2c3b4a5f60", "comm": "kubelet"},
        victim={"comm": "kubelet", "pid": 812, "rss_bytes": 98304 * 1024, "adj": -999}, count=1, mem_total_bytes=int(15.6 * gib),
        culprit={"name": "leaky", "pod": "leaky-7d4f9c-x2x8p", "namespace": "shop", "container": "app", "bytes": int(13.1 * gib), "limit_bytes": None,
                 "limit_known": True})
    oom["evidence"].append({"source": "kernel", "time": at("02:13:07"), "text": "tasks table: leaky, 3435212 pages = 13.1 GiB"})
    return evidence(
        check("kubelet_health", finding("kubelet.failed", since="02:13:08", basis="state", source="systemctl show kubelet", subject={"unit": "kubelet"},
                                        text="ActiveState=failed Result=signal ExecMainStatus=9 Restart=no")),
        check("runtime_health"), check("oom_scan", oom), check("cni_chain_check"),
        check("node_resources", finding("disk.nearly_full", "info", basis="state", subject={"mount": "/var"}, used=0.81, source="statvfs /var",
                                        text="81 % of 19.5 GiB used, 3.7 GiB left")),
        check("api_path"), check("kernel_health", gaps=[("SMART", "smartctl not installed")]),
        check("control_plane", finding("kubelet.not_posting", since="02:13:50", basis="api", source="control plane",
                                       text="Ready=Unknown NodeStatusUnknown: Kubelet stopped posting node status.")),
        control_plane=view("Unknown", "02:13:50", "02:13:02", not_ready=["node-worker-02"], message="Kubelet stopped posting node status."),
        impact={"pods": 9, "terminating": 0, "evicts_at": at("02:24:07"), "evicts_in_s": 228, "unmanaged": [], "stateful": ["shop/db-0"]})
