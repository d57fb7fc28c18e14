# Copyright: kubetriage.node contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the controller manager says of nodes in trouble: its flag, its log. Text -> data.

It is who takes Ready back, taints the node and deletes its pods. Its words: pkg/controller/nodelifecycle/node_lifecycle_controller.go, free
text up to 1.26, structured since. Most of what it says of a single node it says from -v=2 on.
"""

import pathlib
import re

from ansible_collections.kubetriage.node.plugins.module_utils.parse import klog, loglines
from ansible_collections.kubetriage.node.plugins.plugin_utils.log_message import spoken
from ansible_collections.kubetriage.node.plugins.plugin_utils.utc import iso

SECONDS = 25  # for a host of the control plane; the deadlines of what it runs there add up to less
_SCRIPT = pathlib.Path(__file__).with_name("controller_manager_look.sh")
_NAME = re.compile(r"[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?")  # of a Node, RFC 1123; nothing else may reach a shell
_GRACE = re.compile(r"node-monitor-grace-period[= ]\"?(\d[\d.hmsµu]*)")
_DURATION = re.compile(r"(\d+(?:\.\d+)?)(ms|h|m|s)")
_UNIT_S = {"h": 3600, "m": 60, "s": 1, "ms": 0.001}
_LINES = 20  # about one node
_TEXT = 500
BEFORE_S = 600  # lines that long before the onset still belong to it
# All nodes are lost: it stops deleting pods, for the fault is more likely its own. A part of a zone: it slows down, in small clusters to nothing.
_ALL = re.compile(r"all Nodes are not-Ready\. Entering master disruption mode|some Nodes are Ready\. Exiting master disruption mode")
_ZONE = re.compile(r"Controller detected that zone .{0,200}?(?:now in state |newState=\"?)(FullDisruption|PartialDisruption|Normal|Initial)")


def grace_s(command):
    """A command line -> its --node-monitor-grace-period in seconds; None if it does not set it."""
    found = _GRACE.search(command)
    parts = _DURATION.findall(found.group(1)) if found else ()
    return sum(float(number) * _UNIT_S[unit] for number, unit in parts) or None


def said(text, now):
    """Its log, in any form that loglines reads, and the epoch of the look -> [(epoch, message, evictions or None)], in the order of the text;
    `evictions`: stopped, started, slowed or normal, where the message says so of all nodes or of a zone."""
    found = []
    for entry in klog.joined(loglines.entries(text, now)):
        own = klog.stamp(entry.message, entry.time or now)
        when = entry.time if entry.time is not None else own and own[0]
        if when is not None:
            text = spoken(entry.message)[:_TEXT]
            found.append((when, text, _evictions(text)))
    return found


def _evictions(text):
    whole, zone = _ALL.search(text), _ZONE.search(text)
    if whole:
        return "stopped" if "Entering" in whole.group() else "started"
    return zone and ("slowed" if zone.group(1) == "PartialDisruption" else "normal")


def told(source, command, lines, name, onset):
    """Where it was read, its command line (or ""), what it `said`, a Node's name, the epoch of the node's onset (or None) ->

    {"source", "grace_s": seconds or None, "lines": [{"time", "text"}] about this node, those nearest to the onset,
    "evictions": "stopped" while it takes all nodes for lost, "slowed" while a part of a zone is, None}
    """
    about = re.compile(r"(?<![\w.-])%s(?![\w-]|\.\w)" % re.escape(name))
    first, stopped, slowed = {}, False, False
    for when, text, evictions in lines:
        if evictions in ("stopped", "started"):
            stopped = evictions == "stopped"
        elif evictions:
            slowed = evictions == "slowed"
        if (evictions or name in text and about.search(text)) and (onset is None or when >= onset - BEFORE_S):
            first.setdefault(text, when)  # what it says again it said first
    nearest = sorted(first.items(), key=lambda line: (abs(line[1] - onset) if onset is not None else -line[1], line[0]))[:_LINES]
    return {"source": source, "grace_s": grace_s(command), "evictions": "stopped" if stopped else "slowed" if slowed else None,
            "lines": [{"time": iso(when), "text": text} for text, when in sorted(nearest, key=lambda line: (line[1], line[0]))]}


def script(mark, names, since):
    """Names of Nodes and epoch seconds -> program for the sh of a host of the control plane. `mark`: letters and digits no log can foresee."""
    body = "\n".join(line for line in _SCRIPT.read_text(encoding="utf-8").splitlines() if line and not line.startswith("#"))
    about = " ".join("-e " + name for name in names if _NAME.fullmatch(name))
    return "MARK=%s since=%d about='%s'\n%s\n" % (mark, since, about, body)


def answer(text, mark):
    """What that program printed -> (what stands for the command line, the log), each empty if there is none; None if it did not come to its end."""
    command, begun, rest = ("\n" + text.replace("\r", "")).partition("\n@%s log\n" % mark)
    log, ended, _after = ("\n" + rest).partition("\n@%s done" % mark)
    return (command.strip("\n"), log.strip("\n")) if begun and ended else None
