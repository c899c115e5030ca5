"""Metrics on explanations, by family. Importing a module registers its metrics."""
