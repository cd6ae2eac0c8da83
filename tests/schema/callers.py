"""People who use the API over HTTP, as a front end would: GraphQL in, JSON out."""

import json
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from typing import Any
from uuid import uuid4

import httpx
from graphql import GraphQLSchema
from tortoise.models import Model

from models.rules.instants import FOREVER
from models.store.ledger_tables import IDEMPOTENCY
from models.store.statements import table_of
from models.tables import User
from resolvers.payments import PaymentProvider
from resolvers.people.tokens import TokenRules, issue_token
from resolvers.services import Services
from schema.errors import describe
from schema.schema import schema
from schema.sign_in import SignIn
from serving.operations.documents import Documents
from serving.operations.operations import DEADLINE_SECONDS, Operations
from serving.operations.persisted import PersistedDocuments
from serving.operations.quotas import Quotas
from serving.operations.throttle import Rate, Throttle
from serving.transport.http import GraphQLEndpoint
from tests.books import dump
from tests.schema.graphql_texts import MUTATIONS

Json = dict[str, Any]

SECRET = "a secret of the tests, long enough for HS256"
RULES = TokenRules(SECRET)
WEB_DEVELOPER = {
    "title": "Web developer",
    "skills": ["html", "python"],
    "email": "farid@example.com",
    "phone": "+49 30 1234567",
}
INTERNAL = re.compile(
    r"Traceback|<class|object at 0x|asyncpg|sqlite3|tortoise|\b[A-Z][A-Za-z]+Error\b"
)
"""What betrays how the server is made: stack traces, drivers, and exceptions of Python."""

BY_REFUSALS_TOO = (table_of(User), IDEMPOTENCY)
"""Tables that a refused call may write to: who signed in, and that it was refused."""


def replayed(message: str) -> str:
    """The message of a refusal that is remembered."""
    return f"When this key was first used: {message} To ask again, use a new key."


@dataclass(frozen=True)
class Caller:
    """Somebody who calls the API; nobody in particular without a token."""

    http: httpx.AsyncClient
    token: str | None

    async def send(self, document: str, variables: object = None) -> httpx.Response:
        # Not httpx's own `json=`: it cannot write half a surrogate pair, and some tests must.
        return await self.post(json.dumps({"query": document, "variables": variables}))

    async def post(self, body: str | bytes, **headers: str) -> httpx.Response:
        signed = {} if self.token is None else {"authorization": f"Bearer {self.token}"}
        given = {name.replace("_", "-"): value for name, value in headers.items()}
        everything = {"content-type": "application/json", **signed, **given}
        return await self.http.post("/graphql", content=body, headers=everything)

    async def ask(self, document: str, /, **variables: object) -> Any:
        """The data of an answer without errors."""
        body = (await self.send(document, variables)).json()
        assert "errors" not in body, body
        return body["data"]

    async def fail(self, document: str, /, **variables: object) -> Json:
        """The only error of an answer."""
        body = (await self.send(document, variables)).json()
        (error,) = body["errors"]
        assert isinstance(error, dict)
        return error

    async def node(self, id: str, selection: str = "__typename") -> Any:
        """The node, or None for those who may not see it."""
        return (await self.ask(f"query($id: ID!) {{ node(id: $id) {{ {selection} }} }}", id=id))[
            "node"
        ]

    async def mutate(self, name: str, /, **input: object) -> Any:
        """What a mutation answers: a member of its union. A key is made up if none is given."""
        keyed = {"idempotencyKey": uuid4().hex, **input}
        return (await self.ask(MUTATIONS[name], input=keyed))[name]

    async def package(self, connects: int) -> str:
        """The id of the package of so many Connects."""
        data = await self.ask("{ connectsPackages { id connects } }")
        ids: dict[int, str] = {p["connects"]: p["id"] for p in data["connectsPackages"]}
        return ids[connects]


@dataclass(frozen=True)
class Member(Caller):
    """Somebody with an account. `freelancer_id` is None where it has no profile."""

    account_id: str
    freelancer_id: str | None

    async def post_job(self, **input: object) -> Any:
        job = {"accountId": self.account_id, "title": "A website", "description": "Ten pages."}
        return await self.mutate("postJob", **(job | input))

    async def propose(self, job_id: str, **input: object) -> Any:
        proposal = {"accountId": self.account_id, "jobId": job_id, "coverLetter": "I would."}
        return await self.mutate("submitProposal", **(proposal | input))

    async def invite(self, job_id: str, guest: "Member", connects: int = 1, **input: object) -> Any:
        invitation = {"jobId": job_id, "freelancerId": guest.freelancer_id, "connects": connects}
        return await self.mutate("inviteFreelancer", **(invitation | input))

    async def contact(self, freelancer: "Member", **input: object) -> Any:
        contact = {"accountId": self.account_id, "freelancerId": freelancer.freelancer_id}
        return await self.mutate("contactFreelancer", **(contact | input))

    async def buy(self, connects: int = 10, **input: object) -> Any:
        """Buys the package of so many Connects."""
        package = input.get("packageId") or await self.package(connects)
        purchase = {"accountId": self.account_id, "packageId": package}
        return await self.mutate("buyConnects", **(purchase | input))

    async def cancel(self, job_id: str, **input: object) -> Any:
        return await self.mutate("cancelJob", jobId=job_id, **input)

    async def award(self, job_id: str, proposal_id: str, **input: object) -> Any:
        return await self.mutate("awardJob", jobId=job_id, proposalId=proposal_id, **input)

    async def withdraw(self, proposal_id: str, **input: object) -> Any:
        return await self.mutate("withdrawProposal", proposalId=proposal_id, **input)

    async def boost(self, proposal_id: str, connects: int, **input: object) -> Any:
        boost = {"proposalId": proposal_id, "connects": connects}
        return await self.mutate("boostProposal", **(boost | input))

    async def withdraw_boost(self, proposal_id: str, **input: object) -> Any:
        return await self.mutate("withdrawBoost", proposalId=proposal_id, **input)

    async def respond(self, invitation_id: str, response: str, **input: object) -> Any:
        answer = {"invitationId": invitation_id, "response": response}
        return await self.mutate("respondToInvitation", **(answer | input))

    async def new_proposal(self, job_id: str) -> str:
        """The id of a proposal just submitted."""
        proposal_id = (await self.propose(job_id))["proposal"]["id"]
        assert isinstance(proposal_id, str)
        return proposal_id

    async def new_invitation(self, job_id: str, guest: "Member", connects: int = 1) -> str:
        """The id of an invitation just sent."""
        invitation_id = (await self.invite(job_id, guest, connects))["invitation"]["id"]
        assert isinstance(invitation_id, str)
        return invitation_id

    async def status(self, id: str) -> str:
        """Where a job, a proposal or an invitation stands this instant."""
        statuses = " ".join(
            f"... on {name} {{ {name.lower()}: status }}"
            for name in ("Job", "Proposal", "Invitation")
        )
        (status,) = (await self.node(id, statuses)).values()
        assert isinstance(status, str)
        return status

    async def new_job(self) -> str:
        """The id of a job just posted."""
        job_id = (await self.post_job())["job"]["id"]
        assert isinstance(job_id, str)
        return job_id

    async def wallet(self, selection: str) -> Any:
        account = await self.node(self.account_id, f"... on Account {{ wallet {{ {selection} }} }}")
        return account["wallet"]

    async def available(self) -> int:
        available = (await self.wallet("available"))["available"]
        assert isinstance(available, int)
        return available


def operations_on(
    graphql_schema: GraphQLSchema,
    *,
    introspection: bool = True,
    persisted: PersistedDocuments | None = None,
    throttle: Throttle | None = None,
    quotas: Quotas | None = None,
    deadline: float = DEADLINE_SECONDS,
) -> Operations:
    """The operations of a server on that schema; without more it keeps nobody from anything."""
    documents = Documents(graphql_schema, introspection=introspection)
    return Operations(
        graphql_schema,
        documents,
        persisted or PersistedDocuments(),
        throttle,
        describe,
        quotas=quotas,
        deadline=deadline,
    )


@dataclass(frozen=True)
class Api:
    """The API on a database of its own, and the people who come to it."""

    services: Services
    http: httpx.AsyncClient
    endpoint: GraphQLEndpoint

    @classmethod
    def of(
        cls,
        services: Services,
        operations: Operations | None = None,
        *,
        rules: TokenRules = RULES,
        newcomers: Rate | None = None,
    ) -> "Api":
        sign_in = SignIn(services, rules, newcomers)
        endpoint = GraphQLEndpoint(sign_in, operations or operations_on(schema._schema))
        http = httpx.AsyncClient(
            transport=httpx.ASGITransport(endpoint),
            base_url="http://test",
            event_hooks={"response": [_shows_nothing_internal]},
        )
        return cls(services, http, endpoint)

    def with_operations(self, **operations: Any) -> "Api":
        """The same API, with other limits on its operations."""
        return Api.of(self.services, operations_on(schema._schema, **operations))

    def paid_by(self, payments: PaymentProvider | None) -> "Api":
        """The same API with another payment company."""
        return Api.of(replace(self.services, payments=payments))

    @property
    def nobody(self) -> Caller:
        return Caller(self.http, None)

    def somebody(self, name: str) -> Caller:
        """A person who is signed in, and has no account unless they had one before."""
        email = f"{name.lower()}@example.com"
        return Caller(self.http, issue_token(SECRET, name, FOREVER, name=name, email=email))

    async def client(self, name: str = "Clara") -> Member:
        return await self._member(name, kind="CLIENT")

    async def freelancer(self, name: str = "Farid", profile: object = WEB_DEVELOPER) -> Member:
        return await self._member(name, kind="FREELANCER", profile=profile)

    async def agency(self, name: str = "Agnes") -> Member:
        return await self._member(name, kind="AGENCY", profile=WEB_DEVELOPER)

    @asynccontextmanager
    async def unchanged(self, *but: type[Model]) -> AsyncIterator[None]:
        """What happens inside must leave every row as it is, and make none, `but` of these."""
        without = (*BY_REFUSALS_TOO, *map(table_of, but))
        before = await dump(self.services.database, without=without)
        yield
        assert await dump(self.services.database, without=without) == before

    async def _member(self, name: str, /, **account: object) -> Member:
        person = self.somebody(name)
        opened = await person.mutate("openAccount", name=f"{name}'s", **account)
        account_id = opened["account"]["id"]
        profile = opened["account"]["freelancer"]
        return Member(self.http, person.token, account_id, profile["id"] if profile else None)


async def _shows_nothing_internal(answer: httpx.Response) -> None:
    await answer.aread()
    assert not INTERNAL.search(answer.text), answer.text
