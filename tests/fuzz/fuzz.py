# Copyright: kubetriage.node contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Coverage-guided fuzzing of all that reads a node's text: no exception that is not documented, nothing that takes seconds.

    ./dev fuzz [seconds]        45 by default; starts from the evidence of the corpus

The first byte of an input chooses the parser. A finding is printed with its input; python tests/fuzz/fuzz.py FILE runs it again.
"""

import pathlib
import subprocess
import sys
import tempfile

import atheris

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "collections"))
SECONDS, SLOWEST = 45, 5  # of all; of one input

with atheris.instrument_imports(include=["ansible_collections.kubetriage.node"]):
    from ansible_collections.kubetriage.node.plugins.module_utils.catalogue import FAILURES, match
    from ansible_collections.kubetriage.node.plugins.module_utils.node.secrets import redact
    from ansible_collections.kubetriage.node.plugins.module_utils.parse import (
        bonding, cgroup, conflist, df, free, hung_task, iptables, loadavg, loglines, mdstat, meminfo, mounts, oom, packages, pressure, route,
        systemd_show, x509, yaml_subset)
    from ansible_collections.kubetriage.node.plugins.plugin_utils import describe, event_table, pasted, peer, shell_evidence, systemctl_status, transport

NOW, BOOT = 1795486000.0, 1795400000.0
PARSERS = (
    bonding.bond, cgroup.pod_of, conflist.conflist, df.df, free.free, iptables.tables, loadavg.loadavg, mdstat.arrays, meminfo.meminfo, mounts.mounts,
    packages.rpm, pressure.pressure, route.routes, systemd_show.units, x509.certificates, yaml_subset.load, describe.nodes, event_table.rows,
    pasted.unquoted, transport.unframe, redact,
    lambda text: list(loglines.entries(text, NOW, BOOT)),
    lambda text: hung_task.hung_tasks(loglines.entries(text, NOW, BOOT)),
    lambda text: oom.oom_reports(text, NOW, BOOT),
    lambda text: match.scan(text, "any", FAILURES, NOW, BOOT),
    lambda text: packages.dpkg(text, NOW),
    lambda text: systemctl_status.shown(text, NOW),
    lambda text: shell_evidence.read(text, "mark", "w1", 3600, NOW),
    lambda text: peer.read(text, "mark", 0, "w2", 22, None, "2026-11-24T02:00:00Z"),
    lambda text: pasted.text_of(text.encode("utf-8", "surrogateescape")),
)


def one(data):
    """A parser may refuse a text with ValueError, as their docstrings say, and with nothing else."""
    if not data:
        return
    text = data[1:].decode("utf-8", "surrogateescape" if data[0] & 1 else "replace")
    try:
        PARSERS[data[0] % len(PARSERS)](text)
    except ValueError:
        pass


def seeds(folder):
    """Each part of each case of the corpus, once for every parser that a hash of it chooses."""
    cases = sorted((ROOT / "tests" / "corpus" / "cases").rglob("*.txt"))
    for number, path in enumerate(cases):
        for place, part in enumerate(path.read_text(encoding="utf-8").split("\n=== ")[1:]):
            first = (number + place) % len(PARSERS)
            (folder / ("%d-%d" % (number, place))).write_bytes(bytes([first]) + part.partition("\n")[2].encode()[:4096])
            (folder / ("log-%d-%d" % (number, place))).write_bytes(bytes([21 + number % 4]) + part.partition("\n")[2].encode()[:4096])


def main():
    """As a child the fuzzer itself; its parent gives it seeds, and a place for what it finds."""
    if "-child" in sys.argv:
        sys.argv.remove("-child")
        atheris.Setup(sys.argv, one)
        atheris.Fuzz()
        return 0
    if len(sys.argv) > 1 and not sys.argv[1].isdigit():
        one(pathlib.Path(sys.argv[1]).read_bytes())
        return 0
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        for part in ("new", "seeds", "found"):
            (folder / part).mkdir()
        seeds(folder / "seeds")
        seconds = int(sys.argv[1]) if len(sys.argv) > 1 else SECONDS
        done = subprocess.run([sys.executable, __file__, "-child", "-max_total_time=%d" % seconds, "-timeout=%d" % SLOWEST, "-rss_limit_mb=1024",
                               "-max_len=8192", "-artifact_prefix=%s/found/" % name, "-verbosity=1", str(folder / "new"), str(folder / "seeds")],
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace", check=False)
        found = list((folder / "found").iterdir())
        runs = [line for line in done.stdout.splitlines() if line.startswith("Done ")]
        if done.returncode or found or not runs:
            print(done.stdout[-6000:])
            for path in found:
                print(path.name, repr(path.read_bytes()))
            return 1
        print("fuzzed %d parsers from %d seeds: %s, nothing found" % (len(PARSERS), len(list((folder / "seeds").iterdir())), runs[-1]))
    return 0


if __name__ == "__main__":
    sys.exit(main())
