# Copyright: kubetriage.node contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""CNI network configuration (.conflist, .conf, .json; CNI spec 0.1.0 to 1.1.0) -> what it needs."""

import json

_FILES = ("kubeconfig", "subnetFile", "nodename_file", "dataDir", "log_file_path")  # settings that name a file or directory of the agent


def conflist(text):
    """-> {"name", "version", "plugins": [type], "ipam": [type], "files": {setting: path}, "errors": [str]}

    plugins in order, with multus' delegates; errors in the words of what is wrong: with one, libcni does not load the file.
    """
    found = {"name": None, "version": None, "plugins": [], "ipam": [], "files": {}, "errors": []}
    try:
        network = json.loads(text)
    except RecursionError:
        found["errors"].append("nested too deeply")
        return found
    except ValueError as error:
        found["errors"].append("no JSON: %s" % error if text.strip() else "the file is empty")
        return found
    if not isinstance(network, dict):
        found["errors"].append("no JSON object")
        return found
    found["name"], found["version"] = _text(network.get("name")), _text(network.get("cniVersion"))
    if not found["name"]:
        found["errors"].append("missing 'name'")
    if "plugins" in network:
        plugins = network["plugins"]
        if not isinstance(plugins, list):
            found["errors"].append("'plugins' is no list")
            plugins = []
        elif not plugins:
            found["errors"].append("no plugins in list")
    elif "type" in network:
        plugins = [network]
    else:
        found["errors"].append("no 'plugins' key")
        plugins = []
    _add(found, plugins, 0)
    return found


def _add(found, plugins, depth):
    for plugin in plugins:
        kind = _text(plugin.get("type")) if isinstance(plugin, dict) else None
        if not kind:
            found["errors"].append("plugin without 'type'")
            continue
        found["plugins"].append(kind)
        ipam = plugin.get("ipam")
        if isinstance(ipam, dict) and _text(ipam.get("type")):
            found["ipam"].append(ipam["type"])
        for part in (plugin, plugin.get("kubernetes"), ipam):
            for key in _FILES if isinstance(part, dict) else ():
                if _text(part.get(key)):
                    found["files"].setdefault(key, part[key])
        delegates = plugin.get("delegates")
        if isinstance(delegates, list) and depth < 3:
            for each in delegates:  # of a delegate that is a list, its plugins
                nested = each.get("plugins") if isinstance(each, dict) else None
                _add(found, nested if isinstance(nested, list) else [each], depth + 1)


def _text(value):
    return value if isinstance(value, str) and value else None
