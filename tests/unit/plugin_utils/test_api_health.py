# Copyright: kubetriage.node contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the API server says of itself, kube-apiserver 1.16 to 1.35, and what follows from it for a node."""

import pytest
from ansible_collections.kubetriage.node.plugins.plugin_utils import api_health, scope
from ansible_collections.kubetriage.node.plugins.plugin_utils.cluster_error import NoAnswer

VERBOSE = """[+]ping ok
[+]log ok
[-]etcd failed: reason withheld
[+]informer-sync ok
[-]poststarthook/rbac/bootstrap-roles failed: reason withheld
[+]shutdown ok
readyz check failed
"""


class Api:
    def __init__(self, answer):
        self.answer = answer

    def text(self, _path, _limit):
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer


@pytest.mark.parametrize("answer, failed, why", [
    ((500, VERBOSE), ["etcd", "poststarthook/rbac/bootstrap-roles"], None),
    ((200, "[+]ping ok\nlivez check passed\n"), [], None), ((200, "ok"), [], None),
    ((403, '{"kind":"Status"}'), [], "HTTP 403"), ((404, "404 page not found"), [], "HTTP 404"),
    (NoAnswer("refused"), [], "refused"),
])
def test_health(answer, failed, why):
    found = api_health.read(Api(answer))
    assert found["failed"] == failed and [gap["why"] for gap in found["gaps"]] == ([why] * 2 if why else [])


def path(status):
    return [{"check": "api_path", "status": status}]


@pytest.mark.parametrize("view, reach, checks, said, words", [
    ({"cluster": {"nodes": 3, "api_failed": ["etcd"]}}, {}, [], "cluster", "etcd failed"),
    (None, {"api_down": True}, path("problem"), "cluster", "neither this node nor the machine"),
    (None, {"api_down": True}, path("ok"), "node", "answers this node, and not the machine"),
    (None, {"api_down": True}, [], "node", None),
    (None, {}, path("problem"), "node", None),
    ({"cluster": {"nodes": 3, "scope": "group", "why": "2 of 2 nodes with zone a"}}, {}, [], "group", "zone a"),
])
def test_scope_from_what_the_api_server_says(view, reach, checks, said, words):
    found, sentence = scope.of("w1", view, reach, checks)
    assert found == said and (sentence is None if words is None else words in sentence)
