# Copyright: kubetriage.node contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What stands around a probe's answer: a login shell may print before and after it."""

BEGIN, END = "KUBETRIAGE-BEGIN", "KUBETRIAGE-END"
