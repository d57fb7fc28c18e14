# Copyright: kubetriage.node contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What earlier runs in the same artifacts directory found: read once a run, kept for the triage of each of its nodes.

Of the runs of the last days that looked at the same cluster, the summary; where there is none, as the run broke off, what it wrote of our
hosts. Others may have written there: what is not in our form, or is too large, is passed over.
"""

import os
import time
from urllib.parse import quote

from ansible_collections.kubetriage.node.plugins.plugin_utils import artifacts, node_state, recurrence
from ansible_collections.kubetriage.node.plugins.plugin_utils.api_object import dict_of
from ansible_collections.kubetriage.node.plugins.plugin_utils.cluster_error import ClusterError, ReadFailed
from ansible_collections.kubetriage.node.plugins.plugin_utils.cluster_reads import NODES

_FILE = "earlier.json"
_SECONDS = 3.0  # for all of it: memory is a comfort, and must not hold up the answer
_HOSTS = 20  # whose own files or annotations are read


def keep(run_dir, server, hosts, now, also=()):
    """Write what runs before `run_dir` found, and the looks in `also`. `server`: the API server's address, or None; `now`: epoch.

    Raises OSError.
    """
    found, until = list(also), time.monotonic() + _SECONDS
    for run in artifacts.earlier_runs(run_dir, now - recurrence.DAYS * 86400):
        if time.monotonic() > until:
            break
        asked = artifacts.read_json(os.path.join(run, "control_plane.json"))
        if not asked or asked.get("server") not in (None, server):  # replayed evidence, or another cluster
            continue
        fleet = artifacts.read_json(os.path.join(run, "fleet.json"))
        if str(fleet.get("schema")).startswith("kubetriage.fleet/"):
            found += recurrence.looks(fleet)
        else:
            for host in list(hosts)[:_HOSTS]:
                found += recurrence.look(artifacts.read_json(artifacts.node_path(run, host)))
    if found:
        artifacts.write_json(os.path.join(run_dir, _FILE), {"looks": recurrence.newest(found)})


def annotated(api, views, annotation):
    """Looks that an annotation of the Nodes in trouble keeps, a JSON list of {"cause", "at", "since"?}. Nothing of ours writes it; one that cannot be
    read is named in the view's `not_checked`."""
    found = []
    troubled = [view for view in views.values() if view["conditions"] and not node_state.readiness(view, None)["ready"]]
    for view in troubled[:_HOSTS] if annotation else ():
        try:
            item = api.get(f"{NODES.path}/{quote(view['name'], safe='')}")
        except (ReadFailed, ClusterError) as error:
            view["not_checked"].append({"what": f"annotation {annotation}", "why": str(error)})
            continue
        found += recurrence.noted(view["name"], view["info"], dict_of(dict_of(item, "metadata"), "annotations").get(annotation))
    return found


def load(run_dir):
    """-> looks (see recurrence) of the runs before this one."""
    looks = artifacts.read_json(os.path.join(run_dir, _FILE)).get("looks")
    return looks if isinstance(looks, list) else []
