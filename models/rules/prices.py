"""The price list: cost rules, grant rules and packages, each in force from a given instant.

Of the rules for one case, the one with the latest `effective_from` in the past is in force. Nothing
is ever deleted: a package that is no longer sold gets a new row with `on_sale` false.
"""

from collections.abc import Iterable
from typing import NamedTuple, Protocol, TypeVar
from uuid import UUID

from models.rules.actions import ConnectsAction
from models.rules.kinds import AccountKind


class CostRule(NamedTuple):
    """What an action costs an account of a kind.

    `connects` is the price, or the minimum if `chosen_by_payer`; `maximum` is the most the payer
    may choose, None for no limit and for a fixed price.
    """

    action: str
    account_kind: str
    connects: int
    chosen_by_payer: bool
    maximum: int | None
    effective_from: int


class GrantRule(NamedTuple):
    """The monthly grant for a kind of account, and the lifetime of the lot."""

    account_kind: str
    connects: int
    lifetime_months: int
    effective_from: int


class Package(NamedTuple):
    """Connects on sale. `price_minor` is in minor units of `currency` (ISO 4217)."""

    id: UUID
    connects: int
    price_minor: int
    currency: str
    for_kinds: tuple[str, ...]
    lifetime_months: int
    on_sale: bool
    effective_from: int


class ReturnRule(NamedTuple):
    """`percent` (0 to 100) of a spend is returned for `reason`, rounded down."""

    reason: str
    percent: int
    effective_from: int


class _Dated(Protocol):
    @property
    def effective_from(self) -> int: ...


Rule = TypeVar("Rule", bound=_Dated)


def in_force(rules: Iterable[Rule], at: int) -> Rule | None:
    """Returns the rule in force at instant `at`, from `rules` for one case."""
    return max(
        (rule for rule in rules if rule.effective_from <= at),
        key=lambda rule: rule.effective_from,
        default=None,
    )


class PriceList(NamedTuple):
    """All cost rules, grant rules and return rules, including past and future ones."""

    cost_rules: tuple[CostRule, ...]
    grant_rules: tuple[GrantRule, ...]
    return_rules: tuple[ReturnRule, ...] = ()

    def cost_rule(self, action: ConnectsAction, kind: AccountKind, at: int) -> CostRule | None:
        """Returns the cost rule in force at `at`; None if accounts of `kind` can't do `action`."""
        return in_force(
            (r for r in self.cost_rules if r.action == action and r.account_kind == kind), at
        )

    def grant_rule(self, kind: AccountKind, at: int) -> GrantRule | None:
        """Returns the grant rule in force at `at`; None if accounts of `kind` get no grants."""
        return in_force((r for r in self.grant_rules if r.account_kind == kind), at)

    def cost_rules_in_force(self, at: int) -> list[CostRule]:
        """Returns one cost rule per action and account kind that has one, in a fixed order."""
        found = (
            self.cost_rule(action, kind, at) for action in ConnectsAction for kind in AccountKind
        )
        return [rule for rule in found if rule is not None]


def packages_on_sale(packages: Iterable[Package], at: int) -> list[Package]:
    """The packages that can be bought at `at`, smallest first.

    A package is a version of those of its size and currency that are for the same kinds of account.
    """
    by_name: dict[tuple[int, str, tuple[str, ...]], list[Package]] = {}
    for package in packages:
        name = (package.connects, package.currency, tuple(sorted(set(package.for_kinds))))
        by_name.setdefault(name, []).append(package)
    newest = (in_force(versions, at) for _, versions in sorted(by_name.items()))
    return [package for package in newest if package is not None and package.on_sale]
