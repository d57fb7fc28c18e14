# Copyright: kubetriage.node contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The API reads behind `controller_manager`: of nodes in trouble, the command line and the log of its pods, where it runs as one."""

import json
from urllib.parse import quote, urlencode

from ansible_collections.kubetriage.node.plugins.plugin_utils import controller_manager, node_state
from ansible_collections.kubetriage.node.plugins.plugin_utils.api_object import dict_of, text_of
from ansible_collections.kubetriage.node.plugins.plugin_utils.cluster_error import ClusterError, ReadFailed, refusal
from ansible_collections.kubetriage.node.plugins.plugin_utils.cluster_reads import items

WHAT = "controller manager"
# Namespace and labels of its static pods: kubeadm, RKE2 and kubespray; kops and Talos; OpenShift. Elsewhere anybody's pod may be called so, or a
# cluster's that is hosted by this one.
_PLACES = (("kube-system", "component=kube-controller-manager"), ("kube-system", "k8s-app=kube-controller-manager"),
           ("openshift-kube-controller-manager", "app=kube-controller-manager"))
_CONTAINER = "kube-controller-manager"
_NODES = 100  # in trouble
_PODS = 5  # of which all but the one that holds the lock say nothing
_LOG_S = 86400  # how far back at most; the line in which it gave a node up is as old as the onset
_LOG_LINES, _LOG_BYTES = 20000, 4 << 20


def read(reads, views):
    """Fill controller_manager of the views in trouble; what cannot be read becomes one line of their not_checked."""
    troubled = [view for view in views if node_state.in_trouble(view)][:_NODES]
    if not troubled:
        return
    try:
        pods = next((found for found in (_pods(reads, *place) for place in _PLACES) if found), [])
        if not pods:
            raise ReadFailed("no pod of it is in the cluster; node_triage_control_plane may name its hosts", 0)
    except (ReadFailed, ClusterError) as error:
        _miss(troubled, error)
        return
    now = reads.api.now()
    onsets = {view["name"]: node_state.readiness(view, now)["since"] for view in troubled}
    back = now - min((onset for onset in onsets.values() if onset is not None), default=now) + 2 * controller_manager.BEFORE_S
    lines, failed = [], None
    for pod in pods:
        try:
            lines += controller_manager.said(_log(reads.api, dict_of(pod, "metadata"), back), now)
        except (ReadFailed, ClusterError) as error:
            failed = error
    if failed and not lines:
        _miss(troubled, failed)
    source = "pod %s/%s" % tuple(text_of(dict_of(pods[0], "metadata"), key) for key in ("namespace", "name"))
    for view in troubled:
        view["controller_manager"] = controller_manager.told(source, _command(pods[0]), lines, view["name"], onsets[view["name"]])


def _pods(reads, namespace, selector):
    page = reads.get(f"/api/v1/namespaces/{namespace}/pods", [("labelSelector", selector), ("limit", _PODS), ("resourceVersion", "0")])
    return items(page)[:_PODS]


def _command(pod):
    words = [word for container in dict_of(pod, "spec").get("containers") or () if isinstance(container, dict)
             for key in ("command", "args") for word in container.get(key) or ()]
    return " ".join(word for word in words if isinstance(word, str))


def _log(api, meta, back):
    path = "/api/v1/namespaces/%s/pods/%s/log?" % tuple(quote(str(text_of(meta, key)), safe="") for key in ("namespace", "name"))
    query = {"container": _CONTAINER, "timestamps": "true", "sinceSeconds": int(min(max(back, 60), _LOG_S)), "tailLines": _LOG_LINES,
             "limitBytes": _LOG_BYTES}
    status, text = api.text(path + urlencode(query), _LOG_BYTES)
    if status == 200:
        return text
    try:
        answer = json.loads(text)
    except ValueError:
        answer = None
    raise ReadFailed(refusal(status, answer), status)


def _miss(views, error):
    for view in views:
        view["not_checked"].append({"what": WHAT, "why": str(error)})
