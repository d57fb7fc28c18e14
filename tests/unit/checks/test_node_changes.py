# Copyright: kubetriage.node contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What was changed on a node, each kind alone, in the form in which the node tells it."""

import json

import pytest
from ansible_collections.kubetriage.node.plugins.module_utils.checks import named
from ansible_collections.kubetriage.node.plugins.module_utils.node import Missing
from ansible_collections.kubetriage.node.plugins.module_utils.node.bundle import Bundle
from ansible_collections.kubetriage.node.plugins.module_utils.result import iso

NOW = 1795399200.0  # 2026-11-23T02:00:00Z
HOUR = NOW - 3600


class Gone(Bundle):
    """A node that has nothing but what is given: the rest was looked for, and is not there."""

    def _absent(self, what):
        return Missing(what, "no such file or directory")


def node(paths=None, files=None, commands=None):
    contents = {"paths.json": json.dumps(paths or {})}
    contents.update({"files" + path: text for path, text in (files or {}).items()})
    for name, out in (commands or {}).items():
        contents.update({"commands/%s/rc" % name: "0", "commands/%s/stdout" % name: out})
    return Gone("w1", NOW, contents)


def stat(when, kind="file"):
    return {"stat": {"kind": kind, "size": 1, "mtime": int(when), "mode": 420, "uid": 0, "target": None}}


def listed(when, *names):
    return dict(stat(when, "dir"), list=list(names))


def told(given):
    result = named("changes")(given, 3600)
    assert not result["findings"] and result["status"] in ("ok", "unknown")
    return [(change["what"], change["time"]) for change in result["facts"]["changes"]]


SHOW = "Id=kubelet.service\nLoadState=loaded\nActiveState=active\nNRestarts=%d\nActiveEnterTimestamp=Mon 2026-11-23 01:00:00 UTC\n" \
       "FragmentPath=/lib/systemd/system/kubelet.service\nDropInPaths=/etc/systemd/system/kubelet.service.d/10-kubeadm.conf\n"


@pytest.mark.parametrize("given, expected", [
    (dict(paths={"/var/log/dpkg.log": stat(HOUR)}, files={"/var/log/dpkg.log": "2026-11-23 02:00:00 upgrade kubelet:amd64 1.29.1 1.29.2\n"}),
     ("package kubelet 1.29.1 -> 1.29.2", HOUR)),
    (dict(paths={"/var/log/dpkg.log": stat(NOW), "/var/log/dpkg.log.1": stat(HOUR)},
          files={"/var/log/dpkg.log": "", "/var/log/dpkg.log.1": "2026-11-23 01:00:00 install runc:amd64 <none> 1.1\n"}),
     ("package runc 1.1 installed", HOUR)),
    (dict(commands={"rpm-installed": "%d containerd.io 1.6.31-3.1.el9\n%d bash 5-1\n" % (HOUR, NOW - 400 * 86400)}),
     ("package containerd.io 1.6.31-3.1.el9 installed", HOUR)),
    (dict(paths={"/lib/modules": {"list": ["6.1.0-9-amd64", "6.1.0-28-amd64", "6.1.0-30-amd64"]}, "/lib/modules/6.1.0-30-amd64": stat(HOUR, "dir")},
          files={"/proc/sys/kernel/osrelease": "6.1.0-28-amd64\n"}),
     ("kernel 6.1.0-30-amd64 was installed; 6.1.0-28-amd64 runs until the next boot", HOUR)),
    (dict(files={"/proc/uptime": "3600.00 7000.00\n", "/proc/1/stat": "1 (init) S " + " ".join(["0"] * 18) + " 3 0 0\n"}),
     ("the node started", HOUR)),
    (dict(files={"/proc/uptime": "90000.00 7000.00\n", "/proc/1/stat": "1 (a) b) S " + " ".join(["0"] * 18) + " 8640000 0 0\n"}),
     ("the node started", HOUR)),
    (dict(paths={"/var/lib/kubelet/config.yaml": stat(HOUR)}), ("/var/lib/kubelet/config.yaml was written", HOUR)),
    (dict(paths={"/etc/cni/net.d": listed(HOUR, "10-a.conflist"), "/etc/cni/net.d/10-a.conflist": stat(HOUR)}),
     ("/etc/cni/net.d/10-a.conflist was written", HOUR)),
    (dict(paths={"/etc/cni/net.d": listed(HOUR)}), ("/etc/cni/net.d: entries came, went or were renamed", HOUR)),
    (dict(paths={"/etc/systemd/system/kubelet.service.d/10-kubeadm.conf": stat(HOUR)}, commands={"systemctl-show": SHOW % 3}),
     ("/etc/systemd/system/kubelet.service.d/10-kubeadm.conf was written", HOUR)),
    (dict(commands={"systemctl-show": SHOW % 0}), ("kubelet.service was started", HOUR)),
    (dict(commands={"journal-services": "%f w1 systemd[1]: Reloaded firewalld.service - firewalld - dynamic firewall daemon.\n" % HOUR}),
     ("firewalld.service: reloaded", HOUR)),
    (dict(commands={"journal-services": "%f w1 systemd[1]: Started Raise network interfaces.\n" % HOUR}),
     ("Raise network interfaces: started", HOUR)),
], ids=lambda given: given[0].split()[0] if isinstance(given, tuple) else "")
def test_a_change_is_told_with_its_time(given, expected):
    assert told(node(**given)) == [(expected[0], iso(expected[1]))]


@pytest.mark.parametrize("given", [
    dict(paths={"/var/lib/kubelet/config.yaml": stat(NOW - 15 * 86400)}),
    dict(paths={"/var/lib/kubelet/config.yaml": stat(NOW + 7200)}),
    dict(paths={"/lib/modules": {"list": ["6.1.0-9-amd64"]}, "/lib/modules/6.1.0-9-amd64": stat(HOUR)},
         files={"/proc/sys/kernel/osrelease": "6.1.0-28-amd64\n"}),
    dict(commands={"journal-services": "%f w1 firewalld[9]: systemd[1]: Started it\n" % HOUR}),
    dict(commands={"systemctl-show": SHOW % 3}),
], ids=["long ago", "in the future", "an older kernel", "another's words", "restarted by systemd"])
def test_what_is_no_change_of_late_is_not_told(given):
    assert told(node(**given)) == []


def test_a_place_that_cannot_be_seen_costs_no_other():
    hung = {"stat": {"error": "timed_out", "what": "/etc/kubernetes/kubelet.conf", "why": "its file system does not answer"}}
    given = node(paths={"/etc/kubernetes/kubelet.conf": hung, "/var/lib/kubelet/config.yaml": stat(HOUR)})
    assert told(given) == [("/var/lib/kubelet/config.yaml was written", iso(HOUR))]
    gap, = [gap for gap in named("changes")(given, 3600)["not_checked"] if gap["what"] == "configuration files"]
    assert "does not answer" in gap["why"]


def test_many_changes_are_cut_to_the_newest():
    log = "".join("2026-11-2%d %02d:%02d:%02d upgrade kubelet%d:all 1 2\n" % (day, hour, minute, second, number)
                  for number, (day, hour, minute, second) in enumerate((2, hour, minute, 0) for hour in range(10, 24) for minute in range(60)))
    changes = told(node(paths={"/var/log/dpkg.log": stat(NOW - 60)}, files={"/var/log/dpkg.log": log}))
    assert len(changes) == 200 and "kubelet839" in changes[0][0]
