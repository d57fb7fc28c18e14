# Copyright: kubetriage.node contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Artifacts for the tests of reports, diagnosed from the evidence of the tests of diagnosis."""

import pathlib
import sys

from ansible_collections.kubetriage.node.plugins.plugin_utils import utc
from ansible_collections.kubetriage.node.plugins.plugin_utils.diagnosis import diagnose
from ansible_collections.kubetriage.node.plugins.plugin_utils.report import fleet

sys.path.insert(0, str(pathlib.Path(__file__).parents[1] / "plugin_utils"))
from incident import FAILURES, FAMILIES, check, evidence, finding, the_night, view  # noqa: E402

RUN = "20261123T022019Z"
TIMEOUT = {"how": "ssh", "ok": False, "error": "ssh: connect to host node port 22: Connection timed out", "kind": "timeout"}
CHECKS = [check(name) for name in ("kubelet_health", "runtime_health", "node_resources", "oom_scan")]

# What must not take effect anywhere: terminal escapes, HTML, script, Jinja, newlines, Markdown, XML, label ends, direction marks, half characters
HOSTILE = ("\x1b]0;pwned\x07\x1b[31m</td></code>]]>--><script>alert(1)</script><img src=x onerror=alert(1)>{{ 7*7 }}{% raw %}\r\n"
           "# head\n| a | b |\n```\n[x](javascript:alert(1)) @all https://evil.example ``` \u202e\u200b\ufeff\x00\x9b \ud800 \"} 1\n\\' &amp; <!--")


def artifact(said, name=None):
    said = dict(said, node=name or said["node"])
    return {"schema": "kubetriage.node/1", "run": RUN, "node": said["node"], "collected_at": said["now"], "reach": said["reach"],
            "verdict": diagnose(said, FAILURES, FAMILIES), "checks": said["checks"], "control_plane": said["control_plane"]}


def night():
    return artifact(the_night())


def healthy(name="node-worker-01", *found):
    return artifact(evidence(*CHECKS, *found, control_plane=view()), name)


def degraded(name, mount="/var"):
    return artifact(evidence(check("node_resources", finding("disk.full", basis="state", subject={"mount": mount}, used=0.99,
                                                             text="99 % of 19.5 GiB used", source="statvfs")), control_plane=view()), name)


def silent(name, control_plane=None, **reach):
    return artifact(evidence(reach=dict(TIMEOUT, **reach), control_plane=control_plane), name)


def unknown(name):
    return artifact(evidence(check("kubelet_health", status="unknown", gaps=[("kubelet unit", "systemctl timed out")])), name)


def two_causes(name="node-worker-03"):
    return artifact(evidence(
        check("cni_chain_check", finding("cni.chains_flushed", basis="state")),
        check("kubelet_health", finding("kubelet.stopped", since="02:13:08", basis="state", subject={"unit": "kubelet"})),
        check("control_plane", finding("kubelet.not_posting", since="02:13:50", basis="api")),
        control_plane=view("Unknown", "02:13:50", "02:13:00", 24, ["a", "b"])), name)


def hostile(text=HOSTILE):
    """Every text that a node, a user of the cluster or an inventory can choose holds `text`."""
    subject = {key: text for key in ("pod", "namespace", "container", "mount", "unit", "pod_uid", "interface", "comm")}
    found = [finding(name, since="02:10:00", until="02:20:00", subject=subject, text=text, source=text, basis=basis, failures=None, note=text)
             for name, basis in (("disk.full", "state"), ("memory.oom.kubelet", "log"), ("cni.chains_flushed", "state"), ("kubelet.pleg_unhealthy", "log"),
                                 ("raid.degraded", "state"), ("disk.nearly_full", "state"))]
    found[1]["data"]["culprit"] = dict(subject, name=text, bytes=5)
    seen = check("kubelet_health", *found, gaps=[(text, text)])
    seen["summary"] = text
    held = view("False", "02:13:50", not_ready=[text], message=text)
    held["events"] = [{"type": "Warning", "reason": text, "message": text, "count": 1, "first": None, "last": "2026-11-23T02:00:00Z", "source": text}]
    changed = check("changes", facts={"changes": [{"time": f"2026-11-23T02:0{number}:00Z", "what": text, "source": text} for number in range(5)]})
    row = {"kind": text, "namespace": text, "name": text, "here": 1, "wanted": 2, "ready": 0}
    impact = {"pods": 2, "stateful": [text], "unmanaged": [text], "evicts_at": None, "lost": [row], "single": [text], "services": [text], "budgets": [text],
              "daemonsets": [text]}
    content = artifact(evidence(seen, changed, control_plane=held, impact=impact), text)
    content["verdict"]["recurrence"] = {"cause": "disk.full", "days": 7, "times": 1, "before": [], "others": [text], "shared": {}, "text": text}
    content["reach"] = {"how": "ssh", "ok": False, "error": text, "kind": text}
    content["verdict"]["next_steps"].append("echo " + text)
    return content


def whole(*contents, problems=()):
    return dict(fleet.fleet(list(contents), RUN, utc.seconds("2026-11-23T02:20:21Z") + 0.1), problems=list(problems))
