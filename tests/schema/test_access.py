"""Who may see what and do what. What a viewer may not see does not exist for them."""

from dataclasses import dataclass
from uuid import uuid4

import pytest

from models.identifiers import new_id
from models.ledger.commands import Command, Decision
from models.tables import Membership
from schema.ids import global_id, parse_id
from tests.schema.callers import WEB_DEVELOPER, Api, Caller, Json
from tests.schema.graphql_texts import MUTATIONS

VIEWERS = ("nobody", "otto", "clara", "farid")
EVERYBODY = set(VIEWERS)


@dataclass(frozen=True)
class Market:
    """Clara has bought Connects, posted a job, invited Farid and unlocked his contact details.
    Farid has proposed to the job. Otto has accounts too, and nothing to do with either.
    """

    viewers: dict[str, Caller]
    ids: dict[str, str]


@pytest.fixture
async def market(api: Api) -> Market:
    clara, farid = await api.client("Clara"), await api.freelancer("Farid")
    otto = await api.client("Otto")
    await otto.mutate("openAccount", kind="FREELANCER", name="Otto's", profile=WEB_DEVELOPER)
    job = await clara.new_job()
    bought, invited = await clara.buy(10), await clara.invite(job, farid)
    unlocked, proposed = await clara.contact(farid), await farid.propose(job)
    viewer = await clara.ask("{ viewer { id } }")
    assert farid.freelancer_id is not None
    return Market(
        viewers={"nobody": api.nobody, "otto": otto, "clara": clara, "farid": farid},
        ids={
            "Account": clara.account_id,
            "Farid's account": farid.account_id,
            "Freelancer": farid.freelancer_id,
            "ConnectsPackage": await clara.package(10),
            "User": viewer["viewer"]["id"],
            "Wallet": (await clara.wallet("id"))["id"],
            "Lot": bought["purchase"]["lot"]["id"],
            "Entry": bought["entry"]["id"],
            "Purchase": bought["purchase"]["id"],
            "Job": job,
            "Invitation": invited["invitation"]["id"],
            "Contact": unlocked["contact"]["id"],
            "Proposal": proposed["proposal"]["id"],
        },
    )


NODES = {
    "Account": EVERYBODY,
    "Freelancer": EVERYBODY,
    "ConnectsPackage": EVERYBODY,
    "Job": EVERYBODY,
    "Proposal": {"clara", "farid"},
    "Invitation": {"clara", "farid"},
    "User": {"clara"},
    "Wallet": {"clara"},
    "Lot": {"clara"},
    "Entry": {"clara"},
    "Purchase": {"clara"},
    "Contact": {"clara", "farid"},
}
"""For each type of node who sees it; all of them are Clara's, but the profile and the proposal."""

FIELDS = [
    ("Account", "... on Account { it: wallet { available } }", {"clara"}),
    ("Account", "... on Account { it: proposals { nodes { id } } }", {"clara"}),
    ("Account", "... on Account { it: invitationsReceived { nodes { id } } }", {"clara"}),
    ("Account", "... on Account { it: jobs { nodes { id } } }", EVERYBODY),
    ("Farid's account", "... on Account { it: wallet { available } }", {"farid"}),
    ("Farid's account", "... on Account { it: proposals { nodes { id } } }", {"farid"}),
    ("Farid's account", "... on Account { it: invitationsReceived { nodes { id } } }", {"farid"}),
    ("Account", "... on Account { it: contactsReceived { nodes { id } } }", {"clara"}),
    ("Farid's account", "... on Account { it: contactsReceived { nodes { id } } }", {"farid"}),
    ("Freelancer", "... on Freelancer { it: contactDetails { email } }", {"clara", "farid"}),
    ("Freelancer", "... on Freelancer { it: title }", EVERYBODY),
    ("Job", "... on Job { it: proposals { nodes { id } } }", {"clara"}),
    ("Job", "... on Job { it: invitations { nodes { id } } }", {"clara"}),
    ("Proposal", "... on Proposal { it: coverLetter }", {"clara", "farid"}),
    ("Proposal", "... on Proposal { it: entry { connects } }", {"farid"}),
    ("Invitation", "... on Invitation { it: entry { connects } }", {"clara"}),
    ("Contact", "... on Contact { it: entry { connects } }", {"clara"}),
]
"""For each private field who finds something there; who may not see the node finds nothing."""


async def test_nodes_are_there_only_for_those_who_may_see_them(
    market: Market, subtests: pytest.Subtests
) -> None:
    for name in VIEWERS:
        for type_name, seen_by in NODES.items():
            with subtests.test(type_name, viewer=name):
                node = await market.viewers[name].node(market.ids[type_name])

                assert node == ({"__typename": type_name} if name in seen_by else None)


async def test_every_type_of_node_is_in_the_table(api: Api) -> None:
    found = await api.nobody.ask('{ __type(name: "Node") { possibleTypes { name } } }')

    assert set(NODES) == {node["name"] for node in found["__type"]["possibleTypes"]}


async def test_many_nodes_are_given_in_the_order_of_their_ids(market: Market) -> None:
    for name in VIEWERS:
        ids = [market.ids[type_name] for type_name in NODES]
        query = "query($ids: [ID!]!) { nodes(ids: $ids) { __typename } }"
        found = (await market.viewers[name].ask(query, ids=ids))["nodes"]

        seen = [type_name if name in NODES[type_name] else None for type_name in NODES]
        assert [node and node["__typename"] for node in found] == seen


async def test_private_fields_are_null_for_everybody_else(
    market: Market, subtests: pytest.Subtests
) -> None:
    for name in VIEWERS:
        for of, selection, seen_by in FIELDS:
            with subtests.test(selection, of=of, viewer=name):
                node = await market.viewers[name].node(market.ids[of], selection)

                assert (node is not None and node["it"] is not None) == (name in seen_by)


async def test_a_second_member_sees_the_wallet_but_not_the_first_members_private_things(
    api: Api, market: Market
) -> None:
    cora = api.somebody("Cora")
    await join(api, cora, market.ids["Account"])
    entries = "entries(first: 1) { nodes { actor { name email accounts { id } } } }"

    wallet = await cora.node(market.ids["Account"], f"... on Account {{ wallet {{ {entries} }} }}")

    (entry,) = wallet["wallet"]["entries"]["nodes"]
    assert entry["actor"] == {"name": "Clara", "email": None, "accounts": []}
    assert await cora.node(market.ids["User"]) is None


async def join(api: Api, person: Caller, account_id: str) -> None:
    """Makes the person a member of the account, which no mutation can do yet."""
    user = parse_id((await person.ask("{ viewer { id } }"))["viewer"]["id"])
    account = parse_id(account_id)
    assert user is not None
    assert account is not None
    member = Membership.construct(
        id=new_id(0), account_id=account.id, user_id=user.id, created_at=0
    )
    await api.services.ledger.post(Command(decide=lambda facts: Decision(inserts=(member,))))


async def test_nobody_is_signed_in_without_a_token(api: Api) -> None:
    assert await api.nobody.ask("{ viewer { id } }") == {"viewer": None}


def call(mutation: str, ids: dict[str, str]) -> Json:
    """An input to the mutation that only its owner may give: Clara, or Farid who proposes."""
    own = {"accountId": ids["Account"], "idempotencyKey": "intent"}
    inputs: dict[str, Json] = {
        "openAccount": {"kind": "CLIENT", "name": "New", "idempotencyKey": "intent"},
        "buyConnects": {**own, "packageId": ids["ConnectsPackage"]},
        "postJob": {**own, "title": "A website", "description": "Ten pages."},
        "submitProposal": {
            **own,
            "accountId": ids["Farid's account"],
            "jobId": ids["Job"],
            "coverLetter": "I would.",
        },
        "inviteFreelancer": {
            "idempotencyKey": "intent",
            "jobId": ids["Job"],
            "freelancerId": ids["Freelancer"],
            "connects": 1,
        },
        "contactFreelancer": {**own, "freelancerId": ids["Freelancer"]},
        "cancelJob": {"jobId": ids["Job"], "idempotencyKey": "intent"},
        "awardJob": {
            "jobId": ids["Job"],
            "proposalId": ids["Proposal"],
            "idempotencyKey": "intent",
        },
        "withdrawProposal": {"proposalId": ids["Proposal"], "idempotencyKey": "intent"},
        "boostProposal": {
            "proposalId": ids["Proposal"],
            "connects": 1,
            "idempotencyKey": "intent",
        },
        "withdrawBoost": {"proposalId": ids["Proposal"], "idempotencyKey": "intent"},
        "respondToInvitation": {
            "invitationId": ids["Invitation"],
            "response": "DECLINE",
            "idempotencyKey": "intent",
        },
    }
    return inputs[mutation]


OWNERS = dict.fromkeys(MUTATIONS, "clara") | dict.fromkeys(
    (
        *("submitProposal", "withdrawProposal", "boostProposal", "withdrawBoost"),
        "respondToInvitation",
    ),
    "farid",
)


async def test_nobody_changes_anything_without_a_token(
    api: Api, market: Market, subtests: pytest.Subtests
) -> None:
    for mutation in MUTATIONS:
        with subtests.test(mutation):
            async with api.unchanged():
                error = await api.nobody.fail(MUTATIONS[mutation], input=call(mutation, market.ids))

            assert error["extensions"]["code"] == "UNAUTHENTICATED"
            assert error["path"] == [mutation]


async def test_nobody_spends_what_belongs_to_others(
    api: Api, market: Market, subtests: pytest.Subtests
) -> None:
    for mutation in set(MUTATIONS) - {"openAccount"}:
        for name in {"otto", "clara", "farid"} - {OWNERS[mutation]}:
            with subtests.test(mutation, viewer=name):
                viewer, input = market.viewers[name], call(mutation, market.ids)
                async with api.unchanged():
                    refused = await viewer.mutate(mutation, **input)

                assert refused["__typename"] == "NotFound"


async def test_an_account_of_others_is_refused_like_one_that_does_not_exist(
    api: Api, market: Market, subtests: pytest.Subtests
) -> None:
    otto, unknown = market.viewers["otto"], global_id("Account", uuid4())

    for mutation in ("buyConnects", "postJob", "submitProposal", "contactFreelancer"):
        with subtests.test(mutation):
            input = call(mutation, market.ids)
            async with api.unchanged():
                of_others = await otto.mutate(mutation, **input)
                of_nobody = await otto.mutate(mutation, **input | {"accountId": unknown})

            assert of_others == of_nobody


async def test_owners_are_not_refused(market: Market) -> None:
    """The matrix above proves nothing if its calls would fail for their owners too."""
    for mutation in ("openAccount", "buyConnects", "postJob", "respondToInvitation", "awardJob"):
        input = call(mutation, market.ids) | {"idempotencyKey": mutation}
        answer = await market.viewers[OWNERS[mutation]].mutate(mutation, **input)
        assert answer["__typename"].endswith("Success")
    for mutation in (
        *("submitProposal", "inviteFreelancer", "contactFreelancer"),
        *("cancelJob", "withdrawProposal", "boostProposal", "withdrawBoost"),
    ):
        input = call(mutation, market.ids) | {"idempotencyKey": mutation}
        answer = await market.viewers[OWNERS[mutation]].mutate(mutation, **input)
        # They have done it before, or the job is awarded.
        assert answer["__typename"] in ("Conflict", "ContactFreelancerSuccess")
