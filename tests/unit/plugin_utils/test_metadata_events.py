# Copyright: kubetriage.node contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the cloud announced for a node: a metadata service's real answers, asked by the node's sh within a second, or named as not checked."""

import os
import shutil
import subprocess
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from ansible_collections.kubetriage.node.plugins.plugin_utils import metadata_events
from hypothesis import given
from hypothesis import strategies as st

MARK = "0123456789abcdef"
# From the providers' documentation
MAINTENANCE = """[
  {
    "NotBefore" : "21 Jan 2026 09:00:43 GMT",
    "Code" : "system-reboot",
    "Description" : "scheduled reboot",
    "EventId" : "instance-event-0d59937288b749b32",
    "NotAfter" : "21 Jan 2026 09:17:23 GMT",
    "State" : "active"
  }
]"""
AZURE = ('{"DocumentIncarnation": 1, "Events": [{"EventId": "C7061BAC-AFDC-4513-B24B-AA5F13A16123", "EventType": "%s", "ResourceType": "VirtualMachine", '
         '"Resources": ["w1_0"], "EventStatus": "Scheduled", "NotBefore": "Mon, 11 Apr 2026 22:26:58 GMT", "Description": "Virtual machine is being '
         'preempted", "EventSource": "Platform", "DurationInSeconds": -1}]}')


@pytest.mark.parametrize("answers, words, severity", [
    ({"aws-maintenance": MAINTENANCE.replace("\n", " ")}, "system-reboot, not before 21 Jan 2026 09:00:43 GMT: scheduled reboot", "warning"),
    ({"aws-maintenance": MAINTENANCE.replace("active", "completed").replace("\n", " "), "aws": "i-0123"}, None, None),
    ({"aws-spot": '{"action": "terminate", "time": "2026-09-18T08:22:00Z"}'}, "spot instance: terminate at 2026-09-18T08:22:00Z", "warning"),
    ({"azure": AZURE % "Preempt"}, "Preempt Scheduled, not before Mon, 11 Apr 2026 22:26:58 GMT", "warning"),
    ({"azure": AZURE % "Freeze"}, "Freeze Scheduled", "info"),
    ({"azure": '{"DocumentIncarnation":0,"Events":[]}'}, None, None),
    ({"google-maintenance": "TERMINATE_ON_HOST_MAINTENANCE"}, "TERMINATE", "warning"),
    ({"google-maintenance": "MIGRATE_ON_HOST_MAINTENANCE"}, "MIGRATE", "info"),
    ({"google-maintenance": "NONE", "google-preempted": "FALSE"}, None, None),
    ({"google-preempted": "TRUE"}, "preempted", "warning"),
])
def test_announcements(answers, words, severity):
    text = "".join("@%s %s %s\n" % (MARK, name, body) for name, body in answers.items())
    result = metadata_events.check(text, MARK, "http://169.254.169.254")
    assert result["not_checked"] == []
    if words is None:
        assert result["findings"] == [] and result["status"] == "ok"
        return
    (found,) = result["findings"]
    assert (found["id"], found["severity"]) == ("host.reclaimed", severity) and words in found["evidence"][0]["text"]


@pytest.mark.parametrize("text", ["", "Welcome", "@%s no curl\n" % MARK])
def test_no_answer_is_not_checked(text):
    result = metadata_events.check(text, MARK, "http://169.254.169.254")
    assert result["status"] == "unknown" and result["findings"] == [] and len(result["not_checked"]) == 1


@given(st.dictionaries(st.sampled_from(["aws-maintenance", "aws-spot", "azure", "google-maintenance"]), st.text()))
def test_any_answer_is_read(answers):
    metadata_events.events(answers)


@pytest.mark.parametrize("endpoint", ["169.254.169.254", "http://x;reboot", "http://$(reboot)", "file:///etc/shadow", "http://a/b'c"])
def test_only_a_plain_address_is_asked(endpoint):
    assert not metadata_events.is_service(endpoint)


@pytest.fixture
def service():
    """A metadata service of AWS with session tokens; its spot answer never comes."""
    over = threading.Event()

    class Handler(BaseHTTPRequestHandler):
        def answer(self, status, body):
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body.encode())

        def do_PUT(self):
            self.answer(200 if self.headers["X-aws-ec2-metadata-token-ttl-seconds"] else 400, "TOKEN")

        def do_GET(self):
            if self.path.endswith("/spot/instance-action"):
                over.wait(10)
            token = self.headers["X-aws-ec2-metadata-token"] == "TOKEN"
            answers = {"/latest/meta-data/events/maintenance/scheduled": MAINTENANCE, "/latest/meta-data/instance-id": "i-0123"}
            self.answer(200 if token and self.path in answers else 404, answers.get(self.path, ""))

        def log_message(self, *_args):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    yield "http://127.0.0.1:%d" % server.server_port
    over.set()
    server.shutdown()
    server.server_close()


def test_the_nodes_sh_asks_within_a_second_each(service):
    if not shutil.which("curl"):
        if os.environ.get("KUBETRIAGE_REQUIRE_LAB"):
            pytest.fail("the tests need curl")
        pytest.skip("no curl on this machine")
    start = time.monotonic()
    done = subprocess.run(["sh"], input=metadata_events.script(MARK, service).encode(), stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=True, timeout=20)
    assert time.monotonic() - start < 4
    result = metadata_events.check(done.stdout.decode(), MARK, service)
    assert [found["id"] for found in result["findings"]] == ["host.reclaimed"] and not done.stderr
    silent = subprocess.run(["sh"], input=metadata_events.script(MARK, "http://127.0.0.1:9").encode(), stdout=subprocess.PIPE, check=True, timeout=20)
    assert metadata_events.check(silent.stdout.decode(), MARK, service)["status"] == "unknown"
