# Copyright: kubetriage.node contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A silent node as a healthy one sees it: which peer to ask, what it is sent (peer_look.sh), and what its answer means."""

import ipaddress
import pathlib
import re

from ansible_collections.kubetriage.node.plugins.plugin_utils import silence

SECONDS = 25  # for one peer's look; it looks at all its nodes at once, and its own deadlines add up to less
_SCRIPT = pathlib.Path(__file__).with_name("peer_look.sh")
_KUBELET_PORT = 10250
# Their networks answer ARP for a machine that is off, or send everything through a gateway.
_CLOUDS = ("aws://", "azure://", "gce://")


def address(*names):
    """The first of them that is an IP address -> its text in the one usual form; None if none is. Nothing else may reach a peer's shell."""
    for name in names:
        try:
            found = ipaddress.ip_address(str(name).strip())
        except ValueError:
            continue
        if not (found.is_loopback or found.is_unspecified or found.is_multicast or getattr(found, "scope_id", None)):
            return str(found)
    return None


def closest(target, hosts):
    """An IP address and {host: IP address or None} -> hosts, those that share most of its leading bits first, so one of the same subnet."""
    def distance(host):
        if target is None or hosts[host] is None:
            return 129
        one, other = ipaddress.ip_address(target), ipaddress.ip_address(hosts[host])
        return (int(one) ^ int(other)).bit_length() if one.version == other.version else 128
    return sorted(hosts, key=lambda host: (distance(host), host))


def script(mark, targets):
    """[(IP address, SSH port)] -> program for a peer's sh. `mark`: letters and digits that no banner can foresee. Raises ValueError."""
    body = "\n".join(line for line in _SCRIPT.read_text(encoding="utf-8").splitlines() if line and not line.startswith("#"))
    calls = ["look %d %s %d %d </dev/null &" % (number, ipaddress.ip_address(target), int(port), _KUBELET_PORT)
             for number, (target, port) in enumerate(targets)]
    return "MARK=%s\n%s\n{\n%s\nwait\nsay done\n}\n" % (mark, body, "\n".join(calls))


def read(text, mark, number, host, ssh_port, provider, time):
    """What a peer printed -> its look at target `number` as silence.read takes it (keys are texts), with "evidence"; None without one.

    `host`: the peer's name; `provider`: the silent Node's providerID or None; `time`: UTC ISO of the look.
    """
    said = {"route": [], "neigh": [], "ping": [], "port": []}
    for line in re.findall(r"^@%s %d (.*)$" % (re.escape(mark), number), text.replace("\r", ""), re.MULTILINE):
        kind, _blank, rest = line.partition(" ")
        if kind in said:
            said[kind].append(rest.strip())
    if not any(said.values()):
        return None
    arp = _arp(said["neigh"], (said["route"] or [""])[0], provider)
    ports, words = {}, []
    for rest in said["port"]:
        port, _blank, answer = rest.partition(" ")
        key = silence.SSH if port == str(ssh_port) else silence.KUBELET
        state = port_state(answer, arp)
        if state:
            ports[key] = state
            words.append("port %s: %s" % (port, _word(state, answer)))
    pings = [rest for rest in said["ping"] if "bytes from" in rest]
    ping = None if "UNKNOWN" in said["ping"] or not said["ping"] else bool(pings)
    words = (["ping: " + ("answered" if ping else "no answer")] if ping is not None else []) + sorted(words, reverse=True)
    entry = re.sub(r" ref \d+| used [\d/]+ ?probes \d+", "", " ".join((said["neigh"] or [""])[-1].split()[1:]))
    quotes = [("ip neigh", entry or "no entry")] if said["neigh"] else []
    quotes += [("ping and ports", "; ".join(words))] if words else []
    return {"host": host, "arp": arp, "ping": ping, "ports": {str(port): answer for port, answer in sorted(ports.items())},
            "evidence": [{"source": "%s: %s" % (host, what), "time": time, "text": quote[:300]} for what, quote in quotes]}


def _arp(polls, route, provider):
    """["SECONDS ADDRESS dev ... used U/C/U probes N STATE"] of `ip -s neigh`, and `ip route get`'s line -> reachable | failed | none.

    An entry can be REACHABLE for most of a minute after the last answer; C is how many seconds ago that was.
    """
    if not polls or " via " in route or str(provider).startswith(_CLOUDS):
        return "none"
    first, last = polls[0], polls[-1]
    if "FAILED" in last:
        return "failed"
    confirmed, elapsed = re.search(r"used \d+/(\d+)/\d+", last), last.partition(" ")[0]
    if "lladdr" in last and confirmed and elapsed.isdigit() and "INCOMPLETE" not in last:
        return "reachable" if int(confirmed.group(1)) <= int(elapsed) else "none"
    return "reachable" if "REACHABLE" in last and "REACHABLE" not in first else "none"


def port_state(answer, arp):
    """What the look at one port printed -> banner | open | refused | timeout, or None: the peer had nothing to look with.

    "No route to host" is the peer's own kernel's word when ARP failed, and a firewall's (icmp-host-prohibited) when it did not.
    """
    if re.search(r"^UNKNOWN$|\busage:|multi-call binary", answer.strip(), re.IGNORECASE):
        return None
    if re.search(r"BANNER .*\w|SSH-\d|HTTP/\d", answer):
        return "banner"
    if re.search(r"\bOPEN\b|\bopen\b|succeeded!|Connected to", answer):
        return "open"
    rejected = arp == "reachable" and re.search(r"no route|unreachable|prohibited", answer, re.IGNORECASE)
    return "refused" if rejected or re.search(r"refused", answer, re.IGNORECASE) else "timeout"


def _word(state, answer):
    banner = re.search(r"(SSH-\d|HTTP/\d).{0,40}", answer)
    return {"banner": banner.group(0).strip() if banner else "answers", "open": "accepts, and says nothing", "refused": "refused",
            "timeout": "no answer"}[state]
