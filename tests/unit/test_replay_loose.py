# Copyright: kubetriage.node contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Loose logs through all checks and the diagnosis: each file gives what it can support, and nothing seen is never healthy."""

import json
import pathlib
import re

import pytest

from ansible_collections.kubetriage.node.plugins.module_utils.result import iso
from ansible_collections.kubetriage.node.plugins.plugin_utils import verdicts
from ansible_collections.kubetriage.node.plugins.plugin_utils.evidence import checked, open_evidence

COMMANDS = pathlib.Path(__file__).resolve().parents[2] / "docs" / "incidents" / "node-worker-02" / "commands"
JOURNAL = (COMMANDS / "journal" / "stdout").read_text()
DESCRIBE = """\
Conditions:
  Ready   Unknown   Fri, 20 Nov 2026 02:10:22 +0000   Fri, 20 Nov 2026 02:13:47 +0000   NodeStatusUnknown   Kubelet stopped posting node status.
Events:
  Normal   NodeNotReady  47m12s   node-controller  Node node-worker-02 status is now: NodeNotReady
"""


def verdict(tmp_path, **files):
    for key, text in files.items():
        (tmp_path / key.replace("__", ".").replace("_", "-")).write_text(text)
    (node, bundle, view), = open_evidence(str(tmp_path))[0]
    checks = checked(bundle, 86400, 60)
    assert not any("defect" in gap["why"] for check in checks for gap in check["not_checked"])
    return verdicts.artifact("run", node, {"how": "loose", "ok": True, "error": None, "kind": None}, checks, view, iso(bundle.now))["verdict"]


def cause(said):
    return said["causes"][0]["id"] if said["causes"] else None


@pytest.mark.parametrize("files", [
    {"kernel__log": json.loads((COMMANDS / "kmsg" / "stdout").read_text())},
    {"kubelet__log": JOURNAL},
    {"notes__txt": JOURNAL},
    {"notes__txt": re.sub(r"(?m)^\S+ \S+ [^:]+: ", "", JOURNAL)},
    {"kubelet__log": JOURNAL, "describe_node__txt": DESCRIBE},  # pasted long after the kubelet's last word: that is not past
])
def test_one_file_is_enough_for_the_cause(tmp_path, files):
    said = verdict(tmp_path, **files)
    assert (cause(said), said["state"]) == ("memory.oom.kubelet", "not_ready")


@pytest.mark.parametrize("files", [
    {"kubelet__log": "Nov 20 02:13:07 w1 systemd[1]: Started something.\n"}, {"notes__txt": "hello\n"}, {"kernel__log": "[ 1.0] Linux version 6.1\n"},
    {"pods__json": '{"items": []}'}])
def test_nothing_seen_is_unknown(tmp_path, files):
    said = verdict(tmp_path, **files)
    assert (said["state"], said["causes"]) == ("unknown", [])


def test_rules_alone_are_judged(tmp_path):
    assert cause(verdict(tmp_path, iptables_save__txt="*filter\n:FORWARD DROP [0:0]\nCOMMIT\n")) == "cni.forward_drop"


def test_a_description_alone(tmp_path):
    said = verdict(tmp_path, describe_node__txt=DESCRIBE)
    assert (said["state"], cause(said), said["since"]) == ("not_ready", "kubelet.not_posting", "2026-11-20T02:13:47Z")
