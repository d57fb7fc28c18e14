# Copyright: kubetriage.node contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Fifty secrets on a worker, in its journal, its files and an Event about it, reach no bundle, artifact or console."""

import re
import sys
import tarfile

from playbooks import ROOT, play

sys.path.insert(0, str(ROOT / "tests" / "unit"))

from node.planted import PLANTED  # noqa: E402
from test_secrets_in_artifacts import forms  # noqa: E402

NODE = "w1"
EVENT = {"apiVersion": "v1", "kind": "Event", "metadata": {"name": "w1.planted", "namespace": "default"}, "reason": "Rebooted", "type": "Warning",
         "involvedObject": {"kind": "Node", "name": NODE, "uid": NODE}, "source": {"component": "kubelet", "host": NODE}}
PLANT = ("sed 's/^/# /' /root/planted >>/var/lib/kubelet/config.yaml; sed 's/^/# /' /root/planted >>/etc/containerd/config.toml;"
         " mkdir -p /etc/systemd/system/kube-proxy.service.d; printf '[Service]\\nExecStartPre=/bin/cat /root/planted\\n'"
         " >/etc/systemd/system/kube-proxy.service.d/planted.conf; systemctl daemon-reload; systemctl restart kube-proxy")


def test_fifty_of_fifty_are_gone(spotless, tmp_path):
    lab = spotless
    said = "".join('E1124 02:00:00.000000       1 run.go:74] "command failed" err="failed to run Kubelet: %s"\n' % text.replace("\0", " ")
                   for text, _secret in PLANTED.values())
    try:
        lab.write(NODE, "/root/planted", said)
        lab.exec(NODE, PLANT)
        lab.apply(dict(EVENT, message=" ".join(text.replace("\0", " ") for text, _secret in PLANTED.values())[:1000]))
        runs = [play(book, tmp_path, "-l", NODE, "-vvv", lab=lab) for book in ("triage.yml", "playbooks/collect.yml")]
    finally:
        lab.kubectl("delete", "event", "w1.planted", "--ignore-not-found")
        lab.fresh(NODE)
    texts = {"console": "".join(run.text for run in runs)}
    for path in tmp_path.rglob("*"):
        if path.suffix == ".gz":
            with tarfile.open(path) as tar:
                texts.update({member.name: tar.extractfile(member).read().decode("utf-8", "replace") for member in tar if member.isfile()})
        elif path.is_file():
            texts[path.name] = path.read_text()
    assert all(run.rc == 0 for run in runs), texts["console"]
    # They were there to be read: their marks are
    assert texts["commands/journal/stdout"].count("[secret-") > 40 and texts["files/var/lib/kubelet/config.yaml"].count("[secret-") > 40
    found = [(name, where) for name, (_text, secret) in PLANTED.items() for where, text in texts.items() for form in forms(secret) if form in text]
    assert not found


def test_a_bundle_to_share_names_no_host(spotless, tmp_path):
    """Its node has another name, and replayed it is as healthy."""
    run = play("playbooks/collect.yml", tmp_path, "-l", NODE, "-e", "node_triage_pseudonyms=true", lab=spotless)
    bundle, = run.dir.glob("bundles/*.tar.gz")
    with tarfile.open(bundle) as tar:
        texts = {member.name: tar.extractfile(member).read().decode("utf-8", "replace") for member in tar if member.isfile()}
    own = re.compile(r"(?<![A-Za-z0-9-])(?:w[123]|%s)(?![A-Za-z0-9-])" % "|".join(re.escape(spotless.address(node)) for node in spotless.workers))
    assert run.rc == 0 and not [(name, own.search(name + text).group(0)) for name, text in texts.items() if own.search(name + text)]
    again = play("playbooks/replay.yml", tmp_path / "again", "-e", "node_triage_evidence=%s" % bundle)
    assert [content["verdict"]["state"] for content in again.nodes.values()] == ["healthy"], again.text
