# Copyright: kubetriage.node contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Stamps of logs and tools -> epoch seconds, UTC. By hand: calendar and datetime would cost the probe milliseconds."""

import re

# %b in the common locales of glibc, by the first letters that tell the months apart (journalctl and dmesg -T print local names)
_NAMES = """jan ene gen sty led oca янв січ|feb fév fev lut úno şub фев лют|mar mär mrt bře már мар бер|apr abr avr kwi dub nis ápr апр кві
|mai may mei maj mag kvě máj май мая тра|jun juin giu cze čen haz jún июн чер
|jul juil lug lip čec tem júl июл лип|aug ago aoû sie srp ağu авг сер

|sep set wrz zář eyl sze сен вер|oct okt out ott paź říj eki окт жов|nov lis kas ноя лис|dec dez dic déc des gru pro ara дек гру"""
_MONTHS = {name: number for number, names in enumerate(_NAMES.split("|"), 1) for name in names.split()}
_ZONES = {"Z": 0, "UTC": 0, "GMT": 0, "WET": 0, "CET": 1, "WEST": 1, "BST": 1, "CEST": 2, "EET": 2, "EEST": 3, "MSK": 3, "JST": 9, "KST": 9,
          "EST": -5, "EDT": -4, "CDT": -5, "MST": -7, "MDT": -6, "PST": -8, "PDT": -7}
_OFFSET = r"([+-])(\d\d?)(?::?(\d\d))?$"
UNSURE = {"CST": (-21600, 28800), "IST": (3600, 7200, 19800)}  # names of more than one zone, and its seconds east of UTC
ISO = r"(\d{4})-(\d\d)-(\d\d)[T ](\d\d):(\d\d):(\d\d)(?:[.,](\d{1,9}))?(?: ?(Z|[+-]\d\d:?\d\d|[+-]\d\d\b)| (UTC|GMT))?"
ISO_STAMP = re.compile(ISO)


def month(name):
    """Month name of any common locale, "11月" or "11월" -> 1..12, or None."""
    name = name.lower().rstrip(".")
    if name[-1:] in ("月", "월"):
        return int(name[:-1]) if name[:-1].isdecimal() and 0 < int(name[:-1]) < 13 else None
    return _MONTHS.get(name[:4]) or _MONTHS.get(name[:3])


def utc(year, month, day, hour=0, minute=0, second=0):
    """Proleptic Gregorian date and time -> epoch seconds (no range is checked)."""
    year -= month < 3
    day_of_year = (153 * ((month + 9) % 12) + 2) // 5 + day - 1
    days = year * 365 + year // 4 - year // 100 + year // 400 + day_of_year - 719468
    return days * 86400.0 + hour * 3600 + minute * 60 + second


def offset(zone):
    """"Z", "+0530", "-03:00", "CET" -> seconds east of UTC; None when the name is not known."""
    east = re.match(_OFFSET, zone)
    if east:
        seconds = int(east.group(2)) * 3600 + int(east.group(3) or 0) * 60
        return -seconds if east.group(1) == "-" else seconds
    hours = _ZONES.get(zone.upper())
    return hours if hours is None else hours * 3600


def of_match(match):
    """Match of ISO (its first nine groups) -> epoch seconds; without a zone UTC is meant."""
    year, mon, day, hour, minute, second, fraction, zone, name = match.groups()[:9]
    zone = zone or name
    when = utc(int(year), int(mon), int(day), int(hour), int(minute), int(second)) - (offset(zone) if zone else 0)
    return when + float("0." + fraction) if fraction else when


def epoch(text):
    """First ISO 8601 stamp ("2026-11-23T02:13:07.5Z", "Mon 2026-11-23 02:13:07 CET") or "@<seconds>" in text -> epoch, or None."""
    text = text.strip()
    if text[:1] == "@":
        try:
            return float(text[1:])
        except ValueError:
            return None
    match = ISO_STAMP.search(text)
    if not match:
        return None
    name = text[match.end():].strip()
    if name and not match.group(8) and not match.group(9) and name.isalpha() and name.isupper():  # a zone by name
        shift = offset(name)
        return None if shift is None else of_match(match) - shift
    return of_match(match)


def without_year(mon, day, hour, minute, second, now):
    """Stamp of a program that prints no year -> epoch: the latest such moment not in the future of `now` (a day of slack for zones)."""
    if now is None:
        return None
    year = 1970 + int(now // 31556952)
    for year in (year + 1, year, year - 1):
        when = utc(year, mon, day, hour, minute, second)
        if when <= now + 86400:
            return when
    return when
