# Copyright: kubetriage.node contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A node whose Python answers what its owner likes: it runs nothing on the controller, changes no variable, and tells of no node but itself."""

import base64
import json
import os
import pathlib
import re
import subprocess
import sys
import zlib

import jsonschema
import pytest
from ansible_collections.kubetriage.node.plugins.module_utils.frame import BEGIN, END
from ansible_collections.kubetriage.node.plugins.module_utils.result import iso
from ansible_collections.kubetriage.node.plugins.plugin_utils import evidence, verdicts

ROOT = pathlib.Path(__file__).resolve().parents[2]
SCHEMA = json.loads((ROOT / "docs" / "schema" / "node.schema.json").read_text())
PLAY = """
- hosts: all
  gather_facts: false
  tasks:
    - kubetriage.node.control_plane: {artifacts: "{{ where }}", kubeconfig: /nonexistent}
      register: run
      run_once: true
    - kubetriage.node.triage: {run_dir: "{{ run.run_dir }}"}
      register: seen
      ignore_errors: true
    - ansible.builtin.debug: {msg: "{{ seen.why | default('') }} {{ seen }}"}
    - ansible.builtin.set_fact: {kept: "{{ seen }}"}
    - ansible.builtin.debug: {var: kept}
    - ansible.builtin.debug: {msg: "pwned is {{ pwned | default('not set') }}, host {{ inventory_hostname }}, by {{ ansible_connection }}"}
    - kubetriage.node.report: {run_dir: "{{ run.run_dir }}"}
      run_once: true
"""


def deep(levels):
    value = []
    for _level in range(levels):
        value = [value]
    return value


def answers(canary):
    """Name -> the JSON text, or the bytes, that the node sends instead of the probe's answer."""
    evil = "{{ lookup('pipe', 'touch %s') }}{%% set x = lookup('pipe', 'touch %s') %%}\x1b[2J\x9b1;1H\u202e<script>x</script>" % (canary, canary)
    quote = {"source": evil, "time": evil, "text": evil}
    finding = {"id": "kubelet.failed", "severity": "critical", "title": evil, "subject": {"unit": evil, evil: evil}, "since": evil, "until": [evil],
               "evidence": [quote] * 3, "data": {"basis": "state", evil: evil, "why": evil}}
    check = {"check": "kubelet_health", "status": evil, "summary": evil, "findings": [finding, dict(finding, id="no.such"), evil, None],
             "facts": {evil: evil}, "not_checked": [{"what": evil, "why": evil}, evil], "duration_s": evil}
    whole = {"host": "good", "node": "good", "collected_at": evil, "root": evil, "checks": [check, evil, None, dict(check, check=evil)],
             "ansible_facts": {"pwned": "yes", "ansible_connection": "ssh"}, "_ansible_no_log": True, "add_host": {"host_name": "pwned"}, "failed": False,
             "changed": True, "invocation": {"module_args": evil}, "bundle": evil}
    text = json.dumps(whole)
    return {
        "templates": text,
        "deep": json.dumps(dict(whole, checks=[dict(check, facts={"x": deep(400)})])),
        "deeper": '{"checks": [{"check": "kubelet_health", "facts": %s}]}' % ("[" * 100000 + "]" * 100000),
        "numbers": text.replace('"duration_s": ' + json.dumps(evil), '"duration_s": NaN').replace('"basis": "state"', '"count": 1e999, "basis": "state"'),
        "figures": json.dumps(dict(whole, checks=[dict(check, findings=[dict(finding, id="memory.oom.node", data={
            "basis": "log", "scope": "node", "mem_total_bytes": 1 << 34, "culprit": {"pod": "p", "bytes": 10 ** 400}})])])),
        "again": json.dumps(dict(whole, checks=[check] * 2000)),
        "large": json.dumps(dict(whole, checks=[dict(check, findings=[finding] * 5000)] * 5)),
        "not-a-list": '{"checks": {"kubelet_health": 1}}', "wrong-types": '{"checks": [1, "x", {"check": ["kubelet_health"], "findings": 7, "facts": []}]}',
        "bomb": zlib.compress(b"[" * (1 << 28)), "no-zlib": b"not zlib at all",
    }


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    """One run over a good node and a forger for each answer -> (canary, console, run directory)."""
    base = tmp_path_factory.mktemp("forgers")
    canary, hosts = base / "canary", {"good": {"ansible_python_interpreter": sys.executable}}
    for name, said in answers(canary).items():
        data = said if isinstance(said, bytes) else zlib.compress(said.encode("utf-8", "surrogatepass"))
        forger = base / ("python-" + name)
        (base / (name + ".txt")).write_text("\n%s\n%s\n%s\n" % (BEGIN, base64.b64encode(data).decode(), END))
        forger.write_text("#!/bin/sh\ncat >/dev/null\nexec cat %s\n" % (base / (name + ".txt")))
        forger.chmod(0o755)
        hosts[name] = {"ansible_python_interpreter": str(forger)}
    (base / "hosts.json").write_text(json.dumps({"all": {"hosts": hosts, "vars": {"ansible_connection": "local"}}}))
    (base / "play.yml").write_text(PLAY)
    done = subprocess.run([str(pathlib.Path(sys.executable).parent / "ansible-playbook"), "-i", str(base / "hosts.json"), "-e", "where=%s" % (base / "out"),
                           "-v", str(base / "play.yml")], cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=300, check=False,
                          env=dict(os.environ, ANSIBLE_NOCOLOR="1", KUBECONFIG="/nonexistent"))
    return canary, done.stdout.decode("utf-8", "surrogateescape"), next((base / "out").iterdir()), sorted(hosts)


def test_nothing_ran_on_the_controller(run):
    canary, text, _dir, _hosts = run
    assert not canary.exists() and "Traceback" not in text and "pwned is yes" not in text


def test_each_node_told_of_itself_alone(run):
    _canary, _text, directory, hosts = run
    nodes = {path.stem: json.loads(path.read_text(), parse_constant=pytest.fail) for path in (directory / "nodes").iterdir()}
    assert sorted(nodes) == hosts
    for name, content in nodes.items():
        assert content["node"] == content["verdict"]["node"] == name
        jsonschema.Draft202012Validator(SCHEMA).validate(content)
    assert not any("script" in json.dumps(content["checks"]) for name, content in nodes.items() if name == "good")
    assert {path.parent.name for path in directory.rglob("*") if path.is_file()} <= {directory.name, "nodes", "silent", "control_plane"}


def test_of_each_check_there_is_one_result(run):
    _canary, _text, directory, _hosts = run
    checks = json.loads((directory / "nodes" / "again.json").read_text())["checks"]
    assert sorted(check["check"] for check in checks) == ["control_plane", "kubelet_health"]


def test_a_forged_finding_is_told_and_its_text_is_inert(run):
    _canary, text, directory, _hosts = run
    forged = json.loads((directory / "nodes" / "templates.json").read_text())
    assert forged["verdict"]["causes"][0]["id"] == "kubelet.failed" and "lookup" in json.dumps(forged["checks"])
    assert not re.search(r"[\x00-\x08\x0b-\x1f\x7f\x80-\x9f\u202e]", text.replace("\r\n", "\n"))
    assert "<script>x" not in (directory / "report.html").read_text()


def places(value, way=()):
    """The way to each part of an object; of a list the first three."""
    for key in value if isinstance(value, dict) else range(len(value[:3])) if isinstance(value, list) else ():
        yield way + (key,)
        yield from places(value[key], way + (key,))


def changed(value, way, to):
    if not way:
        return to
    other = list(value) if isinstance(value, list) else dict(value)
    other[way[0]] = changed(value[way[0]], way[1:], to)
    return other


@pytest.mark.parametrize("odd", [7, "zz", [1], {"a": 1}, 1e300, "9999-12-31T23:59:59-12:00"], ids=repr)
def test_one_odd_word_of_a_view_or_a_node_costs_no_verdict(odd):
    (name, bundle, view), = evidence.open_evidence(str(ROOT / "docs" / "incidents" / "node-worker-02"))[0]
    checks = evidence.checked(bundle, 86400, 60)
    for part, whole in (("view", view), ("checks", checks)):
        for way in places(whole):
            other = changed(whole, way, odd)
            seen = verdicts.artifact("r", name, {"how": "bundle", "ok": True, "error": None, "kind": None, "root": True, "no_view": None},
                                     verdicts.accept(other if part == "checks" and isinstance(other, list) else checks), other if part == "view" else view,
                                     iso(bundle.now))
            assert seen["node"] == name and seen["verdict"]["state"], way
            json.dumps(seen, allow_nan=False)
