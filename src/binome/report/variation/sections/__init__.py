"""Parts of the variation page: sentences made from the numbers, and tables as text."""
