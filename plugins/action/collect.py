# Copyright: kubetriage.node contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The evidence of one node as a bundle on the controller, to be read later and elsewhere."""

import base64
import io
import json
import os
import secrets
import tarfile

from ansible.plugins.action import ActionBase

from ansible_collections.kubetriage.node.plugins.module_utils.checks import CHECKS
from ansible_collections.kubetriage.node.plugins.module_utils.node.secrets import redact
from ansible_collections.kubetriage.node.plugins.module_utils.node.tarball import tarball
from ansible_collections.kubetriage.node.plugins.plugin_utils import artifacts, pseudonyms, view_store
from ansible_collections.kubetriage.node.plugins.plugin_utils.payload import probe_arguments
from ansible_collections.kubetriage.node.plugins.plugin_utils.transport import Unreached
from ansible_collections.kubetriage.node.plugins.plugin_utils.visit import visit


_LARGEST = 256 << 20  # bytes of all files of a bundle: its node is not trusted


def _files(tar):
    """Yield (member, file) of a bundle's plain files. Raises ValueError when they are more than a bundle can hold."""
    left = _LARGEST
    for member in tar:
        left -= member.size
        if left < 0:
            raise ValueError("it holds more than %d MB" % (_LARGEST >> 20))
        if member.isfile():
            yield member, tar.extractfile(member)


def _with_view(archive, view, now):
    """The bundle as the node made it -> the same with control_plane.json."""
    raw = io.BytesIO()
    with tarfile.open(fileobj=io.BytesIO(archive), mode="r:gz") as node, tarfile.open(fileobj=raw, mode="w:gz") as whole:
        for member, file in _files(node):
            whole.addfile(member, file)
        if view:
            data = json.dumps(view, indent=1, sort_keys=True).encode()
            member = tarfile.TarInfo("control_plane.json")
            member.size, member.mtime, member.mode = len(data), int(now), 0o600
            whole.addfile(member, io.BytesIO(data))
    return raw.getvalue()


def _shared(archive):
    """The bundle -> (the same with other names and addresses, the node's name in it)."""
    with tarfile.open(fileobj=io.BytesIO(archive), mode="r:gz") as tar:
        contents = {member.name: file.read().decode("utf-8", "replace") for member, file in _files(tar)}
    other = pseudonyms.of_bundle(contents, secrets.token_bytes(16)).contents(contents)
    return tarball(other, artifacts.clock()), json.loads(other["meta.json"])["node"]


class ActionModule(ActionBase):
    _requires_connection = True
    _supports_check_mode = True
    _supports_async = False

    def run(self, tmp=None, task_vars=None):
        result = super().run(tmp, task_vars)
        _valid, options = self.validate_argument_spec(argument_spec=dict(probe_arguments(), run_dir=dict(type="path", required=True),
                                                                         pseudonyms=dict(type="bool", default=False)))
        host = task_vars["inventory_hostname"]
        node = options["node"] or host
        try:
            asked = dict(options, checks=options["checks"] or list(CHECKS), bundle=True, key=redact.key.hex())
            seen = visit(self, node, asked, task_vars.get("ansible_python_interpreter"))
            archive = base64.b64decode(seen.answer.get("bundle") or "")
            view, no_view = view_store.load(options["run_dir"], node)
            archive, name = _with_view(archive, view, artifacts.clock()), node
            if options["pseudonyms"]:
                archive, name = _shared(archive)
        except Unreached as gap:
            return dict(result, failed=True, msg="%s: no bundle: %s" % (node, gap))
        except (ValueError, KeyError, tarfile.TarError, EOFError, OSError) as error:
            return dict(result, failed=True, msg="%s: no bundle: what the node sent is not one (%s)" % (node, error))
        path = os.path.join(options["run_dir"], "bundles", artifacts.file_name(name) + ".tar.gz")
        try:
            artifacts.write_bytes(path, archive)
        except OSError as error:
            return dict(result, failed=True, msg=f"{node}: {artifacts.unwritten(error)}")
        result.update(changed=False, node=node, bundle=path, size=len(archive), by=seen.by, control_plane=no_view or "included")
        return result
