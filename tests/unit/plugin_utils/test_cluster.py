# Copyright: kubetriage.node contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""From options and environment to one GET; every way to fail is one sentence without a secret."""

import base64
import os
import pathlib
import socket
import ssl
import sys
import tempfile

import pytest
import urllib3.exceptions as failed
from ansible_collections.kubetriage.node.plugins.plugin_utils import cluster
from ansible_collections.kubetriage.node.plugins.plugin_utils.cluster_error import ClusterError, ReadFailed, no_answer, refusal

sys.path.insert(0, str(pathlib.Path(__file__).parent))
from fake_api import serve  # noqa: E402

SECRET = "s3cret-t0ken"


def kubeconfig(server, user, **cluster_):
    return {
        "apiVersion": "v1",
        "kind": "Config",
        "current-context": "lab",
        "clusters": [{"name": "lab", "cluster": dict(cluster_, server=server)}],
        "contexts": [{"name": "lab", "context": {"cluster": "lab", "user": "me"}}],
        "users": [{"name": "me", "user": user}],
    }


def sentence(options, environ=None, ask=True):
    with pytest.raises(ClusterError) as caught:
        with cluster.connect(options, environ or {}, 0.3) as api:
            if ask:
                api.get("/api/v1/nodes")
    text = str(caught.value)
    assert SECRET not in text
    assert "\n" not in text and len(text) < 500
    return text


@pytest.fixture
def home(tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path))
    return tmp_path


@pytest.mark.parametrize(
    "options, environ, expected",
    [
        ({}, {}, {}),
        ({"host": "https://a"}, {"K8S_AUTH_HOST": "https://b"}, {"host": "https://a"}),
        ({"host": None}, {"K8S_AUTH_HOST": "https://b"}, {"host": "https://b"}),
        ({}, {"K8S_AUTH_VERIFY_SSL": "no"}, {"validate_certs": False}),
        ({}, {"K8S_AUTH_VALIDATE_CERTS": "true", "K8S_AUTH_VERIFY_SSL": "no"}, {"validate_certs": True}),
        (
            {},
            {"K8S_AUTH_SSL_CA_CERT": "/ca", "K8S_AUTH_CERT_FILE": "/c", "K8S_AUTH_KEY_FILE": "/k"},
            {"ca_cert": "/ca", "client_cert": "/c", "client_key": "/k"},
        ),
        ({"impersonate_groups": []}, {"K8S_AUTH_IMPERSONATE_GROUPS": "a, b,"}, {}),
        ({}, {"K8S_AUTH_IMPERSONATE_GROUPS": "a, b,", "K8S_AUTH_API_KEY": ""}, {"impersonate_groups": ["a", "b"]}),
    ],
)
def test_settings(options, environ, expected):
    assert cluster.settings(options, environ) == expected


def test_without_a_cluster_the_client_is_not_imported(home, monkeypatch):
    monkeypatch.setitem(sys.modules, "kubernetes", None)
    with pytest.raises(ClusterError, match="no cluster is configured: ~/.kube/config does not exist"):
        cluster.connect({}, {})


def test_without_the_client(home, monkeypatch):
    monkeypatch.setitem(sys.modules, "kubernetes", None)
    monkeypatch.setitem(sys.modules, "kubernetes.client", None)
    text = sentence({"host": "https://127.0.0.1:1", "api_key": SECRET})
    assert text.startswith("the Python package kubernetes is missing for") and "-m pip install kubernetes" in text


@pytest.mark.parametrize(
    "content, told",
    [
        (None, "does not exist"),
        ("", "empty"),
        (f"users: [\n  token: {SECRET}\n", "line 3 is no YAML"),
        (SECRET, "it is no kubeconfig"),
        ("[1, 2]", "it is no kubeconfig"),
        ("current-context: lab\n", "cannot be used"),
        ("\x00\x01", "no kubeconfig"),
    ],
)
def test_a_bad_kubeconfig(home, content, told):
    path = home / "config"
    if content is not None:
        path.write_text(content)
    text = sentence({"kubeconfig": str(path)})
    assert f"kubeconfig {path} " in text and told in text


def test_a_kubeconfig_that_may_not_be_read(home):
    assert f"kubeconfig {home} cannot be read: Is a directory" in sentence({"kubeconfig": str(home)})


def test_the_default_files(home):
    assert "KUBECONFIG names /nowhere/x, which does not exist" in sentence({}, {"KUBECONFIG": "/nowhere/x"})
    (home / ".kube").mkdir()
    (home / ".kube" / "config").write_text("")
    assert f"kubeconfig {home}/.kube/config cannot be used" in sentence({}, {})
    assert "no cluster" not in sentence({}, {"KUBECONFIG": f"/nowhere/x:{home}/.kube/config"})


def test_bad_contents():
    assert "it has no context prod" in sentence({"kubeconfig": kubeconfig("https://127.0.0.1:1", {"token": SECRET}), "context": "prod"})
    broken = kubeconfig("https://127.0.0.1:1", {"client-certificate-data": "%%%", "client-key-data": SECRET})
    assert "the option kubeconfig cannot be used" in sentence({"kubeconfig": broken})
    assert "no address of an API server; write it as https://HOST:6443" in sentence({"host": "127.0.0.1:6443", "api_key": SECRET})
    assert "/nowhere/ca, the CA certificate of the task's options, does not exist" in sentence(
        {"host": "https://127.0.0.1:1", "api_key": SECRET, "ca_cert": "/nowhere/ca"}
    )


def test_a_host_without_credentials(home):
    assert "there are no credentials for https://127.0.0.1:1; set api_key:" in sentence({"host": "https://u:p@127.0.0.1:1"})


def test_a_credential_plugin_that_fails(capfd):
    plugin = {"exec": {"apiVersion": "client.authentication.k8s.io/v1", "command": "no-such-plugin", "interactiveMode": "Never"}}
    text = sentence({"kubeconfig": kubeconfig("https://127.0.0.1:1", plugin)})
    assert "gives no credentials" in text and "no-such-plugin" in text and "run its exec command by hand" in text
    assert capfd.readouterr() == ("", "")


def test_a_credential_plugin_that_hangs(monkeypatch):
    monkeypatch.setattr(cluster, "CREDENTIALS_S", 0.2)
    plugin = {"exec": {"apiVersion": "client.authentication.k8s.io/v1", "command": "sleep", "args": ["2"], "interactiveMode": "Never"}}
    assert "gave no credentials within 0.2 s" in sentence({"kubeconfig": kubeconfig("https://127.0.0.1:1", plugin)})


def test_keys_of_a_kubeconfig_do_not_stay_on_the_disk(tmp_path, monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    data = base64.b64encode(SECRET.encode()).decode()
    user = {"client-certificate-data": data, "client-key-data": data}
    with cluster.connect({"kubeconfig": kubeconfig("https://127.0.0.1:1", user)}, {}):
        assert len(os.listdir(tmp_path)) > 0
    assert os.listdir(tmp_path) == []
    sentence({"kubeconfig": kubeconfig("https://127.0.0.1:1", user), "ca_cert": "/nowhere"})
    assert os.listdir(tmp_path) == []


@pytest.mark.parametrize("token, told", [("s3cret\n", None), ("s3\ncret", "holds a character that may not stand there")])
def test_a_token_with_a_line_break_is_not_quoted(token, told):
    with serve(lambda _path, headers: (200, {"said": headers["Authorization"]})) as server:
        with cluster.connect({"host": server, "api_key": token}, {}, 2) as api:
            if told is None:
                assert api.get("/version") == {"said": "Bearer s3cret"}
                return
            with pytest.raises(cluster.ClusterError, match=told) as raised:
                api.get("/version")
    assert "cret" not in str(raised.value)


def test_a_get_carries_the_credentials():
    seen = []

    def answer(path, headers):
        seen.append((path, headers["Authorization"], headers["Accept"], headers["Impersonate-User"], headers.get_all("Impersonate-Group")))
        return 200, {"kind": "NodeList"}

    with serve(answer) as server:
        with cluster.connect(
            {"host": server + "/", "api_key": SECRET, "impersonate_user": "bob", "impersonate_groups": ["a", "b"]}, {}
        ) as api:
            assert api.get("/api/v1/nodes", [("fieldSelector", "a=b,c=d"), ("limit", 5)], "x/y") == {"kind": "NodeList"}
        token = kubeconfig(server, {"token": "of-the-file"})
        with cluster.connect({"kubeconfig": token}, {}) as api:
            api.get("/a")
        with cluster.connect({"kubeconfig": token, "api_key": SECRET}, {}) as api:
            api.get("/b")
        with cluster.connect({"username": "u", "password": "p"}, {"K8S_AUTH_HOST": server}) as api:
            api.get("/c")
    assert seen == [
        ("/api/v1/nodes?fieldSelector=a%3Db%2Cc%3Dd&limit=5", f"Bearer {SECRET}", "x/y", "bob", ["a", "b"]),
        ("/a", "Bearer of-the-file", "application/json", None, None),
        ("/b", f"Bearer {SECRET}", "application/json", None, None),
        ("/c", "Basic dTpw", "application/json", None, None),
    ]


def test_answers_that_are_none():
    answers = {
        "/forbidden": (
            403,
            {"kind": "Status", "message": 'pods is forbidden: User "bob" cannot list resource "pods" in API group "" at the cluster scope'},
        ),
        "/one": (
            403,
            {
                "kind": "Status",
                "message": 'nodes "w1" is forbidden: User "bob" cannot get resource "nodes" in API group "" at the cluster scope',
            },
        ),
        "/etcd": (500, {"kind": "Status", "message": "etcdserver: request timed out\x1b[2J"}),
        "/login": (200, "<html>log in</html>"),
        "/list": (200, ["x"]),
        "/moved": (302, ""),
    }
    with serve(lambda path, _headers: answers[path]) as server:
        with cluster.connect({"host": server, "api_key": SECRET}, {}) as api:
            told = {}
            for path in answers:
                with pytest.raises(ReadFailed) as caught:
                    api.get(path)
                told[path] = (caught.value.status, str(caught.value))
    assert told == {
        "/forbidden": (403, 'forbidden: User "bob" cannot list resource "pods" in API group "" at the cluster scope'),
        "/one": (403, 'forbidden: User "bob" cannot get resource "nodes" in API group "" at the cluster scope'),
        "/etcd": (500, "HTTP 500: etcdserver: request timed out [2J"),
        "/login": (200, "the answer is no Kubernetes object (HTTP 200)"),
        "/list": (200, "the answer is no Kubernetes object (HTTP 200)"),
        "/moved": (302, "the answer is no Kubernetes object (HTTP 302)"),
    }


def test_no_answer_is_a_sentence():
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        address = "127.0.0.1:%d" % closed.getsockname()[1]
        assert sentence({"host": f"https://u:{SECRET}@{address}", "api_key": SECRET}) == (
            f"the API server https://{address} refused the connection: nothing listens there; start kube-apiserver or its load balancer, "
            "or correct the address in the task's options"
        )
    with serve(lambda _path, _headers: (200, None)) as server:
        assert "took the connection, but gave no answer within 0.3 s" in sentence({"host": server, "api_key": SECRET})
        assert "does not speak TLS" in sentence({"host": server.replace("http:", "https:"), "api_key": SECRET})
    with serve(lambda _path, _headers: (401, {"kind": "Status", "message": "Unauthorized"})) as server:
        assert "does not accept the credentials of the K8S_AUTH_* variables (401)" in sentence(
            {}, {"K8S_AUTH_HOST": server, "K8S_AUTH_API_KEY": SECRET}
        )
    with serve(lambda _path, _headers: (400, "Client sent an HTTP request to an HTTPS server.\n")) as server:
        assert f"{server} wants TLS; write https:// in the task's options" in sentence({"host": server, "api_key": SECRET})
    assert "the name no.such.invalid of the API server" in sentence({"host": "https://no.such.invalid:6443", "api_key": SECRET})


@pytest.mark.parametrize(
    "error, told",
    [
        (
            failed.ConnectTimeoutError(None, "Connection to 10.0.0.1 timed out. (connect timeout=5)"),
            "did not answer within 5 s: host down, or a firewall",
        ),
        (
            failed.NewConnectionError(None, "Failed to establish a new connection: [Errno 113] No route to host"),
            "no way from this machine to the API server",
        ),
        (
            failed.NewConnectionError(None, "Failed to establish a new connection: [Errno 101] Network is unreachable"),
            "(Network is unreachable)",
        ),
        (
            failed.SSLError(
                ssl.SSLCertVerificationError(
                    1, "[SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed: certificate has expired (_ssl.c:992)"
                )
            ),
            "is not trusted (certificate has expired); name the cluster's CA",
        ),
        (
            failed.SSLError(ssl.SSLError(1, "[SSL: TLSV1_ALERT_UNKNOWN_CA] tlsv1 alert unknown ca (_ssl.c:2580)")),
            "broke off the TLS handshake (TLSV1_ALERT_UNKNOWN_CA)",
        ),
        (
            failed.SSLError(ssl.SSLError(116, "[X509: KEY_VALUES_MISMATCH] key values mismatch (_ssl.c:4067)")),
            "they do not belong together",
        ),
        (failed.ProxyError("Unable to connect to proxy", OSError(111, "Connection refused")), "the proxy on the way to the API server"),
        (failed.ProtocolError("Connection aborted.", ConnectionResetError(104, "Connection reset by peer")), "does not answer as one does"),
        (FileNotFoundError(2, "No such file or directory", "/nowhere/crt"), "/nowhere/crt, named by kubeconfig /k, cannot be read"),
    ],
)
def test_errors_of_the_network(error, told):
    text = no_answer(error, "https://10.0.0.1:6443", "kubeconfig /k", (5.0, 10.0))
    assert told in text


def test_a_refusal_stays_one_line():
    assert refusal(422, {"message": "a\nb"}) == "HTTP 422: a b"
    assert refusal(503, None) == "the answer is no Kubernetes object (HTTP 503)"
