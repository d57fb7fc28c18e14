# Copyright: kubetriage.node contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A kubelet asked through the API server's proxy, where SSH gives no answer: does it live, and what does it say of its node?

The right to it (nodes/proxy) lets one do more than look, so it is granted apart: deploy/rbac/kubelet-proxy.yaml.
"""

import json
import re
from urllib.parse import quote

from ansible_collections.kubetriage.node.plugins.plugin_utils.cluster_error import ClusterError, flat, refusal
from ansible_collections.kubetriage.node.plugins.plugin_utils.explanation import size

WHAT = "the kubelet over the API server's proxy"
SECONDS = 4.0  # for one answer: the API server itself would wait for a dead node for 30 s
_SHORT, _SUMMARY = 16 << 10, 4 << 20  # bytes
_UNITS = ("sshd", "ssh")  # whose lines are of interest on a node that SSH does not reach


def ask(api, name):
    """-> {"answer": ok | unhealthy | refused | timeout | None, "evidence": [quote], "facts": {}, "not_checked": [gap]}."""
    path = "/api/v1/nodes/%s/proxy/" % quote(name, safe="")
    found = {"answer": None, "evidence": [], "facts": {}, "not_checked": []}
    try:
        status, text = api.text(path + "healthz", _SHORT)
    except ClusterError:
        status, text = 0, "no answer within %d s" % SECONDS
    found["answer"], said = answer(status, text)
    if found["answer"] is None:
        found["not_checked"] = [{"what": WHAT, "why": said + "; deploy/rbac/kubelet-proxy.yaml grants it" if status == 403 else said}]
        return found
    found["evidence"] = [_quote("healthz", said)]
    if found["answer"] in ("ok", "unhealthy"):
        _more(api, path + "stats/summary", "stats/summary", _SUMMARY, summary, found)
        _more(api, path + "configz", "configz", _SUMMARY, configz, found)
        _more(api, path + "logs/?query=%s&query=%s&tailLines=5" % _UNITS, "node log query", _SHORT, log_lines, found)
    return found


def _more(api, path, what, limit, read, found):
    try:
        status, text = api.text(path, limit)
    except ClusterError as error:
        status, text = 0, str(error)
    facts = read(text) if status == 200 else None
    if facts is None:
        why = "it is not enabled, or has no such answer" if status in (200, 404) else answer(status, text)[1]
        found["not_checked"].append({"what": "%s: %s" % (WHAT, what), "why": why})
        return
    found["facts"].update(facts["facts"])
    found["evidence"] += [_quote(what, line) for line in facts["lines"]]


def _quote(what, text):
    return {"source": "kubelet: " + what, "time": None, "text": text[:300]}


def answer(status, text):
    """HTTP status (0: none came) and body of /healthz -> (ok | unhealthy | refused | timeout, or None where we may not ask; words).

    The API server's own word is a Status object: apimachinery's "error trying to reach service: dial tcp ...". All else is the kubelet's.
    """
    try:
        content = json.loads(text)
    except (ValueError, RecursionError):
        content = None
    if isinstance(content, dict) and content.get("kind") == "Status":
        why = refusal(status, content)
        if re.search(r"connection refused", why):
            return "refused", why
        if re.search(r"\btls: |x509: ", why):  # something is there that speaks TLS: it has no certificate, or none that the API server trusts
            return "ok", why
        if re.search(r"error trying to reach service|dial tcp|timeout|deadline exceeded", why):
            return "timeout", why
        return None, why
    if status == 0:
        return "timeout", flat(text)
    well = status == 200 and text.strip() == "ok" or status in (401, 403)
    return "ok" if well else "unhealthy", "HTTP %d: %s" % (status, flat(text)[:200])


def summary(text):
    """/stats/summary (kubelet's stats/v1alpha1) -> {"facts", "lines": what of it is short}, or None if it is none."""
    node = _object(text, "node")
    if node is None:
        return None
    facts, lines = {}, []
    limits, memory = _dict(node, "rlimit"), _dict(node, "memory")
    if _number(limits, "maxpid") and _number(limits, "curproc") is not None:
        facts["pids"] = {"used": limits["curproc"], "limit": limits["maxpid"]}
        lines.append("%d of %d PIDs are in use" % (limits["curproc"], limits["maxpid"]))
    if _number(memory, "availableBytes") is not None:
        facts["memory_available"] = memory["availableBytes"]
        lines.append("%s of memory are available" % size(memory["availableBytes"]))
    for where, found in (("the kubelet's file system", _dict(node, "fs")),
                         ("the images' file system", _dict(_dict(node, "runtime"), "imageFs"))):
        free, whole = _number(found, "availableBytes"), _number(found, "capacityBytes")
        if whole and free is not None:
            facts.setdefault("free", {})[where] = round(free / whole, 3)
            lines.append("%d %% of %s are free" % (100 * free // whole, where))
    return {"facts": facts, "lines": ["; ".join(lines)] if lines else []}


def configz(text):
    """/configz -> the few settings that tell of a node's limits, or None if it is none."""
    config = _object(text, "kubeletconfig")
    if config is None:
        return None
    told = {key: config[key] for key in ("nodeLeaseDurationSeconds", "podPidsLimit", "maxPods", "cgroupDriver")
            if _number(config, key) is not None or isinstance(config.get(key), str) and len(config[key]) < 100}
    return {"facts": {"config": told}, "lines": []}


def log_lines(text):
    """Answer of the node log query (1.27+, off by default) -> its last lines; None for the directory listing of kubelets without it."""
    if "<pre>" in text[:200].lower() or "<a href=" in text[:2000].lower():
        return None
    lines = [line.strip() for line in text.splitlines() if line.strip() and not line.startswith("-- ")]
    return {"facts": {}, "lines": lines[-3:]}


def _object(text, key):
    try:
        content = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return content[key] if isinstance(content, dict) and isinstance(content.get(key), dict) else None


def _dict(item, key):
    return item[key] if isinstance(item.get(key), dict) else {}


def _number(item, key):
    value = item.get(key)
    return value if isinstance(value, int) and not isinstance(value, bool) and abs(value) < 1 << 63 else None
