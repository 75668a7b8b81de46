"""./dev bench, a second of each scenario: that it measures, not how fast this machine is."""

import pytest
from harness import binary

from tools.dev.bench import Programs, measure
from tools.dev.bench_report import BEGIN, DOCUMENT, END, report
from tools.dev.bench_scenarios import LIMITS, RATIOS, SCENARIOS
from tools.dev.catalogue_bench import READINGS, measure_catalogue

MEMBERS = {
    "scenario": str,
    "requests_per_second": float,
    "p50_ms": float,
    "p99_ms": float,
    "answers": int,
    "errors": int,
    "cpu_us_per_answer": float,
    "memory_mib": float,
    "peak_mib": float,
    "rounds": int,
}


def test_every_scenario_is_measured_without_an_error() -> None:
    *lines, total = measure(Programs(binary(), binary().parent / "bare_h2o"), 1)
    assert [line["scenario"] for line in lines] == [scenario.name for scenario in SCENARIOS]
    for line, scenario in zip(lines, SCENARIOS):
        wanted = dict(MEMBERS)
        if scenario.beside:
            assert line["cpu_us_per_answer"] is None
            del wanted["cpu_us_per_answer"]
        assert line.keys() == MEMBERS.keys()
        for name, kind in wanted.items():
            assert isinstance(line[name], kind), (line, name)
        assert line["errors"] == 0, line
        assert line["answers"] > 0 and 0 < line["p50_ms"] <= line["p99_ms"], line
        assert 0 < line["memory_mib"] <= line["peak_mib"] + 0.1, line
    assert set(total["ratios"]) == {ratio.name for ratio in RATIOS}
    assert total["after_start_mib"] > 0 and total["under_load_mib"] > 0
    text = report([*lines, total])
    rows = [line.split(" | ") for line in text.splitlines() if line.startswith("| ")]
    assert [row[0] for row in rows[2 : 2 + len(SCENARIOS)]] == [f"| {s.name}" for s in SCENARIOS]
    for row in (*RATIOS, *LIMITS):
        assert text.count(f"| {row.about} |") == 1


def test_the_document_has_a_place_for_the_tables() -> None:
    text = DOCUMENT.read_text()
    assert text.count(BEGIN) == text.count(END) == 1 and text.index(BEGIN) < text.index(END)


@pytest.mark.slow
def test_a_catalogue_is_read_cold_and_warm_without_an_error() -> None:
    seeding, *lines = measure_catalogue(binary(), 150, 1)
    assert seeding["products"] == 150 and seeding["products_per_second"] > 0
    assert [line["scenario"] for line in lines] == [reading.name for reading in READINGS]
    for line in lines:
        assert line["errors"] == 0, line
        assert line["warm_requests_per_second"] > 0, line
        # Cold asks the store each time. Debug builds on a busy machine say no more than that.
        assert line["cold_ms"] > 0 and line["cold_store_ms"] > 0, line
