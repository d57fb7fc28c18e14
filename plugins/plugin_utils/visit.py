# Copyright: kubetriage.node contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""One visit to a node, whatever state it is in: by its Python; by its sh when Python does not start; as the login user when root is refused.

All within the probe's deadline and _GRACE seconds.
"""

import base64
import secrets
import time

from ansible_collections.kubetriage.node.plugins.module_utils.checks import ROUTINE
from ansible_collections.kubetriage.node.plugins.plugin_utils import artifacts, transport
from ansible_collections.kubetriage.node.plugins.plugin_utils.payload import program
from ansible_collections.kubetriage.node.plugins.plugin_utils.version import VERSION

_GRACE = 13  # seconds beside the probe's own deadline, for connecting and for the program's start: an sshd may be slow by 8
_FOR_SHELL = 4  # seconds kept back for the collector, should Python not come to an answer


class Visit:
    """What a node was asked by: `by` python or sh; `answer` as probe.main() frames it; `gaps` [{what, why}] that are no single check's."""

    def __init__(self, by, answer, gaps):
        self.by, self.answer, self.gaps = by, answer, gaps


def visit(action, host, options, interpreter):
    """Look at the node of `action` (an ActionBase) -> Visit. `options` as payload.program() takes them. Raises transport.Unreached."""
    until = time.monotonic() + options["deadline"] + _GRACE
    try:
        return _look(action, host, options, interpreter, until, True)
    except transport.Unreached as refused:
        if refused.kind != "sudo" or not action._connection.become:
            raise
        try:
            seen = _look(action, host, options, interpreter, until, False)
        except transport.Unreached as again:  # it was no matter of sudo if the login hangs as well
            raise (again if again.kind == "timeout" else refused) from None
        seen.gaps.append({"what": "what only root may read", "why": "becoming root failed: %s" % refused})
        return seen


def _look(action, host, options, interpreter, until, sudoable):
    reserved = _FOR_SHELL if until - time.monotonic() > 2 * _FOR_SHELL else 0
    try:
        text = program(options, VERSION, bare=not transport.pipes(action))
        answer = transport.ask_python(action, text, interpreter, until - time.monotonic() - reserved, sudoable)
        return Visit("python", answer, [])
    except transport.Silent as silent:
        why, failure = "Python gave no answer (%s)" % silent, transport.Unreached("no_python", str(silent))
    except transport.Late as late:
        why, failure = "Python gave no answer (%s)" % late.said, late
    except transport.Unreached as refused:
        if refused.kind != "no_shell":  # a shell that could not start a process: the collector needs none
            raise
        why, failure = refused.said, refused
    return _by_shell(action, host, options, until, sudoable, why, failure)


def _by_shell(action, host, options, until, sudoable, why, failure):
    # Here, because the checks and all they read with are needed on the controller for this alone, and Ansible compiles them in every run
    from ansible_collections.kubetriage.node.plugins.module_utils.node.tarball import tarball
    from ansible_collections.kubetriage.node.plugins.module_utils.probe import look
    from ansible_collections.kubetriage.node.plugins.plugin_utils import shell_evidence

    mark = secrets.token_hex(8)
    left = until - time.monotonic()
    if left < 2:
        raise failure
    script = shell_evidence.script(mark, max(min(options["deadline"], left - 2), 1))
    try:
        out, said = transport.ask_shell(action, script, left, sudoable)
    except transport.Unreached as refused:
        raise failure if refused.kind in ("timeout", "other") else refused
    contents, gaps = shell_evidence.read(out, mark, host, options["window"], artifacts.clock())
    if contents is None:
        raise transport.unreached(said) if transport.kind_of(said) != "other" else failure
    node = shell_evidence.bundle(contents)
    names = [name for name in options["checks"] or ROUTINE if name in ROUTINE]
    if options["checks"] and len(names) < len(options["checks"]):
        gaps = [{"what": "what was changed", "why": "not brought by the sh collector"}] + gaps
    checks = look(node, names, options["window"], options["deadline"])
    meta = node.json("meta.json")
    answer = {"host": node.name, "collected_at": meta["collected_at"], "root": meta["root"], "checks": checks}
    if options["bundle"]:
        answer["bundle"] = base64.b64encode(tarball(contents, node.now)).decode()
    return Visit("sh", answer, [{"what": "what only the probe can ask", "why": "the plain sh collector looked: " + why}] + gaps)
