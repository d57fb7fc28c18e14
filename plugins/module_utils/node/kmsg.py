# Copyright: kubetriage.node contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The kernel's ring buffer, read without starting a program: cheaper than dmesg, and it works where nothing can fork any more."""

import errno
import os
import re
import time

from . import TimedOut, Unavailable

DEVICE = "/dev/kmsg"


def kmsg(since, timeout):
    """Records from `since` seconds after the boot on -> text as dmesg prints it, "[    5.140900] message".

    A record is "priority,sequence,microseconds,flags;message" with further lines of the message escaped, one a read, and what follows
    its first line are properties (the kernel's Documentation/ABI/testing/dev-kmsg). Raises Unavailable.
    """
    deadline, first, lines = time.monotonic() + timeout, since * 1000000, []
    try:
        device = os.open(DEVICE, os.O_RDONLY | os.O_NONBLOCK)
    except OSError as error:
        raise Unavailable(DEVICE, os.strerror(error.errno).lower())
    try:
        while time.monotonic() < deadline:
            try:
                head, _mark, text = os.read(device, 8192).partition(b";")
            except OSError as error:
                if error.errno == errno.EAGAIN:
                    return "\n".join(lines)
                if error.errno == errno.EPIPE:  # it was overwritten before it was read: the next read has the oldest there is
                    continue
                raise Unavailable(DEVICE, os.strerror(error.errno).lower())
            stamp = int(head.split(b",", 3)[2])
            if stamp >= first:
                text = text.split(b"\n", 1)[0].decode("utf-8", "replace")
                if "\\x" in text:
                    text = re.sub(r"\\x([0-9a-f]{2})", lambda code: chr(int(code.group(1), 16)), text)
                lines.extend("[%5d.%06d] %s" % (stamp // 1000000, stamp % 1000000, line) for line in text.split("\n"))
    finally:
        os.close(device)
    raise TimedOut(DEVICE, "more records than can be read within %g s" % timeout)
