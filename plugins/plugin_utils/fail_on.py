# Copyright: kubetriage.node contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""`fail_on`: when a finding shall fail a run, for AWX and CI. Otherwise a broken node that was triaged is a success."""

import re

SEVERITIES = ("warning", "critical")


def severity_reached(verdict, fail_on):
    """True when `fail_on` is a severity and the node's verdict holds a cause or finding at least that severe."""
    if fail_on not in SEVERITIES:
        return False
    if verdict["state"] in ("not_ready", "unreachable"):
        return True
    severe = SEVERITIES[SEVERITIES.index(fail_on):]
    return any(each.get("severity") in severe for each in verdict["causes"] + verdict["findings"])


def expression_holds(fleet, fail_on):
    """True when `fail_on` is a JMESPath expression that finds something in the fleet report. Raises ValueError for one that cannot be read."""
    if not fail_on or fail_on in SEVERITIES:
        return False
    try:
        import jmespath  # needed by those alone who write an expression
    except ImportError as error:
        raise ValueError("fail_on is a JMESPath expression, and the Python package jmespath is missing (%s): install it beside Ansible" % error) from error
    if re.fullmatch(r"\w+", fail_on) and fail_on not in fleet:  # a severity misspelt would never fail a run
        raise ValueError(f"fail_on: {fail_on} is neither {' nor '.join(SEVERITIES)}, nor a part of the fleet report")
    try:
        return bool(jmespath.search(fail_on, fleet))
    except jmespath.exceptions.JMESPathError as error:
        raise ValueError("fail_on is neither %s nor a JMESPath expression: %s" % (" nor ".join(SEVERITIES), str(error).replace("\n", " "))) from error
