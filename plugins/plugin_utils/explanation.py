# Copyright: kubetriage.node contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""One sentence that says which thing it was, with its numbers: "pod shop/leaky-x2x8p (app) held 13.1 of 15.6 GiB ..."."""

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
    """A failure seen (an entry of `present.entries`) -> one sentence; its first quote when nothing better is known."""
    family = entry["id"].rpartition(".")[0]
    sentence = _SENTENCES[family](entry) if family in _SENTENCES else None
    return (sentence or _thing(entry) or _quote(entry)) + _others(entry)


def _oom(entry):
    data, culprit = entry["data"], entry["data"].get("culprit") or {}
    held = culprit.get("bytes")
    who = pod(culprit) or culprit.get("name") or culprit.get("comm")
    if not who or not _number(held):
        victim = data.get("victim") or {}
        who = pod(entry["subject"]) or victim.get("comm") or entry["subject"].get("comm")
        if not who:
            return None
        held = victim.get("rss_bytes")
        return f"{who} was killed" + (f" while it held {size(held)}" if _number(held) else "") + _times(data)
    limit, total = culprit.get("limit_bytes"), data.get("mem_total_bytes")
    if data.get("scope") in ("container", "pod") and _number(limit):
        return f"{who} held {size(held)} and reached its limit of {size(limit)}" + _times(data)
    unit = next(((step, name) for step, name in ((_GIB, "GiB"), (_MIB, "MiB")) if _number(total) and total >= step), None)
    said = f"{who} held {size(held, unit[0])} of {size(total, unit[0])} {unit[1]}" if unit else f"{who} held {size(held)}"
    if _number(limit):
        return f"{said} (its limit is {size(limit)})" + _times(data)
    unlimited = culprit.get("limit_known") is True and pod(culprit)  # the kernel's report holds no limits of pods, the API does
    return said + (" and has no memory limit" if unlimited else "") + _times(data)


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


_SENTENCES = {"memory.oom": _oom, "disk": _disk, "pids": _limit, "limits": _limit}


def _times(data):
    count = data.get("count")
    return f", {count} times" if _number(count) and count > 1 else ""


def _thing(entry):
    """The subject, the count of lines, and what else there is in plain figures."""
    subject, data = entry["subject"], entry["data"]
    named = pod(subject)
    things = ([named] if named else []) + [f"{key} {subject[key]}" for key in _NAMED if subject.get(key)]
    if not things:
        return None
    figures = [f"{key.replace('_', ' ')} {value}" for key, value in sorted(data.items())
               if key not in ("basis", "count", "past") and value not in (None, "", True, False) and isinstance(value, (str, int, float))]
    if _number(data.get("count")) and data["count"] > 1:
        figures.append(f"{data['count']} lines")
    return ", ".join(things) + (": " + ", ".join(figures) if figures else "")


def _quote(entry):
    text = entry["evidence"][0]["text"] if entry["evidence"] else None
    return str(text or entry["title"])


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


def _number(value):
    return isinstance(value, (int, float)) and not isinstance(value, bool)
