# Copyright: kubetriage.node contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The probe as one self-contained Python program: everything of module_utils that it imports, and the travelling part of the catalogue."""

import ast
import binascii
import json
import pathlib
import re
import zlib
from functools import lru_cache

from ansible_collections.kubetriage.node.plugins.module_utils.catalogue import FAILURES, TRAVELLING
from ansible_collections.kubetriage.node.plugins.module_utils.checks import CHECKS, ROUTINE

_IMPORT = re.compile(r"^[ \t]*from (\.+)([\w.]*) import (.+)$", re.MULTILINE)
_ROOT = pathlib.Path(__file__).resolve().parent.parent / "module_utils"

_PROGRAM = '''\
#!/usr/bin/env python3
# kubetriage.node probe %(version)s: looks at this node and writes nothing on it.
# By hand: python3 probe.py > bundle.tar.gz    then, elsewhere: ansible-playbook kubetriage.node.replay -e node_triage_evidence=bundle.tar.gz
# GNU General Public License v3.0+ (see https://www.gnu.org/licenses/gpl-3.0.txt)
import binascii
import gc
import json
import sys
import zlib
from importlib.machinery import ModuleSpec

gc.disable()  # it lives for a second; looking for cycles would cost more than they hold

SOURCES = %(sources)s


class Sources(object):
    """Imports from SOURCES, so that a part which is not needed is not compiled."""

    @staticmethod
    def find_spec(name, path=None, target=None):
        if name in SOURCES:
            return ModuleSpec(name, Sources, is_package=SOURCES[name][0])

    @staticmethod
    def create_module(spec):
        return None

    @staticmethod
    def exec_module(module):
        part = SOURCES[module.__name__][1]
        if isinstance(part, dict):  # the catalogue, which is data
            module.FAILURES = part
        else:
            exec(compile(part, module.__name__, "exec"), module.__dict__)


if sys.version_info < (3, 6):
    sys.exit("kubetriage: this is Python %%d.%%d; the probe needs 3.6 or newer" %% sys.version_info[:2])
sys.meta_path.insert(0, Sources)
from kubetriage import probe  # noqa: E402
probe.main(%(options)r)
'''


def _imports(module, text):
    """The modules of ours that `module` imports: relative imports only, each on one line, as everywhere in module_utils."""
    package = module if not module or (_ROOT / module.replace(".", "/") / "__init__.py").exists() else module.rpartition(".")[0]
    for dots, name, aliases in _IMPORT.findall(text):
        base = package.split(".")[:len(package.split(".")) - len(dots) + 1]
        source = ".".join(part for part in base + [name] if part)
        yield source
        for alias in aliases.partition("#")[0].split(","):
            yield ".".join(part for part in (source, alias.split(" as ")[0].strip()) if part)


def _path(module):
    """Dotted name below module_utils -> (path, is it a package), or None."""
    path = _ROOT.joinpath(*module.split(".")) if module else _ROOT
    if (path / "__init__.py").exists() or path.is_dir():
        return path / "__init__.py", True
    path = path.with_suffix(".py")
    return (path, False) if path.exists() else None


def _travelling_catalogue():
    return {name: {key: entry[key] for key in TRAVELLING if key in entry} for name, entry in FAILURES.items()}


@lru_cache(maxsize=None)
def _literal(checks, form):
    """The sources that these checks need, as a Python expression; `form`: _packed, _plain or _bare."""
    sources, waiting = {}, ["probe"] + ["checks." + CHECKS[name] for name in checks]
    while waiting:
        module = waiting.pop()
        found = _path(module)
        if module in sources or not found:
            continue
        path, is_package = found
        if module == "catalogue":
            sources[module] = (True, _travelling_catalogue())
            continue
        text = path.read_text(encoding="utf-8") if path.exists() else ""
        sources[module] = (is_package, text)
        if module:
            waiting.append(module.rpartition(".")[0])
        waiting.extend(_imports(module, text))
    return form({".".join(part for part in ("kubetriage", module) if part): source for module, source in sorted(sources.items())})


def program(options, version, bare=False):
    """-> text of the program. `options`: checks (None for those of every look), window, deadline, bundle, frame (default True) and key, as
    probe.main() takes them.

    `bare`: as short as it gets, for whoever packs it into a command.
    """
    options = {"checks": options.get("checks"), "window": options["window"], "deadline": options["deadline"], "bundle": options["bundle"],
               "frame": options.get("frame", True), "key": options.get("key"), "version": version}
    form = _bare if bare else _packed if options["frame"] else _plain
    return _PROGRAM % {"version": version, "sources": _literal(tuple(options["checks"] or ROUTINE), form), "options": options}


def gather():
    """Gather what every look sends: called once, in the process that the workers of all hosts are forked from."""
    _literal(ROUTINE, _packed)


def _plain(sources):
    """For a program that is carried by hand, and read before it is run."""
    return "{\n%s}" % "".join("    %r: %a,\n" % each for each in sources.items())


def _bare(sources):
    """Without comments and docstrings."""
    found = {}
    for name, (is_package, text) in sources.items():
        if isinstance(text, dict):
            found[name] = (is_package, text)
            continue
        tree = ast.parse(text)
        for part in ast.walk(tree):
            if isinstance(part, (ast.Module, ast.FunctionDef, ast.ClassDef)) and ast.get_docstring(part, clean=False) is not None:
                part.body = part.body[1:] or [ast.Pass()]
        found[name] = (is_package, ast.unparse(tree))
    return _plain(found)


def _packed(sources):
    """For one that goes straight to the interpreter: reading 290 KB of literals costs a node 5 ms more."""
    packed = binascii.b2a_base64(zlib.compress(json.dumps(sources).encode()), newline=False).decode()
    return "json.loads(zlib.decompress(binascii.a2b_base64(%r)).decode())" % packed


def probe_arguments():
    """Argument spec shared by the actions that send the probe."""
    return {
        "node": {"type": "str"},
        "checks": {"type": "list", "elements": "str", "choices": sorted(CHECKS)},
        "window": {"type": "int", "default": 3600},
        "deadline": {"type": "int", "default": 15},
    }
