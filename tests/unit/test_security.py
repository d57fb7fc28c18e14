# Copyright: kubetriage.node contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Each claim of SECURITY.md names a test that exists."""

import pathlib
import re

ROOT = pathlib.Path(__file__).resolve().parents[2]


def test_the_tests_behind_the_claims_exist():
    text = (ROOT / "SECURITY.md").read_text(encoding="utf-8")
    claims = text.partition("## What is claimed")[2].partition("## Not claimed")[0].split("\n**")[1:]
    assert len(claims) >= 8
    for claim in claims:
        tests = re.findall(r"^`(tests/\S+?\.py)(?:::(test_\w+))?`$", claim, re.MULTILINE)
        assert tests, claim
        for path, name in tests:
            assert (ROOT / path).exists(), path
            assert not name or re.search(r"^def %s\(" % name, (ROOT / path).read_text(encoding="utf-8"), re.MULTILINE), (path, name)
