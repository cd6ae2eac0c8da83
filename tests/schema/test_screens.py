"""Screens of an ordinary front end: each costs at most a fifth of what one may cost.

One that nests pages in pages, all of the usual size, is only within the limit.
"""

import re
from typing import Any

import pytest

from serving.operations.costs import LARGEST_COST, LARGEST_SCREEN
from tests.schema.callers import Api, Json

PARTS = {
    "PAGE": "pageInfo { hasNextPage endCursor }",
    "DRAWS": "draws { connects lot { id source expiresAt } }",
    "ENTRY": "id kind connects availableAfter createdAt subject TITLES actor { name }",
    "TITLES": """{ ... on Job { id title } ... on Proposal { id job { id title } }
        ... on Invitation { id job { id title } freelancer { id title } }
        ... on Contact { id freelancer { id title } }
        ... on Purchase { id connects total { formatted } } }""",
    "FREELANCER": """id title skills country rating availableNow hourlyRate MONEY
        account { id name }""",
    "MONEY": "{ amountMinor currency formatted }",
}
"""What the screens have in common, by the word that stands for it in them."""
SCREENS: dict[str, str] = {
    "the wallet, as in the README": """{ viewer { name accounts { name wallet {
        available nextGrant { connects at }
        lots { nodes { id source granted remaining expiresAt } PAGE }
        entries { nodes { kind connects subject TITLES DRAWS } PAGE } } } } }""",
    "the statement": """query($account: ID!) { node(id: $account) { ... on Account { name wallet {
        available held expiring { connects at lot { id source } }
        entries(first: 100) { nodes { ENTRY DRAWS } PAGE } } } } }""",
    "a list of jobs": """{ jobs(filter: {statuses: [OPEN]}, first: 50) { nodes {
        id title skills status createdAt expiresAt connectsToPropose budget MONEY
        account { id name freelancer { id title rating } } } PAGE } }""",
    "a job with its proposals and invitations": """query($job: ID!) { node(id: $job) { ... on Job {
        id title description skills status budget MONEY account { id name } connectsToPropose
        proposals(first: 50) { nodes { id coverLetter status createdAt bid MONEY
            entry { connects } account { id name freelancer { FREELANCER } } } PAGE }
        invitations { nodes { id status connects freelancer { FREELANCER } } PAGE } } } }""",
    "a search of freelancers": """{
        freelancers(filter: {text: "web", skills: ["html"]}, first: 50) {
            edges { cursor node { FREELANCER } } PAGE } }""",
    "the profile of a freelancer": """query($freelancer: ID!, $account: ID!) {
        node(id: $freelancer) { ... on Freelancer { overview FREELANCER
            contactDetails { email phone } } }
        quote(input: {
            accountId: $account, action: CONTACT_FREELANCER, freelancerId: $freelancer
        }) { connects available affordable explanation } }""",
    "the inbox of invitations": """query($account: ID!) { node(id: $account) { ... on Account {
        invitationsReceived(status: PENDING, first: 50) { nodes {
            id message connects status expiresAt
            job { id title budget MONEY account { id name } } } PAGE } } } }""",
    "buying Connects": """query($account: ID!) {
        connectsPackages(accountKind: AGENCY) { id connects price MONEY forKinds }
        node(id: $account) { ... on Account { wallet { available nextGrant { connects at }
            expiring(withinDays: 60) { connects at }
            entries(filter: {kinds: [PURCHASE]}) { nodes { id connects createdAt
                subject { ... on Purchase {
                    id status total MONEY connectsPackage { id } lot { id }
                } }
            } } } } } }""",
    "the account switcher": """{ viewer { id name email accounts { id kind name
        freelancer { id title } wallet { id available held nextGrant { connects at } } } } }""",
    "my proposals": """query($account: ID!) { node(id: $account) { ... on Account {
        proposals(first: 50) { nodes { id status createdAt bid MONEY entry { connects }
            job { id title status budget MONEY account { id name } } } PAGE } } } }""",
    "the form that posts a job": """query($account: ID!) {
        quote(input: {accountId: $account, action: POST_JOB}) {
            action connects available availableAfter shortfall affordable refundable explanation }
        costRules { action accountKind connects chosenByPayer maximum }
        connectsPackages { id connects price MONEY }
        viewer { accounts { id name kind wallet { available } } } }""",
    "the wallet page, through the viewer": """{ viewer { id name accounts { id name kind wallet {
        id available held nextGrant { connects at } expiring { connects at lot { id source } }
        lots { nodes { id source granted remaining expiresAt } PAGE }
        entries { nodes { ENTRY DRAWS } PAGE } } } } }""",
    "all my jobs and their answers": """{ viewer { accounts { jobs { nodes { title
        proposals { nodes { coverLetter account { name
            freelancer { title hourlyRate { formatted } } } } }
        invitations { nodes { message freelancer { title } } } } } } } }""",
    "things looked up again": """query($ids: [ID!]!) { nodes(ids: $ids) { __typename id
        ... on Job { title jobStatus: status account { id name } budget MONEY }
        ... on Freelancer { FREELANCER }
        ... on Proposal { proposalStatus: status job { id title } account { id name } }
        ... on Invitation { invitationStatus: status job { id title } freelancer { id title } }
        ... on Entry { ENTRY } } }""",
}

NESTED = {"all my jobs and their answers": LARGEST_COST}
"""Screens that may cost more, and how much."""


def written(screen: str) -> str:
    """The document of a screen."""
    for word, part in PARTS.items():
        screen = re.sub(rf"\b{word}\b", part, screen)
    return screen


async def shown(api: Api) -> dict[str, Json]:
    """What each screen cost, shown to somebody who has a bit of everything."""
    agnes, farid = await api.agency(), await api.freelancer()
    await agnes.buy(10)
    job = await agnes.new_job()
    invitation = await agnes.new_invitation(job, farid)
    proposal = await farid.new_proposal(job)
    entry = (await agnes.wallet("entries { nodes { id } }"))["entries"]["nodes"][0]["id"]
    variables: dict[str, Any] = {
        "account": agnes.account_id,
        "job": job,
        "freelancer": farid.freelancer_id,
        "ids": [job, farid.freelancer_id, proposal, invitation, entry] * 20,
    }
    costs = {}
    for name, screen in SCREENS.items():
        document = written(screen)
        given = {key: value for key, value in variables.items() if f"${key}:" in document}
        body = (await agnes.send(document, given)).json()
        assert "errors" not in body, (name, body["errors"])
        costs[name] = body["extensions"]["cost"]
    return costs


async def test_an_ordinary_screen_costs_a_fifth_of_what_may_be_asked_at_most(
    api: Api, subtests: pytest.Subtests
) -> None:
    costs = await shown(api)

    assert len(costs) == 14
    assert LARGEST_SCREEN * 5 == LARGEST_COST
    for name, cost in costs.items():
        with subtests.test(name):
            assert cost["requestedQueryCost"] <= NESTED.get(name, LARGEST_SCREEN)
            assert cost["actualQueryCost"] <= cost["requestedQueryCost"]
    # The limit follows from them: it is no larger than they need.
    dearest = max(cost["requestedQueryCost"] for name, cost in costs.items() if name not in NESTED)
    assert dearest > LARGEST_SCREEN * 0.8


async def test_what_lapses_is_no_longer_than_was_asked_for(
    api: Api, subtests: pytest.Subtests
) -> None:
    clara = await api.client()
    for _ in range(24):
        await clara.buy(10)
    document = """query($id: ID!, $first: Int) { node(id: $id) { ... on Account { wallet {
        expiring(withinDays: 400, first: $first) { connects at lot { id } } } } } }"""

    for first, lots in ((None, 20), (0, 0), (1, 1), (21, 21), (100, 25)):
        with subtests.test(first=first):
            body = (await clara.send(document, {"id": clara.account_id, "first": first})).json()

            expiring = body["data"]["node"]["wallet"]["expiring"]
            assert len(expiring) == lots
            assert [one["at"] for one in expiring] == sorted(one["at"] for one in expiring)
            cost = body["extensions"]["cost"]
            assert cost["actualQueryCost"] <= cost["requestedQueryCost"]
    for first in (-1, 101):
        with subtests.test(first=first):
            error = await clara.fail(document, id=clara.account_id, first=first)

            assert error["extensions"]["fields"][0]["path"] == ["first"]
