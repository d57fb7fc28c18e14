# Copyright: kubetriage.node contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What lost Nodes share is read of the table, in pages, and only when more than one is lost."""

from ansible_collections.kubetriage.node.plugins.plugin_utils import scope, scope_reads
from ansible_collections.kubetriage.node.plugins.plugin_utils.cluster_error import ReadFailed

COLUMNS = [{"name": name} for name in ("Name", "Status", "Version", "Internal-IP", "OS-Image", "Kernel-Version", "Container-Runtime")]


def row(name, zone):
    return {"cells": [name, "Ready", "v1.35.4", "10.0.0.%s" % name[1:], "Debian", "6.1.0", "containerd://1.6.20"],
            "object": {"metadata": {"name": name, "labels": {"topology.kubernetes.io/zone": zone}}}}


class Reads:
    def __init__(self, denied=False):
        self.asked, self.gaps, self.denied = [], [], denied

    def pages(self, path, query, _accept):
        self.asked.append(path)
        if self.denied:
            raise ReadFailed("forbidden", 403)
        assert ("includeObject", "Metadata") in query
        yield {"kind": "Table", "columnDefinitions": COLUMNS, "rows": [row("w1", "a"), row("w2", "a")]}
        yield {"kind": "Table", "columnDefinitions": COLUMNS, "rows": [row("w3", "b"), {"cells": []}]}

    def get(self, path):
        self.asked.append(path)
        return {"metadata": {"name": "w2"}, "status": {"conditions": [{"type": "Ready", "status": "Unknown", "lastTransitionTime": "2026-11-20T02:14:00Z"}]}}


def seen(name):
    return {name: {"conditions": [{"type": "Ready", "transition": "2026-11-20T02:13:00Z"}]}}


def test_two_nodes_of_a_zone():
    reads = Reads()
    found = scope_reads.read(reads, ["w1", "w2"], seen("w1"))
    assert reads.asked == ["/api/v1/nodes", "/api/v1/nodes/w2"] and found["of"]["zone"] == {"a": 2, "b": 1}
    assert found["lost"]["w2"]["since"] == "2026-11-20T02:14:00Z" and found["lost"]["w1"]["attributes"]["kernel"] == "6.1.0"
    said, why = scope.find("w1", dict(found, nodes=3, not_ready=["w1", "w2"]))
    assert said == "group" and "2 of 2 nodes with zone a" in why


def test_one_node_costs_nothing_and_a_refusal_is_named():
    reads, denied = Reads(), Reads(denied=True)
    assert scope_reads.read(reads, ["w1"], {}) == {} and reads.asked == []
    assert scope_reads.read(denied, ["w1", "w2"], {}) == {} and denied.gaps == [{"what": "what the lost nodes share", "why": "forbidden"}]
