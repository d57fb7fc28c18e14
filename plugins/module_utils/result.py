# Copyright: kubetriage.node contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The result of a check: what every check returns, alone or through the probe."""

import re
import time
from contextlib import contextmanager

from .catalogue import FAILURES
from .node import Unavailable

SEVERITIES = ("info", "warning", "critical")
_CONTROL = "[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff]"
_LIMIT = 500


def iso(epoch):
    """Epoch seconds -> "2026-11-23T02:13:07Z"; None -> None."""
    if epoch is None:
        return None
    try:
        return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(epoch))
    except (OverflowError, ValueError, OSError):  # a year no calendar has: the source's number was nonsense
        return None


def evidence(source, text, when=None):
    """One quoted line or figure -> {"source", "time", "text"}; control and direction marks are taken out, long text is cut.

    `when` is epoch seconds, as the source gives it.
    """
    text = str(text).replace("\n", " ")
    if not text.isprintable():
        text = re.sub(_CONTROL, "", text)
    text = text.strip()
    if len(text) > _LIMIT:
        text = text[:_LIMIT - 4] + " ..."
    return {"source": source, "time": iso(when), "text": text}


class Result(object):
    """Collects one check's findings, facts and gaps; `done` gives the CheckResult."""

    def __init__(self, check):
        self.check = check
        self.facts = {}
        self.findings = []
        self.gaps = []
        self.summary = None
        self._parts_seen = 0
        self._started = time.monotonic()

    def find(self, failure, proof, severity=None, subject=None, since=None, until=None, **data):
        """Add a finding: `failure` is a catalogue id, `proof` one evidence or a list, `since`/`until` epoch seconds.

        Data should say its basis: "state" (holds now), "log" (lines of the window) or "api".
        """
        entry = FAILURES[failure]
        finding = {
            "id": failure,
            "severity": severity or entry["severity"],
            "title": entry["title"],
            "subject": subject or {},
            "since": iso(since),
            "until": iso(until),
            "evidence": proof if isinstance(proof, list) else [proof],
            "data": data,
        }
        self.findings.append(finding)
        return finding

    def skip(self, what, why):
        """Something that was not checked, and why."""
        self.gaps.append({"what": what, "why": why})

    @contextmanager
    def part(self, what):
        """A part of the check: what cannot be had inside, or is not in the form that was expected, ends the part and becomes `not_checked`."""
        try:
            yield
            self._parts_seen += 1
        except Unavailable as gap:
            self.skip(what, str(gap))
        except (ValueError, LookupError, TypeError, AttributeError) as error:
            self.skip(what, "cannot be understood: %s" % error)

    def done(self, seen=True):
        """-> CheckResult. `unknown` when nothing at all could be seen, or, if the check says so, not what it is about."""
        problem = [found for found in self.findings if found["severity"] != "info"]
        if problem:
            status = "problem"
        elif self.gaps and not (seen and self.facts and self._parts_seen):
            status = "unknown"
        else:
            status = "ok"
        if self.summary is None or problem:
            self.summary = "; ".join(sorted(set(found["title"] for found in problem))) or self.summary or status
        return {
            "check": self.check,
            "status": status,
            "summary": self.summary,
            "findings": self.findings,
            "facts": self.facts,
            "not_checked": self.gaps,
            "duration_s": round(time.monotonic() - self._started, 3),
        }
