# Copyright: kubetriage.node contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The form of a catalogue entry."""

SEVERITIES = ("info", "warning", "critical")
ROLES = ("cause", "symptom", "presence")
SOURCES = ("kernel", "kubelet", "kubelet.named", "runtime", "systemd", "cni", "controller", "any")
REPAIRS = (None, "restart_kubelet", "restart_runtime", "restart_both", "drain", "restart_cni_agent")
# What a finding is about. Two interfaces are two findings; a PID, a figure or a reason is data of one finding.
SUBJECTS = ("node", "namespace", "pod", "pod_uid", "container", "unit", "mount", "device", "interface", "server", "host",
            "plugin", "flag", "cgroup", "socket")
TITLE_LIMIT = 70


def failure(name, title, severity, role, what, log=(), ends=(), least=(1, 0), confirm=(), fix=(), repair=None, caused_by=(), seen_with=()):
    """One failure mode -> its entry, a dict with these keys and `id`. Raises ValueError naming the entry that breaks the form.

    name       "family.rest"; the family is the file it stands in
    severity   critical: takes or keeps the node out of service; warning: degrades it; info: worth knowing
    role       cause: can be the first cause; symptom: never, while a cause explains it; presence: seen, but never a cause
    what       one or two sentences: the mechanism, and what it does to the node
    log        [(source, needle, regex)]: the program that prints the line; a lower-case literal of it, chosen rare; the pattern, searched
               without regard to case in the message with escaped quotes made plain. Its named groups become the finding's subject
               (those in SUBJECTS) and data.
    ends       the same, for lines after which the failure is over; a group in SUBJECTS narrows it to that subject
    least      (lines, seconds): fewer lines in that time are worth an info, because healthy nodes print one now and then
    confirm    commands that show it; fix: commands or sentences that end it; {placeholders} are filled from the finding's subject
    repair     the one action that is safe to automate for this cause, or None when a human has to change something first
    caused_by  ids of deeper failures that can bring this one about
    seen_with  the same, but only where they were seen: each time a unit comes back, systemd says that it was stopped
    """
    if severity not in SEVERITIES or role not in ROLES or repair not in REPAIRS:
        raise ValueError("%s: severity %r, role %r or repair %r is not known" % (name, severity, role, repair))
    if not title or len(title) > TITLE_LIMIT or not what:
        raise ValueError("%s: a title of at most %d characters and a description are needed" % (name, TITLE_LIMIT))
    for source, needle, _regex in list(log) + list(ends):
        if source not in SOURCES or needle != needle.lower() or "\\" in needle or '"' in needle:
            raise ValueError("%s: source %r or needle %r is not in the form" % (name, source, needle))
    return {"id": name, "title": title, "severity": severity, "role": role, "what": what, "log": list(log), "ends": list(ends),
            "least": tuple(least), "confirm": list(confirm), "fix": list(fix), "repair": repair, "caused_by": list(caused_by),
            "seen_with": list(seen_with)}
