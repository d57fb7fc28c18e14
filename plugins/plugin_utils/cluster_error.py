# Copyright: kubetriage.node contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What can go wrong on the way to the API server, in one sentence for the user: what it is, and what to do."""

import re
from urllib.parse import urlsplit

_LIMIT = 300


class ClusterError(Exception):
    """The cluster cannot be asked at all; the text is the sentence."""


class NoAnswer(ClusterError):
    """Nobody answers as an API server, or not in time, or only with errors of its own."""


class ReadFailed(Exception):
    """The API server answered, but not with what was asked. `status` is the HTTP status, 0 where the deadline had passed."""

    def __init__(self, why, status):
        super().__init__(why)
        self.status = status


def no_answer(error, server, source, timeouts):
    """Exception of urllib3, ssl or the system -> sentence.

    `source`: where the credentials are from; `timeouts`: (connect, read) in seconds.
    """
    import urllib3.exceptions as failed

    text, where = flat(error), f"the API server {server}"
    if isinstance(error, failed.ProxyError):
        return f"the proxy on the way to {where} failed ({_reason(text)}); correct proxy: or no_proxy:, or unset HTTPS_PROXY"
    if isinstance(error, failed.SSLError):
        return _no_tls(text, where, source)
    if isinstance(error, OSError) and error.filename:
        return f"{error.filename}, named by {source}, cannot be read: {error.strerror}; correct the path or its permissions"
    if re.search(r"Failed to resolve|getaddrinfo|[Nn]ame or service not known|name resolution|nodename nor servname", text):
        return (f"the name {urlsplit(server).hostname} of {where} cannot be resolved on this machine; correct it in {source}, "
                "or this machine's DNS")
    if "refused" in text:
        return (f"{where} refused the connection: nothing listens there; start kube-apiserver or its load balancer, "
                f"or correct the address in {source}")
    if "No route to host" in text or "unreachable" in text:
        return (f"there is no way from this machine to {where} ({_reason(text)}): host or link down, or a route or VPN missing; "
                f"bring it up, or correct the address in {source}")
    if isinstance(error, failed.ReadTimeoutError):
        return (f"{where} took the connection, but gave no answer within {timeouts[1]:g} s; look at its load and its etcd, "
                "or raise timeout:")
    if isinstance(error, failed.ConnectTimeoutError):
        return (f"{where} did not answer within {timeouts[0]:g} s: host down, or a firewall on the way from this machine; "
                f"try curl -k {server}/livez here, or correct the address in {source}")
    return f"{where} does not answer as one does ({_reason(text)}); correct the address or the proxy in {source}"


def _no_tls(text, where, source):
    if re.search(r"wrong.version.number|record layer|packet length too long|http request", text, re.IGNORECASE):
        return f"{where} does not speak TLS; correct the scheme or the port in {source}"
    if re.search(r"PEM lib|KEY_VALUES_MISMATCH|no start line", text, re.IGNORECASE):
        return f"the client certificate or key of {source} is damaged, or they do not belong together; get new ones"
    if "NO_CERTIFICATE_OR_CRL_FOUND" in text:
        return f"the CA file of {source} holds no certificate; name the cluster's CA with ca_cert: or K8S_AUTH_SSL_CA_CERT"
    if re.search(r"alert|handshake failure|EOF occurred", text, re.IGNORECASE):
        return (f"{where} broke off the TLS handshake ({_reason(text)}); check the client certificate of {source}, "
                "and what stands in between")
    return (f"the certificate of {where} is not trusted ({_reason(text)}); name the cluster's CA with ca_cert: or K8S_AUTH_SSL_CA_CERT, "
            f"or correct the host name in {source}")


def refusal(status, content):
    """HTTP status and the Status object of a refused read -> why: "forbidden: User ... cannot list resource ..."."""
    message = content.get("message") if isinstance(content, dict) else None
    if not isinstance(message, str):
        return f"the answer is no Kubernetes object (HTTP {status})"
    message = flat(message)
    if status == 403:
        return "forbidden: " + re.sub(r'^\S+(?: "[^"]*")? is forbidden: ', "", message)
    return f"HTTP {status}: {message}"


def flat(error):
    """An error or text as one line of at most 300 characters, without the names of urllib3's objects in front."""
    text = re.sub(r"<[\w.]+ object at 0x[0-9a-f]+>: |\w+\(host='[^']*', port=\d+\): ", "", str(error))
    text = " ".join(re.sub(r"[\x00-\x1f\x7f-\x9f]", " ", text).split()) or type(error).__name__
    return text if len(text) <= _LIMIT else text[:_LIMIT - 4] + " ..."


def _reason(text):
    """The part of an error's text that says why: of ssl, else of the system, else all of it."""
    for pattern in (r"certificate verify failed: ([^(\"]+)", r"(hostname '.*?' doesn't match.*)", r"\[SSL: ([A-Z0-9_]+)\]",
                    r"\[Errno -?\d+\] ([^\"')]+)"):
        found = re.search(pattern, text)
        if found:
            return found.group(1).strip()
    return text.strip("()")
