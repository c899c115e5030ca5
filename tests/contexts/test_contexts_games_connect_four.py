import os
from collections import Counter
from functools import cache
from itertools import islice

import numpy as np
import pytest
import torch

from binome import contexts
from binome.contexts.games.board import COLUMNS, Board, planes
from binome.contexts.games.positions import Draw, games, label, positions, sensible
from binome.contexts.games.solver import ILLEGAL, Solver, workers
from binome.core import BinomeError, UnknownNameError
from binome.testing import check_context

solved = pytest.mark.usefixtures("bitbully")
SMALL = {"positions": {"train": 60, "calibration": 80, "test": 80}, "plies": [18, 26]}


@pytest.fixture(scope="session")
def bitbully():
    pytest.importorskip("bitbully")
    pytest.importorskip("bitbully_databases")


@pytest.fixture(scope="module", autouse=True)
def cache_folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("cache")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CACHE_HOME", str(folder))
        yield folder / "binome"


@pytest.fixture(scope="module")
def small(bitbully):
    return contexts.load("connect_four", **SMALL)


@cache
def negamax(board):
    """In the solver's points: how many discs of its own the winner has left over when it wins, plus one."""
    if board.lost:
        return -((42 - board.discs) // 2 + 1)
    if board.full:
        return 0
    return max(-negamax(board.drop(column)) for column in board.legal())


@solved
def test_scores_are_those_of_a_search_of_the_whole_tree():
    late = list(islice(games(Draw(1, 30, 33, 5)), 40))
    scores = Solver().scores(late)
    expected = [[-negamax(b.drop(c)) if b.allows(c) else ILLEGAL for c in range(COLUMNS)] for b in late]
    np.testing.assert_array_equal(scores, expected)
    assert {int(s) for s in np.sign(scores.max(1))} == {-1, 0, 1}


@solved
def test_scores_that_are_known():
    # The first move: the centre wins with the 41st disc, the columns beside it draw (Allis 1988).
    assert Solver().scores([Board()])[0].tolist() == [-2, -1, 0, 1, 0, -1, -2]
    # Three of its own in column 1 and the fourth disc to play: an immediate win is best, with 18 discs left over.
    won = Board.after([0, 1, 0, 1, 0, 1])
    scores = Solver().scores([won])[0]
    assert scores.argmax() == 0
    assert scores[0] == 18
    with pytest.raises(BinomeError, match="no move to score: its game is over"):
        Solver().scores([won.drop(0)])


@solved
def test_a_mirrored_position_has_mirrored_scores():
    some = list(islice(games(Draw(1, 16, 28, 6)), 30))
    solver = Solver()
    np.testing.assert_array_equal(solver.scores([b.mirrored() for b in some]), solver.scores(some)[:, ::-1])


@solved
def test_processes_score_as_one_does():
    some = list(islice(games(Draw(1, 20, 30, 7)), 41))
    with workers(2) as several:
        first, again = several.scores(some), several.scores(some[:3])
    np.testing.assert_array_equal(first, Solver().scores(some))
    np.testing.assert_array_equal(again, first[:3])


@solved
def test_a_process_that_ended_is_said_so():
    with workers(1) as several:
        several._processes[0].kill()
        several._processes[0].wait()
        with pytest.raises(BinomeError, match="ended with status -9; try again"):
            several.scores([Board()])


def test_positions_are_new_unfinished_and_of_the_size_asked_for():
    some = list(islice(games(Draw(1, 10, 30, 8)), 600))
    assert not any(board.over for board in some)
    sizes = Counter(board.discs for board in some)
    assert sorted(sizes) == list(range(10, 31))
    # About 29 of each: the late ones are not fewer, though most random games do not last so long.
    assert min(sizes.values()) > 10
    both = [(b.own, b.other) for b in some] + [(b.mirrored().own, b.mirrored().other) for b in some]
    symmetric = sum(board == board.mirrored() for board in some)
    assert len(set(both)) == len(both) - symmetric
    for board in some:
        # The sides have played by turns.
        assert board.other.bit_count() - board.own.bit_count() == board.discs % 2
    assert some == list(islice(games(Draw(1, 10, 30, 8)), 600))
    assert some != list(islice(games(Draw(1, 10, 30, 9)), 600))


def test_too_many_positions_of_few_discs_are_refused():
    # After one disc there are four positions that are no mirror images.
    few = games(Draw(1, 1, 1, 0))
    assert len({board.other for board in islice(few, 4)}) == 4
    with pytest.raises(BinomeError, match="no new position of 1 discs after 4 positions"):
        next(few)


def test_sensible_moves_win_then_prevent_then_offer_nothing():
    assert sensible(Board.after([0, 1, 0, 1, 0, 1])) == [0]
    assert sensible(Board.after([0, 1, 0, 2, 0])) == [0]
    # Column 7 would let the opponent complete its second row above it.
    board = Board.after([3, 3, 4, 4, 0, 5, 5, 5])
    assert all(not board.drop(column).wins() for column in sensible(board))


@solved
def test_positions_in_which_all_moves_are_equal_are_passed_over():
    found = label(Draw(60, 28, 36, 1))
    for scores in found.scores:
        assert len(set(scores[scores != ILLEGAL].tolist())) > 1
    drawn = list(islice(games(Draw(60, 28, 36, 1)), 100))
    tables = Solver().scores(drawn)
    all_equal = [
        b for b, scores in zip(drawn, tables, strict=True) if len(set(scores[scores != ILLEGAL].tolist())) == 1
    ]
    assert all_equal
    assert not set(all_equal) & set(found.boards)


def test_a_small_context_passes_the_check(small):
    check_context(small)


def test_what_a_split_holds_follows_from_its_scores(small):
    seen = set()
    for name in ("train", "calibration", "test"):
        split = small.split(name)
        boards = [small.board(item) for item in split.ids]
        np.testing.assert_array_equal(split.inputs.numpy(), planes(boards))
        scores = Solver().scores(boards)
        np.testing.assert_array_equal(split.accepted.numpy(), scores == scores.max(1, keepdims=True))
        np.testing.assert_array_equal(split.values.numpy(), np.sign(scores.max(1)))
        assert split.values.dtype == torch.float32
        assert split.truths.dtype == torch.int64
        for truth, accepted in zip(split.truths.tolist(), split.accepted, strict=True):
            assert accepted[truth]
            assert all(abs(truth - 3) <= abs(c - 3) for c in range(COLUMNS) if accepted[c])
        assert bool(split.right(split.truths).all())
        own = {min((b.own, b.other), (b.mirrored().own, b.mirrored().other)) for b in boards}
        assert not seen & own
        seen |= own


def test_training_positions_come_with_their_mirror_images(small):
    train = small.split("train")
    assert len(train) == 120
    np.testing.assert_array_equal(train.inputs[0::2].numpy()[..., ::-1], train.inputs[1::2].numpy())
    np.testing.assert_array_equal(train.accepted[0::2].numpy()[:, ::-1], train.accepted[1::2].numpy())
    assert torch.equal(train.values[0::2], train.values[1::2])
    plain = contexts.load("connect_four", **SMALL, mirrored=False)
    assert torch.equal(plain.split("train").inputs, train.inputs[0::2])
    assert not small.mirrors


@solved
def test_more_training_positions_leave_the_held_out_ones_as_they_are(small):
    more = contexts.load("connect_four", plies=SMALL["plies"], positions={**SMALL["positions"], "train": 70})
    assert torch.equal(more.split("test").inputs, small.split("test").inputs)
    assert torch.equal(more.split("calibration").inputs, small.split("calibration").inputs)
    assert torch.equal(more.split("train").inputs[:120], small.split("train").inputs)


@solved
def test_the_cache_is_used_and_made_again_when_damaged(monkeypatch, tmp_path):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    draw = Draw(20, 24, 28, 0)
    made = positions(draw)
    (file,) = (tmp_path / "binome").iterdir()
    assert file.name.startswith("connect_four-")
    assert file.suffix == ".npz"
    sound = file.read_bytes()
    with monkeypatch.context() as patch:
        patch.setattr("binome.contexts.games.positions.label", lambda draw: pytest.fail("labelled again"))
        kept = positions(draw)
    assert kept.boards == made.boards
    np.testing.assert_array_equal(kept.scores, made.scores)
    flipped = bytearray(sound)
    flipped[len(sound) // 3] ^= 0xFF
    for damage in (b"", b"no zip", sound[: len(sound) // 2], bytes(flipped)):
        file.write_bytes(damage)
        np.testing.assert_array_equal(positions(draw).scores, made.scores)
        assert positions(draw).boards == made.boards
        assert file.read_bytes() != damage
    # Of another number of positions, under this name.
    np.savez(file.with_suffix(""), boards=np.zeros((3, 2), np.uint64), scores=np.zeros((3, 7), np.int8))
    assert positions(draw).boards == made.boards
    assert [path.name for path in file.parent.iterdir()] == [file.name]
    positions(Draw(20, 24, 28, 1))
    assert len(list(file.parent.iterdir())) == 2


def test_the_cache_lies_where_xdg_says(monkeypatch, tmp_path):
    from binome.contexts.cache import cache_folder

    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "x"))
    assert cache_folder() == tmp_path / "x" / "binome"
    monkeypatch.setenv("HOME", str(tmp_path))
    for unset in ("", "relative"):
        monkeypatch.setenv("XDG_CACHE_HOME", unset)
        assert cache_folder() == tmp_path / ".cache" / "binome"
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "file"))
    with pytest.raises(BinomeError, match=r"cannot be written .* set XDG_CACHE_HOME"):
        positions(Draw(1, 24, 28, 0))


def test_hidden_columns_are_hidden_from_one_side(small):
    blind = contexts.load("connect_four", **SMALL, predictor_view={"hide_columns": [1, 7]})
    seen, whole = blind.split("test").inputs, small.split("test").inputs
    assert torch.equal(seen[..., 1:6], whole[..., 1:6])
    assert seen[..., [0, 6]].sum() == 0
    assert whole[..., [0, 6]].sum() > 0
    assert torch.equal(blind.split("test").accepted, small.split("test").accepted)
    item = small.split("test").ids[0]
    assert blind.show(item) == small.show(item)

    veiled = contexts.load("connect_four", **SMALL, operator_view={"hide_columns": [2]})
    assert torch.equal(veiled.split("test").inputs, whole)
    ours, theirs = (np.asarray(c.show(item).picture) for c in (veiled, small))
    np.testing.assert_array_equal(np.delete(ours, np.s_[80:160], 1), np.delete(theirs, np.s_[80:160], 1))
    # The veil lets nothing through: it looks the same on every position.
    columns = {np.asarray(veiled.show(i).picture)[:, 80:160].tobytes() for i in small.split("test").ids[:10]}
    assert len(columns) == 1


def test_the_picture_shows_the_position_cell_by_cell(small):
    for item in small.split("test").ids[:5]:
        picture = np.asarray(small.show(item).picture).astype(int)
        assert picture.shape == (480, 560, 3)
        board = planes([small.board(item)])[0]
        # Left of a cell's centre, within the disc and outside its mark.
        cells = picture[40::80, 11::80]
        orange, blue = cells[..., 0] > cells[..., 2] + 100, cells[..., 2] > cells[..., 0] + 100
        np.testing.assert_array_equal(orange, board[0] > 0)
        np.testing.assert_array_equal(blue, board[1] > 0)


def test_sides_differ_in_grey_too(small):
    item = small.split("test").ids[0]
    grey = np.asarray(small.show(item).picture.convert("L")).astype(int)
    board = planes([small.board(item)])[0][:, 1:]
    centres = grey[120::80, 40::80]
    # A ring leaves the centre dark, a dot makes it light.
    assert centres[board[0] > 0].max() < 140
    assert centres[board[1] > 0].min() > 200


def test_notes_tell_the_operator_alone(small):
    told = contexts.load("connect_four", **SMALL, operator_view={"note": "threat"})
    said = []
    for item in small.split("test").ids:
        note, threats = told.show(item).note, told.board(item).threats()
        assert small.show(item).note is None
        assert (note is None) == (not threats)
        if note is not None:
            said.append(len(threats))
            assert [int(c) for c in note["en"] if c.isdigit()] == [c + 1 for c in threats]
            assert [int(c) for c in note["fr"] if c.isdigit()] == [c + 1 for c in threats]
            assert ("columns" in note["en"]) == ("les colonnes" in note["fr"]) == (len(threats) > 1)
    assert 1 in said
    outcome = contexts.load("connect_four", **SMALL, operator_view={"note": "outcome"})
    words = {1: "you win", 0: "draw", -1: "you lose"}
    test = outcome.split("test")
    for item, value in zip(test.ids, test.values.tolist(), strict=True):
        assert words[int(value)] in outcome.show(item).note["en"]


@pytest.mark.parametrize(
    ("params", "says"),
    [
        ({"operator_view": {"hide_column": [1]}}, "did you mean 'hide_columns'"),
        ({"predictor_view": {"note": "threat"}}, "predictor_view of connect_four has no 'note'"),
        ({"operator_view": {"hide_columns": [0]}}, "from 1 to 7"),
        ({"operator_view": {"hide_columns": 3}}, "from 1 to 7"),
        ({"predictor_view": {"hide_columns": [True]}}, "from 1 to 7"),
        ({"operator_view": {"note": "threats"}}, "did you mean 'threat'"),
        ({"operator_view": {"note": ["threat"]}}, "takes: threat, outcome"),
        ({"positions": {"tests": 3}}, "did you mean 'test'"),
        ({"positions": {"test": 0}}, "positions.test is 0; give a whole number from 1"),
        ({"positions": 300}, "a number for each split"),
        ({"plies": [20, 10]}, r"e.g. \[14, 30\], from 4 to 38"),
        ({"plies": 20}, r"from 4 to 38"),
        ({"seed": "a"}, "seed is 'a'"),
        ({"mirrored": 1}, "true or false"),
        ({"plie": [10, 20]}, "did you mean 'plies'"),
    ],
)
def test_wrong_parameters_are_refused_before_anything_is_scored(params, says):
    with pytest.raises(BinomeError, match=says):
        contexts.load("connect_four", **params)


def test_unknown_splits_and_items_are_refused(small):
    with pytest.raises(UnknownNameError, match="did you mean 'test'"):
        small.split("tests")
    with pytest.raises(BinomeError, match="no item 'test-99999'; ids look like 'train-00000'"):
        small.show("test-99999")


def test_without_the_solver_the_extra_is_named(monkeypatch, tmp_path):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.setitem(__import__("sys").modules, "bitbully", None)
    with pytest.raises(BinomeError, match=r"bitbully.* is not installed.*pip install 'binome\[games\]'"):
        contexts.load("connect_four", **SMALL)
    assert not (tmp_path / "binome").exists()
    assert os.environ["XDG_CACHE_HOME"] == str(tmp_path)


@pytest.mark.slow
@solved
def test_the_whole_context_passes_the_check():
    context = contexts.load("connect_four")
    check_context(context)
    assert [len(context.split(name)) for name in ("calibration", "test")] == [1000, 2000]
    # A position that is its own mirror image comes once.
    assert 39_900 < len(context.split("train")) <= 40_000
