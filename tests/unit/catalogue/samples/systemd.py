# Copyright: kubetriage.node contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

SAMPLES = {
    "systemd.hung": {
        "hits": [
            ("runc 1.1", "any", "Nov 23 02:13:07 w2 kubelet[812]: E1123 02:13:07.100000     812 pod_workers.go:951] \"Error syncing pod, skipping\" err=\"unable to apply cgroup configuration: Timeout waiting for systemd to create kubepods-besteffort-pod3f0c.slice\""),
            ("dbus 1.6", "any", "Nov 23 02:13:07 w2 dbus[601]: [system] Failed to activate service 'org.freedesktop.systemd1': timed out"),
            ("dbus 1.12", "any", "Nov 23 02:13:07 w2 dbus-daemon[601]: [system] Failed to activate service 'org.freedesktop.systemd1': timed out (service_start_timeout=25000ms)"),
            ("systemctl 219", "any", "Failed to list units: Connection timed out"),
            ("runc 1.0", "any", "Nov 23 02:13:07 w2 kubelet[812]: E1123 02:13:07.100000     812 qos_container_manager_linux.go:328] cgroup manager: dbus: connection closed by user"),
        ],
        "misses": [
            ("dbus 1.12", "any", "Nov 23 02:13:07 w2 dbus-daemon[601]: [system] Successfully activated service 'org.freedesktop.hostname1'"),
            ("ssh 8.4", "any", "ssh: connect to host w2 port 22: Connection timed out"),
        ],
    },
}
