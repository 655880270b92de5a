"""Pairs of functions over everything that C hides, and what is true of them."""
