# Copyright: kubetriage.node contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The control plane's view of a node from what was pasted of it: describe, get -o json or yaml, events, pods."""

import json
import re

import yaml

from ansible_collections.kubetriage.node.plugins.module_utils.parse import timestamp
from ansible_collections.kubetriage.node.plugins.plugin_utils import api_object, describe, event_table
from ansible_collections.kubetriage.node.plugins.plugin_utils.utc import iso, seconds

NODE = ("node.json", "node.yaml", "describe-node.txt")
EVENTS = ("events.json", "events.txt")
PODS = ("pods.json",)
_YAML_LIMIT = 4 * 1024 * 1024  # characters; a Node is some 20 kB
_EVENTS = 100  # the newest, as of a live cluster
NODE_NAME = re.compile(r"[A-Za-z0-9]([A-Za-z0-9._-]{0,251}[A-Za-z0-9])?")
_PRINTED = re.compile(r" \d{4} \d\d:\d\d:\d\d ([+-]\d{4})\b")
# The kubelet's and the controller manager's word for a change of Ready
_TURNED = re.compile(r"Node (\S+) status is now: Node(Not)?Ready$")
_CONTROLLERS = ("node-controller", "controllermanager", "kube-controller-manager", "node-lifecycle-controller")
_NODES_HEAD = re.compile(r"^[ \t]*NAME[ \t]+STATUS[ \t]+(?:ROLES?[ \t]+)?AGE[ \t]+VERSION", re.M)


class _Loader(yaml.SafeLoader):
    """Plain data only. Times stay text, and aliases are refused: kubectl writes none, and they are how a small file becomes a huge one."""

    yaml_implicit_resolvers = {first: [rule for rule in rules if rule[0] != "tag:yaml.org,2002:timestamp"]
                               for first, rules in yaml.SafeLoader.yaml_implicit_resolvers.items()}

    def compose_node(self, parent, index):
        if self.check_event(yaml.AliasEvent):
            raise yaml.YAMLError("it holds aliases")
        return super().compose_node(parent, index)


class Told:
    """What the files of one directory tell of the control plane, before the time of the look is known.

    name      the Node's name as the files tell it, or None
    latest    epoch of the newest time in them, or None
    zones     seconds east of UTC of the places where they were printed: (0,) tells nothing of the node
    problems  sentences about files that could not be read
    """

    def __init__(self, texts, name=None):
        self._parts, self._rows, self._events, self._pods = [], [], [], None
        self._cluster, self._table = None, {}
        self.problems = []
        self._wanted = name
        for file in ("notes.txt",) + tuple(reversed(NODE)):  # what comes later is the surer source
            if file in texts:
                self._node(file, texts[file])
        for file in EVENTS + PODS:
            if file in texts:
                self._objects(file, texts[file])
        names = [part["name"] for part in reversed(self._parts) if part.get("name")]
        self.name = next((found for found in names if NODE_NAME.fullmatch(found)), None)
        times = [part.get("latest") for part in self._parts] + [seconds(event["last"]) for event in self._events] + [self._anchored()]
        self.latest = max((moment for moment in times if moment is not None), default=None)
        printed = {zone for file in NODE + ("notes.txt",) for zone in _PRINTED.findall(texts.get(file, "")[:_YAML_LIMIT])}
        self.zones = tuple(sorted(map(timestamp.offset, printed)))

    def view(self, name, now):
        """-> view of the node (api_object.empty_view), or None when nothing tells of it. `now`: epoch; ages count from it."""
        if not self._parts and not self._rows and not self._events and self._pods is None and not self._table:
            return None
        view = api_object.empty_view(name)
        for part in self._parts:
            view.update({key: value for key, value in part.items() if key in view and value not in (None, [], {})})
        listed = self._table.get(name, next(iter(self._table.values())) if len(self._table) == 1 else None)
        if listed is None and self._table and not any(self._table.values()):  # whichever it is
            listed = False
        if not view["conditions"] and listed is not None:
            view["conditions"] = [{"type": "Ready", "status": "True" if listed else "False", "reason": None if listed else "NotReady",
                                   "message": "by kubectl get nodes", "transition": None, "heartbeat": None}]
        view["info"] = dict(api_object.empty_view(name)["info"], **view["info"])
        pods = self._pods_here(name)
        told = self._events_of(name, pods) or [_timed(row, now) for row in self._rows]
        told.sort(key=lambda event: event["last"] or "")
        view["conditions"] = view["conditions"] or _turned(told, name)
        view.update(name=name, read_at=iso(now), cluster=self._cluster, events=told[-_EVENTS:])
        ready = next((condition for condition in view["conditions"] if condition["type"] == "Ready"), {})
        if ready.get("status") == "True" and self.latest is not None:  # nobody knows when it was printed: no later than what it tells proves
            view["read_at"] = iso(min(now, self.latest))
        if pods is not None:
            view["pods"] = pods
        gaps = (("conditions of the Node", view["conditions"], NODE), ("Lease", view["lease"], ("describe-node.txt",)),
                ("events", view["events"], EVENTS), ("pods of the node", view["pods"], PODS))
        view["not_checked"] = [{"what": what, "why": "not told by %s" % " or ".join(files)} for what, told, files in gaps if not told]
        return view

    def _node(self, file, text):
        known = len(self.problems)
        if file != "describe-node.txt" and text.lstrip()[:1] in ("{", "[") or file == "node.yaml":
            parsed = self._parsed(file, text)
            items = _items(parsed)
            if items:
                self._parts.append(self._chosen([_of_object(item) for item in items]))
                if isinstance(parsed, dict) and "items" in parsed:
                    self._cluster = _cluster([(part["name"], _is_ready(part)) for part in map(_of_object, items)])
                return
        described = describe.nodes(text)
        rows = [row for part in described for row in part.pop("events", ())]
        self._rows = rows if file != "notes.txt" and rows else self._rows or rows
        described = [part for part in described if len(part) > 1]
        if described:
            self._parts.append(self._chosen(described))
        elif file in NODE and not rows and len(self.problems) == known:
            self.problems.append(f"{file}: nothing in it is known from kubectl describe node or kubectl get node -o json or yaml")
        table = _nodes_table(text)
        self._table.update(table)
        if len(table) > 1:
            self._cluster = _cluster(table.items())

    def _parsed(self, file, text):
        try:
            if file.endswith(".json") or text.lstrip()[:1] in ("{", "["):
                return json.loads(text)
            if len(text) > _YAML_LIMIT:
                raise ValueError("it is larger than %d MB" % (_YAML_LIMIT >> 20))
            return yaml.load(text, Loader=_Loader)
        except (ValueError, RecursionError, yaml.YAMLError) as error:
            if file in NODE and describe.nodes(text):
                return None
            self.problems.append(f"{file}: cannot be read ({_first_line(error)}); paste it whole, as kubectl printed it")
        return None

    def _objects(self, file, text):
        if file == "events.txt" and text.lstrip()[:1] != "{":
            rows = event_table.rows(text)
            self._rows = rows or self._rows
            if not rows and text.strip():
                self.problems.append(f"{file}: no row of it is known from kubectl get events")
            return
        parsed = self._parsed(file, text)
        items = _items(parsed)
        if file in PODS:
            self._pods = items if parsed is not None else None
        else:
            self._events += [dict(api_object.event(item), _about=_about(item)) for item in items]

    def _chosen(self, parts):
        """Of several Nodes the one whose name is wanted, else the first."""
        return next((part for part in parts if self._wanted and part.get("name") == self._wanted), parts[0])

    def _anchored(self):
        """The time of the look by an event with an age: NodeNotReady comes with the transition of Ready."""
        ready = next((condition for part in self._parts for condition in part.get("conditions") or () if condition["type"] == "Ready"), {})
        ages = [row["last_age"] for row in self._rows if row["reason"] == "NodeNotReady" and row["last_age"] is not None]
        moment = seconds(ready.get("transition"))
        return moment + min(ages) if ages and moment is not None and ready.get("status") != "True" else None

    def _events_of(self, name, pods):
        """Events of this Node, and of pods on it; with the key `object` for the latter."""
        here = {pod["name"] for pod in pods or ()}
        kept = []
        for event in self._events:
            about, reporter = event["_about"]
            plain = {key: value for key, value in event.items() if key != "_about"}
            if about[0] == "Node" and about[1] in (name, self.name):
                kept.append(plain)
            elif about[0] == "Pod" and (reporter == name or about[1] in here):
                kept.append(dict(plain, object="pod/%s" % about[1]))
        return kept

    def _pods_here(self, name):
        if self._pods is None:
            return None
        homes = {api_object.node_of_pod(item) for item in self._pods}
        home = name if name in homes else self.name if self.name in homes else next(iter(homes)) if len(homes) == 1 else name
        pods = [api_object.pod(item) for item in self._pods if api_object.node_of_pod(item) == home]
        return [dict(pod, uid=pod["uid"] or "") for pod in pods]


def _items(parsed):
    """An object, a List of them, or a piece of a Node (its status, its conditions) -> [object]."""
    if isinstance(parsed, list):
        if any(isinstance(each, dict) and "status" in each and "type" in each for each in parsed):
            return [{"status": {"conditions": parsed}}]
        return [each for each in parsed if isinstance(each, dict)]
    if not isinstance(parsed, dict):
        return []
    if isinstance(parsed.get("items"), list):
        return [each for each in parsed["items"] if isinstance(each, dict)]
    if "metadata" in parsed or isinstance(parsed.get("status"), dict) or isinstance(parsed.get("spec"), dict):
        return [parsed]
    return [{"status": parsed, "spec": parsed}] if "conditions" in parsed or "taints" in parsed else []


def _of_object(item):
    part = api_object.node(item)
    times = [condition[key] for condition in part["conditions"] for key in ("heartbeat", "transition")]
    part["latest"] = max((moment for moment in map(seconds, times) if moment is not None), default=None)
    return part


def _about(item):
    """Event object -> ((kind, name) of what it is about, the host that reported it)."""
    about = item.get("involvedObject") if isinstance(item.get("involvedObject"), dict) else item.get("regarding")
    about = about if isinstance(about, dict) else {}
    source = item.get("source") if isinstance(item.get("source"), dict) else {}
    return (about.get("kind"), about.get("name")), source.get("host") or item.get("reportingInstance")


def _timed(row, now):
    """event_table row -> event of a view; `object` stays where it is not a Node."""
    event = {key: row[key] for key in ("type", "reason", "message", "count", "source")}
    event["first"] = iso(now - row["first_age"]) if row["first_age"] is not None else None
    event["last"] = iso(now - row["last_age"]) if row["last_age"] is not None else None
    if row["object"] and not row["object"].startswith(("node/", "nodes/")):
        event["object"] = row["object"]
    return event


def _turned(events, name):
    """Events, the oldest first -> [the Ready condition], when the last word about it is that it was lost; else [].

    That a node became Ready once says nothing of now: while it stays so there are no more events.
    """
    words = [(event, match) for event, match in ((event, _TURNED.match(event["message"] or "")) for event in events) if match]
    about = {match.group(1) for _event, match in words}
    words = [(event, match) for event, match in words if match.group(1) == name or len(about) == 1]
    if not words or not words[-1][1].group(2):
        return []
    event, match = words[-1]
    by_kubelet = event.get("source") not in _CONTROLLERS
    return [{"type": "Ready", "status": "False" if by_kubelet else "Unknown", "reason": "NodeNotReady", "message": "by the event " + match.group(),
             "transition": event["last"], "heartbeat": None}]


def _is_ready(part):
    return any(condition["type"] == "Ready" and condition["status"] == "True" for condition in part["conditions"])


def _nodes_table(text):
    """The tables of `kubectl get nodes`, known by their heads: without that a row may be of anything -> {name: is it Ready}."""
    found = {}
    for head in _NODES_HEAD.finditer(text):
        for line in text[head.end():].splitlines()[1:]:
            cells = line.split()
            if len(cells) < 4 or not cells[1].startswith(("Ready", "NotReady", "Unknown")):
                break
            found[cells[0]] = cells[1].split(",")[0] == "Ready"
    return found


def _cluster(nodes):
    return {"nodes": len(nodes), "not_ready": sorted(str(name) for name, ready in nodes if not ready)}


def _first_line(error):
    return str(error).strip().splitlines()[0][:200] if str(error).strip() else type(error).__name__
