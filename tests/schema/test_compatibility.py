"""What breaks clients is found by comparing with the last release, and named in the changelog."""

import re
from pathlib import Path

import pytest
from graphql import build_schema
from graphql.utilities import BreakingChange, BreakingChangeType, find_breaking_changes

ROOT = Path(__file__).parents[2]
OLD = """
    directive @cost(weight: Int, unit: String) on FIELD_DEFINITION
    interface Node { id: ID! }
    enum Status { OPEN CLOSED }
    union Subject = Job | Purchase
    input Wanted { title: String }
    type Job implements Node { id: ID! title: String budget: Int status: Status }
    type Purchase { id: ID! }
    type Query { jobs(first: Int, wanted: Wanted): [Job] subject: Subject node: Node }
"""
BREAKING = {
    "Job.budget": (" budget: Int", ""),
    "Job.title": ("title: String budget", "title: Int budget"),
    "Wanted.skill": ("input Wanted {", "input Wanted { skill: String!"),
    "Query.jobs(first:)": ("first: Int, ", ""),
    "Query.jobs(wanted:)": ("wanted: Wanted", "wanted: String"),
    "Query.jobs(last:)": ("first: Int", "first: Int, last: Int!"),
    "Status.CLOSED": (" CLOSED", ""),
    "Subject.Purchase": (" | Purchase", ""),
    "Wanted": ("input Wanted { title: String }", "scalar Wanted"),
    "Job": ("type Job implements Node", "type Job"),
    "@cost": ("directive @cost(weight: Int, unit: String) on FIELD_DEFINITION", ""),
    "@cost(unit:)": (", unit: String", ""),
}
"""One change of OLD for each coordinate."""
HARMLESS = (
    ("first: Int", "first: Int, last: Int"),
    ("budget: Int", "budget: Int!"),
    ("CLOSED", "CLOSED EXPIRED"),
    ("input Wanted {", "input Wanted { skill: String"),
    ("type Purchase", "type Contact { id: ID! } type Purchase"),
)


def undeclared(old: str, new: str, changelog: str) -> list[str]:
    """The changes from SDL to SDL that break clients and are not in the changelog."""
    named = breaking_names(changelog)
    changes = find_breaking_changes(build_schema(old), build_schema(new))
    return [change.description for change in changes if coordinate(change) not in named]


def breaking_names(changelog: str) -> set[str]:
    """What stands in backticks under "### Breaking" of the unreleased changes."""
    unreleased = section(changelog, "## Unreleased")
    return set(re.findall(r"`([^`]+)`", section(unreleased, "### Breaking")))


def section(text: str, heading: str) -> str:
    """What follows the heading, up to the next one of its level."""
    marks = heading.partition(" ")[0]
    found = re.search(rf"^{heading}$(.*?)(?=^{marks} |\Z)", text, re.MULTILINE | re.DOTALL)
    return found[1] if found else ""


def coordinate(change: BreakingChange) -> str:
    """The schema coordinate of what changed, such as Job.budget or Query.jobs(first:)."""
    text = change.description
    if change.type is BreakingChangeType.TYPE_REMOVED_FROM_UNION:
        member, _, union = text.rstrip(".").partition(" was removed from union type ")
        return f"{union}.{member}"
    found = re.search(r"(?:@\w+|\w+\.\w+)(?:\(\w+:\))?", text)
    return found[0] if found else text.removeprefix("Standard scalar ").partition(" ")[0]


def version(path: Path) -> tuple[int, ...]:
    return tuple(map(int, path.stem.split(".")))


def newest(releases: Path) -> Path:
    return max(releases.glob("*.graphql"), key=version)


def changelog(breaking: str = "", *, released: str = "") -> str:
    """A changelog with what is named as breaking, before the last release and at it."""
    return (
        f"# Changelog\n\n## Unreleased\n\n### Added\n- `Job.budget`\n\n### Breaking\n{breaking}\n"
        f"\n### Fixed\n- `Job.budget`\n\n## 0.1.0 - 2026-11-22\n\n### Breaking\n{released}\n"
    )


def test_nothing_breaks_clients_of_the_last_release_unless_the_changelog_names_it() -> None:
    released = newest(ROOT / "releases").read_text(encoding="utf-8")
    exported = (ROOT / "schema.graphql").read_text(encoding="utf-8")

    breaking = undeclared(released, exported, (ROOT / "CHANGELOG.md").read_text(encoding="utf-8"))

    assert breaking == [], "name it in CHANGELOG.md, see releases/README.md"


def test_a_breaking_change_is_found_unless_it_is_named(subtests: pytest.Subtests) -> None:
    for name, (old, new) in BREAKING.items():
        with subtests.test(name):
            changed = OLD.replace(old, new)
            assert changed != OLD

            assert len(undeclared(OLD, changed, changelog())) == 1
            assert undeclared(OLD, changed, changelog(f"- Use another than `{name}`.")) == []
            assert len(undeclared(OLD, changed, changelog("- `Job.other` is gone."))) == 1


def test_a_whole_type_that_is_gone_is_found() -> None:
    changed = OLD.replace(" | Purchase", "").replace("type Purchase { id: ID! }", "")

    assert undeclared(OLD, changed, changelog("- `Subject.Purchase`")) == ["Purchase was removed."]
    assert undeclared(OLD, changed, changelog("- `Purchase` and `Subject.Purchase`")) == []


def test_only_unreleased_breaking_changes_count(subtests: pytest.Subtests) -> None:
    changed = OLD.replace(" budget: Int", "")

    for text in (
        changelog(released="- `Job.budget` is gone."),
        changelog("- Job.budget is gone."),
        changelog().replace("## Unreleased", "## Later"),
        "",
    ):
        with subtests.test(text):
            assert undeclared(OLD, changed, text) == ["Field Job.budget was removed."]


def test_what_clients_do_not_notice_passes(subtests: pytest.Subtests) -> None:
    for old, new in HARMLESS:
        with subtests.test(new):
            assert OLD.replace(old, new) != OLD
            assert undeclared(OLD, OLD.replace(old, new), changelog()) == []


def test_the_newest_release_is_the_one_with_the_greatest_version(tmp_path: Path) -> None:
    for name in ("0.9.0", "0.10.0", "0.10.1", "0.2.11"):
        (tmp_path / f"{name}.graphql").touch()

    assert newest(tmp_path).stem == "0.10.1"
