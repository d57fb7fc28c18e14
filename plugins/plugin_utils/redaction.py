# Copyright: kubetriage.node contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The controller's own pass for secrets over what it writes: nodes redact what they send, but are not trusted to, and logs and the API do not."""

import json
import re

from ansible_collections.kubetriage.node.plugins.module_utils.node.secrets import redact

_MARK = re.compile(r"\[secret-[0-9a-f]{6}\]")


def clean(content):
    """JSON-able -> the same without secrets."""
    # As one text first: looking into thousands of short ones would cost a fleet minutes
    text = json.dumps(content).replace("\\n", "\n").replace("\\u0000", "\0")
    return redact.data(content) if redact.finds(text) else content


def counted(content):
    """JSON-able -> {"secrets": how many different ones were taken out of it, "places": at how many places}."""
    marks = _MARK.findall(json.dumps(content))
    return {"secrets": len(set(marks)), "places": len(marks)}
