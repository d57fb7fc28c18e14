# Copyright: kubetriage.node contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Faults side by side: most of a fault's time is waiting for a grace period, so three workers take a third of the time."""

import concurrent.futures
import queue


class Shifts:
    """Runs job(fault, node) for each Fault of a list, each on the next free worker; `futures` {its name: Future}. A context manager: at its end the
    faults that have not begun are dropped."""

    def __init__(self, lab, faults, job):
        self._workers = queue.SimpleQueue()
        for node in lab.workers:
            self._workers.put(node)
        self._job = job
        self._pool = concurrent.futures.ThreadPoolExecutor(len(lab.workers))
        self.futures = {fault.name: self._pool.submit(self._shift, fault) for fault in faults}

    def _shift(self, fault):
        node = self._workers.get()
        try:
            return self._job(fault, node)
        finally:
            self._workers.put(node)

    def __enter__(self):
        return self

    def __exit__(self, *error):
        self._pool.shutdown(cancel_futures=True)
