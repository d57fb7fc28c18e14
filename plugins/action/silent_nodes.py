# Copyright: kubetriage.node contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Once a run, when all nodes were looked at: what can be learned here of those that gave no answer, and which healthy nodes to ask."""

import os
import time
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import quote

from ansible.errors import AnsibleError
from ansible.plugins.action import ActionBase

from ansible_collections.kubetriage.node.plugins.plugin_utils import (
    api_object, artifacts, cluster, cluster_view, kubelet_proxy, node_view, outside, peer, utc)
from ansible_collections.kubetriage.node.plugins.plugin_utils.cluster_error import ClusterError, ReadFailed
from ansible_collections.kubetriage.node.plugins.plugin_utils.cluster_reads import LEASES, Reads

_SPEC = dict(cluster.AUTH_SPEC, run_dir={"type": "path", "required": True}, peers={"type": "list", "elements": "str"},
             cloud_state={"type": "bool", "default": False})
_THREADS = 8
_API_S = 30.0
_PEERS = 2  # for one silent node; the second is asked if the first gives no answer
_CANDIDATES = 200  # hosts of which it is looked up whether they answered in this run


class ActionModule(ActionBase):
    BYPASS_HOST_LOOP = True  # see report
    _requires_connection = False
    _supports_check_mode = True
    _supports_async = False

    def run(self, tmp=None, task_vars=None):
        result = super().run(tmp, task_vars)
        _valid, options = self.validate_argument_spec(argument_spec=_SPEC)
        run_dir, hostvars = options["run_dir"], task_vars["hostvars"]
        hosts = outside.silent(run_dir)
        result.update(changed=False, silent=hosts, looks=[])
        if not hosts:
            return result
        contents = {host: outside.content(run_dir, host) for host in hosts[:outside.MOST]}
        contents = {host: content for host, content in contents.items() if content}
        learned = {host: {"earlier": outside.last_look(run_dir, host), "not_checked": []} for host in contents}
        entries = None
        if any(content["control_plane"] for content in contents.values()):
            try:
                with cluster.connect(options, cluster.play_environment(self), kubelet_proxy.SECONDS) as api:
                    _ask_cluster(api, contents, learned)
                    entries = self._other_nodes(api, task_vars) if options["peers"] is None else None
            except ClusterError as error:
                for found in learned.values():
                    found["not_checked"].append({"what": kubelet_proxy.WHAT, "why": str(error)})
        controllers = {host: _variable(hostvars, host, "node_triage_bmc") for host in contents}
        _ask_power(contents, learned, controllers, options["cloud_state"])
        targets = {host: _address(hostvars, host, content) for host, content in contents.items()}
        candidates = _candidates(options["peers"], task_vars, hosts, run_dir, entries)
        asked = {}
        for host, found in learned.items():
            chosen = peer.closest(targets[host], candidates)[:_PEERS] if targets[host] else []
            if options["peers"] != [] and not chosen:
                why = "no other host answered; name one with node_triage_peers" if targets[host] else "no IP address of the node is known"
                found["not_checked"].append({"what": outside.PEER, "why": why})
            for rank, name in enumerate(chosen):
                asked.setdefault((rank, name), []).append(host)
            try:
                outside.add(run_dir, host, **found)
            except OSError as error:
                return dict(result, failed=True, msg=artifacts.unwritten(error))
        for (_rank, name), wanted in sorted(asked.items()):
            asks = [{"host": host, "address": targets[host], "port": _port(hostvars, host)} for host in wanted]
            result["looks"].append({"peer": name, "targets": asks})
        return result

    def _other_nodes(self, api, task_vars):
        """Only where no host of the play can be a peer: Ready Nodes of the cluster, to be found among the inventory's hosts."""
        if len(task_vars["ansible_play_hosts_all"]) > len(outside.silent(self._task.args["run_dir"])):
            return None
        summary = cluster_view.cluster_summary(Reads(api, _API_S))
        lost = set(summary["cluster"]["not_ready"])
        return [entry for entry in summary["entries"] or () if entry["name"] not in lost]


def _ask_cluster(api, contents, learned):
    """Each silent node's Lease again, because our own attempt took its time, and its kubelet."""
    def ask(host):
        view, found = contents[host]["control_plane"], learned[host]
        if not view or not view.get("name"):
            return
        try:
            lease = api_object.lease(api.get("%s/%s" % (LEASES.path, quote(view["name"], safe=""))))
            found["lease"] = {"lease": lease, "read_at": utc.iso(api.now())}
        except (ReadFailed, ClusterError):  # that there is none was said when the views were read
            pass
        found["kubelet"] = kubelet_proxy.ask(api, view["name"])
        found["not_checked"] += found["kubelet"].pop("not_checked")

    with ThreadPoolExecutor(_THREADS) as pool:
        list(pool.map(ask, contents))


def _ask_power(contents, learned, controllers, cloud):
    """The hosts' BMCs, where a host has one, and their cloud instances, if that is wanted."""
    # Here, because every run loads this action, and most have no silent node: an HTTP client takes 40 ms
    from ansible_collections.kubetriage.node.plugins.plugin_utils import bmc, cloud_state

    def ask(host):
        found, provider = learned[host], (contents[host]["control_plane"] or {}).get("provider_id")
        try:
            if isinstance(controllers[host], Mapping):
                found["power"] = bmc.ask(controllers[host])
            elif cloud:
                found["power"] = cloud_state.ask(provider)
        except (bmc.NoAnswer, cloud_state.NoAnswer) as error:
            found["not_checked"].append({"what": "power", "why": str(error)})

    with ThreadPoolExecutor(_THREADS) as pool:
        list(pool.map(ask, contents))


def _address(hostvars, host, content):
    known = (content["control_plane"] or {}).get("addresses") or ()
    addresses = [entry.get("address") for kind in ("InternalIP", "ExternalIP") for entry in known if entry.get("type") == kind]
    return peer.address(*addresses, _variable(hostvars, host, "ansible_host"), host)


def _port(hostvars, host):
    port = str(_variable(hostvars, host, "ansible_port") or 22)
    return int(port) if port.isdigit() and 0 < int(port) < 65536 else 22


def _variable(hostvars, host, name):
    """From raw variables, templated only if it has to be."""
    value = (hostvars.raw_get(host) if host in hostvars else {}).get(name)
    try:
        return hostvars[host].get(name) if "{{" in str(value) or isinstance(value, Mapping) else value
    except AnsibleError:  # what is not defined there is that host's matter
        return None


def _candidates(named, task_vars, silent, run_dir, entries):
    """-> {host that may be asked: its IP address or None}. `named`: by the user, or None; `entries`: Ready Nodes if the play has no peer."""
    hostvars, until = task_vars["hostvars"], time.monotonic() + 5
    if named is not None:
        return {host: peer.address(_variable(hostvars, host, "ansible_host"), host)
                for host in named if host in hostvars and host not in silent}
    if entries is not None:
        match, found = node_view.matcher({entry["name"]: entry for entry in entries}), {}
        for host in task_vars["groups"]["all"]:
            own = _variable(hostvars, host, "ansible_host")
            node = match(host, [own] if own else []) if host not in silent else None
            if node:
                found[host] = peer.address(own, *(entry["address"] for entry in node["addresses"]))
        return found
    found, absent = {}, set(silent)
    for host in [host for host in task_vars["ansible_play_hosts_all"] if host not in absent][:_CANDIDATES]:
        if time.monotonic() < until and os.path.exists(artifacts.node_path(run_dir, host)):
            found[host] = peer.address(_variable(hostvars, host, "ansible_host"), host)
    return found
