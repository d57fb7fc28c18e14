# Copyright: kubetriage.node contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the run read once comes back for each host, or the reason why not."""

import os

import pytest
from ansible_collections.kubetriage.node.plugins.plugin_utils import api_object, view_store

SEEN = {
    "read_at": "2026-11-23T02:15:30Z",
    "server": "https://api",
    "hosts": {"worker": "w1", "bastion": None},
    "cluster": {"nodes": 3, "not_ready": ["w1"]},
    "not_checked": [{"what": "a", "why": "b"}],
    "views": {"w1": dict(api_object.empty_view("w1"), not_checked=[{"what": "c", "why": "d"}])},
}


@pytest.mark.parametrize("host", ["worker", "w1"])
def test_a_host_gets_its_view_and_the_cluster(tmp_path, host):
    view_store.save(str(tmp_path), SEEN)
    view, why = view_store.load(str(tmp_path), host)
    assert why is None and view["name"] == "w1" and view["cluster"] == {
        "nodes": 3, "not_ready": ["w1"], "lost": 1, "api_failed": [], "scope": "node", "why": None}
    assert view["not_checked"] == [{"what": "c", "why": "d"}, {"what": "a", "why": "b"}]


def test_the_reason_why_there_is_none(tmp_path):
    assert view_store.load(str(tmp_path), "w1") == (None, "the control plane was not read in this run")
    view_store.save(str(tmp_path), None, "no cluster is configured")
    assert view_store.load(str(tmp_path), "w1") == (None, "no cluster is configured")
    view_store.save(str(tmp_path), SEEN)
    assert view_store.load(str(tmp_path), "bastion") == (None, "no Node of the cluster has the name bastion or its address")
    (tmp_path / "control_plane.json").write_text("{")
    assert "cannot be read" in view_store.load(str(tmp_path), "w1")[1]


def test_a_host_cannot_name_another_file(tmp_path):
    view_store.save(str(tmp_path), SEEN)
    (tmp_path / "secret.json").write_text("{}")
    assert view_store.load(str(tmp_path), "../secret")[0] is None
    assert sorted(os.listdir(tmp_path / "control_plane")) == ["w1.json"]
