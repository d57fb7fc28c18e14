# Copyright: kubetriage.node contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

import pathlib
import sys

from ansible_collections.kubetriage.node.plugins.module_utils.catalogue import FAILURES, FAMILIES

sys.path.insert(0, str(pathlib.Path(__file__).parent))
from failures_page import PAGE, page  # noqa: E402


def test_the_page_is_up_to_date():
    assert PAGE.read_text(encoding="utf-8") == page(FAILURES, FAMILIES), "run python tests/unit/catalogue/failures_page.py"
