# Copyright: kubetriage.node contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""One HTTP(S) request taken apart into its steps, so that the one that fails has a name: resolve, connect, TLS, answer."""

import os
import re
import socket
import time

from ..parse import timestamp
from . import TimedOut
from .child import in_child


def _resolve(host, timeout):
    """Host -> [address]. In a child: getaddrinfo has no deadline of its own, and a dead resolver takes many seconds."""
    if re.match(r"[0-9.]+$|.*:", host):
        return [host]

    def look():
        try:
            return sorted(set(each[4][0] for each in socket.getaddrinfo(host, None, 0, socket.SOCK_STREAM)))
        except socket.gaierror as error:
            return str(error)
    found = in_child("resolving %s" % host, look, timeout)
    if not isinstance(found, list):
        raise socket.gaierror(found)
    return found


def _connect(addresses, port, deadline):
    for number, address in enumerate(addresses):
        share = max(deadline - time.monotonic(), 0.1) / (len(addresses) - number)
        connection = None
        try:
            connection = socket.socket(socket.AF_INET6 if ":" in address else socket.AF_INET, socket.SOCK_STREAM)
            connection.settimeout(share)
            connection.connect((address.encode(), port))  # bytes: text would load the IDNA tables, 6 ms for an address
            return address, connection
        except OSError as error:  # a kernel without IPv6 makes no such socket
            if connection is not None:
                connection.close()
            last = error
    raise last


def _reason(error):
    if isinstance(error, socket.timeout):
        return "timed out"
    return (os.strerror(error.errno).lower() if error.errno and not getattr(error, "reason", None) else str(error))


def _answer(connection, request, deadline):
    connection.sendall(request)
    data = b""
    while len(data) < 65536:
        connection.settimeout(max(deadline - time.monotonic(), 0.01))
        try:
            part = connection.recv(65536)
        except OSError:
            if not data:
                raise
            part = b""  # the end of an answer without the end of TLS, which Pythons before 3.8 take for an error
        if not part:
            break
        data += part
    return data.decode("utf-8", "replace")


def _offset(head, now):
    """The Date header (RFC 9110 5.6.7) minus `now`, in whole seconds; None without one. The header is cut to the second: add half of one."""
    date = re.search(r"(?im)^date: \w+, (\d+) (\w{3}) (\d+) (\d+):(\d+):(\d+) GMT", head)
    if not date:
        return None
    day, month, year, hour, minute, second = date.groups()
    month = "JanFebMarAprMayJunJulAugSepOctNovDec".find(month) // 3 + 1
    return int(round(timestamp.utc(int(year), month, int(day), int(hour), int(minute), int(second)) + 0.5 - now))


def request(host, port, path, tls=None, timeout=4.0):
    """GET `path` -> {"step": the last one that worked or None, "addresses", "address", "error", "errno", "status", "offset_s", "body"}.

    `tls` is None for plain HTTP, else {"ca", "cert", "key"}: paths on the node or None, "ca_pem": text or None, "server_name": what the certificate
    must be for if not `host`, "insecure": it may be any. `offset_s` is the server's
    Date minus this clock, in whole seconds, the server's resolution. An error is a result. Raises Unavailable where the node has no
    process left to resolve a name in: that is no word about the name.
    """
    deadline = time.monotonic() + timeout
    seen = {"step": None, "addresses": [], "address": None, "error": None, "errno": None, "status": None, "offset_s": None, "body": ""}
    connection = None
    try:
        seen["addresses"] = _resolve(host, timeout / 2)
        seen["step"] = "resolve"
        seen["address"], connection = _connect(seen["addresses"], port, deadline)
        seen["step"] = "connect"
        if tls is not None:
            import ssl  # 10 ms that a node with a plain request need not pay
            context = ssl.create_default_context(cafile=tls.get("ca"), cadata=tls.get("ca_pem"))
            context.verify_flags &= ~ssl.VERIFY_X509_STRICT  # on by default since Python 3.13; the kubelet's own client has no such rule
            if tls.get("insecure"):
                context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
            if tls.get("cert"):
                context.load_cert_chain(tls["cert"], tls.get("key") or tls["cert"])
            connection.settimeout(max(deadline - time.monotonic(), 0.1))
            connection = context.wrap_socket(connection, server_hostname=(tls.get("server_name") or host).encode())
        seen["step"] = "tls"
        text = _answer(connection, ("GET %s HTTP/1.1\r\nHost: %s:%s\r\nAccept: application/json\r\nUser-Agent: kubetriage\r\nConnection: close\r\n\r\n"
                                    % (path, host, port)).encode(), deadline)
        head, _blank, body = text.partition("\r\n\r\n")
        seen["status"] = int(head.split(None, 2)[1])
        seen["step"] = "answer"
        seen["body"] = body[:2000]
        seen["offset_s"] = _offset(head, time.time())
    except TimedOut as gap:
        seen["error"] = gap.why
    except (OSError, ValueError, IndexError) as error:
        seen["error"] = _reason(error) if isinstance(error, OSError) else "not an HTTP answer"
        seen["errno"] = getattr(error, "errno", None)
    finally:
        if connection is not None:
            connection.close()
    return seen
