# Copyright: kubetriage.node contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The bundle as one file."""

import io
import tarfile


def tarball(contents, mtime):
    """{name: text} -> bytes of a .tar.gz, meta.json first: half of it is then still a bundle; the rest in order of name."""
    raw = io.BytesIO()
    with tarfile.open(fileobj=raw, mode="w:gz") as tar:
        for name in sorted(contents, key=lambda name: (name != "meta.json", name)):
            data = contents[name].encode("utf-8", "surrogateescape")
            info = tarfile.TarInfo(name)
            info.size = len(data)
            info.mtime = int(mtime)
            info.mode = 0o600
            tar.addfile(info, io.BytesIO(data))
    return raw.getvalue()
