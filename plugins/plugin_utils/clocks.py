# Copyright: kubetriage.node contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""One time line in UTC out of logs whose stamps count from different moments.

A line may have two stamps: that of the log (journald, syslog, the ring buffer) and that of the program in its message. Between two clocks
the difference is constant, but for lines that came late: a host that stands still gets them into its log minutes after they were written.
So

- a clock without a zone (journalctl short, dmesg -T, klog) is the local time of the node. It is set by lines that tell both it and UTC
  (containerd's time=, the kernel's audit), by lines that two files hold, and else as the other clocks of the node;
- seconds since boot are set by lines that tell them and a time of day;
- the difference of two clocks of the same host is a multiple of 15 minutes, a zone; if it is constant and is not, it is real, and kept;
- a line that came late has the time at which its program wrote it.
"""

import re
from collections import Counter, defaultdict

from ansible_collections.kubetriage.node.plugins.module_utils.parse import klog, timestamp

_ZONE = 900.0  # seconds; zones differ by quarters of an hour
_WORLD = 93600  # the widest difference of two zones (26 h)
_JITTER = 90  # seconds by which all lines of a fragment may have come late
_LATE, _LATEST = 2.0, 6 * 3600  # seconds: what is late, and what is no delay any more
_HALF_YEAR = 182 * 86400
_END = 4102444800  # 2100-01-01: what a log dates later is nonsense
_STEADY = 3  # lines with the same difference make it the clocks' own
_SAMPLES = 5000
_TELLING = re.compile(r"(?=.{16})[^\d\n]{0,200}\d\d")  # a message that two files hold by no chance: a PID, a counter or an address in it
_INNER_BOOT = re.compile(r"kernel: \[ *(\d{1,10}\.\d{1,9})\]")
# What tells the time of day in UTC within a message: the kernel's audit and its clock, x509 errors, the kubelet about its own conditions
_TOLD = re.compile(r"\baudit\((\d{9,11}\.\d{1,6}):\d+\)|setting system clock to .{0,80}\((\d{9,11})\)"
                   r"|(?:current time |[Ll]ast(?:Heartbeat|Transition)Time\"?:\"?)(?=\d{4}-)")


def times(files, now, zones=None, guesses=(), latest=None):
    """{file: [Entry]}, read with boot=0 -> {file: [epoch or None]}, in UTC.

    now      epoch that completes stamps without a year, the one with which the entries were read
    zones    {file: seconds east of UTC}: what a file says of its own stamps
    guesses  seconds east of UTC, for logs that tell nothing of their zone: of the place where the control plane was asked
    latest   the newest moment that other files tell
    """
    inner = {file: [_inner(entry, now) for entry in entries] for file, entries in files.items()}
    links = _links(files, inner)
    differences = {link: _difference(samples, "boot" not in link) for link, samples in links.items()}
    differences = {link: difference for link, difference in differences.items() if "boot" in link or abs(difference) <= _WORLD}
    clocks = {_clock(file, entry.clock, entry.ident) for file, entries in files.items() for entry in entries if entry.clock}
    clocks.update(clock for link in differences for clock in link)
    shifts = {"utc": 0.0}
    shifts.update(((file, "local"), -float(seconds)) for file, seconds in (zones or {}).items())
    _set(shifts, clocks, differences, links, lambda clock: _likelier(clock, files, differences, guesses, latest))
    return {file: [_time(file, *pair, differences, shifts) for pair in zip(entries, inner[file])] for file, entries in files.items()}


def told(message, near):
    """Message -> (epoch, "utc" or "klog") at which it was written, by its own word, or None. `near`: epoch, for the year."""
    found = klog.stamp(message, near)
    if found and found[1] == "utc":
        return found
    match = _TOLD.search(message, 0, 2000)
    if not match:
        return found
    if match.group(1) or match.group(2):
        return float(match.group(1) or match.group(2)), "utc"
    moment = timestamp.ISO_STAMP.match(message, match.end())
    return (timestamp.of_match(moment), "utc") if moment else found


def _clock(file, kind, ident):
    return (file, kind, ident) if kind == "klog" else (file, kind) if kind == "local" else kind


def _inner(entry, now):
    """-> (epoch or seconds since boot, kind of clock) that the message tells, or None."""
    if entry.time is None:
        return None
    if entry.ident == "kernel":
        match = _INNER_BOOT.search(entry.raw, 0, 200)
        if match:
            return float(match.group(1)), "boot"
    if entry.clock == "klog":
        return None
    if entry.clock == "utc":
        return klog.stamp(entry.message, entry.time)
    return told(entry.message, now - _HALF_YEAR if entry.clock == "boot" else entry.time)


def _links(files, inner):
    """-> {(clock, other clock): [seconds by which the first is ahead, a line each]}"""
    links, seen = defaultdict(list), defaultdict(dict)
    for file, entries in files.items():
        booted = 0.0
        for entry, told in zip(entries, inner[file]):
            if entry.time is None:
                continue
            clock = _clock(file, entry.clock, entry.ident)
            if told:
                link = clock, _clock(file, told[1], entry.ident)
                if told[1] == "boot":
                    if told[0] < booted - _JITTER:  # started anew: what counts from the earlier boot is another clock
                        links[link].clear()
                    booted = told[0]
                if len(links[link]) < _SAMPLES:
                    links[link].append(entry.time - told[0])
            if _TELLING.match(entry.message):
                twice = clock in seen[entry.message]
                seen[entry.message][clock] = None if twice else entry.time
    for moments in seen.values():
        known = sorted(((str(clock), clock, when) for clock, when in moments.items() if when is not None), key=lambda each: each[0])
        for place, (_name, one, when) in enumerate(known):
            for _other_name, other, other_when in known[place + 1:]:
                if len(links[one, other]) < _SAMPLES:
                    links[one, other].append(when - other_when)
    return {link: samples for link, samples in links.items() if samples}


def _difference(samples, zones):
    """Seconds by which one clock is ahead of the other, out of those of single lines, of which some came late."""
    near, count = Counter(round(sample) for sample in samples).most_common(1)[0]
    cluster = [sample for sample in samples if abs(sample - near) <= 1.5]
    if len(cluster) >= _STEADY and 4 * len(cluster) >= len(samples) or len(cluster) == len(samples):
        least = min(cluster)
        zone = round(least / _ZONE) * _ZONE
        return zone if zones and abs(least - zone) <= _JITTER else least
    least = min(samples)
    return (least + _LATE) // _ZONE * _ZONE if zones else least


def _set(shifts, clocks, differences, links, guess):
    """Complete `shifts`, {clock: seconds to add for UTC}; seconds since boot that nothing links with a time stay out."""
    _spread(shifts, differences, links)
    for clock in sorted((clock for clock in clocks if isinstance(clock, tuple)), key=lambda clock: (clock[1] == "klog", str(clock))):
        if clock not in shifts:
            known = [shifts[other] for other in sorted(shifts, key=str) if isinstance(other, tuple)]
            shifts[clock] = known[0] if known else guess(clock)
            _spread(shifts, differences, links)


def _spread(shifts, differences, links):
    """From the clocks that are set to those that are linked with them, the best known link first."""
    while True:
        ready = [link for link in differences if (link[0] in shifts) != (link[1] in shifts)]
        if not ready:
            return
        one, other = min(ready, key=lambda link: (-len(links[link]), str(link)))
        if one in shifts:
            shifts[other] = shifts[one] + differences[one, other]
        else:
            shifts[one] = shifts[other] - differences[one, other]


def _likelier(clock, files, differences, guesses, latest):
    """A log that does not tell its zone is in UTC, or in one of those guessed: the one that ends nearest to what others tell last. Where
    the log and a program in it differ, the program runs in a container, and those are in UTC."""
    apart = [-difference for (one, other), difference in differences.items()
             if one == clock and other[1] == "klog" and difference % _ZONE == 0]
    shifts = sorted(filter(None, apart), key=abs) + [0.0] + [-float(zone) for zone in guesses]
    end = max((entry.time for entry in files[clock[0]] if entry.time is not None and entry.clock == clock[1]), default=None)
    return shifts[0] if latest is None or end is None else min(shifts, key=lambda shift: abs(end + shift - latest))


def _time(file, entry, told_by, differences, shifts):
    clock = _clock(file, entry.clock, entry.ident)
    if entry.time is None or clock not in shifts:
        return None
    when = entry.time + shifts[clock]
    if told_by and told_by[1] != "boot":
        late = entry.time - told_by[0] - differences.get((clock, _clock(file, told_by[1], entry.ident)), entry.time)
        if _LATE < late <= _LATEST:
            when -= late
    return when if 0 <= when < _END else None
