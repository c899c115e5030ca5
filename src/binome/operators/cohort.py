"""`simulate`: a cohort that goes through the experiment's real HTTP interface, page by page."""

from __future__ import annotations

import asyncio
import base64
import hashlib
from dataclasses import dataclass

import httpx

from binome.core import derive_seed
from binome.core.progress import bar
from binome.core.stimulus import StimulusSet
from binome.operators.decisions import Deciding
from binome.operators.eyes import Eyes
from binome.operators.model import Operator
from binome.operators.parameters import DEFAULTS, Parameters
from binome.operators.visit import Visit
from binome.protocol import Protocol


@dataclass(frozen=True)
class CohortReport:
    """What a run did: operators that reached the end, and HTTP calls made."""

    completed: int
    calls: int


def simulate(
    address: str,
    stimuli: StimulusSet,
    *,
    operators: int,
    seed: int,
    simulation_key: str,
    protocol: Protocol | None = None,
    language: str = "en",
    concurrency: int = 8,
    parameters: Parameters = DEFAULTS,
) -> CohortReport:
    """Send simulated operators through a running study.

    Tokens and event ids follow from the seed, so a run that was interrupted goes on with the same sessions and
    stores nothing twice.

    Args:
        address: of the server, without a path.
        stimuli: the study's stimulus set: how the simulated operators "see" (truth never comes over HTTP).
        simulation_key: the researcher's key.
        protocol: the study: which answers pass screening and comprehension, what a right answer brings. Without it
            those answers are drawn like all others, and some operators are excluded.

    Raises:
        BinomeError: when the server cannot be reached, or refuses an answer.
    """
    rewards = protocol.study.rewards if protocol else None
    stake = rewards.correct - rewards.wrong if rewards else 0.0
    eyes, task = Eyes(stimuli, language), stimuli.task
    people = [Operator(task, derive_seed(seed, "operator", i), seed, parameters) for i in range(operators)]
    cohort = [Deciding(eyes, person, stake if stake > 0 else 1.0) for person in people]
    tokens = [_token(seed, i) for i in range(operators)]

    async def run() -> CohortReport:
        limits = httpx.Limits(max_connections=concurrency, max_keepalive_connections=concurrency)
        async with httpx.AsyncClient(base_url=address, timeout=60, limits=limits, trust_env=False) as client:
            visits = [Visit(client, one, token, protocol) for one, token in zip(cohort, tokens, strict=True)]
            return await _all(visits, simulation_key, language, concurrency)

    return asyncio.run(run())


async def _all(visits: list[Visit], key: str, language: str, concurrency: int) -> CohortReport:
    gate = asyncio.Semaphore(concurrency)
    with bar("simulated operators", len(visits)) as progress:
        # They arrive one after the other, so that the same seed gives each the same slot; then they work at once.
        for visit in visits:
            await visit.arrive(key, language)

        async def work(visit: Visit) -> bool:
            async with gate:
                done = await visit.work()
            progress.advance()
            return done

        finished = await asyncio.gather(*(work(visit) for visit in visits))
    return CohortReport(sum(finished), sum(visit.calls for visit in visits))


def _token(seed: int, number: int) -> str:
    """A token that the same run makes again; simulated sessions guard nothing that is secret."""
    raw = hashlib.sha256(f"{derive_seed(seed, 'token', number)}".encode()).digest()[:18]
    return base64.urlsafe_b64encode(raw).decode()
