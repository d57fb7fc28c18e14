# Copyright: kubetriage.node contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A node that could not be asked: is it off, hung, cut off, or is only SSH or only the kubelet broken?

Pure: what was seen of it from outside -> a reading. From outside an absence is weak evidence and an answer is strong: a kernel that answers
ARP or ping is not powered off, a port that accepts and says nothing belongs to a program that does not run.
"""

from typing import NamedTuple

SSH, KUBELET = 22, 10250  # keys of a peer's "ports", whatever the real ones are

# Kinds of failure (transport) at which the node has answered us; a host key that is not the known one may be another machine's.
_ANSWERED = ("auth", "closed", "no_banner", "no_shell", "sudo", "no_python", "refused")
_SAID = {
    "timeout": "SSH times out", "no_route": "there is no route to its SSH port", "refused": "its SSH port refuses connections",
    "no_banner": "its SSH port accepts and says nothing", "closed": "its SSH port closes the connection", "auth": "SSH refuses our key",
    "host_key": "its SSH host key is not the known one",
    "no_shell": "SSH logs in and gets no shell (no PIDs or memory left, or the disk is full)",
}


class Reading(NamedTuple):
    """`state`: failure id of the catalogue; `confidence`: the most that it can be; `why`: one clause; `against`: [sentence]."""

    state: str
    confidence: str
    why: str
    against: list = []


def said_of_ssh(kind):
    """Kind of failure -> a clause."""
    return _SAID.get(kind, "SSH fails")


def read(ssh, heartbeat, kubelet=None, peer=None, power=None):
    """What was seen of a silent node -> Reading, or None if nothing can be said.

    ssh        transport's kind of failure: timeout no_route refused no_banner host_key auth no_shell ...
    heartbeat  is the Lease fresh? None: not known
    kubelet    what its port answers through the API server: ok, unhealthy, refused, timeout, or None: not asked
    peer       what a healthy node sees of it, or None: {"host": its name, "arp": reachable | failed | none, "ping": bool or None,
               "ports": {22: banner | open | refused | timeout, 10250: the same}}
    power      on or off, as its BMC or cloud says, or None
    """
    if heartbeat or kubelet == "ok" and heartbeat is None:
        return _kubelet_posts(ssh, heartbeat, (peer or {}).get("ports") or {})
    if power == "off":
        return Reading("host.powered_off", "confirmed", "its power is off")
    if kubelet == "ok":
        return Reading("host.cut_off", "likely",
                       "its kubelet answers the API server, and nothing of what it posts arrives: its way out is closed")
    if kubelet == "unhealthy":
        return Reading("host.kubelet_only", "likely", "its kubelet answers the API server, and says of itself that it is not well")
    if heartbeat is None and kubelet is None and not peer and power is None:
        return None
    if not peer:
        return _without_peer(ssh, heartbeat, kubelet, power)
    return _by_peer(ssh, kubelet, peer, power)


def _kubelet_posts(ssh, heartbeat, ports):
    proof = "its Lease is fresh" if heartbeat else "its kubelet answers through the API server"
    if ports.get(SSH) == "banner" and ssh in ("timeout", "no_route", "refused"):
        return Reading("host.ssh_only", "likely", "%s, and a peer reaches its SSH port: the way from here to it is closed" % proof)
    return Reading("host.ssh_only", "likely", "the node works: %s" % proof)


def _by_peer(ssh, kubelet, peer, power):
    who, ports, ping = peer.get("host") or "a peer", dict(peer.get("ports") or {}), peer.get("ping")
    if ssh == "no_banner" and ports.get(SSH) in (None, "timeout"):
        ports[SSH] = "open"
    if kubelet == "refused" and ports.get(KUBELET) in (None, "timeout"):
        ports[KUBELET] = "refused"
    sshd, posts = ports.get(SSH), ports.get(KUBELET)
    if "banner" in (sshd, posts) or sshd == "refused" and posts in ("refused", "open") or posts == "refused" and sshd != "open":
        return _a_program_lives(who, sshd, posts)
    accepts = [port for port in (SSH, KUBELET) if ports.get(port) == "open"]
    if accepts:
        alone = [] if len(accepts) == 2 else ["only one port accepts: a single program that hangs, beside a firewall, looks the same"]
        return Reading("host.hung", "possible" if alone else "likely",
                       "its kernel accepts connections of %s (port %s), and no program behind them says a word"
                       % (who, " and ".join(map(str, accepts))), alone)
    if ping or sshd == "refused":
        return Reading("host.hung", "possible", "its kernel answers %s, and none of its programs does" % who,
                       ["a firewall that lets only this through looks the same"])
    if peer.get("arp") == "reachable":
        return Reading("host.cut_off", "likely", "%s on the same network gets an ARP answer from it and nothing else: "
                       "kernel and link are up, and its traffic is dropped" % who)
    if power == "on":
        return Reading("host.unreachable", "likely", "its power is on, and %s does not reach it either" % who,
                       ["hung, a link that is down and cut off look the same from here"])
    if peer.get("arp") == "failed":
        return Reading("host.powered_off", "likely", "no ARP answer to %s on the same network" % who,
                       ["a link or switch port that is down, and a crashed kernel, look the same from there"])
    return Reading("host.unreachable", "likely", "%s does not reach it either" % who,
                   ["powered off, hung and cut off look the same from there"])


def _a_program_lives(who, sshd, posts):
    """The kernel runs, and at least one of sshd and the kubelet is known to be there or not."""
    if posts == "banner":
        return Reading("host.cut_off", "likely",
                       "its kubelet answers %s, and the API server hears nothing of it: its way to the control plane is cut" % who)
    if posts == "refused" and sshd == "banner":
        return Reading("host.kubelet_only", "likely", "its sshd answers %s, and nothing listens on the kubelet's port" % who)
    if posts == "refused":
        return Reading("host.kubelet_only", "possible", "its kernel answers %s, and nothing listens on the kubelet's port" % who,
                       ["sshd does not answer either: it may still be booting, or be in rescue mode"])
    return Reading("host.kubelet_only", "possible", "it answers %s on the SSH port, and nothing on the kubelet's" % who,
                   ["a firewall before the kubelet's port looks the same"])


def _without_peer(ssh, heartbeat, kubelet, power):
    if ssh == "no_banner" and kubelet != "refused":
        return Reading("host.hung", "possible", "its kernel accepts SSH connections, and sshd says nothing",
                       ["an sshd that hangs alone looks the same"])
    if kubelet == "refused" or heartbeat is False and ssh in _ANSWERED:
        return Reading("host.kubelet_only", "possible", "the host answers, and no heartbeat comes",
                       ["neither sshd nor the kubelet listens: it may still be booting" if ssh == "refused" else "nobody could look at it"])
    if heartbeat is None or ssh not in ("timeout", "no_route"):
        return None
    if power == "on":
        return Reading("host.unreachable", "likely", "its power is on", ["hung, a link that is down and cut off look the same from here"])
    return Reading("host.unreachable", "likely", "neither SSH nor a heartbeat comes through",
                   ["powered off, hung and cut off look the same from here"])
