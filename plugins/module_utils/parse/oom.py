# Copyright: kubetriage.node contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Kernel log -> case files of the OOM killer.

Formats: mm/oom_kill.c (dump_header, dump_tasks, oom_kill_process) and mm/memcontrol.c (mem_cgroup_print_oom_info), kernels 3.10 to 6.x.
Trigger (who asked for memory), victim (who died) and culprit (who holds the memory) are three things; the first two are here, for the third
the tasks table is summed by name and the cgroup statistics are kept.
"""

import re
from functools import lru_cache
from itertools import chain

from .loglines import entries

_SIGNS = re.compile(r"invoked oom-killer|[Oo]ut of memory|oom-kill:|Killed process|killed as a result of limit|memory\.oom\.group set"
                    r"|, failcnt \d|Memory cgroup stats for|Memory limit reached of|oom_score_adj name")
_SILENCE = 600  # seconds after which a line cannot belong to the report above it
_LINE = 4096  # characters of a line; the kernel ends them at about 1000
_TASKS, _STATS, _KILLED, _CGROUPS = 20000, 500, 1000, 2000  # bounds: rows, names of one cgroup's figures, victims, cgroups
_ROWS = 200  # rows and names that are kept of a table, the biggest
_NO_SIZES = dict.fromkeys(("adj", "total_vm_kb", "anon_rss_kb", "file_rss_kb", "shmem_rss_kb", "rss_kb"))
_DETAILED = 100  # the last reports keep all of that; of a container that dies every ten seconds the earlier ones are counted, not read


@lru_cache(maxsize=None)
def _patterns():
    """Compiled when a report is in the log: most logs hold none."""
    return [(re.compile(pattern), apply) for pattern, apply in (
        (r"(.{1,64}?) invoked oom-killer: (.*)", _invoked),
        (r"Tasks in (.+) are going to be killed due to memory\.oom\.group set", _grouped),
        (r"(?:(Memory cgroup out|Out) of memory[^:]*: )?Killed process (\d{1,10})(?:, UID \d+,)? \((.*)\)(?:,? |$)(.*)", _killed),
        (r"(?:(Memory cgroup out|Out) of memory[^:]*: )?Kill process (\d{1,10}) \((.*)\) score (\d+)", _selected),
        (r"oom-kill:constraint=CONSTRAINT_(\w+)(.*)", _constraint),
        (r"Task in (.*?) killed(?: as a result of limit of (.*))?$", _limit),
        (r"()Memory limit reached of cgroup (.*)", _limit),
        (r"(memory|memory\+swap|swap|kmem): usage (\d+)kB, limit (\d+)kB, failcnt (\d+)", _usage),
        (r"Memory cgroup stats for (.+?):(.*)", _stats),
        (r"\[ *pid *\]\s+uid\s+tgid\s.*\bname\s*$", _columns),
        (r"\[ *(\d{1,10})\]\s+(\d.*)", _row),
        (r"(\w+) (\d{1,20})$", _figure),
        (r"(.{1,64}?) cpuset=(\S+) mems_allowed=\S+$", _cpuset),
        (r"CPU: \d+ (?:UID: \d+ )?PID: (\d{1,10}) Comm: .{0,64}?(?:Not tainted|Tainted: .{0,100}?) (\d+\.\d+\S*) ", _machine),
        (r"Out of memory and no killable processes|Kernel panic - not syncing: .*deadlocked on memory", _nobody),
        (r".*\bmoom_callback\b", _manual),
        (r"(?:\[<[0-9a-f]+>\] )?(?:\? )?(?:(mem_cgroup_(?:oom|out_of_memory)|try_charge)|__alloc_pages_(?:slowpath|may_oom))", _asked),
        (r"(\d{1,15}) pages (RAM|reserved)$", _ram),
        (r"(Free|Total) swap *= *(\d{1,15})kB", _swap),
        (r"Node \d+ hugepages_total=(\d{1,12}) .*hugepages_size=(\d{1,9})kB", _huge),
        (r"(?:active_anon|active_file|unevictable|slab_reclaimable|mapped|free|kernel_misc_reclaimable):\d+ ", _pages),
    )]


def oom_reports(source, now=None, boot=None):
    """Kernel log text (or lines, or entries of loglines) -> [OomReport] oldest first, without repetitions.

    OomReport, a dict; what the log does not tell is None or empty:
      time                 epoch of the kill line, else of the first line seen; started: of the first line
      partial              True when the header or the kill line is missing: the log is cut (or the kernel held the header back: rate limit)
      kind                 global, memcg, cpuset, mempolicy, manual (SysRq-f), forged (lines that no kernel prints)
      trigger              {"comm", "pid", "adj"}
      victim               {"pid", "comm", "uid", "adj", "total_vm_kb", "anon_rss_kb", "file_rss_kb", "shmem_rss_kb", "rss_kb"}: who died
      killed               further victims of memory.oom.group; group: their cgroup
      selected             {"pid", "comm", "score"}: the task that old kernels name first; its child may be the victim, and it is taken for
                           the victim only where the line of the kill is not there
      limit_cgroup         whose limit was reached (memcg); task_cgroup: the victim's; cpuset
      nobody               True for "no killable processes"
      gfp, order, kernel   of the header
      usage                {"memory" | "swap" | "memory+swap" | "kmem": {"usage_kb", "limit_kb", "failcnt"}} of limit_cgroup
      stats                {cgroup: {name: kB}}, cgroup v1: one a child and not cumulative; v2: limit_cgroup only, cumulative
      node                 of a global report: {"ram_kb", "free_swap_kb", "total_swap_kb", "shmem_kb", "slab_unreclaimable_kb",
                           "hugepages_kb", ...}
      tasks                rows of the table, the biggest rss first, at most 200: {"pid", "uid", "tgid", "total_vm_kb", "rss_kb", "adj",
                           "name"}
      by_name              the table's sums: [{"name", "rss_kb", "count", "adj"}], the biggest first; adj the lowest and highest
                           (tasks, by_name and stats: of the last 100 reports; the earlier ones have three names)
      page_kb              page size, from the victim's two sizes where both are there, else 4
      quotes               {"invoked" | "limit" | "kill" | "group" | "nobody" | "stats" | "biggest": [epoch, text]}: the lines to show as
                           evidence
    """
    if isinstance(source, str):
        source = entries(source, now, boot) if _SIGNS.search(source) else ()
    source = iter(source)
    first = next(source, None)
    if first is None:
        return []
    source = chain((first,), source)
    if isinstance(first, str):
        source = entries(source, now, boot)
    reports, current = [], None
    for entry in _oldest_first(entry for entry in source if _of_kernel(entry)):
        text = entry.message.strip()[:_LINE]
        if (current is None or current["_done"] and not current["_open"]) and not text.startswith("[") and not _SIGNS.search(text):
            continue
        if current is not None and _apart(current["_last"], entry.time):
            reports.append(_finished(current))
            current = None
        match, apply = _understood(text)
        if match is None and current is not None and current["_open"]:  # the end of a line that a terminal or an editor has wrapped?
            whole = _joined(current["_open"], text)
            match, apply = _understood(whole) if whole else (None, None)
            text = whole or text
        if match and apply in _BEGINNERS and (current is None or _opens_next(current, apply, match)):
            if current is not None:
                reports.append(_finished(current))
            current = _new(entry)
            if len(reports) > _DETAILED:
                _thin(reports[-_DETAILED - 1])
        if current is not None:
            current["_open"] = _unfinished(apply, text)
            if match:
                current["_last"] = entry.time
                apply(current, match, entry, text)
    if current is not None:
        reports.append(_finished(current))
    return _distinct(reports)


def _understood(text):
    """-> (match, function that takes it into a report), or (None, None)."""
    for pattern, apply in _patterns():
        match = pattern.match(text)
        if match:
            return match, apply
    return None, None


def _unfinished(apply, text):
    """-> the line if it is of those that are long enough to be wrapped, and may go on; else None."""
    return text if apply is _constraint and not re.search(r",uid=\d+$", text) or apply is _killed and "oom_score_adj:" not in text else None


def _joined(line, rest):
    """The two parts of a wrapped line -> the line; None if the second part belongs to another. A kill line ends with kB in old kernels."""
    if line.endswith("kB") and not re.match(r",|(?:anon-|file-|shmem-)?rss|UID|pgtables", rest):
        return None
    return line + (" " if line[-1] in ")," and not line.startswith("oom-kill:") else "") + rest


def _of_kernel(entry):
    # a line without a prefix has the program of the line above it; only when it is indented is that sure
    return entry.ident in ("kernel", None) or entry.message == entry.raw.rstrip() and entry.raw[:1] not in " \t"


def _oldest_first(lines):
    """A journal read backwards (journalctl -r) begins with its newest line: its OOM lines are held, to turn them round."""
    ahead, first, last = [], None, None
    for entry in lines:
        ahead.append(entry)
        if entry.time is not None:
            first, last = entry.time if first is None else first, entry.time
        if len(ahead) > 5000 or first is not None and abs(last - first) > 2:
            break
    backwards = last < first if first is not None and last != first else _ends_with_header(ahead)
    lines = chain(ahead, lines)
    if not backwards:
        return lines
    return reversed([entry for entry in lines if _SIGNS.search(entry.message) or any(
        pattern.match(entry.message.strip()[:_LINE]) for pattern, _apply in _patterns())])


def _ends_with_header(lines):
    """All at one time, or without: does the first kill line stand before every header?"""
    signs = [" invoked oom-killer: " in entry.message for entry in lines
             if " invoked oom-killer: " in entry.message or "Killed process" in entry.message]
    return len(signs) > 1 and not signs[0] and signs[-1]


def _apart(before, after):
    return before is not None and after is not None and abs(after - before) > _SILENCE


def _new(entry):
    return {
        "time": None, "started": entry.time, "partial": False, "kind": None, "trigger": None, "victim": None, "killed": [], "group": None,
        "selected": None, "limit_cgroup": None, "task_cgroup": None, "cpuset": None, "nobody": False, "gfp": None, "order": None,
        "kernel": None,
        "usage": {}, "stats": {}, "node": {}, "tasks": [], "by_name": [], "page_kb": 4, "quotes": {},
        "_last": entry.time, "_columns": None, "_stats": None, "_named": None, "_done": False, "_biggest": 0, "_open": None,
    }


def _opens_next(report, apply, match):
    """Does this line begin another report, be it that the new one's header is not in the log?"""
    if apply is _invoked:
        return True
    if not report["_done"] or apply is _grouped:
        return False
    return apply is not _killed or not report["group"] and not _known(report, int(match.group(2)), match.group(3))


def _known(report, pid, comm):
    return any(one and one["pid"] == pid and one["comm"] == comm for one in [report["victim"]] + report["killed"])


def _invoked(report, match, entry, text):
    comm, rest = match.groups()
    report["trigger"] = {"comm": comm, "pid": None, "adj": _number(rest, "oom_score_adj=")}
    gfp = re.match(r"gfp_mask=([^,]*)", rest)
    report["gfp"], report["order"] = gfp and gfp.group(1), _number(rest, "order=")
    if report["order"] == -1:
        report["kind"] = "manual"
    report["quotes"]["invoked"] = [entry.time, text]


def _grouped(report, match, entry, text):
    report["group"], report["quotes"]["group"] = match.group(1), [entry.time, text]


def _killed(report, match, entry, text):
    prefix, pid, comm, rest = match.groups()
    figures = {name: int(value) for name, value in re.findall(r"([a-z-]{3,12}):(\d{1,15})kB", rest)}
    uid = re.search(r"UID:? ?(\d{1,10})", text[:match.start(3)] + rest)
    victim = {"pid": int(pid), "comm": comm, "uid": uid and int(uid.group(1)), "adj": _number(rest, "oom_score_adj:"),
              "total_vm_kb": figures.get("total-vm"), "anon_rss_kb": figures.get("anon-rss"), "file_rss_kb": figures.get("file-rss"),
              "shmem_rss_kb": figures.get("shmem-rss")}
    parts = [victim[key] for key in ("anon_rss_kb", "file_rss_kb", "shmem_rss_kb") if victim[key] is not None]
    victim["rss_kb"] = sum(parts) if parts else None
    _by_prefix(report, prefix)
    if report["victim"] is None or report["victim"]["pid"] == victim["pid"] and report["victim"]["adj"] is None:
        report["victim"], report["time"], report["quotes"]["kill"] = victim, entry.time, [entry.time, text]
    elif len(report["killed"]) < _KILLED and not _known(report, victim["pid"], comm):
        report["killed"].append(victim)
    report["_done"] = True


def _selected(report, match, entry, text):
    prefix, pid, comm, score = match.groups()
    report["selected"] = {"pid": int(pid), "comm": comm, "score": int(score[:9])}
    _by_prefix(report, prefix)
    report["quotes"].setdefault("kill", [entry.time, text])


def _by_prefix(report, prefix):
    if prefix and report["kind"] is None:
        report["kind"] = "memcg" if prefix.startswith("M") else "global"


def _constraint(report, match, entry, text):
    # comm and paths are chosen by others and may hold commas: the last pid= and uid= are the kernel's
    name, rest = match.groups()
    if report["kind"] != "manual":
        report["kind"] = {"NONE": "global", "MEMCG": "memcg", "CPUSET": "cpuset", "MEMORY_POLICY": "mempolicy"}.get(name)
    for key, field in (("oom_memcg", "limit_cgroup"), ("task_memcg", "task_cgroup"), ("cpuset", "cpuset")):
        found = re.search("," + key + "=(.*?)(?=,(?:mems_allowed|oom_memcg|global_oom|task_memcg|task)\\b|$)", rest)
        if found:
            report[field] = found.group(1)
    task = re.search(r",task=(.*?)(?:,pid=(\d{1,10})(?:,uid=(\d{1,10}))?)?$", rest)
    report["_named"] = task and task.groups()
    if name == "MEMCG" and re.search(r",global_oom(?:,|$)", rest):  # a page about OOM made it up: the kernel prints one or the other
        report["kind"] = "forged"
    report["quotes"]["limit"] = [entry.time, text]


def _limit(report, match, entry, text):
    report["task_cgroup"], report["limit_cgroup"] = match.group(1) or None, match.group(2)
    report["kind"] = report["kind"] or "memcg"
    report["quotes"]["limit"] = [entry.time, text]


def _asked(report, match, entry, text):
    # in a call trace the innermost comes first: who called out_of_memory
    report["kind"] = report["kind"] or ("memcg" if match.group(1) else "global")


def _usage(report, match, entry, text):
    usage, limit, count = [int(digits[:18]) for digits in match.groups()[1:]]
    report["usage"][match.group(1)] = {"usage_kb": usage, "limit_kb": limit, "failcnt": count}
    report["kind"] = report["kind"] or "memcg"


def _stats(report, match, entry, text):
    path, inline = match.groups()
    if len(report["stats"]) < _CGROUPS:
        report["stats"][path] = {name: int(value) for name, value in re.findall(r"(\w+):(\d{1,15})KB", inline)}
        report["_stats"] = report["stats"][path]
        report["quotes"].setdefault("stats", [entry.time, text])
    report["kind"] = report["kind"] or "memcg"


def _figure(report, match, entry, text):
    if report["_stats"] is not None and not report["tasks"] and len(report["_stats"]) < _STATS and not report["_columns"]:
        name, value = match.group(1), int(match.group(2))
        if not name.startswith(("pg", "thp_", "workingset_", "zswp")):  # events and pages, no bytes
            report["_stats"][name] = value // 1024


def _columns(report, match, entry, text):
    report["_columns"] = text[text.index("]") + 1:].split()[:-1]


def _row(report, match, entry, text):
    pid, rest = match.groups()
    words, columns = rest.split(), report["_columns"]
    numbers = next((at for at, word in enumerate(words) if not word.lstrip("-").isdigit()), len(words) - 1)
    if not columns:  # the head of the table is cut off: 3.10 and 4.15 have seven figures, 4.4 eight, 6.8 ten
        count = max([size for size in (7, 8, 10) if size <= numbers] or [0])
        columns = ["uid", "tgid", "total_vm", "rss"] + ["?"] * (count - 5) + ["oom_score_adj"] if count else []
    if not columns or numbers < len(columns) or len(report["tasks"]) >= _TASKS:
        return
    cells = rest.split(None, len(columns))
    if len(cells) <= len(columns):
        return
    row = dict(zip(columns, cells))
    try:
        task = {"pid": int(pid), "uid": int(row["uid"][:10]), "tgid": int(row["tgid"][:10]), "total_vm": int(row["total_vm"][:15]),
                "rss": int(row["rss"][:15]), "adj": int(row["oom_score_adj"][:6]), "name": cells[-1].strip()}
    except (KeyError, ValueError):
        return
    report["tasks"].append(task)
    if task["rss"] > report["_biggest"]:
        report["_biggest"], report["quotes"]["biggest"] = task["rss"], [entry.time, text]


def _cpuset(report, match, entry, text):
    report["cpuset"] = report["cpuset"] or match.group(2)


def _machine(report, match, entry, text):
    report["kernel"] = report["kernel"] or match.group(2)
    if report["trigger"] and report["trigger"]["pid"] is None:
        report["trigger"]["pid"] = int(match.group(1))


def _nobody(report, match, entry, text):
    report["nobody"] = report["_done"] = True
    if report["kind"] is None:
        report["kind"] = "global"
    report["time"] = report["time"] if report["time"] is not None else entry.time
    report["quotes"].setdefault("nobody", [entry.time, text])


def _manual(report, match, entry, text):
    report["kind"] = "manual"


def _ram(report, match, entry, text):
    # "pages RAM" counts what is present; MemTotal is that without what the kernel reserved at boot
    pages = int(match.group(1)[:12])
    if match.group(2) == "RAM":
        report["node"]["ram"] = pages
    elif "ram" in report["node"]:
        report["node"]["ram"] -= min(pages, report["node"]["ram"])


def _swap(report, match, entry, text):
    report["node"][match.group(1).lower() + "_swap_kb"] = int(match.group(2))


def _huge(report, match, entry, text):
    report["node"]["hugepages_kb"] = report["node"].get("hugepages_kb", 0) + int(match.group(1)) * int(match.group(2))


def _pages(report, match, entry, text):
    for name, value in re.findall(r"(\w{3,24}):(\d{1,12})(?=[ #]|$)", text):
        report["node"].setdefault(name, int(value))


_BEGINNERS = (_invoked, _grouped, _killed, _selected, _constraint, _limit, _usage, _stats, _nobody, _columns, _row)


def _number(text, key):
    found = re.search(re.escape(key) + r" ?(-?\d{1,9})", text)
    return found and int(found.group(1))


def _finished(report):
    victim, tasks = report["victim"], report["tasks"]
    if victim is None and report["_named"] and report["_named"][1]:  # the kill line is cut off, its announcement is not
        comm, pid, uid = report["_named"]
        victim = report["victim"] = dict(_NO_SIZES, pid=int(pid), comm=comm, uid=uid and int(uid))
    if victim is None and report["selected"] and not report["nobody"]:
        victim = report["victim"] = dict(_NO_SIZES, pid=report["selected"]["pid"], comm=report["selected"]["comm"], uid=None)
    if report["kind"] == "memcg" and report["limit_cgroup"] is None and report["stats"]:
        # The figures of the cgroup at its limit come first, its children's follow; where the line above them is lost, the first may be too.
        part = "limit_cgroup" if report["usage"] else "task_cgroup"
        report[part] = report[part] or next(iter(report["stats"]))
    report["partial"] = report["trigger"] is None or not report["_done"]
    row = next((task for task in tasks if victim and task["pid"] == victim["pid"]), None)
    if row and victim:
        victim["uid"] = row["uid"] if victim["uid"] is None else victim["uid"]
        victim["adj"] = row["adj"] if victim["adj"] is None else victim["adj"]
        victim["rss_kb"] = row["rss"] * report["page_kb"] if victim["rss_kb"] is None else victim["rss_kb"]
        if victim["total_vm_kb"] and row["total_vm"]:
            size = victim["total_vm_kb"] // row["total_vm"]
            report["page_kb"] = size if size in (4, 16, 64) else 4
    page, names, processes = report["page_kb"], {}, set()
    for task in tasks:
        task["rss_kb"], task["total_vm_kb"] = task.pop("rss") * page, task.pop("total_vm") * page
        if task["tgid"] in processes:  # a thread of a process already counted
            continue
        processes.add(task["tgid"])
        name = names.setdefault(task["name"], {"name": task["name"], "rss_kb": 0, "count": 0, "adj": [task["adj"], task["adj"]]})
        name["rss_kb"] += task["rss_kb"]
        name["count"] += 1
        name["adj"] = [min(name["adj"][0], task["adj"]), max(name["adj"][1], task["adj"])]
    report["by_name"] = sorted(names.values(), key=lambda name: (-name["rss_kb"], name["name"]))[:_ROWS]
    report["tasks"] = sorted(tasks, key=lambda task: (-task["rss_kb"], task["pid"]))[:_ROWS]
    pages = {key + "_kb": value * page for key, value in report["node"].items() if not key.endswith("_kb")}
    sizes = {key: value for key, value in report["node"].items() if key.endswith("_kb")}
    report["node"] = dict(pages, **sizes) if report["kind"] != "memcg" else {}
    if report["time"] is None:
        report["time"] = report["started"]
    for key in [key for key in report if key.startswith("_")]:
        del report[key]
    return report


def _thin(report):
    report["by_name"] = report["by_name"][:3]
    report["tasks"], report["stats"] = [], {}


def _distinct(reports):
    """The same kill from two logs (journal and dmesg, say) is one report: the fuller one stays, in the place of the first."""
    kept, places = [], {}
    for report in reports:
        victim = report["victim"] or {}
        key = victim.get("pid"), victim.get("comm")
        place = places.get(key) if victim else None
        if place is not None and _same_sizes(victim, kept[place]["victim"]):
            if _weight(report) > _weight(kept[place]):
                kept[place] = report
        elif victim or report["trigger"] or report["nobody"] or report["tasks"] or report["limit_cgroup"] or report["task_cgroup"]:
            places[key] = len(kept)
            kept.append(report)
    return kept


def _same_sizes(one, two):
    """A PID can come back, a killed process with its sizes cannot. A line without sizes may be of either."""
    return any(each["total_vm_kb"] is None for each in (one, two)) or all(one[key] == two[key] for key in ("total_vm_kb", "anon_rss_kb"))


def _weight(report):
    return not report["partial"], len(report["tasks"]), len(report["quotes"]), report["time"] is not None
