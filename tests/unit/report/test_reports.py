# Copyright: kubetriage.node contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

import copy
import json
import pathlib
import re
import sys
import time
import unicodedata
import xml.etree.ElementTree as xml
from html.parser import HTMLParser

import jsonschema
import pytest
from hypothesis import given, settings, strategies as st

from ansible_collections.kubetriage.node.plugins.plugin_utils.report import console, html, junit, markdown, metrics, wording

sys.path.insert(0, str(pathlib.Path(__file__).parent))
import artifact as made  # noqa: E402

SCHEMAS = {name: json.loads((pathlib.Path(__file__).parents[3] / "docs" / "schema" / f"{name}.schema.json").read_text()) for name in ("node", "fleet")}
FILES = {"html": html.render, "markdown": markdown.render, "junit": junit.render, "metrics": metrics.render}


def on_console(*contents, width=110, problems=()):
    return console.render(made.whole(*contents, problems=problems), list(contents), "artifacts/20261123T022019Z/report.html", width)


def test_console_of_the_night():
    assert on_console(made.night(), width=120) == """\
node-worker-02      NOT READY    6m29s    only this node (1 of 24)

  cause     memory.oom.kubelet   The kernel's OOM killer killed the kubelet               confirmed
            pod shop/leaky-7d4f9c-x2x8p (app) held 13.1 of 15.6 GiB and has no memory limit
  chain     memory.oom.kubelet -> kubelet.failed -> NotReady
  evidence  02:13:07Z kernel         Out of memory: Killed process 812 (kubelet) total-vm:1873400kB, anon-rss:98304k ...
            02:13:07Z kernel         tasks table: leaky, 3435212 pages = 13.1 GiB
            02:13:08Z systemctl show kubelet  ActiveState=failed Result=signal ExecMainStatus=9 Restart=no
            02:13:50Z control plane  Ready=Unknown NodeStatusUnknown: Kubelet stopped posting node status.
  against   nothing
  impact    9 pods; the first is evicted in 3m48s; shop/db-0: of a StatefulSet, made anew only when this one is gone
  also      disk.nearly_full /var: 81 % of 19.5 GiB used, 3.7 GiB left (info)
  unseen    SMART (smartctl not installed)
  next      1  kubectl -n shop set resources pod/leaky-7d4f9c-x2x8p --limits=memory=1Gi
            2  kubectl delete pod leaky-7d4f9c-x2x8p -n shop
            3  journalctl -k | grep -i oom
            4  kubectl describe node node-worker-02

1 node: 1 not ready. 2.1 s. artifacts/20261123T022019Z/report.html
"""


def test_console_of_a_healthy_node_is_one_line():
    assert on_console(made.healthy()).splitlines() == [
        "node-worker-01    HEALTHY  4 checks, nothing above info", "1 node: 1 healthy. 2.1 s. artifacts/20261123T022019Z/report.html"]
    old = made.check("oom_scan", made.finding("memory.oom.node", since="01:40:00", until="01:40:00"))
    assert on_console(made.healthy("w", old)).splitlines()[0] == "w                 HEALTHY  5 checks, memory.oom.node (over since 01:40:00Z)"


def test_console_says_nothing_twice_of_a_silent_node():
    text = on_console(made.silent("w5", made.view("Unknown", "02:13:50", "02:13:00")))
    assert text.count("Connection timed out") == 1 and "UNREACHABLE" in text and "host.unreachable" in text


def test_console_of_two_causes():
    text = on_console(made.two_causes())
    assert "cause 1   kubelet.stopped" in text and "cause 2   cni.chains_flushed" in text
    assert "against   cause 2: it is not known to take a node out of Ready" in text and "2 of 24 nodes not ready" in text


def test_console_of_a_fleet_groups_by_cause():
    nodes = [made.night(), made.silent("worker-300", kind="auth"), made.silent("worker-301"), made.unknown("worker-302")]
    nodes += [made.degraded(f"worker-00{number}") for number in range(8)] + [made.healthy(f"worker-4{number:02}") for number in range(20)]
    assert on_console(*nodes, problems=["w9.json cannot be read"]).splitlines() == [
        "critical    disk.full              8 nodes   worker-000 worker-001 worker-002 worker-003 +4   all: /var",
        "critical    memory.oom.kubelet      1 node   node-worker-02   pod shop/leaky-7d4f9c-x2x8p (app) held 13.1 ...",
        "unreachable                        2 nodes   worker-300 (auth) worker-301 (timeout)",
        "unknown                             1 node   worker-302",
        "healthy                           20 nodes",
        "  unseen    1 node: SMART (smartctl not installed)",
        "  unseen    1 node: kubelet unit (systemctl timed out)",
        "",
        "  problem   w9.json cannot be read",
        "",
        "32 nodes: 1 not ready, 2 unreachable, 8 degraded, 1 unknown, 20 healthy. 2.1 s. artifacts/20261123T022019Z/report.html"]


def test_what_was_not_checked_of_a_healthy_fleet_is_said_in_every_report():
    """An expired token, or a run without root, must not look like a fleet in which all was seen to be well."""
    nodes = [made.healthy(f"worker-{number}") for number in range(5)]
    for content in nodes:
        content["verdict"]["not_checked"] = [{"what": "what only root may read", "why": "looked without root"},
                                             {"what": "control plane's view", "why": "401"}]
    whole = made.whole(*nodes)
    for text in (on_console(*nodes), markdown.render(whole, nodes), html.render(whole, nodes), junit.render(whole, nodes)):
        assert "5 nodes: control plane" in text and "looked without root" in text


def test_two_hosts_that_are_one_node_are_one_series():
    one, two = made.healthy("worker-1"), made.night()
    two["node"] = two["verdict"]["node"] = "worker-1"
    lines = [line for line in metrics.render(made.whole(one, two), [one, two]).splitlines() if not line.startswith("#")]
    assert len(lines) == len({line.rpartition(" ")[0] for line in lines})
    assert 'kubetriage_node_state{node="worker-1",state="not_ready"} 1' in lines


def test_the_only_node_that_is_lost_is_said_to_be_the_only_one():
    alone, other = made.silent("w1"), made.silent("w1")
    alone["control_plane"] = {"cluster": {"nodes": 24, "not_ready": ["w1"]}}
    other["control_plane"] = {"cluster": {"nodes": 24, "not_ready": ["w2"]}}
    assert wording.scope(alone) == "only this node (1 of 24)" and wording.scope(other) == "1 of 24 nodes not ready"


def test_fleet():
    whole = made.whole(made.night(), made.two_causes(), made.healthy(), made.degraded("w"), made.silent("z"))
    assert whole["totals"] == {"not_ready": 2, "unreachable": 1, "degraded": 1, "unknown": 0, "healthy": 1}
    assert [(cause["id"], cause["nodes"]) for cause in whole["causes"]] == [
        ("cni.chains_flushed", ["node-worker-03"]), ("disk.full", ["w"]), ("kubelet.stopped", ["node-worker-03"]), ("memory.oom.kubelet", ["node-worker-02"])]
    assert [node["node"] for node in whole["nodes"]] == ["node-worker-01", "node-worker-02", "node-worker-03", "w", "z"]
    assert whole["nodes"][4]["error"] == made.TIMEOUT["error"] and whole["seconds"] == 2.1
    assert whole["not_checked"][0] == {"what": "SMART", "why": "smartctl not installed", "nodes": ["node-worker-02"]}


def test_slices_merge_into_one_fleet():
    nodes = [made.night(), made.degraded("w"), made.healthy()]
    assert made.whole(*nodes) == made.whole(*reversed(nodes))


SAMPLES = {"night": made.night, "two causes": made.two_causes, "healthy": made.healthy, "degraded": lambda: made.degraded("w"),
           "silent": lambda: made.silent("w"),
           "unknown": lambda: made.unknown("w"), "hostile": lambda: made.hostile(made.HOSTILE.replace("\ud800", ""))}


@pytest.mark.parametrize("name", SAMPLES)
def test_artifacts_keep_to_their_schema(name):
    content = json.loads(json.dumps(SAMPLES[name]()))
    content["verdict"]["next_steps"] = content["verdict"]["next_steps"][:5]
    jsonschema.Draft202012Validator(SCHEMAS["node"]).validate(content)
    jsonschema.Draft202012Validator(SCHEMAS["fleet"]).validate(made.whole(content))


@pytest.mark.parametrize("schema, path, value", [
    ("node", ["verdict", "state"], "broken"), ("node", ["verdict", "causes", 0, "confidence"], "sure"), ("node", ["verdict", "causes", 0, "id"], "x y"),
    ("node", ["verdict", "since"], "02:13"), ("node", ["checks", 0, "status"], "fine"), ("node", ["verdict", "extra"], 1),
    ("node", ["schema"], "kubetriage.node/2"),
    ("node", ["verdict", "causes", 0, "evidence", 0, "text"], None), ("node", ["reach", "ok"], "yes"), ("node", ["verdict", "causes", 0, "repair"], "reboot"),
    ("fleet", ["totals", "healthy"], -1), ("fleet", ["nodes", 0, "state"], None), ("fleet", ["causes", 0, "nodes"], []), ("fleet", ["generated_at"], None),
])
def test_schemas_catch_errors(schema, path, value):
    content = made.night() if schema == "node" else made.whole(made.night())
    content = json.loads(json.dumps(content))
    place = content
    for step in path[:-1]:
        place = place[step]
    place[path[-1]] = value
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.Draft202012Validator(SCHEMAS[schema]).validate(content)


def test_schemas_are_schemas():
    for schema in SCHEMAS.values():
        jsonschema.Draft202012Validator.check_schema(schema)


def inert(text):
    """No control character but newlines, none that turns or hides text, no half character."""
    return not [letter for letter in text if letter != "\n" and (unicodedata.category(letter) in ("Cc", "Cs") or letter in "\u202e\u200b\ufeff\u2066")]


class Page(HTMLParser):
    """What a browser would make of a page: elements, attributes, text."""

    def __init__(self, text):
        super().__init__()
        self.tags, self.attributes, self.words = set(), set(), []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.tags.add(tag)
        self.attributes.update(name for name, _value in attrs)

    def handle_data(self, data):
        self.words.append(data)

    def handle_comment(self, data):
        raise AssertionError("a comment: " + data)


@pytest.mark.parametrize("companions", [0, 1, 5])
def test_hostile_text_is_inert_in_every_report(companions):
    contents = [made.hostile()] + [made.healthy(f"w{number}") for number in range(companions)]
    whole = made.whole(*contents, problems=[made.HOSTILE])
    texts = {name: render(whole, contents) for name, render in FILES.items()}
    texts["console"] = console.render(whole, contents, "report.html")
    for name, text in texts.items():
        assert inert(text), name
    page, clean = Page(texts["html"]), Page(html.render(made.whole(made.night(), made.two_causes()), [made.night(), made.two_causes()]))
    assert page.tags <= clean.tags | {"h2", "ul", "li"} and not page.tags & {"script", "img"} and page.attributes <= clean.attributes | {"open", "thead"}
    assert "<script>alert(1)</script>" in "".join(page.words) and "{{ 7*7 }}" in "".join(page.words)
    case = xml.fromstring(texts["junit"].encode()).find("testsuite/testcase/failure")
    assert "<script>alert(1)</script>" in case.text and len(case) == 0
    for line in texts["metrics"].splitlines():
        assert re.fullmatch(r'# (HELP|TYPE) .*|[a-z_]+(\{([a-z]+="([^"\\]|\\["\\])*",?)+\})? [0-9.]+', line), line
    outside = re.sub(r"(?<!\\)(`+)(?!`).*?(?<!`)\1(?!`)", "", texts["markdown"])
    assert "<" not in outside and "\n# head" not in outside and "](" not in outside and "@all" not in outside and "https://" not in outside


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=80))
def test_any_text_is_inert_in_every_report(text):
    contents = [made.hostile(text)]
    whole = made.whole(*contents)
    for render in FILES.values():
        assert inert(render(whole, contents))
    assert inert(console.render(whole, contents, "report.html"))
    xml.fromstring(junit.render(whole, contents).encode())


@pytest.mark.parametrize("width", [80, 100, 120, 140])
@pytest.mark.parametrize("text", [made.HOSTILE, "word " * 200, "x" * 2000, "パ" * 50])
def test_console_fits_a_screen(text, width):
    lines = console.node(made.hostile(text), width).splitlines()
    assert len(lines) <= 30
    commands = [line for line in lines if re.match(r"  (next|    )      \d  ", line)]
    assert not [line for line in lines[1:] if len(line) > width and line not in commands]


def test_reports_change_nothing_and_repeat_themselves():
    contents = [made.night(), made.two_causes(), made.healthy()]
    whole = made.whole(*contents)
    before = copy.deepcopy((whole, contents))
    for render in list(FILES.values()) + [lambda fleet, nodes: console.render(fleet, nodes, "r")]:
        assert render(whole, contents) == render(whole, contents)
    assert (whole, contents) == before


def test_html_loads_nothing():
    text = html.render(made.whole(made.night()), [made.night()])
    assert "default-src 'none'" in text and "sha256-" in text
    assert not re.search(r"(?:src|href)=\"(?!#)|url\(|@import|<script|https?://", text)


def test_html_of_a_thousand_nodes():
    contents = [made.two_causes(f"w{number}") if number % 2 else made.healthy(f"w{number}") for number in range(1000)]
    start = time.process_time()
    text = html.render(made.whole(*contents), contents)
    assert time.process_time() - start < 20 and len(text) < 4_000_000
    assert len(re.findall(r"<details class=\"node\"", text)) == 500 and "href=\"#n1\"" in text


def test_junit():
    suite = xml.fromstring(junit.render(made.whole(made.night(), made.healthy(), made.silent("z"), made.unknown("y")), [
        made.night(), made.healthy(), made.silent("z"), made.unknown("y")]).encode()).find("testsuite")
    assert {key: suite.get(key) for key in ("tests", "failures", "errors", "skipped")} == {"tests": "4", "failures": "1", "errors": "1", "skipped": "1"}
    case = suite.find("testcase[@name='node-worker-02']/failure")
    assert case.get("type") == "memory.oom.kubelet" and "held 13.1 of 15.6 GiB" in case.get("message")
    assert len(suite.find("testcase[@name='node-worker-01']")) == 0


def test_metrics():
    lines = metrics.render(made.whole(made.night()), [made.night()]).splitlines()
    assert 'kubetriage_node_state{node="node-worker-02",state="not_ready"} 1' in lines
    assert 'kubetriage_node_state{node="node-worker-02",state="healthy"} 0' in lines
    assert 'kubetriage_finding{node="node-worker-02",id="disk.nearly_full",severity="info"} 1' in lines
    assert 'kubetriage_cause{node="node-worker-02",id="memory.oom.kubelet",confidence="confirmed"} 1' in lines
    assert "kubetriage_run_timestamp_seconds 1795400421" in lines


def test_markdown():
    text = markdown.render(made.whole(made.night()), [made.night()])
    assert "## node\\-worker\\-02" in text and "1. `kubectl -n shop set resources pod/leaky-7d4f9c-x2x8p --limits=memory=1Gi`" in text
    assert "- 02:13:07Z kernel: `Out of memory: Killed process 812 (kubelet)" in text
