# Copyright: kubetriage.node contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What was changed shortly before the trouble began: on the node, as its check `changes` tells, and in the cluster."""

from ansible_collections.kubetriage.node.plugins.module_utils.result import evidence
from ansible_collections.kubetriage.node.plugins.plugin_utils import utc

BEFORE_S = 86400
LIMIT = 20
_SLACK = 60  # seconds by which clocks may differ


def of(checks, view, began, now):
    """CheckResults, the control plane's view or None, onset (epoch, or None: then the look counts) and time of the look ->
    [{"time", "what", "source"}] from a day before the onset to the look, the newest first; of more than LIMIT those nearest to the onset.
    """
    moment = began if began is not None else now
    if moment is None:
        return []
    told = {}
    for change in _of_the_node(checks) + _of_the_cluster(view or {}):
        when = utc.seconds(change.get("time"))
        if when is not None and moment - BEFORE_S <= when <= max(now or moment, moment) + _SLACK:
            told[when, _line(change.get("what"), 300), _line(change.get("source"), 100)] = None
    nearest = sorted(told, key=lambda change: (abs(change[0] - moment), change))[:LIMIT]
    return [{"time": utc.iso(when), "what": what, "source": source} for when, what, source in sorted(nearest, reverse=True)]


def before(changes, since, limit):
    """Changes as `of` gives them and the onset (UTC ISO, or None) -> the last ones before it, the nearest first."""
    return [change for change in changes if since is None or change["time"] <= since][:limit]


def _of_the_node(checks):
    """The node is not trusted: what has another form is left out."""
    said = next((check["facts"].get("changes") for check in checks if check.get("check") == "changes" and isinstance(check.get("facts"), dict)), None)
    return [change for change in said if isinstance(change, dict)] if isinstance(said, list) else []


def _of_the_cluster(view):
    cordon = view.get("cordon") if view.get("unschedulable") else None
    found = [change for change in view.get("changes") or () if isinstance(change, dict)]
    if cordon:
        found.append({"time": cordon.get("at"), "what": f"the Node was cordoned by {cordon.get('by') or 'somebody'}", "source": "Node"})
    return found


def _line(text, limit):
    return evidence("", "?" if text is None else text)["text"][:limit]
