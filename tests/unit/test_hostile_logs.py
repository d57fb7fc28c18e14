# Copyright: kubetriage.node contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Logs are written by others: whatever they hold, reading them ends, in bounded memory, with the same verdict for the same evidence."""

import json
import os
import pathlib
import random
import re
import subprocess
import sys
import time

import pytest
from hypothesis import HealthCheck, given, settings, strategies as st

from ansible_collections.kubetriage.node.plugins.module_utils.catalogue import FAILURES
from ansible_collections.kubetriage.node.plugins.module_utils.node.bundle import BadBundle
from ansible_collections.kubetriage.node.plugins.module_utils.result import iso
from ansible_collections.kubetriage.node.plugins.plugin_utils import loose, verdicts
from ansible_collections.kubetriage.node.plugins.plugin_utils.evidence import checked, open_evidence

HERE = pathlib.Path(__file__).resolve()
COLLECTIONS = str(HERE.parents[2] / "collections")
MEMORY_MB = 300


def judged(directory):
    """-> the verdict, as bytes; None for a directory that holds nothing."""
    try:
        (node, bundle, view), = open_evidence(str(directory))[0]
    except BadBundle:
        return None
    checks = checked(bundle, 86400, 300)
    assert not [gap for check in checks for gap in check["not_checked"] if "defect" in gap["why"]], checks
    reach = {"how": "loose", "ok": True, "error": None, "kind": None}
    verdict = verdicts.artifact("run", node, reach, checks, view, iso(bundle.now))["verdict"]
    return json.dumps(verdict, sort_keys=True).encode()


def written(directory, files, at=1795400000):
    directory.mkdir(parents=True, exist_ok=True)
    for name, data in files.items():
        (directory / name).write_bytes(data if isinstance(data, bytes) else data.encode("utf-8", "surrogatepass"))
        os.utime(directory / name, (at, at))
    return directory


INCIDENT = {
    "kubelet.log": [
        "Nov 23 02:12:%02d w2 kubelet[812]: I1123 02:12:%02d.100000     812 kubelet.go:2407] \"SyncLoop (PLEG): event for pod\" pod=\"shop/db-0\"" % (at, at)
        for at in range(30)] + [
        "Nov 23 02:13:07 w2 kernel: Out of memory: Killed process 812 (kubelet) total-vm:1873400kB, anon-rss:98304kB, file-rss:0kB, shmem-rss:0kB, UID:0",
        "Nov 23 02:13:08 w2 systemd[1]: kubelet.service: Main process exited, code=killed, status=9/KILL",
        "Nov 23 02:13:09 w2 systemd[1]: kubelet.service: Failed with result 'oom-kill'."],
    "runtime.log": ['time="2026-11-23T02:12:%02d.000000000Z" level=info msg="StartContainer returns successfully"' % at for at in range(20)],
    "describe-node.txt": ["Name:   w2", "Conditions:", "  Ready   Unknown   Mon, 23 Nov 2026 02:12:22 +0000   Mon, 23 Nov 2026 02:13:47 +0000   "
                          "NodeStatusUnknown   Kubelet stopped posting node status."],
}


def texts(files):
    return {name: "\n".join(lines) + "\n" for name, lines in files.items()}


# -- Whatever it holds

FRAGMENTS = [line.encode() for lines in INCIDENT.values() for line in lines[-2:]] + [
    b"\x00", b"\xff\xfe", b"\x80\x81", b"\xed\xa0\x80", b"\n", b"\r\n", b"{", b"[", b"}", b"\"", b"\\u", b": ", b"=<\n", b"\n >", b"> > ", b"```\n",
    b"$ journalctl\n", b"__CURSOR=x\n", b"MESSAGE\n", b"{\n", b"-- Reboot --\n", b"[  +0.1] ", b"[Nov23 02:13] ", b"Name:  ", b"Events:\n", b"Conditions:\n",
    b"*filter\n", b"&a [*a]", b"!!python/object:x {}", b"Mon 2026-11-23 02:13:07 CST ", b"9" * 400, b"1e999", b"\x1b[31m", b"apiVersion: v1\n", b"\t", b"- "]


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(files=st.dictionaries(st.sampled_from(loose.FILES), st.lists(st.sampled_from(FRAGMENTS) | st.binary(max_size=30), max_size=30).map(b"".join),
                             min_size=1, max_size=4))
def test_any_bytes_in_any_file(files, tmp_path_factory):
    judged(written(tmp_path_factory.mktemp("any"), files))


def _monsters():
    """Name -> bytes, up to a megabyte, that cost a careless reader its time or memory."""
    mega, part = 1 << 20, 1 << 18
    yield "one line", b"x" * mega
    yield "one line of a log", b"Nov 23 02:13:07 w2 kubelet[812]: " + b"E1123 dial tcp lookup not found " * (mega // 32)
    yield "one line of blanks", b" " * mega
    yield "line ends", b"\n" * mega
    yield "line ends of others", b"\r" * mega
    yield "NULs", b"\0" * mega
    yield "no UTF-8", bytes(range(128, 256)) * (part // 128)
    yield "deep JSON", b"[" * part
    yield "deep JSON objects", b'{"a":' * (part // 5)
    yield "deep YAML", b"- " * (part // 2)
    yield "deep YAML flow", b"[" * 50000 + b"]" * 50000
    yield "YAML bomb", b"a: &a [x,x,x,x,x,x,x,x,x]\n" + b"".join(
        b"%c: &%c [%s]\n" % (letter, letter, b",".join([b"*%c" % (letter - 1)] * 9)) for letter in range(98, 110))
    yield "escapes", b"\\\"" * (part // 2)
    yield "colours", b"\x1b[31" * (part // 4)
    yield "quoting", b"> " * (part // 2)
    yield "grep's prefixes", b"a:" * (part // 2)
    yield "priorities", b"<3>" * (part // 3)
    yield "prompts", b"a@b# a\n" * (part // 7)
    yield "wrapped at 80", (b"Nov 23 02:13:07 w2 kernel: " + b"x" * 53 + b"\n" + b"y" * 80 + b"\n") * (part // 162)
    yield "values without end", b"E1123 02:13:07.000000 1 a.go:1] x err=<\n" * (part // 41)
    yield "OOM reports without end", b"[ 1.0] a invoked oom-killer: gfp_mask=0x0, order=0\n[ 1.0] [ 1] 0 1 1 1 1 1 0 a\n" * (part // 84)
    yield "tables of events", b"7m  Normal  NodeNotReady  node/w2  " + b"7m 7m 1 " * (part // 8)
    yield "rows of events", b"Normal  A  7m  b  c\n" * (part // 20)
    yield "conditions", b"  Ready  True  " * (part // 15)
    yield "zones", b"Mon 2026-11-23 02:13:07 CST\n" * (part // 28)
    yield "numbers", b'{"ts":' + b"9" * part + b"}"


MONSTERS = dict(_monsters())


def test_monsters(tmp_path):
    """In a process of its own, for its memory."""
    program = ("import resource, sys; sys.path[:0] = [%r, %r]; import pathlib, test_hostile_logs as here\n"
               "before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss\n"
               "for name, data in here.MONSTERS.items():\n"
               "    for files in (dict.fromkeys(here.loose.FILES, data), {'notes.txt': data}, {'node.yaml': data}):\n"
               "        here.judged(here.written(pathlib.Path(sys.argv[1]) / name / str(len(files)) / list(files)[0], files))\n"
               "print((resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) // 1024)\n") % (COLLECTIONS, str(HERE.parent))
    done = subprocess.run([sys.executable, "-c", program, str(tmp_path)], stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=600, check=False)
    assert done.returncode == 0, done.stderr.decode()[-2000:]
    assert int(done.stdout) < MEMORY_MB


# -- Same evidence, same verdict

def test_the_incident_is_understood(tmp_path):
    assert json.loads(judged(written(tmp_path / "w2", texts(INCIDENT))))["causes"][0]["id"] == "memory.oom.kubelet"


@pytest.mark.parametrize("seed", range(4))
def test_the_order_of_lines_and_files_means_nothing(tmp_path, seed):
    known = judged(written(tmp_path / "a" / "w2", texts(INCIDENT)))
    chance = random.Random(seed)
    mixed = {name: chance.sample(lines, len(lines)) if name.endswith(".log") else lines for name, lines in INCIDENT.items()}
    mixed = dict(chance.sample(list(mixed.items()), len(mixed)))
    assert judged(written(tmp_path / "b" / "w2", texts(mixed))) == known


@pytest.mark.parametrize("seed", range(4))
def test_unrelated_lines_change_nothing(tmp_path, seed):
    known = judged(written(tmp_path / "a" / "w2", texts(INCIDENT)))
    chance = random.Random(seed)
    lines = list(INCIDENT["kubelet.log"])
    for at in range(100):
        lines.insert(chance.randrange(len(lines)), "Nov 23 02:%02d:%02d w2 CRON[%d]: (root) CMD (run-parts /etc/cron.hourly)" % (at % 12, at % 60, at))
    assert judged(written(tmp_path / "b" / "w2", texts(dict(INCIDENT, **{"kubelet.log": lines})))) == known


def test_the_hash_seed_means_nothing(tmp_path):
    directory = written(tmp_path / "w2", texts(INCIDENT))
    program = "import sys; sys.path[:0] = [%r, %r]; import test_hostile_logs; print(test_hostile_logs.judged(sys.argv[1]))" % (COLLECTIONS, str(HERE.parent))
    said = {subprocess.run([sys.executable, "-c", program, str(directory)], stdout=subprocess.PIPE, check=True,
                           env=dict(os.environ, PYTHONHASHSEED=seed)).stdout for seed in ("0", "1", "4242")}
    assert len(said) == 1 and b"memory.oom.kubelet" in said.pop()


# -- Patterns

LENGTH = 8000  # characters; scan() shows a pattern no more of a message
FAST = 0.004  # seconds, in which nobody cares
STEEPEST = 32  # times as long for four times the length: the square takes 16, the cube 64, and neighbours make either seem twice as much


def _hostile(needle, regex):
    """Texts that repeat what the pattern looks for, and never end it."""
    words = [needle] + re.findall(r"[A-Za-z][\w /:-]{2,40}", re.sub(r"\(\?P?<\w+>|\\[a-zA-Z]", " ", regex))[:6]
    for word in words:
        yield word
        yield word + " "
        yield word + "/x: "
        yield '"' + word + '" err="'
    yield "".join(words)
    yield " ".join(words) + " "
    yield words[0] + " " + "a" * 40 + " "
    yield words[0] + "1" * 20 + "."


def _seconds(pattern, text):
    """Of the processor, the least of five: neighbours on the machine only ever add."""
    best = 1e9
    for _round in range(5):
        started = time.process_time()
        pattern.search(text)
        best = min(best, time.process_time() - started)
    return best


@pytest.mark.parametrize("name", FAILURES)
def test_no_pattern_takes_more_than_the_square_of_the_length(name):
    for _source, needle, regex in FAILURES[name]["log"] + FAILURES[name]["ends"]:
        pattern = re.compile(regex, re.IGNORECASE)
        for piece in _hostile(needle, regex):
            text = (piece * (LENGTH // len(piece) + 1))[:LENGTH]
            started = time.process_time()
            pattern.search(text)
            if time.process_time() - started < FAST:
                continue
            whole, quarter = _seconds(pattern, text), _seconds(pattern, text[:LENGTH // 4])
            assert whole < FAST or whole < STEEPEST * quarter, (regex, piece)
            assert whole < 0.5, (regex, piece)
