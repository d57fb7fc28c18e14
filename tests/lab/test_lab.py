# Copyright: kubetriage.node contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The lab does what it says: workers are healthy nodes, and each fault is really there and really goes. The product has no part in it.

One fault: pytest tests/lab/test_lab.py -k containerd_hung
"""

import pytest

from faults import FAULTS
from lab import LabError
from shifts import Shifts


@pytest.fixture(scope="module")
def proofs(request, lab):
    """Every selected fault on the next free worker -> {name: Future}.

    A worker goes from fault to fault without being made afresh: that the next one settles shows that the one before was undone.
    """
    names = [item.callspec.params["name"] for item in request.session.items if item.originalname == "test_fault"]
    with Shifts(lab, [FAULTS[name] for name in names], lambda fault, node: prove(lab, fault, node)) as shifts:
        yield shifts.futures


def prove(lab, fault, node):
    """inject -> settled -> seen -> revert -> healthy. -> one line with the times."""
    try:
        fault.inject(lab, node)
        shown = lab.wait("%s on %s" % (fault.name, node), lab.patience, fault.settled, lab, node)
        ready = lab.condition(node)["status"]
        assert (ready == "True") == (fault.state == "degraded"), "%s: Ready=%s, expected state %s" % (fault.name, ready, fault.state)
        assert reachable(lab, node) == (fault.state != "unreachable"), "%s: ssh does not fit the state %s" % (fault.name, fault.state)
        trace = lab.exec(node, fault.trace, check=False).strip()
        assert trace, "%s left no trace: %s" % (fault.name, fault.trace)
        gone = fault.revert(lab, node)
    except BaseException:
        lab.fresh(node)  # for whichever fault comes next
        raise
    return "%s on %s: shown after %.1f s, healthy %.1f s after its end: %s" % (fault.name, node, shown, gone, trace.splitlines()[-1][:200])


def reachable(lab, node):
    try:
        return lab.ssh(node, "echo in").strip() == "in"
    except LabError:
        return False


def test_workers_are_healthy(lab):
    for node in lab.workers:
        lab.wait(node, 30, lab.healthy, node)


def test_users(lab):
    assert lab.ssh("w1", "sudo -n id -u", user="ops").strip() == "0"
    assert lab.ssh("w1", "id -un; sudo -n true 2>&1; true", user="nosudo").splitlines() == ["nosudo", "sudo: a password is required"]


def test_fresh_forgets(lab):
    lab.exec("w1", "echo it was here | systemd-cat -t before; touch /var/lib/kubelet/before")
    lab.fresh("w1")
    assert lab.healthy("w1")
    assert lab.exec("w1", "journalctl -q -t before --no-pager; ls /var/lib/kubelet | grep before; true") == ""


@pytest.mark.parametrize("name", FAULTS)
def test_fault(proofs, name):
    print(proofs[name].result())
