"""Case files: tables of which each row is one item."""
