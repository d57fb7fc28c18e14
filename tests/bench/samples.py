# Copyright: kubetriage.node contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A Node, Lease, event and Pod as large as everyday ones: a Node with 50 images (15 kB of JSON), a Pod of two containers (10 kB).

Each is given a name, and contains it and `address` where others of its kind have theirs.
"""

import time
import uuid

NOW = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
REGISTRY = "registry.example.com/platform"


def node(name):
    return {
        "apiVersion": "v1",
        "kind": "Node",
        "metadata": {
            "name": name,
            "labels": {
                "kubernetes.io/hostname": name,
                "topology.kubernetes.io/zone": "eu-central-1a", "topology.kubernetes.io/region": "eu-central-1",
                "failure-domain.beta.kubernetes.io/zone": "eu-central-1a", "node.kubernetes.io/instance-type": "m6i.4xlarge",
                "beta.kubernetes.io/instance-type": "m6i.4xlarge", "kubernetes.io/arch": "amd64", "kubernetes.io/os": "linux",
                "beta.kubernetes.io/arch": "amd64", "beta.kubernetes.io/os": "linux", "eks.amazonaws.com/nodegroup": "general-purpose",
                "eks.amazonaws.com/capacityType": "ON_DEMAND", "k8s.io/cloud-provider-aws": "2c9f6a1e0b7d4f53a8e1c2d3b4a59687",
            },
            "annotations": {
                "csi.volume.kubernetes.io/nodeid": '{"ebs.csi.aws.com":"i-0123456789abcdef0"}', "node.alpha.kubernetes.io/ttl": "300",
                "volumes.kubernetes.io/controller-managed-attach-detach": "true",
            },
        },
        "spec": {"providerID": "aws:///eu-central-1a/i-0123456789abcdef0"},
    }


def node_status(name, address, ready):
    def condition(kind, status, reason, message):
        return {"type": kind, "status": status, "reason": reason, "message": message, "lastHeartbeatTime": NOW, "lastTransitionTime": NOW}

    conditions = [condition(kind, "False", "KubeletHas" + good, "kubelet has " + words) if ready else
                  condition(kind, "Unknown", "NodeStatusUnknown", "Kubelet stopped posting node status.")
                  for kind, good, words in (("MemoryPressure", "SufficientMemory", "sufficient memory available"),
                                            ("DiskPressure", "NoDiskPressure", "no disk pressure"),
                                            ("PIDPressure", "SufficientPID", "sufficient PID available"))]
    conditions.append(condition("Ready", "True", "KubeletReady", "kubelet is posting ready status") if ready else
                      condition("Ready", "Unknown", "NodeStatusUnknown", "Kubelet stopped posting node status."))
    amounts = {"cpu": "15890m", "memory": "61851624Ki", "ephemeral-storage": "95491281146", "pods": "110",
               "hugepages-1Gi": "0", "hugepages-2Mi": "0"}
    return {
        "addresses": [{"type": "InternalIP", "address": address}, {"type": "Hostname", "address": name},
                      {"type": "InternalDNS", "address": name + ".eu-central-1.compute.internal"}],
        "capacity": amounts,
        "allocatable": amounts,
        "conditions": conditions,
        "nodeInfo": {
            "kubeletVersion": "v1.35.4", "kernelVersion": "6.12.40-63.114.amzn2023.x86_64", "osImage": "Amazon Linux 2023.8.20250915",
            "containerRuntimeVersion": "containerd://2.1.4", "bootID": str(uuid.uuid4()), "machineID": uuid.uuid4().hex,
            "systemUUID": str(uuid.uuid4()), "kubeProxyVersion": "v1.35.4", "architecture": "amd64", "operatingSystem": "linux",
        },
        "images": [{"names": ["%s/service-%02d@sha256:%s" % (REGISTRY, number, uuid.uuid4().hex * 2),
                              "%s/service-%02d:2026.11.%d" % (REGISTRY, number, number)], "sizeBytes": 123456789 + number}
                   for number in range(50)],
        "daemonEndpoints": {"kubeletEndpoint": {"Port": 10250}},
    }


def lease(name, age):
    """Renewed `age` seconds ago."""
    renewed = time.strftime("%Y-%m-%dT%H:%M:%S.000000Z", time.gmtime(time.time() - age))
    return {"metadata": {"name": name}, "spec": {"holderIdentity": name, "leaseDurationSeconds": 40, "renewTime": renewed}}


def event(name, about):
    return {
        "metadata": {"name": name, "namespace": "default"}, "involvedObject": {"kind": "Node", "name": about, "uid": about},
        "reason": "RegisteredNode", "message": "Node %s event: Registered Node %s in Controller" % (about, about), "type": "Normal",
        "count": 1, "firstTimestamp": NOW, "lastTimestamp": NOW, "source": {"component": "node-controller"},
    }


def pod(name, on):
    def container(of):
        return {
            "name": of, "image": "%s/%s:2026.11.23" % (REGISTRY, of), "command": ["/usr/local/bin/" + of, "--config=/etc/app/config.yaml"],
            "env": [{"name": "SETTING_%02d" % number, "value": "value of setting %d" % number} for number in range(10)],
            "ports": [{"name": of, "containerPort": 8080, "protocol": "TCP"}],
            "resources": {"requests": {"cpu": "250m", "memory": "256Mi"}, "limits": {"memory": "512Mi"}},
            "livenessProbe": {"httpGet": {"path": "/healthz", "port": 8080}},
            "readinessProbe": {"httpGet": {"path": "/ready", "port": 8080}},
            "volumeMounts": [{"name": "config", "mountPath": "/etc/app"}],
        }

    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {
            "name": name, "namespace": "shop", "generateName": "checkout-7d4f9c8b6d-",
            "labels": {"app.kubernetes.io/name": "checkout", "app.kubernetes.io/part-of": "shop", "pod-template-hash": "7d4f9c8b6d"},
            "annotations": {"prometheus.io/scrape": "true", "prometheus.io/port": "8080", "checksum/config": uuid.uuid4().hex * 2},
            "ownerReferences": [{"apiVersion": "apps/v1", "kind": "ReplicaSet", "name": "checkout-7d4f9c8b6d", "controller": True,
                                 "blockOwnerDeletion": True, "uid": str(uuid.uuid4())}],
        },
        "spec": {"nodeName": on, "containers": [container("checkout"), container("proxy")],
                 "volumes": [{"name": "config", "configMap": {"name": "checkout-config"}}]},
    }


def pod_status():
    def status(of):
        return {
            "name": of, "ready": True, "started": True, "restartCount": 0, "image": "%s/%s:2026.11.23" % (REGISTRY, of),
            "imageID": "%s/%s@sha256:%s" % (REGISTRY, of, uuid.uuid4().hex * 2), "containerID": "containerd://" + uuid.uuid4().hex * 2,
            "state": {"running": {"startedAt": NOW}},
        }

    return {
        "phase": "Running", "podIP": "10.244.100.100", "podIPs": [{"ip": "10.244.100.100"}], "hostIP": "10.0.0.1", "qosClass": "Burstable",
        "startTime": NOW, "containerStatuses": [status("checkout"), status("proxy")],
        "conditions": [{"type": kind, "status": "True", "lastTransitionTime": NOW}
                       for kind in ("PodReadyToStartContainers", "Initialized", "Ready", "ContainersReady", "PodScheduled")],
    }
