# Copyright: kubetriage.node contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The silent nodes of a run: which they are, what is learned of them from outside, and their verdicts anew.

A node's task leaves a mark when it gets no answer, so that a run of thousands of healthy nodes reads nothing here. What is learned stands
under `reach.outside` of the node's artifact: {"lease"?: {"lease", "read_at"}, "kubelet"?, "peer"?, "power"?, "earlier"?,
"not_checked": [gap]}; each of the middle four has "evidence", quotes for the verdict.
"""

import os
import urllib.parse

from ansible_collections.kubetriage.node.plugins.plugin_utils import artifacts, history, verdicts

MOST = 20  # silent nodes that are looked at; of more, it is the network or the cluster that is broken
_MARK = ".json"
PEER = "a look from a healthy node"


def mark(run_dir, host):
    """This host gave no answer. Raises OSError."""
    artifacts.write_json(os.path.join(run_dir, "silent", artifacts.file_name(host) + _MARK), {"host": host})


def silent(run_dir):
    """-> the hosts so marked, in order."""
    try:
        names = os.listdir(os.path.join(run_dir, "silent"))
    except OSError:
        return []
    return sorted(urllib.parse.unquote(name[:-len(_MARK)]) for name in names if name.endswith(_MARK))


def content(run_dir, host):
    """-> a host's artifact of this run; {} without one."""
    return artifacts.read_json(artifacts.node_path(run_dir, host))


def add(run_dir, host, **learned):
    """Put what was learned into a silent host's artifact, and judge it anew -> the new content, {} if there is none. Raises OSError."""
    before = content(run_dir, host)
    if not before:
        return {}
    reach = dict(before["reach"])
    outside = dict({"not_checked": []}, **(reach.get("outside") or {}))
    outside["not_checked"] = outside["not_checked"] + list(learned.pop("not_checked", ()))
    outside.update({name: found for name, found in learned.items() if found})
    reach["outside"] = outside
    after = verdicts.artifact(before["run"], before["node"], reach, [], before["control_plane"], before["collected_at"],
                              history.load(run_dir))
    artifacts.write_json(artifacts.node_path(run_dir, host), after)
    return after


def last_look(run_dir, host):
    """The newest earlier artifact in which the node answered, else the newest -> {"run", "time", "state", "cause", "evidence"}, or None."""
    newest = None
    for found in artifacts.earlier(run_dir, host):
        newest = newest or found
        if isinstance(found.get("reach"), dict) and found["reach"].get("ok"):
            newest = found
            break
    if not newest:
        return None
    verdict = newest["verdict"]
    first = next((cause for cause in verdict.get("causes") or () if isinstance(cause, dict)), {})
    cause = "%s (%s)" % (first.get("id"), first.get("confidence")) if first else "no cause"
    time = str(newest.get("collected_at"))[:20]
    return {"run": str(newest.get("run")), "time": time, "state": str(verdict.get("state")), "cause": first.get("id"),
            "evidence": [{"source": "last look", "time": time,
                          "text": "run %s: %s, %s" % (newest.get("run"), verdict.get("state"), cause)}]}
