# Copyright: kubetriage.node contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""One sentence that says which thing it was, with its numbers: "pod shop/leaky-x2x8p (app) held 13.1 of 15.6 GiB ..."."""

from ansible_collections.kubetriage.node.plugins.plugin_utils import log_message, utc

_GIB = 1 << 30
_MIB = 1 << 20
_KIB = 1 << 10

# How subjects are named in a sentence, in this order; a pod is put together from several keys.
_NAMED = ("unit", "mount", "device", "interface", "plugin", "file", "flag", "certificate", "name", "server", "host", "socket", "cgroup",
          "path")


def size(count, unit=None):
    """Bytes -> "13.1 GiB"; with `unit` (bytes) only the number, in that unit."""
    if unit:
        return f"{count / unit:.1f}"
    for step, name in ((_GIB, "GiB"), (_MIB, "MiB"), (_KIB, "KiB")):
        if count >= step:
            return f"{count / step:.1f} {name}".replace(".0 ", " ")
    return f"{int(count)} B"


def pod(subject):
    """{"namespace", "pod", "container", "pod_uid"} -> "pod shop/leaky-x2x8p (app)", by its UID if nothing names it; None without a pod."""
    name = "/".join(str(subject[key]) for key in ("namespace", "pod") if subject.get(key)) if subject.get("pod") else None
    if not name and subject.get("pod_uid"):
        name = f"with UID {subject['pod_uid']}"
    if not name:
        return None
    return f"pod {name}" + (f" ({subject['container']})" if subject.get("container") else "")


def why(entry):
    """A failure seen (an entry of `present.entries`) -> one sentence: figures where there are any, else what its first line says."""
    family = entry["id"].rpartition(".")[0]
    sentence = _SENTENCES[family](entry) if family in _SENTENCES else None
    sentence = sentence or (_thing(entry) if entry["data"].get("basis") != "log" else None)
    return (sentence or _line(entry)) + _others(entry)


# Whose limit it was, when it was not the culprit's own.
_SHARED = {"allocatable": "all pods together", "reserved": "the node's own services", "outer": "the container that holds the node"}


def _oom(entry):
    data, culprit = entry["data"], _dict(entry["data"], "culprit")
    held = culprit.get("bytes")
    who = pod(culprit) or culprit.get("name") or culprit.get("comm")
    if not who or not _number(held):
        victim = _dict(data, "victim")
        who = pod(entry["subject"]) or victim.get("comm") or entry["subject"].get("comm")
        if not who:
            return None
        held = victim.get("rss_bytes")
        return f"{who} was killed" + (f" while it held {size(held)}" if _number(held) else "") + _times(data)
    if _number(culprit.get("processes")) and culprit["processes"] > 1:
        who += f" ({culprit['processes']} processes)"
    probable = culprit.get("probable")
    if isinstance(probable, dict):
        who += f" (by its oom_score_adj of {pod(probable)})"
        culprit = dict(culprit, **probable)
    limit, total, scope = culprit.get("limit_bytes"), data.get("mem_total_bytes"), data.get("scope")
    if scope in ("container", "pod") and _number(limit):
        return f"{who} held {size(held)} and reached its limit of {size(limit)}" + _killed(data, culprit)
    if isinstance(scope, str) and scope in _SHARED and _number(limit):
        return f"{who} held {size(held)}; {_SHARED[scope]} reached the limit of {size(limit)}" + _killed(data, culprit)
    unit = next(((step, name) for step, name in ((_GIB, "GiB"), (_MIB, "MiB")) if _number(total) and total >= step), None)
    said = f"{who} held {size(held, unit[0])} of {size(total, unit[0])} {unit[1]}" if unit else f"{who} held {size(held)}"
    return said + _claim(culprit, total) + _killed(data, culprit)


def _claim(culprit, total):
    """What the culprit asked for: as the API has it, else as its oom_score_adj tells (pkg/kubelet/qos/policy.go)."""
    limit, request, adj = culprit.get("limit_bytes"), culprit.get("request_bytes"), culprit.get("adj")
    if _number(limit):
        return f" (its limit is {size(limit)})"
    if culprit.get("limit_known") is True and pod(culprit):
        return " and has no memory limit" + (f" (it requests {size(request)})" if _number(request) and request else "")
    if adj == 1000:
        return " and asked for none (BestEffort)"
    if _number(adj) and 2 < adj < 1000 and _number(total):
        return f", having asked for about {size(total * (1000 - adj) / 1000)}" if adj < 999 else ", having asked for next to nothing"
    return ""


def _killed(data, culprit):
    """The victims, where they are not the culprit itself."""
    killed = data.get("killed") if isinstance(data.get("killed"), list) else ()
    killed = [pair for pair in killed if isinstance(pair, list) and len(pair) == 2 and _number(pair[1])]
    if [pair[0] for pair in killed] in ([], [culprit.get("name")]) or data.get("scope") == "container" and len(killed) == 1:
        return _times(data)
    if len(killed) == 1:
        return f"; killed: {killed[0][0]}" + _times(data)
    return "; killed: " + ", ".join(f"{name} {times}x" if times > 1 else str(name) for name, times in killed)


def _disk(entry):
    mount, used = entry["subject"].get("mount"), entry["data"].get("used")
    if not mount or not _number(used):
        return None
    what = "inodes of " if entry["id"].endswith("inodes_full") or entry["data"].get("what") == "inodes" else ""
    return f"{int(used * 100)} % of {'the ' + what if what else ''}{mount} {'are' if what else 'is'} used"


def _limit(entry):
    used, limit = entry["data"].get("used"), entry["data"].get("limit")
    if not _number(used) or not _number(limit):
        return None
    who = pod(entry["subject"])
    if entry["id"] == "pids.pod_limit":
        return f"{who or 'one pod'} has {used} of {limit} PIDs"
    return f"{used} of {limit} are in use" + (f"; most by {who}" if who else "")


def _host(entry):
    """What a look from outside made of a silent node."""
    why = entry["data"].get("why")
    return why if isinstance(why, str) else None


_SENTENCES = {"host": _host, "memory.oom": _oom, "disk": _disk, "pids": _limit, "limits": _limit}


def _times(data):
    count = data.get("count")
    return f", {count} times" if _number(count) and count > 1 else ""


def _thing(entry):
    """The subject, and what else there is in plain figures."""
    things, data = _things(entry["subject"]), entry["data"]
    figures = [f"{key.replace('_', ' ')} {value}" for key, value in sorted(data.items())
               if key not in ("basis", "count") and (_number(value) or value and isinstance(value, str))]
    return ", ".join(things) + (": " + ", ".join(figures) if figures else "") if things else None


def _things(subject):
    """As words, each with its kind. A cgroup or a path is of no interest when the pod is known."""
    named = pod(subject)
    keys = [key for key in _NAMED if subject.get(key) and not (named and key in ("cgroup", "path"))]
    return ([named] if named else []) + [f"{key} {subject[key]}" for key in keys]


def _line(entry):
    """What its first line says, of what if the line does not tell, and how often in which time."""
    text = entry["evidence"][0]["text"] if entry["evidence"] else None
    said = log_message.core(text or entry["title"])
    things = [thing for thing in _things(entry["subject"]) if thing.split(" ", 1)[1].split(" (")[0] not in said.replace("_", "-")]
    count, lasted = entry["data"].get("count"), (entry["until"] or 0) - (entry["since"] or 0) if entry["since"] and entry["until"] else 0
    often = f", {count} times" if _number(count) and count > 1 and entry["basis"] != "api" else ""  # an event says so itself
    return (", ".join(things) + ": " if things else "") + said + often + (f" in {utc.span(lasted)}" if often and lasted >= 60 else "")


def _others(entry):
    """The same failure of other things: named, so that two full disks do not look like one."""
    own = _named(entry["subject"])
    names = sorted({name for kind, name in (_named(finding["subject"]) for finding in entry["findings"]
                                            if finding["severity"] == entry["severity"]) if kind == own[0] and name != own[1]} - {None})
    if not names:
        return ""
    return "; also " + ", ".join(names[:3]) + (f" and {len(names) - 3} more" if len(names) > 3 else "")


def _named(subject):
    """-> (kind of thing, its name); two kinds are two sides of one failure, two of a kind are two failures."""
    if pod(subject):
        return "pod", pod(subject)
    return next(((key, str(subject[key])) for key in _NAMED if subject.get(key)), (None, None))


def _dict(data, key):
    """What a node says of a finding may be of any kind."""
    return data[key] if isinstance(data.get(key), dict) else {}


def _number(value):
    return isinstance(value, (int, float)) and not isinstance(value, bool)
