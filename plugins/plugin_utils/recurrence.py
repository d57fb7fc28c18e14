# Copyright: kubetriage.node contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Has this happened before? From what earlier runs found, here and on other nodes.

A look is what a run found of a node with a cause: {"node", "at" (of the look), "since" (onset), "cause" (the first), "kernel", "runtime", "kubelet"};
times in UTC ISO, all but node, at and cause may be None.
"""

import json

from ansible_collections.kubetriage.node.plugins.plugin_utils import utc

DAYS = 7
_LOOKS = 2000  # the newest ones are kept
_SHOWN = 10
_SAME_S = 86400  # looks of which nobody knows the onset are of one failure if they are so close
VERSIONS = ("kernel", "runtime", "kubelet")
_ORDINALS = ("first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth")


def of(cause, node, since, now, info, earlier):
    """The first cause's id, the onset, the time of the look, the Node's versions ({"kernel", "runtime", "kubelet"}) and earlier looks ->
    {"cause", "days", "times" (with this one), "before" [onset, the newest first], "others" [node], "shared" {version: how many of them
    have this node's}, "text"}; None when it is the first time, and on no other node.

    Several looks at one failure are one time: it is another one when it began after the last look that saw it.
    """
    end = utc.seconds(now)
    if not cause or end is None:
        return None
    alike = [look for look in earlier if look.get("cause") == cause and end - DAYS * 86400 <= (utc.seconds(look.get("at")) or 0) < end]
    own = [(utc.seconds(look["at"]), utc.seconds(look.get("since"))) for look in alike if look.get("node") == node]
    before = _begins(sorted(own, key=lambda look: (look[0], look[1] or 0)) + [(end, utc.seconds(since))])[:-1]
    others = {look["node"]: look for look in sorted(alike, key=lambda look: look["at"]) if isinstance(look.get("node"), str) and look["node"] != node}
    if not before and not others:
        return None
    shared = {key: sum(look.get(key) == info[key] for look in others.values()) for key in VERSIONS if info.get(key)}
    shared = {key: count for key, count in shared.items() if count}
    return {"cause": cause, "days": DAYS, "times": len(before) + 1, "before": [utc.iso(moment) for moment in reversed(before)][:_SHOWN],
            "others": sorted(others)[:_SHOWN], "shared": shared, "text": _text(cause, len(before) + 1, len(others), shared, info)}


def _begins(looks):
    """[(time of the look, onset or None)] in order -> when each failure among them began."""
    begins, seen = [], None
    for at, onset in looks:
        if seen is None or (onset > seen if onset is not None else at - seen > _SAME_S):
            begins.append(onset if onset is not None else at)
        seen = at
    return begins


def _text(cause, times, others, shared, info):
    parts = []
    if times > 1:
        parts.append(f"{_ordinal(times)} {cause} here in {DAYS} days")
    if others:
        said = f"{others} other node{'s' if others > 1 else ''} had it" + ("" if parts else f" in {DAYS} days")
        key = max(shared, key=lambda key: (shared[key], -VERSIONS.index(key)), default=None)
        if key:
            said += f", {'all' if shared[key] == others and others > 1 else shared[key]} with this node's {key} {info[key]}"
        parts.append(said)
    return "; ".join(parts)


def _ordinal(number):
    if number <= len(_ORDINALS):
        return _ORDINALS[number - 1]
    return f"{number}" + ({1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th") if number % 100 // 10 != 1 else "th")


def looks(fleet):
    """Content of an earlier fleet.json, whoever wrote it -> its looks."""
    found, at = [], fleet.get("generated_at")
    for entry in fleet.get("nodes") if isinstance(fleet.get("nodes"), list) else ():
        if isinstance(entry, dict):
            found.append(_look(entry.get("node"), entry.get("looked_at") or at, entry.get("since"), entry.get("cause"), entry.get("versions")))
    return [look for look in found if look]


def look(content):
    """Content of an earlier nodes/<node>.json -> [its look], or []."""
    verdict = content.get("verdict") if isinstance(content.get("verdict"), dict) else {}
    causes = verdict.get("causes") if isinstance(verdict.get("causes"), list) else []
    first = causes[0] if causes and isinstance(causes[0], dict) else {}
    view = content.get("control_plane") if isinstance(content.get("control_plane"), dict) else {}
    found = _look(content.get("node"), content.get("collected_at"), verdict.get("since"), first.get("id"), view.get("info"))
    return [found] if found else []


def noted(node, versions, text):
    """What an annotation of a Node says, a JSON list of {"cause", "at", "since"?} -> looks; [] if it is no such list."""
    try:
        entries = json.loads(text) if isinstance(text, str) else []
    except (ValueError, RecursionError):
        return []
    found = [_look(node, entry.get("at"), entry.get("since"), entry.get("cause"), versions)
             for entry in (entries if isinstance(entries, list) else ()) if isinstance(entry, dict)]
    return [look_ for look_ in found if look_]


def _look(node, at, since, cause, versions):
    versions = versions if isinstance(versions, dict) else {}
    if not all(isinstance(value, str) and 0 < len(value) <= 300 for value in (node, at, cause)) or utc.seconds(at) is None:
        return None
    found = {"node": node, "at": at, "cause": cause, "since": since if (utc.seconds(since) or 0) > 0 else None}
    for key in VERSIONS:
        found[key] = versions[key][:100] if isinstance(versions.get(key), str) else None
    return found


def newest(looks_):
    """-> the newest looks, at most as many as a run keeps in mind, each once."""
    each = {json.dumps(found, sort_keys=True): found for found in looks_}
    return sorted(each.values(), key=lambda found: (found["at"], found["node"]))[-_LOOKS:]
