"""Acknowledged decisions a second, beside the floor: one write and one fsync each, without any grouping.

Run it with `make bench BENCH=server`, after `make quick DEMO=--no-serve`.
"""

import os
import tempfile
import time
from pathlib import Path

from binome import operators
from binome.experiment import read_events
from binome.pipeline import Experiment, open_study

STUDY = Path("studies/digits-quick")


def fsyncs(folder: Path, count: int = 300) -> float:
    """Writes of 1 KiB with fsync, a second, one after the other."""
    with (folder / "floor").open("wb", buffering=0) as file:
        start = time.perf_counter()
        for _ in range(count):
            file.write(bytes(1024))
            os.fsync(file.fileno())
        return count / (time.perf_counter() - start)


def main() -> None:
    with tempfile.TemporaryDirectory(dir=".") as name:
        folder = Path(name)
        experiment = Experiment(open_study(STUDY), f"sqlite:///{folder / 'study.db'}")
        with experiment.served() as address:
            start = time.perf_counter()
            report = operators.simulate(
                address, experiment.stimuli, operators=8, seed=0, simulation_key=experiment.keys.researcher
            )
            seconds = time.perf_counter() - start
        events = len(read_events(experiment.database, experiment.protocol, experiment.stimuli))
        floor = fsyncs(folder)
    print(f"{report.calls / seconds:8.0f} calls a second, client and server in one process")
    print(f"{events / seconds:8.0f} events a second on disk")
    print(f"{floor:8.0f} writes with fsync a second (the floor without grouping)")


if __name__ == "__main__":
    main()
