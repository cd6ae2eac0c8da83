"""The price list: cost rules, grant rules and packages, each in force from a given instant.

Of the rules for one case, the one with the latest `effective_from` in the past is in force. Nothing
is ever deleted: a package that is no longer sold gets a new row with `on_sale` false.

A cost rule may have conditions on the job. Of the rules in force whose conditions a job meets, the
last in the order of `CostRule.precedence` is its price.
"""

from collections.abc import Iterable
from typing import Final, NamedTuple, Protocol, TypeVar
from uuid import UUID

from models.rules.actions import ConnectsAction
from models.rules.kinds import AccountKind


class JobTerms(NamedTuple):
    """What prices may depend on: a job's category and its budget in minor units, None if unset.

    Both are set when the job is posted and never change.
    """

    category: str | None = None
    budget_currency: str | None = None
    budget_minor: int | None = None


NO_TERMS: Final = JobTerms()
"""No job, or a job with neither category nor budget. It meets no condition."""


class CostRule(NamedTuple):
    """What an action costs an account of a kind.

    `connects` is the price, or the minimum if `chosen_by_payer`; `maximum` is the most the payer
    may choose, None for no limit and for a fixed price.

    The rest are conditions; a rule without any is general. `category` is that of the job. The
    budget band is of jobs with a budget in `budget_currency`, of `budget_from` or more and less
    than `budget_below` minor units, None for no limit; both are None if `budget_currency` is.
    """

    action: str
    account_kind: str
    connects: int
    chosen_by_payer: bool
    maximum: int | None
    effective_from: int
    category: str | None = None
    budget_currency: str | None = None
    budget_from: int | None = None
    budget_below: int | None = None

    @property
    def is_general(self) -> bool:
        """Whether the rule has no conditions."""
        return self.category is None and self.budget_currency is None

    @property
    def case(self) -> tuple[str, str, str | None, str | None, int, int | None]:
        """What the rule is for. Of the rules for one case, only one is in force."""
        conditions = (self.category, self.budget_currency, self.budget_from or 1, self.budget_below)
        return (self.action, self.account_kind, *conditions)

    @property
    def precedence(self) -> tuple[bool, bool, int, int, bool, int]:
        """The sort key of rules for one action and kind: of those met, the last one applies.

        General rules come first, then those for a budget band, for a category, and for both. Equal
        ones are in the order of `effective_from`, then of `budget_from`, then from the highest
        `budget_below` to the lowest. No two rules whose conditions one job meets are equal.
        """
        below = self.budget_below
        return (
            self.category is not None,
            self.budget_currency is not None,
            self.effective_from,
            self.budget_from or 1,
            below is not None,
            -(below or 0),
        )

    def is_met(self, terms: JobTerms) -> bool:
        """Returns whether `terms` meet the conditions."""
        if self.category is not None and self.category != terms.category:
            return False
        if self.budget_currency is None:
            return True
        budget = terms.budget_minor
        return (
            budget is not None
            and self.budget_currency == terms.budget_currency
            and (self.budget_from is None or self.budget_from <= budget)
            and (self.budget_below is None or budget < self.budget_below)
        )


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

    def cost_rule(
        self, action: ConnectsAction, kind: AccountKind, at: int, terms: JobTerms = NO_TERMS
    ) -> CostRule | None:
        """Returns the cost rule in force at `at` for a job of `terms`.

        None if accounts of `kind` can't do `action`.
        """
        general: CostRule | None = None
        special: CostRule | None = None
        for rule in self.cost_rules:
            if rule.action != action or rule.account_kind != kind or rule.effective_from > at:
                continue
            if rule.is_general:
                if general is None or rule.effective_from > general.effective_from:
                    general = rule
            elif rule.is_met(terms) and (special is None or rule.precedence > special.precedence):
                special = rule
        return special or general

    def depends_on_job(self, action: ConnectsAction, kind: AccountKind, at: int) -> bool:
        """Returns whether at `at` the price of `action` for `kind` depends on the job."""
        return any(
            rule.action == action
            and rule.account_kind == kind
            and rule.effective_from <= at
            and not rule.is_general
            for rule in self.cost_rules
        )

    def grant_rule(self, kind: AccountKind, at: int) -> GrantRule | None:
        """Returns the grant rule in force at `at`; None if accounts of `kind` get no grants."""
        return in_force((r for r in self.grant_rules if r.account_kind == kind), at)

    def cost_rules_in_force(self, at: int) -> list[CostRule]:
        """Returns the rules in force at `at`, one per case: by action, then kind, then precedence.

        Of the rules of an action and kind, the last whose conditions a job meets is its price.
        """
        newest: dict[object, CostRule] = {}
        for rule in sorted(self.cost_rules, key=lambda rule: rule.effective_from):
            if rule.effective_from <= at:
                newest[rule.case] = rule
        return sorted(newest.values(), key=_listed)


_ACTIONS: Final = {str(action): place for place, action in enumerate(ConnectsAction)}
_KINDS: Final = {str(kind): place for place, kind in enumerate(AccountKind)}


def _listed(rule: CostRule) -> tuple[object, ...]:
    """The sort key of the list of rules. Rules that no job meets together go by their words."""
    words = (rule.category or "", rule.budget_currency or "")
    return (_ACTIONS[rule.action], _KINDS[rule.account_kind], *rule.precedence, *words)


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
