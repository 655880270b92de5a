# SPDX-License-Identifier: GPL-2.0-or-later
"""A maintainer's evening: ``kpf-review inbox``.

``sources`` finds the mails and groups them, ``state`` knows what was listed before and
keeps what a run that was ended had done, ``work`` is what a worker is given and hands
back, and ``rows`` says in plain data what a list tells of one series.  List and pages
are made in ``output``.  What reviews a series is given by the caller.
"""
