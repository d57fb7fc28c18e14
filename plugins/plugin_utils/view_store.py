# Copyright: kubetriage.node contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How a run keeps what the control plane held: control_plane.json for the run, and a file a Node beside it.

A Node has its own file because every host's task reads one view: in one file, a thousand hosts would parse a thousand views each.
"""

import json
import os

from ansible_collections.kubetriage.node.plugins.plugin_utils import node_state, scope
from ansible_collections.kubetriage.node.plugins.plugin_utils.artifacts import file_name, read_json, write_json
from ansible_collections.kubetriage.node.plugins.plugin_utils.redaction import clean


def save(run_dir, seen, error=None, down=False, server=None):
    """Write cluster_view.read_cluster's answer, or the sentence why `server` gave none; `down`: nobody answered. Raises OSError."""
    seen = dict(seen or {"read_at": None, "server": server, "hosts": {}, "cluster": None, "not_checked": []})
    views = seen.pop("views", None) or {}
    seen["troubled"] = sorted(name for name, view in views.items() if node_state.in_trouble(view))
    for name, view in views.items():
        put(run_dir, name, view)
    write_json(os.path.join(run_dir, "control_plane.json"), clean(dict(seen, error=error, down=down)))


def load(run_dir, host):
    """The view of the Node that is `host` (a host of the run, or a Node's name), with the cluster in it -> (view or None, why none)."""
    try:
        with open(os.path.join(run_dir, "control_plane.json"), encoding="utf-8") as file:
            seen = json.load(file)
    except FileNotFoundError:
        return None, "the control plane was not read in this run"
    except (OSError, ValueError) as error:
        return None, f"control_plane.json of this run cannot be read: {error}"
    if seen["error"]:
        return None, seen["error"]
    name = seen["hosts"].get(host) or host
    try:
        with open(_path_of(run_dir, name), encoding="utf-8") as file:
            view = json.load(file)
    except FileNotFoundError:
        return None, f"no Node of the cluster has the name {host} or its address"
    except (OSError, ValueError) as error:
        return None, f"the view of Node {name} in this run cannot be read: {error}"
    view["cluster"] = scope.bounded(name, seen["cluster"])
    view["not_checked"] += seen["not_checked"]
    return view, None


def troubled(run_dir):
    """-> {Node name: view} of those in trouble."""
    names = read_json(os.path.join(run_dir, "control_plane.json")).get("troubled") or ()
    return {name: view for name, view in ((name, read_json(_path_of(run_dir, name))) for name in names) if view}


def put(run_dir, name, view):
    """Write a Node's view anew. Raises OSError."""
    write_json(_path_of(run_dir, name), clean(view))


def is_down(run_dir):
    """Did nobody answer as the API server in this run?"""
    return read_json(os.path.join(run_dir, "control_plane.json")).get("down") is True


def _path_of(run_dir, name):
    return os.path.join(run_dir, "control_plane", file_name(name) + ".json")
