# Copyright: kubetriage.node contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The controller manager where triage looks for it: the lab's own log, said again by a pod as kubeadm makes one."""

import contextlib

NAME, LOG = "kube-controller-manager-cp", "/var/log/kube-controller-manager.log"


def words(lab, node):
    """The last lines of the real log that are about a node."""
    return "\n".join([line for line in lab.controller_manager_log.read_text().splitlines() if node in line and "'" not in line][-100:])


@contextlib.contextmanager
def as_pod(lab, speaker, text):
    """A pod on the worker `speaker` with the command line and the log of a controller manager."""
    lab.write(speaker, LOG, text)
    lab.apply({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": NAME, "namespace": "kube-system", "labels": {"component": "kube-controller-manager"}},
               "spec": {"nodeName": speaker, "automountServiceAccountToken": False, "terminationGracePeriodSeconds": 0,
                        "volumes": [{"name": "log", "hostPath": {"path": LOG, "type": "File"}}],
                        "containers": [{"name": "kube-controller-manager", "image": "lab.example/shell:1", "imagePullPolicy": "Never",
                                        "volumeMounts": [{"name": "log", "mountPath": "/log", "readOnly": True}],
                                        "command": ["sh", "-c", "cat /log; sleep 3600", "--node-monitor-grace-period=16s"]}]}})
    try:
        lab.wait("the log of its pod", 30, lambda: lab.kubectl("-n", "kube-system", "logs", NAME, check=False).strip())
        yield
    finally:
        lab.kubectl("-n", "kube-system", "delete", "pod", NAME, "--ignore-not-found", "--force", timeout=60)
        lab.exec(speaker, "rm -f " + LOG)
