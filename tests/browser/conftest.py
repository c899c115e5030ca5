from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from operator_driver import launch
from playwright.sync_api import Browser, sync_playwright
from tiny_study import make_study

from binome.core.stimulus import StimulusSet
from binome.experiment import create_app, serve
from binome.protocol import Protocol


@dataclass(frozen=True)
class Served:
    address: str
    database: str
    protocol: Protocol
    stimuli: StimulusSet


@pytest.fixture
def served(tmp_path: Path) -> Iterator[Served]:
    """The tiny study, served for one test."""
    protocol, stimuli = make_study(tmp_path)
    database = f"sqlite:///{tmp_path / 'study.db'}"
    app = create_app(protocol, stimuli, database=database, researcher_key="key", secret="secret")
    with serve(app) as address:
        yield Served(address, database, protocol, stimuli)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = launch(playwright)
        yield browser
        browser.close()
