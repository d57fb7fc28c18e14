# Copyright: kubetriage.node contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Recorded evidence of any form: a bundle, a directory of loose logs, or a directory with one of these per node; each also as a .tar.gz."""

import os
import tempfile

from ansible_collections.kubetriage.node.plugins.module_utils.checks import CHECKS, ROUTINE
from ansible_collections.kubetriage.node.plugins.module_utils.node.bundle import BadBundle, open_bundle
from ansible_collections.kubetriage.node.plugins.module_utils.probe import look
from ansible_collections.kubetriage.node.plugins.plugin_utils import api_object, log_archive, loose, loose_view, verdicts

_IN_A_BUNDLE = ("meta.json", "paths.json", "commands")
_NESTED = 2  # a .tar.gz of logs may stand in a directory, or in another one


def checked(bundle, window, deadline):
    """Run all checks over the evidence of one node -> accepted CheckResults. `window`, `deadline`: seconds.

    What changed is looked for only where its questions were asked: not in loose logs, nor in older bundles.
    """
    names = [name for name in CHECKS if name in ROUTINE or "commands/journal-services/rc" in bundle.contents]
    checks = verdicts.accept(look(bundle, names, window, deadline))
    return bundle.cited(checks) if isinstance(bundle, loose.Loose) else checks


def open_evidence(path):
    """Path -> ([(node name, Bundle, control plane's view or None)] by name, [sentence about each that could not be read]).

    Raises BadBundle when there is nothing to diagnose at all.
    """
    try:
        nodes, problems = _opened(path, _NESTED)
    except BadBundle as error:
        raise BadBundle(_sentence(str(error))) from error
    return nodes, [_sentence(problem) for problem in problems]


def _sentence(text):
    """File names and what a tarball says of itself are others' words: no control characters, and no more than a few lines of them."""
    return "".join(letter if letter.isprintable() else "?" for letter in text[:600])


def _opened(path, nested):
    if not os.path.exists(path):
        raise BadBundle(f"{path}: no such file or directory; give a bundle, a directory of logs, or a directory with one of these per node")
    problems = []
    if _is_one(path):
        return _open(path, None, problems, nested), problems
    if not os.path.isdir(path):
        raise BadBundle(f"{path}: neither a bundle nor a directory of logs nor a .tar.gz of these; "
                        f"put a log into a directory under its name: {', '.join(loose.FILES)}")
    try:
        names = sorted(os.listdir(path))
    except OSError as error:
        raise BadBundle(f"{path}: cannot be listed ({error.strerror}); check its owner and mode") from error
    nodes = {}
    for name in names:
        inner = os.path.join(path, name)
        if name.startswith(".") or not (os.path.isdir(inner) or _is_one(inner)):
            continue
        try:
            if not _is_one(inner):
                raise BadBundle(f"{inner}: neither a bundle nor a directory of logs; known are {', '.join(loose.FILES)}")
            found = _open(inner, name, problems, nested)
        except BadBundle as error:
            problems.append(str(error))
            continue
        for node, bundle, view in found:
            if node in nodes:  # two looks at one node: both count, the later one under the name of its own file
                problems.append(f"{inner}: it is of {node}, like another one here, and is shown as {log_archive.stem(name)}")
                node = log_archive.stem(name)
            nodes[node] = (node, bundle, view)
    if not nodes:
        raise BadBundle(problems[0] if problems else f"{path}: nothing to diagnose; give a bundle (a directory or .tar.gz) "
                                                     f"or a directory with any of {', '.join(loose.FILES)}")
    return [nodes[name] for name in sorted(nodes)], problems


def _is_one(path):
    if os.path.isdir(path):
        return loose.is_loose(path) or any(os.path.lexists(os.path.join(path, name)) for name in _IN_A_BUNDLE)
    return os.path.isfile(path) and (path.endswith(log_archive.ENDS) or _is_gzip(path))


def _is_gzip(path):
    try:
        with open(path, "rb") as file:
            return file.read(2) == b"\x1f\x8b"
    except OSError:
        return False


def _open(path, name, problems, nested):
    """-> [(node, Bundle, view)]; `name`: of the directory's entry that stands for the node, if it is one of many."""
    if os.path.isdir(path) and not any(os.path.lexists(os.path.join(path, part)) for part in _IN_A_BUNDLE):
        node, bundle, view, gaps = loose.open_loose(path, name)
        problems.extend(gaps)
        return [(node, bundle, view)]
    if nested and not os.path.isdir(path) and log_archive.holds_logs(path):
        return _logs(path, problems, nested)
    try:
        bundle = open_bundle(path)
    except OSError as error:
        raise BadBundle(f"{path}: cannot be read ({error.strerror or error}); check its owner and mode") from error
    if not loose_view.NODE_NAME.fullmatch(bundle.name):
        raise BadBundle(f"{path}: its meta.json names a node that cannot have this name; collect it again with playbooks/collect.yml")
    if "cut" in bundle.contents:
        problems.append(f"{path}: cut off ({bundle.contents['cut']}); what was in it is diagnosed")
    view = _view(bundle)
    if view is None and "control_plane.json" in bundle.contents:
        problems.append(f"{path}: its control_plane.json cannot be understood and is left out")
    return [(bundle.name, bundle, view)]


def _logs(path, problems, nested):
    """A .tar.gz of logs, or of many nodes -> as _open()."""
    with tempfile.TemporaryDirectory(prefix="kubetriage-") as directory:
        top, gaps = log_archive.unpack(path, directory)
        try:
            nodes, more = _opened(top, nested - 1)
        except BadBundle as error:
            raise BadBundle(str(error).replace(top, path)) from error
    problems.extend(gaps + [problem.replace(top, path) for problem in more])
    return nodes


def _view(bundle):
    """control_plane.json of a bundle, in the shape that every view has: what has another one is left out."""
    told = bundle.json("control_plane.json")
    if not isinstance(told, dict):
        return None
    view = api_object.empty_view(bundle.name)
    for key, empty in view.items():
        value = told.get(key)
        if isinstance(empty, list):
            view[key] = [entry for entry in value if isinstance(entry, dict)] if isinstance(value, list) else empty
        elif isinstance(value, dict if key in ("lease", "cluster", "cordon", "controller_manager") else str if empty is None else type(empty)):
            view[key] = value
    view["pods"] = [pod for pod in view["pods"] if isinstance(pod.get("uid"), str) and isinstance(pod.get("name"), str)
                    and isinstance(pod.get("containers"), list) and all(isinstance(each, dict) for each in pod["containers"])]
    view["not_checked"] = [gap for gap in view["not_checked"] if "what" in gap and "why" in gap]
    return view
