import re
from pathlib import Path

import numpy as np
import pytest

from binome.contexts.games import Board, Game, optimal_policy, play, random_policy, regret
from binome.core import BinomeError


@pytest.fixture(scope="module")
def best():
    pytest.importorskip("bitbully")
    pytest.importorskip("bitbully_databases")
    return optimal_policy()


def only(*columns):
    """A policy that plays these columns alone."""
    chances = np.zeros((1, 7), np.float32)
    chances[0, list(columns)] = 1 / len(columns)
    return lambda inputs: chances


def test_a_game_follows_the_rules_to_its_end():
    for seed in range(20):
        game = play(random_policy, random_policy, seed)
        assert game.positions[0] == Board()
        assert game.positions[-1] == Board.after(game.moves)
        assert game.positions[-1].over
        assert not any(board.over for board in game.positions[:-1])
        assert len(game.positions) == len(game.moves) + 1
        assert game == play(random_policy, random_policy, seed)
    assert play(random_policy, random_policy, 0) != play(random_policy, random_policy, 1)


def test_the_winner_is_the_side_that_moved_last():
    assert play(only(0), only(1)).winner == 0
    # From a position in which the second side of the whole game is to move, that side comes first.
    assert play(only(1), only(0), start=Board.after([0, 1, 2, 1, 2, 1, 6])).winner == 0
    assert play(only(6), only(1), start=Board.after([0, 1, 0, 1, 2, 1])).winner == 1
    draw = Game((), (Board(),))
    assert draw.winner is None


def test_full_columns_are_left_out():
    # Once the favourite column is full, the policies play what they rarely do.
    def nearly(inputs):
        return np.array([[0.01, 0.02, 0.03, 0.94, 0, 0, 0]])

    game = play(nearly, nearly, greedy=True)
    # Row by row each side has every other cell, until a diagonal of four is complete.
    assert game.moves == (3,) * 6 + (2,) * 6 + (1,) * 6 + (0,)
    assert game.winner == 0
    with pytest.raises(BinomeError, match=r"probability 0 to all columns that can be played \(0, 1, 2, 4, 5, 6\)"):
        play(only(3), only(3))


def test_each_side_sees_the_position_from_its_own_side():
    seen = []

    def watching(inputs):
        assert inputs.shape == (1, 2, 6, 7)
        assert inputs.dtype == np.float32
        seen.append(inputs[0].sum((1, 2)).tolist())
        return random_policy(inputs)

    play(watching, watching, seed=3)
    assert seen[:4] == [[0, 0], [0, 1], [1, 1], [1, 2]]


@pytest.mark.parametrize(
    ("given", "says"),
    [
        (np.ones(7), r"shape \(7,\)"),
        (np.full((1, 7), -1.0), "negative"),
        (np.full((1, 7), np.nan), "not finite"),
        (np.zeros((1, 7)), "probability 0 to all"),
    ],
)
def test_wrong_probabilities_are_refused(given, says):
    with pytest.raises(BinomeError, match=says):
        play(lambda inputs: given, random_policy)


def test_the_best_beats_chance_and_never_errs(best):
    costs = []
    for seed in range(10):
        first = seed % 2 == 0
        game = play(best, random_policy, seed) if first else play(random_policy, best, seed)
        assert game.winner == (0 if first else 1)
        cost = regret(game)
        assert cost.score.shape == cost.value.shape == (len(game.moves),)
        assert (cost.score >= 0).all()
        assert cost.score[0 if first else 1 :: 2].sum() == 0
        assert cost.value[0 if first else 1 :: 2].sum() == 0
        costs.append(cost.score[1 if first else 0 :: 2].sum())
    assert min(costs) > 0


def test_between_the_best_the_first_wins_with_its_last_disc(best):
    # Allis 1988: the first side wins, with the 41st disc when both play their best.
    game = play(best, best, 1)
    assert (game.winner, len(game.moves)) == (0, 41)
    assert game.moves[0] == 3


def test_what_a_move_costs_is_counted_in_ends_and_in_points(best):
    # The centre wins by 1 point, the columns beside it draw, the outermost lose by 2 (Allis 1988).
    for column, value, score in ((3, 0, 0), (2, 1, 1), (0, 2, 3)):
        cost = regret(Game((column,), (Board(), Board().drop(column))))
        assert (cost.value.tolist(), cost.score.tolist()) == ([value], [score])


def test_the_guides_game_is_played(best, capsys):
    text = (Path(__file__).parents[2] / "docs" / "guides" / "games.md").read_text("utf-8")
    (example,) = [block for block in re.findall(r"```python\n(.*?)```", text, re.DOTALL) if "play(" in block]
    exec(compile(example, "games.md", "exec"), names := {})
    # The second side is the best one here.
    assert names["game"].winner == 1
    assert names["cost"].value[1::2].sum() == 0
    assert capsys.readouterr().out.startswith(str(names["game"].moves))
