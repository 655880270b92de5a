# SPDX-License-Identifier: GPL-2.0-or-later
"""Proves whether a function does after a change what it did before, for all inputs.

A way through it, from the two texts of a file to a verdict:

* ``changes`` finds what a change means: which names, functions, parameters and table
  entries are different ones now, and in which order functions have to be judged;
* ``names`` says what a name means in the tree under review, ``values`` what a C value
  is, ``memory`` where values live;
* ``interpret`` runs a function on unknown inputs, all its ways at once;
* ``assume`` holds what may be taken for granted: pages, options, configurations;
* ``ask`` puts questions to the solver, and reads its answers;
* ``judge`` compares what both sides do and says it: equal, differs when, not decided.

``kpf-review help prover`` tells it at length.
"""
