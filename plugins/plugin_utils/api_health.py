# Copyright: kubetriage.node contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the API server says of its own health: /livez and /readyz, verbose (since 1.16)."""

import re

from ansible_collections.kubetriage.node.plugins.plugin_utils.cluster_error import ClusterError

_PATHS = ("/livez", "/readyz")
_LIMIT = 65536  # bytes; it has a line for each of some fifty checks


def read(api):
    """-> {"failed": [name of a check, "etcd"], "gaps": [{"what", "why"}]}. Raises nothing: whether the server answers, other reads tell."""
    failed, gaps = set(), []
    for path in _PATHS:
        try:
            status, text = api.text(path + "?verbose", _LIMIT)
        except ClusterError as error:
            gaps.append({"what": "the API server's " + path, "why": str(error)})
            continue
        if status in (200, 500):
            failed |= failures(text)
        else:
            gaps.append({"what": "the API server's " + path, "why": f"HTTP {status}"})
    return {"failed": sorted(failed), "gaps": gaps}


def failures(text):
    """What /readyz?verbose prints -> names of the checks that failed. A line each: "[+]ping ok", "[-]etcd failed: reason withheld"."""
    return {name[:100] for name in re.findall(r"(?m)^\[-\]([\w./-]+) failed", text)[:50]}
