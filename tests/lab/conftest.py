# Copyright: kubetriage.node contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The lab for pytest: fixture `lab`, started once a session, stopped at its end unless LAB_KEEP=1.

Where no lab can be (no Linux, no root, no Go ...) its tests are left out with one line; with KUBETRIAGE_REQUIRE_LAB=1 they fail.
"""

import concurrent.futures
import os
import pathlib
import shutil
import sys

import pytest

sys.path.insert(0, str(pathlib.Path(__file__).parent))  # for `from lab import ...`, whatever the import mode

from lab import Lab, LabError  # noqa: E402


def impossible():
    """Why this machine cannot be a lab, in one line; None if nothing speaks against it."""
    if not sys.platform.startswith("linux"):
        return "it needs Linux, this is " + sys.platform
    if os.geteuid():
        return "it needs root"
    if not os.path.exists("/sys/fs/cgroup/memory/cgroup.procs"):
        return "it needs cgroup v1 hierarchies"
    if not shutil.which("go") and not (Lab().home / "bin" / "hyperkube").exists():
        return "it needs Go to compile Kubernetes"
    return None


def pytest_terminal_summary(terminalreporter):
    reasons = {report.longrepr[2] for report in terminalreporter.stats.get("skipped", []) if "the lab was left out" in str(report.longrepr)}
    for reason in reasons:
        terminalreporter.write_line(reason.replace("Skipped: ", ""))


@pytest.fixture(scope="session")
def lab():
    """A running Lab with the workers w1, w2 and w3: exec(), ssh(), kubectl(), inventory, kubeconfig, fresh() ..."""
    reason = impossible()
    if reason and os.environ.get("KUBETRIAGE_REQUIRE_LAB") == "1":
        pytest.fail("the lab cannot run: " + reason, pytrace=False)
    if reason:
        pytest.skip("the lab was left out: " + reason)
    lab = Lab()
    try:
        lab.up()
    except LabError as error:
        pytest.fail("the lab does not start: %s" % error, pytrace=False)
    yield lab
    if os.environ.get("LAB_KEEP") != "1":
        lab.stop()


@pytest.fixture(scope="module")
def spotless(lab):
    """The lab with workers whose journals tell of no earlier fault."""
    with concurrent.futures.ThreadPoolExecutor(len(lab.workers)) as pool:
        list(pool.map(lab.fresh, lab.workers))
    return lab
