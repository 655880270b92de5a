# SPDX-License-Identifier: GPL-2.0-or-later
"""One run of the lifter over one side of a comparison, and its stack frames."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import z3

from reviewer.c.deciding import in_z3
from reviewer.c.formula import Condition
from reviewer.c.text import IDENTIFIER
from reviewer.c.vocabulary import STATEMENT_WORDS
from reviewer.prover.interpret.inputs import Inputs
from reviewer.prover.interpret.record import Record
from reviewer.prover.limits import EndedByClock, ProverLimits, TooLarge, Unsupported
from reviewer.prover.memory.state import OTHER_TEXT, State, Unknowns
from reviewer.prover.memory.tagged_names import INPUT
from reviewer.prover.names.definitions import Definitions
from reviewer.prover.names.own_options import is_set_by_code
from reviewer.prover.names.pasted_names import makes_one_of
from reviewer.prover.names.places_told import tells_its_line
from reviewer.prover.names.taken_out import is_another_type
from reviewer.prover.syntax import part_of, snippet
from reviewer.prover.two_processes import cpu_seconds
from reviewer.prover.values import plain_layout
from reviewer.prover.values.c_types import Types
from reviewer.prover.values.declarations import declarations
from reviewer.prover.values.integers import (
    INT,
    UNKNOWN,
    CType,
    Machine,
    Value,
    from_outside,
)
from reviewer.prover.values.solver_terms import all_of, is_true

if TYPE_CHECKING:
    from tree_sitter import Node

    from reviewer.c.source import Source
    from reviewer.prover.interpret.guards import BlockScope
    from reviewer.prover.memory import casts_of_structs
    from reviewer.prover.memory.places import Place, Union
    from reviewer.prover.term_types import BitVec, Bool, Term

Encoder = Callable[["Run", str, int, "Term", "BitVec"], "BitVec | None"]


_NEVER_EMPTY = ("struct page", "struct folio")  # include/linux/mm_types.h
SIZES = frozenset(f"sizeof({struct})" for struct in _NEVER_EMPTY)


@dataclass(slots=True)
class Frame:
    """A function (or a macro) being run: its names, and where its jumps go."""

    run: Run
    source: Source
    state: State
    result: CType
    names: dict[str, tuple[int, CType]] = field(default_factory=dict)
    waiting: dict[str, list[State]] = field(default_factory=dict)
    jumps: dict[str, int] = field(default_factory=dict)  # how often, by target
    passed: set[str] = field(default_factory=set)  # labels that lie behind
    taken: frozenset[str] = frozenset()  # locals whose address is taken
    labels: frozenset[str] = frozenset()  # of the function
    outer: frozenset[int] = frozenset()  # variables of the caller
    path: str = ""
    line: int | None = None  # of the call, in code that was inlined
    at: tuple[Source, Node] | None = None  # the expression that is evaluated
    scopes: list[BlockScope] = field(default_factory=list)  # the blocks that it is in
    leaves_at: tuple[int, int] = 0, 0  # the first scope that break, continue leave

    def where(self, node: Node) -> tuple[str, int]:
        """Returns the text and the line of a node, for a person."""
        text = self.source.norm(node)[:OTHER_TEXT]
        return text, self.line if self.line is not None else self.source.line_of(node)

    def here(self) -> tuple[str, int]:
        """Returns the text and the line of what is evaluated at this moment."""
        if self.at is None:
            return "", self.line or 0
        source, node = self.at
        line = self.line if self.line is not None else source.line_of(node)
        return source.norm(node)[:OTHER_TEXT], line


AS_IT_STANDS = Inputs()  # one side by itself


class Run:
    """All that the frames of one side share.

    ``inputs`` are set before it begins, ``record`` is what it did; the rest is what it
    knows while it runs: names, types, and where it stands in the text.
    """

    def __init__(
        self,
        definitions: Definitions,
        machine: Machine,
        limits: ProverLimits,
        inputs: Inputs = AS_IT_STANDS,
    ) -> None:
        self.definitions = definitions
        self.machine = machine
        self.limits = limits
        self.inputs = inputs
        self.encoder: Encoder | None = None  # see pages: numbers of flags differ
        self.types = Types(definitions, machine, inputs.changed)
        self.record = Record()
        self.unknowns = Unknowns()
        self.stack: dict[int, tuple[str, CType]] = {}
        self.stack_places: dict[int, BitVec] = {}  # slot -> address of a local
        self.private: set[str] = set()  # memory keys of this run's own locals
        self.field_types: dict[str, CType] = {}
        self.members: dict[
            int, tuple[BitVec, BitVec, str]
        ] = {}  # address, holder, name
        self.primitive = ""  # the primitive that reads or writes at this moment
        self.cast_views: casts_of_structs.Views = {}
        # pointers to structs that are others now: number -> the pointer, the struct
        self.changed_objects: dict[int, tuple[Term, str]] = {}
        self.struct_of_memory: dict[str, str] = {}  # memory of a member -> its struct
        self.widths: dict[str, int] = {}
        self.union_places: dict[
            int, tuple[BitVec, tuple[Union, ...]]
        ] = {}  # see Place.over
        self.place_sharers: dict[str, set[str]] = {}  # members that share a place
        self._shown: dict[str, bool] = {}
        self._telling: dict[str, bool] = {}
        self.being_inlined: list[str] = []  # functions and macros being inlined
        self.functions_run: list[str] = []  # the functions that are being run
        self.line = 0  # of the use of a macro
        self.text_from = ""  # the file of the macro that is being run
        self.spliced: dict[tuple[object, ...], str] = {}  # see macro_splicing
        self.spelling: dict[tuple[object, ...], bool] = {}  # see macro_splicing
        # lasting_variables: code -> where it stands, in the order that it is run
        self.lasting: dict[str, dict[tuple[str, int], int]] = {}
        self.slots = 0
        self.nodes = 0
        self.enums: dict[str, Value | None] = {}
        self.function_names: dict[str, bool] = {}
        self.configuration: list[Bool] = []  # #if conditions around what is being run
        self.declared: dict[str, Bool] = {}  # enum member -> when it is declared
        self._formulas: dict[int, tuple[Condition, Bool]] = {}
        self._configurations: z3.Solver | None = None
        self._impossible: dict[int, tuple[Bool, bool]] = {}
        self.tables: dict[str, list[Value] | None] = {}  # see constant_tables
        # an element of such a table, or the value that is handed in
        self.classes: dict[tuple[str, str], str] = {}  # guards, what it read of them
        self.is_primitive: Callable[[str], bool] = lambda word: False
        self.element_of_table: Callable[[Frame, Place, Value], Value] = (
            lambda frame, place, otherwise: otherwise
        )
        self.global_places: dict[int, BitVec] = {}  # addresses of globals, by number
        self._globals: dict[str, CType | None] = {}
        self._prototypes: dict[str, tuple[CType, list[CType] | None]] = {}

    # --- names --------------------------------------------------------------------

    def new_slot(self) -> int:
        """Returns the number of a fresh variable."""
        self.slots += 1
        return self.slots

    def opaque(self, name: str, operands: Sequence[Term], bits: int) -> BitVec:
        """Returns an unknown operation on values, ``bits`` wide: the same for the same
        operands."""
        label = self.marked(name)
        return self.unknowns.apply(label, "operation", operands, z3.BitVecSort(bits))

    def marked(self, text: str) -> str:
        """Returns a name, kept apart from the other side's where its meaning
        changed, or hangs on the line."""
        names = frozenset(IDENTIFIER.findall(text))
        if any(self._tells_its_line(word) for word in names):
            text = f"{text} (line {self.line})"
        if self.inputs.apart or (
            self.inputs.changed and not self.inputs.changed.isdisjoint(names)
        ):
            return f"{text} [{self.inputs.side}]"
        if self.inputs.changed and makes_one_of(
            self.definitions, text, self.inputs.changed
        ):
            return f"{text} [{self.inputs.side}]"
        if self.inputs.blind and not all(
            self._is_shown(word) for word in _SHOWN.findall(text) if word[0] != '"'
        ):
            return f"{text} [{self.inputs.side}]"
        return text

    def _tells_its_line(self, word: str) -> bool:
        if word not in self._telling:
            self._telling[word] = tells_its_line(self.definitions, word)
        return self._telling[word]

    def _is_shown(self, word: str) -> bool:
        """Whether a name of a label is one whose meaning can be seen."""
        if word not in self._shown:
            known = self.definitions
            self._shown[word] = word in _KEYWORDS or bool(
                self.types.is_typename(word)
                or known.is_macro(word)
                or known.functions(word)
                or known.prototypes(word)
                or known.variable(word)
                or known.enum(word)
                or known.typedefs(word)
                or known.structs("struct", word)
                or known.structs("union", word)
            )
        return self._shown[word]

    def sizeof(self, ctype: CType) -> Value:
        """Returns ``sizeof`` a struct: a number of which we know at most what its
        members take; some structs are empty."""
        name = self.marked(f"sizeof({ctype})")
        sort = z3.BitVecSort(self.machine.long_bits)
        size = self.unknowns.apply(name, "constant", [], sort)
        # of a struct that changes it is told that it does, not by how many bytes
        wide = self.machine.long_bits == 64 and name == f"sizeof({ctype})"
        whole = plain_layout.size(self.types, ctype.name) if wide else None
        least = plain_layout.least_size(self.types, ctype.name) if wide else 0
        if whole is not None:
            self.record.bounds.append(size == whole)
        elif least:
            self.record.bounds.append(z3.UGE(size, least))
        elif str(ctype) in _NEVER_EMPTY:
            self.record.bounds.append(size != 0)
        return Value(size, self.machine.ulong)

    def encoded(
        self, key: str, bits: int, world: Term, address: BitVec
    ) -> BitVec | None:
        """Returns a word whose bits have other numbers on the other side, else None."""
        if self.encoder is None:
            return None
        return self.encoder(self, key, bits, world, address)

    def option(self, atom: str) -> Bool:
        """Returns a configuration option (or another preprocessor test) as a z3 Bool;
        raises Unsupported for an option that the code sets itself."""
        if atom == "CONFIG_64BIT":
            return z3.BoolVal(self.machine.long_bits == 64)
        if atom in ("CONFIG_32BIT", "CONFIG_64BIT_MODULE"):
            return z3.BoolVal(atom == "CONFIG_32BIT" and self.machine.long_bits == 32)
        is_option = atom.startswith("CONFIG_")
        asked = atom in self.record.options
        if is_option and not asked and is_set_by_code(self.definitions, atom):
            raise Unsupported(f"{atom} is not what the configuration says")
        flag = z3.Bool(atom if is_option else self.marked(atom))
        self.record.options.setdefault(atom, flag)
        return flag

    def formula(self, condition: Condition) -> Bool:
        """Returns a presence condition as a z3 Bool."""
        known = self._formulas.get(id(condition))
        if known is None:
            known = condition, self._formula(condition)
            self._formulas[id(condition)] = known
        return known[1]

    def _formula(self, condition: Condition) -> Bool:
        if condition.kind == "atom":
            return self.option(condition.name)
        return in_z3(condition, self.formula, all_of)

    def needs(self, word: str) -> None:
        """Remembers that a name is used: configurations that do not declare it do not
        compile."""
        declared = self.declared.get(word)
        if declared is not None and not is_true(declared):
            needed = z3.Implies(z3.And([*self.configuration, True]), declared)
            self.record.compile_conditions[needed.get_id()] = needed

    def page_shift(self) -> Value:
        """Returns PAGE_SHIFT, an int between 12 and 18 (arch/Kconfig, PAGE_SIZE_*)."""
        shift = z3.BitVec(f"{INPUT}PAGE_SHIFT", 32)
        bounds = z3.And(z3.UGE(shift, 12), z3.ULE(shift, 18))
        self.record.bounds.append(bounds)
        return Value(shift, INT)

    def received(self, expr: BitVec, ctype: CType) -> Value:
        """Takes in a value from outside; of a bool a witness tells only whether."""
        if ctype.kind == "bool":
            self.record.bool_words[expr.get_id()] = expr
        return from_outside(expr, ctype)

    def impossible(self, flag: Bool) -> bool:
        """Says whether no configuration makes the condition true."""
        number = flag.get_id()
        if number not in self._impossible:
            if self._configurations is None:
                self._configurations = z3.SimpleSolver()
                self._configurations.set("rlimit", 200_000)
            answer = self._configurations.check(flag)
            self._impossible[number] = flag, bool(answer == z3.unsat)
        return self._impossible[number][1]

    def global_type(self, word: str) -> CType | None:
        """Returns the type of a global variable, None if the name is not known
        as one."""
        if word not in self._globals:
            text = self.definitions.variable(word)
            found = None
            if text is not None:
                found = self._declared_type(text, word)
            self._globals[word] = found
        return self._globals[word]

    def _declared_type(self, text: str, word: str) -> CType | None:
        source = snippet(text)
        unread = source.root.has_error and "__" in text
        if unread or is_another_type(self.definitions, source):
            raise Unsupported(f"{word} has an attribute that is not read")
        for node in source.walk(source.root, "declaration"):
            for _value, name, ctype in declarations(self.types, node, source):
                if name == word:
                    return ctype
        return None

    def prototype(self, word: str) -> tuple[CType, list[CType] | None]:
        """Returns the types of a function's result and parameters; UNKNOWN and None
        where no declaration tells them, or two tell others."""
        if word not in self._prototypes:
            self._prototypes[word] = self._find_prototype(word)
        return self._prototypes[word]

    def _find_prototype(self, word: str) -> tuple[CType, list[CType] | None]:
        texts = [
            (text.returns, text.parameters) for text in self.definitions.functions(word)
        ] or list(self.definitions.prototypes(word))
        found = []
        for returns, parameters in texts:
            source = snippet(f"{returns} {word}({parameters});")
            if is_another_type(self.definitions, source):
                return UNKNOWN, None
            for node in source.walk(source.root, "declaration"):
                found.append(self._prototype_node(node, source))
        if not found or any(other != found[0] for other in found):
            return UNKNOWN, None
        return found[0]

    def returned_type(self, node: Node, source: Source) -> tuple[CType, Node | None]:
        """Returns what a declared function returns, and the declarator with its
        parameters; None for that where it cannot be read."""
        result = self.types.base(node, source)
        declarator = node.child_by_field_name("declarator")
        while declarator is not None and declarator.type != "function_declarator":
            if declarator.type == "pointer_declarator":
                result = self.machine.pointer(result)
            declarator = declarator.child_by_field_name("declarator")
        return result, declarator

    def _prototype_node(
        self, node: Node, source: Source
    ) -> tuple[CType, list[CType] | None]:
        result, declarator = self.returned_type(node, source)
        if declarator is None:
            return UNKNOWN, None
        parameters = []
        for child in part_of(declarator, "parameters").named_children:
            if child.type != "parameter_declaration":
                continue
            base = self.types.base(child, source)
            inner = child.child_by_field_name("declarator")
            _name, ctype = self.types.declared(base, inner, source)
            if ctype.kind != "void":
                parameters.append(
                    replace(ctype, array=False, name="") if ctype.array else ctype
                )
        return result, parameters

    def reads_only(self, word: str) -> bool:
        """Says whether a function that is not followed changes nothing."""
        if self.inputs.concurrent and word.startswith("smp_"):
            return False  # a barrier
        if not self.definitions.reads_only(word):
            return False
        seen = self.definitions.readers.primitives_of(word)
        self.record.primitives |= seen
        return not (self.inputs.synchronised and seen)

    # --- limits -------------------------------------------------------------------

    def mark(self) -> tuple[int, int]:
        """Returns how far the run has come, for ``undo``."""
        return len(self.record.events), len(self.record.stops)

    def undo(self, mark: tuple[int, int]) -> None:
        """Forget what was done, and where it stopped, since a mark."""
        events, stops = mark
        del self.record.events[events:], self.record.stops[stops:]

    def count(self) -> None:
        """Counts one more node; raises TooLarge where the run gets too large, and
        EndedByClock where it takes too long."""
        self.nodes += 1
        if self.nodes > self.limits.nodes:
            raise TooLarge(f"larger than {self.limits.nodes} nodes")
        if self.nodes % 32 == 0 and cpu_seconds() > self.inputs.deadline:
            raise EndedByClock

    def unsupported(self, why: str) -> Unsupported:
        """Returns the error to raise, with the reason."""
        return Unsupported(why)

    def used(self, name: str, text: str) -> None:
        """Remember what was read for a name."""
        self.record.texts_used.setdefault(name, text)


_SHOWN = re.compile(r"\"(?:\\.|[^\"\\])*\"|(?<![\w$.])(?<!->)[A-Za-z_]\w*")
_KEYWORDS = STATEMENT_WORDS | frozenset(
    ["sizeof", "typeof", "struct", "union", "enum", "const", "volatile", "static",
     "extern", "unsigned", "signed", "returns", "unknown", "uninitialised", "string",
     "of", "type", "local", "stack", "global"]
)  # fmt: skip
