# Copyright: kubetriage.node contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Writes docs/failures.md from the catalogue:  python tests/unit/catalogue/failures_page.py"""

import pathlib
import sys

ROOT = pathlib.Path(__file__).resolve().parents[3]
PAGE = ROOT / "docs" / "failures.md"
sys.path.insert(0, str(ROOT / "collections"))

from ansible_collections.kubetriage.node.plugins.module_utils import catalogue  # noqa: E402

ROLES = {"cause": "can be the first cause", "symptom": "a symptom", "presence": "worth knowing, never a cause"}
SOURCES = {"kernel": "the kernel's log", "kubelet": "the kubelet's log", "kubelet.named": "the kubelet by name", "runtime": "the runtime's log",
           "systemd": "systemd's lines", "cni": "the CNI agent's log", "controller": "a controller's log", "any": "any log, event or condition"}
INTRODUCTION = """\
# Failures

What the product knows of how nodes fail: {failures} failures in {families} families, deepest first: of two that were both seen, the one of
the earlier family is looked at as the cause of the other. [Adding a failure](adding-a-failure.md) says how to add one.

This page is written by `python tests/unit/catalogue/failures_page.py`.
"""


def _link(name):
    return "[`%s`](#%s)" % (name, name.replace(".", ""))


def _commands(steps):
    return ["```", *steps, "```", ""]


def _signs(entry):
    lines = ["- %s: `%s`" % (SOURCES[source], regex.replace("`", "'")) for source, _needle, regex in entry["log"]]
    return lines or ["- the node's state, as the checks see it"]


def page(failures, families):
    """-> the page as text."""
    effects = {name: [other for other in failures if name in failures[other]["caused_by"] + failures[other]["seen_with"]] for name in failures}
    modules = {family: getattr(catalogue, family) for family in families}
    lines = [INTRODUCTION.format(failures=len(failures), families=len(families))]
    for family in families:
        lines.append("- **%s** %s" % (family, ", ".join(_link(name) for name in failures if name.split(".")[0] == family)))
    for family in families:
        lines += ["", "## %s: %s" % (family, modules[family].__doc__.strip().split("\n")[0].rstrip("."))]
        for name, entry in failures.items():
            if name.split(".")[0] != family:
                continue
            lines += ["", "### %s" % name, "", "**%s.** %s" % (entry["title"], entry["what"]), "",
                      "%s, %s%s." % (entry["severity"].capitalize(), ROLES[entry["role"]],
                                     "; safe repair: `%s`" % entry["repair"] if entry["repair"] else ""), "",
                      "Recognised by", ""] + _signs(entry) + ["", "Confirm", ""] + _commands(entry["confirm"])
            lines += ["Fix", ""] + _commands(entry["fix"])
            causes = entry["caused_by"] + entry["seen_with"]
            if causes:
                lines += ["Caused by %s." % ", ".join(_link(each) for each in causes), ""]
            if effects[name]:
                lines += ["Causes %s." % ", ".join(_link(each) for each in effects[name]), ""]
            lines.pop()
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    PAGE.write_text(page(catalogue.FAILURES, catalogue.FAMILIES), encoding="utf-8")
