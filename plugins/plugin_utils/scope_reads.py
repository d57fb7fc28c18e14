# Copyright: kubetriage.node contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is read when more than one Node is lost: what each Node is and where it stands, and since when the lost ones are."""

from concurrent.futures import ThreadPoolExecutor
from urllib.parse import quote

from ansible_collections.kubetriage.node.plugins.plugin_utils import api_object, scope
from ansible_collections.kubetriage.node.plugins.plugin_utils.cluster_error import ClusterError, ReadFailed
from ansible_collections.kubetriage.node.plugins.plugin_utils.cluster_reads import NODES, items

_TABLE = "application/json;as=Table;g=meta.k8s.io;v=v1, application/json"
_ONSETS = 50  # lost Nodes whose onset is read; of more it makes no difference
_THREADS = 8
_COLUMNS = {"kernel": "kernel-version", "runtime": "container-runtime", "kubelet": "version", "os": "os-image"}


def read(reads, lost, views):
    """Names of the lost Nodes, {name: view} of those that were read -> {"lost", "of"} as scope.find takes them; {} where only one is lost."""
    if len(lost) < 2:
        return {}
    found, of = {}, {}
    try:
        for page in reads.pages(NODES.path, [("resourceVersion", "0"), ("includeObject", "Metadata")], _TABLE):
            for name, attributes in _rows(page):
                for attribute, value in attributes.items():
                    counts = of.setdefault(attribute, {})
                    counts[value] = counts.get(value, 0) + 1
                found[name] = attributes
    except (ReadFailed, ClusterError) as error:
        reads.gaps.append({"what": "what the lost nodes share", "why": str(error)})
        return {}
    since = {name: _since(view) for name, view in views.items()}
    unknown = [name for name in lost if name not in since][:_ONSETS]
    with ThreadPoolExecutor(_THREADS) as pool:
        since.update(zip(unknown, pool.map(lambda name: _onset(reads, name), unknown)))
    return {"of": of, "lost": {name: {"since": since.get(name), "attributes": found.get(name, {})} for name in lost}}


def _rows(page):
    """A page -> (name, scope.attributes) of each Node; servers before 1.10 send the Nodes instead of a table."""
    if page.get("kind") != "Table":
        for node in map(api_object.node, items(page)):
            yield node["name"], scope.attributes(node["labels"], node["info"], node["addresses"])
        return
    columns = {str(column.get("name")).lower(): number for number, column in enumerate(page.get("columnDefinitions") or [])}
    for row in page.get("rows") or []:
        cell = {name: row["cells"][number] for name, number in columns.items() if number < len(row.get("cells") or [])}
        meta = api_object.dict_of(api_object.dict_of(row, "object"), "metadata")
        labels = {key: value for key, value in api_object.dict_of(meta, "labels").items() if isinstance(value, str)}
        info = {attribute: cell.get(column) for attribute, column in _COLUMNS.items() if cell.get(column) not in (None, "", "<unknown>")}
        yield str(cell.get("name")), scope.attributes(labels, info, [{"type": "InternalIP", "address": cell.get("internal-ip")}])


def _since(view):
    return next((condition["transition"] for condition in view["conditions"] if condition["type"] == "Ready"), None)


def _onset(reads, name):
    try:
        return _since(api_object.node(reads.get(f"{NODES.path}/{quote(name, safe='')}")))
    except (ReadFailed, ClusterError):  # then it counts as lost at the same time
        return None
