# Copyright: kubetriage.node contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Times as evidence holds them: UTC ISO strings with a Z, turned into epoch seconds and back."""

from datetime import datetime, timezone


def seconds(text):
    """"2026-11-23T02:13:07Z" (a fraction or an offset may be there) -> epoch seconds; None or no time at all -> None."""
    if not isinstance(text, str):
        return None
    try:
        moment = datetime.fromisoformat(text[:-1] + "+00:00" if text.endswith(("Z", "z")) else text)
        return (moment if moment.tzinfo else moment.replace(tzinfo=timezone.utc)).timestamp()
    except (ValueError, OverflowError, OSError):
        return None


def iso(epoch):
    """Epoch seconds -> "2026-11-23T02:13:07Z"; None, and what is beyond the calendar (a toleration "for ever", somebody's wrong clock) -> None."""
    try:
        return None if epoch is None else datetime.fromtimestamp(epoch, timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")
    except (ValueError, OverflowError, OSError):
        return None


def span(length):
    """Seconds -> "7m12s", "3h05m", "2d4h": two units at most; None -> ""."""
    if length is None:
        return ""
    whole = max(0, int(length))
    if whole < 60:
        return f"{whole}s"
    if whole < 3600:
        return f"{whole // 60}m{whole % 60:02}s"
    if whole < 86400:
        return f"{whole // 3600}h{whole % 3600 // 60:02}m"
    return f"{whole // 86400}d{whole % 86400 // 3600}h"
