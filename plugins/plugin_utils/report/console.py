# Copyright: kubetriage.node contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The verdict on the console: a screen for a node, a line for a cause when there are many nodes. No colours, no control characters."""

import textwrap

from ansible_collections.kubetriage.node.plugins.plugin_utils.report import wording
from ansible_collections.kubetriage.node.plugins.plugin_utils.report.plain import cut, plain

_FEW = 3  # up to so many nodes are shown whole
_CAUSES = 3
_SCOPES = 3
_GAPS = 4
_QUOTES = 4
_LABEL = 12
_SOURCE = 13  # a longer source moves its own line only


def render(fleet, contents, path, width=110):
    """The fleet report, the nodes' artifacts, the path of the HTML page and the terminal's width -> text that ends with a newline."""
    parts = [node(content, width) for content in contents] if len(contents) <= _FEW else [many(fleet, contents, width)]
    problems = [f"  problem   {cut(plain(problem), width - _LABEL)}" for problem in fleet.get("problems") or ()]
    if problems:
        parts.append("\n".join(problems))
    seconds = fleet["seconds"]
    took = "" if seconds is None else f" {seconds:.1f} s." if seconds < 10 else f" {seconds:.0f} s."
    parts.append(f"{wording.totals(fleet)}.{took} {plain(path)}")
    healthy = all(content["verdict"]["state"] == "healthy" for content in contents)
    return ("\n" if healthy and len(contents) <= _FEW else "\n\n").join(parts) + "\n"


def node(content, width=110):
    """One node's artifact -> its verdict in at most 30 lines; one line when it is healthy."""
    verdict = content["verdict"]
    head = [f"{plain(content['node'], 60):<16}", wording.state(verdict["state"]).upper()]
    if verdict["state"] == "healthy":
        return cut("  ".join(head + [_healthy(content)]), width)
    head += [part for part in (wording.lasting(content), wording.scope(content)) if part]
    lines = ["    ".join(head), ""]
    lines += _row("reached", "no: " + wording.error(content) if wording.error(content) else "", width, 2)
    lines += _row("scope", f"{verdict['scope']}: {verdict['scope_why']}" if verdict.get("scope_why") else "", width, 2)
    lines += _row("intended", wording.intended(content), width, 2)
    lines += _causes(verdict, width)
    lines += _row("chain", " -> ".join(wording.links(content)), width, 2)
    lines += _evidence(content, width, _QUOTES if len(verdict["causes"]) < _CAUSES else 3)
    if verdict["causes"]:
        lines += _row("against", "; ".join(wording.against(verdict)) or "nothing", width, 2)
    for number, change in enumerate(wording.changed(content)):
        lines += _row("" if number else "changed", change, width, 1)
    lines += _row("before", wording.recurrence(content), width, 1)
    lines += _row("impact", wording.impact(content), width, 3)
    aside = [symptom["id"] for symptom in verdict["symptoms"] if symptom["id"] not in verdict["chain"]]
    lines += _row("explains", ", ".join(plain(name) for name in aside), width, 1)
    lines += _row("also", "; ".join(wording.finding(found) for found in verdict["findings"]), width, 2)
    lines += _row("unseen", "; ".join(wording.unseen(content)), width, 2)
    for number, step in enumerate(verdict["next_steps"], 1):
        lines.append(f"  {'next' if number == 1 else '':<{_LABEL - 2}}{number}  {plain(step)}")  # not wrapped: it is to be pasted
    return "\n".join(lines)


def _healthy(content):
    verdict = content["verdict"]
    ran = sum(check["status"] in ("ok", "problem") for check in content["checks"])
    seen = "; ".join(wording.finding(found) for found in verdict["findings"]) or "nothing above info"
    parts = [part for part in (wording.intended(content), f"{ran} checks", seen) if part]
    if verdict["not_checked"]:
        parts.append("not checked: " + "; ".join(wording.unseen(content)))
    return ", ".join(parts)


def _causes(verdict, width):
    if not verdict["causes"]:
        return _row("cause", "none found", width) if verdict["state"] in ("not_ready", "degraded") else []
    lines = []
    for number, cause in enumerate(verdict["causes"][:_CAUSES], 1):
        label = "cause" if len(verdict["causes"]) == 1 else f"cause {number}"
        room = width - _LABEL - len(cause["confidence"]) - 4
        title = cut(f"{plain(cause['id'])}   {plain(cause['title'])}", room)
        lines.append(f"  {label:<{_LABEL - 2}}{title:<{min(room, 76)}}  {cause['confidence']}")
        if plain(cause["why"]) not in {plain(quote["text"]) for quote in cause["evidence"]}:
            lines += _row("", plain(cause["why"]), width, 2)
    if len(verdict["causes"]) > _CAUSES:
        lines += _row("", "and " + ", ".join(plain(cause["id"]) for cause in verdict["causes"][_CAUSES:]), width, 1)
    return lines


def _evidence(content, width, limit):
    day = (content["collected_at"] or "")[:10]
    rows = [(wording.clock(quote["time"], day), plain(quote["source"], 32), plain(quote["text"]))
            for quote in wording.quotes(content, limit)]
    wide = [max((len(row[column]) for row in rows), default=0) for column in (0, 1)]
    wide[1] = min(wide[1], _SOURCE)
    return [f"  {'' if number else 'evidence':<{_LABEL - 2}}" + cut(
        (f"{time:<{wide[0]}} " if wide[0] else "") + f"{source:<{wide[1]}}  {text}", width - _LABEL)
        for number, (time, source, text) in enumerate(rows)]


def _row(label, text, width, limit=0):
    """A label and its text, wrapped under itself, cut after `limit` lines (0: all); nothing at all without a text."""
    if not text:
        return []
    lines = textwrap.wrap(text, width - _LABEL, break_on_hyphens=False) or [""]
    if limit and len(lines) > limit:
        lines = lines[:limit]
        lines[-1] = cut(lines[-1] + " " * width, width - _LABEL) if len(lines[-1]) > width - _LABEL - 4 else lines[-1] + " ..."
    return [f"  {label if not number else '':<{_LABEL - 2}}{line}" for number, line in enumerate(lines)]


def many(fleet, contents, width=110):
    """Many nodes, a line for each first cause and what its nodes share, then those not reached, not known and healthy."""
    groups = {}
    for content in contents:
        verdict = content["verdict"]
        if verdict["causes"] and verdict["state"] != "healthy":
            cause = verdict["causes"][0]
            groups.setdefault((("critical", "warning", "info").index(cause["severity"]), plain(cause["id"])), []).append(content)
        elif verdict["state"] != "healthy":
            groups.setdefault((3 + wording.STATES.index(verdict["state"]), ""), []).append(content)
    wide = max([len(name) for _rank, name in groups] + [10])
    lines = []
    for why in list(dict.fromkeys(f"{content['verdict']['scope']}: {plain(content['verdict']['scope_why'])}"
                                  for content in contents if content["verdict"].get("scope_why")))[:_SCOPES]:
        lines += _row("scope", why, width, 2)
    for (rank, name), members in sorted(groups.items(), key=lambda group: (group[0][0], -len(group[1]), group[0][1])):
        label = ("critical", "warning", "info")[rank] if rank < 3 else wording.state(wording.STATES[rank - 3])
        start = f"{label:<12}{name:<{wide}}  {wording.nodes(len(members)):>10}   "
        lines.append(start + _members(members, max(20, width - len(start))))
    healthy = fleet["totals"].get("healthy")
    if healthy:
        lines.append(f"{'healthy':<12}{'':<{wide}}  {wording.nodes(healthy):>10}")
    gaps = wording.fleet_gaps(fleet)
    for gap in gaps[:_GAPS]:
        lines += _row("unseen", gap, width, 1)
    if len(gaps) > _GAPS:
        lines += _row("", f"and {len(gaps) - _GAPS} more in fleet.json", width)
    return "\n".join(lines)


def _members(members, room):
    """Names, as many as there is room for, and what the nodes share: a single node's reason, the same pod or mount of several."""
    names, causes = [plain(content["node"], 60) for content in members], members[0]["verdict"]["causes"]
    if len(members) == 1:
        why = plain(causes[0]["why"]) if causes else wording.error(members[0])
        if causes and causes[0]["evidence"] and not any(letter.isdigit() for letter in why):
            why += ": " + plain(causes[0]["evidence"][0]["text"])  # a bare name says too little in a line of its own
        return cut(f"{names[0]}   {why}" if why else names[0], room)
    shared = {wording.thing(content["verdict"]["causes"][0]["subject"]) for content in members} if causes else {""}
    note = f"   all: {shared.pop()}" if len(shared) == 1 and "" not in shared else ""
    if not causes:
        kinds = [plain(content["reach"].get("kind")) for content in members]
        names = [name + (f" ({kind})" if kind else "") for name, kind in zip(names, kinds)]
    for count in range(min(len(names), 30), 0, -1):
        text = " ".join(names[:count]) + (f" +{len(names) - count}" if count < len(names) else "") + note
        if len(text) <= room:
            return text
    return cut(" ".join(names), room)
