# Copyright: kubetriage.node contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Secrets are taken out where the node is read, so that no check, bundle or report ever holds them."""

import re

# (needle that must be in the lower-cased text, pattern, replacement): the needle keeps the pass over a clean log at C speed.
_RULES = (
    ("private key", r"-----BEGIN [A-Z ]*PRIVATE KEY-----.*?(-----END [A-Z ]*PRIVATE KEY-----|\Z)", "[private key removed]"),
    ("-key-data", r"(client-key-data[\"']?\s*:\s*[\"']?)[A-Za-z0-9+/=]+", r"\1[removed]"),
    ("bearer ", r"(bearer\s+)[A-Za-z0-9._~+/=-]{8,}", r"\1[removed]"),
    ("token", r"(\b(?:[a-z]+[-_])?token[\"']?\s*[:=]\s*[\"']?)[A-Za-z0-9._~+/=-]{8,}", r"\1[removed]"),
    ("passw", r"(passw(?:or)?d[\"']?\s*[:=]\s*[\"']?)[^\s\"',}]+", r"\1[removed]"),
    ("://", r"(\b[a-z][a-z0-9+.-]*://[^\s/:@\"']+:)[^\s/@\"']+@", r"\1[removed]@"),
)


def redact(text):
    """Text -> text without private keys, tokens, passwords and credentials in URLs."""
    low = text.lower()
    for needle, pattern, mark in _RULES:
        if needle in low:
            text = re.sub(pattern, mark, text, flags=re.IGNORECASE | re.DOTALL)
    return text
