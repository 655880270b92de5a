# SPDX-License-Identifier: GPL-2.0-or-later
"""What a subsystem wants: ``[kpf "drivers/iio/"]`` in git config.

``ignore`` and ``select`` name rules, ``severity`` has ``rule=level``, and ``say`` has
``rule: a sentence`` that a remark of the rule ends with.  All but ``ignore`` are the
user's own to set: a repository that came from a stranger must not put words into a
draft or make a remark look small.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from msgspec import Struct, field
from msgspec.structs import replace

from reviewer.errors import UsageError
from reviewer.models import Judged, Severity

OWN_ONLY = ("select", "severity", "say")
KEYS = ("ignore", *OWN_ONLY)


class Profile(Struct, frozen=True):
    """What holds for the files below a path."""

    ignore: frozenset[str] = frozenset()
    select: frozenset[str] = frozenset()  # empty: all rules
    severity: Mapping[str, Severity] = field(default_factory=dict)
    say: Mapping[str, str] = field(default_factory=dict)

    def shows(self, rule: str) -> bool:
        """Says whether findings of a rule are shown in files below the path."""
        return rule not in self.ignore and (not self.select or rule in self.select)

    def told(self, finding: Judged) -> Judged:
        """Returns a finding with the severity, and the sentence below it, that the
        profile has for its rule."""
        level = self.severity.get(finding.rule, finding.severity)
        return replace(finding, severity=level, added=self.say.get(finding.rule, ""))


def with_setting(profile: Profile, key: str, value: str, name: str) -> Profile:
    """Returns a profile with one more setting.

    ``name`` is what a message calls the setting.  Raises UsageError where a severity
    is none, or a sentence has no rule.
    """
    if key in ("ignore", "select"):
        rules = frozenset(value.replace(",", " ").split())
        return replace(profile, **{key: getattr(profile, key) | rules})
    if key == "severity":
        return replace(profile, severity={**profile.severity, **_levels(value, name)})
    rule, colon, sentence = value.partition(":")
    if not colon or not sentence.strip():
        raise UsageError(f"{name} is {value!r}: 'rule: a sentence' is meant")
    return replace(profile, say={**profile.say, rule.strip(): sentence.strip()})


def _levels(value: str, name: str) -> dict[str, Severity]:
    levels = {}
    for word in value.replace(",", " ").split():
        rule, _, level = word.partition("=")
        if level not in list(Severity):
            known = ", ".join(Severity)
            raise UsageError(
                f"{name} is {value!r}: rule=level, a level is one of {known}"
            )
        levels[rule] = Severity(level)
    return levels


def profile_for(profiles: Mapping[str, Profile], paths: Sequence[str]) -> Profile:
    """Returns what holds for something that is about these files.

    That is the profiles below whose path all of them are; of two the longer path wins
    where both say something of one rule.
    """
    found = Profile()
    for prefix in sorted(profiles, key=len):
        if paths and all(_is_below(path, prefix) for path in paths):
            one = profiles[prefix]
            found = Profile(
                found.ignore | one.ignore,
                one.select or found.select,
                {**found.severity, **one.severity},
                {**found.say, **one.say},
            )
    return found


def _is_below(path: str, prefix: str) -> bool:
    return path == prefix or path.startswith(prefix.rstrip("/") + "/")
