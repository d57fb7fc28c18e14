# Copyright: kubetriage.node contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What it means that a node could not be asked over SSH, next to what the control plane hears of it."""

from ansible_collections.kubetriage.node.plugins.plugin_utils import node_state, utc

# Here the node, or the way to it, is silent; every other kind of failure is about our access: a key, a name, a sudo rule.
SILENT = ("timeout", "no_route", "refused")


def check(reach, view, ready, now):
    """-> CheckResult `reach`, or None when the node was asked, or nobody tried.

    Silent on both sides is `host.unreachable`; a kubelet that posts while SSH fails is `host.ssh_only`. Without the control plane's
    view, or when our access failed, nothing is said of the node: that is not checked, and no cause.
    """
    if reach.get("ok") or reach.get("how") == "none":
        return None
    error = str(reach.get("error") or "no answer")
    findings = []
    fresh = node_state.lease_is_fresh(view, now)
    heard = fresh if fresh is not None else ready["ready"]
    if heard:
        findings.append(_finding("host.ssh_only", "warning", error))
    elif (fresh is False or ready["ready"] is False) and reach.get("kind") in SILENT:
        findings.append(_finding("host.unreachable", "critical", error, since=utc.iso(ready["since"])))
    return {"check": "reach", "status": "problem" if findings else "unknown", "summary": error, "findings": findings, "facts": {},
            "not_checked": [{"what": "the node itself", "why": error}], "duration_s": 0}


def _finding(failure, severity, error, since=None):
    return {"id": failure, "severity": severity, "title": None, "subject": {}, "since": since, "until": None,
            "evidence": [{"source": "ssh", "time": None, "text": error}], "data": {"basis": "state"}}
