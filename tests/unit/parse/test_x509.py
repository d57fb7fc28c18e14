# Copyright: kubetriage.node contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.kubetriage.node.plugins.module_utils.parse import timestamp, x509

# Made for these tests with openssl 3.0; their key is thrown away.
CLIENT = """\
-----BEGIN CERTIFICATE-----
MIIBzDCCAXOgAwIBAgIUarLum1NT1AJPquqP2XErF+7I7tkwCgYIKoZIzj0EAwIw
PDEVMBMGA1UECgwMc3lzdGVtOm5vZGVzMSMwIQYDVQQDDBpzeXN0ZW06bm9kZTpu
b2RlLXdvcmtlci0wMjAeFw0yNjExMjMyMTA4NDhaFw0yNzExMjMyMTA4NDhaMDwx
FTATBgNVBAoMDHN5c3RlbTpub2RlczEjMCEGA1UEAwwac3lzdGVtOm5vZGU6bm9k
ZS13b3JrZXItMDIwWTATBgcqhkjOPQIBBggqhkjOPQMBBwNCAARSRfN2l7Rp20Vb
bHHhQp0/5rJ3BwADhPbKgXbIqTQskVqoyoDcES0McJIQM+15S6j4P1qxj16VSBHt
/Sw+Ytp5o1MwUTAdBgNVHQ4EFgQUFHQfgr7VUCL1zYVxoAJHADSMq/MwHwYDVR0j
BBgwFoAUFHQfgr7VUCL1zYVxoAJHADSMq/MwDwYDVR0TAQH/BAUwAwEB/zAKBggq
hkjOPQQDAgNHADBEAiAJiJFnu+PREMz1evCz4y0CLJQvs3kb8eMYqqY7pWCbtwIg
daHtvrPcFid1sse8FseCdmF+Cr4jtH91uMMcA1srwvE=
-----END CERTIFICATE-----
"""
CA = """\
-----BEGIN CERTIFICATE-----
MIIB2DCCAX+gAwIBAgIUOul8cmeve9VEimr0QrS83sA69JEwCgYIKoZIzj0EAwIw
QTELMAkGA1UEBhMCU0UxETAPBgNVBAoMCEV4w6RtcGxlMQowCAYDVQQLDAFhMRMw
EQYDVQQDDAprdWJlcm5ldGVzMCAXDTI2MTEyMzIxMDg0OFoYDzIwODEwODI2MjEw
ODQ4WjBBMQswCQYDVQQGEwJTRTERMA8GA1UECgwIRXjDpG1wbGUxCjAIBgNVBAsM
AWExEzARBgNVBAMMCmt1YmVybmV0ZXMwWTATBgcqhkjOPQIBBggqhkjOPQMBBwNC
AARSRfN2l7Rp20VbbHHhQp0/5rJ3BwADhPbKgXbIqTQskVqoyoDcES0McJIQM+15
S6j4P1qxj16VSBHt/Sw+Ytp5o1MwUTAdBgNVHQ4EFgQUFHQfgr7VUCL1zYVxoAJH
ADSMq/MwHwYDVR0jBBgwFoAUFHQfgr7VUCL1zYVxoAJHADSMq/MwDwYDVR0TAQH/
BAUwAwEB/zAKBggqhkjOPQQDAgNHADBEAiA3hlKjiYTiDRgu43kgDYOgqwSpl7mC
Tnol9FSH7RI6uQIgEVEhVBskjTJaLGh943KHX6VzS0Yi4prgH7mlGQI2kfA=
-----END CERTIFICATE-----
"""
KEY = "-----BEGIN EC PRIVATE KEY-----\nbm90IGEga2V5\n-----END EC PRIVATE KEY-----\n"
BEGIN = timestamp.utc(2026, 11, 23, 21, 8, 48)
NAME = {"CN": "system:node:node-worker-02", "O": ["system:nodes"]}


def test_client():
    assert x509.certificate(CLIENT) == {"subject": NAME, "issuer": NAME, "not_before": BEGIN, "not_after": BEGIN + 365 * 86400,
                                        "serial": "6ab2ee9b5353d4024faaea8fd9712b17eec8eed9"}


def test_generalized_time_and_utf8():
    found = x509.certificate(CA)
    assert found["subject"] == {"C": ["SE"], "O": ["Ex\u00e4mple"], "OU": ["a"], "CN": "kubernetes"}
    assert found["not_after"] == timestamp.utc(2081, 8, 26, 21, 8, 48)


def test_a_file_with_a_key_and_a_chain():
    text = "subject=CN = x\n" + KEY + CLIENT + CA
    assert [found["subject"]["CN"] for found in x509.certificates(text)] == ["system:node:node-worker-02", "kubernetes"]
    assert x509.certificates(text.encode()) == x509.certificates(text)


def test_der():
    assert x509.certificates(base64.b64decode("".join(CLIENT.splitlines()[1:-1]))) == x509.certificates(CLIENT)


@pytest.mark.parametrize("source", ["", KEY, CLIENT[:300], CLIENT.replace("MIIBzD", "MIICzD"), "-----BEGIN CERTIFICATE-----\n????\n"
                                    "-----END CERTIFICATE-----", b"", b"0"])
def test_none(source):
    assert x509.certificate(source) is None and x509.certificates(source) == []


@given(st.binary(max_size=80) | st.tuples(st.integers(0, 460), st.binary(min_size=1, max_size=3)))
def test_any_bytes(source):
    if isinstance(source, tuple):
        at, change = source
        der = base64.b64decode("".join(CLIENT.splitlines()[1:-1]))
        source = der[:at] + change + der[at + len(change):]
    x509.certificates(source)
