# Copyright: kubetriage.node contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Each check says what is wrong with a node, and nothing about a healthy one.

healthy/ is a bundle recorded on a worker of the lab (kubelet 1.35.4, containerd 1.6.20, systemd 252, kernel 6.18, Debian 12). Each row changes it in
one way, as the fault would.
"""

import json
import pathlib

import pytest
from ansible_collections.kubetriage.node.plugins.module_utils.checks import CHECKS, ROUTINE, named
from ansible_collections.kubetriage.node.plugins.module_utils.node import cri
from ansible_collections.kubetriage.node.plugins.module_utils.node.bundle import Bundle

HEALTHY = pathlib.Path(__file__).parent / "healthy"
SOCKET = "/run/containerd/containerd.sock"
NOW = 1795467624.39688


def contents():
    return {str(path.relative_to(HEALTHY)): path.read_text(encoding="utf-8") for path in sorted(HEALTHY.rglob("*")) if path.is_file()}


def put(name, text):
    return lambda bundle: bundle.__setitem__(name, text)


def swap(name, old, new):
    def change(bundle):
        assert old in bundle[name], "%s is not in %s" % (old, name)
        bundle[name] = bundle[name].replace(old, new)
    return change


def error(name, kind, why):
    return put("commands/%s/rc" % name, json.dumps({"error": kind, "what": name, "why": why}))


def paths(changes):
    """Change what list, stat and statvfs said: path -> {kind: answer}."""
    def change(bundle):
        said = json.loads(bundle["paths.json"])
        for path, answers in changes.items():
            said.setdefault(path, {}).update(answers)
        bundle["paths.json"] = json.dumps(said)
    return change


def said(name, **changes):
    def change(bundle):
        answer = json.loads(bundle["commands/%s/stdout" % name])
        answer.update(changes)
        bundle["commands/%s/stdout" % name] = json.dumps(answer)
    return change


def unit(name, **properties):
    """Change the properties of one unit in the answer of systemctl show."""
    def change(bundle):
        blocks = bundle["commands/systemctl-show/stdout"].split("\n\n")
        for number, block in enumerate(blocks):
            if "Id=%s.service" % name in block.split("\n"):
                lines = [line for line in block.split("\n") if line.partition("=")[0] not in properties]
                blocks[number] = "\n".join(lines + ["%s=%s" % each for each in properties.items()])
        bundle["commands/systemctl-show/stdout"] = "\n\n".join(blocks)
    return change


def without(*names):
    return lambda bundle: [bundle.pop(name) for name in names]


def both(*changes):
    return lambda bundle: [change(bundle) for change in changes]


def run(check, change=lambda bundle: None):
    bundle = contents()
    change(bundle)
    return named(check)(Bundle("w1", NOW, bundle), 3600)


def serious(result):
    return {found["id"]: found for found in result["findings"] if found["severity"] != "info"}


FULL = {"size": 3 << 30, "free": 0, "avail": 0, "files": 1000, "ffree": 900, "readonly": False}
NO_INODES = dict(FULL, avail=1 << 30, free=1 << 30, ffree=0)
READ_ONLY = dict(FULL, avail=1 << 30, free=1 << 30, readonly=True)
NO_CHAINS = "*filter\n:INPUT ACCEPT [0:0]\n:FORWARD DROP [0:0]\n:OUTPUT ACCEPT [0:0]\nCOMMIT\n*nat\n:PREROUTING ACCEPT [0:0]\n:OUTPUT ACCEPT [0:0]\nCOMMIT\n"
FLUSHED = ("*nat\n:PREROUTING ACCEPT [0:0]\n:KUBE-KUBELET-CANARY - [0:0]\nCOMMIT\n*filter\n:INPUT ACCEPT [0:0]\n:INPUT_ZONES - [0:0]\n"
           "-A INPUT -j INPUT_ZONES\nCOMMIT\n")
WARNED = "# Warning: iptables-legacy tables present, use iptables-legacy-save to see them\n" + FLUSHED
DOCKER_DROP = ("*filter\n:FORWARD DROP [0:0]\n-A FORWARD -m comment --comment \"kubernetes forwarding rules\" -j KUBE-FORWARD\n-A FORWARD -o docker0 "
               "-m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT\n-A FORWARD -i docker0 ! -o docker0 -j ACCEPT\nCOMMIT\n")
DROPPED = "-A OUTPUT -p tcp -m tcp --dport 6443 -j DROP\nCOMMIT"
FOR_STRANGERS = "-A INPUT ! -s 10.0.0.0/8 -p tcp -m tcp --dport 6443 -j DROP\nCOMMIT"
REFUSED = dict(step="resolve", status=None, offset_s=None, error="connection refused", errno=111)
NO_ROUTE = dict(step="resolve", status=None, offset_s=None, error="no route to host", errno=113)
LATE = dict(step="resolve", status=None, offset_s=None, error="timed out", errno=None)

FAULTS = [
    ("kubelet_health", unit("kubelet", ActiveState="inactive", SubState="dead", MainPID="0"), "kubelet.stopped", "ActiveState=inactive"),
    ("kubelet_health", unit("kubelet", ActiveState="failed", SubState="failed", Result="signal", MainPID="0"), "kubelet.failed", "Result=signal"),
    ("kubelet_health", unit("kubelet", ActiveState="activating", SubState="auto-restart", MainPID="0"), "kubelet.crash_loop", "auto-restart"),
    ("kubelet_health", said("kubelet-healthz", status=None, error="timed out"), "kubelet.healthz_failing", "timed out"),
    ("kubelet_health", said("kubelet-healthz", status=500, body="[-]syncloop failed"), "kubelet.healthz_failing", "HTTP 500"),
    ("runtime_health", unit("containerd", ActiveState="inactive", SubState="dead", MainPID="0"), "runtime.stopped", "ActiveState=inactive"),
    ("runtime_health", unit("containerd", ActiveState="failed", SubState="failed", Result="exit-code", MainPID="0"), "runtime.failed", "exit-code"),
    ("runtime_health", error("cri-status", "timed_out", "no answer within 5 s"), "runtime.hung", "no answer within 5 s"),
    ("runtime_health", error("cri-status", "unavailable", "connection refused"), "runtime.socket_refused", "connection refused"),
    ("runtime_health", error("cri-status", "missing", "no such file or directory"), "runtime.socket_refused", "no such socket"),
    ("runtime_health", both(error("cri-status", "missing", "no such file or directory"), paths({"/run/crio/crio.sock": {"stat": {"kind": "socket"}}})),
     "runtime.wrong_endpoint", "there is /run/crio/crio.sock"),
    ("runtime_health", said("cri-status", calls={"Version": {"code": cri.UNIMPLEMENTED, "message": "unknown service runtime.v1.RuntimeService"}}),
     "runtime.cri_disabled", "unknown service"),
    ("runtime_health", said("cri-status", calls={"Version": {"code": 0, "message": ""}, "ListContainers": None}), "runtime.hung", "ListContainers"),
    ("runtime_health", said("cri-status", conditions=[{"type": "RuntimeReady", "status": False, "reason": "X", "message": "y"}]),
     "runtime.not_ready", "reason:X"),
    ("runtime_health", said("cri-status", conditions=[{"type": "NetworkReady", "status": False, "reason": "NetworkPluginNotReady", "message": "m"}]),
     "cni.not_initialized", "NetworkPluginNotReady"),
    ("node_resources", paths({"/var/lib/kubelet": {"statvfs": FULL}}), "disk.full", "0 B left"),
    ("node_resources", paths({"/var/lib/kubelet": {"statvfs": NO_INODES}}), "disk.inodes_full", "1000 inodes"),
    ("node_resources", paths({"/var/lib/kubelet": {"statvfs": READ_ONLY}}), "disk.read_only", "/var/lib/kubelet ext4"),
    ("node_resources", put("commands/pids-cgroups/stdout", json.dumps([
        {"path": "/", "current": 1950, "max": 2000},
        {"path": "/kubepods/besteffort/podedb6ec95-9f42-47f8-84ab-b240518a3115", "current": 1800, "max": None}])), "pids.exhausted", "1950 of 2000"),
    ("node_resources", put("commands/pids-cgroups/stdout", json.dumps([
        {"path": "/kubepods/podedb6ec95-9f42-47f8-84ab-b240518a3115", "current": 1000, "max": 1024}])), "pids.pod_limit", "1000 of 1024"),
    ("node_resources", put("files/proc/loadavg", "0.1 0.1 0.1 1/192000 99"), "pids.exhausted", "192000 threads"),
    ("node_resources", put("files/proc/meminfo", "MemTotal: 16000000 kB\nMemAvailable: 50000 kB\n"), "memory.low", "MemAvailable 48.8 MiB"),
    ("node_resources", both(put("files/proc/meminfo", "MemTotal: 16000000 kB\nMemAvailable: 50000 kB\n"), put(
        "files/proc/pressure/memory", "some avg10=90.00 avg60=1 avg300=1 total=1\nfull avg10=80.12 avg60=1 avg300=1 total=1\n")),
     "memory.thrash", "avg10=80.12"),
    ("node_resources", put("files/proc/sys/fs/file-nr", "990\t0\t1000\n"), "limits.files", "990 of 1000"),
    ("node_resources", both(put("files/proc/sys/net/netfilter/nf_conntrack_count", "65536"), put("files/proc/sys/net/netfilter/nf_conntrack_max", "65536")),
     "limits.conntrack", "65536 of 65536"),
    ("cni_chain_check", paths({"/etc/cni/net.d": {"list": [".kubernetes-cni-keep"]}}), "cni.config_missing", ".kubernetes-cni-keep"),
    ("cni_chain_check", put("files/etc/cni/net.d/10-lab.conflist", '{"name": "x", "plug'), "cni.config_invalid", ""),
    ("cni_chain_check", swap("files/etc/cni/net.d/10-lab.conflist", '"type": "portmap"', '"type": "calico"'), "cni.binary_missing", "no calico"),
    ("cni_chain_check", put("commands/iptables-save/stdout", NO_CHAINS), "cni.chains_flushed", "no KUBE-SERVICES chain"),
    ("cni_chain_check", put("commands/iptables-save/stdout", NO_CHAINS), "cni.forward_drop", "FORWARD DROP"),
    ("cni_chain_check", both(put("commands/iptables-save/stdout", FLUSHED), error("processes", "unavailable", "not given")), "cni.chains_flushed",
     "INPUT_ZONES"),
    ("cni_chain_check", put("commands/iptables-save/stdout", DOCKER_DROP), "cni.forward_drop", "FORWARD DROP"),
    ("cni_chain_check", swap("commands/iptables-save/stdout", "-A KUBE-FIREWALL ! -s", "-A KUBE-FIREWALL -m comment --comment \"x\" -j DROP\n-A KUBE-FIREWALL "
                             "! -s"), "cni.drop_all", "-j DROP"),
    ("cni_chain_check", swap("commands/iptables-save/stdout", "COMMIT", DROPPED), "api.port_dropped", "--dport 6443"),
    ("cni_chain_check", swap("commands/iptables-save/stdout", "COMMIT", DROPPED.replace("6443", "10250")), "net.kubelet_port_dropped", "--dport 10250"),
    ("cni_chain_check", both(put("commands/iptables-save/stdout", WARNED), error("processes", "unavailable", "not given")), "cni.backend_mix", "unseen"),
    ("cni_chain_check", put("files/sys/class/net/host0/mtu", "1450\n"), "cni.mtu", "50 bytes of header more than 1450"),
    ("cni_chain_check", put("files/proc/sys/net/ipv4/ip_forward", "0\n"), "cni.ip_forward_off", "0"),
    ("api_path", said("api-request", **REFUSED), "api.refused", "connection refused"),
    ("api_path", said("api-request", **LATE), "api.timeout", "timed out"),
    ("api_path", both(said("api-request", **LATE), swap("commands/iptables-save/stdout", "COMMIT", DROPPED)), "api.port_dropped", "--dport 6443"),
    ("api_path", said("api-request", **NO_ROUTE), "api.no_route", "no route"),
    ("api_path", said("api-request", step=None, addresses=[], status=None, error="Name or service not known"), "api.name_unresolved", "not known"),
    ("api_path", said("api-request", step="connect", status=None, error="certificate verify failed: unable to get local issuer certificate"),
     "cert.unknown_authority", "issuer"),
    ("api_path", said("api-request", status=401, body='{"message":"Unauthorized"}'), "api.unauthorized", "401 Unauthorized"),
    ("api_path", said("api-request", offset_s=-7200), "time.skew", "7200 s ahead"),
    ("api_path", said("api-request", offset_s=7), "time.unsynchronized", "7 s behind"),
    ("api_path", both(said("api-request", **REFUSED), swap("commands/iptables-save/stdout", "COMMIT", FOR_STRANGERS)), "api.refused", "connection refused"),
    ("node_resources", put("commands/pids-cgroups/stdout", json.dumps([
        {"path": "/", "current": 5000, "max": None}, {"path": "/system.slice/containerd.service", "current": 4915, "max": 4915},
        {"path": "/kubepods/besteffort/podedb6ec95-9f42-47f8-84ab-b240518a3115", "current": 40, "max": None}])), "pids.service_limit", "4915 of 4915"),
    ("kernel_health", put("files/sys/class/net/host0/operstate", "down\n"), "nic.link_down", "down"),
    ("kernel_health", both(put("files/proc/net/route", "Iface\tDestination\tGateway\n"), put("files/proc/net/ipv6_route", "")),
     "net.no_default_route", "no default"),
    ("kernel_health", put("files/proc/mdstat", "Personalities : [raid1]\nmd0 : active raid1 sdb1[1] sda1[0](F)\n      1000 blocks super 1.2 [2/1] [_U]\n\n"
                          "unused devices: <none>\n"), "raid.degraded", "[_U]"),
]


@pytest.mark.parametrize("check", ROUTINE)
def test_a_healthy_node_has_nothing_to_report(check):
    result = run(check)
    assert not serious(result) and result["status"] == "ok"
    assert not [gap for gap in result["not_checked"] if "not in the bundle" in gap["why"] or "cannot be understood" in gap["why"]]


@pytest.mark.parametrize("check, change, failure, quoted", FAULTS, ids=["%s-%d" % (row[2], number) for number, row in enumerate(FAULTS)])
def test_a_fault_is_found_and_quoted(check, change, failure, quoted):
    found = serious(run(check, change))
    assert failure in found, "found %s" % sorted(found)
    assert any(quoted in quote["text"] for quote in found[failure]["evidence"])


def outcome(name, text, rc="0", err=""):
    """What a program of that name printed."""
    return both(*(put("commands/%s/%s" % (name, part), said) for part, said in (("argv.json", "[]"), ("rc", rc), ("stdout", text), ("stderr", err))))


NO_MODE = swap("files/proc/65/cmdline", "--proxy-mode=iptables\0", "")
HINTS = "*mangle\n:KUBE-IPTABLES-HINT - [0:0]\n:KUBE-KUBELET-CANARY - [0:0]\nCOMMIT\n*filter\n:INPUT ACCEPT [0:0]\n:KUBE-FIREWALL - [0:0]\nCOMMIT\n"
PUBLIC = ("*filter\n:INPUT ACCEPT [0:0]\n:FORWARD ACCEPT [0:0]\n:PUBLIC - [0:0]\n:UNUSED - [0:0]\n-A INPUT -i eth1 -j PUBLIC\n"
          "-A PUBLIC -p tcp -m tcp --dport 6443 -j DROP\n-A PUBLIC -p tcp -m tcp --dport 10250 -j DROP\n-A UNUSED -p tcp --dport 6443 -j DROP\nCOMMIT\n")
ROUTE6 = ("00000000000000000000000000000000 00 00000000000000000000000000000000 00 fd000000000000000000000000000001 00000400 00000001 00000000 00000003 "
          "    eth0\n")
SOLE6 = both(put("files/proc/net/route", "Iface\tDestination\tGateway\n"), put("files/proc/net/ipv6_route", ROUTE6))
HARMLESS = {
    "composefs": ("node_resources", both(  # OpenShift 4.19, Fedora CoreOS 41, bootc
        swap("files/proc/mounts", "overlay / overlay rw,", "composefs / overlay ro,"), swap("files/proc/mounts", "/dev/loop0 /var/lib/containerd ext4",
                                                                                            "/dev/vda4 /var ext4 rw 0 0\n/dev/loop0 /var/lib/containerd ext4"),
        paths({"/": {"statvfs": dict(FULL, size=8 << 20, files=100, ffree=0, readonly=True)}, "/var": {"statvfs": dict(FULL, free=2 << 30, avail=2 << 30)}}))),
    "proxy with nftables by its file": ("cni_chain_check", both(NO_MODE, outcome("iptables-save", HINTS), outcome("nft-tables", "table ip kube-proxy\n"))),
    "proxy of which nobody can tell": ("cni_chain_check", both(NO_MODE, outcome("iptables-save", HINTS), error("nft-tables", "missing", "no such file"))),
    "VROC": ("kernel_health", put("files/proc/mdstat", "Personalities : [raid1]\nmd126 : active raid1 sda[1] sdb[0]\n      1000 blocks super external:/md127/0 "
                                  "[2/2] [UU]\n\nmd127 : inactive sdb[1](S) sda[0](S)\n      6306 blocks super external:imsm\n\nunused devices: <none>\n")),
    "a bond of the module": ("kernel_health", both(paths({"/proc/net/bonding": {"list": ["bond0"]}}), put(
        "files/proc/net/bonding/bond0", "Ethernet Channel Bonding Driver: v6.1.0\n\nBonding Mode: load balancing (round-robin)\nMII Status: down\n"))),
    "IPv6 alone": ("kernel_health", SOLE6),
    "a port that strangers may not use": ("cni_chain_check", both(outcome("iptables-save", PUBLIC), swap(
        "files/proc/65/cmdline", "--proxy-mode=iptables", "--proxy-mode=nftables"))),
    "a service at its own limit": ("node_resources", put("commands/pids-cgroups/stdout", json.dumps([
        {"path": "/", "current": 150, "max": 2000}, {"path": "/system.slice/tiny.service", "current": 1, "max": 1}]))),
}


@pytest.mark.parametrize("name", HARMLESS)
def test_what_only_looks_bad(name):
    check, change = HARMLESS[name]
    assert not serious(run(check, change))


def test_without_a_way_there_ipv6_is_one():
    assert set(serious(run("api_path", both(said("api-request", **NO_ROUTE), SOLE6)))) == {"api.no_route"}


def test_the_journal_of_systemd_219_is_read_by_its_iso_times():
    """RHEL 7: "Unknown output format 'short-unix'." """
    def change(bundle):
        unit("kubelet", ActiveState="failed", SubState="failed", Result="exit-code", MainPID="0")(bundle)
        outcome("journal", "", "1", "Unknown output format 'short-unix'.")(bundle)
        outcome("journal-iso", "2026-11-23T20:59:30+0000 w1 kubelet[812]: Error: failed to parse kubelet flag: unknown flag: --no-such\n")(bundle)

    found = serious(run("kubelet_health", change))
    assert found["kubelet.bad_flag"]["evidence"][0]["time"] == "2026-11-23T20:59:30Z"


def test_a_healthz_that_a_flag_switched_off_is_not_asked():
    def change(bundle):
        said("kubelet-healthz", status=None, error="connection refused")(bundle)
        for name in bundle:
            if name.endswith("/cmdline") and "kubelet" in bundle[name].partition("\0")[0]:
                bundle[name] += "--healthz-port=0\0"

    result = run("kubelet_health", change)
    assert result["facts"]["flags"]["healthz-port"] in (0, "0") and not serious(result)


@pytest.mark.parametrize("name, flag, found", [
    ("w1", "", False), ("other", "", True), ("other", "--cloud-provider=external\0", True), ("other", "--cloud-provider=aws\0", False)])
def test_a_node_has_the_name_of_its_certificate(name, flag, found):
    """A cloud provider within the kubelet names the node by the cloud's word, whatever the host is called."""
    change = swap("files/proc/66/cmdline", "--hostname-override=w1\0", "--hostname-override=%s\0%s" % (name, flag))
    assert ("kubelet.wrong_node_name" in serious(run("kubelet_health", change))) == found


@pytest.mark.parametrize("check", CHECKS)
def test_an_empty_bundle_is_unknown_and_never_a_cause(check):
    result = named(check)(Bundle("w1", NOW, {}), 3600)
    assert not result["findings"] and result["not_checked"]


@pytest.mark.parametrize("check, name", [(check, name) for check in CHECKS for name in sorted(contents()) if name.startswith(("files", "commands"))
                                         and not name.endswith(("argv.json", "/rc"))])
def test_one_unreadable_answer_costs_no_more_than_itself(check, name):
    """Garbage in any one file: no exception, and no cause made of it (an answer that cannot be read is unknown)."""
    run(check, put(name, "\x00\xff{[garbage"))
    run(check, put(name, ""))
