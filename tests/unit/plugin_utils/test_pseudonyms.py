# Copyright: kubetriage.node contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A bundle with other names and addresses tells the same, and tells nothing of the old ones."""

import ipaddress
import json
import pathlib
import re

import pytest
from ansible_collections.kubetriage.node.plugins.module_utils.node.bundle import Bundle
from ansible_collections.kubetriage.node.plugins.module_utils.parse import x509
from ansible_collections.kubetriage.node.plugins.module_utils.probe import look
from ansible_collections.kubetriage.node.plugins.module_utils.result import iso
from ansible_collections.kubetriage.node.plugins.plugin_utils import pseudonyms, verdicts

INCIDENT = pathlib.Path(__file__).resolve().parents[3] / "docs" / "incidents" / "node-worker-02"
KEY = b"for this test"


def verdict(contents):
    meta, view = json.loads(contents["meta.json"]), json.loads(contents["control_plane.json"])
    bundle = Bundle(meta["node"], meta["now"], contents)
    checks = verdicts.accept(look(bundle, None, meta["window"], 60))
    reach = {"how": "bundle", "ok": True, "error": None, "kind": None}
    return verdicts.artifact("run", meta["node"], reach, checks, view, iso(bundle.now))["verdict"]


@pytest.fixture(scope="module")
def incident():
    return {str(path.relative_to(INCIDENT)): path.read_text() for path in INCIDENT.rglob("*") if path.is_file() and path.name != "README.md"}


def test_the_diagnosis_is_the_same(incident):
    other = pseudonyms.of_bundle(incident, KEY)
    one, two = json.loads(other.text(json.dumps(verdict(incident)))), verdict(other.contents(incident))
    assert one["node"] == two["node"] != "node-worker-02"
    for part in ("state", "scope", "since", "chain", "not_checked", "next_steps", "impact"):
        assert one[part] == two[part], part
    told = ("id", "confidence", "why", "subject", "since", "against")
    assert [[cause[key] for key in told] for cause in one["causes"]] == [[cause[key] for key in told] for cause in two["causes"]]
    assert [(found["id"], found["severity"]) for found in one["findings"]] == [(found["id"], found["severity"]) for found in two["findings"]]


def test_nothing_of_the_old_is_left(incident):
    other = pseudonyms.of_bundle(incident, KEY)
    text = json.dumps(other.contents(incident))
    view = json.loads(incident["control_plane.json"])
    gone = {"node-worker-02"} | {entry["address"] for entry in view["addresses"]}
    gone |= set(re.findall(r"https://([\d.]+):6443", incident["files/etc/kubernetes/kubelet.conf"]))
    assert len(gone) >= 3 and not [name for name in gone if name in text]
    certificate = other.contents(incident)["files/var/lib/kubelet/pki/kubelet-client-current.pem"]
    assert "node-worker-02" not in str(x509.certificates(certificate)) and "system:node:" in str(x509.certificates(certificate))


@pytest.mark.parametrize("text", ["127.0.0.1", "0.0.0.0", "255.255.255.0", "::1", "v1.35.4", "1.6.20~ds1", "169.254.169.254",
                                  "02:14:07", "2026-11-24T02:14:07Z",
                                  "containerd 1.6.20", "sha256:9a1b"])
def test_what_is_no_address_of_a_host_stays(text):
    assert pseudonyms.Pseudonyms({"w1"}, KEY).text(text) == text


def test_neighbours_stay_neighbours():
    other = pseudonyms.Pseudonyms(set(), KEY)
    one, two, net, far = other.text("10.77.0.11 10.77.0.12 10.77.0.0/24 10.78.0.11").split()
    assert ipaddress.ip_address(one) in ipaddress.ip_network(net) and ipaddress.ip_address(two) in ipaddress.ip_network(net)
    assert one != two and far.split(".")[0] == one.split(".")[0] and far.split(".")[1] != one.split(".")[1] and "10.77" not in one
    assert other.text("fe80::1 2a01:4f8::7 2a01:4f8::7").split()[1:] == [other.text("2a01:4f8::7")] * 2


def test_names_are_replaced_as_whole_words_of_the_same_length():
    other = pseudonyms.Pseudonyms({"w1", "worker-017.shop.example"}, KEY)
    assert other.text("w1 w10 w1.example worker-017 pod-w1-x").split() == [
        other.names["w1"], "w10", other.names["w1"] + ".example", other.names["worker-017"], "pod-w1-x"]
    assert all(len(name) == len(new) and name != new for name, new in other.names.items())


@pytest.mark.parametrize("name", ["w1", "node-7", "worker-1", "node-worker-02", "ip-10-0-0-12.ec2.internal"])
def test_a_name_has_its_length_and_is_not_that_of_another_bundle(name):
    """The length, because it stands in certificates; another, or of two bundles to share one would be written over the other."""
    one, two = (pseudonyms.Pseudonyms({name}, key).names[name] for key in (b"one", b"two"))
    assert len(one) == len(two) == len(name) and name not in (one, two) and (one != two or len(name) < 3)


def test_names_that_mean_the_same_everywhere_stay():
    other = pseudonyms.Pseudonyms({"localhost", "localhost.localdomain", "meta", "proxy"}, KEY)
    assert other.text("http://localhost:10248/healthz kube-proxy") == "http://localhost:10248/healthz kube-proxy"
    assert list(other.contents({"meta.json": "{}"})) == ["meta.json"]


def test_a_static_pod_does_not_tell_the_nodes_name():
    assert "worker-1" not in pseudonyms.Pseudonyms({"worker-1"}, KEY).text("kube-system/kube-apiserver-worker-1 etcd-worker-1 worker-12")[:48]
    assert pseudonyms.Pseudonyms({"worker-1"}, KEY).text("worker-12") == "worker-12"
