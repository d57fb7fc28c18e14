# Copyright: kubetriage.node contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What to do next, as commands that can be pasted."""

import re
import shlex

from ansible_collections.kubetriage.node.plugins.plugin_utils import present

LIMIT = 5
_FIXES = 3

# The things a command can name. Other braces in a command (awk, jsonpath) are its own.
_PLACEHOLDER = re.compile(r"\{(node|namespace|pod|container|unit|mount|device|interface|server|host|plugin|cgroup|socket|file)\}")
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2066-\u2069\ufeff\ud800-\udfff]")

_DISTRIBUTION = re.compile(r"\+(k3s|rke2)")
_ALL_IN_ONE = {"k3s": "k3s-agent", "rke2": "rke2-agent"}
_RUNTIME = re.compile(r"\b(?:containerd|docker|crio|cri-o)\b")

# When the node was not reached because of our own access: what shows it. The node is not at fault until proven.
_ACCESS = {
    "key": "ssh -v {node} true   # the key was refused: is the right one offered, and known to the node?",
    "auth": "ssh -v {node} true   # which ways of authentication does the node offer?",
    "host_key": "ssh-keygen -F {node}   # the host key differs: was the node rebuilt? Compare it on the node's console first",
    "closed": "ssh -v {node} true   # accepted, then closed: sshd at its limit (MaxStartups), or a firewall",
    "resolve": "getent hosts {node}   # the name does not resolve: set ansible_host",
    "refused": "nc -zv {node} 22   # the host answers, sshd does not",
    "timeout": "ping -c 3 {node}",
    "no_banner": "nc -w 5 {node} 22 </dev/null   # accepted, and no banner: does it hang?",
    "no_route": "ip route get {node}",
    "sudo": "ssh {node} sudo -n true   # or run with --ask-become-pass",
}


def filled(step, subject):
    """A step with its placeholders filled, quoted for a shell -> str; None when a value is missing or cannot be a name.

    Pod names and mounts come from the node: a value that begins with a dash would be read as an option.
    """
    missing = []

    def value(found):
        text = str(subject.get(found.group(1)) or "")
        if not text or text.startswith("-") or _CONTROL.search(text):
            missing.append(found.group(1))
        return shlex.quote(text)

    step = _PLACEHOLDER.sub(value, step)
    return None if missing else step


def shown(step, subject):
    """Like `filled`, but what is missing is shown as its name in capitals."""
    return _PLACEHOLDER.sub(lambda found: filled(found.group(0), subject) or found.group(1).upper(), step)


def about(entry, effects, node, info):
    """What the commands of a cause are about -> {placeholder: value}: its own subject, the pod that took the memory rather than the one
    that was killed for it, and for the rest the subjects of its effects: the unit that was killed is the one to start again.

    `info`: of the control plane's view, with the versions that tell the units' names; may be empty.
    """
    names = {}
    for effect in reversed(effects):
        names.update(_present(effect["subject"]))
    for finding in reversed(entry["findings"]):  # the weightiest, which is the entry's own subject, last
        names.update(_present(finding["subject"]))
    culprit = _present(entry["data"].get("culprit", {}))
    if culprit.get("pod"):
        names.update({key: culprit.get(key) for key in ("pod", "namespace", "container")})
    names.setdefault("unit", _unit(entry, info))
    return dict(names, node=node)


def _unit(entry, info):
    """The unit of a failure of the kubelet's or the runtime's that names none, as the node's versions or the lines tell; else None."""
    family = present.family(entry["id"])
    if family not in ("kubelet", "cert", "runtime"):
        return None
    distribution = _DISTRIBUTION.search(str(info.get("kubelet")))
    if distribution or family != "runtime":
        return _ALL_IN_ONE[distribution.group(1)] if distribution else "kubelet"
    told = _RUNTIME.search(" ".join([str(info.get("runtime"))] + [str(quote["text"]) for quote in entry["evidence"]]))
    return told.group(0).replace("cri-o", "crio") if told else None


def fixes(failure, subject):
    """A catalogue entry and what it is about -> the fix as steps; with names in capitals only if no step could be filled."""
    return _steps(failure.get("fix") or (), subject)


def next_steps(cause, failure, subject):
    """The first cause of a verdict, its catalogue entry and what it is about -> its fix, then what confirms it.

    What is only possible is confirmed before it is fixed.
    """
    fix, confirm = fixes(failure, subject), _steps(failure.get("confirm") or (), subject)
    return confirm + fix if cause["confidence"] == "possible" else fix[:_FIXES] + confirm + fix[_FIXES:]


def with_access(steps, reach, node):
    """-> at most five steps, led by what shows why our own access failed, if it did."""
    if not reach.get("ok") and reach.get("kind") in _ACCESS:
        steps = [shown(_ACCESS[reach["kind"]], {"node": node})] + steps
    return list(dict.fromkeys(steps))[:LIMIT]


def _present(subject):
    return {key: value for key, value in subject.items() if value}


def _steps(steps, subject):
    complete = [step for step in (filled(step, subject) for step in steps) if step]
    return complete or [shown(step, subject) for step in steps]
