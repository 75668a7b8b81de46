"""A strict reader of Prometheus' text format 0.0.4: what GET /metrics answers."""

import re
from typing import NamedTuple

from harness import Server

_NAME = r"[a-zA-Z_:][a-zA-Z0-9_:]*"
_LABEL = r'[a-zA-Z_][a-zA-Z0-9_]*="(?:[^"\\\n]|\\[\\"n])*"'
_SAMPLE = re.compile(rf"({_NAME})(?:{{({_LABEL}(?:,{_LABEL})*)}})? (-?\d+(?:\.\d+)?)")
_HELP = re.compile(rf"# HELP ({_NAME}) (\S.*)")
_TYPE = re.compile(rf"# TYPE ({_NAME}) (counter|gauge|histogram)")


class Family(NamedTuple):
    kind: str
    samples: dict[tuple[str, frozenset[tuple[str, str]]], float]


def parse(text: str) -> dict[str, Family]:
    """Families by name. Asserts that every line is as the format says, and in its order."""
    assert text.endswith("\n")
    families: dict[str, Family] = {}
    lines = iter(text.splitlines())
    name = ""
    for line in lines:
        if found := _HELP.fullmatch(line):
            name = found[1]
            assert name not in families, f"{name} twice"
            kind = _TYPE.fullmatch(next(lines))
            assert kind and kind[1] == name, line
            families[name] = Family(kind[2], {})
            continue
        sample = _SAMPLE.fullmatch(line)
        assert sample, f"no sample: {line}"
        assert base_name(sample[1], families[name].kind) == name, f"not of {name}: {line}"
        pairs = re.findall(r'([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\]|\\.)*)"', sample[2] or "")
        labels = frozenset(pairs)
        assert len(labels) == len(pairs) == len({pair[0] for pair in pairs}), line
        assert (sample[1], labels) not in families[name].samples, f"twice: {line}"
        families[name].samples[sample[1], labels] = float(sample[3])
    return families


def base_name(name: str, kind: str) -> str:
    return re.sub(r"_(bucket|sum|count)$", "", name) if kind == "histogram" else name


class Figures:
    """What the server says at one moment."""

    def __init__(self, server: Server, **options) -> None:
        answer = server.get("/metrics", **options)
        assert answer.status_code == 200, answer.text
        assert answer.headers["Content-Type"] == "text/plain; version=0.0.4; charset=utf-8"
        self.families = parse(answer.text)

    def of(self, name: str, **labels: str) -> float:
        """One sample; 0 where it has not occurred. A histogram's by its _count or _sum."""
        wanted = frozenset(labels.items())
        for family in self.families.values():
            if (name, wanted) in family.samples:
                return family.samples[name, wanted]
        return 0

    def total(self, name: str, **labels: str) -> float:
        """All samples of a name with at least these labels."""
        return sum(
            value
            for family in self.families.values()
            for (sample, found), value in family.samples.items()
            if sample == name and set(labels.items()) <= found
        )
