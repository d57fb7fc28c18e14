# Copyright: kubetriage.node contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the API server holds of the nodes: a few raw, paged reads -> one view a node (shape: api_object.empty_view).

A read that is denied or fails becomes one line of `not_checked`, and the others go on. Requests: one table of all Nodes; then for a few
nodes single reads of each, in parallel; for many the whole lists of Nodes, Leases and events, page by page, of which only what a view holds
is kept. Pods are by far the most: of a large cluster's only those on nodes in trouble are read.
"""

from concurrent.futures import ThreadPoolExecutor
from functools import partial
from urllib.parse import quote

from ansible_collections.kubetriage.node.plugins.plugin_utils import (
    api_health, api_object, controller_manager_reads, event_table, node_view, scope_reads, workload_reads)
from ansible_collections.kubetriage.node.plugins.plugin_utils.cluster_error import ClusterError, NoAnswer, ReadFailed
from ansible_collections.kubetriage.node.plugins.plugin_utils.cluster_reads import LEASES, NODE_EVENTS, NODES, PODS, Reads, items, remaining
from ansible_collections.kubetriage.node.plugins.plugin_utils.utc import iso

_THREADS = 8
# Up to so many nodes are read one by one, if they are less than a quarter of the cluster; above, whole lists cost less.
_SINGLY = 100
# Up to so many pods are read together with whole lists: 5 to 10 s, and 25 MB of what is kept of them.
_MANY_PODS = 10000
_NEWEST = 100  # events of a node
# The server prints one line a Node, 0.2 kB instead of 10 to 30; servers before 1.15 know only v1beta1, those before 1.10 send the Nodes
_TABLE = "application/json;as=Table;g=meta.k8s.io;v=v1, application/json;as=Table;g=meta.k8s.io;v=v1beta1, application/json"
# A view's words for what it misses, those of a pasted node too
_NO_NODE, _NO_LEASE, _NO_PODS, _NO_EVENTS = "conditions of the Node", "Lease", "pods of the node", "events"


def read_cluster(api, hosts, deadline):
    """The views of the Nodes that the hosts are.

    `hosts`: {host: [its addresses or other names]}, or None for every Node; `deadline`: seconds for all reads.
    -> {"read_at", "server", "hosts": {host: Node name, or None}, "views": {Node name: view}, "cluster", "not_checked"}.
    Raises ClusterError if the API server cannot be asked.
    """
    reads = Reads(api, deadline)
    health = api_health.read(api)
    reads.cached = any(name.startswith("etcd") for name in health["failed"])
    summary = cluster_summary(reads)
    reads.gaps += health["gaps"]
    if hosts is None:
        matched = {entry["name"]: entry["name"] for entry in summary["entries"] or ()}
    elif summary["entries"] is None:
        matched = {host: host for host in hosts}  # no list to look into: the names must do
    else:
        match = node_view.matcher({entry["name"]: entry for entry in summary["entries"]})
        matched = {host: (match(host, addresses) or {}).get("name") for host, addresses in hosts.items()}
    names = sorted({name for name in matched.values() if name})
    views = node_views(reads, names, summary["cluster"]["nodes"])
    summary["cluster"].update(scope_reads.read(reads, summary["cluster"]["not_ready"], views), api_failed=health["failed"])
    return {
        "read_at": iso(api.now()),
        "server": api.server,
        "hosts": {host: name if name in views else None for host, name in matched.items()},
        "views": views,
        "cluster": summary["cluster"],
        "not_checked": reads.gaps,
    }


def cluster_summary(reads):
    """All Nodes in few bytes -> {"cluster": {"nodes", "not_ready"}, "entries": [{"name", "addresses", and "age_s" or "created"}], or None if they
    may not be listed}.

    It is the first request as well: raises ClusterError if the server gives no answer, or an error of its own.
    """
    entries, not_ready = [], []
    try:
        # From the server's cache (resourceVersion 0): a count may be a second old, and a struggling etcd is left alone
        for page in reads.pages(NODES.path, [("resourceVersion", "0"), ("includeObject", "None")], _TABLE):
            for entry, ready in _table_rows(page) if page.get("kind") == "Table" else _node_rows(page):
                entries.append(entry)
                if not ready:
                    not_ready.append(entry["name"])
    except ReadFailed as error:
        if error.status == 403 and "system:anonymous" in str(error):
            raise ClusterError(f"the API server {reads.api.server} takes us for anonymous: the request had no credentials it knows; "
                               "pass api_key: or a kubeconfig with a user") from error
        if error.status != 403:
            raise NoAnswer(f"the API server {reads.api.server} does not list Nodes: {error}; "
                           "look at its own health (/livez?verbose)") from error
        reads.gaps.append({"what": "the other nodes of the cluster", "why": str(error)})
        return {"cluster": {"nodes": None, "not_ready": []}, "entries": None}
    return {"cluster": {"nodes": len(entries), "not_ready": sorted(not_ready)}, "entries": entries}


def node_views(reads, names, nodes):
    """-> {Node name: view} for those of `names` that exist; `nodes` is how many there are, or None."""
    if not names:
        return {}
    views = {name: api_object.empty_view(name) for name in names}
    if nodes is None or len(names) <= 3 or len(names) <= min(_SINGLY, nodes // 4):
        _read_singly(reads, views)
        _date(views, reads.api)
    else:
        _read_lists(reads, views)
        _date(views, reads.api)
        _read_pods(reads, views)
    workload_reads.read(reads, views.values())
    controller_manager_reads.read(reads, views.values())
    for view in views.values():
        view["events"] = _newest(view["events"])
        view["not_checked"].sort(key=lambda gap: gap["what"])
    return views


def _read_singly(reads, views):
    """Fill each view by requests of its own; the views of Nodes that do not exist go."""
    def node(name):
        try:
            views[name].update(api_object.node(reads.get(f"{NODES.path}/{quote(name, safe='')}")), name=name)
        except ReadFailed as error:
            if error.status != 404:
                raise
            absent.append(name)

    def lease(name):
        try:
            views[name]["lease"] = api_object.lease(reads.get(f"{LEASES.path}/{quote(name, safe='')}"))
        except ReadFailed as error:
            if error.status != 404:  # none: a kubelet before 1.13, or one that never came up
                raise

    absent = []
    jobs = [(_NO_EVENTS, partial(_read_events, reads, views), views.values())]
    for name, view in views.items():
        jobs += [(_NO_NODE, partial(node, name), [view]), (_NO_LEASE, partial(lease, name), [view]),
                 (_NO_PODS, partial(_read_pods_of, reads, view), [view])]
    _at_once(jobs)
    for name in absent:
        del views[name]


def _read_lists(reads, views):
    """Fill the views, all but their pods, from the whole lists; the views of Nodes that do not exist go."""
    def nodes():
        for item in reads.items(NODES.path):
            name = api_object.name(item)
            if name in views:
                views[name].update(api_object.node(item))
                unseen.discard(name)
        absent.extend(unseen)

    def leases():
        try:
            for item in reads.items(LEASES.path):
                view = views.get(api_object.name(item))
                if view is not None:
                    view["lease"] = api_object.lease(item)
        except ReadFailed as error:
            if error.status != 404:  # before 1.13
                raise

    unseen, absent = set(views), []
    # Of a list that broke off in the middle, a Node or Lease that came is whole
    _at_once([(_NO_NODE, nodes, (views[name] for name in unseen)),
              (_NO_LEASE, leases, (view for view in views.values() if view["lease"] is None)),
              (_NO_EVENTS, partial(_read_events, reads, views), views.values())])
    for name in absent:
        del views[name]


def _read_events(reads, views):
    """For more than one node all events about Nodes: by name they cost the server a walk over all that it has, each time."""
    about = "".join(f",involvedObject.name={name}" for name in views) if len(views) == 1 else ""
    for item in reads.items(NODE_EVENTS.path, [("fieldSelector", "involvedObject.kind=Node" + about)]):
        view = views.get(api_object.object_of_event(item))
        if view is not None:
            view["events"].append(api_object.event(item))
            if len(view["events"]) > 2 * _NEWEST:
                view["events"] = _newest(view["events"])


def _read_pods(reads, views):
    """All pods if the cluster has at most _MANY_PODS, else those on nodes in trouble, at most about so many."""
    try:
        if _read_few_pods(reads, views):
            return
    except (ReadFailed, ClusterError) as error:
        _miss(_NO_PODS, error, views.values())
        return
    read = []

    def pods(view):
        if sum(read) >= _MANY_PODS:
            raise ReadFailed(f"there are more than {_MANY_PODS} pods on nodes in trouble; -l NODE reads them", 0)
        _read_pods_of(reads, view)
        read.append(len(view["pods"]))

    severities = {name: _severity(view) for name, view in views.items()}
    troubled = sorted((severity, name) for name, severity in severities.items() if severity is not None)
    _at_once([(_NO_PODS, partial(pods, views[name]), [views[name]]) for _rank, name in troubled])
    _miss(_NO_PODS, f"of more than {_MANY_PODS} pods only those on nodes in trouble are read; -l NODE reads them",
          (view for name, view in views.items() if severities[name] is None))


def _read_few_pods(reads, views):
    """-> whether the cluster has few pods; if not, none is kept."""
    count = 0
    for page in reads.pages(PODS.path):
        found = items(page)
        count += len(found)
        if count + remaining(page) > _MANY_PODS:
            for view in views.values():
                view["pods"] = []
            return False
        for item in found:
            view = views.get(api_object.node_of_pod(item))
            if view is not None:
                view["pods"].append(api_object.pod(item))
    return True


def _read_pods_of(reads, view):
    # From the server's cache, where pods are indexed by their node
    query = [("fieldSelector", f"spec.nodeName={view['name']}"), ("resourceVersion", "0")]
    view["pods"] = [api_object.pod(item) for item in reads.items(PODS.path, query)]


def _severity(view):
    """0 for a node in serious trouble by what the control plane says, 1 for one in some, None for one in none."""
    found = {finding["severity"] for finding in node_view.check(view)["findings"]}
    return 0 if "critical" in found else 1 if "warning" in found else None


def _at_once(jobs):
    """Call each of [(what it reads, function, views that miss it where it fails)]."""
    def run(job):
        what, read, without = job
        try:
            read()
        except (ReadFailed, ClusterError) as error:
            _miss(what, error, without)

    with ThreadPoolExecutor(_THREADS) as pool:
        list(pool.map(run, jobs))


def _miss(what, why, views):
    for view in views:
        view["not_checked"].append({"what": what, "why": str(why)})


def _date(views, api):
    read_at = iso(api.now())
    for view in views.values():
        view["read_at"] = read_at


def _newest(events):
    return sorted(events, key=lambda event: event["last"] or "")[-_NEWEST:]


def _table_rows(page):
    """Table of Nodes -> ({"name", "age_s", "addresses"}, ready?) each. STATUS is Ready, NotReady or Unknown; ",SchedulingDisabled" may follow."""
    columns = {str(column.get("name")).lower(): number for number, column in enumerate(page.get("columnDefinitions") or [])}
    for row in page.get("rows") or []:
        cells = row.get("cells") or []
        cell = {name: cells[number] for name, number in columns.items() if number < len(cells)}
        addresses = [{"type": kind, "address": cell[column]}
                     for column, kind in (("internal-ip", "InternalIP"), ("external-ip", "ExternalIP"))
                     if cell.get(column) not in (None, "", "<none>")]
        age = event_table.age(str(cell.get("age")))
        yield {"name": str(cell.get("name")), "age_s": age, "addresses": addresses}, str(cell.get("status")).partition(",")[0] == "Ready"


def _node_rows(page):
    for item in items(page):
        node = api_object.node(item)
        ready = any(condition["type"] == "Ready" and condition["status"] == "True" for condition in node["conditions"])
        yield {"name": node["name"], "created": node["created"], "addresses": node["addresses"]}, ready
