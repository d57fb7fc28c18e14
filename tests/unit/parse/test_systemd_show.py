# Copyright: kubetriage.node contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

import pytest

from ansible_collections.kubetriage.node.plugins.module_utils.parse import systemd_show

NIGHT = 1795399987.0  # 2026-11-23T02:13:07Z
SHOW = """\
Restart=always
ExecStart={ path=/usr/bin/kubelet ; argv[]=/usr/bin/kubelet $KUBELET_ARGS ; ignore_errors=no ;\
 start_time=[n/a] ; stop_time=[n/a] ; pid=0 ; code=(null) ; status=0/0 }
ExecStartPre={ path=/bin/a ; argv[]=/bin/a }
ExecStartPre={ path=/bin/b ; argv[]=/bin/b }
Environment=A=1 "B=two words"
Id=kubelet.service
ActiveState=failed
InactiveEnterTimestamp=Mon 2026-11-23 02:13:07 UTC

Id=crio.service
LoadState=not-found
ActiveState=inactive
"""


def test_units():
    units = systemd_show.units(SHOW)
    assert sorted(units) == ["crio.service", "kubelet.service"]
    assert units["crio.service"] == {"Id": "crio.service", "LoadState": "not-found", "ActiveState": "inactive"}
    kubelet = units["kubelet.service"]
    assert kubelet["Environment"] == 'A=1 "B=two words"' and kubelet["ExecStartPre"].count("path=") == 2
    assert systemd_show.epoch(kubelet["InactiveEnterTimestamp"]) == NIGHT


@pytest.mark.parametrize("text", ["", "Failed to get properties: Connection timed out\n", "\n\n"])
def test_no_units(text):
    assert systemd_show.units(text) == {}


@pytest.mark.parametrize("text, expected", [
    ("Mon 2026-11-23 02:13:07 UTC", NIGHT), ("Mon 2026-11-23 03:13:07 CET", NIGHT), ("Mon 2026-11-23 07:43:07 +0530", NIGHT),
    ("Sun 2026-11-22 23:13:07 -03", NIGHT), ("@1795399987.5", NIGHT + 0.5), ("Mon 2026-11-23 02:13:07.250000 UTC", NIGHT + 0.25),
    ("n/a", None), ("", None), (None, None), ("0", None), ("Mon 2026-11-23 02:13:07 NOVT", None),
])
def test_epoch(text, expected):
    assert systemd_show.epoch(text) == expected
