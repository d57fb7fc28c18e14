# Copyright: kubetriage.node contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How a node is read. Every check is written once against this interface; the live machine, a bundle and loose logs stand behind it.

A node has `name`, `now` (epoch seconds of the look) and:

    run(name, argv, timeout=5.0) -> Output         a program of the node; `name` is its stable key in a bundle
    ask(name, function, *args, timeout=5.0) -> JSON-able   a client of our own (CRI, HTTPS): called as function(*args, timeout=...)
    read(path, limit=65536, tail=False) -> str     at most `limit` bytes, the last ones if `tail`
    list(path) -> [name]                           sorted
    stat(path) -> {"kind", "size", "mtime", "mode", "uid", "target"}   kind: file dir link socket other; target: of a link, else None
    statvfs(path) -> {"size", "free", "avail", "files", "ffree", "readonly"}   bytes and inodes

What cannot be had raises Unavailable or one of its two kinds: Missing (looked, and it is not there) and TimedOut.
"""

from collections import namedtuple

Output = namedtuple("Output", "rc out err")


class Unavailable(Exception):
    """`what` could not be had, and `why`: a tool that is not there, a refused permission, something a bundle does not hold."""

    kind = "unavailable"

    def __init__(self, what, why):
        super(Unavailable, self).__init__("%s: %s" % (what, why))
        self.what = what
        self.why = why


class Missing(Unavailable):
    """It was looked for, and it is not there."""

    kind = "missing"


class TimedOut(Unavailable):
    """No answer within the deadline."""

    kind = "timed_out"


KINDS = {kind.kind: kind for kind in (Unavailable, Missing, TimedOut)}


def first_line(text):
    """What a program said, as one line for a reason."""
    return text.strip().split("\n", 1)[0]
