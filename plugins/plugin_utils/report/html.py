# Copyright: kubetriage.node contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""One page that holds all of it: no script, no font, no image, nothing loaded; it can be mailed, printed and read on a phone."""

import base64
import hashlib
import pathlib

import jinja2
import markupsafe

from ansible_collections.kubetriage.node.plugins.plugin_utils.report import wording
from ansible_collections.kubetriage.node.plugins.plugin_utils.report.plain import plain

_HERE = pathlib.Path(__file__).parent
_DETAILED = 100  # with more nodes in trouble, their time lines and check tables stay in the JSON, or no phone opens the page


def render(fleet, contents):
    """The fleet report and the nodes' artifacts -> HTML. What nodes and users wrote is escaped, and stripped of control characters."""
    style = (_HERE / "page.css").read_text(encoding="utf-8")
    troubled = sorted((content for content in contents if content["verdict"]["state"] != "healthy"),
                      key=lambda content: (wording.STATES.index(content["verdict"]["state"]), content["node"]))
    place = {content["node"]: number for number, content in enumerate(troubled, 1)}
    return _environment().from_string((_HERE / "page.html.j2").read_text(encoding="utf-8")).render(
        fleet=fleet, troubled=troubled, place=place, style=jinja2.utils.markupsafe.Markup(style), style_hash=_hash(style),
        healthy=sorted((content for content in contents if content["verdict"]["state"] == "healthy"), key=lambda content: content["node"]),
        single=contents[0] if len(contents) == 1 else None, detailed=len(troubled) <= _DETAILED, wording=wording)


def _environment():
    # Artifacts are data to this template, never a template; `finalize` sees every value that is printed, before it is escaped.
    environment = jinja2.Environment(autoescape=True, undefined=jinja2.StrictUndefined, trim_blocks=True, lstrip_blocks=True,
                                     finalize=lambda value: plain(value) if isinstance(value, str) and not isinstance(value, markupsafe.Markup) else value)
    return environment


def _hash(style):
    """The one style that the page's policy lets through."""
    return "sha256-" + base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
