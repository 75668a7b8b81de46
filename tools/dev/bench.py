"""./dev bench: wrk against a release build, a line of JSON per scenario, ratios in one run."""

import argparse
import json
import os
from collections.abc import Sequence
from pathlib import Path
from statistics import median
from typing import Any, NamedTuple

from .bench_report import Verdict, verdicts, write_report
from .bench_scenarios import CONSTANT, LIST, RATIOS, SCENARIOS, Ratio, Scenario, Subjects
from .bench_server import STORES, Aizy, BareH2o
from .build import build
from .catalogue_bench import bench_catalogue
from .databases import Databases
from .errors import DevError
from .load import Figures, Load, Meter, Wrk
from .progress import say, step
from .scratch import scratch_folder

SECONDS = 12
# Many short ones, so that what is compared is measured in the same moments.
ROUNDS = 6
WARM_UP_S = 1
# What one password's hash takes, and is given back after it.
HASH_MIB = 19


class Programs(NamedTuple):
    aizy: Path
    bare: Path


class Sample(NamedTuple):
    """One round of one scenario."""

    figures: Figures
    cpu_us: float
    memory_mib: float
    peak_mib: float
    beside: Figures | None


def bench(arguments: argparse.Namespace) -> int:
    if not (arguments.seconds or str(SECONDS)).isdigit():
        raise DevError(f"--seconds is {arguments.seconds!r}; it should be a whole number")
    if arguments.products:
        return bench_catalogue(arguments)
    programs = Programs(build("release", "aizy"), build("release", "bare_h2o").parent / "bare_h2o")
    chosen = _chosen(arguments.only)
    if arguments.write and len(chosen) < len(SCENARIOS):
        raise DevError("--write wants every scenario, and --only leaves some out")
    lines = measure(programs, int(arguments.seconds or SECONDS), chosen)
    if arguments.write:
        write_report(lines)
    if arguments.json:
        Path(arguments.json).write_text("".join(f"{json.dumps(line)}\n" for line in lines))
    return 1 if any(line.get("errors") for line in lines) else 0


def _chosen(names: str) -> tuple[Scenario, ...]:
    """Those of a list with commas, in the table's order; all when it is empty."""
    wanted = set(filter(None, names.split(",")))
    unknown = wanted - {scenario.name for scenario in SCENARIOS}
    if unknown:
        raise DevError(f"there is no scenario {', '.join(sorted(unknown))}")
    return tuple(row for row in SCENARIOS if not wanted or row.name in wanted)


def measure(
    programs: Programs, seconds: int, chosen: Sequence[Scenario] = SCENARIOS
) -> list[dict[str, Any]]:
    """Each scenario for that long in all; what is said of each, then of all together."""
    if seconds < 1:
        raise DevError("a second is the least that can be measured")
    with scratch_folder() as folder:
        # Survives a power cut, as in production.
        databases = Databases(folder, wanted=STORES)
        with step("databases"):
            databases.start()
        aizy = Aizy(programs.aizy, databases, folder)
        socket = aizy.beside("aizy-socket", DATABASE_URL=databases.mysql.socket_url())
        bare = {path: BareH2o(programs.bare, folder) for path in (CONSTANT, LIST)}
        try:
            return _measure(Subjects(aizy, socket, bare), chosen, seconds, folder)
        finally:
            for server in (*bare.values(), socket, aizy):
                server.stop()
            databases.stop()


def _measure(
    subjects: Subjects, chosen: Sequence[Scenario], seconds: int, folder: Path
) -> list[dict[str, Any]]:
    aizy = subjects.aizy
    aizy.start()
    after_start_mib = Meter(aizy.pid).memory_mib()
    with step("people"):
        aizy.register()
    subjects.over_socket.serve()
    for path, bare in subjects.bare.items():
        bare.start(aizy.ask("GET", path))
    busy_before = os.getloadavg()[0]
    samples: dict[str, list[Sample]] = {scenario.name: [] for scenario in chosen}
    rounds = min(ROUNDS, seconds)
    for number in range(rounds):
        with step(f"round {number + 1} of {rounds}"):
            for scenario in chosen:
                if number == 0 and seconds > ROUNDS:
                    _sample(scenario, subjects, WARM_UP_S, folder)
                sample = _sample(scenario, subjects, seconds // rounds, folder)
                samples[scenario.name].append(sample)
    lines = [_line(scenario, samples[scenario.name]) for scenario in chosen]
    for line in lines:
        say(json.dumps(line))
    busy = {"load_average": [busy_before, os.getloadavg()[0]]}
    total = _total(chosen, samples, lines, after_start_mib) | busy
    say(json.dumps(total))
    for row in verdicts(lines, total):
        _say_verdict(row)
    return [*lines, total]


def _sample(scenario: Scenario, subjects: Subjects, seconds: int, folder: Path) -> Sample:
    load = scenario.load(subjects)
    _check(scenario, subjects, load)
    meter = Meter(scenario.subject(subjects).pid)
    meter.forget_peak()
    other = _named(scenario.beside).load(subjects) if scenario.beside else None
    # A second longer: it begins first, and is still there at the end.
    storm = Wrk(other, seconds + 1, folder / "beside.log") if other else None
    cpu_us = meter.cpu_us()
    figures = Wrk(load, seconds, folder / "wrk.log").figures()
    cpu_us = meter.cpu_us() - cpu_us
    memory_mib, peak_mib = meter.memory_mib(), meter.peak_mib()
    return Sample(figures, cpu_us, memory_mib, peak_mib, storm.figures() if storm else None)


def _check(scenario: Scenario, subjects: Subjects, load: Load) -> None:
    """That what is about to be measured is no refusal."""
    body = load.bodies[0] if load.bodies else ""
    path = scenario.path(subjects.aizy)
    answer = scenario.subject(subjects).ask(load.method, path, load.headers, body)
    if answer.status != 200:
        raise DevError(f"{load.method} {path} answers {answer.status}: {answer.body[:500]}")


def _named(name: str) -> Scenario:
    return next(scenario for scenario in SCENARIOS if scenario.name == name)


def _line(scenario: Scenario, samples: list[Sample]) -> dict[str, Any]:
    """Medians over the rounds; errors and answers summed, the peak the highest."""
    cpu = [sample.cpu_us / max(sample.figures.answers, 1) for sample in samples]
    beside = [sample.beside for sample in samples if sample.beside]
    return {
        "scenario": scenario.name,
        "requests_per_second": round(median(s.figures.requests_per_second for s in samples), 1),
        "p50_ms": round(median(sample.figures.p50_ms for sample in samples), 3),
        "p99_ms": round(median(sample.figures.p99_ms for sample in samples), 3),
        "answers": sum(sample.figures.answers for sample in samples),
        "errors": sum(run.errors for run in [*(s.figures for s in samples), *beside]),
        # Beside another load it is not known whose answers it was spent on.
        "cpu_us_per_answer": None if scenario.beside else round(median(cpu), 2),
        "memory_mib": round(median(sample.memory_mib for sample in samples), 1),
        "peak_mib": round(max(sample.peak_mib for sample in samples), 1),
        "rounds": len(samples),
    }


def _ratio(ratio: Ratio, samples: dict[str, list[Sample]]) -> float:
    """The median of the rounds' own ratios: what disturbs a round disturbs both."""
    pairs = zip(samples[ratio.over], samples[ratio.under])
    return median(
        getattr(over.figures, ratio.member) / max(getattr(under.figures, ratio.member), 1e-9)
        for over, under in pairs
    )


def _total(
    chosen: Sequence[Scenario],
    samples: dict[str, list[Sample]],
    lines: list[dict[str, Any]],
    after_start_mib: float,
) -> dict[str, Any]:
    by_name = {line["scenario"]: line for line in lines}
    ratios = {
        ratio.name: round(_ratio(ratio, samples), 3)
        for ratio in RATIOS
        if ratio.over in samples and ratio.under in samples
    }
    cores = len(os.sched_getaffinity(0))
    peaks = [
        by_name[scenario.name]["peak_mib"] - (HASH_MIB * cores if scenario.hashes else 0)
        for scenario in chosen
        if not scenario.is_bare
    ]
    return {
        "ratios": ratios,
        "after_start_mib": round(after_start_mib, 1),
        "under_load_mib": round(max(peaks, default=0), 1),
        "cores": cores,
    }


def _say_verdict(row: Verdict) -> None:
    met = "" if row.is_met is None else "yes" if row.is_met else "no"
    say(f"  {row.about:<48}{row.wanted:>8}{row.value:>10.2f}  {met}")
