# Copyright: kubetriage.node contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

SAMPLES = {
    "host.rebooted": {
        "hits": [
            ("systemd-logind 255", "systemd", "Nov 23 02:13:07 w2 systemd-logind[601]: The system will reboot now!"),
            ("kubelet 1.18, event", "any", "Warning  Rebooted  3m  kubelet, w2  Node w2 has been rebooted, boot id: 3f0c6f1e-1111-4222-8333-444455556666"),
            ("kubelet 1.30, event", "any", "3m  Warning  Rebooted  node/w2  Node w2 has been rebooted, boot id: 9a0c6f1e-1111-4222-8333-444455556666"),
            ("systemd-logind 249", "systemd", "Nov 23 02:13:07 w2 systemd-logind[601]: System is rebooting."),
        ],
        "misses": [
            ("kubelet 1.30, event", "any", "3m  Normal  Starting  node/w2  Starting kubelet."),
            ("systemd-logind 249", "systemd", "Nov 23 02:13:07 w2 systemd-logind[601]: New session 12 of user root."),
        ],
    },
    "host.shutdown": {
        "hits": [
            ("systemd-logind 237", "systemd", "Nov 23 02:13:07 w2 systemd-logind[601]: System is powering down."),
            ("systemd-logind 252", "systemd", "Nov 23 02:13:07 w2 systemd-logind[601]: Power key pressed short."),
            ("systemd-logind 255", "systemd", "Nov 23 02:13:07 w2 systemd-logind[601]: The system will power off now!"),
        ],
        "misses": [
            ("systemd-logind 249", "systemd", "Nov 23 02:13:07 w2 systemd-logind[601]: Watching system buttons on /dev/input/event0 (Power Button)"),
        ],
    },
    "host.unclean_shutdown": {
        "hits": [
            ("systemd-journald 219", "any", "Nov 23 02:13:07 w2 systemd-journald[301]: File /run/log/journal/0a1b/system.journal corrupted or uncleanly shut down, renaming and replacing."),
            ("systemd-journald 252", "any", "Nov 23 02:13:07 w2 systemd-journald[301]: File /var/log/journal/0a1b2c3d/user-1000.journal corrupted or uncleanly shut down, renaming and replacing."),
        ],
        "misses": [
            ("systemd-journald 252", "any", "Nov 23 02:13:07 w2 systemd-journald[301]: Journal stopped"),
        ],
    },
}
