import re
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
import torch

from binome import contexts
from binome.contexts.games import from_environment, greedy
from binome.core import BinomeError, UnknownNameError
from binome.core.stimulus import Decision, Task
from binome.testing import check_context

GUIDES = [Path(__file__).parents[2] / "docs" / "guides" / "games.md"]
TASK = Task("corridor", "A corridor", "Where to?", (Decision("left", "Left"), Decision("right", "Right")))
ITEMS = {"train": 40, "calibration": 10, "test": 10}


class Corridor:
    """A place from 0 to 30 with the goal at a drawn place; actions 3 and 5 go left and right.

    It has Gymnasium's interface and needs none of it.
    """

    LENGTH = 31

    def __init__(self):
        self.closed = False

    def reset(self, seed=None):
        generator = np.random.default_rng(seed)
        self.at, self.goal = (int(place) for place in generator.choice(self.LENGTH, 2, replace=False))
        return self._observation(), {}

    def step(self, action):
        self.at = int(np.clip(self.at + {3: -1, 5: 1}[action], 0, self.LENGTH - 1))
        return self._observation(), 0.0, self.at == self.goal, False, {}

    def render(self):
        pixels = np.zeros((1, self.LENGTH, 3), np.uint8)
        pixels[0, self.at, 0] = pixels[0, self.goal, 1] = 255
        return pixels

    def close(self):
        self.closed = True

    def _observation(self):
        return np.array([self.at, self.goal])


def towards(environment, observation):
    at, goal = observation
    return 3 if goal < at else 5


def whole(environment, observation):
    planes = np.zeros((2, 1, Corridor.LENGTH))
    planes[0, 0, observation[0]] = planes[1, 0, observation[1]] = 1
    return planes


def corridor(**changes):
    params = {"items": ITEMS, "actions": (3, 5), **changes}
    return from_environment(
        TASK, params.pop("make", Corridor), params.pop("expert", towards), params.pop("observe", whole), **params
    )


def test_a_corridor_passes_the_check():
    check_context(corridor())


def test_right_is_what_the_expert_does_and_the_picture_is_of_that_state():
    context = corridor(note=lambda environment: f"The goal is at {environment.goal}.")
    pictures = set()
    for name, count in ITEMS.items():
        split = context.split(name)
        assert len(split) == count
        places = split.inputs[:, :, 0].argmax(-1)
        expected = (places[:, 1] > places[:, 0]).long()
        assert torch.equal(split.truths, expected)
        assert torch.equal(split.accepted, torch.nn.functional.one_hot(expected, 2).bool())
        for item, (at, goal) in zip(split.ids, places.tolist(), strict=True):
            shown = context.show(item)
            assert shown.picture.getpixel((at, 0)) == (255, 0, 0)
            assert shown.picture.getpixel((goal, 0)) == (0, 255, 0)
            assert shown.note == f"The goal is at {goal}."
            pictures.add(shown.picture.tobytes())
    assert len(pictures) == sum(ITEMS.values())


def test_seeds_decide_and_splits_share_no_episode():
    one, again, other = corridor(), corridor(), corridor(seed=1)
    assert torch.equal(one.split("train").inputs, again.split("train").inputs)
    assert not torch.equal(one.split("train").inputs, other.split("train").inputs)
    more = corridor(items={**ITEMS, "train": 80})
    assert torch.equal(more.split("test").inputs, one.split("test").inputs)
    assert torch.equal(more.split("train").inputs[:40], one.split("train").inputs)


class Short(Corridor):
    """Cut off after 40 steps."""

    def reset(self, seed=None):
        self.left = 40
        return super().reset(seed)

    def step(self, action):
        self.left -= 1
        observation, reward, ended, _, info = super().step(action)
        return observation, reward, ended, self.left == 0, info


def test_equally_good_actions_are_all_right():
    both = corridor(make=Short, expert=lambda environment, observation: [5, 3] if observation[0] % 2 else 5)
    split = both.split("train")
    odd = split.inputs[:, 0, 0].argmax(-1) % 2 == 1
    assert bool(odd.any())
    assert torch.equal(split.accepted[:, 0], odd)
    assert bool(split.accepted[:, 1].all())
    # The first of the expert's is the truth.
    assert bool((split.truths == 1).all())


def test_wandering_leaves_the_experts_path():
    def ways(wander):
        context = corridor(wander=wander, each=31, items={**ITEMS, "train": 200})
        return {tuple(np.sign(np.diff(state.actions))) for state in context._states["train"] if len(state.actions) > 1}

    # The expert goes one way all along.
    assert all(not any(way) for way in ways(0))
    assert any(any(way) for way in ways(0.5))


def test_a_pytorch_policy_is_an_expert():
    policy = torch.nn.Sequential(torch.nn.Flatten(), torch.nn.Linear(2 * Corridor.LENGTH, 2))
    with torch.no_grad():
        place = torch.arange(Corridor.LENGTH, dtype=torch.float32)
        # Right's logit is how far to the right the goal is.
        policy[1].weight.copy_(torch.stack([torch.zeros(2 * Corridor.LENGTH), torch.cat([-place, place])]))
        policy[1].bias.zero_()
    net = corridor(expert=lambda environment, observation: (3, 5)[greedy(policy, whole)(environment, observation)])
    assert torch.equal(net.split("test").truths, corridor().split("test").truths)


def test_environments_are_closed():
    made = []

    def make():
        made.append(Corridor())
        return made[-1]

    context = corridor(make=make)
    context.show("test-00000")
    assert [environment.closed for environment in made] == [True, True]


class Endless(Corridor):
    def step(self, action):
        observation, reward, _, _, info = super().step(action)
        return observation, reward, False, False, info


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"items": {"train": 5000, "calibration": 10, "test": 10}}, "no new state.* ask for fewer items"),
        ({"items": {"train": 5}}, "in train, calibration and test"),
        ({"expert": lambda environment, observation: 4}, r"actions \[4\]; the decisions stand for \[3, 5\]"),
        ({"expert": lambda environment, observation: []}, r"actions \[\]"),
        ({"observe": lambda environment, observation: observation}, "expected 0 to 1"),
        ({"actions": (3,)}, "give each its own action"),
        ({"wander": 1.5}, "from 0 to 1"),
        ({"make": Endless}, "max_episode_steps"),
    ],
)
def test_what_cannot_work_is_refused(changes, says):
    with pytest.raises(BinomeError, match=says):
        corridor(**changes)


def test_wrong_names_and_pictures_are_refused():
    context = corridor(picture=lambda environment: None, state=lambda environment: (environment.at, environment.goal))
    with pytest.raises(BinomeError, match="render_mode='rgb_array'"):
        context.show("test-00000")
    with pytest.raises(UnknownNameError, match="did you mean 'test'"):
        context.split("tests")
    with pytest.raises(BinomeError, match="no item 'x'; ids look like"):
        context.show("x")


@pytest.fixture
def guide(monkeypatch):
    """The guide's example, run as a reader would."""
    pytest.importorskip("gymnasium")
    monkeypatch.setenv("SDL_VIDEODRIVER", "dummy")
    pytest.importorskip("pygame")
    pytest.importorskip("minigrid")
    text = next(path for path in GUIDES if path.is_file()).read_text("utf-8")
    (example,) = [block for block in re.findall(r"```python\n(.*?)```", text, re.DOTALL) if "minigrid" in block]
    monkeypatch.setattr(contexts.registry, "_plugins", dict(contexts.registry._plugins))
    names = {"__name__": "example"}
    exec(compile(example, "games.md", "exec"), names)
    return SimpleNamespace(**names)


def test_the_guides_example_is_a_context(guide):
    context = contexts.load("four_rooms", train=40, calibration=20, test=20)
    check_context(context)
    assert context.input_shape == (7, 19, 19)
    assert context.show("test-00000").picture.size == (304, 304)


def test_the_guides_predictor_sees_a_part_and_its_operator_all(guide):
    context = contexts.load("four_rooms", train=40, calibration=20, test=20)
    test = context.split("test")
    # 7 × 7 cells at most, of 361.
    assert int(test.inputs[:, :3].sum((1, 2, 3)).max()) <= 49
    # The goal is mostly out of the predictor's sight, and in every picture: pure green.
    assert float(test.inputs[:, 2].sum()) < 0.8 * len(test)
    for item in test.ids[:5]:
        picture = np.asarray(context.show(item).picture).astype(int)
        assert ((picture[..., 1] > 200) & (picture[..., 0] < 120) & (picture[..., 2] < 120)).any()


def test_the_guides_expert_takes_the_shortest_way(guide):
    import gymnasium

    environment = gymnasium.make("MiniGrid-FourRooms-v0")
    try:
        for seed in range(5):
            observation, _ = environment.reset(seed=seed)
            world = environment.unwrapped
            expected = guide.steps_to_goal(world, (*map(int, world.agent_pos), int(world.agent_dir)))
            taken, ended = 0, False
            while not ended:
                observation, reward, ended, truncated, _ = environment.step(guide.expert(environment, observation)[-1])
                assert not truncated
                taken += 1
            assert taken == expected
            assert reward > 0
    finally:
        environment.close()
