# Copyright: kubetriage.node contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One node, a group that shares something, or the cluster: said before any cause on the node."""

import pytest

from ansible_collections.kubetriage.node.plugins.plugin_utils import scope

T0, SOON, LATER = "2026-11-20T02:13:00Z", "2026-11-20T02:14:10Z", "2026-11-20T05:00:00Z"


def cluster(zones, lost, kernel="5.15.0"):
    """{node: zone} and {lost node: since} -> what the control plane's summary knows."""
    of = {"zone": {}, "kernel": {kernel: len(zones)}}
    for zone in zones.values():
        of["zone"][zone] = of["zone"].get(zone, 0) + 1
    return {"nodes": len(zones), "not_ready": sorted(lost), "of": of,
            "lost": {name: {"since": since, "attributes": {"zone": zones[name], "kernel": kernel}} for name, since in lost.items()}}


SIX = {"a1": "a", "a2": "a", "a3": "a", "b1": "b", "b2": "b", "b3": "b"}


@pytest.mark.parametrize("zones, lost, said, words", [
    (SIX, {"a1": T0}, "node", None),
    (SIX, {"a1": T0, "a2": SOON, "a3": T0}, "group", "3 of 3 nodes with zone a"),
    (SIX, {"a1": T0, "a2": SOON}, "group", "2 of 3 nodes with zone a"),
    (SIX, {"a1": T0, "b1": SOON}, "node", None),  # nothing in common but what all have
    (SIX, {"a1": T0, "a2": LATER}, "node", None),  # not lost together
    (SIX, {"a1": T0, "a2": T0, "b1": T0, "b2": SOON}, "cluster", "4 of 6 nodes"),
    (dict(SIX, c1="c", c2="c", c3="c"), {"a1": T0, "a2": T0, "a3": T0, "b1": LATER}, "group", "3 of 3 nodes with zone a"),
    ({"a1": "a", "a2": "a", "b1": "b"}, {"a1": T0, "a2": T0}, "group", "2 of 2 nodes with zone a"),
    ({"a1": "a", "a2": "a", "a3": "a"}, {"a1": T0, "a2": T0, "a3": T0}, "cluster", "3 of 3 nodes"),
    (SIX, {"a1": None, "a2": None, "a3": None}, "group", "zone a"),
])
def test_scope(zones, lost, said, words):
    found, sentence = scope.find("a1", cluster(zones, lost))
    assert found == said
    assert words is None and sentence is None or words in sentence


def test_a_view_that_knows_only_counts_still_says_cluster():
    assert scope.find("a1", {"nodes": 3, "not_ready": ["a1", "a2"]})[0] == "cluster"
    assert scope.find("a1", {"nodes": None, "not_ready": []}) == ("node", None)


def test_attributes_of_old_and_new_labels():
    assert scope.attributes({"failure-domain.beta.kubernetes.io/zone": "eu-1a", "agentpool": "blue"}, {"kernel": "5.4.0", "kubelet": None},
                            [{"type": "Hostname", "address": "w1"}, {"type": "InternalIP", "address": "10.1.2.3"}]) == {
        "zone": "eu-1a", "pool": "blue", "kernel": "5.4.0", "subnet": "10.1.2.0/24"}
