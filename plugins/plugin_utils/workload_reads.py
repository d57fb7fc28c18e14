# Copyright: kubetriage.node contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The API reads behind `workloads`: of a few nodes in trouble only, in the namespaces of their pods, each list within bounds."""

from concurrent.futures import ThreadPoolExecutor
from urllib.parse import quote

from ansible_collections.kubetriage.node.plugins.plugin_utils import node_state, trouble_reads, workloads
from ansible_collections.kubetriage.node.plugins.plugin_utils.api_object import dict_of, text_of
from ansible_collections.kubetriage.node.plugins.plugin_utils.cluster_error import ClusterError, ReadFailed
from ansible_collections.kubetriage.node.plugins.plugin_utils.cluster_reads import (
    BUDGETS, DAEMON_SETS, DEPLOYMENTS, PAGE, PODS, REVISIONS, SLICES, STATEFUL_SETS, items)

_NODES = 10  # in trouble; of more at once, what is common to them matters, and not each one's pods
_NAMESPACES = 10  # those with most of the pods
_PAGES = 4  # of one list
_THREADS = 8
_METADATA = "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1, application/json"
_WHAT = {DEPLOYMENTS: "replicas of Deployments", STATEFUL_SETS: "replicas of StatefulSets", BUDGETS: "disruption budgets",
         SLICES: "endpoints of services", DAEMON_SETS: "DaemonSets", REVISIONS: "rollouts of DaemonSets"}
_EVERYWHERE = "workloads of the pods"


def read(reads, views):
    """Fill what only nodes in trouble are asked for; what cannot be read becomes one line of their `not_checked` each."""
    troubled = [view for view in views if node_state.in_trouble(view)]
    if len(troubled) > _NODES:
        _miss(troubled, _EVERYWHERE, f"{len(troubled)} nodes are in trouble; -l NODE reads them")
    elif troubled:
        _read(reads, troubled)
        trouble_reads.read(reads, troubled)


def _read(reads, views):
    spaces = workloads.namespaces([pod for view in views for pod in view["pods"]])
    if len(spaces) > _NAMESPACES:
        _miss(views, _EVERYWHERE, f"of {len(spaces)} namespaces only the {_NAMESPACES} with most of the pods are read")
    with ThreadPoolExecutor(_THREADS) as pool:
        everywhere = {kind: [pool.submit(_list, reads, kind, kind.path)] for kind in (DAEMON_SETS, REVISIONS)}
        inside = {kind: [pool.submit(_list, reads, kind, _path(kind, space)) for space in spaces[:_NAMESPACES]]
                  for kind in (DEPLOYMENTS, STATEFUL_SETS, BUDGETS, SLICES)}
    found = {kind: _collected(views, _WHAT[kind], lists) for kind, lists in {**everywhere, **inside}.items()}
    for view in views:
        told = view["workloads"]
        if found[DEPLOYMENTS] is not None or found[STATEFUL_SETS] is not None:
            told["replicas"] = workloads.replicas(view["pods"], found[DEPLOYMENTS] or (), found[STATEFUL_SETS] or ())
        if found[BUDGETS] is not None:
            _budgets(reads, view, found[BUDGETS])
        if found[SLICES] is not None:
            told["services"] = workloads.services(found[SLICES], view["name"])
        if found[DAEMON_SETS] is not None and view["labels"]:
            told["daemonsets"] = workloads.missing_agents(found[DAEMON_SETS], view)
            view["changes"] += workloads.rollouts(found[REVISIONS] or (), found[DAEMON_SETS], view)


def _budgets(reads, view, found):
    """A view keeps no labels of pods: they are asked for only where a budget allows nothing."""
    spent = [item for item in found if workloads.is_spent(item)]
    try:
        view["workloads"]["budgets"] = workloads.budgets(spent, _labels(reads, view) if spent else [])
    except (ReadFailed, ClusterError) as error:
        _miss([view], _WHAT[BUDGETS], str(error))


def _list(reads, kind, path):
    """-> (objects of the list's first pages, whether there are more)."""
    found, count = [], 0
    for page in reads.pages(path, (), _METADATA if kind is REVISIONS else "application/json"):
        found += items(page)
        count += 1
        if count == _PAGES and dict_of(page, "metadata").get("continue"):
            return found, True
    return found, False


def _labels(reads, view):
    """-> [(namespace, labels)] of the pods on this node."""
    found = []
    for page in reads.pages(PODS.path, [("fieldSelector", f"spec.nodeName={view['name']}"), ("resourceVersion", "0")], _METADATA):
        for item in items(page):
            meta = dict_of(item, "metadata")
            found.append((text_of(meta, "namespace"), dict_of(meta, "labels")))
    return found


def _path(kind, namespace):
    root, _slash, resource = kind.path.rpartition("/")
    return f"{root}/namespaces/{quote(str(namespace), safe='')}/{resource}"


def _collected(views, what, lists):
    """Futures of `_list` -> all their objects; None and one gap where one failed."""
    found, more = [], False
    for job in lists:
        try:
            objects, cut = job.result()
        except (ReadFailed, ClusterError) as error:
            _miss(views, what, str(error))
            return None
        found += objects
        more = more or cut
    if more:
        _miss(views, what, f"of a list only the first {_PAGES * PAGE} are read")
    return found


def _miss(views, what, why):
    for view in views:
        if not any(gap["what"] == what for gap in view["not_checked"]):
            view["not_checked"].append({"what": what, "why": why})
