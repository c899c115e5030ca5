"""The grid: its levels, its cells, its units of work, where they run, and the tables that come of them."""
