# Copyright: kubetriage.node contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The evidence of one node as a bundle on the controller, to be read later and elsewhere."""

import base64
import io
import json
import os
import secrets

from ansible.plugins.action import ActionBase
from ansible.utils.display import Display

from ansible_collections.kubetriage.node.plugins.module_utils.checks import CHECKS
from ansible_collections.kubetriage.node.plugins.module_utils.node.bundle import BadBundle, contents_of
from ansible_collections.kubetriage.node.plugins.module_utils.node.secrets import redact
from ansible_collections.kubetriage.node.plugins.module_utils.node.tarball import tarball
from ansible_collections.kubetriage.node.plugins.plugin_utils import artifacts, pseudonyms, view_store
from ansible_collections.kubetriage.node.plugins.plugin_utils.payload import probe_arguments
from ansible_collections.kubetriage.node.plugins.plugin_utils.transport import Unreached
from ansible_collections.kubetriage.node.plugins.plugin_utils.visit import visit


_SENT = "what the node sent"


def contents(sent, view):
    """A bundle in base64, as its node sent it, and the control plane's view or None -> {name in the bundle: text}. The node is not trusted: it
    tells nothing of the cluster, and secrets are looked for once more. Raises BadBundle."""
    try:
        found = contents_of(io.BytesIO(base64.b64decode(sent or "")), _SENT)
    except (ValueError, TypeError) as error:
        raise BadBundle("%s is no bundle (%s)" % (_SENT, error)) from error
    if "meta.json" not in found or "cut" in found:
        raise BadBundle("%s is not a whole bundle" % _SENT)
    found = {name: redact(text) for name, text in found.items() if name != "control_plane.json"}
    if view:
        found["control_plane.json"] = json.dumps(view, indent=1, sort_keys=True)
    return found


def shared(bundle):
    """{name in a bundle: text} -> (the same with other names and addresses, the node's name in it). Raises BadBundle."""
    other = pseudonyms.of_bundle(bundle, secrets.token_bytes(16)).contents(bundle)
    try:
        return other, str(json.loads(other["meta.json"])["node"])
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise BadBundle("%s has no name of a node in meta.json" % _SENT) from error


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
            seen = visit(self, node, asked, self._templar.template(task_vars.get("ansible_python_interpreter")))
            view, no_view = view_store.load(options["run_dir"], node)
            bundle, name = contents(seen.answer.get("bundle"), view), node
            if options["pseudonyms"]:
                bundle, name = shared(bundle)
        except (Unreached, BadBundle) as gap:
            return dict(result, failed=True, msg="%s: no bundle: %s" % (node, gap))
        archive = tarball(bundle, artifacts.clock())
        if options["pseudonyms"]:
            name += "-" + secrets.token_hex(3)  # each bundle has a key of its own: two nodes may be given the same short name
        path = os.path.join(options["run_dir"], "bundles", artifacts.file_name(name) + ".tar.gz")
        try:
            artifacts.write_bytes(path, archive)
        except OSError as error:
            return dict(result, failed=True, msg=f"{node}: {artifacts.unwritten(error)}")
        Display().display("%s: %s" % (node, path))
        result.update(changed=False, node=node, bundle=path, size=len(archive), by=seen.by, control_plane=no_view or "included")
        return result
