# Copyright: kubetriage.node contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

SAMPLES = {
    "node.cordoned": {
        "hits": [
            ("kubelet 1.14", "any", "Nov 23 02:13:07 w2 kubelet[812]: I1123 02:13:07.100000     812 kubelet_node_status.go:1] event: Node w2 status is now: NodeNotSchedulable"),
            ("kubelet 1.30, event", "any", "2m  Normal  NodeNotSchedulable  node/w2  Node w2 status is now: NodeNotSchedulable"),
        ],
        "misses": [("kubelet 1.30, event", "any", "2m  Normal  NodeSchedulable  node/w2  Node w2 status is now: NodeSchedulable")],
    },
    "node.deleted": {
        "hits": [
            ("cloud controller 1.20", "controller", "I1123 02:13:07.100000       1 node_lifecycle_controller.go:164] deleting node w2 since it is no longer present in cloud provider"),
            ("cloud controller 1.28", "controller", "I1123 02:13:07.100000       1 node_lifecycle_controller.go:164] deleting node w2 because it does not exist in the cloud provider"),
            ("cloud controller 1.28, event", "any", "2m  Normal  DeletingNode  node/w2  Deleting node w2 because it does not exist in the cloud provider"),
        ],
        "misses": [("controller manager 1.28, event", "any", "2m  Normal  RegisteredNode  node/w2  Node w2 event: Registered Node w2 in Controller"),
                   ("controller manager 1.28, event of a node that came back", "any", "2m  Normal  RemovingNode  node/w2  Node w2 event: Removing Node w2 from Controller")],
    },
}
