# Copyright: kubetriage.node contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What can bring about what: the catalogue's `caused_by` edges as a graph, and which present failure explains which.

A cause explains an effect when a path of edges leads from it to the effect, through failures that were not seen as well,
and when its time allows it (`in_time`): it did not start after the effect, nor was it over long before.
"""

# A log line's stamp is exact, but a kernel line can be stamped up to 2 s after the line of the unit it killed (failure
# catalogue 0.7). What was sampled, or comes from the API server, is only known to a heartbeat or a grace period.
LOG_SLACK = 2.0
SAMPLED_SLACK = 120.0
# Some failures are told late, once a timeout of this many seconds has passed: block commands (30 s, retried), NFS calls (60 s, repeated
# twice), the hung task and soft lockup detectors, the kubelet's calls of the runtime (two of 2 min), its look at its certificate (5 min),
# its requests: they wait for an answer, and between two attempts, while it says ten times a second that it has no Node.
LATE = {"api.refused": 30, "api.no_route": 30, "api.timeout": 60, "api.name_unresolved": 60, "api.server_error": 60, "api.tls_failed": 30,
        "cert.unknown_authority": 30, "cert.server_expired": 30, "kubelet.unauthorized": 30, "cert.client_expired": 300,
        "storage.nvme_timeout": 60, "storage.nvme_dead": 90, "storage.io_error": 90, "storage.nfs_gone": 180,
        "kernel.hung_task": 240, "kernel.soft_lockup": 30, "runtime.hung": 240}
# The lines of a restart loop come round: those of the restart can come before those of its cause, when the log begins between them.
LOOPS = ("kubelet.crash_loop", "kubelet.failed", "kubelet.start_failed", "runtime.failed")
LOOP_SLACK = 60.0
# What happens in a moment brings about what begins soon after it; everything else lasts until it is mended.
MOMENTS = ("memory.oom.", "host.rebooted", "host.unclean_shutdown", "kernel.soft_lockup", "net.firewall_reloaded", "nic.reset",
           "storage.nvme_timeout", "time.jumped")
AFTERMATH_S = 600


class Graph:
    """The catalogue's edges without cycles: an edge that would close one is left out, the deeper family keeping its place."""

    def __init__(self, failures, families=()):
        depth = {family: place for place, family in enumerate(families)}
        self._causes = {}
        self._above = {}
        done, walking = set(), set()

        def visit(failure):
            walking.add(failure)
            kept, near = [], failures[failure].get("seen_with") or ()
            for cause in sorted(list(failures[failure].get("caused_by") or ()) + list(near)):
                if cause not in failures or cause in walking:
                    continue
                if cause not in done:
                    visit(cause)
                kept.append(cause)
            walking.discard(failure)
            done.add(failure)
            self._causes[failure] = tuple(kept)
            self._above[failure] = frozenset(kept).union(*(self._above[cause] for cause in kept if cause not in near))

        for failure in sorted(failures, key=lambda name: (depth.get(name.split(".")[0], len(depth)), name)):
            if failure not in done:
                visit(failure)

    def above(self, failure):
        """-> ids of everything that can bring `failure` about, however far."""
        return self._above.get(failure, frozenset())

    def borders(self, failure, effects):
        """Does `failure` bring about one of `effects` by itself, or is it one?"""
        return failure in effects or any(failure in self._causes.get(effect, ()) for effect in effects)

    def reaches(self, failure, effects):
        """Can `failure` bring about one of `effects`, or is it one?"""
        return failure in effects or any(failure in self.above(effect) for effect in effects)


def is_moment(entry):
    """Is it a thing of a moment, known from log lines or events only?"""
    return entry["id"].startswith(MOMENTS) and "state" not in entry["bases"]


def in_time(cause, effect):
    """Could `cause` have brought `effect` about, by their times? Entries as made by `present.entries`; an unknown time allows it.

    A line that repeats is first seen up to one period after its start when the log window cuts it off, hence `period`; of what is there
    when the log begins nobody knows the start.
    """
    if cause["since"] is None or effect["since"] is None:
        return True
    if cause.get("from_start") and not is_moment(cause) and not effect.get("from_start") and effect["since"] < cause["since"]:
        return True
    if is_moment(cause) and effect["since"] > max(cause["since"], cause["until"] or 0) + AFTERMATH_S:
        return False
    slack = SAMPLED_SLACK
    if cause["basis"] == "log":
        slack = max(LOG_SLACK, min(cause["period"], SAMPLED_SLACK), LATE.get(cause["id"], 0), LOOP_SLACK if effect["id"] in LOOPS else 0)
    return cause["since"] <= effect["since"] + slack


def roots(entry, candidates, graph):
    """-> sorted ids of the deepest of `candidates` ({id: entry}) that explain `entry`; empty if nothing does.

    Where one line tells of the effect and of its cause ("failed to run Kubelet: running with swap on ..."), no other cause is needed; nor is
    one that leads there by way of what was not seen, where a cause that brings the effect about by itself was.
    """
    found, seen, ahead = set(), {entry["id"]}, [entry]
    while ahead:
        effect = ahead.pop()
        deeper = [candidates[name] for name in graph.above(effect["id"]) if name in candidates and in_time(candidates[name], effect)]
        deeper = [cause for cause in deeper if _lines(cause) & _lines(effect)] or deeper
        near = [cause for cause in deeper if cause["role"] == "cause" and graph.borders(cause["id"], (effect["id"],))]
        deeper = near or deeper
        if not deeper and effect is not entry:
            found.add(effect["id"])
        ahead.extend(cause for cause in deeper if cause["id"] not in seen)
        seen.update(cause["id"] for cause in deeper)
    return sorted(found)


def _lines(entry):
    return {(quote["time"], quote["text"]) for quote in entry["evidence"]} if entry["basis"] == "log" else set()


def chain(cause, entries, graph, ends):
    """-> ids from `cause` to the last effect of it that was seen: to one of `ends` if there is a way, by as many seen failures as can be.

    `entries` are the failures on the way ({id: entry}); of two such ways the one whose ids sort first is taken.
    """
    longest = {}

    def walk(name):
        if name not in longest:
            ways = [walk(effect) for effect in sorted(entries)
                    if effect != name and name in graph.above(effect) and in_time(entries[name], entries[effect])]
            longest[name] = (name,) + min(ways, key=lambda way: (way[-1] not in ends, -len(way), way), default=())
        return longest[name]

    return list(walk(cause))
