# Copyright: kubetriage.node contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Output of free (procps 3.2 to 4.x, busybox), pasted with its options unknown and in any language -> bytes."""

import re

_ROW = re.compile(r"^\s*(-/\+ [^:：]{1,30}|[^\W\d][^:：\d]{0,30}?)\.? ?[:：][ \t]*(\d.*)$")
_MEMORY = re.compile(r"Mem|Speicher|Pamięć|Память|Памет|内存|記憶體|Bellek|Minne|Muisti", re.I)
_SWAP = re.compile(r"Swap|Auslager|Échange|Partition d|Intercambio|Wymiana|Подкачка|交换|交換|置換|Takas|Växling", re.I)
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
        name = match.group(1) if match and len(cells) == len(match.group(2).split()) else ""
        if _MEMORY.match(name) and "memory" not in found and len(cells) >= 3:
            unit = _unit(cells[0])
            values = [_bytes(cell, unit) for cell in cells] + [None] * 3
            values = dict(zip(("total", "used", "free", "shared", "cache", "available"), values))
            if len(cells) > 6:  # -w: buffers and cache apart
                values.update(cache=values["cache"] + values["available"], available=_bytes(cells[6], unit))
            elif "cached" in header and "avail" not in header and len(cells) > 5:  # buffers and cached, two columns, counted as used
                values.update(cache=values["cache"] + values["available"], available=None)
            found["memory"] = values
        elif _SWAP.match(name) and "memory" in found and "swap" not in found and len(cells) >= 3:
            found["swap"] = dict(zip(("total", "used", "free"), [_bytes(cell, unit) for cell in cells]))
        elif name[:1] == "-" and "memory" in found and found["memory"].get("available") is None and len(cells) >= 2:
            found["memory"].update(used=_bytes(cells[0], unit), available=_bytes(cells[1], unit))
        header = line.lower()
    return found or _top(text)


def _top(text):
    """The two lines above top's table (procps 3.2 to 4.x): "MiB Mem :  15884.3 total, ...", "Mem:  16265432k total, ..." -> as free()."""
    found = {}
    figure = r" *(\d+(?:\.\d+)?)k? (total|free|used|buff|avail|cached)[\w/]*(?: Mem)?[,. ]*"
    for prefix, name, figures in re.findall(r"^\s*(?:([KMGT])iB )?(Mem|Swap) ?:([ \d.kA-Za-z/,]*\btotal\b.*)$", text, re.M):
        unit = _UNITS[prefix or "K"]
        values = {what: int(float(number) * unit) for number, what in re.findall(figure, figures)}
        if name == "Mem" and "total" in values and "memory" not in found:
            found["memory"] = dict(dict.fromkeys(("shared", "available")), total=values["total"], used=values.get("used"),
                                   free=values.get("free"), cache=values.get("buff"))
        elif name == "Swap" and "memory" in found and "swap" not in found:
            found["swap"] = {key: values.get(key) for key in ("total", "used", "free")}
            found["memory"]["available"] = values.get("avail")
            if "cached" in values and found["memory"]["cache"] is not None:
                found["memory"]["cache"] += values["cached"]
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
