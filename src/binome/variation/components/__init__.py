"""Variance components: where variation comes from, and how far an explanation can be depended on."""
