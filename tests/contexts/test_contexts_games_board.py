import numpy as np
import pytest

from binome.contexts.games.board import BITS, COLUMNS, ROWS, Board, centre_out, completing, connected, planes
from binome.core import BinomeError

GAMES = 60


def played(generator):
    """The moves of a random game to its end."""
    board, moves = Board(), []
    while not board.over:
        moves.append(int(generator.choice(board.legal())))
        board = board.drop(moves[-1])
    return moves


def test_the_rules_are_pettingzoos_move_by_move(monkeypatch):
    monkeypatch.setenv("SDL_VIDEODRIVER", "dummy")
    pytest.importorskip("pygame")
    rules = pytest.importorskip("pettingzoo.classic.connect_four.connect_four")
    generator, ends = np.random.default_rng(0), set()
    for _ in range(GAMES):
        theirs = rules.env()
        theirs.reset()
        board = Board()
        while True:
            observation, reward, ended, _, _ = theirs.last()
            np.testing.assert_array_equal(planes([board])[0].transpose(1, 2, 0), observation["observation"])
            assert board.over == ended
            if ended:
                # The reward is that of the side to move, which can only have lost.
                assert reward == (-1 if board.lost else 0)
                ends.add(reward)
                break
            assert board.legal() == np.flatnonzero(observation["action_mask"]).tolist()
            column = int(generator.choice(board.legal()))
            theirs.step(column)
            board = board.drop(column)
    assert -1 in ends


def test_a_full_board_without_four_is_a_draw():
    # Pairs of columns filled in one order and the next in the other: no four in any direction.
    moves = [c for a, b in ((0, 1), (2, 3), (4, 5)) for c in (a, b, a, b, b, a, b, a, a, b, a, b)] + [6] * 6
    board = Board.after(moves)
    assert board.full
    assert not board.lost
    assert board.over
    assert board.legal() == []


def brute(cells):
    """Whether an array of cells holds four in a row, looked for in every direction from every cell."""
    for row in range(ROWS):
        for column in range(COLUMNS):
            for down, right in ((0, 1), (1, 0), (1, 1), (1, -1)):
                line = [(row + k * down, column + k * right) for k in range(4)]
                if all(0 <= r < ROWS and 0 <= c < COLUMNS and cells[r, c] for r, c in line):
                    return True
    return False


def test_four_in_a_row_is_found_where_looking_everywhere_finds_it():
    generator = np.random.default_rng(1)
    found = []
    for _ in range(150):
        cells = generator.random((ROWS, COLUMNS)) < 0.4
        discs = sum(1 << int(bit) for bit in BITS[cells])
        assert connected(discs) == brute(cells)
        found.append(brute(cells))
        for row, column in np.ndindex(ROWS, COLUMNS):
            one_more = cells.copy()
            one_more[row, column] = True
            if not brute(cells):
                assert bool(completing(discs) >> int(BITS[row, column]) & 1) == brute(one_more)
    assert 0.1 < np.mean(found) < 0.9


def threats_now(board):
    return Board(board.other, board.own).wins()


def test_wins_and_threats_are_the_moves_that_end_the_game():
    generator = np.random.default_rng(2)
    some = 0
    for _ in range(40):
        moves = played(generator)
        board = Board.after(moves[: len(moves) // 2])
        assert board.wins() == [c for c in board.legal() if board.drop(c).lost]
        passed = Board(board.other, board.own)
        assert board.threats() == [c for c in passed.legal() if passed.drop(c).lost]
        if not threats_now(board):
            assert board.gifts() == [c for c in board.legal() if board.drop(c).wins()]
        some += bool(Board.after(moves[:-1]).wins())
    assert some > 20


def test_planes_and_back_and_the_mirror_image():
    generator = np.random.default_rng(3)
    for _ in range(20):
        moves = played(generator)[:-1]
        board, image = Board.after(moves), Board.after([COLUMNS - 1 - c for c in moves])
        assert Board.of(planes([board])[0]) == board
        assert board.mirrored() == image
        assert image.mirrored() == board
        np.testing.assert_array_equal(planes([board])[..., ::-1], planes([image]))
    shown = planes([Board.after([3]), Board.after([3, 3])])
    assert (shown.dtype, shown.shape) == (np.float32, (2, 2, 6, 7))
    # The bottom row is the last; the side to move is the first plane.
    assert shown[0, 1, 5, 3] == 1
    assert shown[1, 0, 5, 3] == shown[1, 1, 4, 3] == 1
    assert shown.sum() == 3
    assert planes([]).shape == (0, 2, 6, 7)


@pytest.mark.parametrize(
    ("moves", "says"),
    [([7], "move 1 .* column 7"), ([0] * 7, "move 7 .* be played: 1, 2"), ([0, 1] * 3 + [0, 1], "the game is over")],
)
def test_a_move_against_the_rules_is_refused(moves, says):
    with pytest.raises(BinomeError, match=says):
        Board.after(moves)


def test_columns_from_the_centre():
    assert list(centre_out()) == [3, 2, 4, 1, 5, 0, 6]
