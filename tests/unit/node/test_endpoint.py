# Copyright: kubetriage.node contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The way to the API server is judged by the kubeconfig's own rules for its certificate, or a node is blamed for what its kubelet does not mind."""

import json
import ssl
import subprocess
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from ansible_collections.kubetriage.node.plugins.module_utils.checks import api_path, kubelet_setup
from ansible_collections.kubetriage.node.plugins.module_utils.node import endpoint
from ansible_collections.kubetriage.node.plugins.module_utils.node.bundle import Bundle


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    """-> (port, PEM of its certificate, which is for api.internal only, requested paths)"""
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            asked.append(self.path)
            self.send_response(200)
            self.end_headers()
            self.wfile.write(b"{}")

        def log_message(self, *_args):
            pass

    asked, tmp_path = [], tmp_path_factory.mktemp("tls")
    subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", str(tmp_path / "key"), "-out", str(tmp_path / "crt"), "-days", "1",
                    "-subj", "/CN=api", "-addext", "subjectAltName=DNS:api.internal"], check=True, capture_output=True)
    listening = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(tmp_path / "crt", tmp_path / "key")
    listening.socket = context.wrap_socket(listening.socket, server_side=True)
    threading.Thread(target=listening.serve_forever, args=(0.02,), daemon=True).start()
    yield listening.server_port, (tmp_path / "crt").read_text(), asked
    listening.shutdown()
    listening.server_close()


@pytest.mark.parametrize("rules, step", [
    ({}, "connect"),
    ({"server_name": "api.internal"}, "answer"),
    ({"server_name": "other.internal"}, "connect"),
    ({"insecure": True}, "answer"),
    ({"insecure": True, "ca_pem": None}, "answer"),
    ({"server_name": "api.internal", "ca_pem": None}, "connect"),
])
def test_the_certificate_is_held_against_the_kubeconfigs_rules(server, rules, step):
    port, certificate, _asked = server
    seen = endpoint.request("127.0.0.1", port, "/version", dict({"ca_pem": certificate}, **rules))
    assert seen["step"] == step, seen
    assert seen["status"] == (200 if step == "answer" else None)


class Answering(Bundle):
    """A node that has a kubeconfig and nothing else, and really asks."""

    def ask(self, _name, function, *args, **options):
        return function(*args, **options)


def test_a_server_behind_a_path_and_another_name_is_asked_there(server):
    port, _certificate, asked = server
    cluster = {"server": "https://127.0.0.1:%d/k8s/clusters/c-1/" % port, "tls-server-name": "x", "insecure-skip-tls-verify": True}
    kubeconfig = {"clusters": [{"name": "c", "cluster": cluster}], "contexts": [{"name": "k", "context": {"cluster": "c"}}], "current-context": "k"}
    node = Answering("w1", 1795467624.0, {"files" + kubelet_setup._KUBECONFIG: json.dumps(kubeconfig), "paths.json": "{}"})
    result = api_path.check(node, 3600)
    assert asked[-1] == "/k8s/clusters/c-1/version" and result["facts"]["status"] == 200


@pytest.mark.parametrize("url, parts", [
    ("https://10.0.0.1:6443", ("10.0.0.1", 6443, "")),
    ("https://api.example.com", ("api.example.com", 443, "")),
    ("https://[fd00::1]:6443/", ("fd00::1", 6443, "")),
    ("https://rancher.example.com/k8s/clusters/c-m-1", ("rancher.example.com", 443, "/k8s/clusters/c-m-1")),
    ("http://10.0.0.1", None),
    (None, None),
])
def test_a_servers_url_is_taken_apart(url, parts):
    assert api_path._server(url) == parts
