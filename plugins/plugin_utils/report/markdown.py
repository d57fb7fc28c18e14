# Copyright: kubetriage.node contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The reports of a run as Markdown, for a ticket or a chat."""

import re

from ansible_collections.kubetriage.node.plugins.plugin_utils.report import wording
from ansible_collections.kubetriage.node.plugins.plugin_utils.report.plain import plain

_SPECIAL = re.compile(r"([\\`*_{}\[\]()#+!|~$-])")


def render(fleet, contents):
    """The fleet report and the nodes' artifacts -> Markdown (CommonMark with tables). What nodes and users wrote is inert in it."""
    lines = ["# " + _text(wording.totals(fleet)), "", f"Run {_text(fleet['run'])}, {_text(fleet['generated_at'])}", ""]
    lines += [f"- problem: {_text(problem)}" for problem in fleet.get("problems") or ()]
    if len(contents) > 1 and fleet["causes"]:
        lines += ["", "| severity | cause | nodes |", "|---|---|---|"]
        for cause in fleet["causes"]:
            names = ", ".join(_text(name) for name in cause["nodes"][:12]) + (", ..." if len(cause["nodes"]) > 12 else "")
            lines.append(f"| {cause['severity']} | {_text(cause['title'])} ({_text(cause['id'])}) | {len(cause['nodes'])}: {names} |")
        lines.append("")
    for content in sorted(contents, key=lambda content: (wording.STATES.index(content["verdict"]["state"]), content["node"])):
        if content["verdict"]["state"] != "healthy":
            lines += _node(content)
    healthy = sorted(content["node"] for content in contents if content["verdict"]["state"] == "healthy")
    if healthy:
        lines += ["## Healthy", "", ", ".join(_text(name) for name in healthy), ""]
    if len(contents) > 1 and fleet["not_checked"]:
        lines += ["## Not checked", "", *("- " + _text(gap) for gap in wording.fleet_gaps(fleet)), ""]
    return "\n".join(lines).rstrip() + "\n"


def _node(content):
    verdict, day = content["verdict"], (content["collected_at"] or "")[:10]
    head = [f"**{wording.state(verdict['state'])}**"] + [_text(part) for part in (wording.lasting(content), wording.scope(content)) if part]
    lines = [f"## {_text(content['node'])}", "", ", ".join(head), ""]
    if wording.error(content):
        lines += [f"Not reached: {_text(wording.error(content))}", ""]
    if verdict.get("scope_why"):
        lines += [f"Scope: {verdict['scope']}. {_text(verdict['scope_why'])}", ""]
    for cause in verdict["causes"]:
        lines += [f"**{_text(cause['title'])}** ({_text(cause['id'])}, {cause['confidence']})  ", _text(cause["why"]), ""]
        lines += [_quote(quote, day) for quote in cause["evidence"]]
        lines += [f"- against it: {_text(against)}" for against in cause["against"]]
        lines.append("")
    for title, items in (
            ("From cause to effect", [" → ".join(_text(name) for name in wording.links(content))] if wording.links(content) else []),
            ("Next", [f"{number}. {_code(step)}" for number, step in enumerate(verdict["next_steps"], 1)]),
            ("Intended", [_text(wording.intended(content))] if wording.intended(content) else []),
            ("Changed before", ["- " + _text(change) for change in wording.changed(content)]),
            ("Seen before", [_text(wording.recurrence(content))] if wording.recurrence(content) else []),
            ("Impact", [_text(wording.impact(content))] if wording.impact(content) else []),
            ("Also seen", ["- " + _text(wording.finding(found)) for found in verdict["findings"]]),
            ("Not checked", ["- " + _text(gap) for gap in wording.unseen(content)])):
        if items:
            lines += [f"### {title}", "", *items, ""]
    return lines


def _quote(quote, day):
    time = wording.clock(quote["time"], day)
    return f"- {time + ' ' if time else ''}{_text(quote['source'])}: {_code(quote['text'])}"


def _text(value):
    """Words that are shown as they are: no markup, no HTML, no link, no one addressed."""
    text = _SPECIAL.sub(r"\\\1", plain(value).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;"))
    return text.replace("@", "&#64;").replace("://", "&#58;//")


def _code(value):
    """An inline code span; its fence is longer than any run of backticks inside."""
    text = plain(value)
    fence = "`" * (max((len(run) for run in re.findall(r"`+", text)), default=0) + 1)
    space = " " if text[:1] == "`" or text[-1:] == "`" else ""
    return f"{fence}{space}{text}{space}{fence}" if text else ""
