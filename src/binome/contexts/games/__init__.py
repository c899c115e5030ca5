"""Games: positions in which a move is to be found, and the states of any Gymnasium environment."""

# Its import registers it.
from binome.contexts.games.board import Board
from binome.contexts.games.connect_four import ConnectFour
from binome.contexts.games.environment import EnvironmentContext, from_environment, greedy
from binome.contexts.games.play import Game, Policy, Regret, optimal_policy, play, random_policy, regret

__all__ = [
    "Board", "ConnectFour", "EnvironmentContext", "Game", "Policy", "Regret", "from_environment", "greedy",
    "optimal_policy", "play", "random_policy", "regret",
]  # fmt: skip
