# Copyright: kubetriage.node contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The collection's playbooks, run as a user runs them: from the checkout, by ansible-playbook, with the lab's inventory and kubeconfig."""

import json
import os
import pathlib
import subprocess
import sys
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
BIN = pathlib.Path(sys.executable).parent


class Run:
    """What a playbook left: `rc`, `text` (console), `seconds`, `fleet`, `nodes` {host: artifact}, `dir`."""

    def __init__(self, done, seconds, artifacts, before):
        self.rc, self.text, self.seconds = done.returncode, done.stdout + done.stderr, seconds
        runs = sorted(set(runs_in(artifacts)) - before)
        assert len(runs) <= 1, "one run, one directory"
        self.dir = runs[0] if runs else None
        self.nodes, self.fleet = {}, None
        if self.dir:
            for path in sorted((self.dir / "nodes").glob("*.json")):
                content = json.loads(path.read_text())
                self.nodes[path.stem] = content
            if (self.dir / "fleet.json").exists():
                self.fleet = json.loads((self.dir / "fleet.json").read_text())

    def verdict(self, node):
        assert node in self.nodes, self.text
        return self.nodes[node]["verdict"]


def runs_in(artifacts):
    return list(artifacts.iterdir()) if artifacts.exists() else []


def play(book, artifacts, *arguments, lab=None, environment=None, cwd=ROOT):
    """Run a playbook of the checkout -> Run. `artifacts`: a directory for this run, or for several one after the other."""
    environ = {key: value for key, value in os.environ.items() if not key.startswith(("K8S_AUTH_", "ANSIBLE_", "KUBECONFIG"))}
    argv = [str(BIN / "ansible-playbook"), book, "-e", "node_triage_artifacts=%s" % artifacts, *arguments]
    if lab:
        argv += ["-i", str(lab.inventory)]
        environ["K8S_AUTH_KUBECONFIG"] = str(lab.kubeconfig)
    environ.update(environment or {})
    before = set(runs_in(pathlib.Path(artifacts)))
    start = time.monotonic()
    done = subprocess.run(argv, cwd=cwd, env=environ, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, timeout=180,
                          check=False)
    return Run(done, time.monotonic() - start, pathlib.Path(artifacts), before)
