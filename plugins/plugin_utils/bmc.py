# Copyright: kubetriage.node contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Power as a node's baseboard controller tells it, over Redfish or by our ipmitool. Only for hosts with a variable node_triage_bmc.

{"address", "user", "password", "protocol": redfish (default) or ipmi, "system": of several in a chassis, "validate_certs": default true}
"""

import base64
import http.client
import json
import os
import re
import ssl
import subprocess
import urllib.error
import urllib.request

SECONDS = 8
_LIMIT = 1 << 20
_PLAIN = re.compile(r"[A-Za-z0-9_][\w.:@\[\]-]{0,250}")  # no option of ipmitool, no user in a URL
_PATH = re.compile(r"/redfish/v1/Systems/[\w.%~-]{1,200}/?")
_REDFISH = {"On": "on", "Paused": "on", "Off": "off", "PoweringOn": None, "PoweringOff": None}  # on the way nothing is proven


class NoAnswer(Exception):
    """str() says why, without user and password."""


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    """The password goes to the address that was named, and nowhere else."""

    def redirect_request(self, req, fp, code, msg, headers, newurl):
        return None


def ask(settings):
    """The host's variable -> {"state": on | off | None, "evidence": [quote]}. Raises NoAnswer."""
    address, user = str(settings.get("address") or ""), str(settings.get("user") or "")
    if not _PLAIN.fullmatch(address) or not _PLAIN.fullmatch(user):
        raise NoAnswer("node_triage_bmc needs an address and a user of letters, digits, dots, dashes and colons")
    if settings.get("protocol", "redfish") == "ipmi":
        state, said = power_by_ipmitool(_ipmitool(address, user, str(settings.get("password") or "")))
        source = "BMC (ipmitool)"
    else:
        state, said = _redfish(address, user, settings)
        source = "BMC (Redfish)"
    return {"state": state, "evidence": [{"source": source, "time": None, "text": said}]}


def _ipmitool(address, user, password):
    command = ["ipmitool", "-I", "lanplus", "-H", address, "-U", user, "-E", "chassis", "power", "status"]
    environ = dict(os.environ, IPMI_PASSWORD=password)
    try:
        done = subprocess.run(command, env=environ, stdin=subprocess.DEVNULL, capture_output=True, text=True, errors="replace",
                              timeout=SECONDS, check=False)
    except OSError as error:
        raise NoAnswer("ipmitool: %s" % error.strerror) from error
    except subprocess.TimeoutExpired as error:
        raise NoAnswer("ipmitool gave no answer within %d s" % SECONDS) from error
    return done.stdout if done.returncode == 0 else done.stdout + done.stderr


def power_by_ipmitool(text):
    """Output of `ipmitool chassis power status` -> (on | off, its line). Raises NoAnswer."""
    found = re.search(r"^Chassis Power is (on|off)\s*$", text, re.MULTILINE)
    if not found:
        raise NoAnswer("ipmitool: " + (" ".join(text.split())[:200] or "no output"))
    return found.group(1), found.group(0).strip()


def _redfish(address, user, settings):
    context = ssl.create_default_context()
    if settings.get("validate_certs") is False:
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}), urllib.request.HTTPSHandler(context=context), _NoRedirect())
    token = base64.b64encode(("%s:%s" % (user, settings.get("password") or "")).encode()).decode()

    def get(path):
        headers = {"Authorization": "Basic " + token, "Accept": "application/json"}
        request = urllib.request.Request("https://%s%s" % (address, path), headers=headers)
        try:
            with opener.open(request, timeout=SECONDS) as answer:
                return json.loads(answer.read(_LIMIT))
        except urllib.error.HTTPError as error:
            raise NoAnswer("Redfish: HTTP %d for %s" % (error.code, path)) from error
        except (OSError, ValueError, RecursionError, http.client.HTTPException) as error:
            raise NoAnswer("Redfish: %s" % (getattr(error, "reason", None) or str(error) or type(error).__name__)) from error

    return power_by_redfish(get(system_of(get("/redfish/v1/Systems"), settings.get("system"))))


def system_of(collection, wanted=None):
    """Answer of /redfish/v1/Systems, and the last part of a system's path -> its path. Raises NoAnswer."""
    members = collection.get("Members") if isinstance(collection, dict) else None
    paths = [str(member.get("@odata.id")) for member in members or () if isinstance(member, dict)]
    paths = [path for path in paths if _PATH.fullmatch(path) and wanted in (None, path.rstrip("/").rpartition("/")[2])]
    if len(paths) != 1:
        raise NoAnswer("Redfish: %d systems there; name one in node_triage_bmc.system" % len(paths))
    return paths[0]


def power_by_redfish(system):
    """A ComputerSystem -> (on | off | None, words). Raises NoAnswer."""
    state = system.get("PowerState") if isinstance(system, dict) else None
    if not isinstance(state, str) or state not in _REDFISH:
        raise NoAnswer("Redfish: the system has no PowerState")
    health = system["Status"].get("Health") if isinstance(system.get("Status"), dict) else None
    return _REDFISH[state], "PowerState %s" % state + (", health %s" % health if isinstance(health, str) else "")
