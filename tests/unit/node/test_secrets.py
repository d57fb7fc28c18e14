# Copyright: kubetriage.node contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Secrets go, in whatever form they stand; what merely talks about secrets stays readable."""

import time

import pytest

from ansible_collections.kubetriage.node.plugins.module_utils.node.secrets import Redactor, redact
from planted import PLANTED

READABLE = [
    'MountVolume.SetUp failed for volume "kube-api-access-x7k2p" : failed to fetch token: serviceaccounts "default" is forbidden',
    "--authentication-token-webhook=true --authorization-mode=Webhook --token-auth-file=/etc/kubernetes/tokens.csv",
    'Unable to retrieve pull secret, the image pull may not succeed. pod="shop/web-0" secret="" err="secret \\"regcred\\" not found"',
    '"Couldn\'t get secret" secret="shop/regcred"', "secretName: app-config", "secret: app-config", "imagePullSecrets: [{name: regcred}]",
    "error: the token has expired; Unauthorized: token expired", "tokenExpirationSeconds: 3607", "expirationSeconds: 3607 audience: api",
    "Image sha256:9a1ba3ba7d2f9bd3f0a3a2b3f2ae3a1d9a1ba3ba7d2f9bd3f0a3a2b3f2ae3a1d is present",
    "/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod3f0c6f1e_8a2b_4c1d_9e0f_1a2b3c4d5e6f.slice/cri-containerd-ab12.scope",
    "pam_unix(sshd:auth): authentication failure; logname= uid=0",
    "tlsPrivateKeyFile: /var/lib/kubelet/pki/kubelet.key", "unix:///run/containerd/containerd.sock",
    'Event(v1.ObjectReference{Kind:"Node", Name:"master.17f3a4b5c6d7e8f9"})', "https://10.0.0.1:6443/api/v1/nodes?limit=500",
    "passwd: files systemd",
    "- name: DB_PASSWORD\n  valueFrom:\n    secretKeyRef:\n      key: password\n      name: db\n",
    "password=$(DB_PASSWORD)", "password: ${PASSWORD}", "token bucket rate limiter", "kernel.keys.maxkeys = 200",
    "-----BEGIN CERTIFICATE-----\nMIIBszCCARygAwIBAgIE\n-----END CERTIFICATE-----", "certificate-authority-data: LS0tLS1CRUdJTiBDRVJUSUZJQ0FURS0tLS0tCk1JSUJz",
    "error: unable to get credentials: exec plugin: invalid apiVersion", "User \"system:node:w1\" cannot get resource \"secrets\" in API group",
]


@pytest.mark.parametrize("name", sorted(PLANTED))
def test_a_secret_goes_whatever_form_it_has(name):
    text, secret = PLANTED[name]
    assert secret in text
    assert secret not in redact(text) and redact(redact(text)) == redact(text)


def test_there_are_fifty():
    assert len(PLANTED) >= 50 and len({secret for _text, secret in PLANTED.values()}) == len(PLANTED)


@pytest.mark.parametrize("text", READABLE)
def test_what_is_no_secret_stays(text):
    assert redact(text) == text


def test_the_same_secret_has_the_same_mark_and_is_counted():
    one, two = Redactor(b"a"), Redactor(b"b")
    text = one("password=hunter22 and PGPASSWORD=hunter22 and token=other-secret-9")
    first, second, third = [word.split("=")[1] for word in text.split() if "=" in word]
    assert first == second != third and one.marks == {first: 2, third: 1}
    assert two("password=hunter22") != one("password=hunter22")


def test_what_stands_under_a_key_of_an_object_goes():
    assert "hunter22" not in str(redact.data({"env": [{"name": "A", "password": "hunter22"}], "token": "hunter22", "hunter22": {}})
                                 .get("env")) and redact.data({"tokenFile": "/x"}) == {"tokenFile": "/x"}


@pytest.mark.parametrize("piece", ["curl ", "mysql ", "redis-cli ", "login ", "sshpass ", "chpasswd: list: |\n", "token=", "token={", "password: ", "pwd",
                                   "auth_", "bearer ", "eyJ" + "a" * 20 + ".", "://a", "A" * 63 + "\n", "-----END RSA PRIVATE KEY-----\n",
                                   "-----BEGIN PRIVATE KEY-----\n"])
def test_no_text_takes_more_than_a_little_longer_than_its_length(piece):
    """A pod chooses what stands in the journal, and each character of it is looked at here."""
    def seconds(length):
        text, best = (piece * (length // len(piece) + 1))[:length], 1e9
        for _round in range(3):
            began = time.process_time()
            redact(text)
            best = min(best, time.process_time() - began)
        return best

    assert seconds(48000) < max(0.05, 12 * seconds(8000))  # 6 times the length; its square would take 36


def test_of_a_line_that_is_made_to_be_slow_nothing_is_left():
    text = redact("token={" * 20000 + "\nE1123 kubelet is down")
    assert len(text) < 100000 and text.endswith("E1123 kubelet is down")


_BODY = "M" * 64


@pytest.mark.parametrize("text, secrets", [
    ("password: password: hunter22x", ["hunter22x"]), ("sshpass: passwd: password: hunter22x", ["hunter22x"]),
    ('password: password="hunter2hunter2"', ["hunter2hunter2"]), ('token=abctoken="def99def99"', ["def99def99"]),
    ("- name: API_TOKEN\n  token: S3cr3tS3cr3t9 value: foo99foo99", ["S3cr3tS3cr3t9", "foo99foo99"]),
    (_BODY + "\\n" + _BODY + "\\nQmFz\\n-----END RSA PRIVATE KEY-----", [_BODY, "QmFz"]),
    (_BODY + "\n" + _BODY + "\nQmFz\n-----END RSA PRIVATE KEY", [_BODY, "QmFz"]),
    ("mysqldump " + "--an-option " * 60 + "-phunter22x db", ["hunter22x"]), ("curl -H '" + "x" * 600 + "' -u bob:hunter22x https://a", ["hunter22x"]),
    ("bootstrap\ttoken abcdef.0123456789ghijkl", ["0123456789ghijkl"]),
])
def test_what_stands_behind_a_secret_goes_too(text, secrets):
    told = redact(text)
    assert not [secret for secret in secrets if secret in told], told
