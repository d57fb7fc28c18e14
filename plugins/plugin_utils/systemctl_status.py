# Copyright: kubetriage.node contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""`systemctl status`, as people paste it -> what `systemctl show` says of the same units.

Format: systemd's systemctl-show.c, print_status_info, versions 219 to 257.
"""

import re
import time

from ansible_collections.kubetriage.node.plugins.module_utils.parse import timestamp

_HEAD = re.compile(r"^[ \t]*[●○×↻*x] ([\w@.\\:-]+\.service)(?: - .*)?$", re.M)
_LOADED = re.compile(r"^[ \t]*Loaded: ([\w-]+)(?: \((/[^;)]+))?", re.M)
_ACTIVE = re.compile(r"^[ \t]*Active: ([\w-]+)(?: \(([\w-]+)\))?(?: \(Result: ([\w-]+)\))?(?: since ([^;\n]+))?", re.M)
_ENDED = re.compile(r"^[ \t]*(?:Main PID|Process): \d+ .*\(code=(exited|killed|dumped), (?:status|signal)=([\w/]+)", re.M)
_MAIN = re.compile(r"^[ \t]*Main PID: (\d+) \((?!code=)", re.M)
_CODES = {"exited": "1", "killed": "2", "dumped": "3"}  # CLD_EXITED, CLD_KILLED, CLD_DUMPED
_SIGNALS = {"HUP": "1", "INT": "2", "QUIT": "3", "ILL": "4", "ABRT": "6", "BUS": "7", "KILL": "9", "SEGV": "11", "PIPE": "13", "TERM": "15"}


_SLACK = 120  # seconds


def shown(text, now=None):
    """-> text in the form of `systemctl show`, or None when no unit's status is in `text`. A status does not tell Restart and NRestarts.

    now: epoch of the look, by which a zone that has the name of another is told: a state has not changed after it.
    """
    heads = list(_HEAD.finditer(text))
    edges = [head.start() for head in heads[1:]] + [len(text)]
    units = [_unit(head.group(1), text[head.end():edge], now) for head, edge in zip(heads, edges)]
    units = [unit for unit in units if unit]
    return "\n\n".join("\n".join("%s=%s" % pair for pair in unit.items()) for unit in units) + "\n" if units else None


def _unit(name, text, now):
    active = _ACTIVE.search(text)
    if not active:
        return None
    state, sub, result, since = active.groups()
    loaded, ended, main = _LOADED.search(text), _ENDED.search(text), _MAIN.search(text)
    if sub is None and state == "failed":
        sub = "failed"
    if state == "failed" and sub != "failed" and result is None:  # "failed (Result: x)" before any sub state
        sub = "failed"
    unit = {"Id": name, "LoadState": loaded.group(1) if loaded else "loaded", "ActiveState": state, "SubState": sub or "",
            "Result": result or "success", "MainPID": main.group(1) if main else "0"}
    if loaded and loaded.group(2):
        unit["FragmentPath"] = loaded.group(2)
    if ended:
        status = ended.group(2).split("/")[0]
        unit["ExecMainCode"], unit["ExecMainStatus"] = _CODES[ended.group(1)], _SIGNALS.get(status, status)
    if since:
        since = _sure(since.strip(), now)
        unit["StateChangeTimestamp"] = since
        unit["ActiveEnterTimestamp" if state in ("active", "reloading") else "InactiveEnterTimestamp"] = since
    return unit


def _sure(since, now):
    """"Mon 2026-11-23 10:13:07 CST" -> the same moment in UTC."""
    day, _blank, zone = since.rpartition(" ")
    moment = timestamp.epoch(day) if zone in timestamp.UNSURE else None
    if moment is None:
        return since
    moments = [moment - east for east in timestamp.UNSURE[zone]]
    past = [each for each in moments if now is None or each <= now + _SLACK]
    return time.strftime("%a %Y-%m-%d %H:%M:%S UTC", time.gmtime(max(past or moments)))
