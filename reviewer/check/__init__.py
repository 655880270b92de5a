# SPDX-License-Identifier: GPL-2.0-or-later
"""What ``kpf-review check`` does with one's own commits, beside a review: fixes on top,
and who is to get the patches."""
