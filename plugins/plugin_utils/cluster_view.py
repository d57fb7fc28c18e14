# Copyright: kubetriage.node contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the API server holds of the nodes: a few raw, paged reads -> one view a node (shape: api_object.empty_view).

A read that is denied or fails becomes one line of `not_checked`, and the others go on. Requests: for a few nodes one table of all Nodes and
four reads a node, in parallel; for many the whole lists, page by page, of which only what a view holds is kept.
"""

import time
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import quote

from ansible_collections.kubetriage.node.plugins.plugin_utils import api_object
from ansible_collections.kubetriage.node.plugins.plugin_utils.cluster_error import ClusterError, ReadFailed
from ansible_collections.kubetriage.node.plugins.plugin_utils.node_view import matcher
from ansible_collections.kubetriage.node.plugins.plugin_utils.utc import iso

PAGE = 500
_THREADS = 8
# Up to so many nodes are read one by one, if they are less than a quarter of the cluster; above, whole lists cost less.
_SINGLY = 100
_EVENTS = 100  # the newest of a node
# The server prints one line a Node, 0.3 kB instead of 10 to 30; servers before 1.15 know only v1beta1, those before 1.10 send the Nodes
_TABLE = "application/json;as=Table;g=meta.k8s.io;v=v1, application/json;as=Table;g=meta.k8s.io;v=v1beta1, application/json"
_NODES = "/api/v1/nodes"
_PODS = "/api/v1/pods"
_LEASES = "/apis/coordination.k8s.io/v1/namespaces/kube-node-lease/leases"
_EVENTS_OF_NODES = "/api/v1/namespaces/default/events"  # events about objects without a namespace are kept in default


def read_cluster(api, hosts, deadline):
    """The views of the Nodes that the hosts are.

    `hosts`: {host: [its addresses or other names]}, or None for every Node; `deadline`: seconds for all reads.
    -> {"read_at", "server", "hosts": {host: Node name, or None}, "views": {Node name: view}, "cluster", "not_checked"}.
    Raises ClusterError if the API server cannot be asked.
    """
    reads = _Reads(api, deadline)
    summary = cluster_summary(reads)
    if hosts is None:
        matched = {entry["name"]: entry["name"] for entry in summary["entries"] or ()}
    elif summary["entries"] is None:
        matched = {host: host for host in hosts}  # no list to look into: the names must do
    else:
        match = matcher({entry["name"]: entry for entry in summary["entries"]})
        matched = {host: (match(host, addresses) or {}).get("name") for host, addresses in hosts.items()}
    names = sorted({name for name in matched.values() if name})
    views = node_views(reads, names, summary["cluster"]["nodes"])
    return {
        "read_at": iso(api.now()),
        "server": api.server,
        "hosts": {host: name if name in views else None for host, name in matched.items()},
        "views": views,
        "cluster": summary["cluster"],
        "not_checked": reads.gaps,
    }


def cluster_summary(reads):
    """All Nodes in few bytes -> {"cluster": {"nodes", "not_ready"}, "entries": [{"name", "addresses"}] or None if they may not be listed}.

    It is the first request as well: raises ClusterError if the server gives no answer, or an error of its own.
    """
    entries, not_ready = [], []
    try:
        # From the server's cache (resourceVersion 0): a count may be a second old, and a struggling etcd is left alone
        for page in reads.pages(_NODES, [("resourceVersion", "0"), ("includeObject", "None")], _TABLE):
            for entry, ready in _table_rows(page) if page.get("kind") == "Table" else _node_rows(page):
                entries.append(entry)
                if not ready:
                    not_ready.append(entry["name"])
    except ReadFailed as error:
        if error.status == 403 and "system:anonymous" in str(error):
            raise ClusterError(f"the API server {reads.api.server} takes us for anonymous: the request had no credentials it knows; "
                               "pass api_key: or a kubeconfig with a user") from error
        if error.status != 403:
            raise ClusterError(f"the API server {reads.api.server} does not list Nodes: {error}; "
                               "look at its own health (/livez?verbose)") from error
        reads.gaps.append({"what": "the other nodes of the cluster", "why": str(error)})
        return {"cluster": {"nodes": None, "not_ready": []}, "entries": None}
    return {"cluster": {"nodes": len(entries), "not_ready": sorted(not_ready)}, "entries": entries}


def node_views(reads, names, nodes):
    """-> {Node name: view} for those of `names` that exist; `nodes` is how many there are, or None."""
    if not names:
        return {}
    if nodes is None or len(names) <= 3 or len(names) <= min(_SINGLY, nodes // 4):
        parts = _singly(reads, names)
    else:
        parts = _whole(reads, names)
    read_at = iso(reads.api.now())
    views = {}
    for name in names:
        part = parts[name]
        if part["node"] is None and not any(gap["what"] == f"Node {name}" for gap in part["gaps"]):
            continue  # no such Node
        view = api_object.empty_view(name)
        view.update(part["node"] or {})
        view.update(name=name, lease=part["lease"], pods=part["pods"], not_checked=part["gaps"], read_at=read_at,
                    events=sorted(part["events"], key=lambda event: event["last"] or "")[-_EVENTS:])
        views[name] = view
    return views


class _Reads:
    """The API within one deadline: lists by page, failures as gaps."""

    def __init__(self, api, deadline):
        self.api = api
        self.gaps = []
        self._seconds, self._end = deadline, time.monotonic() + deadline

    def get(self, path, query=(), accept="application/json"):
        if time.monotonic() > self._end:
            raise ReadFailed(f"the deadline of {self._seconds:g} s for the control plane had passed", 0)
        return self.api.get(path, query, accept)

    def pages(self, path, query=(), accept="application/json"):
        """Yield each page of a list. Raises as Api.get; the pages before stay good."""
        following = None
        while True:
            start = [("limit", PAGE)] + list(query)
            if following:  # goes on in the same snapshot; a resourceVersion beside it is refused
                start = [pair for pair in start if pair[0] != "resourceVersion"] + [("continue", following)]
            page = self.get(path, start, accept)
            yield page
            meta = page.get("metadata")
            following = meta.get("continue") if isinstance(meta, dict) else None
            if not following:
                return


def _singly(reads, names):
    parts = {name: _empty_part() for name in names}

    def node(name, part):
        try:
            part["node"] = api_object.node(reads.get(f"{_NODES}/{quote(name, safe='')}"))
        except ReadFailed as error:
            if error.status != 404:
                raise

    def lease(name, part):
        try:
            part["lease"] = api_object.lease(reads.get(f"{_LEASES}/{quote(name, safe='')}"))
        except ReadFailed as error:
            if error.status != 404:  # none: a kubelet before 1.13, or one that never came up
                raise

    def pods(name, part):
        for page in reads.pages(_PODS, [("fieldSelector", f"spec.nodeName={name}"), ("resourceVersion", "0")]):
            part["pods"] += [api_object.pod(item) for item in _items(page)]

    def events(name, part):
        for page in reads.pages(_EVENTS_OF_NODES, [("fieldSelector", f"involvedObject.kind=Node,involvedObject.name={name}")]):
            part["events"] += [api_object.event(item) for item in _items(page)]

    def job(what, read, name):
        try:
            read(name, parts[name])
        except (ReadFailed, ClusterError) as error:
            parts[name]["gaps"].append({"what": what.format(name), "why": str(error)})

    with ThreadPoolExecutor(_THREADS) as pool:
        for name in names:
            for what, read in (("Node {}", node), ("Lease of {}", lease), ("pods of {}", pods), ("events of {}", events)):
                pool.submit(job, what, read, name)
    for part in parts.values():
        part["gaps"].sort(key=lambda gap: gap["what"])
    return parts


def _whole(reads, names):
    parts = {name: _empty_part() for name in names}

    def nodes(item):
        name = api_object.name(item)
        if name in parts:
            parts[name]["node"] = api_object.node(item)

    def leases(item):
        name = api_object.name(item)
        if name in parts:
            parts[name]["lease"] = api_object.lease(item)

    def pods(item):
        name = api_object.node_of_pod(item)
        if name in parts:
            parts[name]["pods"].append(api_object.pod(item))

    def events(item):
        name = api_object.object_of_event(item)
        if name in parts:
            parts[name]["events"].append(api_object.event(item))

    def job(path, query, keep):
        """-> why the list is not whole, or None"""
        try:
            for page in reads.pages(path, query):
                for item in _items(page):
                    keep(item)
        except (ReadFailed, ClusterError) as error:
            return None if path == _LEASES and isinstance(error, ReadFailed) and error.status == 404 else str(error)

    lists = (("Node {}", _NODES, [], nodes), ("Lease of {}", _LEASES, [], leases), ("pods of {}", _PODS, [], pods),
             ("events of {}", _EVENTS_OF_NODES, [("fieldSelector", "involvedObject.kind=Node")], events))
    with ThreadPoolExecutor(len(lists)) as pool:
        whys = list(pool.map(lambda entry: job(*entry[1:]), lists))
    for (what, _path, _query, keep), why in zip(lists, whys):
        if why:
            for name in names:
                # of a list that broke off in the middle, a Node or Lease that came is whole
                if keep is nodes and parts[name]["node"] or keep is leases and parts[name]["lease"]:
                    continue
                parts[name]["gaps"].append({"what": what.format(name), "why": why})
    return parts


def _empty_part():
    return {"node": None, "lease": None, "pods": [], "events": [], "gaps": []}


def _items(page):
    items = page.get("items")
    return [item for item in items if isinstance(item, dict)] if isinstance(items, list) else []


def _table_rows(page):
    """Table of Nodes -> ({"name", "addresses"}, ready?) each. STATUS is Ready, NotReady or Unknown; ",SchedulingDisabled" may follow."""
    columns = {str(column.get("name")).lower(): number for number, column in enumerate(page.get("columnDefinitions") or [])}
    for row in page.get("rows") or []:
        cells = row.get("cells") or []
        cell = {name: cells[number] for name, number in columns.items() if number < len(cells)}
        addresses = [{"type": kind, "address": cell[column]}
                     for column, kind in (("internal-ip", "InternalIP"), ("external-ip", "ExternalIP"))
                     if cell.get(column) not in (None, "", "<none>")]
        yield {"name": str(cell.get("name")), "addresses": addresses}, str(cell.get("status")).partition(",")[0] == "Ready"


def _node_rows(page):
    for item in _items(page):
        node = api_object.node(item)
        ready = any(condition["type"] == "Ready" and condition["status"] == "True" for condition in node["conditions"])
        yield {"name": node["name"], "addresses": node["addresses"]}, ready
