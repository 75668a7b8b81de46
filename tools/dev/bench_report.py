"""What ./dev bench measured against what was wanted; the tables of docs/PERFORMANCE.md."""

from datetime import date
from typing import Any, NamedTuple

from .bench_scenarios import LIMITS, RATIOS, SCENARIOS
from .errors import DevError
from .locations import REPOSITORY

DOCUMENT = REPOSITORY / "docs" / "PERFORMANCE.md"
# What stands between these two lines of the document is written by --write.
BEGIN = "<!-- ./dev bench --write: begin -->"
END = "<!-- ./dev bench --write: end -->"
MEMORY = (("after_start_mib", "memory after start, MiB", 40),
          ("under_load_mib", "memory under load, without Argon2's own, MiB", 96))

MET = {True: "yes", False: "no", None: ""}


class Verdict(NamedTuple):
    """is_met: None when nothing is wanted."""

    about: str
    wanted: str
    value: float
    is_met: bool | None


def verdicts(lines: list[dict[str, Any]], total: dict[str, Any]) -> list[Verdict]:
    """A row for each target whose scenarios have been measured."""
    by_name = {line["scenario"]: line for line in lines}
    rows = []
    for ratio in RATIOS:
        value = total["ratios"].get(ratio.name)
        if value is None:
            continue
        is_met = None
        wanted = ""
        if ratio.at_least is not None:
            wanted, is_met = f">= {ratio.at_least:g}", value >= ratio.at_least
        elif ratio.at_most is not None:
            wanted, is_met = f"<= {ratio.at_most:g}", value <= ratio.at_most
        rows.append(Verdict(ratio.about, wanted, value, is_met))
    for limit in LIMITS:
        if limit.scenario in by_name:
            value = by_name[limit.scenario][limit.member]
            rows.append(_at_most(limit.about, limit.at_most, value))
    return [*rows, *(_at_most(about, most, total[name]) for name, about, most in MEMORY)]


def _at_most(about: str, most: float, value: float) -> Verdict:
    return Verdict(about, f"<= {most:g}", value, value <= most)


def write_report(lines: list[dict[str, Any]]) -> None:
    """Of a run of all scenarios, in the place of the one before."""
    text = DOCUMENT.read_text()
    before, begin, rest = text.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise DevError(f"{DOCUMENT} has no line {BEGIN} before a line {END}")
    DOCUMENT.write_text(f"{before}{BEGIN}\n{report(lines)}\n{END}{after}")


def report(lines: list[dict[str, Any]]) -> str:
    *measured, total = lines
    loads = " to ".join(f"{load:.1f}" for load in total["load_average"])
    head = (
        f"Measured {date.today().isoformat()} on {total['cores']} cores, at a load average from "
        f"{loads}, in {measured[0]['rounds']} rounds."
    )
    tables = (
        _table(
            ("scenario", "", "requests/s", "p50 ms", "p99 ms", "errors", "CPU us", "memory MiB"),
            [_cells(line) for line in measured],
        ),
        _table(
            ("target", "wanted", "measured", ""),
            [
                (row.about, row.wanted, f"{row.value:.2f}", MET[row.is_met])
                for row in verdicts(measured, total)
            ],
        ),
    )
    return "\n\n".join((head, *tables))


def _cells(line: dict[str, Any]) -> tuple[str, ...]:
    about = next(row.about for row in SCENARIOS if row.name == line["scenario"])
    cpu = line["cpu_us_per_answer"]
    return (
        line["scenario"],
        about,
        f"{line['requests_per_second']:,.0f}",
        f"{line['p50_ms']:.1f}",
        f"{line['p99_ms']:.1f}",
        str(line["errors"]),
        "" if cpu is None else f"{cpu:.1f}" if cpu < 1000 else f"{cpu:,.0f}",
        f"{line['memory_mib']:.0f}",
    )


def _table(head: tuple[str, ...], rows: list[tuple[str, ...]]) -> str:
    lines = [head, tuple("---" for _ in head), *rows]
    return "\n".join(f"| {' | '.join(cells)} |".replace("|  |", "| |") for cells in lines)
