# SPDX-License-Identifier: GPL-2.0-or-later
"""The course: chapters as data, answers judged by the rules and the prover."""
