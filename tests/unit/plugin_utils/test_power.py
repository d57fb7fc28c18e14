# Copyright: kubetriage.node contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Power by BMC and by cloud: what the real programs print, what they are given, and that a password goes nowhere else."""

import json
import os
import ssl
import subprocess
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from ansible_collections.kubetriage.node.plugins.plugin_utils import bmc, cloud_state

BMC = {"user": "monitor", "password": "s3cret", "validate_certs": False}


@pytest.mark.parametrize("text, state", [
    # ipmitool 1.8.18 and 1.8.19
    ("Chassis Power is on\n", "on"),
    ("Chassis Power is off\n", "off"),
    ("Error: Unable to establish IPMI v2 / RMCP+ session\n", None),
    ("", None),
])
def test_ipmitool(text, state):
    if state:
        assert bmc.power_by_ipmitool(text)[0] == state
    else:
        with pytest.raises(bmc.NoAnswer):
            bmc.power_by_ipmitool(text)


def test_ipmitool_gets_the_password_by_its_environment_only(tmp_path, monkeypatch):
    program = tmp_path / "ipmitool"
    program.write_text('#!/bin/sh\n[ "$IPMI_PASSWORD" = s3cret ] || exit 1\ncase "$*" in *s3cret*) exit 2 ;; esac\n'
                       '[ "$*" = "-I lanplus -H 10.1.0.11 -U monitor -E chassis power status" ] && echo "Chassis Power is off"\n')
    program.chmod(0o755)
    monkeypatch.setenv("PATH", "%s:%s" % (tmp_path, os.environ["PATH"]))
    found = bmc.ask(dict(BMC, address="10.1.0.11", protocol="ipmi"))
    assert found == {"state": "off", "evidence": [{"source": "BMC (ipmitool)", "time": None, "text": "Chassis Power is off"}]}


@pytest.mark.parametrize("address, user", [("-x", "monitor"), ("10.1.0.11", "-f/etc/shadow"), ("a b", "monitor"), ("", "monitor"), ("h/../x", "u")])
def test_no_option_can_be_put_in(address, user):
    with pytest.raises(bmc.NoAnswer):
        bmc.ask(dict(BMC, address=address, user=user, protocol="ipmi"))


@pytest.fixture
def redfish(tmp_path):
    """A Redfish service with TLS -> (address, {path: (status, object, headers)}, [(path, Authorization)])."""
    answers, asked = {}, []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            asked.append((self.path, self.headers["Authorization"]))
            if isinstance(answers.get(self.path), bytes):
                self.wfile.write(answers[self.path])
                return
            status, content, headers = answers.get(self.path, (404, {}, {}))
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(json.dumps(content).encode())

        def log_message(self, *_args):
            pass

    subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", str(tmp_path / "key"), "-out", str(tmp_path / "crt"), "-days", "1",
                    "-subj", "/CN=bmc"], check=True, capture_output=True)
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(tmp_path / "crt", tmp_path / "key")
    server.socket = context.wrap_socket(server.socket, server_side=True)
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    yield "127.0.0.1:%d" % server.server_port, answers, asked
    server.shutdown()
    server.server_close()


def systems(*names):
    """DSP0268: a ComputerSystemCollection."""
    return {"@odata.id": "/redfish/v1/Systems", "Members@odata.count": len(names), "Members": [{"@odata.id": "/redfish/v1/Systems/" + name} for name in names]}


@pytest.mark.parametrize("power, state", [("On", "on"), ("Off", "off"), ("PoweringOff", None), (None, "none")])
def test_redfish(redfish, power, state):
    address, answers, asked = redfish
    answers.update({"/redfish/v1/Systems": (200, systems("System.Embedded.1"), {}),
                    "/redfish/v1/Systems/System.Embedded.1": (200, {"PowerState": power, "Status": {"Health": "OK"}}, {})})
    if state == "none":
        with pytest.raises(bmc.NoAnswer):
            bmc.ask(dict(BMC, address=address))
        return
    found = bmc.ask(dict(BMC, address=address))
    assert found["state"] == state and found["evidence"][0]["text"] == "PowerState %s, health OK" % power
    assert {token for _path, token in asked} == {"Basic bW9uaXRvcjpzM2NyZXQ="}


@pytest.mark.parametrize("answers, why", [
    ({"/redfish/v1/Systems": (200, systems("1", "2"), {})}, "2 systems"),
    ({"/redfish/v1/Systems": (401, {}, {})}, "HTTP 401"),
    ({"/redfish/v1/Systems": (302, {}, {"Location": "https://127.0.0.1:1/elsewhere"})}, "HTTP 302"),  # the password stays here
    ({"/redfish/v1/Systems": (200, {"Members": [{"@odata.id": "@evil.example/redfish/v1/Systems/1"}]}, {})}, "0 systems"),
    ({"/redfish/v1/Systems": b"220 this speaks something else\r\n"}, "Redfish: "),
    ({"/redfish/v1/Systems": b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n{"}, "Redfish: "),
    ({"/redfish/v1/Systems": b"HTTP/1.1 200 OK\r\n\r\n" + b"[" * 100000}, "Redfish: "),
    ({"/redfish/v1/Systems": (200, systems("1"), {}), "/redfish/v1/Systems/1": (200, {"PowerState": []}, {})}, "no PowerState"),
])
def test_redfish_without_an_answer(redfish, answers, why):
    address, here, _asked = redfish
    here.update(answers)
    with pytest.raises(bmc.NoAnswer, match=why) as raised:
        bmc.ask(dict(BMC, address=address))
    assert "s3cret" not in str(raised.value)


def test_a_certificate_is_checked_unless_told_otherwise(redfish):
    with pytest.raises(bmc.NoAnswer, match="(?i)certificate"):
        bmc.ask(dict(BMC, address=redfish[0], validate_certs=True))


AZURE = "azure:///subscriptions/00aa-11/resourceGroups/mc_rg_(x)/providers/Microsoft.Compute/"


@pytest.mark.parametrize("provider_id, argv", [
    ("aws:///eu-central-1a/i-0123456789abcdef0", "aws ec2 describe-instances --region eu-central-1 --instance-ids i-0123456789abcdef0"),
    ("aws:///us-west-2-lax-1a/i-01234567", "aws ec2 describe-instances --region us-west-2 --instance-ids i-01234567"),
    ("aws:///us-gov-east-1b/i-01234567", "aws ec2 describe-instances --region us-gov-east-1 --instance-ids i-01234567"),
    ("gce://shop-prod/europe-west3-a/gke-pool-1-abcd", "gcloud compute instances describe gke-pool-1-abcd --project shop-prod --zone europe-west3-a"),
    (AZURE + "virtualMachines/w1", "az vm get-instance-view --ids " + (AZURE + "virtualMachines/w1")[8:]),
    (AZURE + "virtualMachineScaleSets/pool-vmss/virtualMachines/0", "az vmss get-instance-view --ids "),
    ("gce://p/z/--flags-file=x", None), ("aws:///eu-central-1a/i-0123456789abcdef0 --debug", None), ("kind://docker/kind/w1", None),
    (None, None), ("", None),
])
def test_the_instance_is_asked_by_its_own_clouds_program(provider_id, argv):
    if argv:
        assert " ".join(cloud_state.command(provider_id)).startswith(argv)
    else:
        with pytest.raises(cloud_state.NoAnswer):
            cloud_state.command(provider_id)


@pytest.mark.parametrize("program, content, state", [
    ("aws", {"Reservations": [{"Instances": [{"State": {"Code": 80, "Name": "stopped"}, "StateTransitionReason": "User initiated (2026-11-24 03:00 GMT)"}]}]},
     "off"),
    ("aws", {"Reservations": [{"Instances": [{"State": {"Code": 16, "Name": "running"}, "StateTransitionReason": ""}]}]}, "on"),
    ("aws", {"Reservations": []}, "none"),
    ("gcloud", {"status": "TERMINATED", "lastStopTimestamp": "2026-11-24T03:00:00.000-08:00"}, "off"),
    ("gcloud", {"status": "RUNNING"}, "on"),
    ("gcloud", {"status": "STOPPING"}, None),
    ("aws", {"Reservations": [{"Instances": [{"State": {"Code": 32, "Name": "shutting-down"}}]}]}, None),
    ("az", {"instanceView": {"statuses": [{"code": "ProvisioningState/succeeded"}, {"code": "PowerState/deallocated"}]}}, "off"),
    ("az", {"statuses": [{"code": "PowerState/running"}]}, "on"),
    ("az", {"statuses": []}, "none"),
    ("az", [], "none"),
])
def test_instance_states(program, content, state):
    if state != "none":
        assert cloud_state.instance_state(program, json.dumps(content))[0] == state
    else:
        with pytest.raises(cloud_state.NoAnswer):
            cloud_state.instance_state(program, json.dumps(content))


def test_the_program_is_run_and_its_failure_is_named(tmp_path, monkeypatch):
    program = tmp_path / "gcloud"
    program.write_text('#!/bin/sh\n[ -n "$BROKEN" ] && { echo "ERROR: (gcloud.compute.instances.describe) login needed" >&2; exit 1; }\n'
                       'echo \'{"status": "TERMINATED"}\'\n')
    program.chmod(0o755)
    monkeypatch.setenv("PATH", "%s:%s" % (tmp_path, os.environ["PATH"]))
    assert cloud_state.ask("gce://p-1/z-1/n-1")["state"] == "off"
    monkeypatch.setenv("BROKEN", "1")
    with pytest.raises(cloud_state.NoAnswer, match="login needed"):
        cloud_state.ask("gce://p-1/z-1/n-1")
    monkeypatch.setenv("PATH", "/nonexistent")
    with pytest.raises(cloud_state.NoAnswer, match="No such file"):
        cloud_state.ask("gce://p-1/z-1/n-1")
