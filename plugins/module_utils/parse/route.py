# Copyright: kubetriage.node contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""/proc/net/route and /proc/net/ipv6_route -> routes."""

_UP, _GATEWAY, _REJECT = 1, 2, 0x200  # linux/route.h


def routes(text):
    """/proc/net/route -> [{"interface", "destination", "prefix", "gateway" (None: directly connected), "metric"}] of usable routes."""
    table = []
    for line in text.splitlines():
        fields = line.split()
        try:
            destination, gateway, flags, metric, mask = [int(fields[at], 10 if at == 6 else 16) for at in (1, 2, 3, 6, 7)]
        except (IndexError, ValueError):
            continue
        if flags & _UP and not flags & _REJECT:
            table.append({"interface": fields[0], "destination": _dotted(destination), "prefix": bin(mask).count("1"),
                          "gateway": _dotted(gateway) if flags & _GATEWAY else None, "metric": metric})
    return table


def default(text):
    """/proc/net/route -> the default route with the lowest metric, or None."""
    found = [route for route in routes(text) if route["destination"] == "0.0.0.0" and route["prefix"] == 0]
    return min(found, key=lambda route: route["metric"]) if found else None


def default6(text):
    """/proc/net/ipv6_route -> {"interface", "gateway", "metric"} of the default route with the lowest metric, or None."""
    found = []
    for line in text.splitlines():
        fields = line.split()
        if len(fields) == 10 and fields[0] == "0" * 32 and fields[1] == "00" and fields[9] != "lo":
            try:
                metric, flags = int(fields[5], 16), int(fields[8], 16)
            except ValueError:
                continue
            if flags & _UP and not flags & _REJECT:
                gateway = fields[4]
                found.append({"interface": fields[9], "metric": metric,
                              "gateway": ":".join(gateway[at:at + 4] for at in range(0, 32, 4)) if flags & _GATEWAY else None})
    return min(found, key=lambda route: route["metric"]) if found else None


def _dotted(number):
    # the kernel prints the address as one number of a little-endian machine (all that kubelets run on but s390x)
    return "%d.%d.%d.%d" % (number & 255, number >> 8 & 255, number >> 16 & 255, number >> 24 & 255)
