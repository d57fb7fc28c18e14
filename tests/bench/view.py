# Copyright: kubetriage.node contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the control plane's view costs in a large cluster: seconds, CPU, peak memory and API requests, for one node and for all.

    ./dev bench view [--nodes 5000] [--pods 150000] [--silent 50]

A minute to fill the API server, which then takes about 12 GB with etcd. Nodes have 50 images, pods two containers, and all their managedFields, so
that they are as large as everyday ones. Exits 1 above the bounds.
"""

import argparse
import json
import os
import pathlib
import subprocess
import sys
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "tests" / "lab"), str(ROOT / "tests" / "bench")]

import samples  # noqa: E402
from control_plane import TOKEN, ControlPlane  # noqa: E402
from lab import Lab  # noqa: E402

DEADLINE, PEAK = 60, 250  # the default of control_plane, in seconds; MB
NODES, PODS = "/api/v1/nodes", "/api/v1/namespaces/shop/pods"
LEASES, EVENTS = "/apis/coordination.k8s.io/v1/namespaces/kube-node-lease/leases", "/api/v1/namespaces/default/events"
LAST = 99999  # the number in the names of the objects that are multiplied


def node_name(number):
    return "node-%05d" % number


def address(number):
    """10.x.y.z, always of the same length."""
    return "10.%d.%d.%d" % (100 + number // 10000, 100 + number // 100 % 100, 100 + number % 100)


def fill(plane, nodes, pods, silent):
    """Nodes (the first `silent` of them silent) with an event each, and pods in equal numbers on all of them."""
    plane.create("/api/v1/namespaces", {"metadata": {"name": "shop"}})
    name = node_name(LAST)
    for numbers, ready in ((range(silent, nodes), True), (range(silent), False)):
        changes = ({name: node_name(number), address(LAST): address(number)} for number in numbers)
        plane.multiply("/registry/minions/" + name, NODES, samples.node(name), changes,
                       status=samples.node_status(name, address(LAST), ready))
    event = name + ".18a0c0ffee000000"
    plane.multiply("/registry/events/default/" + event, EVENTS, samples.event(event, name),
                   ({name: node_name(number)} for number in range(nodes)))
    of = "checkout-7d4f9c8b6d-%06d"
    pod = of % 999999
    plane.multiply("/registry/pods/shop/" + pod, PODS, samples.pod(pod, name),
                   ({pod: of % number, name: node_name(number % nodes)} for number in range(pods)),
                   status=samples.pod_status(), author="kube-controller-manager")


def renew(plane, nodes, silent):
    """A Lease for each Node: fresh, or ten minutes old for those that are silent."""
    name = node_name(LAST)
    for numbers, age in ((range(silent, nodes), 0), (range(silent), 600)):
        plane.multiply("/registry/leases/kube-node-lease/" + name, LEASES, samples.lease(name, age),
                       ({name: node_name(number)} for number in numbers), author="kubelet")


# One reading in a process of its own, so that its peak memory is its own: as the action plugin control_plane does it, files included.
READER = """
import json, sys, tempfile, time
from ansible_collections.kubetriage.node.plugins.plugin_utils import artifacts, cluster, cluster_view, view_store
url, ca, token, hosts, deadline = json.loads(sys.stdin.read())
start = time.monotonic()
with tempfile.TemporaryDirectory() as home:
    with cluster.connect({"host": url, "api_key": token, "ca_cert": ca}, {}) as api:
        seen = cluster_view.read_cluster(api, hosts, deadline)
        requests = api.requests
    views = seen["views"].values()
    counts = {"views": len(views), "pods": sum(len(view["pods"]) for view in views), "gaps": sorted(
        {gap["why"] for view in views for gap in view["not_checked"]})}
    view_store.save(home, seen)
seconds = time.monotonic() - start
# Not ru_maxrss: that of a child begins with its parent's
peak = next(int(line.split()[1]) for line in open("/proc/self/status", encoding="ascii") if line.startswith("VmHWM")) / 1024
print(json.dumps(dict(counts, seconds=seconds, cpu=time.process_time(), peak=peak, requests=requests)))
"""


def read(plane, hosts):
    """-> dict of what a reading took and found. `hosts`: as cluster_view.read_cluster."""
    said = json.dumps([plane.url, str(plane.ca), TOKEN, hosts, DEADLINE])
    done = subprocess.run([sys.executable, "-c", READER], input=said, stdout=subprocess.PIPE, text=True, check=True,
                          env=dict(os.environ, PYTHONPATH=str(ROOT / "collections")))
    return json.loads(done.stdout)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--nodes", type=int, default=5000)
    parser.add_argument("--pods", type=int, default=150000)
    parser.add_argument("--silent", type=int, default=50, help="Nodes whose kubelet stopped posting")
    options = parser.parse_args()
    lab = Lab()
    if not (lab.home / "bin" / "kube-apiserver").exists():
        lab.script("build", timeout=2400)
    with ControlPlane(lab.home / "bin") as plane:
        start = time.monotonic()
        fill(plane, options.nodes, options.pods, options.silent)
        plane.settle()
        print("%d Nodes, %d pods: filled in %.0f s; MB of memory: %s" % (
            options.nodes, options.pods, time.monotonic() - start, plane.memory()))
        rows = []
        for name, silent, hosts in (
                ("one silent node", options.silent, {node_name(0): []}),
                ("one Ready node", options.silent, {node_name(options.nodes - 1): []}),
                ("the %d silent nodes" % options.silent, options.silent, {node_name(number): [] for number in range(options.silent)}),
                ("all nodes", options.silent, None),
                ("all nodes, all Leases stale", options.nodes, None)):
            renew(plane, options.nodes, silent)
            rows.append((name, read(plane, hosts)))
    print("%-28s %8s %8s %8s %9s %7s %7s" % ("", "seconds", "CPU s", "peak MB", "requests", "views", "pods"))
    for name, row in rows:
        print("%-28s %8.2f %8.2f %8.0f %9d %7d %7d" % (
            name, row["seconds"], row["cpu"], row["peak"], row["requests"], row["views"], row["pods"]))
        for gap in row["gaps"]:
            print("  not read: " + gap)
    above = [name for name, row in rows if row["seconds"] > DEADLINE / 2 or row["peak"] > PEAK]
    print("bounds: %g s, half the default deadline, and %d MB: %s" % (
        DEADLINE / 2, PEAK, "above: " + ", ".join(above) if above else "kept"))
    return int(bool(above))


if __name__ == "__main__":
    sys.exit(main())
