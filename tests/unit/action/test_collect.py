# Copyright: kubetriage.node contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a node sends as its bundle is not trusted: not to be a bundle, not to be small, not to tell of the cluster."""

import base64
import gzip
import io
import json
import tarfile

import pytest
from ansible_collections.kubetriage.node.plugins.action import collect
from ansible_collections.kubetriage.node.plugins.module_utils.node import bundle
from ansible_collections.kubetriage.node.plugins.module_utils.node.bundle import BadBundle

META = json.dumps({"format": "kubetriage.bundle/1", "node": "w1.example.com", "collected_at": "2026-11-24T03:40:35Z"})


def packed(files, size=None):
    """{name: text} -> a .tar.gz in base64; `size` is what the last one says of itself."""
    raw = io.BytesIO()
    with tarfile.open(fileobj=raw, mode="w:gz") as tar:
        for number, (name, text) in enumerate(files.items(), 1):
            member = tarfile.TarInfo(name)
            member.size = len(text) if size is None or number < len(files) else size
            tar.addfile(member, io.BytesIO(text.encode()) if member.size == len(text) else None)
    return base64.b64encode(raw.getvalue()).decode()


def test_a_node_does_not_speak_for_the_api_server():
    sent = packed({"meta.json": META, "control_plane.json": '{"name": "forged"}', "files/proc/uptime": "1 1"})
    assert sorted(collect.contents(sent, None)) == ["files/proc/uptime", "meta.json"]
    assert json.loads(collect.contents(sent, {"name": "w1"})["control_plane.json"]) == {"name": "w1"}


def test_a_secret_that_the_node_left_in_is_taken_out():
    text = collect.contents(packed({"meta.json": META, "files/etc/x": "password: hunter2-hunter2"}), None)["files/etc/x"]
    assert "hunter2" not in text and "[secret-" in text


def name_of_two_gigabytes():
    """A header that makes a reader of tar ask for all of it at once."""
    header = tarfile.TarInfo("././@LongLink")
    header.type, header.size = tarfile.GNUTYPE_LONGNAME, 1 << 31
    raw = io.BytesIO()
    with gzip.open(raw, "wb", compresslevel=1) as file:
        file.write(header.tobuf(tarfile.GNU_FORMAT))
        file.write(bytes(4 << 20))
    return base64.b64encode(raw.getvalue()).decode()


@pytest.mark.parametrize("sent", [
    None, 7, {}, "", "not base64!", base64.b64encode(b"no gzip").decode(),
    base64.b64encode(gzip.compress(b"no tar", mtime=0)).decode(),
    packed({"meta.json": META})[:-40],
    base64.b64encode(base64.b64decode(packed({"meta.json": META * 100}))[:60] + b"\xff" * 60).decode(),
    packed({"files/etc/hosts": "x"}),
    packed({"meta.json": META, "files/a": "x"}, size=1 << 33),
    packed({"meta.json": META, "files/a": "x"}, size=-(1 << 20)),
    name_of_two_gigabytes(),
])
def test_what_is_no_bundle_is_said_in_a_sentence(sent, monkeypatch):
    monkeypatch.setattr(bundle, "_LIMIT", 1 << 20)
    with pytest.raises(BadBundle, match="what the node sent"):
        collect.contents(sent, None)


@pytest.mark.parametrize("meta", ["[]", "7", "{}", "no JSON", "[" * 100000])
def test_no_pseudonym_without_a_name(meta):
    with pytest.raises(BadBundle, match="no name of a node"):
        collect.shared({"meta.json": meta})


def test_the_name_is_another_one():
    other, name = collect.shared(collect.contents(packed({"meta.json": META, "files/etc/hosts": "10.1.2.3 w1.example.com w1"}), None))
    assert name == json.loads(other["meta.json"])["node"] != "w1.example.com" and "w1" not in other["files/etc/hosts"].split()
