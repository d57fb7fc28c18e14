# Copyright: kubetriage.node contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A bundle says what the live node said: answers, absences, refusals. Broken and hostile ones are refused in one sentence."""

import io
import json
import tarfile

import pytest
from ansible_collections.kubetriage.node.plugins.module_utils.node import Missing, Output, TimedOut, Unavailable
from ansible_collections.kubetriage.node.plugins.module_utils.node.bundle import BadBundle, open_bundle
from ansible_collections.kubetriage.node.plugins.module_utils.node.recorder import Recorder
from ansible_collections.kubetriage.node.plugins.module_utils.node.tarball import tarball

META = {"format": "kubetriage.bundle/1", "node": "w1", "collected_at": "2026-11-23T02:13:07Z", "now": 1795399987.5}


class Told:
    """A node that says what it is told to."""

    name, now = "w1", META["now"]

    def __init__(self):
        self.asked = []

    def _say(self, key, answer):
        self.asked.append(key)
        if isinstance(answer, Exception):
            raise answer
        return answer

    def run(self, name, argv, timeout=5.0):
        return self._say(name, {"df": Output(1, "out \u00e9", "err"), "crictl": Missing("crictl", "no such file"), "ctr": TimedOut("ctr", "no answer")}[name])

    def ask(self, name, function, *args, **options):
        return self._say(name, {"n": 1})

    def read(self, path, limit=65536, tail=False):
        return self._say(path, "text" if path == "/etc/x" else Missing(path, "no such file"))

    def list(self, path):
        return self._say(path, ["a", "b"])

    def stat(self, path):
        return self._say(path, Unavailable(path, "permission denied"))

    def statvfs(self, path):
        return self._say(path, {"size": 1})


def said(node):
    answers = []
    for question in (lambda: node.run("df", ["df", "-P"]), lambda: node.run("crictl", ["crictl"]), lambda: node.run("ctr", ["ctr"]),
                     lambda: node.ask("n", said), lambda: node.read("/etc/x"), lambda: node.read("/etc/y"), lambda: node.list("/etc"),
                     lambda: node.stat("/etc/x"), lambda: node.statvfs("/")):
        try:
            answers.append(question())
        except Unavailable as gap:
            answers.append((type(gap), gap.what, gap.why))
    return answers


@pytest.mark.parametrize("as_directory", [True, False])
def test_a_bundle_answers_as_the_node_did(tmp_path, as_directory):
    node = Recorder(Told())
    live = said(node)
    contents = node.contents(META)
    if as_directory:
        path = tmp_path / "bundle"
        for name, text in contents.items():
            (path / name).parent.mkdir(parents=True, exist_ok=True)
            (path / name).write_text(text, encoding="utf-8")
    else:
        path = tmp_path / "bundle.tar.gz"
        path.write_bytes(tarball(contents, META["now"]))
    bundle = open_bundle(str(path))
    assert said(bundle) == live
    assert (bundle.name, bundle.now) == ("w1", META["now"])
    with pytest.raises(Unavailable, match="not in the bundle"):
        bundle.read("/never/asked")


def test_the_same_question_costs_once():
    told = Told()
    node = Recorder(told)
    said(node)
    said(node)
    assert len(told.asked) == len(set(told.asked)) + 1  # /etc/x is read and its status asked


def tar(entries):
    raw = io.BytesIO()
    with tarfile.open(fileobj=raw, mode="w:gz") as out:
        for info, data in entries:
            info = tarfile.TarInfo(info) if isinstance(info, str) else info
            info.size = len(data)
            out.addfile(info, io.BytesIO(data))
    return raw.getvalue()


def link(name, target):
    info = tarfile.TarInfo(name)
    info.type, info.linkname = tarfile.SYMTYPE, target
    return info


GOOD = json.dumps(META).encode()


@pytest.mark.parametrize("data, sentence", [
    (b"", "not a readable .tar.gz"),
    (b"\x1f\x8b garbage", "not a readable .tar.gz"),
    (tar([("other.txt", b"x")]), "no 'meta.json' in it"),
    (tar([("meta.json", b"{")]), "cannot be understood"),
    (tar([("meta.json", b'{"format": "sosreport", "node": "x", "collected_at": "2026-11-23T02:13:07Z"}')]), "cannot be understood"),
    (tar([("meta.json", GOOD), ("files/zero", b"\0" * (65 * 1024 * 1024))]), "more than 64 MB"),
])
def test_what_is_no_bundle_is_refused_in_one_sentence(tmp_path, data, sentence):
    path = tmp_path / "b.tar.gz"
    path.write_bytes(data)
    with pytest.raises(BadBundle) as raised:
        open_bundle(str(path))
    assert sentence in str(raised.value) and str(path) in str(raised.value) and "\n" not in str(raised.value)


def test_half_a_bundle_is_read_as_far_as_it_goes(tmp_path):
    whole = tar([("meta.json", GOOD), ("files/etc/x", b"text"), ("files/etc/y", bytes(bytearray(range(256))) * 500)])
    path = tmp_path / "b.tar.gz"
    path.write_bytes(whole[:len(whole) - 200])
    assert open_bundle(str(path)).read("/etc/x") == "text"


def test_links_and_paths_that_leave_are_never_followed(tmp_path):
    secret = tmp_path / "secret"
    secret.write_text("secret")
    path = tmp_path / "b.tar.gz"
    path.write_bytes(tar([("meta.json", GOOD), (link("files/etc/x", str(secret)), b""), ("../../escaped", b"x")]))
    bundle = open_bundle(str(path))
    with pytest.raises(Unavailable):
        bundle.read("/etc/x")
    assert not (tmp_path.parent / "escaped").exists()
