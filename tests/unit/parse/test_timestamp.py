# Copyright: kubetriage.node contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

import calendar

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from ansible_collections.kubetriage.node.plugins.module_utils.parse import timestamp

NIGHT = 1795399987.0  # 2026-11-23T02:13:07Z


@pytest.mark.parametrize("text, expected", [
    ("2026-11-23T02:13:07Z", NIGHT),
    ("2026-11-23T02:13:07.250000Z", NIGHT + 0.25),
    ("2026-11-23T02:13:07,250000+00:00", NIGHT + 0.25),
    ("2026-11-23T03:13:07+0100", NIGHT),
    ("2026-11-22T20:43:07-05:30", NIGHT),
    ("2026-11-23 02:13:07 UTC", NIGHT),
    ("2026-11-23 03:13:07 CET", NIGHT),
    ("2026-11-23 02:13:07.123456789 +0000 UTC m=+0.012", NIGHT + 0.123456789),
    ("@1795399987", NIGHT),
    ("2026-11-23 02:13:07 XYZT", None),
    ("@soon", None),
    ("yesterday", None),
    ("", None),
])
def test_epoch(text, expected):
    assert timestamp.epoch(text) == (expected if expected is None else pytest.approx(expected, abs=1e-6))


@given(st.datetimes())
def test_utc_is_timegm(when):
    assert timestamp.utc(*when.timetuple()[:6]) == calendar.timegm(when.timetuple())


@pytest.mark.parametrize("name, expected", [
    ("Nov", 11), ("okt", 10), ("mrt", 3), ("Mär", 3), ("févr.", 2), ("juin", 6), ("juil.", 7), ("déc.", 12), ("paź", 10), ("ноя", 11),
    ("мая", 5),
    ("11月", 11), ("1월", 1), ("13月", None), ("Foo", None), ("", None),
])
def test_month(name, expected):
    assert timestamp.month(name) == expected


@pytest.mark.parametrize("stamp, now, expected", [
    ((11, 23, 2, 13, 7), NIGHT + 60, NIGHT),
    ((11, 23, 12, 13, 7), NIGHT, NIGHT + 36000),  # a node ahead of UTC
    ((12, 31, 23, 59, 59), timestamp.utc(2027, 1, 1), timestamp.utc(2026, 12, 31, 23, 59, 59)),
    ((1, 1, 0, 0, 5), timestamp.utc(2026, 12, 31, 23, 59, 58), timestamp.utc(2027, 1, 1, 0, 0, 5)),
    ((11, 23, 2, 13, 7), None, None),
])
def test_without_year(stamp, now, expected):
    assert timestamp.without_year(*stamp, now=now) == expected


@example("-\u00b2")
@example("\u00b2\u6708")
@given(st.text(max_size=60))
def test_any_text(text):
    timestamp.epoch(text)
    timestamp.month(text)
    timestamp.offset(text)
