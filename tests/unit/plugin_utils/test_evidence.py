# Copyright: kubetriage.node contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every form of recorded evidence is opened; every broken one is one sentence, and the others are kept."""

import gzip
import io
import json
import os
import tarfile

import pytest

from ansible_collections.kubetriage.node.plugins.module_utils.node import Unavailable
from ansible_collections.kubetriage.node.plugins.module_utils.node.bundle import BadBundle
from ansible_collections.kubetriage.node.plugins.module_utils.node.tarball import tarball
from ansible_collections.kubetriage.node.plugins.plugin_utils import api_object, log_archive
from ansible_collections.kubetriage.node.plugins.plugin_utils.evidence import checked, open_evidence

LINE = "Nov 20 02:13:07 w1 systemd[1]: kubelet.service: Failed with result 'oom-kill'.\n"


def bundle(node="w1", **files):
    meta = {"format": "kubetriage.bundle/1", "node": node, "collected_at": "2026-11-20T02:17:31Z", "tool": "0.1.0", "window": 3600}
    return dict({"meta.json": json.dumps(meta), "files/proc/uptime": "1 1\n"}, **files)


def as_directory(path, contents):
    for name, text in contents.items():
        full = path / name
        full.parent.mkdir(parents=True, exist_ok=True)
        full.write_text(text)
    return path


def as_tar(path, contents):
    path.write_bytes(tarball(contents, 0))
    return path


def logs(path, **files):
    path.mkdir(parents=True, exist_ok=True)
    for name, text in (files or {"kubelet": LINE}).items():
        (path / (name + ".log")).write_text(text)
    return path


def opened(path):
    nodes, problems = open_evidence(str(path))
    return [node for node, _bundle, _view in nodes], problems


def refused(path):
    with pytest.raises(BadBundle) as raised:
        open_evidence(str(path))
    said = str(raised.value)
    assert str(path) in said and "\n" not in said
    return said


def test_each_form_alone(tmp_path):
    assert opened(as_directory(tmp_path / "b", bundle())) == (["w1"], [])
    assert opened(as_tar(tmp_path / "b.tar.gz", bundle())) == (["w1"], [])
    assert opened(as_tar(tmp_path / "no-ending", bundle())) == (["w1"], [])
    assert opened(logs(tmp_path / "w9")) == (["w9"], [])
    packed = {"w1/" + name: text for name, text in bundle().items()}
    assert opened(as_tar(tmp_path / "packed.tgz", packed)) == (["w1"], [])


def test_logs_in_a_tar(tmp_path):
    assert opened(as_tar(tmp_path / "w9.tar.gz", {"kubelet.log": LINE, "notes.txt": "x\n"})) == (["w9"], [])
    assert opened(as_tar(tmp_path / "a.tgz", {"./w8/kubelet.log": LINE, "w8/kernel.log": "x\n"})) == (["w8"], [])
    nodes = {"incident/nodes/w%d/kubelet.log" % number: LINE for number in (1, 2, 3)}
    assert opened(as_tar(tmp_path / "b.tar.gz", nodes)) == (["w1", "w2", "w3"], [])


def test_bundles_and_logs_in_one_tar(tmp_path):
    contents = {"all/w1/" + name: text for name, text in bundle("w1").items()}
    contents.update({"all/w2/" + name: text for name, text in bundle("w2").items()}, **{"all/w3/kubelet.log": LINE})
    assert opened(as_tar(tmp_path / "b.tar.gz", contents)) == (["w1", "w2", "w3"], [])


def test_tars_of_logs_in_a_directory_and_in_a_tar(tmp_path):
    nodes = tmp_path / "nodes"
    nodes.mkdir()
    as_tar(nodes / "w1.tar.gz", {"kubelet.log": LINE})
    as_tar(nodes / "w2.tar.gz", {"w2/kubelet.log": LINE})
    as_tar(nodes / "w3.tar.gz", bundle("w3"))
    assert opened(nodes) == (["w1", "w2", "w3"], [])
    with tarfile.open(tmp_path / "all.tar.gz", "w:gz") as tar:
        tar.add(nodes, "nodes")
    assert opened(tmp_path / "all.tar.gz") == (["w1", "w2", "w3"], [])


def test_problems_within_a_tar_name_the_tar(tmp_path):
    path = as_tar(tmp_path / "b.tar.gz", {"w1/kubelet.log": LINE, "w1/dmesg.txt": "x", "w2/other.txt": "x", "w3/kubelet.log": ""})
    nodes, problems = opened(path)
    assert nodes == ["w1"] and len(problems) == 3 and all(problem.startswith(str(path)) for problem in problems)
    refused(as_tar(tmp_path / "c.tar.gz", {"w1/kubelet.log": " "}))


def test_the_lines_of_logs_in_a_tar_have_their_year(tmp_path):
    path = tmp_path / "w1.tar.gz"
    path.write_bytes(tarball({"kubelet.log": LINE}, 1606000000))  # 2020-11-21
    assert open_evidence(str(path))[0][0][1].now == 1605838387


def test_half_a_tar_of_logs(tmp_path):
    data = tarball({"a/kubelet.log": LINE, "b/kubelet.log": "".join(chr(33 + number * 7919 % 90) for number in range(300000))}, 0)
    (tmp_path / "b.tar.gz").write_bytes(data[:len(data) // 2])
    nodes, problems = opened(tmp_path / "b.tar.gz")
    assert "a" in nodes and "cut off" in problems[0]


def test_ways_out_of_a_tar_of_logs_are_not_taken(tmp_path):
    with tarfile.open(tmp_path / "w1.tar.gz", "w:gz") as tar:
        for info, data in (member("kubelet.log", LINE.encode()), member("../../out.log"), member("/etc/out.log"), member("a/../../out.log"),
                           member("kernel.log", kind=tarfile.SYMTYPE, target="/etc/passwd"), member("notes.txt", kind=tarfile.LNKTYPE, target="/etc/passwd"),
                           member("runtime.log", kind=tarfile.FIFOTYPE), member("events.txt/", kind=tarfile.DIRTYPE)):
            tar.addfile(info, io.BytesIO(data))
    (_node, read, _view), = open_evidence(str(tmp_path / "w1.tar.gz"))[0]
    assert read.json("meta.json")["files"] == ["kubelet.log"]
    assert os.listdir(tmp_path) == ["w1.tar.gz"] and not os.path.exists("/etc/out.log")


def test_a_file_and_a_directory_of_one_name_in_a_tar(tmp_path):
    with tarfile.open(tmp_path / "w1.tar.gz", "w:gz") as tar:
        for info, data in (member("kubelet.log", LINE.encode()), member("kubelet.log/x"), member("n" * 300), member("kubelet.log", LINE.encode())):
            tar.addfile(info, io.BytesIO(data))
    assert opened(tmp_path / "w1.tar.gz")[0] == ["w1"]


def test_evidence_names_its_file(tmp_path):
    path = logs(tmp_path / "w1", kubelet=LINE,
                kernel="[ 1.000000] audit(1605838380.0:1): x\n[ 7.000000] Out of memory: Killed process 812 (kubelet) total-vm:1kB\n")
    (path / "df.txt").write_text("Filesystem 1K-blocks Used Available Use% Mounted on\n/dev/vda1 100 100 0 100% /var\n")
    (path / "notes.txt").write_text("● kubelet.service - kubelet\n   Loaded: loaded (/x; enabled)\n"
                                    "   Active: failed (Result: oom-kill) since Fri 2020-11-20 02:13:07 UTC; 1s ago\n")
    (_node, read, _view), = open_evidence(str(path))[0]
    told = {(found["id"], quote["source"]) for check in checked(read, 86400, 60) for found in check["findings"] for quote in found["evidence"]}
    assert {("kubelet.failed", "kubelet.log"), ("kubelet.failed", "notes.txt kubelet.service"), ("memory.oom.kubelet", "kernel.log"),
            ("disk.full", "df.txt /var")} <= told
    assert not [source for _name, source in told if source.startswith(("journal", "kernel ", "systemctl", "statvfs"))]


def test_a_directory_of_them_in_order_of_name(tmp_path):
    logs(tmp_path / "w3")
    as_tar(tmp_path / "x.tar.gz", bundle("w2"))
    as_directory(tmp_path / "y", bundle("w1"))
    (tmp_path / "README").write_text("not evidence")
    (tmp_path / ".git").mkdir()
    assert opened(tmp_path) == (["w1", "w2", "w3"], [])


def test_a_broken_one_costs_only_itself(tmp_path):
    logs(tmp_path / "w3")
    (tmp_path / "w2.tar.gz").write_bytes(b"\x1f\x8b no")
    as_directory(tmp_path / "w1", {"commands/journal/stdout": "x"})
    (tmp_path / "w0").mkdir()
    nodes, problems = opened(tmp_path)
    assert nodes == ["w3"] and len(problems) == 3
    assert all(str(tmp_path / name) in problem for name, problem in zip(("w0", "w1", "w2.tar.gz"), problems))
    assert "kubelet.log" in problems[0] and "collect it again" in problems[1] and "collect it again" in problems[2]


def test_two_looks_at_one_node_are_both_kept(tmp_path):
    as_tar(tmp_path / "one.tar.gz", bundle("w1"))
    as_tar(tmp_path / "two.tar.gz", bundle("w1"))
    nodes, problems = opened(tmp_path)
    assert nodes == ["two", "w1"] and len(problems) == 1


def test_nothing_to_open(tmp_path):
    assert "no such file" in refused(tmp_path / "absent")
    assert "kubelet.log" in refused(tmp_path)
    (tmp_path / "one.log").write_text(LINE)
    assert "kubelet.log" in refused(tmp_path / "one.log")
    empty = tmp_path / "nodes" / "w1"
    empty.mkdir(parents=True)
    with pytest.raises(BadBundle, match="kubelet.log"):
        open_evidence(str(tmp_path / "nodes"))


def test_a_pipe_does_not_hang(tmp_path):
    logs(tmp_path / "w1")
    os.mkfifo(tmp_path / "w2.tar.gz")
    assert opened(tmp_path) == (["w1"], [])
    refused(tmp_path / "w2.tar.gz")


@pytest.mark.parametrize("contents, said", [
    ({"other.txt": "x"}, "no 'meta.json'"),
    ({"meta.json": "[]"}, "cannot be understood"),
    ({"meta.json": "[" * 100000}, "cannot be understood"),
    ({"meta.json": "{}"}, "'collected_at'"),
    (bundle("../../etc"), "cannot have this name"),
    (bundle("a\x1b[31mb"), "cannot have this name"),
    (bundle(""), "cannot have this name"),
])
def test_foreign_and_hostile_bundles(tmp_path, contents, said):
    assert said in refused(as_tar(tmp_path / "b.tar.gz", contents))


def test_control_characters_of_a_file_name_are_not_repeated(tmp_path):
    logs(tmp_path / "w1")
    (tmp_path / "bad\x1b[2J").mkdir()
    (_nodes, problems) = opened(tmp_path)
    assert len(problems) == 1 and "\x1b" not in problems[0]


def member(name, data=b"x", kind=tarfile.REGTYPE, target=""):
    info = tarfile.TarInfo(name)
    info.type, info.linkname, info.size = kind, target, len(data) if kind == tarfile.REGTYPE else 0
    return info, data


def test_links_devices_and_ways_out_are_not_followed(tmp_path):
    secret = tmp_path / "secret"
    secret.write_text("secret")
    meta = bundle()["meta.json"].encode()
    with tarfile.open(tmp_path / "b.tar.gz", "w:gz") as tar:
        for info, data in (member("meta.json", meta), member("../../out", b"x"), member("/etc/out", b"x"),
                           member("files/etc/a", kind=tarfile.SYMTYPE, target=str(secret)),
                           member("files/etc/b", kind=tarfile.LNKTYPE, target="/etc/passwd"), member("files/dev/c", kind=tarfile.CHRTYPE)):
            tar.addfile(info, io.BytesIO(data))
    (_node, read, _view), = open_evidence(str(tmp_path / "b.tar.gz"))[0]
    for path in ("/etc/a", "/etc/b", "/dev/c"):
        with pytest.raises(Unavailable):
            read.read(path)
    assert sorted(os.listdir(tmp_path)) == ["b.tar.gz", "secret"] and not os.path.exists(tmp_path.parent / "out")


def test_a_directory_with_links_is_not_followed(tmp_path):
    path = as_directory(tmp_path / "b", bundle())
    os.symlink("/etc/passwd", path / "files" / "passwd")
    (_node, read, _view), = open_evidence(str(path))[0]
    with pytest.raises(Unavailable):
        read.read("/passwd")


@pytest.mark.parametrize("kind, before", [(tarfile.REGTYPE, 0), (tarfile.XHDTYPE, 0), (tarfile.GNUTYPE_LONGNAME, 0), (tarfile.REGTYPE, 3),
                                          (tarfile.GNUTYPE_LONGNAME, 3)])
def test_what_unpacks_to_gigabytes_is_refused(tmp_path, monkeypatch, kind, before):
    monkeypatch.setattr(log_archive, "_UNPACKED", 1 << 28)
    path = tmp_path / "b.tar.gz"
    with gzip.open(path, "wb", compresslevel=1) as file:
        for number in range(before):  # logs come first, so that it looks like a tar of them
            file.write(member("w%d/kubelet.log" % number, b"")[0].tobuf(tarfile.USTAR_FORMAT))
        info = tarfile.TarInfo("x")
        info.type, info.size = kind, 1 << 29
        file.write(info.tobuf(tarfile.USTAR_FORMAT))
        for _piece in range(512):
            file.write(bytes(1 << 20))
    said = refused(path)
    assert "unpacked" in said or kind != tarfile.REGTYPE


def test_half_a_bundle_is_diagnosed_and_said(tmp_path):
    raw = io.BytesIO()
    with tarfile.open(fileobj=raw, mode="w:gz") as tar:
        for name, data in (("meta.json", bundle()["meta.json"].encode()), ("files/proc/uptime", b"1 1\n"), ("files/z", os.urandom(200000))):
            info = tarfile.TarInfo(name)
            info.size = len(data)
            tar.addfile(info, io.BytesIO(data))
    path = tmp_path / "b.tar.gz"
    path.write_bytes(raw.getvalue()[:100000])
    nodes, problems = open_evidence(str(path))
    assert nodes[0][1].read("/proc/uptime") == "1 1\n"
    assert len(problems) == 1 and "cut off" in problems[0]


def test_damage_in_the_middle_is_one_sentence(tmp_path):
    data = bytearray(tarball(bundle(**{"files/x": "".join(chr(33 + number * 7919 % 90) for number in range(60000))}), 0))
    for place in range(200, len(data) - 20, 37):
        data[place] ^= 0x55
    path = tmp_path / "b.tar.gz"
    path.write_bytes(bytes(data))
    try:
        assert opened(path)[0] == ["w1"]
    except BadBundle as error:
        assert "\n" not in str(error)


def test_the_view_of_a_bundle(tmp_path):
    view = dict(api_object.empty_view("w1"), unschedulable=True, conditions=[{"type": "Ready", "status": "True"}])
    (_node, _bundle, read), = open_evidence(str(as_directory(tmp_path / "b", bundle(**{"control_plane.json": json.dumps(view)}))))[0]
    assert read == view
    assert open_evidence(str(as_directory(tmp_path / "c", bundle())))[0][0][2] is None


@pytest.mark.parametrize("text, said", [
    ("[]", 1), ("{", 1), ("null", 1),
    ('{"conditions": 3, "events": [1, null], "lease": [], "labels": "x", "unschedulable": "yes", "pods": [{"uid": 3}, {}], "not_checked": [{}]}', 0),
])
def test_a_view_of_the_wrong_shape(tmp_path, text, said):
    nodes, problems = open_evidence(str(as_directory(tmp_path / "b", bundle(**{"control_plane.json": text}))))
    assert len(problems) == said
    assert nodes[0][2] == (None if said else api_object.empty_view("w1"))


@pytest.mark.parametrize("text", ["[]", "3", '{"/": 3, "/etc": {"list": {"error": 1}}}', "[" * 100000])
def test_paths_of_the_wrong_shape(tmp_path, text):
    read = open_evidence(str(as_directory(tmp_path / "b", bundle(**{"paths.json": text}))))[0][0][1]
    for question in (lambda: read.list("/etc"), lambda: read.statvfs("/")):
        with pytest.raises(Unavailable):
            question()
