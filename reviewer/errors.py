# SPDX-License-Identifier: GPL-2.0-or-later
"""What can go wrong, as the person in front of the terminal has to know it.

Every error carries one line that says what happened and, where there is something to do
about it, what.  ``exit_status`` is what the process ends with; only ``cli.py`` exits.
"""


class KpfError(Exception):
    """Base of all errors that end a run; the message is shown as it stands."""

    exit_status = 2


class UsageError(KpfError):
    """The command line or the configuration is wrong: call again, corrected."""


class OutputError(KpfError):
    """A result could not be written; nothing that existed was changed."""


class InputError(KpfError):
    """The mail, mailbox or range cannot be reviewed as it is."""

    exit_status = 3


class FetchError(InputError):
    """A message-id could not be fetched: unknown, no network, or server trouble."""


class NotAPatch(InputError):
    """What was read holds no patch."""


class TreeError(InputError):
    """The kernel tree or the base revision named cannot be used."""


class LimitExceeded(InputError):
    """An input is larger than the configured limit; the limit is named."""
