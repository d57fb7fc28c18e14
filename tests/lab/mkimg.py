# Copyright: kubetriage.node contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Container images around static programs, for `ctr -n k8s.io images import`, because the lab reaches no registry.

    mkimg.py OUT.tar TAG=PROGRAM:/path/in/image[:/another/name,...] ...

Each TAG becomes a one-layer image whose entrypoint is the first path; further names are symbolic links to it (busybox).
The format is `docker save`'s: manifest.json, a config and a layer per image. Same input, same bytes.
"""

import hashlib
import io
import json
import sys
import tarfile


def layer(program, path, links):
    """One static program and the links to it -> bytes of an uncompressed layer."""
    blob = io.BytesIO()
    with tarfile.open(fileobj=blob, mode="w") as tar:
        entry = tar.gettarinfo(program, arcname=path.lstrip("/"))
        entry.mtime, entry.mode = 0, 0o755
        with open(program, "rb") as source:
            tar.addfile(entry, source)
        for link in links:
            entry = tarfile.TarInfo(link.lstrip("/"))
            entry.type, entry.linkname = tarfile.SYMTYPE, path
            tar.addfile(entry)
    return blob.getvalue()


def image(tag, spec):
    """-> (manifest entry, {name in the archive: bytes})."""
    program, path, links = (spec.split(":") + [""])[:3]
    blob = layer(program, path, links.split(",") if links else [])
    digest = hashlib.sha256(blob).hexdigest()
    config = json.dumps({
        "architecture": "amd64", "os": "linux",
        "config": {"Entrypoint": [path], "Env": ["PATH=/bin"]},
        "rootfs": {"type": "layers", "diff_ids": ["sha256:" + digest]},
        "history": [{"created": "2026-01-01T00:00:00Z"}],
    }).encode()
    config_name = hashlib.sha256(config).hexdigest() + ".json"
    layer_name = digest + "/layer.tar"
    return {"Config": config_name, "RepoTags": [tag], "Layers": [layer_name]}, {config_name: config, layer_name: blob}


def main(out, specs):
    manifest, files = [], {}
    for spec in specs:
        entry, parts = image(*spec.split("=", 1))
        manifest.append(entry)
        files.update(parts)
    files["manifest.json"] = json.dumps(manifest).encode()
    with tarfile.open(out, "w") as tar:
        for name in sorted(files):
            info = tarfile.TarInfo(name)
            info.size = len(files[name])
            tar.addfile(info, io.BytesIO(files[name]))


if __name__ == "__main__":
    if len(sys.argv) < 3:
        sys.exit(__doc__)
    main(sys.argv[1], sys.argv[2:])
