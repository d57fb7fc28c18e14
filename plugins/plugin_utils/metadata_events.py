# Copyright: kubetriage.node contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the cloud has announced for a node: its instance metadata service, asked from the node by sh and curl, one second a question.

Formats: AWS "events/maintenance/scheduled" and "spot/instance-action" (IMDSv2), Azure "scheduledevents" 2020-07-01, Google Cloud
"instance/maintenance-event" and "instance/preempted".
"""

import json
import re
import secrets
import shlex

from ansible_collections.kubetriage.node.plugins.module_utils.result import Result, evidence
from ansible_collections.kubetriage.node.plugins.plugin_utils import transport

CHECK = "cloud_events"
SECONDS = 10  # for the round trip; the service itself has one
_EVENTS = 50  # of one service
_ENDPOINT = re.compile(r"https?://[A-Za-z0-9.:\[\]-]{1,100}")
_SCRIPT = r"""
PATH=/usr/sbin:/usr/bin:/sbin:/bin:/usr/local/bin:/opt/bin
get() {  # NAME HEADER PATH
  said=$(curl -s -f -m 1 --noproxy '*' -H "$2" "$endpoint$3" 2>/dev/null | head -c 20000 | tr '\n\r' '  ')
  [ -z "$said" ] || printf '@%s %s %s\n' "$mark" "$1" "$said"
}
command -v curl >/dev/null 2>&1 || printf '@%s no curl\n' "$mark"
{
  token=$(curl -s -f -m 1 --noproxy '*' -X PUT -H 'X-aws-ec2-metadata-token-ttl-seconds: 60' "$endpoint/latest/api/token" 2>/dev/null)
  [ -z "$token" ] || {
    get aws-maintenance "X-aws-ec2-metadata-token: $token" /latest/meta-data/events/maintenance/scheduled &
    get aws-spot "X-aws-ec2-metadata-token: $token" /latest/meta-data/spot/instance-action &
    get aws "X-aws-ec2-metadata-token: $token" /latest/meta-data/instance-id
    wait
  }
} </dev/null &
get azure 'Metadata: true' '/metadata/scheduledevents?api-version=2020-07-01' </dev/null &
get google-maintenance 'Metadata-Flavor: Google' /computeMetadata/v1/instance/maintenance-event </dev/null &
get google-preempted 'Metadata-Flavor: Google' /computeMetadata/v1/instance/preempted </dev/null &
wait
"""


def is_service(endpoint):
    """Is it an address of a service, which may stand in a script?"""
    return bool(_ENDPOINT.fullmatch(endpoint))


def script(mark, endpoint):
    """-> program for the node's sh. `endpoint`: for which is_service() holds."""
    return "mark=%s endpoint=%s\n%s" % (mark, shlex.quote(endpoint), _SCRIPT)


def look(action, endpoint):
    """One more round trip to the node of `action` (an ActionBase) -> CheckResult."""
    mark = secrets.token_hex(8)
    program = script(mark, endpoint)
    try:
        out, _said = transport.ask_shell(action, program, SECONDS, sudoable=False)
    except transport.Unreached:
        out = ""
    return check(out, mark, endpoint)


def check(text, mark, endpoint):
    """What the program printed -> CheckResult `cloud_events`."""
    result = Result(CHECK)
    answers = dict(re.findall(r"^@%s (\S+) (.*)$" % re.escape(mark), text.replace("\r", ""), re.MULTILINE))
    if not answers or "no" in answers:
        result.skip("instance metadata events", "no curl on the node" if "no" in answers else "%s gives no answer" % endpoint)
        return result.done()
    for source, text_, weighty in events(answers):
        result.find("host.reclaimed", evidence("metadata: " + source, text_), severity="warning" if weighty else "info", basis="state")
    return result.done()


def events(answers):
    """{name of the request: body} -> [(name, words, does it take the machine away?)]"""
    found = []
    for event in _json(answers.get("aws-maintenance"), list)[:_EVENTS]:
        if isinstance(event, dict) and event.get("State") == "active":
            found.append(("aws", "%s, not before %s: %s" % (event.get("Code"), event.get("NotBefore"), event.get("Description")), True))
    spot = _json(answers.get("aws-spot"), dict)
    if spot.get("action"):
        found.append(("aws", "spot instance: %s at %s" % (spot["action"], spot.get("time")), True))
    planned = _json(answers.get("azure"), dict).get("Events")
    for event in planned[:_EVENTS] if isinstance(planned, list) else ():
        if isinstance(event, dict):
            words = "%s %s, not before %s: %s" % tuple(event.get(key) for key in ("EventType", "EventStatus", "NotBefore", "Description"))
            found.append(("azure", words, event.get("EventType") != "Freeze"))
    maintenance = answers.get("google-maintenance", "").strip()
    if maintenance.endswith("_ON_HOST_MAINTENANCE"):
        found.append(("google", maintenance, maintenance.startswith("TERMINATE")))
    if answers.get("google-preempted", "").strip() == "TRUE":
        found.append(("google", "the instance was preempted", True))
    return found


def _json(text, kind):
    try:
        content = json.loads(text or "null")
    except (ValueError, RecursionError):
        content = None
    return content if isinstance(content, kind) else kind()
