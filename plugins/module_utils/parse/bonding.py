# Copyright: kubetriage.node contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""/proc/net/bonding/<bond> (drivers/net/bonding/bond_procfs.c, also with `port` for `slave`) -> the bond and its members."""


def bond(text):
    """-> {"mode", "status" (up, down, None), "active" (interface or None), "aggregator",
    "members": [{"interface", "status", "failures", "speed_mbps", "aggregator"}]}

    802.3ad: a member whose aggregator is not the bond's carries no traffic."""
    found = {"mode": None, "status": None, "active": None, "aggregator": None, "members": []}
    member = None
    for line in text.splitlines():
        key, _colon, value = line.partition(":")
        key, value = key.strip().lower(), value.strip()
        if key in ("slave interface", "port interface"):
            member = {"interface": value, "status": None, "failures": None, "speed_mbps": None, "aggregator": None}
            found["members"].append(member)
        elif key == "mii status":
            (found if member is None else member)["status"] = value.split()[0] if value else None
        elif key == "aggregator id":
            (found if member is None else member)["aggregator"] = _number(value)
        elif key == "bonding mode":
            found["mode"] = value
        elif key in ("currently active slave", "currently active port"):
            found["active"] = None if value in ("", "None") else value
        elif member is not None and key == "link failure count":
            member["failures"] = _number(value)
        elif member is not None and key == "speed":
            member["speed_mbps"] = _number(value.partition(" ")[0])
    return found


def _number(text):
    return int(text) if text.isdecimal() and len(text) < 10 else None
