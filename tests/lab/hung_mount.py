# Copyright: kubetriage.node contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A FUSE server that takes every request and answers none. Whoever asks waits in the kernel and cannot even be killed.

    python3 hung_mount.py DIRECTORY        mounts, prints a line, and stays; its end ends the waiting (ENOTCONN)

Structures: include/uapi/linux/fuse.h (fuse_in_header 40 bytes, fuse_out_header 16, FUSE_INIT 26).
"""

import ctypes
import os
import struct
import sys

device = os.open("/dev/fuse", os.O_RDWR)
libc = ctypes.CDLL(None, use_errno=True)
options = "fd=%d,rootmode=40000,user_id=0,group_id=0,allow_other" % device
if libc.mount(b"hung", sys.argv[1].encode(), b"fuse.hung", 0, options.encode()):
    sys.exit("mount: " + os.strerror(ctypes.get_errno()))
request = os.read(device, 1 << 20)
unique = struct.unpack_from("=IIQ", request)[2]
body = struct.pack("=IIIIHHIIHHI", 7, 31, 65536, 0, 12, 9, 65536, 1, 0, 0, 0) + b"\0" * 28
os.write(device, struct.pack("=IiQ", 16 + len(body), 0, unique) + body)
print("mounted", flush=True)
while True:
    os.read(device, 1 << 20)
