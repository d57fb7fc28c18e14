# Copyright: kubetriage.node contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What can bring about what: the catalogue's `caused_by` edges as a graph, and which present failure explains which.

A cause explains an effect when a path of edges leads from it to the effect, through failures that were not seen as well,
and when it did not start after the effect (`in_time`).
"""

# A log line's stamp is exact, but a kernel line can be stamped up to 2 s after the line of the unit it killed (failure
# catalogue 0.7). What was sampled, or comes from the API server, is only known to a heartbeat or a grace period.
LOG_SLACK = 2.0
SAMPLED_SLACK = 120.0


class Graph:
    """The catalogue's edges without cycles: an edge that would close one is left out, the deeper family keeping its place."""

    def __init__(self, failures, families=()):
        depth = {family: place for place, family in enumerate(families)}
        self._causes = {}
        self._above = {}
        done, walking = set(), set()

        def visit(failure):
            walking.add(failure)
            kept = []
            for cause in sorted(failures[failure].get("caused_by") or ()):
                if cause not in failures or cause in walking:
                    continue
                if cause not in done:
                    visit(cause)
                kept.append(cause)
            walking.discard(failure)
            done.add(failure)
            self._causes[failure] = tuple(kept)
            self._above[failure] = frozenset(kept).union(*(self._above[cause] for cause in kept))

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


def in_time(cause, effect):
    """Could `cause` have brought `effect` about, by their times? Entries as made by `present.entries`; an unknown time allows it.

    A line that repeats is first seen up to one period after its start when the log window cuts it off, hence `period`.
    """
    if cause["since"] is None or effect["since"] is None:
        return True
    slack = max(LOG_SLACK, min(cause["period"], SAMPLED_SLACK)) if cause["basis"] == "log" else SAMPLED_SLACK
    return cause["since"] <= effect["since"] + slack


def roots(entry, candidates, graph):
    """-> sorted ids of the deepest of `candidates` ({id: entry}) that explain `entry`; empty if nothing does."""
    found, seen, ahead = set(), {entry["id"]}, [entry]
    while ahead:
        effect = ahead.pop()
        deeper = [candidates[name] for name in graph.above(effect["id"]) if name in candidates and in_time(candidates[name], effect)]
        if not deeper and effect is not entry:
            found.add(effect["id"])
        ahead.extend(cause for cause in deeper if cause["id"] not in seen)
        seen.update(cause["id"] for cause in deeper)
    return sorted(found)


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
