"""Binome measures what explanations do to human-machine collaboration."""
