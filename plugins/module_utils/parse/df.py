# Copyright: kubetriage.node contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Output of df (coreutils, busybox), pasted with its options unknown (-P -h -H -i -T -k -m -B1, several tables, other text around, in any
language) -> file systems."""

import re

_NUMBER = re.compile(r"-?(\d{1,20}(?:[.,]\d+)?)([KMGTPE]?)(?:i?B)?$", re.I)
_PERCENT = re.compile(r"\d{1,3}%$|-$")
_UNITS = {"": 1, "K": 1 << 10, "M": 1 << 20, "G": 1 << 30, "T": 1 << 40, "P": 1 << 50, "E": 1 << 60}
# "1M-blocks", "1M blocs", "1M-Blöcke", "1M-块"; "blocs de 1M", "bloques de 1M"
_BLOCKS = re.compile(r"\b(\d{1,7})([KMG]?)B?[- ](?:blo|塊|块|ブロ|блок)|\bblo\w+ (?:de|di|po) (\d{1,7})([KMG]?)", re.I)
# "Inodes" and what it is called elsewhere; IUse%, IUti%, NUso%, (I)%
_INODES = re.compile(r"[Ii]-?[Nn]od|[Ii]nœud|[Nn]odos-i|[Nn]ós-i|[Ii]-węz|[Ii]нод|Iノード|아이노드|\b[IN]\w{2,4}%|\(I\)%")
_TYPES = re.compile(r"(?:ext[234]|xfs|btrfs|zfs|vfat|nfs4?|cifs|ceph|tmpfs|devtmpfs|ramfs|overlay|aufs|squashfs|iso9660|efivarfs|f2fs|jfs"
                    r"|reiserfs|fuse[.\w]*|9p|virtiofs)$")
_TYPED = ("type", "typ", "tipo", "тип", "类型", "類型", "タイプ", "tür", "typ.")


def df(text):
    """-> [{"what": "bytes" | "inodes", "filesystem", "type", "size", "used", "avail", "percent", "mount"}]

    Sizes in bytes (or inodes), None for "-"; those of -h are rounded by df. percent is df's own: of what a user may take, rounded up.
    """
    rows, unit, what, typed, wrapped = [], 1024, "bytes", None, ""
    for line in text.splitlines():
        words = line.split()
        row = _row(words, unit, what, typed) or wrapped and _row([wrapped] + words, unit, what, typed)
        if row:
            rows.append(row)
        elif len(words) >= 5 and ("%" in line or "Capacity" in line) and not re.search(r"\d%", line):  # a header, in any language
            what = "inodes" if _INODES.search(line) else "bytes"
            size, letter = next((pair for pair in _pairs(_BLOCKS.search(line)) if pair[0]), ("1", "K"))
            unit = 1 if what == "inodes" else int(size) * _UNITS[letter.upper()]
            typed = words[1].lower() in _TYPED
        wrapped = words[0] if len(words) == 1 else ""  # df without -P breaks the line after a long device name
    return rows


def _pairs(match):
    return (match.group(1, 2), match.group(3, 4)) if match else ()


def _row(words, unit, what, typed):
    for at in range(5, len(words)):  # name [type] size used avail percent mount
        if words[at][0] == "/" and _PERCENT.match(words[at - 1]):
            break
    else:
        return None
    sizes = [_size(word, unit) for word in words[at - 4:at - 1]]
    if any(size is None and word != "-" for size, word in zip(sizes, words[at - 4:at - 1])):
        return None
    name, kind, percent = words[:at - 4], None, words[at - 1]
    if len(name) > 1 and (typed or len(name) == 2 and _TYPES.match(name[1])):
        kind = name.pop()
    return {"what": what, "filesystem": " ".join(name), "type": kind, "size": sizes[0], "used": sizes[1], "avail": sizes[2],
            "percent": None if percent == "-" else int(percent[:-1]), "mount": " ".join(words[at:])}


def _size(word, unit):
    match = _NUMBER.match(word)
    if not match:
        return None
    digits, suffix = match.groups()
    if not suffix and digits.isdecimal():
        value = int(digits) * unit
    else:  # with -h a bare 0 has no suffix; -ih counts in 1024 as well
        value = int(float(digits.replace(",", ".")) * _UNITS[suffix.upper()])
    return -value if word[0] == "-" else value
