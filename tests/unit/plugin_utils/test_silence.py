# Copyright: kubetriage.node contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a node's silence means: an answer is strong evidence, an absence weak, and off is never claimed of what still answers."""

import itertools

import pytest

from ansible_collections.kubetriage.node.plugins.plugin_utils import silence


def peer(arp="reachable", ping=True, ssh="banner", kubelet="banner"):
    return {"arp": arp, "ping": ping, "ports": {22: ssh, 10250: kubelet}}


@pytest.mark.parametrize("ssh, heartbeat, kubelet, seen, state", [
    ("refused", True, None, None, "host.ssh_only"),
    ("timeout", True, "ok", peer(), "host.ssh_only"),
    ("auth", None, "ok", None, "host.ssh_only"),
    ("timeout", False, "timeout", peer(arp="failed", ping=False, ssh="timeout", kubelet="timeout"), "host.powered_off"),
    ("timeout", False, "timeout", peer(arp="reachable", ping=False, ssh="timeout", kubelet="timeout"), "host.cut_off"),
    ("timeout", False, "timeout", peer(arp="reachable", ping=True, ssh="open", kubelet="open"), "host.hung"),
    ("timeout", False, "timeout", peer(arp="none", ping=True, ssh="timeout", kubelet="timeout"), "host.hung"),
    ("timeout", False, "refused", peer(kubelet="refused"), "host.kubelet_only"),
    ("refused", False, "refused", peer(ssh="refused", kubelet="refused"), "host.kubelet_only"),
    ("timeout", False, "timeout", peer(), "host.cut_off"),
    ("timeout", False, "timeout", peer(arp="none", ping=False, ssh="timeout", kubelet="timeout"), "host.unreachable"),
    ("timeout", False, None, None, "host.unreachable"),
    ("auth", False, None, None, "host.kubelet_only"),
])
def test_reading(ssh, heartbeat, kubelet, seen, state):
    reading = silence.read(ssh, heartbeat, kubelet, seen)
    assert reading.state == state and reading.why


def test_nothing_is_said_of_a_node_of_which_nothing_is_known():
    assert silence.read("timeout", None, None, None) is None


def test_what_answers_is_never_called_off_and_what_beats_never_dead():
    for ssh, heartbeat, kubelet, arp, ping, one, other in itertools.product(
            ("timeout", "refused", "auth"), (True, False, None), ("ok", "refused", "timeout", None), ("reachable", "failed", "none"),
            (True, False, None), ("banner", "open", "refused", "timeout"), ("banner", "open", "refused", "timeout")):
        reading = silence.read(ssh, heartbeat, kubelet, peer(arp, ping, one, other))
        answers = ping or {one, other} & {"banner", "open"} or arp == "reachable"
        assert reading is None or not (answers and reading.state == "host.powered_off")
        assert not heartbeat or reading.state == "host.ssh_only"


@pytest.mark.parametrize("ssh, heartbeat, kubelet, seen, power, state, confidence", [
    ("timeout", False, "timeout", None, "off", "host.powered_off", "confirmed"),  # only power itself proves it
    ("timeout", False, "timeout", peer(arp="failed", ping=False, ssh="timeout", kubelet="timeout"), "on", "host.unreachable", "likely"),
    ("timeout", False, None, None, "on", "host.unreachable", "likely"),
    ("timeout", None, None, None, "off", "host.powered_off", "confirmed"),
    ("timeout", True, None, None, "off", "host.ssh_only", "likely"),  # a heartbeat is stronger than a BMC of another machine
    ("timeout", False, "ok", None, None, "host.cut_off", "likely"),  # it answers, and does not post
    ("timeout", False, "unhealthy", None, None, "host.kubelet_only", "likely"),
    ("no_banner", False, "timeout", None, None, "host.hung", "possible"),
    ("no_banner", False, "timeout", peer(arp="none", ping=False, ssh="timeout", kubelet="open"), None, "host.hung", "likely"),
    ("no_banner", False, "refused", None, None, "host.kubelet_only", "possible"),
    ("refused", False, "timeout", None, None, "host.kubelet_only", "possible"),  # a kernel that refuses is not off
    ("timeout", False, None, peer(ping=True, ssh="timeout", kubelet="open"), None, "host.hung", "possible"),
    ("no_shell", True, "ok", peer(), None, "host.ssh_only", "likely"),
])
def test_power_the_kubelet_and_our_own_attempt_count(ssh, heartbeat, kubelet, seen, power, state, confidence):
    reading = silence.read(ssh, heartbeat, kubelet, seen, power)
    assert (reading.state, reading.confidence) == (state, confidence)


@pytest.mark.parametrize("ssh", ["host_key", "key", "resolve", "other"])
def test_our_own_access_alone_says_nothing_of_the_node(ssh):
    assert silence.read(ssh, False, None, None) is None
