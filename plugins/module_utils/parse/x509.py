# Copyright: kubetriage.node contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""X.509 certificates, PEM or DER -> subject and dates. A minimal walk through DER (X.690); nothing is verified, keys are not touched."""

import binascii
import re

from . import timestamp

_PEM = re.compile(r"-----BEGIN (?:TRUSTED )?CERTIFICATE-----([^-]+)-----END (?:TRUSTED )?CERTIFICATE-----")
_NAMES = {b"\x55\x04\x03": "CN", b"\x55\x04\x0a": "O", b"\x55\x04\x0b": "OU", b"\x55\x04\x06": "C"}
_INTEGER, _UTC_TIME, _CONTEXT_0 = 0x02, 0x17, 0xA0


def certificates(source):
    """PEM text (other blocks, such as a private key, are passed over) or DER bytes -> [certificate]; what cannot be read is left out.

    certificate: {"subject": {"CN": str, "O": [str]}, "issuer": {...}, "not_before", "not_after" (epoch), "serial" (hex)}
    """
    if isinstance(source, bytes):
        ders = _decoded(source.decode("latin-1")) if b"-----BEGIN" in source else [source]
    else:
        ders = _decoded(source)
    return [found for found in (_certificate(der) for der in ders) if found]


def certificate(source):
    """The first certificate, or None: in a client's file its own, issuers follow."""
    return next(iter(certificates(source)), None)


def _decoded(text):
    for block in _PEM.findall(text):
        try:
            yield binascii.a2b_base64(block.encode("ascii", "ignore"))
        except ValueError:
            continue


def _certificate(der):
    try:
        outer = _parts(_one(der)[1])
        fields = _parts(outer[0][1])
        if fields[0][0] == _CONTEXT_0:  # the version, absent in v1
            fields = fields[1:]
        if fields[0][0] != _INTEGER:
            return None
        serial, issuer, validity, subject = fields[0][1], fields[2][1], _parts(fields[3][1]), fields[4][1]
        return {"subject": _name(subject), "issuer": _name(issuer), "not_before": _time(validity[0]), "not_after": _time(validity[1]),
                "serial": binascii.hexlify(serial).decode()}
    except (IndexError, ValueError):
        return None


def _one(data, at=0):
    """-> (tag, content, where the next begins). Raises IndexError or ValueError."""
    tag, size = data[at], data[at + 1]
    at += 2
    if size & 0x80:
        count = size & 0x7F
        if not 0 < count < 5:
            raise ValueError("length")
        size = int(binascii.hexlify(data[at:at + count]), 16)
        at += count
    if at + size > len(data):
        raise ValueError("cut off")
    return tag, data[at:at + size], at + size


def _parts(data):
    found, at = [], 0
    while at < len(data):
        tag, content, at = _one(data, at)
        found.append((tag, content))
    return found


def _name(data):
    """Distinguished name -> {"CN": str, "O": [str], ...}: kubelets have one CN and the O system:nodes."""
    name = {}
    for _set, relative in _parts(data):
        for _sequence, pair in _parts(relative):
            (_tag, kind), (tag, value) = _parts(pair)[:2]
            key = _NAMES.get(kind)
            if key:
                text = value.decode("utf-16-be" if tag == 0x1E else "utf-8", "replace")
                if key == "CN":
                    name[key] = text
                else:
                    name.setdefault(key, []).append(text)
    return name


def _time(part):
    tag, content = part
    digits = content.decode("ascii")
    if tag == _UTC_TIME:
        digits = ("19" if int(digits[:2]) >= 50 else "20") + digits
    return timestamp.utc(*[int(digits[at:at + size]) for at, size in ((0, 4), (4, 2), (6, 2), (8, 2), (10, 2), (12, 2))])
