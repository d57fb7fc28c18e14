# Copyright: kubetriage.node contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What several checks work out of the same answers is worked out once."""

import functools
import threading
import weakref


def once_per_node(function):
    """function(node) -> the same result for the same node, also when checks ask side by side. An exception is not kept. Nobody may change the result."""
    lock, results = threading.Lock(), weakref.WeakKeyDictionary()

    @functools.wraps(function)
    def ask(node):
        with lock:
            if node not in results:
                results[node] = function(node)
            return results[node]

    return ask
