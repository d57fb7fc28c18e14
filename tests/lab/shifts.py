# Copyright: kubetriage.node contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Faults side by side: most of a fault's time is waiting for a grace period, so three workers take a third of the time."""

import concurrent.futures
import contextlib
import queue
import threading

from faults import FAULTS


@contextlib.contextmanager
def shifts(lab, names, job):
    """Run job(fault, node) for each named fault, each on the next free worker -> {name: Future}."""
    workers, stop = queue.SimpleQueue(), threading.Event()
    for node in lab.workers:
        workers.put(node)

    def shift(fault):
        node = workers.get()
        try:
            return None if stop.is_set() else job(fault, node)
        finally:
            workers.put(node)

    with concurrent.futures.ThreadPoolExecutor(len(lab.workers)) as pool:
        yield {name: pool.submit(shift, FAULTS[name]) for name in names}
        stop.set()
