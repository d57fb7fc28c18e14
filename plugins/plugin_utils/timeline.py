# Copyright: kubetriage.node contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""One time line of a node, in UTC, across its logs, its state and the control plane."""

from ansible_collections.kubetriage.node.plugins.plugin_utils import node_state, utc

LIMIT = 40


def timeline(entries, view, began, chain=(), changes=()):
    """Entries ({id: entry}), the control plane's view and the node's onset -> [{"time", "source", "text", "id"}], oldest first; within a
    second in the order of `chain`, then as the sources give it. The source of one of `changes` ({"time", "what", "source"}) begins with "change".

    Of more than LIMIT those nearest to the onset stay (without one, the latest); a last line without a time says how many are left out.
    """
    points = {}
    for name, entry in entries.items():
        for quote in entry["evidence"]:
            _add(points, quote["time"], quote["source"], quote["text"], name)
    for condition in (view or {}).get("conditions") or ():
        if condition.get("type") == "Ready" and not any(name in entries for name in node_state.NOT_READY):
            said = " ".join(str(condition[key]) for key in ("status", "reason", "message") if condition.get(key))
            _add(points, condition.get("transition"), "control plane", f"Ready={said}", None)
    for event in (view or {}).get("events") or ():
        _add(points, event.get("last") or event.get("first"), "event", f"{event.get('reason')}: {event.get('message')}", None)
    for line in ((view or {}).get("controller_manager") or {}).get("lines") or ():
        _add(points, line["time"], "controller manager", line["text"], None)
    for change in changes:
        _add(points, change["time"], f"change, {change['source']}", change["what"], None)
    place = {name: number for number, name in enumerate(chain)}
    ordered = sorted(points.items(), key=lambda point: (point[0][0], place.get(point[1], len(place)), point[0]))
    if len(ordered) > LIMIT:
        nearest = sorted(ordered, key=lambda point: (abs(point[0][0] - began) if began is not None else -point[0][0], point[0]))
        chosen = {key for key, _name in nearest[:LIMIT]}
        ordered = [point for point in ordered if point[0] in chosen]
    line = [{"time": utc.iso(moment), "source": source, "text": text, "id": name} for (moment, source, text), name in ordered]
    if len(points) > LIMIT:
        line.append({"time": None, "source": "triage", "text": f"{len(points) - LIMIT} more are left out", "id": None})
    return line


def _add(points, time, source, text, name):
    moment = utc.seconds(time)
    if moment is not None:
        key = (moment, str(source), str(text))
        if key not in points or name is not None and (points[key] is None or name < points[key]):
            points[key] = name
