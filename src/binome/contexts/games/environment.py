"""Contexts from Gymnasium environments: a state is an item, an expert's actions in it are right."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Collection, Hashable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from PIL import Image
from torch import nn

from binome.contexts.context import Shown, Split, SplitName
from binome.core import BinomeError, UnknownNameError, derive_seed
from binome.core.progress import bar
from binome.core.stimulus import Task
from binome.core.text import Text

Floats = npt.NDArray[np.float32]
Environment = Any
"""A `gymnasium.Env` whose actions are discrete, as `gymnasium.make` gives it: Gymnasium itself is not needed here."""

Observe = Callable[[Environment, Any], npt.ArrayLike]
"""From an environment, in a state, and its observation to a network's input."""

Expert = Callable[[Environment, Any], int | Collection[int]]
"""From an environment, in a state, and its observation to the best action, or to all that are equally good."""

# After so many episodes without a new state there are no more to be had.
BARREN = 200
MOST_STEPS = 10_000


@dataclass(frozen=True)
class State:
    """A state of an environment: how to get there, and what is known of it.

    Attributes:
        episode: seed of the episode's reset.
        actions: what was done since, as places among the task's decisions.
        seen: what the predictor sees.
        best: the expert's actions, as places among the decisions; the first is the truth.
    """

    episode: int
    actions: tuple[int, ...]
    seen: Floats
    best: tuple[int, ...]


class EnvironmentContext:
    """States of an environment, made by `from_environment`."""

    categories: tuple[int, ...] = ()
    inputs_of: tuple[int, ...] = ()
    # What an action does in a mirror image is the environment's own affair.
    mirrors = False
    skipped: tuple[str, ...] = ()

    def __init__(
        self,
        task: Task,
        rollout: Rollout,
        states: Mapping[SplitName, Sequence[State]],
        *,
        operator_view: Mapping[str, Any] | None = None,
        predictor_view: Mapping[str, Any] | None = None,
    ) -> None:
        self.task = task
        self.operator_view, self.predictor_view = dict(operator_view or {}), dict(predictor_view or {})
        self._rollout, self._states = rollout, states
        self._items = {
            _item_id(name, index): state for name, known in states.items() for index, state in enumerate(known)
        }
        self._splits: dict[SplitName, Split] = {}

    @property
    def name(self) -> str:
        return self.task.context

    @property
    def input_shape(self) -> tuple[int, ...]:
        return tuple(self._states["train"][0].seen.shape)

    def split(self, name: SplitName) -> Split:
        if name not in self._states:
            raise UnknownNameError("split", name, self._states)
        if name not in self._splits:
            states = self._states[name]
            accepted = torch.zeros(len(states), len(self.task.decisions), dtype=torch.bool)
            for row, state in zip(accepted, states, strict=True):
                row[list(state.best)] = True
            self._splits[name] = Split(
                tuple(_item_id(name, index) for index in range(len(states))),
                torch.from_numpy(np.stack([state.seen for state in states])),
                torch.tensor([state.best[0] for state in states]),
                accepted,
            )
        return self._splits[name]

    def show(self, item: str) -> Shown:
        """The environment's picture of the state, which its actions lead to once more."""
        if item not in self._items:
            raise BinomeError(f"{self.name} has no item {item!r}; ids look like {next(iter(self._items))!r}")
        return self._rollout.show(self._items[item])


@dataclass(frozen=True)
class Rollout:
    """How states are reached and looked at; see `from_environment` for the fields."""

    task: Task
    make: Callable[[], Environment]
    expert: Expert
    observe: Observe
    actions: tuple[int, ...]
    picture: Callable[[Environment], npt.ArrayLike]
    state: Callable[[Environment], Hashable]
    note: Callable[[Environment], Text | None] | None
    wander: float
    each: int

    def states(self, count: int, environment: Environment, seed: int, split: str, known: set[Hashable]) -> list[State]:
        """New states of episodes that belong to this split alone; `known` takes them in."""
        found: list[State] = []
        barren = number = 0
        while len(found) < count:
            new = self._episode(environment, derive_seed(seed, split, number) % 2**31, known)
            barren, number = 0 if new else barren + 1, number + 1
            found += new
            if barren == BARREN:
                raise BinomeError(
                    f"{self.task.context}: {BARREN} episodes in a row gave no new state, after {len(known)} in all; "
                    f"{split} has {len(found)} of {count}: ask for fewer items, or take an environment that varies more"
                )
        return found[:count]

    def show(self, state: State) -> Shown:
        environment = self.make()
        try:
            environment.reset(seed=state.episode)
            for action in state.actions:
                environment.step(self.actions[action])
            pixels = np.asarray(self.picture(environment))
            note = None if self.note is None else self.note(environment)
        finally:
            environment.close()
        if pixels.dtype != np.uint8 or pixels.ndim != 3 or pixels.shape[2] != 3:
            raise BinomeError(
                f"{self.task.context}: a picture of shape {pixels.shape} and type {pixels.dtype}, expected uint8 "
                f"(height, width, 3); make the environment with render_mode='rgb_array', or give `picture`"
            )
        return Shown(picture=Image.fromarray(pixels), note=note)

    def _episode(self, environment: Environment, episode: int, known: set[Hashable]) -> list[State]:
        """Some of an episode's new states, drawn so that all parts of it may come."""
        generator = np.random.default_rng(derive_seed(episode, "actions"))
        observation, _ = environment.reset(seed=episode)
        new: list[tuple[Hashable, State]] = []
        actions: tuple[int, ...] = ()
        for _ in range(MOST_STEPS):
            best, key = self._best(environment, observation), self.state(environment)
            if key not in known and all(key != other for other, _ in new):
                new.append((key, State(episode, actions, self._seen(environment, observation), best)))
            free = generator.random() < self.wander
            choice = int(generator.integers(len(self.actions)) if free else generator.choice(best))
            observation, _, terminated, truncated, _ = environment.step(self.actions[choice])
            actions = (*actions, choice)
            if terminated or truncated:
                break
        else:
            raise BinomeError(
                f"{self.task.context}: an episode did not end in {MOST_STEPS} steps; "
                f"make the environment with max_episode_steps"
            )
        chosen = sorted(generator.permutation(len(new))[: self.each].tolist())
        known.update(new[index][0] for index in chosen)
        return [new[index][1] for index in chosen]

    def _best(self, environment: Environment, observation: Any) -> tuple[int, ...]:
        given = self.expert(environment, observation)
        wanted = [int(action) for action in given] if isinstance(given, Collection) else [int(given)]
        if not wanted or not set(wanted) <= set(self.actions):
            raise BinomeError(
                f"{self.task.context}: the expert gave the actions {wanted}; "
                f"the decisions stand for {list(self.actions)}"
            )
        return tuple(dict.fromkeys(self.actions.index(action) for action in wanted))

    def _seen(self, environment: Environment, observation: Any) -> Floats:
        seen = np.array(self.observe(environment, observation), np.float32)
        if not (np.isfinite(seen).all() and seen.min() >= 0 and seen.max() <= 1):
            raise BinomeError(
                f"{self.task.context}: `observe` gave values from {seen.min()} to {seen.max()}, expected 0 to 1; "
                f"divide them by their range"
            )
        return seen


def from_environment(
    task: Task,
    make: Callable[[], Environment],
    expert: Expert,
    observe: Observe,
    *,
    items: Mapping[SplitName, int],
    actions: Sequence[int] | None = None,
    picture: Callable[[Environment], npt.ArrayLike] | None = None,
    state: Callable[[Environment], Hashable] | None = None,
    note: Callable[[Environment], Text | None] | None = None,
    operator_view: Mapping[str, Any] | None = None,
    predictor_view: Mapping[str, Any] | None = None,
    wander: float = 0.2,
    each: int = 5,
    seed: int = 0,
) -> EnvironmentContext:
    """A context of the states that seeded episodes of an environment pass through.

    An episode belongs to one split, and no state comes twice. A state is shown by playing its episode again, so the
    environment must do the same after `reset(seed=…)` and the same actions, as Gymnasium asks of it.

    Args:
        task: words and decisions, one an action.
        make: makes the environment, with `render_mode="rgb_array"` unless `picture` is given.
        expert: gives the right action, or all that are equally right, of which the first is taken for the truth where
            there can be but one. See `greedy` for a PyTorch policy.
        observe: gives what the predictor sees, in [0, 1] and always of one shape. A heat map is laid over the picture
            as it is, so planes (channels, rows, columns) should lie as the picture does.
        items: how many states in each split.
        actions: the environment's action for each decision; 0, 1, … by default.
        picture: from the environment to what the operator sees, uint8 (height, width, 3); its rendering by default.
        state: what tells two states apart; the picture by default, which is slow where it is large.
        note: what only the operator is told of a state.
        operator_view, predictor_view: what each side sees, in words or figures for the record: they change nothing.
        wander: how often a random action is taken instead of the expert's, so that its mistakes' states come too.
        each: states taken from one episode, at most; few, because states of one episode are alike.
        seed: of the episodes.

    Raises:
        BinomeError: for an action that is no decision, values out of [0, 1], or too few different states.
    """
    chosen = tuple(range(len(task.decisions))) if actions is None else tuple(actions)
    if len(chosen) != len(task.decisions) or len(set(chosen)) != len(chosen):
        raise BinomeError(
            f"{task.context}: {len(task.decisions)} decisions and the actions {list(chosen)}; give each its own action"
        )
    if not 0 <= wander <= 1:
        raise BinomeError(f"{task.context}: wander is {wander!r}; give a number from 0 to 1")
    splits: tuple[SplitName, ...] = ("test", "calibration", "train")
    if set(items) != set(splits) or any(count < 1 for count in items.values()) or each < 1:
        raise BinomeError(
            f"{task.context}: items is {dict(items)} and each is {each}; give how many, from 1, in train, calibration "
            f"and test, and how many an episode, from 1"
        )
    draw = picture or _rendered
    rollout = Rollout(
        task, make, expert, observe, chosen, draw, state or (lambda environment: _digest(draw(environment))),
        note, wander, each,
    )  # fmt: skip
    known: set[Hashable] = set()
    found: dict[SplitName, list[State]] = {}
    environment = make()
    try:
        with bar(f"playing {task.context}", total=sum(items.values())) as progress:
            for name in splits:
                found[name] = rollout.states(items[name], environment, seed, name, known)
                progress.advance(items[name])
    finally:
        environment.close()
    return EnvironmentContext(task, rollout, found, operator_view=operator_view, predictor_view=predictor_view)


def greedy(policy: nn.Module, observe: Observe) -> Expert:
    """An expert that takes a PyTorch policy's most probable action.

    Args:
        policy: from inputs (1, …) to one logit an action (1, actions).
        observe: gives the policy's input, without the batch.
    """

    def best(environment: Environment, observation: Any) -> int:
        with torch.no_grad():
            logits: torch.Tensor = policy(
                torch.from_numpy(np.array(observe(environment, observation), np.float32))[None]
            )
        return int(logits[0].argmax())

    return best


def _rendered(environment: Environment) -> npt.ArrayLike:
    pixels: npt.ArrayLike = environment.render()
    return pixels


def _digest(pixels: npt.ArrayLike) -> bytes:
    return hashlib.sha256(np.ascontiguousarray(pixels).tobytes()).digest()


def _item_id(split: str, index: int) -> str:
    return f"{split}-{index:05d}"
