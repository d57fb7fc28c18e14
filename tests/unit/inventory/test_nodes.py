# Copyright: kubetriage.node contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The inventory as Ansible reads it, against a very small API server."""

import json
import os
import pathlib
import subprocess
import sys
from urllib.parse import parse_qsl, urlsplit

import pytest

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "plugin_utils"))
from fake_api import serve  # noqa: E402

HOSTILE = "{{ lookup('ansible.builtin.pipe', 'echo pwned') }}"


def node(name, ready, zone, **annotations):
    return {
        "metadata": {"name": name, "labels": {"topology.kubernetes.io/zone": zone}, "annotations": annotations},
        "spec": {"providerID": "aws:///i-1", "unschedulable": name == "w2"},
        "status": {"conditions": [{"type": "Ready", "status": ready}],
                   "addresses": [{"type": "InternalIP", "address": "10.0.0." + name[1:]}],
                   "nodeInfo": {"kubeletVersion": "v1.35.4", "osImage": HOSTILE}},
    }


class Cluster:
    """Three Nodes, one a page, and what was asked of them."""

    def __init__(self, refusal=None):
        self.nodes = [node("w1", "True", "a"), node("w2", "False", "b"), node("w3", "Unknown", "a", note=HOSTILE)]
        self.refusal, self.asked = refusal, []

    def __call__(self, path, headers):
        query = dict(parse_qsl(urlsplit(path).query))
        self.asked.append((urlsplit(path).path, query))
        if headers["Authorization"] != "Bearer s3cret":
            return 401, {"kind": "Status", "message": "Unauthorized"}
        if self.refusal:
            return self.refusal[0], {"kind": "Status", "message": self.refusal[1]}
        start = int(query.get("continue", 0))
        return 200, {"kind": "NodeList", "items": [self.nodes[start]],
                     "metadata": {"continue": str(start + 1)} if start + 1 < len(self.nodes) else {}}


def ansible(tmp_path, server, *argv, config="", name="nodes.yml"):
    """Run an Ansible program in tmp_path with the inventory -> CompletedProcess."""
    (tmp_path / name).write_text("plugin: kubetriage.node.nodes\n" + config)
    environ = {key: value for key, value in os.environ.items() if not key.startswith(("K8S_AUTH_", "KUBE", "ANSIBLE_"))}
    environ.update(HOME=str(tmp_path), ANSIBLE_COLLECTIONS_PATH=str(HERE.parents[2] / "collections"), ANSIBLE_NOCOLOR="1", NO_PROXY="*",
                   COLUMNS="1000")
    if server:
        environ.update(K8S_AUTH_HOST=server, K8S_AUTH_API_KEY="s3cret")
    done = subprocess.run([sys.executable, "-m", "ansible", argv[0], "-i", name, *argv[1:]], cwd=tmp_path, env=environ,
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, timeout=60, check=False)
    assert "s3cret" not in done.stdout + done.stderr
    return done


def says(done, told):
    """Does the standard error hold this text, however it is broken into lines, and no traceback?"""
    return "".join(told.split()) in "".join(done.stderr.split()) and "Traceback" not in done.stderr


def listed(tmp_path, server, config=""):
    done = ansible(tmp_path, server, "inventory", "--list", config=config)
    assert done.returncode == 0, done.stderr
    content = json.loads(done.stdout, object_hook=lambda told: told.get("__ansible_unsafe", told))  # how Ansible prints what is no template
    return content, content["_meta"]["hostvars"]


def members(content):
    return {group: sorted(told["hosts"]) for group, told in content.items() if group != "_meta" and told.get("hosts")}


def test_every_node_is_a_host_in_its_groups(tmp_path):
    cluster = Cluster()
    with serve(cluster) as server:
        content, hosts = listed(tmp_path, server)
    assert members(content) == {"ready": ["w1"], "not_ready": ["w2", "w3"], "unknown": ["w3"], "cordoned": ["w2"], "zone_a": ["w1", "w3"],
                                "zone_b": ["w2"], "kubelet_v1_35_4": ["w1", "w2", "w3"]}
    assert hosts["w2"]["ansible_host"] == "10.0.0.2"
    assert (hosts["w2"]["kubernetes_node"]["ready"], hosts["w2"]["kubernetes_node"]["provider_id"]) == ("False", "aws:///i-1")
    pages = ({"limit": "250"}, {"limit": "250", "continue": "1"}, {"limit": "250", "continue": "2"})
    assert cluster.asked == [("/api/v1/nodes", query) for query in pages]


def test_the_cluster_is_asked_for_what_is_wanted_only(tmp_path):
    cluster = Cluster()
    with serve(cluster) as server:
        listed(tmp_path, server, "label_selector: zone=a,!gpu\nfield_selector: spec.unschedulable=true\n")
    assert cluster.asked[0][1] == {"limit": "250", "labelSelector": "zone=a,!gpu", "fieldSelector": "spec.unschedulable=true"}


def test_variables_and_groups_of_the_users_own(tmp_path):
    config = """
addresses: []
compose:
  ansible_user: "'core' if kubernetes_node.zone == 'a' else 'admin'"
groups:
  far-away: kubernetes_node.zone == 'b'
keyed_groups:
  - {prefix: os, key: kubernetes_node.os}
  - {prefix: "", separator: "", key: "kubernetes_node.addresses[0].address"}
"""
    with serve(Cluster()) as server:
        content, hosts = listed(tmp_path, server, config)
    groups = members(content)
    assert (hosts["w1"]["ansible_user"], hosts["w2"]["ansible_user"], "ansible_host" in hosts["w1"]) == ("core", "admin", False)
    assert groups["far_away"] == ["w2"] and groups["_10_0_0_3"] == ["w3"]
    assert groups["os____lookup__ansible_builtin_pipe____echo_pwned_____"] == ["w1", "w2", "w3"]


def test_strict_makes_a_wrong_expression_an_error(tmp_path):
    with serve(Cluster()) as server:
        config = "compose: {x: kubernetes_node.nothing.at_all}\n"
        assert "x" not in listed(tmp_path, server, config)[1]["w1"]
        assert says(ansible(tmp_path, server, "inventory", "--list", config=config + "strict: true\n"), "Could not set x for host w1")


def test_text_of_the_cluster_is_never_a_template(tmp_path):
    (tmp_path / "play.yml").write_text("""
- hosts: w3
  gather_facts: false
  tasks:
    - ansible.builtin.copy:
        content: "{{ kubernetes_node.annotations.note }} {{ composed }}"
        dest: %s
      delegate_to: localhost
      connection: local
""" % (tmp_path / "told"))
    with serve(Cluster()) as server:
        done = ansible(tmp_path, server, "playbook", "play.yml", config="compose: {composed: kubernetes_node.os}\n")
    assert done.returncode == 0, done.stdout + done.stderr
    assert (tmp_path / "told").read_text() == HOSTILE + " " + HOSTILE


def test_the_cache_answers_the_same_question_only(tmp_path):
    (tmp_path / "play.yml").write_text("- {hosts: unknown, gather_facts: false, tasks: []}\n")
    config = "cache: true\ncache_plugin: ansible.builtin.jsonfile\ncache_connection: cache\n"
    cluster = Cluster()
    with serve(cluster) as server:
        first = listed(tmp_path, server, config)
        assert listed(tmp_path, server, config) == first and len(cluster.asked) == 3
        listed(tmp_path, server, config + "label_selector: a=b\n")
        assert len(cluster.asked) == 6
        cluster.nodes[0] = node("w1", "Unknown", "a")
        assert "hosts (2)" in ansible(tmp_path, server, "playbook", "play.yml", "--flush-cache", "--list-hosts", config=config).stdout
    assert members(listed(tmp_path, server, config)[0])["unknown"] == ["w1", "w3"]  # and the API server is gone
    assert "s3cret" not in "".join(path.read_text() for path in (tmp_path / "cache").iterdir())


def test_a_limit_by_group_picks_the_nodes_in_trouble(tmp_path):
    (tmp_path / "play.yml").write_text("- {hosts: all, gather_facts: false, tasks: []}\n")
    with serve(Cluster()) as server:
        done = ansible(tmp_path, server, "playbook", "play.yml", "-l", "not_ready:!cordoned", "--list-hosts")
    assert "hosts (1)" in done.stdout and "w3" in done.stdout


@pytest.mark.parametrize("refusal, config, told", [
    ((403, 'nodes is forbidden: User "bob" cannot list resource "nodes" in API group "" at the cluster scope'), "",
     'does not list Nodes: forbidden: User "bob" cannot list resource "nodes" in API group "" at the cluster scope; '
     "the inventory needs list on nodes (deploy/rbac/triage.yaml)"),
    ((400, 'unable to parse requirement: found \'=\''), "label_selector: ===\n", "found '='; correct label_selector"),
    ((500, "etcdserver: request timed out"), "", "HTTP 500: etcdserver: request timed out; look at its own health (/livez?verbose)"),
])
def test_a_refused_list_is_one_sentence(tmp_path, refusal, config, told):
    with serve(Cluster(refusal)) as server:
        done = ansible(tmp_path, server, "inventory", "--list", config=config)
    assert says(done, told), done.stderr


@pytest.mark.parametrize("config, told", [
    ("", "no cluster is configured"),
    ("kubeconfig: /nowhere\n", "kubeconfig /nowhere does not exist; correct kubeconfig: or K8S_AUTH_KUBECONFIG"),
    ("timeout: soon\n", "timeout"),
])
def test_a_wrong_configuration_is_one_sentence(tmp_path, config, told):
    done = ansible(tmp_path, None, "inventory", "--list", config=config)
    assert says(done, told), done.stderr


def test_only_files_with_its_name_are_read(tmp_path):
    with serve(Cluster()) as server:
        assert '"w1"' in ansible(tmp_path, server, "inventory", "--list", name="staging.nodes.yaml").stdout
        assert says(ansible(tmp_path, server, "inventory", "--list", name="hosts.yml"), "could not be verified")
