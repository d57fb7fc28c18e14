# Copyright: kubetriage.node contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What shell_collector.sh brings from a node without a working Python -> the bundle that the probe would have made there."""

import json
import pathlib
import re

from ansible_collections.kubetriage.node.plugins.module_utils.checks import journal, kubelet_setup, units
from ansible_collections.kubetriage.node.plugins.module_utils.checks import runtime as runtime_check
from ansible_collections.kubetriage.node.plugins.module_utils.node import Unavailable, cri
from ansible_collections.kubetriage.node.plugins.module_utils.node.bundle import FORMAT, Bundle
from ansible_collections.kubetriage.node.plugins.module_utils.node.census import AGENTS
from ansible_collections.kubetriage.node.plugins.module_utils.node.endpoint import _offset
from ansible_collections.kubetriage.node.plugins.module_utils.node.secrets import redact
from ansible_collections.kubetriage.node.plugins.module_utils.parse import mounts
from ansible_collections.kubetriage.node.plugins.module_utils.result import iso
from ansible_collections.kubetriage.node.plugins.plugin_utils.api_object import dict_of, dicts_of, text_of

_SCRIPT = pathlib.Path(__file__).with_name("shell_collector.sh")
_KINDS = {"regular file": "file", "regular empty file": "file", "directory": "dir", "symbolic link": "link", "socket": "socket"}
_NOT_BROUGHT = "not brought by the sh collector"
_NUMBER = re.compile(r"[0-9]{1,19}")
_LABELS = (("name", "container.name"), ("pod", "pod.name"), ("namespace", "pod.namespace"), ("pod_uid", "pod.uid"))  # of a container
_MISSING = re.compile(r"no such file|not a directory|not found", re.IGNORECASE)


def script(mark, deadline):
    """-> text of the collector for one look. `mark`: letters and digits that no evidence can foresee; `deadline`: seconds."""
    text = _SCRIPT.read_text(encoding="utf-8")
    body = "\n".join(line for line in text.splitlines() if line and not line.startswith("#"))
    return "MARK=%s DEADLINE=%d\n%s\n" % (mark, deadline, body)


def _sections(text, mark):
    """The collector's output -> [(kind, name, content, what went to standard error, how it ended)], and whether it came to its end."""
    parts = re.split(r"^@%s (.*)\n" % re.escape(mark), text.replace("\r\n", "\n") + "\n", flags=re.MULTILINE)
    sections, whole, current = [], False, None
    for head, content in zip(parts[1::2], parts[2::2]):
        kind, _blank, name = head.partition(" ")
        content = content[:-1] if content.endswith("\n") else content  # the line end that stands before each mark
        if kind == "done":
            whole = True
        elif kind == "err" and current:
            current[3] = content.strip()
        elif kind == "end" and current:
            current[4] = name
            sections.append(tuple(current))
            current = None
        elif kind != "begin":
            current = [kind, name, content, "", "0"]
    return sections, whole


def _gap(what, err, ended):
    """How a section ended -> what Recorder stores of a refusal; None when it did not fail."""
    said = err.split("\n", 1)[0][:300]
    if ended == "0":
        return None
    if ended in ("124", "137", "143"):
        return {"error": "timed_out", "what": what, "why": "no answer within its deadline"}
    if ended == "hung":
        return {"error": "timed_out", "what": what, "why": "its file system does not answer"}
    if ended == "late":
        return {"error": "unavailable", "what": what, "why": "the collector's deadline was over"}
    if ended == "missing" or _MISSING.search(said):
        return {"error": "missing", "what": what, "why": "no such file or directory"}
    if ended == "denied" or "denied" in said.lower() or "not permitted" in said.lower():
        return {"error": "unavailable", "what": what, "why": "permission denied"}
    if "fork" in said.lower():
        return {"error": "unavailable", "what": what, "why": said}
    return {"error": "unavailable", "what": what, "why": said or "ended with %s" % ended}


def _processes(content):
    """Lines of /proc/PID/stat, and `cgroup PID LINE` behind the large ones -> what census.processes() says."""
    seen, states, agents, cgroups = [], {}, {}, {}
    for line in content.splitlines():
        if line.startswith("cgroup "):
            _word, pid, entry = (line.split(" ", 2) + [""])[:3]
            _number, controllers, path = (entry.split(":", 2) + ["", ""])[:3]
            if controllers in ("memory", ""):
                if controllers or pid not in cgroups:
                    cgroups[pid] = path
            continue
        head, _close, tail = line.rpartition(")")
        pid, _open, comm = head.partition(" (")
        fields = tail.split()
        if len(fields) < 22 or not all(_NUMBER.fullmatch(word) for word in (pid, fields[17], fields[21])):
            continue  # cut off
        states[fields[0]] = states.get(fields[0], 0) + 1
        if comm in AGENTS:
            agents[comm] = int(pid)
        seen.append((int(fields[21]) * 4096, int(pid), comm, fields[0], int(fields[17])))
    top = [{"pid": pid, "comm": comm, "state": state, "threads": threads, "rss": rss, "cgroup": cgroups.get(str(pid))}
           for rss, pid, comm, state, threads in sorted(seen, reverse=True)[:8]]
    return {"processes": len(seen), "states": states, "agents": agents, "top": top}


def _pids(content):
    """Lines `CURRENT MAX PATH` -> what census.pids() says."""
    found = []
    for line in content.splitlines():
        current, limit, path = (line.split(" ", 2) + ["", ""])[:3]
        if _NUMBER.fullmatch(current) and (limit == "max" or _NUMBER.fullmatch(limit)):
            found.append({"path": path or "/", "current": int(current), "max": int(limit) if limit != "max" else None})
    return sorted(found, key=lambda each: -each["current"])[:40]


def _stat(content):
    """`%F|%s|%Y|%a|%u|%N` of stat(1), coreutils and busybox -> what Live.stat() says."""
    kind, size, mtime, mode, uid, name = content[:8192].strip().split("|", 5)
    target = re.search(r" -> ['\"]?(.*?)['\"]?$", name)
    return {"kind": _KINDS.get(kind, "other"), "size": int(size), "mtime": int(mtime), "mode": int(mode, 8), "uid": int(uid),
            "target": target.group(1) if target else None}


def _vfs(content, readonly):
    size, blocks, free, avail, files, ffree = [int(word) for word in content.split()[:6]]
    return {"size": size * blocks, "free": size * free, "avail": size * avail, "files": files, "ffree": ffree, "readonly": readonly}


def _df(content, readonly):
    total, _used, left = [int(word) * 1024 for word in content.strip().splitlines()[-1].split()[1:4]]
    return {"size": total, "free": left, "avail": left, "files": 0, "ffree": 0, "readonly": readonly}


# What clients say of the step at which an HTTP request ended: curl's own words, those of openssl s_client and of bash. -> (last step that worked, our word)
_STEPS = (
    (r"resolve|name or service not known|getaddrinfo", None, "cannot be resolved"),
    (r"refused|errno=111", "resolve", "connection refused"),
    (r"no route|unreachable|errno=11[03]\b(?<!110)", "resolve", "no route to host"),
    (r"self.signed|unable to get local issuer|unknown authority|unknown ca\b|num=(?:18|19|20|21)\b|certificate verify failed", "connect",
     "certificate verify failed: signed by unknown authority"),
    (r"ssl|tls|handshake|alert|certificate", "connect", None),
    (r"timed out|timeout|errno=110|failed to connect", "resolve", "timed out"),
)


def _http(content, err, ended, now):
    """What a client brought of one request -> what endpoint.request() says."""
    seen = {"step": None, "addresses": [], "address": None, "error": None, "errno": None, "status": None, "offset_s": None, "body": ""}
    head, _blank, body = content.replace("\r\n", "\n").partition("\n\n")
    status = re.match(r"HTTP/\S+ (\d{3})", head)
    if status:
        seen.update(step="answer", status=int(status.group(1)), body=body[:2000], offset_s=_offset(head, now))
        return seen
    said = "timed out" if ended in ("124", "137", "143") else err
    for pattern, step, word in _STEPS:
        if re.search(pattern, said, re.IGNORECASE):
            line = next((line for line in said.splitlines() if re.search(pattern, line, re.IGNORECASE)), said)
            seen.update(step=step, error=word or line.strip()[:200], addresses=["?"] if step else [])
            return seen
    seen.update(step="tls", addresses=["?"], error=(said.split("\n", 1)[0] or "no answer")[:200])
    return seen


def _loads(text):
    try:
        content = json.loads(text)
    except (ValueError, RecursionError):
        content = None
    return content if isinstance(content, dict) else {}


def _runtime(sections):
    """What crictl or ctr said -> (answer as cri.status() gives it, or a gap as Recorder stores it); None when neither was there."""
    said = {name: (content, err, ended) for kind, name, content, err, ended in sections if kind == "run"}
    for name in ("crictl-info", "ctr-version"):
        if name not in said:
            continue
        content, err, ended = said[name]
        gap = _gap("CRI", err, ended)
        if gap and re.search(r"deadline ?exceeded|timed out", err, re.IGNORECASE):
            gap = {"error": "timed_out", "what": "CRI", "why": "no answer within 4 s"}
        if gap and "refused" in err:
            gap = {"error": "unavailable", "what": "CRI", "why": "connection refused"}
        answer = {"api": "v1", "calls": {"Version": {"code": 0, "message": ""}}, "runtime": "", "version": "", "conditions": [], "containers": [],
                  "images": 0, "answer_s": 0.0}
        if gap and re.search(r"unimplemented|unknown service", err, re.IGNORECASE):
            answer["calls"]["Version"] = {"code": cri.UNIMPLEMENTED, "message": err[:300]}
            return answer
        if gap:
            return gap
        if name == "ctr-version":
            version = re.search(r"Server:\s+Version:\s*(\S+)", content)
            answer.update(runtime="containerd", version=version.group(1) if version else "?", conditions=None,
                          images=len(set(re.findall(r"(?m)^(?!sha256:)(\S+)", said.get("ctr-images", ("", "", ""))[0]))))
            return answer
        answer["conditions"] = [{"type": text_of(each, "type"), "status": each.get("status") is True, "reason": text_of(each, "reason") or "",
                                 "message": text_of(each, "message") or ""} for each in dicts_of(dict_of(_loads(content), "status"), "conditions")]
        version = said.get("crictl-version", ("", "", ""))[0]
        for key, label in (("runtime", "RuntimeName"), ("version", "RuntimeVersion")):
            found = re.search(label + r":\s*(\S+)", version)
            answer[key] = found.group(1) if found else "?"
        answer["images"] = len(said.get("crictl-images", ("", "", ""))[0].split())
        for each in dicts_of(_loads(said.get("crictl-ps", ("", "", ""))[0]), "containers"):
            labels = dict_of(each, "labels")
            told = {key: text_of(labels, "io.kubernetes." + label) or "" for key, label in _LABELS}
            answer["containers"].append(dict(told, id=text_of(each, "id") or "", running=each.get("state") == "CONTAINER_RUNNING"))
        return answer
    return None


def _command(contents, slug, content, err="", gap=None):
    part = "commands/%s/" % slug
    contents[part + "argv.json"] = json.dumps([slug])
    contents[part + "rc"] = json.dumps(gap) if gap else "0"
    if not gap:
        contents[part + "stdout"], contents[part + "stderr"] = content, err


def _now(raw, uptime, clock):
    """The node's own clock: boot time and uptime, by the kernel; `clock` when they did not come."""
    boot = re.search(r"btime (\d+)", raw.get("self", ""))
    uptime = re.match(r"(\d+\.?\d*)", uptime)
    return int(boot.group(1)) + float(uptime.group(1)) if boot and uptime else clock


def read(text, mark, name, window, clock):
    """Output of the collector -> ({name in the bundle: text}, [gap]), or (None, []) when there is not even a part of it.

    `name`: the node's if it does not say so itself; `clock`: the controller's time, epoch seconds. Secrets are taken out.
    """
    sections, whole = _sections(text, mark)
    if not sections:
        return None, []
    raw = {name: content for kind, name, content, _err, _ended in sections if kind == "raw"}
    files = {name: content for kind, name, content, _err, ended in sections if kind == "file" and ended == "0"}
    now = _now(raw, files.get("/proc/uptime", ""), clock)
    asked = _now(raw, raw.get("api-asked", ""), now)
    contents, paths = {}, {}
    readonly = {entry["target"]: "ro" in entry["options"] for entry in mounts.mounts(files.get("/proc/mounts", ""))}
    for kind, what, content, err, ended in sections:
        gap = _gap(what, err, ended)
        try:
            if kind == "file" and not gap:
                contents["files" + what] = redact(content)
            elif kind == "cmdline" and not gap:
                contents["files" + what] = redact(content.strip("\n").replace("\n", "\0"))
            elif kind == "sysctl":
                for line in content.splitlines():
                    path, _colon, value = line.partition(":")
                    contents["files" + path] = value + "\n"
                for path in re.findall(r"(/proc/sys/\S{1,200}): No such file", err):
                    paths.setdefault(path, {})["read"] = _gap(path, "", "missing")
            elif kind in ("file", "cmdline"):
                paths.setdefault(what, {})["read"] = gap
            elif kind == "list":
                paths.setdefault(what, {})["list"] = gap or sorted(line for line in content.split("\n") if line)
            elif kind == "stat":
                paths.setdefault(what, {})["stat"] = gap or _stat(content)
            elif kind in ("vfs", "df"):
                seen = gap or (_vfs if kind == "vfs" else _df)(content, readonly.get(what, False))
                paths.setdefault(what, {})["statvfs"] = seen
            elif kind == "http":
                _command(contents, what, json.dumps(_http(content, err, ended, asked)))
            elif kind == "tcp":
                answer = _http("", err, ended, now)
                told = {"error": "unavailable", "what": "TLS and HTTP", "why": "the port is open; no curl or openssl there to ask on"}
                _command(contents, what, json.dumps(answer), gap=told if ended == "0" else None)
            elif kind == "run" and not what.startswith(("crictl-", "ctr-")):
                failed = gap if gap and (gap["error"] == "timed_out" or ended in ("late", "126", "127")) else None
                _command(contents, what, redact(content), redact(err[:4096]), failed)
                if not failed:
                    contents["commands/%s/rc" % what] = ended
        except (ValueError, IndexError) as error:
            paths.setdefault(what, {})[kind] = {"error": "unavailable", "what": what, "why": "cannot be understood: %s" % error}
    if "processes" in raw:
        _command(contents, "processes", json.dumps(_processes(raw["processes"]), sort_keys=True))
    if "pids-cgroups" in raw:
        _command(contents, "pids-cgroups", json.dumps(_pids(raw["pids-cgroups"]), sort_keys=True))
    gaps = _gaps(raw, whole)
    runtime = _runtime(sections)
    socket = raw.get("socket", "").strip()
    if runtime is not None and "error" in runtime:
        runtime["what"] = socket or runtime["what"]
        _command(contents, "cri-status", "", gap=runtime)
    elif runtime is not None:
        if runtime["conditions"] is None:
            runtime["conditions"] = []
            gaps.append({"what": "conditions of the container runtime", "why": "no crictl on the node; ctr says that it answers"})
        _command(contents, "cri-status", json.dumps(runtime, sort_keys=True))
    if "unverified" in raw:
        gaps.append({"what": "the API server's certificate", "why": "its CA stands in the kubeconfig itself, and the sh collector makes no file of it"})
    root = "Uid:\t0\t" in raw.get("self", "").replace(" ", "\t")
    meta = {"format": FORMAT, "node": contents.get("files/proc/sys/kernel/hostname", name).strip() or name, "collected_at": iso(now), "now": now,
            "tool": "sh", "root": root, "window": window}
    contents["meta.json"] = json.dumps(meta, indent=1, sort_keys=True)
    contents["paths.json"] = json.dumps(paths, indent=1, sort_keys=True)
    _cut_journal(contents, meta, window)
    if socket and runtime is not None:
        try:
            meant = runtime_check.socket_of(kubelet_setup.setup(Bundle(meta["node"], now, contents, _NOT_BROUGHT))["endpoint"])
        except Exception:  # a configuration that nobody understands: the checks will say so
            meant = runtime_check.socket_of(socket)
        if meant != runtime_check.socket_of(socket):
            _command(contents, "cri-status", "", gap={"error": "unavailable", "what": "CRI " + meant, "why": "the sh collector asked " + socket})
    return contents, gaps


def _gaps(raw, whole):
    free = raw.get("free", "").strip()
    if whole and re.fullmatch(r"-?[0-9]{1,9}", free) and int(free) < 4:
        return [{"what": "all that needs a process of its own (units, logs, disks, runtime, network)", "why": "%s PIDs are free on the node" % free}]
    if not whole:
        return [{"what": "the rest of the evidence", "why": "the shell ended early; it could not start another process, or was ended by the node"}]
    return []


def bundle(contents):
    """-> the Bundle of what read() gave."""
    meta = json.loads(contents["meta.json"])
    return Bundle(meta["node"], float(meta["now"]), contents, _NOT_BROUGHT)


def _cut_journal(contents, meta, window):
    """The shell brings the journal's last lines; the checks count on the window that they asked for."""
    for part in ("commands/journal/stdout", "commands/journal-iso/stdout"):
        text = contents.get(part)
        if not text:
            continue
        try:
            since = units.journal_since(Bundle(meta["node"], float(meta["now"]), contents), window)
        except Unavailable:
            return
        dated = zip(text.splitlines(True), journal.seconds(text).splitlines(True))
        contents[part] = "".join(line for line, told in dated if not re.match(r"\d+\.\d+ ", told) or float(told.split(" ", 1)[0]) >= since)
