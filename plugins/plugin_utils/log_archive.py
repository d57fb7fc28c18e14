# Copyright: kubetriage.node contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A .tar.gz of loose logs, or of a directory of nodes -> that directory.

Whoever made it may mean harm: plain files alone are taken out, under names that cannot lead elsewhere, and no more than is sensible.
"""

import os
import shutil
import tarfile
import zlib

from ansible_collections.kubetriage.node.plugins.module_utils.node.bundle import BadBundle
from ansible_collections.kubetriage.node.plugins.plugin_utils import loose

ENDS = (".tar.gz", ".tgz")
_UNPACKED = 2 << 30  # bytes
_MEMBERS = 20000
_NAME = 1 << 16  # bytes of what describes a member
_BROKEN = (tarfile.TarError, EOFError, OSError, ValueError, zlib.error)


class _Member(tarfile.TarInfo):
    """tarfile reads names and attributes whole, of whatever size they are."""

    @classmethod
    def frombuf(cls, buf, encoding, errors):
        member = super().frombuf(buf, encoding, errors)
        if not member.isreg() and member.size > _NAME:
            raise tarfile.ReadError(f"a name of {member.size} bytes")
        return member


def stem(name):
    """"w1.tar.gz" -> "w1"."""
    return next((name[:-len(end)] for end in ENDS if name.endswith(end)), name)


def holds_logs(path):
    """Is it a .tar.gz of something else than one bundle?"""
    names, size = [], 0
    try:
        with tarfile.open(path, "r|gz", tarinfo=_Member) as tar:
            for member in tar:
                names.append(member.name[2:] if member.name.startswith("./") else member.name)
                size += member.size
                if len(names) > _MEMBERS or size > _UNPACKED:
                    break
    except _BROKEN:
        pass  # what is not known to hold logs is read as a bundle, which says what is wrong with it
    bundles = sum(name.rpartition("/")[2] == "meta.json" and name.count("/") < 3 for name in names)
    return bundles > 1 or not bundles and any(name.rpartition("/")[2] in loose.FILES or name.endswith(ENDS) for name in names)


def unpack(path, directory):
    """Take it out into `directory` -> (the directory in it that holds the logs, [sentence about what is missing]). Raises BadBundle."""
    top, problems, size = os.path.join(directory, stem(os.path.basename(path)) or "logs"), [], 0
    os.mkdir(top)
    try:
        with tarfile.open(path, "r|gz", tarinfo=_Member) as tar:
            for count, member in enumerate(tar):
                size += member.size
                if size > _UNPACKED or count > _MEMBERS:
                    raise BadBundle(f"{path}: more than {_UNPACKED >> 20} MB or {_MEMBERS} entries unpacked; give the logs of one node")
                parts = [part for part in member.name.split("/") if part not in ("", ".")]
                if member.isfile() and parts and ".." not in parts:
                    _write(tar.extractfile(member), os.path.join(top, *parts), member.mtime)
    except _BROKEN as error:
        problems.append(f"{path}: cut off ({error}); what was in it is diagnosed")
    while not loose.is_loose(top) and len(os.listdir(top)) == 1 and os.path.isdir(os.path.join(top, os.listdir(top)[0])):
        top = os.path.join(top, os.listdir(top)[0])  # packed with its directory
    return top, problems


def _write(source, target, mtime):
    os.makedirs(os.path.dirname(target), exist_ok=True)
    with open(target, "wb") as file:
        shutil.copyfileobj(source, file)
    os.utime(target, (max(mtime, 0), max(mtime, 0)))
