# Copyright: kubetriage.node contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the signatures found in a log, as findings."""

import re

from ..catalogue import FAILURES
from ..catalogue.entry import SUBJECTS
from ..catalogue.match import scan
from ..catalogue.programs import sources_of
from ..node import Unavailable
from ..parse import loglines
from ..result import evidence

# A kubelet or a runtime repeats its complaint while the fault lasts (sync loops of 5 s to 2 min, relist timeouts of 2 min). Silence for longer
# than this, up to now or up to the end of the program, means that it is over.
SILENCE = 300
_HEAD = 8192  # characters in which a line tells its time
_AT_ONCE = 60  # seconds: what repeats every minute is there when the log begins
_SHORT_UNIX = re.compile(r"(\d+\.\d+) \S+ ([^\s:\[]+)")


def with_sources(sources):
    """The failures that have a signature for one of `sources`, with only those."""
    chosen = {}
    for name, entry in FAILURES.items():
        log = [signature for signature in entry.get("log", ()) if signature[0].split(".")[0] in sources]
        if log:
            chosen[name] = dict(entry, log=log)
    return chosen


def boot_time(node):
    """Epoch of the boot, for kernel lines that carry seconds since then; None if /proc/uptime cannot be read."""
    try:
        return node.now - float(node.read("/proc/uptime").split()[0])
    except (Unavailable, ValueError, IndexError):
        return None


def last_word(text, sources):
    """Epoch of the last line that a program of `sources` printed in a journal (short-unix), or None: up to when it was heard."""
    for line in reversed(text.splitlines()):
        match = _SHORT_UNIX.match(line)
        if match and sources_of(match.group(2), "any").intersection(sources):
            return float(match.group(1))
    return None


def _first_word(text, node, boot):
    """Epoch of the first line that tells its time, or None."""
    return next((entry.time for entry in loglines.entries(text[:_HEAD], node.now, boot) if entry.time is not None), None)


def _last(match):
    """Epoch of a match's last line, or None. After a step back (`step_s` below 0) the clock runs through a time once more: what was printed before
    the step looks newer than the line about it, until the clock is where it was."""
    return match.last if match.last is None else match.last - min(float(match.fields.get("step_s", 0)), 0)


def add(result, node, text, sources, origin, reference=None):
    """Add a finding for each match of `sources` in `text`; `origin` names the log in the evidence.

    `reference` is the epoch up to which the program could speak (now, or its end): a match that ended SILENCE before is past. Past ones, and those
    with fewer lines than the failure takes, are info. What was there when the log begins may have begun before it.
    """
    boot = boot_time(node)
    begin = _first_word(text, node, boot)
    for match in scan(text, "any", with_sources(sources), now=node.now, boot=boot):
        last = _last(match)
        past = match.over or (reference is not None and last is not None and last < reference - SILENCE)
        quotes = [evidence("%s %s" % (origin, ident) if ident and ident != origin else origin, message, when) for when, ident, message in match.lines]
        subject = {key: value for key, value in match.fields.items() if key in SUBJECTS}
        data = {key: value for key, value in match.fields.items() if key not in SUBJECTS}
        finding = result.find(match.id, quotes, severity="info" if past or match.few else None, subject=subject, since=match.first, until=last,
                              basis="log", count=match.count, past=past, few=match.few, **data)
        if match.first is not None and begin is not None and match.first - begin < _AT_ONCE:
            finding["data"]["from_start"] = True
