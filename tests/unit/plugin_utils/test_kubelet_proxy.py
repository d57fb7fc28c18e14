# Copyright: kubetriage.node contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A kubelet's answers through the API server's proxy: the API server's own refusals are told from the kubelet's, and each gap is named."""

import json
import pathlib
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from ansible_collections.kubetriage.node.plugins.plugin_utils import cluster, kubelet_proxy

sys.path.insert(0, str(pathlib.Path(__file__).parent))
from fake_api import serve  # noqa: E402


def status(code, message):
    return json.dumps({"kind": "Status", "apiVersion": "v1", "status": "Failure", "message": message, "code": code})


FORBIDDEN = ('nodes "w1" is forbidden: User "system:serviceaccount:kubetriage:triage" cannot get resource "nodes/proxy" in API group "" at the cluster '
             'scope')
SUMMARY = {"node": {"nodeName": "w1", "memory": {"availableBytes": 123 << 20}, "rlimit": {"maxpid": 32768, "curproc": 32760},
                    "fs": {"availableBytes": 1 << 30, "capacityBytes": 100 << 30}, "runtime": {"imageFs": {"availableBytes": 5, "capacityBytes": 10}}},
           "pods": []}


@pytest.mark.parametrize("code, text, answer", [
    # kube-apiserver 1.20 to 1.35, kubelet's healthz
    (200, "ok", "ok"),
    (500, "[+]ping ok\n[-]syncloop failed: reason withheld\nhealthz check failed", "unhealthy"),
    (401, "Unauthorized", "ok"),
    (403, "Forbidden (user=kube-apiserver-kubelet-client, verb=get, resource=nodes, subresource(s)=[proxy])", "ok"),
    (503, status(503, "error trying to reach service: dial tcp 10.0.0.11:10250: connect: connection refused"), "refused"),
    (503, status(503, "error trying to reach service: dial tcp 10.0.0.11:10250: connect: no route to host"), "timeout"),
    (503, status(503, "error trying to reach service: dial tcp 10.0.0.11:10250: i/o timeout"), "timeout"),
    (500, status(500, "error trying to reach service: net/http: TLS handshake timeout"), "timeout"),
    (503, status(503, "error trying to reach service: remote error: tls: internal error"), "ok"),  # no serving certificate was signed yet
    (503, status(503, "error trying to reach service: tls: failed to verify certificate: x509: certificate has expired or is not yet valid"), "ok"),
    (0, "no answer within 4 s", "timeout"),
    (200, "[" * 16384, "unhealthy"),
    (403, status(403, FORBIDDEN), None),
    (404, status(404, 'nodes "w1" not found'), None),
])
def test_healthz(code, text, answer):
    assert kubelet_proxy.answer(code, text)[0] == answer


def asked(answers):
    """What a server that gives `answers` {endpoint: (status, text)} is asked, and what is made of it."""
    paths = []

    def answer(path, _headers):
        paths.append(path)
        endpoint = path.partition("/proxy/")[2].partition("?")[0]
        return answers.get(endpoint, (404, "404 page not found"))

    with serve(answer) as server, cluster.connect({"host": server, "api_key": "t"}, {}, 2) as api:
        return kubelet_proxy.ask(api, "w1"), paths


def test_a_kubelet_that_lives_tells_of_its_node():
    found, paths = asked({"healthz": (200, "ok"), "stats/summary": (200, SUMMARY), "configz": (200, {"kubeletconfig": {"podPidsLimit": -1, "maxPods": 110}}),
                          "logs/": (200, "-- Logs begin --\nNov 24 03:00:01 w1 sshd[812]: error: fork: Resource temporarily unavailable\n")})
    assert found["answer"] == "ok" and found["not_checked"] == []
    assert found["facts"]["pids"] == {"used": 32760, "limit": 32768} and found["facts"]["config"] == {"podPidsLimit": -1, "maxPods": 110}
    assert [quote["text"] for quote in found["evidence"]] == [
        "HTTP 200: ok",
        "32760 of 32768 PIDs are in use; 123 MiB of memory are available; 1 % of the kubelet's file system are free; 50 % of the images' file system are free",
        "Nov 24 03:00:01 w1 sshd[812]: error: fork: Resource temporarily unavailable"]
    assert paths[-1].endswith("/api/v1/nodes/w1/proxy/logs/?query=sshd&query=ssh&tailLines=5")


def test_what_it_does_not_give_is_named():
    found, _paths = asked({"healthz": (200, "ok"), "stats/summary": (403, "Forbidden (user=kube-apiserver-kubelet-client)"),
                           "logs/": (200, '<!doctype html>\n<pre>\n<a href="syslog">syslog</a>\n</pre>')})
    assert [gap["what"].partition(": ")[2] for gap in found["not_checked"]] == ["stats/summary", "configz", "node log query"]


def test_a_denied_right_is_one_gap_that_says_what_grants_it():
    found, paths = asked({"healthz": (403, status(403, FORBIDDEN))})
    assert len(paths) == 1 and found["answer"] is None and found["evidence"] == []
    (gap,) = found["not_checked"]
    assert "nodes/proxy" in gap["why"] and "kubelet-proxy.yaml" in gap["why"]


def test_a_silent_kubelet_is_not_waited_for():
    found, _paths = asked({"healthz": (200, None)})
    assert found["answer"] == "timeout"


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"node": 1}', '{"node": {"fs": 1, "rlimit": [], "memory": {"availableBytes": "1"}}}', "{" * 9999])
def test_what_is_no_summary_breaks_nothing(text):
    assert kubelet_proxy.summary(text) in (None, {"facts": {}, "lines": []}) and kubelet_proxy.configz(text) is None


def test_figures_that_no_node_has_are_left_out():
    many = 10 ** 400
    text = json.dumps({"node": {"fs": {"availableBytes": many, "capacityBytes": 1}, "memory": {"availableBytes": many},
                                "rlimit": {"maxpid": many, "curproc": 1}},
                       "kubeletconfig": {"maxPods": many, "cgroupDriver": "x" * 100000}})
    assert kubelet_proxy.summary(text) == {"facts": {}, "lines": []} and kubelet_proxy.configz(text)["facts"] == {"config": {}}


def test_an_answer_that_drips_is_not_waited_for():
    """A timeout of the connection is one of each byte, and a node may send one a second for hours."""
    class Dripping(BaseHTTPRequestHandler):
        def do_GET(self):
            self.send_response(200)
            self.end_headers()
            for _byte in range(100):
                self.wfile.write(b"o")
                time.sleep(0.2)

        def log_message(self, *_args):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Dripping)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    began = time.monotonic()
    with cluster.connect({"host": "http://127.0.0.1:%d" % server.server_port, "api_key": "t"}, {}, 0.5) as api:
        with pytest.raises(cluster.NoAnswer, match="did not end within 1 s"):
            api.text("/healthz", 16384)
    assert time.monotonic() - began < 5
    server.shutdown()
    server.server_close()
