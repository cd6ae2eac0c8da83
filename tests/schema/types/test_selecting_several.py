"""Several types of a union or an interface are selected at once, without aliases."""

from itertools import combinations
from pathlib import Path
from typing import Any, Final

from graphql import (
    GraphQLInterfaceType,
    GraphQLObjectType,
    GraphQLSchema,
    GraphQLUnionType,
    OverlappingFieldsCanBeMergedRule,
    build_schema,
    get_named_type,
    is_abstract_type,
    parse,
    validate,
)

from schema.schema import schema
from serving.internals.strawberry import graphql_schema_of
from tests.schema.callers import Api, Member

API: Final = (Path(__file__).parents[3] / "docs" / "api.md").read_text(encoding="utf-8")
DEPTH: Final = 3
"""How deep the selections go that are compared."""


def unmergeable(graphql_schema: GraphQLSchema) -> set[str]:
    """The fields, as Type.field, that two types of one union or interface do not share."""
    found = set()
    for kind in graphql_schema.type_map.values():
        if isinstance(kind, GraphQLInterfaceType | GraphQLUnionType):
            for one, other in combinations(graphql_schema.get_possible_types(kind), 2):
                found |= {
                    f"{owner.name}.{name}"
                    for name in one.fields.keys() & other.fields.keys()
                    if not _merge(graphql_schema, kind, one, other, name)
                    for owner in (one, other)
                }
    return found


def _merge(
    graphql_schema: GraphQLSchema,
    kind: GraphQLInterfaceType | GraphQLUnionType,
    one: GraphQLObjectType,
    other: GraphQLObjectType,
    name: str,
) -> bool:
    parts = (
        f"... on {owner.name} {{ {name} {_selection(owner.fields[name].type, DEPTH)} }}"
        for owner in (one, other)
    )
    document = parse(f"fragment F on {kind.name} {{ {' '.join(parts)} }}")
    return not validate(graphql_schema, document, [OverlappingFieldsCanBeMergedRule])


def _selection(kind: Any, depth: int) -> str:
    """All fields of a type, down to some depth."""
    named = get_named_type(kind)
    if depth == 0 or is_abstract_type(named):
        return "{ __typename }" if hasattr(named, "fields") or is_abstract_type(named) else ""
    fields = getattr(named, "fields", None)
    if fields is None:
        return ""
    chosen = (
        f"{name} {_selection(field.type, depth - 1)}"
        for name, field in fields.items()
        if depth > 1 or not hasattr(get_named_type(field.type), "fields")
    )
    return f"{{ __typename {' '.join(chosen)} }}"


def own_name(coordinate: str) -> str:
    """What a field is called that no other type has: jobStatus for Job.status."""
    owner, _, field = coordinate.partition(".")
    return f"{owner[0].lower()}{owner[1:]}{field[0].upper()}{field[1:]}"


def test_a_field_that_cannot_be_merged_has_a_name_of_its_own() -> None:
    graphql_schema = graphql_schema_of(schema)

    found = unmergeable(graphql_schema)

    assert found == {
        *("Job.status", "Proposal.status", "Invitation.status", "Purchase.status"),
        *("Job.expiresAt", "Invitation.expiresAt", "Lot.expiresAt"),
        *("Account.freelancer", "Invitation.freelancer", "Contact.freelancer"),
        *("Invitation.message", "Contact.message"),
        *("Account.kind", "Entry.kind"),
        *("Entry.draws", "Lot.draws"),
        *("Conflict.reason", "NotAllowed.reason"),
    }
    for coordinate in found:
        owner, _, name = coordinate.partition(".")
        fields = _fields(graphql_schema, owner)
        own = own_name(coordinate)
        assert own in fields, f"{coordinate} cannot be merged and has no {own}"
        assert str(fields[own].type) == str(fields[name].type)
        assert f"`{name}`" in (fields[own].description or "")
        assert f"`{own}`" in API, f"docs/api.md does not have {own}"


def _fields(graphql_schema: GraphQLSchema, name: str) -> dict[str, Any]:
    kind = graphql_schema.type_map[name]
    assert isinstance(kind, GraphQLObjectType)
    fields: dict[str, Any] = kind.fields
    return fields


def test_what_cannot_be_merged_is_found_wherever_it_stands() -> None:
    made_up = build_schema("""
        interface Node { id: ID! }
        type A implements Node { id: ID! kind: String! words: [String] deep: Deep same: Int
            rows: [Deep!]! }
        type B implements Node { id: ID! kind: String words: String deep: Other same: Int
            rows: DeepConnection }
        type DeepConnection { nodes: [Deep!]! }
        type C { kind: String! words: [String] deep: Deep }
        type Deep { inner: Inner! }
        type Other { inner: Another! }
        type Inner { text: String }
        type Another { text: Int }
        union AnyOf = A | C
        type Query { node: Node any: AnyOf }
    """)

    assert unmergeable(made_up) == {
        *("A.kind", "B.kind", "A.words", "B.words", "A.deep", "B.deep"),
        *("A.rows", "B.rows"),
    }


NAMES: Final = {
    "Job": ("jobStatus jobExpiresAt", "jobStatus: status jobExpiresAt: expiresAt"),
    "Proposal": ("proposalStatus", "proposalStatus: status"),
    "Invitation": (
        "invitationStatus invitationExpiresAt invitationMessage invitationFreelancer { title }",
        "invitationStatus: status invitationExpiresAt: expiresAt invitationMessage: message "
        "invitationFreelancer: freelancer { title }",
    ),
    "Contact": (
        "contactMessage contactFreelancer { title }",
        "contactMessage: message contactFreelancer: freelancer { title }",
    ),
    "Purchase": ("purchaseStatus", "purchaseStatus: status"),
    "Account": (
        "accountKind accountFreelancer { title }",
        "accountKind: kind accountFreelancer: freelancer { title }",
    ),
    "Entry": (
        "entryKind entryDraws { connects }",
        "entryKind: kind entryDraws: draws { connects }",
    ),
    "Lot": (
        "lotExpiresAt lotDraws(first: 5) { nodes { connects } }",
        "lotExpiresAt: expiresAt lotDraws: draws(first: 5) { nodes { connects } }",
    ),
}
"""By type: its own names, and the same values under the names that other types share."""
SUBJECTS: Final = ("Job", "Proposal", "Invitation", "Contact", "Purchase")


def selection(*types: str, shared: bool = False) -> str:
    """A selection of all of these types at once."""
    return " ".join(f"... on {name} {{ {NAMES[name][shared]} }}" for name in types)


async def test_the_subjects_of_a_ledger_are_read_under_their_own_names(api: Api) -> None:
    clara, farid = await api.client(), await api.freelancer()
    job = await clara.new_job()
    await clara.invite(job, farid, 3, message="We like your bread.")
    await clara.contact(farid, message="Call me.")
    await clara.buy(10)
    await farid.propose(job)
    entries = "entries(first: 10) { nodes { subject { __typename %s } } }"

    subjects = [
        [
            entry["subject"]
            for entry in (await member.wallet(entries % selection(*SUBJECTS)))["entries"]["nodes"]
        ]
        for member in (clara, farid)
    ]

    of_clara, of_farid = subjects
    title = {"title": "Web developer"}
    expires_at = of_clara[3]["jobExpiresAt"]
    assert expires_at == "2026-12-22T09:30:00.000000Z"
    assert of_clara == [
        {"__typename": "Purchase", "purchaseStatus": "PAID"},
        {"__typename": "Contact", "contactMessage": "Call me.", "contactFreelancer": title},
        {
            "__typename": "Invitation",
            "invitationStatus": "PENDING",
            "invitationExpiresAt": "2026-11-29T09:30:00.000000Z",
            "invitationMessage": "We like your bread.",
            "invitationFreelancer": title,
        },
        {"__typename": "Job", "jobStatus": "OPEN", "jobExpiresAt": expires_at},
        None,
    ]
    assert of_farid == [{"__typename": "Proposal", "proposalStatus": "SUBMITTED"}, None]


async def test_every_own_name_has_the_value_of_the_name_that_others_share(api: Api) -> None:
    clara, farid = await api.client(), await api.freelancer()
    job = await clara.new_job()
    proposal = (await farid.propose(job))["proposal"]["id"]
    invitation = (await clara.invite(job, farid, 2, message="Come."))["invitation"]["id"]
    contact = (await clara.contact(farid, message="Hello."))["contact"]["id"]
    purchase = (await farid.buy(10))["purchase"]["id"]
    wallet = await farid.wallet("entries { nodes { id } } lots { nodes { id } }")
    ids = [
        *(job, proposal, invitation, contact, purchase, farid.account_id),
        *(wallet["entries"]["nodes"][0]["id"], wallet["lots"]["nodes"][0]["id"]),
    ]
    query = "query($ids: [ID!]!) { nodes(ids: $ids) { __typename %s } }"

    own = (await farid.ask(query % selection(*NAMES), ids=ids))["nodes"]
    shared = (await farid.ask(query % selection(*NAMES, shared=True), ids=ids))["nodes"]

    assert own == shared
    assert [node["__typename"] for node in own] == [*NAMES]
    assert all(None not in node.values() for node in own)


async def test_refusals_have_their_reasons_under_their_own_names(api: Api) -> None:
    clara, farid, agnes = await api.client(), await api.freelancer(), await api.agency()
    document = """mutation($input: SubmitProposalInput!) { submitProposal(input: $input) {
        __typename
        ... on Conflict { conflictReason }
        ... on NotAllowed { notAllowedReason }
    } }"""
    job, of_agnes = await clara.new_job(), await agnes.new_job()
    await farid.propose(job)

    async def refused(member: Member, job_id: str) -> Any:
        input = {"accountId": member.account_id, "jobId": job_id, "coverLetter": "I would."}
        keyed = {**input, "idempotencyKey": "once more"}
        return (await member.ask(document, input=keyed))["submitProposal"]

    async with api.unchanged():
        conflict, not_allowed = await refused(farid, job), await refused(agnes, of_agnes)

    assert conflict == {"__typename": "Conflict", "conflictReason": "ALREADY_PROPOSED"}
    assert not_allowed == {"__typename": "NotAllowed", "notAllowedReason": "OWN_JOB"}
