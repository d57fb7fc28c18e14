# Copyright: kubetriage.node contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Output of free (procps 3.2 to 4.x), pasted with its options unknown -> bytes."""

import re

_ROW = re.compile(r"^\s*(Mem|Swap|-/\+ buffers/cache)\w*\.?:[ \t]*(.*)$", re.I)
_CELL = re.compile(r"(\d{1,18}(?:[.,]\d{1,9})?)([BKMGTP]?)(?:i?B?)?$", re.I)
_UNITS = {"B": 1, "K": 1 << 10, "M": 1 << 20, "G": 1 << 30, "T": 1 << 40, "P": 1 << 50}


def free(text):
    """-> {"memory": {"total", "used", "free", "shared", "cache", "available"}, "swap": {"total", "used", "free"}}, or {}.

    Of several tables the first. `available` is None for procps before 3.3.10, unless its -/+ line tells. Plain numbers are kB, or what
    -b, -m and -g make of them: the total says which (see _unit).
    """
    found, header, unit = {}, "", 1024
    for line in text.splitlines():
        match = _ROW.match(line)
        cells = [cell.groups() for cell in map(_CELL.match, match.group(2).split()) if cell] if match else ()
        name = match.group(1).lower() if match else None
        if name == "mem" and "memory" not in found and len(cells) >= 3:
            unit = _unit(cells[0])
            values = [_bytes(cell, unit) for cell in cells] + [None] * 3
            values = dict(zip(("total", "used", "free", "shared", "cache", "available"), values))
            if len(cells) > 6:  # -w: buffers and cache apart
                values.update(cache=values["cache"] + values["available"], available=_bytes(cells[6], unit))
            elif "cached" in header and "avail" not in header and len(cells) > 5:  # buffers and cached, two columns, counted as used
                values.update(cache=values["cache"] + values["available"], available=None)
            found["memory"] = values
        elif name == "swap" and "memory" in found and "swap" not in found and len(cells) >= 3:
            found["swap"] = dict(zip(("total", "used", "free"), [_bytes(cell, unit) for cell in cells]))
        elif name and name[0] == "-" and "memory" in found and found["memory"].get("available") is None and len(cells) >= 2:
            found["memory"].update(used=_bytes(cells[0], unit), available=_bytes(cells[1], unit))
        header = line.lower()
    return found


def _bytes(cell, unit):
    digits, suffix = cell
    return int(float(digits.replace(",", ".")) * (_UNITS[suffix.upper()] if suffix else unit))


def _unit(cell):
    """Unit of plain numbers, by the memory's total: a node has between 512 MiB and 4 TiB."""
    digits, suffix = cell
    total = float(digits.replace(",", "."))
    if suffix:
        return 1
    if total < 512:
        return 1 << 30
    if total < 524288:
        return 1 << 20
    return 1024 if total < 1 << 30 or total < 1 << 32 and total % 4096 else 1  # 1 to 4 TiB in kB, or GiB in bytes: bytes come in pages
