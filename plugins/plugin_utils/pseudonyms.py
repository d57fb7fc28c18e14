# Copyright: kubetriage.node contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A bundle to share: other host names and addresses in it, and the same diagnosis.

Stateless but for its key: the same name or address becomes the same everywhere. Addresses that share their first octets go on to share them, so routes
and pod networks stay what they were; names keep their length, so they can be replaced inside certificates, of which nobody checks the signature.
"""

import base64
import hashlib
import ipaddress
import json
import random
import re

from ansible_collections.kubetriage.node.plugins.plugin_utils.api_object import dict_of

_V4 = re.compile(r"(?<![\w.-])(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})(?![\w.-]*\.\d|\d)")
_V6 = re.compile(r"(?<![\w:.])(?:[0-9a-fA-F]{0,4}:){2,7}[0-9a-fA-F]{0,4}(?![\w:])")
_MAC = re.compile(r"(?<![\w:])(?:[0-9a-fA-F]{2}:){5}[0-9a-fA-F]{2}(?![\w:])")
_PEM = re.compile(r"(-----BEGIN CERTIFICATE-----\n)([A-Za-z0-9+/=\n]+)(-----END CERTIFICATE-----)")
_ROUTE = re.compile(r"(?m)^(\S+\t)([0-9A-F]{8})\t([0-9A-F]{8})(?=\t)")
_EVERYWHERE = ("localhost", "localdomain")  # and so do these names
_KEPT = ("0.0.0.0/8", "127.0.0.0/8", "169.254.0.0/16", "224.0.0.0/3")  # they mean the same on every machine


class Pseudonyms:
    """`names`: of hosts; a name within a longer one, as in "w1.example.com", is replaced as well. `key`: bytes that are kept nowhere."""

    def __init__(self, names, key):
        self._key = key
        names = {part for name in names if name and not _is_address(name) for part in (name, name.partition(".")[0])}
        names = sorted((name for name in names if name.lower() not in _EVERYWHERE), key=lambda name: (-len(name), name))
        self.names = {name: self._name(number, name) for number, name in enumerate(reversed(names), 1)}  # the short ones have room for few digits
        # a static pod has its node's name at its end; what has no digit may be a word
        parts = [("" if len(name) > 3 and re.search(r"\d", name) else "(?<!-)") + re.escape(name) for name in names]
        self._known = re.compile(r"(?<![A-Za-z0-9])(?:%s)(?![A-Za-z0-9-])" % "|".join(parts)) if names else None
        self._kept = [ipaddress.ip_network(network) for network in _KEPT]

    def text(self, text):
        """Any text -> the same with other names and addresses."""
        text = _PEM.sub(lambda found: found.group(1) + self._certificate(found.group(2)) + found.group(3), text)
        if self._known:
            text = self._known.sub(lambda found: self.names[found.group(0)], text)
        text = _MAC.sub(lambda found: "02:00:" + ":".join(self._hash(found.group(0).lower())[at:at + 2] for at in (0, 2, 4, 6)), text)
        text = _V4.sub(self._v4, text)
        return _V6.sub(self._v6, text)

    def contents(self, contents):
        """{name in a bundle: text} -> the same for all of it."""
        found = {}
        for name, text in contents.items():
            top, slash, below = name.partition("/")
            found[top + slash + self.text(below)] = self.text(text)
        route = "files/proc/net/route"  # addresses in hexadecimal, the last octet first
        if route in found:
            found[route] = _ROUTE.sub(lambda line: line.group(1) + self._hex(line.group(2)) + "\t" + self._hex(line.group(3)), found[route])
        return found

    def _hash(self, text):
        return hashlib.blake2b(text.encode(), key=self._key, digest_size=12).hexdigest()

    def _name(self, number, name):
        """As long as the name, where there is room for what tells it from others of this bundle, and with digits of its own for those of other bundles."""
        short = "node-%d-" % number if len(name) > 11 else "n%d-" % number if len(name) > 6 else "n%dx" % number  # a letter that is no digit of a number
        return (short + self._hash(name) * 12)[:max(len(name), len("n%d" % number))]

    def _certificate(self, body):
        try:
            data = base64.b64decode(body)
        except ValueError:
            return body
        for name, other in self.names.items():
            if len(other) == len(name):
                data = re.sub(rb"(?<![A-Za-z0-9-])" + re.escape(name.encode()), other.encode(), data)
        return re.sub("(.{64})", r"\1\n", base64.b64encode(data).decode()).rstrip("\n") + "\n"

    def _v4(self, found):
        try:
            address = ipaddress.IPv4Address(found.group(0))
        except ValueError:
            return found.group(0)
        return found.group(0) if any(address in network for network in self._kept) else str(self._other(address))

    def _other(self, address):
        octets = list(address.packed)
        other = [self._octet(octets[:place], octet) for place, octet in enumerate(octets)]
        return ipaddress.IPv4Address(bytes(other))

    def _octet(self, before, octet):
        """By a permutation that belongs to the octets before it; 0 and 255 stay, as networks end in them, and the first stays an ordinary one."""
        if octet in (0, 255):
            return octet
        others = [number for number in range(1, 224 if not before else 255) if before or number not in (127, 169)]
        mixed = list(others)
        random.Random(self._key + bytes(before)).shuffle(mixed)
        return dict(zip(others, mixed)).get(octet, octet)

    def _v6(self, found):
        try:
            address = ipaddress.IPv6Address(found.group(0))
        except ValueError:
            return found.group(0)
        if address.is_loopback or address.is_unspecified or address.is_multicast:
            return found.group(0)
        digits = self._hash(str(address))
        return "%s:%s:%s" % ("fe80:" if address.is_link_local else "2001:db8:", digits[:4], digits[4:8])

    def _hex(self, digits):
        octets = bytes.fromhex(digits)[::-1]
        address = ipaddress.IPv4Address(octets)
        return digits if any(address in network for network in self._kept) else self._other(address).packed[::-1].hex().upper()


def of_bundle(contents, key):
    """{name in a bundle: text} -> Pseudonyms for the hosts that it names: its own, and those of the control plane's view."""
    meta, view = _object(contents, "meta.json"), _object(contents, "control_plane.json")
    names = [meta.get("node"), view.get("name"), dict_of(view, "labels").get("kubernetes.io/hostname"),
             contents.get("files/proc/sys/kernel/hostname", "").strip()]
    names += [entry.get("address") for entry in view.get("addresses") or ()] + (dict_of(view, "cluster").get("not_ready") or [])
    return Pseudonyms({name for name in names if name and isinstance(name, str)}, key)


def _object(contents, name):
    try:
        told = json.loads(contents.get(name) or "{}")
    except (ValueError, RecursionError):
        told = None
    return told if isinstance(told, dict) else {}


def _is_address(name):
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True
