# Copyright: kubetriage.node contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The way from this node to the API server, step by step, with the kubelet's own identity; and the clock, by the answer's Date."""

import binascii
import json
import re

from ..node import Missing, Unavailable, endpoint
from ..parse import iptables, route, x509
from ..result import Result, evidence
from . import kubelet_setup

_SKEW = 5  # seconds; the Date header has a resolution of one, and a lease is renewed every 10
_BREAKS = 60  # seconds; what is less is a clock that nobody sets, and no certificate and no lease fails by it
_DEADLINE = 4.0


def _server(url):
    """"https://10.0.0.1:6443/behind/a/proxy" -> (host, port, path without its last slash); None when it is no such URL."""
    match = re.match(r"https://(\[[0-9a-fA-F:]+\]|[^/:\s]+)(?::(\d+))?([^\s?#]*)", url or "")
    return (match.group(1).strip("[]"), int(match.group(2) or 443), match.group(3).rstrip("/")) if match else None


def _firewall(node, port, addresses):
    """Rules of this node that drop or reject whatever leaves it for the API server's port -> [rule]."""
    try:
        tables = iptables.tables(node.run("iptables-save", ["iptables-save"]).out)
    except Unavailable:
        return []
    rules, filters = [], tables.get("filter", {})
    for chain in sorted(iptables.reached(filters, ["OUTPUT"])):
        for rule in filters[chain]["rules"]:
            if re.search(r"(?:^| )(?:-s|! -d|-m owner) ", iptables.bare(rule)):  # what some may not
                continue
            if re.search(r"--dports? (?:\d+,)*%d\b" % port, rule) and re.search(r"-j (DROP|REJECT)", rule):
                destination = re.search(r"(?<!! )-d (\S+?)(?:/32)?\s", rule)
                if not destination or destination.group(1) in addresses:
                    rules.append("-A %s %s" % (chain, rule) if not rule.startswith("-A") else rule)
    return rules


def _default_route(node):
    """Is there one, of either family? True where that cannot be told."""
    try:
        return bool(route.default(node.read("/proc/net/route")) or route.default6(node.read("/proc/net/ipv6_route")))
    except Missing:  # a kernel without IPv6
        return False
    except Unavailable:
        return True


def _refusal(result, node, answer, host, port):
    """The step that failed, as a finding."""
    where = "%s:%d" % (answer["address"] or host, port)
    said = answer["error"] or "?"
    proof = evidence("connect " + where, said, node.now)
    subject = {"server": "%s:%d" % (host, port)}
    if answer["step"] is None and not answer["addresses"]:
        return result.find("api.name_unresolved", evidence("resolve " + host, said, node.now), subject=subject, basis="state")
    if answer["step"] == "resolve":
        rules = [rule for rule in _firewall(node, port, answer["addresses"]) if "refused" not in said or "-j REJECT" in rule]
        if rules:
            return result.find("api.port_dropped", [proof, evidence("iptables-save", rules[0], node.now)], subject=subject, basis="state")
        if "refused" in said:
            return result.find("api.refused", proof, subject=subject, basis="state")
        if "route" in said or "unreachable" in said:
            if not _default_route(node):
                result.find("net.no_default_route", evidence("/proc/net/route", "no default route", node.now), basis="state")
            return result.find("api.no_route", proof, subject=subject, basis="state")
        return result.find("api.timeout", proof, subject=subject, basis="state")
    if "unknown authority" in said or "self" in said and "signed" in said or "unable to get local issuer" in said:
        return result.find("cert.unknown_authority", evidence("TLS " + where, said, node.now), subject=subject, basis="state")
    return result.find("api.tls_failed" if answer["step"] == "connect" else "api.timeout", evidence("TLS " + where, said, node.now),
                       subject=subject, basis="state")


def _identity(node, client):
    """Node name in the client certificate (CN system:node:NAME), or None."""
    if not client["cert"]:
        return None
    try:
        certificate = x509.certificate(node.read(client["cert"]))
    except Unavailable:
        return None
    name = (certificate or {}).get("subject", {}).get("CN") or ""
    return name[len("system:node:"):] if name.startswith("system:node:") else None


def _pem(data):
    """certificate-authority-data of a kubeconfig -> PEM text, or None."""
    try:
        return binascii.a2b_base64(data).decode("ascii") if data else None
    except ValueError:
        return None


def _message(body):
    try:
        return json.loads(body)["message"]
    except (ValueError, KeyError, TypeError):
        return body[:200]


def check(node, window):
    """From here to the API server: resolve, connect, TLS, an authenticated answer -> CheckResult `api_path`. `window` has no use here.

    Facts: server, addresses, address, step (the last that worked), error, status, identity (node name of the client certificate or None), offset_s.
    """
    result = Result("api_path")
    setup = kubelet_setup.setup(node)
    client = setup["client"]
    server = _server(client["server"])
    if not server:
        result.skip("way to the API server", "no server to be read from %s" % setup["kubeconfig_path"])
        return result.done()
    host, port, above = server
    name = _identity(node, client)
    path = above + ("/apis/coordination.k8s.io/v1/namespaces/kube-node-lease/leases/" + name if name else "/version")
    tls = {"ca": client["ca"], "ca_pem": _pem(client["ca_data"]), "cert": client["cert"] if name else None, "key": client["key"] if name else None,
           "server_name": client["server_name"], "insecure": client["insecure"]}
    with result.part("way to the API server"):
        answer = node.ask("api-request", endpoint.request, host, port, path, tls, timeout=_DEADLINE)
        result.facts.update(server=client["server"], identity=name, **{key: answer[key] for key in
                                                                       ("addresses", "address", "step", "error", "status", "offset_s")})
        if answer["step"] != "answer":
            _refusal(result, node, answer, host, port)
        elif answer["status"] in (401, 403) and name:
            said = "HTTP %d %s" % (answer["status"], _message(answer["body"]))
            result.find("api.unauthorized", evidence("GET " + path, said, node.now), subject={"server": "%s:%d" % (host, port), "name": name}, basis="state")
        else:
            result.summary = "%s answers in the kubelet's name" % client["server"] if name else "%s answers" % client["server"]
        offset = answer["offset_s"]
        if offset is not None and abs(offset) >= _SKEW:
            said = "this clock is %d s %s the API server's" % (abs(offset), "behind" if offset > 0 else "ahead of")
            failure = "time.skew" if abs(offset) >= _BREAKS else "time.unsynchronized"
            result.find(failure, evidence("Date header of " + client["server"], said, node.now), basis="state", offset_s=offset)
    if not name:
        result.skip("an answer in the kubelet's name", "its identity stands inside %s or is not a client certificate" % setup["kubeconfig_path"])
    return result.done()
