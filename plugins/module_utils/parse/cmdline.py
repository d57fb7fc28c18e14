# Copyright: kubetriage.node contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Command line of a kubelet (pflag, Go) -> flags."""


def flags(words):
    """List of words, or the text of /proc/<pid>/cmdline (NUL-separated) or of ps (blanks) -> {flag without dashes: value}.

    --a=b, --a b, -v=2; a flag without a value is "true"; of a repeated flag the last value holds. Words before the first flag (the
    program, k3s' or hyperkube's subcommand) are passed over; underscores in names count as dashes, as for the kubelet.
    """
    if isinstance(words, str):
        words = words.split("\0") if "\0" in words else words.split()
    found, name = {}, None
    for word in words:
        if word == "--":
            break
        if word.startswith("-") and len(word) > 1 and not (name and word[1:].isdigit()):
            key, equals, value = word.lstrip("-").partition("=")
            key = key.replace("_", "-")
            found[key] = _plain(value) if equals else "true"
            name = None if equals else key
        elif name:
            found[name] = _plain(word)
            name = None
    return found


def _plain(value):
    return value[1:-1] if len(value) > 1 and value[0] == value[-1] and value[0] in "\"'" else value
