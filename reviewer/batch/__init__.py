# SPDX-License-Identifier: GPL-2.0-or-later
"""Many series in one run: ``kpf-review batch``.

``jobs`` groups mails into threads, each of which is one job; ``workers`` has copies of
one warm process do them; ``results`` keeps the lines in a file that a later run goes on
with.  What is done with a job is given by the caller: nothing here reviews.
"""
