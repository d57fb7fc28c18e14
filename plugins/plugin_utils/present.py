# Copyright: kubetriage.node contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The failures that the checks of one node saw, one entry an id, whatever check, log or mount they come from."""

import json
import re

from ansible_collections.kubetriage.node.plugins.plugin_utils import utc

SEVERITIES = ("critical", "warning", "info")
BASES = ("state", "log", "api")  # the surest first

# The check whose look at the state confirms or refutes what a log line says, by family.
CHECK_OF = {
    "kubelet": "kubelet_health", "cert": "kubelet_health", "runtime": "runtime_health", "cni": "cni_chain_check",
    "disk": "node_resources", "memory": "node_resources", "pids": "node_resources", "limits": "node_resources",
    "api": "api_path", "time": "api_path", "nic": "kernel_health", "net": "kernel_health", "storage": "kernel_health",
    "raid": "kernel_health", "kernel": "kernel_health",
}
# The part of that check that sees it: a gap of this name says that it was not looked at.
PART_OF = {
    "cert": "client certificate", "runtime": "CRI answer", "cni": "CNI configuration", "disk": "file system", "memory": "memory",
    "pids": "PIDs", "limits": "kernel tables", "api": "way to the API server", "time": "way to the API server",
}
# What no look at the state shows, whatever its family.
UNSEEN = ("limits.inotify", "limits.open_files", "limits.neighbours", "limits.cgroups", "limits.xtables_lock", "runtime.sandbox_image",
          "cni.ip_exhausted", "cni.service_unreachable")


def family(failure):
    """"disk.full" -> "disk"."""
    return failure.split(".")[0]


def entries(checks, failures):
    """CheckResults and the catalogue -> {id: entry}; the same whatever the order of checks and findings.

    entry = {"id", "role", "severity" (the worst), "title", "subject" and "data" (of the weightiest finding), "since", "until" (epoch
    seconds: the first start, the last end), "basis" (the surest), "bases", "period" (seconds between repeated lines), "evidence",
    "findings" (all, the weightiest first)}. An id that the catalogue does not know is a mere presence; what has no id or no known
    severity is no finding: a check is run by the node, and the node may be anything.
    """
    by_id = {}
    for check in checks:
        for finding in check.get("findings") or ():
            if isinstance(finding.get("id"), str) and finding.get("severity") in SEVERITIES:
                by_id.setdefault(finding["id"], []).append(_formed(finding))
    if "storage.fs_error" in by_id and all(map(_is_an_answer, by_id.get("storage.io_error", ()))):
        by_id.pop("storage.io_error", None)
    return {name: _merged(name, found, failures.get(name, {})) for name, found in sorted(by_id.items())}


def _is_an_answer(finding):
    """What a program got from a filesystem: one that was shut down answers everybody with an I/O error, and no disk has to be at fault."""
    return all(re.search("input/output error|overlayfs: ", str(quote.get("text")), re.IGNORECASE) for quote in finding["evidence"])


def _formed(finding):
    """A finding whose subject, data and evidence have the shape they should have; what has not is left out."""
    subject, data = (dict(finding[key]) if isinstance(finding.get(key), dict) else {} for key in ("subject", "data"))
    for key in ("culprit", "victim"):
        if not isinstance(data.get(key), dict):
            data.pop(key, None)
    subject = {str(key): value for key, value in subject.items() if isinstance(value, (str, int, float))}
    quotes = finding.get("evidence") if isinstance(finding.get("evidence"), list) else ()
    return dict(finding, subject=subject, data=data, evidence=[quote for quote in quotes if isinstance(quote, dict)])


def _merged(name, findings, failure):
    findings = sorted(findings, key=_weight)
    first = findings[0]
    since = sorted(moment for moment in (utc.seconds(finding.get("since")) for finding in findings) if moment is not None)
    until = [moment for moment in (utc.seconds(finding.get("until")) for finding in findings) if moment is not None]
    bases = {_basis(finding) for finding in findings}
    return {
        "id": name,
        "role": failure.get("role", "presence"),
        "severity": first["severity"],
        "title": failure.get("title") or first.get("title") or name,
        "subject": first["subject"],
        "data": first["data"],
        "since": since[0] if since else None,
        "until": max(until, default=None),
        "from_start": any(finding["data"].get("from_start") and utc.seconds(finding.get("since")) in since[:1] for finding in findings),
        "basis": next(basis for basis in BASES if basis in bases),
        "bases": bases,
        "period": max(map(_period, findings)),
        "evidence": _quotes(findings),
        "findings": findings,
    }


def _weight(finding):
    """The finding that tells most comes first: of an OOM kill the kernel's report, which names the culprit, before the unit's line; of an agent
    that does not run what the API server says of its pod, before the kubelet's line that names none."""
    return (_severity(finding), "culprit" not in finding["data"], _basis(finding) != "state", -len(finding["subject"]),
            BASES.index(_basis(finding)), -_count(finding), _text(finding))


def _severity(finding):
    return SEVERITIES.index(finding["severity"])


def _basis(finding):
    basis = finding["data"].get("basis")
    return basis if basis in BASES else "log" if "count" in finding["data"] else "state"


def _count(finding):
    count = finding["data"].get("count")
    return count if isinstance(count, int) else 1


def _period(finding):
    since, until, count = utc.seconds(finding.get("since")), utc.seconds(finding.get("until")), _count(finding)
    return (until - since) / (count - 1) if since is not None and until is not None and count > 1 else 0.0


def _text(finding):
    return json.dumps(finding, sort_keys=True, default=str)


def _quotes(findings):
    """The findings' evidence, each quote once, the weightiest finding's first."""
    seen, quotes = set(), []
    for finding in findings:
        for quote in finding["evidence"]:
            key = (quote.get("source"), quote.get("time"), quote.get("text"))
            if key not in seen:
                seen.add(key)
                quotes.append({"source": quote.get("source"), "time": quote.get("time"), "text": quote.get("text")})
    return quotes
