# Copyright: kubetriage.node contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Secrets are taken out where the node is read, so that no check, bundle or report ever holds them.

By structure first: what stands under a key, a flag or a variable that is named like a secret. Then by form: tokens that look like nothing else.
In its place comes "[secret-3f2a91]", the same for the same secret as long as the process lives: a keyed hash whose key is kept nowhere.
"""

import os
import re

# Parts of a key, flag or variable that holds a secret, in lower case
_WORDS = ("passw", "passphrase", "pwd", "secret", "token", "credential", "api_key", "api-key", "apikey", "access_key", "access-key", "accesskey",
          "account_key", "accountkey", "private_key", "private-key", "privatekey", "key-data", "signature", "psk", "auth", ".dockercfg", ".dockerconfigjson")
# Ends of a key that is about a secret and holds none
_ABOUT = ("file", "path", "dir", "name", "names", "ref", "seconds", "ttl", "mode", "webhook", "namespace", "type", "count", "url", "uri", "endpoint",
          "review", "reviews", "request", "requests", "rotation", "controller", "expiration", "audience", "audiences", "issuer", "enabled", "policy",
          "provider", "manager", "volume", "version", "kind", "mount", "class", "store", "hash")
_VALUE = r"""(?P<value>\\?"(?:[^"\\\n]|\\[^"\n])*|'[^'\n]*|[^\s\x00"',&}]+)"""
_PAIR = r"""(?P<key>[\w.-]{0,60})\\?["']?(?:(?P<sign>[ \t]*[:=][ \t]*)|[ \t\x00]+)""" + _VALUE
_ENTRY = r"""(?i)(?P<key>[\w.-]{0,60})\\?["']?\s*(?:,|\n[^\n]{0,120}?\b)?\s*\\?["']?value\\?["']?(?P<sign>\s*[:=]\s*)""" + _VALUE  # {name: X, value: Y}
_BEFORE = r"[\w.-]*$"
_KEPT = (r"(?i)(?:true|false|yes|no|on|off|null|none|nil|<[\w ]+>|\d{1,5}|\d+(?:\.\d+)?(?:ns|us|ms|s|m|h)|[\[{|>*%].*|\$[({A-Za-z_].*|\.{0,2}/.*|-|"
         r"(?:expired|invalid|required|missing|forbidden|denied|empty|unknown|rejected|unauthorized)\W*|&\S+|map\[.*)$")
_NAMED = r"[a-z0-9][a-z0-9.-]*(?:/[a-z0-9.-]+)?$"  # a Secret's name: an object, not what it holds
_WORD = r"[A-Za-z'-]+$"
# (needle in the lower-cased text, pattern that is searched from a little before it; its last group is the secret)
_FORMS = (
    ("://", r"://[^\s/:@\"']{0,100}:([^\s/@\"']+)@"),
    ("bearer", r"(?i)bearer[ \t]+([A-Za-z0-9._~+/=-]{8,})"),
    ("basic ", r"(?i)basic ([A-Za-z0-9+/]{6,}={0,2})(?![\w-])"),
    ("eyj", r"(?<![A-Za-z0-9+/])(eyJ[A-Za-z0-9_+/-]{10,}={0,2}(?:\.[A-Za-z0-9_-]*){0,2})"),
    ("akia", r"\b(A(?:KIA|SIA)[A-Z0-9]{16})\b"), ("asia", r"\b(ASIA[A-Z0-9]{16})\b"), ("aiza", r"\b(AIza[\w-]{30,})"), ("ya29.", r"\b(ya29\.[\w-]{16,})"),
    ("github_pat_", r"\b(github_pat_\w{20,})"), ("glpat-", r"\b(glpat-[\w-]{16,})"),
    ("xox", r"\b(xox[a-z]-[\w-]{10,})"), ("k_live_", r"\b([sr]k_live_\w{10,})"), ("npm_", r"\b(npm_[A-Za-z0-9]{30,})"), ("hvs.", r"\b(hvs\.[\w-]{16,})"),
    ("age-secret-key-", r"(AGE-SECRET-KEY-1[A-Z0-9]{20,})"), ("dop_v1_", r"\b(dop_v1_[a-f0-9]{32,})"), ("dckr_pat_", r"\b(dckr_pat_[\w-]{16,})"),
    ("$", r"(\$(?:1|5|6|y|2[abxy]|apr1|argon2id)\$[./A-Za-z0-9$,=]{8,})"),  # crypt(5)
    ("ls0tls1c", r"(LS0tLS1CRUdJTiB[A-CE-Za-z0-9][A-Za-z0-9+/=]*)"),  # base64 of "-----BEGIN ", and not of "-----BEGIN C"ERTIFICATE
    ("key-----", r"-----BEGIN [A-Z ]*PRIVATE KEY-----((?s:.*?))(?:-----END|\Z)"),
    ("sshpass", r"sshpass[\s\x00]{1,9}-p[\s\x00]{0,9}([^\s\x00]+)"),
    ("pass:", r"\bpass:([^\s\x00\"']+)"), ("machine ", r"machine\s+\S+\s+login\s+\S+\s+password\s+(\S+)"),
    ("chpasswd", r"(?s)chpasswd:.{0,80}?list:[ \t]*\|?[ \t]*\n((?:[^\n]*[ \t][\w.-]+:[^\s:]+[ \t]*(?:\n|\Z)){1,20})"),
) + tuple(("gh%s_" % kind, r"\b(gh%s_[A-Za-z0-9]{20,})" % kind) for kind in "oprsu") + tuple(
    # kubeadm's own; the name of an Event, which has the same form, ends in hexadecimal digits
    (what, r"(?i:%s.{0,60}?)(?<![\w.-])([a-z0-9]{6}\.(?=[a-f0-9]*[g-z])[a-z0-9]{16})(?![\w.-])" % what)
    for what in ("bootstrap-token", "bootstrap_token", "bootstrap token", "bootstrap\ttoken", "bootstrap.token"))
# (program in the lower-cased text, option whose value goes, sought from the program to the end of its line)
_OPTIONS = (
    ("curl", r"[\s\x00](?:-u|--user)[\s\x00=]{0,9}[^\s\x00:]{1,300}:([^\s\x00]+)"), ("mysql", r"[\s\x00]-p([^\s\x00]+)"),
    ("redis-cli", r"[\s\x00]-a[\s\x00]{1,9}([^\s\x00]+)"), ("login", r"[\s\x00]-p[\s\x00]{1,9}([^\s\x00]+)"),
)
# A key whose beginning was cut off, read backwards from its end: each line is looked at once
_KEY_END = r"-----END [A-Z ]*PRIVATE KEY"
_KEY_BACKWARDS = r"(?:\s+|n\\)(?:(?!n\\)[A-Za-z0-9+/=])+(?:(?:\s+|n\\)(?:(?!n\\)[A-Za-z0-9+/=]){16,})*"
_LONGEST_KEY = 16384  # characters


class Redactor(object):
    """text -> text without secrets. `key`: bytes; `marks`: {mark: how often} of what was taken out so far."""

    def __init__(self, key=None):
        self.key = key or os.urandom(16)
        self.marks = {}

    def __call__(self, text):
        spans = sorted(_spans(text, text.lower()))
        if not spans:
            return text
        parts, at = [], 0
        for start, end in spans:
            if end > at:
                parts += [text[at:max(start, at)], self._mark(text[max(start, at):end])]
                at = end
        return "".join(parts) + text[at:]

    @staticmethod
    def finds(text):
        """Is there anything to take out?"""
        return any(True for _span in _spans(text, text.lower()))

    def _mark(self, secret):
        try:
            from _blake2 import blake2b  # where there is a secret; hashlib loads OpenSSL, and that costs a node 5 ms
        except ImportError:
            from hashlib import blake2b
        mark = "[secret-%s]" % blake2b(secret.strip().encode("utf-8", "replace"), key=self.key, digest_size=3).hexdigest()
        self.marks[mark] = self.marks.get(mark, 0) + 1
        return mark

    def data(self, value, key=""):
        """The same of all texts in lists and dicts; a text under a key that is named like a secret goes as a whole."""
        if isinstance(value, dict):
            return {self(name) if isinstance(name, str) else name: self.data(part, name if isinstance(name, str) else "") for name, part in value.items()}
        if isinstance(value, (list, tuple)):
            return [self.data(part, key) for part in value]
        if not isinstance(value, str):
            return value
        return self._mark(value) if _holds(key, value, False) else self(value)


def _spans(text, low):
    """Yield (start, end) of the secrets in a text; they may overlap."""
    if len(low) != len(text):  # one letter becomes two
        low = text.replace("\u0130", "I").lower()
    spent, most = 0, 8 * len(text) + 65536
    for word in _WORDS:
        at = low.find(word)
        while at >= 0:
            end = at + len(word)
            for form in (_PAIR, _ENTRY):
                found = re.compile(form).match(text, at)  # compiled where there is something to read
                spent += found.end() - at if found else 0
                span = found and _span(text, at, found)
                if span:
                    yield span
                    break
            if spent > most:  # "token=token=token=...": made to take the square of its length, and nothing of such a line is worth keeping
                end = (text.find("\n", at) + 1 or len(text) + 1) - 1
                yield at, end
            at = low.find(word, end)
            if span and span[0] <= at < span[1]:  # of those within what is taken out, only the last may say something of what follows
                at = low.rfind(word, at, span[1])
    for needle, form in _FORMS:
        if needle in low:
            for found in re.finditer(form, text):
                if not found.group(1).startswith("[secret-"):
                    yield found.span(1)
    for program, form in _OPTIONS:
        at = low.find(program)
        while at >= 0:
            end = (text.find("\n", at) + 1 or len(text) + 1) - 1
            for found in re.compile(form).finditer(text, at, end):
                if not found.group(1).startswith("[secret-"):
                    yield found.span(1)
            at = low.find(program, end)
    if "-----end" in low:
        for end in re.finditer(_KEY_END, text):
            found = re.match(_KEY_BACKWARDS, text[max(end.start() - _LONGEST_KEY, 0):end.start()][::-1])
            if found:
                yield end.start() - found.end(), end.start()


def _span(text, at, found):
    key = re.search(_BEFORE, text[max(at - 60, 0):at]).group(0) + found.group("key")
    if found.group("sign") is None and not key.startswith("-"):  # a flag and its value; else two words of a sentence
        return None
    start, end = found.span("value")
    while start < end and text[start] in "\\\"'":
        start += 1
    quoted, value = start > found.start("value"), text[start:end]
    prose = not quoted and ":" in (found.group("sign") or "") and re.match(_WORD, value) and text[end:end + 1] == " "
    return None if prose or not _holds(key, value, quoted) else (start, end)


def _holds(key, value, quoted):
    """Does the key say that its value is a secret, and may the value be one?"""
    key = key.lower().rstrip(".-_")
    if not value or value.startswith("[secret-") or re.match(_KEPT, value) or key.endswith(_ABOUT) or not any(word in key for word in _WORDS):
        return False
    if "auth" in key and not any(word in key for word in _WORDS if word != "auth"):
        return key in ("auth", "_auth") and (quoted or len(value) > 7)
    return not (key.endswith(("secret", "secrets", "tokens", "credentials")) and re.match(_NAMED, value) and (not re.search(r"\d", value) or "/" in value))


redact = Redactor()
