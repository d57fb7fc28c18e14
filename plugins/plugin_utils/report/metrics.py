# Copyright: kubetriage.node contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The verdicts in Prometheus' text format, for the node exporter's textfile collector or a push gateway."""

from ansible_collections.kubetriage.node.plugins.plugin_utils import utc
from ansible_collections.kubetriage.node.plugins.plugin_utils.report.plain import plain
from ansible_collections.kubetriage.node.plugins.plugin_utils.report.wording import STATES


def render(fleet, contents):
    """The fleet report and the nodes' artifacts -> exposition text. A node has a line for each state, 1 for its own, so that a state
    that has ended reads 0; labels hold ids of the catalogue and no text of a node, so that their number is bounded."""
    states, causes, findings, gaps = [], [], set(), []
    # two hosts may be one Node; the same series twice is none that Prometheus takes: the worse state counts
    worse = sorted(contents, key=lambda content: -STATES.index(content["verdict"]["state"]))
    for _node, content in sorted({content["node"]: content for content in worse}.items()):
        verdict, node = content["verdict"], content["node"]
        states += [_line("kubetriage_node_state", int(verdict["state"] == state), node=node, state=state) for state in STATES]
        causes += [_line("kubetriage_cause", 1, node=node, id=cause["id"], confidence=cause["confidence"]) for cause in verdict["causes"]]
        findings.update(_line("kubetriage_finding", 1, node=node, id=found["id"], severity=found["severity"])
                        for found in verdict["causes"] + [found for found in verdict["findings"] if not found["over"]])
        gaps.append(_line("kubetriage_not_checked", len(verdict["not_checked"]), node=node))
    run = [f"kubetriage_run_timestamp_seconds {utc.seconds(fleet['generated_at']) or 0:.0f}"]
    return "".join(f"# HELP {name} {text}\n# TYPE {name} gauge\n" + "".join(line + "\n" for line in lines) for name, text, lines in (
        ("kubetriage_run_timestamp_seconds", "When the run ended, Unix time.", run),
        ("kubetriage_node_state", "1 for the state that triage found the node in.", states),
        ("kubetriage_cause", "1 for each first cause that triage found.", causes),
        ("kubetriage_finding", "1 for each cause and finding that holds now.", sorted(findings)),
        ("kubetriage_not_checked", "How many things could not be checked.", gaps)))


def _line(name, value, **labels):
    return name + "{" + ",".join(f'{key}="{_label(text)}"' for key, text in labels.items()) + "} " + str(value)


def _label(text):
    return plain(text).replace("\\", "\\\\").replace('"', '\\"')
