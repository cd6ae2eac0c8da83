"""One word for one thing: names of classes and types, and words with a single meaning.

The words are those of docs/glossary.md.
"""

import ast
import re
from collections import defaultdict
from collections.abc import Iterator

from tests.test_architecture import TREES

VALUES_AND_TYPES = {
    "models/money.py": {"Money"},
    "models/rules/facts.py": {"Draw", "Entry", "Lot", "Wallet"},
    "models/rules/forecasts.py": {"Forecast"},
    "models/rules/postings.py": {"UpcomingGrant"},
    "models/rules/prices.py": {"CostRule"},
    "models/rules/proof/checkpoints.py": {"Checkpoint"},
    "models/rules/refusals.py": {"InvalidField"},
    "models/store/search/searches.py": {"FreelancerFilter", "JobFilter"},
    "models/store/wallets.py": {"EntryFilter"},
    "models/tables.py": {
        *("Account", "Boost", "Contact", "Freelancer", "Invitation", "Job", "Proposal"),
        *("Purchase", "User"),
    },
    "resolvers/quote.py": {"Quote"},
}
"""Rows and values that share their name with the GraphQL type in schema/ that is made of them."""

SAME_ON_BOTH_SIDES = {"Clock": {"models/clock.py", "serving/application.py"}}
"""One type that has to be written twice: serving imports nothing of models."""

GIVEN_NAMES = {"Migration"}
"""Names that a library looks for."""

TYPE_NAME = re.compile(r"_?[A-Z]+[a-z]\w*")

FOREIGN_WORDS = {
    "models/verify/": {"fault"},
    "models/rules/": {"cost", "fault"},
    "models/ledger/": {"cost"},
    "resolvers/": {"cost", "fault"},
    "serving/": {"connects", "price", "refusal"},
}
"""Words that mean something else than what these folders are about.

Connects have a price, operations a cost. A fault is a failure of the database or the network, a
violation is a broken invariant, and an input has wrong fields. A refusal answers a mutation.
"""

TERMS = {"cost_rule", "cost_rules", "cost_rules_in_force", "CostRule"}
"""Names of the contract, which calls a rule of the price list a cost rule."""


def test_a_name_stands_for_one_class_or_type() -> None:
    places = defaultdict(set)
    for place, name in type_names():
        places[name.lstrip("_")].add(place)

    shared = {name: where for name, where in places.items() if len(where) > 1}

    pairs = {name: place for place, names in VALUES_AND_TYPES.items() for name in names}
    assert {name: where for name, where in shared.items() if name not in pairs} == (
        SAME_ON_BOTH_SIDES
    )
    for name, place in pairs.items():
        (value, shown) = sorted(shared[name])
        assert value == place, name
        assert shown.startswith("schema/"), name


def test_words_with_another_meaning_stay_out() -> None:
    found = {
        f"{place}: {name}"
        for place, tree in TREES.items()
        for folder, words in FOREIGN_WORDS.items()
        if place.startswith(folder)
        for name in identifiers(tree)
        if name not in TERMS and words & set(words_of(name))
    }

    assert found == set()


def type_names() -> Iterator[tuple[str, str]]:
    """The place and the name of each class and type alias of a module."""
    for place, tree in TREES.items():
        for node in tree.body:
            match node:
                case ast.ClassDef(name=name):
                    pass
                case (
                    ast.Assign(targets=[ast.Name(id=name)])
                    | ast.AnnAssign(target=ast.Name(id=name))
                ):
                    pass
                case _:
                    continue
            if TYPE_NAME.fullmatch(name) and name not in GIVEN_NAMES:
                yield place, name


def identifiers(tree: ast.AST) -> Iterator[str]:
    """The names that a module defines."""
    for node in ast.walk(tree):
        match node:
            case (
                ast.ClassDef(name=name)
                | ast.FunctionDef(name=name)
                | ast.AsyncFunctionDef(name=name)
                | ast.arg(arg=name)
                | ast.Name(id=name, ctx=ast.Store())
                | ast.Attribute(attr=name, ctx=ast.Store())
            ):
                yield name


def words_of(name: str) -> list[str]:
    """The words of a name in lower case, each in the singular."""
    return [word.lower().removesuffix("s") or word for word in re.findall("[A-Z]?[a-z]+", name)]
