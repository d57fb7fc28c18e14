# Copyright: kubetriage.node contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is read of the API server, as data, and how: lists page by page, within one deadline."""

import time
from typing import NamedTuple

from ansible_collections.kubetriage.node.plugins.plugin_utils.cluster_error import ReadFailed

# A page in memory is this often 10 to 30 kB of text, and five times that as Python's objects.
PAGE = 250


class Kind(NamedTuple):
    """A kind of object. `namespace`: the only one that it is read in, None for all."""

    group: str
    version: str
    resource: str
    namespace: str | None
    verbs: tuple

    @property
    def path(self):
        root = f"/apis/{self.group}/{self.version}" if self.group else f"/api/{self.version}"
        return f"{root}/namespaces/{self.namespace}/{self.resource}" if self.namespace else f"{root}/{self.resource}"


NODES = Kind("", "v1", "nodes", None, ("get", "list"))
PODS = Kind("", "v1", "pods", None, ("list",))
LEASES = Kind("coordination.k8s.io", "v1", "leases", "kube-node-lease", ("get", "list"))
NODE_EVENTS = Kind("", "v1", "events", "default", ("list",))  # events about objects without a namespace are kept in default
# Of a few nodes in trouble: what they mean for what runs on them, and what was rolled out to them
DEPLOYMENTS = Kind("apps", "v1", "deployments", None, ("list",))
STATEFUL_SETS = Kind("apps", "v1", "statefulsets", None, ("list",))
DAEMON_SETS = Kind("apps", "v1", "daemonsets", None, ("list",))
REVISIONS = Kind("apps", "v1", "controllerrevisions", None, ("list",))
BUDGETS = Kind("policy", "v1", "poddisruptionbudgets", None, ("list",))
SLICES = Kind("discovery.k8s.io", "v1", "endpointslices", None, ("list",))
ATTACHMENTS = Kind("storage.k8s.io", "v1", "volumeattachments", None, ("list",))
POD_LOGS = Kind("", "v1", "pods/log", "kube-system", ("get",))  # of the controller manager
CSRS = Kind("certificates.k8s.io", "v1", "certificatesigningrequests", None, ("list",))
# What triage needs may be denied piece by piece; deploy/rbac/triage.yaml grants exactly this.
READS = (NODES, PODS, LEASES, NODE_EVENTS, DEPLOYMENTS, STATEFUL_SETS, DAEMON_SETS, REVISIONS, BUDGETS, SLICES, ATTACHMENTS, CSRS,
         POD_LOGS)


class Reads:
    """The API within one deadline. `gaps`: what could not be read of the cluster as a whole, [{"what", "why"}]."""

    def __init__(self, api, deadline):
        self.api = api
        self.gaps = []
        self.cached = False
        self._seconds, self._end = deadline, time.monotonic() + deadline

    def get(self, path, query=(), accept="application/json"):
        """As Api.get."""
        if self.cached:  # etcd fails: the server's memory is all that can be had, and is a second old at most while etcd worked
            query = [pair for pair in query if pair[0] != "resourceVersion"] + [("resourceVersion", "0")]
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
            following = _meta(page).get("continue")
            if not following:
                return

    def items(self, path, query=()):
        """Yield each object of a list. Raises as `pages`."""
        for page in self.pages(path, query):
            yield from items(page)


def items(page):
    """A page -> its objects."""
    found = page.get("items")
    return [item for item in found if isinstance(item, dict)] if isinstance(found, list) else []


def remaining(page):
    """How many objects come after this page's; 0 if the server does not say (before 1.15, and with selectors)."""
    count = _meta(page).get("remainingItemCount")
    return count if isinstance(count, int) else 0


def _meta(page):
    meta = page.get("metadata")
    return meta if isinstance(meta, dict) else {}
