# Copyright: kubetriage.node contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

DOCUMENTATION = r"""
name: nodes
short_description: The Nodes of a Kubernetes cluster as hosts
version_added: 0.1.0
author:
  - kubetriage.node contributors (@kubetriage)
description:
  - Lists the Nodes of a cluster through its API server, and makes each a host under its name. Nothing is written.
  - Each is in the group V(ready) or V(not_ready). The latter includes those of which nobody reports; they are in V(unknown) too.
    A cordoned one is in V(cordoned). These four groups are there even if they are empty.
  - Bad conditions are groups, such as V(disk_pressure), V(memory_pressure), V(pid_pressure), V(network_unavailable), and those of
    node-problem-detector and the like that this collection knows, such as V(readonly_filesystem) or V(networking_not_ready).
  - Further groups are, with a name after them, C(pool_), C(zone_), C(kubelet_) with its version, and C(taint_) with its key.
    What is no letter, digit or underscore becomes an underscore, in the names of O(groups) and O(keyed_groups) as well.
  - The file's name must end in C(nodes.yml) or C(nodes.yaml).
extends_documentation_fragment:
  - kubetriage.node.cluster
  - constructed
  - inventory_cache
options:
  plugin:
    description:
      - Says that the file is for this plugin.
    type: str
    required: true
    choices: [kubetriage.node.nodes]
  label_selector:
    description:
      - Only Nodes with these labels, as C(kubectl -l) takes it, such as V(topology.kubernetes.io/zone=eu-central-1a,!gpu).
    type: str
  field_selector:
    description:
      - Only Nodes with these fields, such as V(spec.unschedulable=true) or V(metadata.name!=w1).
    type: str
  addresses:
    description:
      - What C(ansible_host) is taken from, the first that a Node has. V(InternalIP), V(ExternalIP), V(Hostname), V(InternalDNS) and
        V(ExternalDNS) are types of addresses in the Node's status; V(annotation:KEY) is an annotation.
      - What is neither an IP address nor a host name is passed over. A Node without any of them is reached by its name.
    type: list
    elements: str
    default: [InternalIP, ExternalIP, Hostname, InternalDNS]
  pool_labels:
    description:
      - Labels that name the pool which a Node belongs to. The first that it has counts.
      - By default those of EKS, Karpenter, GKE, AKS, kOps and others.
    type: list
    elements: str
  timeout:
    description:
      - Seconds that the API server has for one answer. A connection must be made within 5 of them.
    type: float
    default: 10.0
  deadline:
    description:
      - Seconds for the whole list.
    type: float
    default: 60.0
notes:
  - Each host's variable C(kubernetes_node) is a dictionary with the keys C(name), C(uid), C(created), C(ready) (V(True), V(False),
    V(Unknown) or null), C(conditions) (the status of each type), C(unschedulable), C(taints) (each with C(key), C(value) and
    C(effect)), C(labels), C(annotations), C(pool), C(zone), C(region), C(instance_type), C(provider_id), C(addresses) (each with
    C(type) and C(address)), C(pod_cidrs), C(kubelet), C(runtime), C(kernel), C(os) and C(architecture).
  - Its texts come from the cluster and are never templated.
  - With O(cache) the groups are as old as the cache. C(--flush-cache) reads anew.
  - Needs C(list) on C(nodes).
seealso:
  - module: kubetriage.node.triage
"""

EXAMPLES = r"""
---
# nodes.yml, for: ansible-playbook triage.yml -i nodes.yml -l not_ready -b
# The cluster is that of K8S_AUTH_*, KUBECONFIG, ~/.kube/config or the pod's service account
plugin: kubetriage.node.nodes

---
# staging.nodes.yml: public addresses, one zone, and more groups
plugin: kubetriage.node.nodes
kubeconfig: ~/.kube/staging
context: triage
label_selector: topology.kubernetes.io/zone=eu-central-1a
addresses: [ExternalIP, "annotation:example.com/ssh-address", InternalIP]
compose:
  ansible_user: "'core' if 'Flatcar' in kubernetes_node.os else 'admin'"
groups:
  gpu: "'nvidia.com/gpu.present' in kubernetes_node.labels"
keyed_groups:
  - prefix: kernel
    key: kubernetes_node.kernel
cache: true
cache_plugin: ansible.builtin.jsonfile
cache_connection: ~/.cache/ansible
cache_timeout: 300
"""

import json
import os

from ansible.errors import AnsibleParserError
from ansible.plugins.inventory import BaseInventoryPlugin, Cacheable, Constructable
from ansible.utils.unsafe_proxy import wrap_var

from ansible_collections.kubetriage.node.plugins.plugin_utils import cluster, inventory_host
from ansible_collections.kubetriage.node.plugins.plugin_utils.cluster_error import ClusterError, ReadFailed
from ansible_collections.kubetriage.node.plugins.plugin_utils.cluster_reads import NODES, Reads

_SELECTORS = {"labelSelector": "label_selector", "fieldSelector": "field_selector"}  # the API's names for the options


class InventoryModule(BaseInventoryPlugin, Constructable, Cacheable):
    NAME = "kubetriage.node.nodes"
    _sanitize_group_name = staticmethod(inventory_host.group_name)

    def verify_file(self, path):
        return path.endswith(("nodes.yml", "nodes.yaml")) and super().verify_file(path)

    def parse(self, inventory, loader, path, cache=True):
        super().parse(inventory, loader, path, cache)
        self._read_config_data(path)
        for group in inventory_host.GROUPS:
            self.inventory.add_group(group)
        nodes = self._nodes(path, cache)
        taken = {"all", "ungrouped", *inventory_host.GROUPS, *(group for node in nodes for group in inventory_host.groups(node))}
        for node in nodes:
            if node["name"] in taken:  # Ansible takes one for the other
                self.display.warning(f"Node {node['name']} is left out of the inventory: a group of it has this name")
            else:
                self._add(node)

    def _nodes(self, path, cache):
        """-> facts of each Node, from the cache where the user wants that and it holds them."""
        if not self.get_option("cache"):
            return self._listed()
        key = self.get_cache_key(path + json.dumps(self._question(), sort_keys=True))
        if cache:
            try:
                return self._cache[key]
            except KeyError:  # nothing kept, or too old
                pass
        self._cache[key] = self._listed()
        return self._cache[key]

    def _question(self):
        """What the answer depends on beside the cluster's state: a change of it must not be answered from the cache."""
        auth = cluster.settings(self._auth(), os.environ)
        secret = {name for name, spec in cluster.AUTH_SPEC.items() if spec.get("no_log")}
        return [{name: str(value) for name, value in auth.items() if name not in secret}, os.environ.get("KUBECONFIG"),
                [self.get_option(name) for name in ("label_selector", "field_selector", "pool_labels")]]

    def _auth(self):
        return {name: self.get_option(name) for name in cluster.AUTH_SPEC}

    def _listed(self):
        selectors = {name: self.get_option(option) for name, option in _SELECTORS.items()}
        query = [(name, value) for name, value in selectors.items() if value]
        try:  # `from None` below: Ansible would print the cause's text once more
            with cluster.connect(self._auth(), os.environ, self.get_option("timeout")) as api:
                listed = Reads(api, self.get_option("deadline")).items(NODES.path, query)
                found = [inventory_host.facts(item, self.get_option("pool_labels")) for item in listed]
        except ClusterError as error:
            raise AnsibleParserError(str(error)) from None
        except ReadFailed as error:
            raise AnsibleParserError(_why_not_listed(error, api.server, query)) from None
        return sorted((node for node in found if node), key=lambda node: node["name"])

    def _add(self, node):
        name, strict = node["name"], self.get_option("strict")
        variables = {"kubernetes_node": wrap_var(node)}
        address = inventory_host.address(node, self.get_option("addresses"))
        if address:
            variables["ansible_host"] = wrap_var(address)
        self.inventory.add_host(name)
        for key, value in variables.items():
            self.inventory.set_variable(name, key, value)
        for group in inventory_host.groups(node):
            self.inventory.add_child(self.inventory.add_group(group), name)
        self._set_composite_vars(self.get_option("compose"), variables, name, strict=strict)
        self._add_host_to_composed_groups(self.get_option("groups"), variables, name, strict=strict)
        self._add_host_to_keyed_groups(self.get_option("keyed_groups"), variables, name, strict=strict)


def _why_not_listed(error, server, query):
    what = f"the API server {server} does not list Nodes: {error}"
    if error.status == 400 and query:
        return what + "; correct " + " or ".join(_SELECTORS[name] for name, _value in query)
    if error.status == 403:
        return what + "; the inventory needs list on nodes (deploy/rbac/triage.yaml)"
    return what + "; look at its own health (/livez?verbose)"
