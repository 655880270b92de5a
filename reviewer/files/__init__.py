# SPDX-License-Identifier: GPL-2.0-or-later
"""Files on disk: where ours lie, written whole or not at all, read without a trap.

``xdg`` says where a user's files lie, ``private`` makes folders that nobody else reads,
``new_files`` writes what a person asked for, ``exchange`` changes a file that others
change too, ``plain_files`` opens what may be a pipe or a device.
"""
