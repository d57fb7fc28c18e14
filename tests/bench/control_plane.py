# Copyright: kubetriage.node contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A control plane without nodes: etcd and kube-apiserver on free loopback ports, with as many objects as wanted.

An object is made once through the API, as its author would make it. Its bytes, as the API server stored them, are then copied in etcd under
other names of the same length: 150,000 pods through the API would take ten minutes, copies take one minute, and what is served is the same.
"""

import base64
import json
import os
import pathlib
import shutil
import signal
import socket
import subprocess
import tempfile
import time
import uuid
from concurrent.futures import ThreadPoolExecutor

import urllib3

TOKEN = "bench"
_PUTS = 200  # in one transaction
_BYTES = 32 << 20


class ControlPlane:
    """`binaries`: directory with etcd and kube-apiserver. `url` and `ca` say where it is; TOKEN is its administrator."""

    def __init__(self, binaries):
        self._binaries, self._started = pathlib.Path(binaries), []
        self._home = pathlib.Path(tempfile.mkdtemp(prefix="kubetriage-bench-"))
        etcd, peers, api = _free_ports(3)
        self._etcd, self.url, self.ca = "http://127.0.0.1:%d" % etcd, "https://127.0.0.1:%d" % api, self._home / "certs" / "apiserver.crt"
        self._peers, self._pool = "http://127.0.0.1:%d" % peers, urllib3.PoolManager(cert_reqs="CERT_NONE", maxsize=8)
        urllib3.disable_warnings(urllib3.exceptions.InsecureRequestWarning)

    def __enter__(self):
        try:
            self._start()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_error):
        for process in reversed(self._started):
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
        shutil.rmtree(self._home, ignore_errors=True)

    def create(self, collection, item, status=None, author="kubectl"):
        """POST an object, and its status as a kubelet would -> the object."""
        item = self._ask("POST", collection, item, author)
        if status:
            item = self._ask("PATCH", "%s/%s/status" % (collection, item["metadata"]["name"]), {"status": status}, "kubelet")
        return item

    def multiply(self, key, collection, item, changes, **how):
        """Make an object, write it once for each of `changes`, and take the first away.

        `key`: its own in etcd; a change is {text in it: other text of the same length}, and a uid comes by itself.
        """
        uid = self.create(collection, item, **how)["metadata"]["uid"]
        template = base64.b64decode(self._etcd_call("range", {"key": _base64(key)})["kvs"][0]["value"])

        def put(batch):
            operations = []
            for change in batch:
                name, value = key, template.replace(uid.encode(), str(uuid.uuid4()).encode())
                for old, new in change.items():
                    assert len(old) == len(new), (old, new)
                    name, value = name.replace(old, new), value.replace(old.encode(), new.encode())
                operations.append({"requestPut": {"key": _base64(name), "value": base64.b64encode(value).decode()}})
            self._etcd_call("txn", {"success": operations})

        changes = list(changes)
        with ThreadPoolExecutor(4) as pool:
            list(pool.map(put, (changes[start:start + _PUTS] for start in range(0, len(changes), _PUTS))))
        self._etcd_call("deleterange", {"key": _base64(key)})

    def settle(self, collection="/api/v1/pods"):
        """Wait until the API server's watch cache holds what etcd holds."""
        version = self._ask("GET", collection + "?limit=1")["metadata"]["resourceVersion"]
        end = time.monotonic() + 120
        while True:
            try:  # asks for nothing, but not before the cache is that new; the server waits 3 s at most
                return self._ask("GET", collection + "?fieldSelector=metadata.name%3Dnone&resourceVersion=" + version)
            except RuntimeError:
                if time.monotonic() > end:
                    raise

    def memory(self):
        """-> {program: resident MB}."""
        statm = {process.args[0]: pathlib.Path("/proc", str(process.pid), "statm").read_text().split() for process in self._started}
        return {pathlib.Path(program).name: int(pages[1]) * os.sysconf("SC_PAGE_SIZE") >> 20 for program, pages in statm.items()}

    def _start(self):
        home = self._home
        subprocess.run(["openssl", "genrsa", "-out", str(home / "sa.key"), "2048"], check=True, stderr=subprocess.DEVNULL)
        (home / "tokens").write_text("%s,bench,bench,system:masters\n" % TOKEN)
        self._daemon("etcd", "--data-dir", home / "etcd", "--unsafe-no-fsync", "--listen-client-urls", self._etcd,
                     "--advertise-client-urls", self._etcd, "--listen-peer-urls", self._peers, "--quota-backend-bytes", 8 << 30,
                     "--max-txn-ops", _PUTS, "--max-request-bytes", _BYTES)
        self._daemon("kube-apiserver", "--etcd-servers", self._etcd, "--bind-address", "127.0.0.1", "--advertise-address", "127.0.0.1",
                     "--secure-port", self.url.rsplit(":", 1)[1], "--cert-dir", home / "certs", "--token-auth-file", home / "tokens",
                     "--authorization-mode", "RBAC", "--disable-admission-plugins", "ServiceAccount",
                     "--service-account-issuer", "https://kubernetes.default.svc", "--service-account-key-file", home / "sa.key",
                     "--service-account-signing-key-file", home / "sa.key", "--service-cluster-ip-range", "10.96.0.0/16")
        end = time.monotonic() + 60
        while True:
            try:
                return self._ask("GET", "/readyz", text=True)
            except (RuntimeError, urllib3.exceptions.HTTPError):
                if time.monotonic() > end:
                    raise RuntimeError("the API server does not get ready: " + (home / "kube-apiserver.log").read_text()[-1000:]) from None
                time.sleep(0.2)

    def _daemon(self, name, *arguments):
        with open(self._home / (name + ".log"), "wb") as log:
            self._started.append(subprocess.Popen([str(self._binaries / name), *map(str, arguments)], stdin=subprocess.DEVNULL,
                                                  stdout=log, stderr=log, start_new_session=True))

    def _ask(self, method, path, item=None, author="bench", text=False):
        kind = "application/merge-patch+json" if method == "PATCH" else "application/json"
        answer = self._pool.request(method, self.url + path, body=json.dumps(item) if item else None, retries=False, timeout=60,
                                    headers={"Authorization": "Bearer " + TOKEN, "Content-Type": kind, "User-Agent": author})
        if answer.status >= 300:
            raise RuntimeError("%s %s: %s" % (method, path, answer.data.decode()[:500]))
        return answer.data.decode() if text else json.loads(answer.data)

    def _etcd_call(self, call, content):
        answer = self._pool.request("POST", "%s/v3/kv/%s" % (self._etcd, call), body=json.dumps(content), retries=False, timeout=60)
        if answer.status != 200:
            raise RuntimeError("etcd %s: %s" % (call, answer.data.decode()[:500]))
        return json.loads(answer.data)


def _free_ports(count):
    sockets = [socket.create_server(("127.0.0.1", 0)) for _number in range(count)]
    ports = [each.getsockname()[1] for each in sockets]
    for each in sockets:
        each.close()
    return ports


def _base64(text):
    return base64.b64encode(text.encode()).decode()
