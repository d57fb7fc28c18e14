# Copyright: kubetriage.node contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How right the diagnosis is: labelled incidents as loose logs, the real reader, checks and diagnosis, and a table per family.

    tests/corpus/corpus.py                          all cases
    tests/corpus/corpus.py memory cni/bad-conflist  a family, a case
    tests/corpus/corpus.py ./some/case.txt          a case that lies elsewhere
    tests/corpus/corpus.py --table docs/corpus.md   writes the page

A line for each label that is not met, then the table. README.md has the form of a case. Exits 1 when a label is not met, a negative gets a
cause, or fewer than 95 of 100 positives have the right first cause.
"""

import argparse
import pathlib
import sys
import tempfile
from collections import namedtuple
from concurrent.futures import ProcessPoolExecutor

import yaml

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parents[1] / "collections"))

from ansible_collections.kubetriage.node.plugins.module_utils.catalogue import FAILURES, FAMILIES  # noqa: E402
from ansible_collections.kubetriage.node.plugins.module_utils.result import iso  # noqa: E402
from ansible_collections.kubetriage.node.plugins.plugin_utils import loose, verdicts  # noqa: E402
from ansible_collections.kubetriage.node.plugins.plugin_utils.evidence import checked, open_evidence  # noqa: E402

LISTS = ("or", "also", "symptoms", "findings", "looks_like")  # of failure ids
LABELS = {"title", "programs", "cause", "state", "confidence", "scope", "not_checked", *LISTS}
BESIDE = ("chains", "formats", "noise")  # directories of cases besides the catalogue's families
TOP_1 = 0.95
PROCESSES = 2
_WINDOW = 86400  # seconds of a log that count
_DEADLINE = 60

PAGE = """# How right the diagnosis is

`tests/corpus` holds {cases} labelled incidents in {families} groups: real formats, with program and version, as an engineer has them (whole
logs, fragments, a pasted describe). {positives} are positives, {negatives} are negatives (nothing is wrong, or nothing that is the node's
fault), and {near} of the positives are near misses: the lines look like another failure than they are. Each goes through the same reader,
checks and diagnosis as `playbooks/replay.yml`.

```
{table}
```

- **positive**: cases with a cause. **top 1**: the first cause of the verdict is the labelled one. **top 3**: it is among the first three.
- **negative**: cases without a cause, where any cause is wrong.
- **near miss**: positives that could be taken for another, named failure.
- **false causes**: causes named beyond the labelled ones, over all cases of the group, negatives or not.

Cases and rules were written side by side: the table shows what is covered and that it stays right, not how an incident will go that nobody
has thought of.

`chains` are causal chains over several files, each of the 25 known edges both ways round: as it is, and with the times reversed or the
deeper failure missing. `formats` are incidents and healthy nodes in every form in which logs are kept, printed, cut and pasted. `noise` are
healthy nodes with alarming lines.

To measure again: `python tests/corpus/corpus.py`; to write this page: `--table docs/corpus.md`. The tests fail when it is out of date, when
fewer than {top_1:.0f} % of the positives are right at top 1, or when any negative gets a cause.
[tests/corpus/README.md](../tests/corpus/README.md) has the form of a case.
"""

Score = namedtuple("Score", "family name positive near top_1 top_3 false wrong")
Score.__doc__ = "How one case went; `false`: number of causes that it should not have; `wrong`: sentences about labels that are not met."


class BadCase(ValueError):
    """A case that is not in the form."""


class Case:
    """One labelled incident: `family`, `name`, `labels`, `files` ({file name: text}). Raises BadCase."""

    def __init__(self, path):
        self.family, self.name = path.parent.name, path.stem
        head, *rest = path.read_text(encoding="utf-8").split("\n=== ")
        try:
            self.labels = yaml.safe_load(head)
        except yaml.YAMLError as error:
            raise BadCase(f"{path}: labels are no YAML: {error}") from error
        self._check(path)
        self.files = {}
        for part in rest:
            name, _newline, text = part.partition("\n")
            if name.strip() not in loose.FILES:
                raise BadCase(f"{path}: {name!r} is no file of loose logs")
            self.files[name.strip()] = text
        if not self.files:
            raise BadCase(f"{path}: it holds no file")
        self.right = [self.labels["cause"], *self.labels.get("or", ())] if self.labels["cause"] else []
        self.allowed = [*self.right, *self.labels.get("also", ())]

    def _check(self, path):
        labels = self.labels
        if not isinstance(labels, dict) or "cause" not in labels or not labels.get("title") or not labels.get("programs"):
            raise BadCase(f"{path}: needs title, programs and cause")
        ids = [labels["cause"]] if labels["cause"] else []
        for name in LISTS:
            if not isinstance(labels.get(name, []), list):
                raise BadCase(f"{path}: {name} is no list")
            ids += labels.get(name, [])
        unknown = sorted(map(str, [*set(labels) - LABELS, *(name for name in ids if name not in FAILURES)]))
        if unknown:
            raise BadCase(f"{path}: not known: {', '.join(unknown)}")
        if not labels["cause"] and (labels.get("or") or labels.get("also")):
            raise BadCase(f"{path}: a negative has no causes")

    def verdict(self):
        """What the collection says of it."""
        with tempfile.TemporaryDirectory() as directory:
            for name, text in self.files.items():
                pathlib.Path(directory, name).write_text(text, encoding="utf-8")
            (node, bundle, view), = open_evidence(directory)[0]
            checks = checked(bundle, _WINDOW, _DEADLINE)
            reach = {"how": "loose", "ok": True, "error": None, "kind": None}
            return verdicts.artifact("corpus", node, reach, checks, view, iso(bundle.now))["verdict"]

    def wrong(self, verdict):
        """-> sentences, one for each label that the verdict does not meet."""
        labels, causes, said = self.labels, [cause["id"] for cause in verdict["causes"]], []
        if self.right and (not causes or causes[0] not in self.right):
            said.append(f"the cause is {causes[0] if causes else None}, not {' or '.join(self.right)}")
        if false := [cause for cause in causes if cause not in self.allowed]:
            said.append(f"false causes: {', '.join(false)}")
        symptoms = {symptom["id"] for symptom in verdict["symptoms"] if symptom["of"] in self.allowed}
        findings = {finding["id"] for finding in verdict["findings"]}
        for label, there, what in (("also", causes, "a cause"), ("symptoms", symptoms, "a symptom of a right cause"),
                                   ("findings", findings, "a finding")):
            said += [f"{name} is not named as {what}" for name in labels.get(label, ()) if name not in there]
        for key in ("state", "scope"):
            if labels.get(key, verdict[key]) != verdict[key]:
                said.append(f"{key} is {verdict[key]}, not {labels[key]}")
        if labels.get("confidence") and causes and verdict["causes"][0]["confidence"] != labels["confidence"]:
            said.append(f"confidence is {verdict['causes'][0]['confidence']}, not {labels['confidence']}")
        gaps = " ".join(gap["what"] for gap in verdict["not_checked"])
        return said + [f"{what!r} is not among what was not checked" for what in labels.get("not_checked", ()) if what not in gaps]

    def score(self):
        verdict = self.verdict()
        causes = [cause["id"] for cause in verdict["causes"]]
        right, near = set(self.right), bool(self.right and self.labels.get("looks_like"))
        return Score(self.family, self.name, bool(right), near, bool(right.intersection(causes[:1])), bool(right.intersection(causes[:3])),
                     sum(cause not in self.allowed for cause in causes), self.wrong(verdict))


def paths(asked=()):
    """Files of the cases that were asked for (family, family/name or a path), or of all, by family and name."""
    every = sorted((HERE / "cases").glob("*/*.txt"))
    chosen = [path for path in every if path.parent.name in asked or f"{path.parent.name}/{path.stem}" in asked]
    elsewhere = [pathlib.Path(each) for each in asked if each.endswith(".txt")]
    return chosen + elsewhere if asked else every


def scores(files):
    """-> [Score] in the order of `files`. Raises BadCase."""
    with ProcessPoolExecutor(PROCESSES) as pool:
        return list(pool.map(_score, files, chunksize=4))


def _score(path):
    case = Case(path)
    try:
        return case.score()
    except Exception as error:  # the defect of one case does not hide the others
        return Score(case.family, case.name, bool(case.right), False, False, False, 0, [f"raises {type(error).__name__}: {error}"])


def table(given):
    """[Score] -> the table, a line a family."""
    line = "{:10}{:>7}{:>10}{:>8}{:>8}{:>10}{:>11}{:>14}".format
    lines = [line("family", "cases", "positive", "top 1", "top 3", "negative", "near miss", "false causes")]
    families = sorted({score.family for score in given}, key=_place)
    for family, each in [*((family, [score for score in given if score.family == family]) for family in families), ("all", given)]:
        positive = [score for score in each if score.positive]
        lines.append(line(family, len(each), len(positive), _share(positive, "top_1"), _share(positive, "top_3"), len(each) - len(positive),
                          sum(score.near for score in each), sum(score.false for score in each)))
    return "\n".join(lines)


def page(given):
    """[Score] -> docs/corpus.md"""
    positives = sum(score.positive for score in given)
    return PAGE.format(cases=len(given), families=len({score.family for score in given}), positives=positives, negatives=len(given) - positives,
                       near=sum(score.near for score in given), table=table(given), top_1=100 * TOP_1)


def good(given):
    """Do the shares hold: first causes of positives, no cause for a negative?"""
    positives = [score for score in given if score.positive]
    right = sum(score.top_1 for score in positives)
    return right >= TOP_1 * len(positives) and not any(score.false for score in given if not score.positive)


def _place(family):
    order = (*FAMILIES, *BESIDE)
    return order.index(family) if family in order else len(order), family


def _share(positive, what):
    return f"{100 * sum(getattr(score, what) for score in positive) / len(positive):.1f}%" if positive else "-"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("case", nargs="*", help="family, family/name, or the path of a case")
    parser.add_argument("--table", metavar="FILE", help="write the table and how to read it there")
    asked = parser.parse_args()
    try:
        given = scores(paths(asked.case))
    except BadCase as error:
        sys.exit(str(error))
    if not given:
        sys.exit(f"no case is called {' or '.join(asked.case)}")
    for score in given:
        for sentence in score.wrong:
            print(f"{score.family}/{score.name}: {sentence}")
    print(table(given))
    if asked.table:
        pathlib.Path(asked.table).write_text(page(given), encoding="utf-8")
    sys.exit(0 if good(given) and not any(score.wrong for score in given) else 1)


if __name__ == "__main__":
    main()
