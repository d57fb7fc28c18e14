# Copyright: kubetriage.node contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The kernel's log, and the hardware that it and /proc and /sys tell of: network interface of the node, bonds, RAID, clock discipline."""

from ..node import Missing, Unavailable
from ..parse import route
from ..result import Result, evidence
from . import kernel_log, log_findings

_COUNTERS = ("rx_errors", "tx_errors", "rx_dropped", "tx_dropped", "rx_crc_errors")
_MANY = 1000  # errors since boot, and one in a thousand packets: less is the everyday life of a busy interface


def _lower(node, interface):
    """An interface and what it stands on (bond members, bridge ports, VLAN parent), by sysfs `lower_*`."""
    try:
        names = node.list("/sys/class/net/" + interface)
    except Unavailable:
        return [interface]
    return [interface] + [name[len("lower_"):] for name in names if name.startswith("lower_")]


def _number(node, path):
    try:
        return int(node.read(path).strip())
    except (Unavailable, ValueError):
        return None


def _interface(result, node, name):
    base = "/sys/class/net/%s/" % name
    state = node.read(base + "operstate").strip()
    counts = {counter: _number(node, base + "statistics/" + counter) for counter in _COUNTERS}
    packets = (_number(node, base + "statistics/rx_packets") or 0) + (_number(node, base + "statistics/tx_packets") or 0)
    changes = _number(node, base + "carrier_changes")
    result.facts["interfaces"][name] = dict(counts, operstate=state, carrier_changes=changes, packets=packets)
    if state == "down":
        result.find("nic.link_down", evidence(base + "operstate", state, node.now), subject={"interface": name}, basis="state")
    errors = (counts["rx_errors"] or 0) + (counts["tx_errors"] or 0)
    if errors > _MANY and errors * 1000 > packets:
        said = "%d errors in %d packets since boot" % (errors, packets)
        result.find("nic.errors", evidence(base + "statistics", said, node.now), subject={"interface": name}, basis="state", errors=errors)


def _default6(node):
    try:
        return route.default6(node.read("/proc/net/ipv6_route"))
    except Missing:  # a kernel without IPv6; another gap is no word about a route
        return None


def _network(result, node):
    """The interface of the default route, and what it stands on: unplugged spare ports are nobody's business."""
    result.facts["interfaces"] = {}
    default = route.default(node.read("/proc/net/route")) or _default6(node)
    result.facts["default_route"] = default
    if not default:
        result.find("net.no_default_route", evidence("/proc/net/route", "no default route", node.now), basis="state")
        return
    for name in _lower(node, default["interface"]):
        try:
            _interface(result, node, name)
        except Missing:
            continue


def _bonds(result, node):
    try:
        names = node.list("/proc/net/bonding")
    except Missing:
        return
    from ..parse import bonding  # as with all that few nodes need: compiling it is a node's time
    for name in names:
        bond = bonding.bond(node.read("/proc/net/bonding/" + name))
        if not bond["members"]:  # made by loading the module: nobody uses it
            continue
        down = [member["interface"] for member in bond["members"] if member["status"] != "up"]
        if down or bond["status"] != "up":
            failure = "nic.bond_down" if bond["status"] != "up" or len(down) == len(bond["members"]) else "nic.bond_degraded"
            said = "MII Status: %s; down: %s" % (bond["status"], ", ".join(down))
            result.find(failure, evidence("/proc/net/bonding/" + name, said, node.now), subject={"interface": name}, basis="state")


def _raid(result, node):
    try:
        text = node.read("/proc/mdstat")
    except Missing:
        return
    result.facts["raid"] = []
    if "\nmd" in text:
        from ..parse import mdstat
        result.facts["raid"] = mdstat.arrays(text)
    for array in result.facts["raid"]:
        if array["state"] in ("degraded", "failed"):
            result.find("raid." + array["state"], evidence("/proc/mdstat", array["line"], node.now), subject={"device": array["name"]}, basis="state")


def _log(result, node, window):
    text = kernel_log.text(node, window)
    log_findings.add(result, node, text, ("kernel",), "kernel")
    if any(found["data"].get("basis") == "log" for found in result.findings):
        from . import kernel_lines
        kernel_lines.refine(result, node, window, text)


def _kernel_text(node, window):
    try:
        return kernel_log.text(node, window)
    except Unavailable:
        return ""


def _boot_before(result, node, window):
    booted = log_findings.boot_time(node)
    if booted is not None and node.now - booted < window and not kernel_log.shared_kernel(node):
        from . import boot_before
        boot_before.add(result, node, booted)


def check(node, window):
    """Hardware and kernel, as far as they speak -> CheckResult `kernel_health`.

    Facts: interfaces {name: {operstate, carrier_changes, packets, error counters}}, default_route {interface, gateway}, raid [arrays].
    """
    result = Result("kernel_health")
    with result.part("network interface"):
        _network(result, node)
    with result.part("bonds"):
        _bonds(result, node)
    with result.part("RAID"):
        _raid(result, node)
    with result.part("kernel log"):
        _log(result, node, window)
    if any(found["id"] == "nic.link_down" for found in result.findings):
        from . import links
        links.settle(result, _kernel_text(node, window))
    with result.part("boot before"):
        _boot_before(result, node, window)
    if not result.findings and result.facts.get("default_route"):
        result.summary = "%s up, no kernel or hardware error" % result.facts["default_route"]["interface"]
    return result.done()
