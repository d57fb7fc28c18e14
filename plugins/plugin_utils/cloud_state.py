# Copyright: kubetriage.node contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The state of a node's cloud instance, by the provider's own command line program on the controller: aws, gcloud or az, and its own login.

Which instance stands in the Node's spec.providerID, which the node may have written: only what has exactly its form becomes an argument.
"""

import json
import os
import re
import subprocess

SECONDS = 20  # these programs take seconds to start
_AWS = re.compile(r"aws:///(?P<region>[a-z]{2}(?:-[a-z]+)+-\d)[a-z0-9-]*/(?P<id>i-[0-9a-f]{8,17})")
_GCE = re.compile(r"gce://(?P<project>[a-z][a-z0-9.:-]{1,60})/(?P<zone>[a-z][a-z0-9-]{1,40})/(?P<name>[a-z][a-z0-9-]{0,62})")
_AZURE = re.compile(r"azure://(?P<id>/subscriptions/[\w-]+/resourceGroups/[\w.()-]+/providers/Microsoft\.Compute/"
                    r"(?P<set>virtualMachineScaleSets/[\w.-]+/)?virtualMachines/[\w.-]+)", re.IGNORECASE)
# On the way from one to the other nothing is proven.
_OFF, _ON = ("stopped", "terminated", "deallocated", "suspended"), ("running", "repairing")


class NoAnswer(Exception):
    """str() says why."""


def command(provider_id):
    """spec.providerID -> argument vector that prints the instance as JSON. Raises NoAnswer for a provider or a form that is not known."""
    found = _AWS.fullmatch(provider_id or "")
    if found:
        return ["aws", "ec2", "describe-instances", "--region", found["region"], "--instance-ids", found["id"], "--output", "json"]
    found = _GCE.fullmatch(provider_id or "")
    if found:
        return ["gcloud", "compute", "instances", "describe", found["name"], "--project", found["project"], "--zone", found["zone"],
                "--format", "json", "--quiet"]
    found = _AZURE.fullmatch(provider_id or "")
    if found:
        return ["az", "vmss" if found["set"] else "vm", "get-instance-view", "--ids", found["id"], "--output", "json", "--only-show-errors"]
    raise NoAnswer("the Node names no instance of AWS, Google Cloud or Azure (spec.providerID)")


def ask(provider_id):
    """-> {"state": on | off | None, "evidence": [quote]}. Raises NoAnswer."""
    argv = command(provider_id)
    try:
        done = subprocess.run(argv, env=dict(os.environ, AWS_PAGER=""), stdin=subprocess.DEVNULL, capture_output=True, text=True,
                              errors="replace", timeout=SECONDS, check=False)
    except OSError as error:
        raise NoAnswer("%s: %s" % (argv[0], error.strerror)) from error
    except subprocess.TimeoutExpired as error:
        raise NoAnswer("%s gave no answer within %d s" % (argv[0], SECONDS)) from error
    if done.returncode:
        raise NoAnswer("%s: %s" % (argv[0], " ".join(done.stderr.split())[:200] or "ended with %d" % done.returncode))
    state, said = instance_state(argv[0], done.stdout)
    return {"state": state, "evidence": [{"source": argv[0], "time": None, "text": said}]}


def instance_state(program, text):
    """Output of the program -> (on | off | None, words). Raises NoAnswer."""
    try:
        content = json.loads(text)
        if program == "aws":
            instance = content["Reservations"][0]["Instances"][0]
            name = instance["State"]["Name"]
            why = (instance.get("StateReason") or {}).get("Message") or instance.get("StateTransitionReason")
        elif program == "gcloud":
            name, why = content["status"], content.get("statusMessage") or content.get("lastStopTimestamp")
        else:
            statuses = (content.get("instanceView") or content)["statuses"]
            name, why = next(entry["code"] for entry in statuses if entry["code"].startswith("PowerState/")).partition("/")[2], None
    except (ValueError, KeyError, IndexError, TypeError, AttributeError, StopIteration) as error:
        raise NoAnswer("%s printed no state of an instance" % program) from error
    said = "instance is %s" % name + (" (%s)" % why if isinstance(why, str) and why else "")
    name = str(name).lower()
    return "off" if name in _OFF else "on" if name in _ON else None, said[:300]
