# Copyright: kubetriage.node contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the kernel's log says of the OOM killer."""

from ..result import Result
from . import kernel_log

_SIGNS = ("oom-kill", "oom_score_adj", "ut of memory", "Killed process", "failcnt", "Memory cgroup")


def check(node, window):
    """The OOM killer's case files of the last `window` seconds -> CheckResult `oom_scan`.

    Facts: reports (count), shared_kernel, elsewhere (reports of other nodes on a shared kernel), victims {pid: failure}. Data of a finding:
    scope (cgroup.scope), kind, trigger and victim {comm, pid, ...}, culprit {name, bytes, processes, adj, limit_bytes, pod_uid,
    container_id, pod, ...}, count and killed [[comm, kills]] of all its reports, mem_total_bytes, limit_cgroup. All sizes in bytes.
    """
    result = Result("oom_scan")
    with result.part("kernel log"):
        log = kernel_log.text(node, window)
        result.facts.update(reports=0, shared_kernel=kernel_log.shared_kernel(node), elsewhere=0)
        if any(sign in log for sign in _SIGNS):
            from . import oom_case  # compiled where there is something to read: 8 ms of each healthy node's time
            oom_case.add(result, node, window, log)
        if not result.facts["reports"]:
            result.summary = "no OOM kill in the kernel log"
    return result.done()
