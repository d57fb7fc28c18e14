# Copyright: kubetriage.node contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

SAMPLES = {
    "time.skew": {
        "hits": [
            ("kubelet 1.20", "kubelet", "Nov 23 02:13:07 w2 kubelet[812]: E1123 02:13:07.100000     812 reflector.go:138] k8s.io/client-go/informers/factory.go:134: Failed to watch *v1.Node: failed to list *v1.Node: Get \"https://10.0.0.1:6443/api/v1/nodes\": x509: certificate has expired or is not yet valid: current time 2026-11-20T02:13:07Z is before 2026-11-21T10:00:00Z"),
            ("etcd 3.3", "any", "2026-11-23 02:13:07.123456 W | rafthttp: the clock difference against peer 8e9e05c52164694d is too high [3.6s > 1s]"),
            ("etcd 3.5", "any", "{\"level\":\"warn\",\"ts\":\"2026-11-23T02:13:07.123Z\",\"caller\":\"rafthttp/probing_status.go:82\",\"msg\":\"prober found high clock drift\",\"clock-drift\":\"3.6s\"}"),
        ],
        "misses": [
            ("kubelet 1.28, expired", "kubelet", "Nov 23 02:13:07 w2 kubelet[812]: E1123 02:13:07.100000     812 reflector.go:147] Get \"https://10.0.0.1:6443/api/v1/nodes\": tls: failed to verify certificate: x509: certificate has expired or is not yet valid: current time 2026-11-23T02:13:07Z is after 2026-11-22T10:00:00Z"),
        ],
    },
    "time.jumped": {
        "hits": [
            ("chronyd 3.5", "any", "Nov 23 02:13:07 w2 chronyd[601]: System clock was stepped by -2700.123456 seconds"),
            ("systemd-journald 245", "any", "Nov 23 02:13:07 w2 systemd-journald[301]: Time jumped backwards, rotating."),
            ("chronyd 4.2", "any", "Nov 23 02:13:07 w2 chronyd[601]: System clock wrong by -2700.123456 seconds"),
            ("chronyd 3.5", "any", "Nov 23 02:13:07 w2 chronyd[601]: Forward time jump detected!"),
        ],
        "misses": [
            ("chronyd 4.2", "any", "Nov 23 02:13:07 w2 chronyd[601]: System clock wrong by 1.234567 seconds"),
        ],
    },
    "time.unsynchronized": {
        "hits": [
            ("chronyd 3.5", "any", "Nov 23 02:13:07 w2 chronyd[601]: Can't synchronise: no selectable sources"),
            ("chronyd 4.2", "any", "Nov 23 02:13:07 w2 chronyd[601]: Can't synchronise: no majority"),
            ("ntpdate 4.2.8", "any", "23 Nov 02:13:07 ntpdate[4242]: no server suitable for synchronization found"),
        ],
        "misses": [
            ("ntpd 4.2.8, at start", "any", "Nov 23 02:13:07 w2 ntpd[601]: kernel reports TIME_ERROR: 0x41: Clock Unsynchronized"),
            ("chronyd 4.2", "any", "Nov 23 02:13:07 w2 chronyd[601]: Selected source 10.0.0.9"),
        ],
    },
}
