# SPDX-License-Identifier: GPL-2.0-or-later
"""What one run did and met: filled while a side is read, asked by the judge."""

from __future__ import annotations

from dataclasses import dataclass, field

from reviewer.prover.memory.state import Event
from reviewer.prover.memory.stopping_states import Stop
from reviewer.prover.term_types import BitVec, Bool


@dataclass(slots=True)
class Record:
    """The events of one side, in their order, and what an answer has to rest on.

    Paths: ``stops`` are states in which the side stops, ``abandoned`` are not followed
    to the end, ``never_returning`` end in a call that does not come back;
    ``loop_unread`` says that a loop was taken for an unknown piece of code.

    Conditions: ``bounds`` is what numbers of the configuration can be,
    ``compile_conditions`` what must hold for the code to compile, ``options`` are the
    CONFIG_ and other booleans that were asked for, ``assumptions`` those that the
    lifting made, ``given_null`` tells of calls of what may do nothing with NULL when
    they are given it.

    Memory: ``memory_touched`` was read or written, ``read_counts`` tells how often at
    most (of synchronised runs), ``foreign_memory_read`` whether some of it is not the
    function's own, ``union_written`` whether a member of a union was written.
    ``locals_in_memory`` are names, ``struct_addresses`` (address, struct) by the number
    of the address, ``bool_words`` bytes that were read as a bool, by theirs.

    ``primitives`` were met; ``texts_used`` maps a name to the text that it was read by;
    ``kept_out``: a call was not looked into for the depth that was allowed;
    ``uneven_calls`` are those of functions that the file shows, when one side alone
    makes them.
    """

    events: list[Event] = field(default_factory=list)
    stops: list[Stop] = field(default_factory=list)
    abandoned: list[Bool] = field(default_factory=list)
    never_returning: list[Bool] = field(default_factory=list)
    loop_unread: bool = False
    kept_out: bool = False
    bounds: list[Bool] = field(default_factory=list)
    compile_conditions: dict[int, Bool] = field(default_factory=dict)
    options: dict[str, Bool] = field(default_factory=dict)
    assumptions: dict[str, None] = field(default_factory=dict)
    given_null: dict[str, list[Bool]] = field(default_factory=dict)
    memory_touched: set[str] = field(default_factory=set)
    read_counts: dict[str, int] = field(default_factory=dict)
    foreign_memory_read: bool = False
    union_written: bool = False
    locals_in_memory: list[str] = field(default_factory=list)
    struct_addresses: dict[int, tuple[BitVec, str]] = field(default_factory=dict)
    bool_words: dict[int, BitVec] = field(default_factory=dict)
    primitives: set[str] = field(default_factory=set)
    texts_used: dict[str, str] = field(default_factory=dict)
    uneven_calls: set[str] = field(default_factory=set)
