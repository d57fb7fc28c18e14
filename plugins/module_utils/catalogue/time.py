# Copyright: kubetriage.node contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The node's clock."""

from .api import ANSWERED, REQUEST
from .entry import failure

_TEN_SECONDS = r"(?P<seconds>-?(?:\d+h|\d+m|[1-9]\d+(?:\.\d+)?s)[^\s\]\"]*)"  # Go's duration, of 10 s or more
_SOURCE_FOUND = [
    ("any", "selected source", r"Selected source \S+"),
    ("any", "to time server", r"(?:Initial synchronization to time server|Contacted time server|Synchronized to time server)"),
    ("any", "synchronized to ", r"synchronized to \S+, stratum"),
    ("any", "clock synchronized: yes", r"System clock synchronized: yes"),
]

FAILURES = [
    failure(
        "time.skew",
        title="The node's clock is wrong",
        severity="critical",
        role="cause",
        what="Behind: certificates and tokens are not valid yet. Ahead: they look expired. The API server and the node then refuse each "
             "other. The same on all nodes is a real expiry; on one node it is the clock.",
        log=[
            ("any", " is before ",
             REQUEST +
             r".{0,200}x509: certificate has expired or is not yet valid: current time (?P<local>\S+) is before (?P<not_before>[^\s\"]+)"),
            ("any", " is before ",
             r"Unable to connect to the server: (?:tls: failed to verify certificate: )?x509: certificate has expired or is not yet valid: "
             r"current time (?P<local>\S+) is before (?P<not_before>[^\s\"]+)"),
            ("any", "clock difference against peer", r"clock difference against peer \S+ is too high \[" + _TEN_SECONDS),
            ("any", "prober found high clock drift", r"prober found high clock drift.{0,200}\"clock-drift\":\"" + _TEN_SECONDS),
            ("any", "of ntp time", r"System time\s*: (?P<seconds>[1-9]\d+\.\d+) seconds (?:slow|fast) of NTP time"),
            ("any", "token not valid yet", r"token not valid yet \(nbf\)"),
            ("any", "issued in the future", r"token issued in the future \(iat\)"),
        ],
        ends=ANSWERED,
        confirm=["date -u; curl -skI https://APISERVER:6443/healthz | grep -i '^date'", "timedatectl", "chronyc tracking"],
        fix=["chronyc makestep   # or: systemctl restart systemd-timesyncd", "systemctl restart kubelet   # after the clock is right"],
        caused_by=["time.unsynchronized", "time.jumped"],
    ),
    failure(
        "time.jumped",
        title="The clock was set by a large step",
        severity="warning",
        role="cause",
        what="Heartbeats and timers run on the clock: after a step back the node can be NotReady for about as long as the step.",
        log=[
            ("any", "time jumped backwards", r"Time jumped backwards, rotating"),
            ("any", "system clock wrong by", r"System clock wrong by (?P<seconds>-?\d{2,}\.\d+) seconds"),
            ("any", "system clock was stepped by", r"System clock was stepped by (?P<step_s>-?\d{2,}\.\d+) seconds"),
            ("any", "time jump detected", r"(?:Forward|Backward) time jump detected"),
            ("any", "time reset", r"\btime reset (?P<step_s>[+-]\d{2,}\.\d+) s"),
            ("any", "clock_step", r"clock_step (?P<step_s>[+-]\d{2,}\.\d+) s"),
            ("any", "step time server", r"step time server \S+ offset (?P<step_s>[+-]?\d{2,}\.\d+) sec"),
        ],
        confirm=["timedatectl", "chronyc tracking", "journalctl -u chronyd -u systemd-timesyncd --since -2h"],
        fix=[
            "systemctl restart kubelet",
            "let chrony slew instead of step after boot (makestep 1 3), and check the hypervisor's time sync",
        ],
    ),
    failure(
        "time.unsynchronized",
        title="The clock is not synchronised",
        severity="warning",
        role="presence",
        what="No time source is in use. The clock drifts; certificates and etcd fail when it is off far enough.",
        log=[
            ("any", "synchronise", r"Can't synchronise: no (?:selectable sources|majority)"),
            ("any", "no server suitable for synchronization", r"no server suitable for synchronization found"),
            ("any", "synchronized: no", r"(?:NTP|System clock) synchronized: no"),
            ("any", "not synchronised", r"Leap status\s*: Not synchronised"),
            ("any", "clock difference against peer", r"clock difference against peer \S+ is too high \[(?P<seconds>\d\.\d+s|\d{1,3}m?s) "),
            ("any", "prober found high clock drift", r"prober found high clock drift.{0,200}\"clock-drift\":\"(?P<seconds>\d\.\d+s)\""),
        ],
        ends=_SOURCE_FOUND,
        confirm=["timedatectl", "chronyc sources -v"],
        fix=["check the way to the time servers (UDP 123) and their names", "systemctl restart chronyd   # or systemd-timesyncd"],
        caused_by=["net.no_default_route", "nic.link_down"],
    ),
]
