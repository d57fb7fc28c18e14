# Copyright: kubetriage.node contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Links that are down without harm: members of a bond that goes on without them, and ports that nothing is plugged into.

Loaded only when a link is down.
"""

import re

_UP = re.compile(r"(?i)\b([\w.@-]+):? (?:NIC )?Link is Up\b|\b([\w.@-]+): link up\b|\b([\w.@-]+): Gained carrier")


def settle(result, text=""):
    """Make an info of each link that is down without harm; `text` is the kernel's log, where a spare port is one that never was up."""
    gone = set(found["subject"].get("interface") for found in result.findings if found["id"] == "nic.bond_down" and found["severity"] != "info")
    bonds = " ".join(quote["text"] for found in result.findings for quote in found["evidence"]
                     if found["id"] == "nic.bond_degraded" and found["subject"].get("interface") not in gone)
    up = set(name for names in _UP.findall(text) for name in names if name)
    for found in result.findings:
        if found["id"] != "nic.link_down":
            continue
        name = found["subject"].get("interface") or ""
        member = re.search(r"(?<![\w.-])%s(?![\w-])" % re.escape(name), bonds)
        if member or found["data"].get("basis") == "log" and up and name not in up:
            found["severity"] = "info"
