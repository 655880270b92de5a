# SPDX-License-Identifier: GPL-2.0-or-later
"""The draft reply: what is quoted, its header, and the mail as a whole."""
