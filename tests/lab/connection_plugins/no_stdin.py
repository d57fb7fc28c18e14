# Copyright: kubetriage.node contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""ssh as paramiko gives it: no standard input for a command, so nothing can be pipelined."""

from ansible.errors import AnsibleError
from ansible.plugins.connection import ssh

DOCUMENTATION = ssh.DOCUMENTATION.replace("name: ssh", "name: no_stdin", 1)


class Connection(ssh.Connection):
    transport = "no_stdin"
    has_pipelining = False

    def exec_command(self, cmd, in_data=None, sudoable=True):
        if in_data:
            raise AnsibleError("Internal Error: this module does not support optimized module pipelining")
        return super().exec_command(cmd, in_data=None, sudoable=sudoable)
