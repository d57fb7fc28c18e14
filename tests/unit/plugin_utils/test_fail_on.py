# Copyright: kubetriage.node contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What makes a run fail: a severity, or an expression over the fleet report; what is neither is refused rather than never true."""

import pytest
from ansible_collections.kubetriage.node.plugins.plugin_utils.fail_on import expression_holds

FLEET = {"totals": {"not_ready": 1, "healthy": 2}, "nodes": [{"node": "w1", "state": "not_ready"}]}


@pytest.mark.parametrize("expression, holds", [
    (None, False), ("", False), ("critical", False),  # severities are each node's own business
    ("totals.not_ready > `0`", True), ("totals.unreachable", False), ("nodes[?state=='unreachable']", False), ("nodes", True),
])
def test_expressions(expression, holds):
    assert expression_holds(FLEET, expression) is holds


@pytest.mark.parametrize("expression", ["info", "Critical", "nodes[?", "warnings"])
def test_what_is_neither_is_refused(expression):
    with pytest.raises(ValueError, match="neither warning nor critical"):
        expression_holds(FLEET, expression)
