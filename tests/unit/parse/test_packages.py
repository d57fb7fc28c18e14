# Copyright: kubetriage.node contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Histories of packages as dpkg and rpm print them."""

import pytest
from ansible_collections.kubetriage.node.plugins.module_utils.parse import packages
from ansible_collections.kubetriage.node.plugins.module_utils.parse.timestamp import epoch

DPKG = """\
2026-11-23 02:00:58 startup archives unpack
2026-11-23 02:01:02 upgrade containerd.io:amd64 1.6.20-1 1.6.24-1
2026-11-23 02:01:02 status half-configured containerd.io:amd64 1.6.20-1
2026-11-23 02:01:05 install kubelet:amd64 <none> 1.29.2-1.1
2026-11-23 02:01:06 remove docker.io:amd64 20.10.24 <none>
2026-11-23 02:01:07 purge docker.io:amd64 20.10.24 <none>
2026-11-23 02:01:08 upgrade vim:amd64 2:9.0 2:9.1
2026-11-23 02:01:09 upgrade tzdata:all 2024a 2024b
2026-11-23 02:01:10 status installed tzdata:all 2024b
"""
STEPS = [("02:01:02", "containerd.io", "1.6.20-1 -> 1.6.24-1"), ("02:01:05", "kubelet", "1.29.2-1.1 installed"),
         ("02:01:06", "docker.io", "20.10.24 removed"), ("02:01:07", "docker.io", "20.10.24 removed"),
         ("02:01:08", "vim", "2:9.0 -> 2:9.1"), ("02:01:09", "tzdata", "2024a -> 2024b")]


def at(clock, hours=0):
    return epoch("2026-11-23T%sZ" % clock) - hours * 3600


@pytest.mark.parametrize("hours", [0, 1, -8, 5.75])
def test_dpkgs_local_time_is_told_apart_by_the_files_own(hours):
    written = at("02:01:10", hours) + 1
    assert packages.dpkg(DPKG, written) == [(at(clock, hours), name, happened) for clock, name, happened in STEPS]


def test_a_copied_log_says_nothing_of_its_zone():
    assert packages.dpkg(DPKG, at("02:01:10") + 40 * 86400)[0][0] == at("02:01:02")


@pytest.mark.parametrize("text", ["", "no log\n", "2026-99-99 99:99:99 upgrade\n", "2026-11-23 02:01:02 upgrade kubelet\n", "\x00\x01" * 100])
def test_what_is_no_log_of_dpkg_tells_nothing(text):
    assert packages.dpkg(text, at("02:01:10")) == []


def test_rpms_answer():
    assert packages.rpm("1795399267 kernel-core 5.14.0-503.el9\n1795399200 containerd.io 1.6.31-3.1.el9\n(none) gpg-pubkey 1-2\n") == [
        (1795399200, "containerd.io", "1.6.31-3.1.el9 installed"), (1795399267, "kernel-core", "5.14.0-503.el9 installed")]


def test_what_makes_a_node_is_named_and_the_rest_is_counted():
    assert packages.changes(packages.dpkg(DPKG, at("02:01:10"))) == [
        (at("02:01:02"), "package containerd.io 1.6.20-1 -> 1.6.24-1"), (at("02:01:05"), "package kubelet 1.29.2-1.1 installed"),
        (at("02:01:07"), "package docker.io 20.10.24 removed"), (at("02:01:08"), "2 other packages changed: tzdata, vim")]


@pytest.mark.parametrize("name, named", [
    ("kubelet", True), ("kubernetes-cni", True), ("containerd", True), ("linux-image-6.1.0-30-amd64", True), ("kernel-core", True), ("NetworkManager", True),
    ("network-manager", True), ("systemd", True), ("libc6", True), ("runc", True), ("cri-o", True),
    ("libnet-dbus-perl", False), ("libc6-dev", False), ("python3-docker", False), ("perl-openssl-defaults", False), ("vim", False)])
def test_which_packages_make_a_node(name, named):
    (_when, text), = packages.changes([(0, name, "1 -> 2")])
    assert text.startswith("package ") is named
