# Copyright: kubetriage.node contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Reads the log lines beside these tests.

    [id]
    + source | program and version      a line that the failure must match: source as given to `scan`
        the line as the program prints it
    - source | program and version      a near miss, that it must not match
        the line
"""

import pathlib
from collections import namedtuple

HERE = pathlib.Path(__file__).parent
Sample = namedtuple("Sample", "name hit source origin line")


def read(path):
    """-> [Sample]; `name` is None before the first [id]."""
    samples, name, head = [], None, None
    for raw in path.read_text(encoding="utf-8").split("\n"):
        if raw.startswith("["):
            name = raw.strip("[]")
        elif raw.startswith(("+ ", "- ")):
            source, _bar, origin = raw[2:].partition(" | ")
            head = (raw[0] == "+", source, origin)
        elif raw.startswith("    "):
            samples.append(Sample(name, *head, raw[4:]))
        else:
            assert not raw, "%s: %r is not in the form" % (path, raw)
    return samples


SAMPLES = [sample for path in sorted((HERE / "samples").glob("*.txt")) for sample in read(path)]
NOISE = read(HERE / "noise.txt")
