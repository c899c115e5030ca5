"""Games: positions in which a move is to be found."""
