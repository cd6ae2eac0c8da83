"""Every list that grows can be read to its end, a page at a time, without gaps or repeats."""

from dataclasses import dataclass

import pytest

from tests.schema.callers import Api, Member


@dataclass(frozen=True)
class List:
    """The `field` of the node `id`, as one who may read it finds it, and what is in it."""

    reader: Member
    id: str
    field: str
    ids: list[str]


async def jobs(api: Api) -> List:
    clara = await api.client()
    ids = [await clara.new_job() for _ in range(5)]
    return List(clara, clara.account_id, "... on Account { list: jobs", ids)


async def proposals(api: Api) -> List:
    clara, farid = await api.client(), await api.freelancer()
    made = [await farid.propose(await clara.new_job()) for _ in range(5)]
    ids = [answer["proposal"]["id"] for answer in made]
    return List(farid, farid.account_id, "... on Account { list: proposals", ids)


async def invitations_received(api: Api) -> List:
    clara, farid = await api.client(), await api.freelancer()
    made = [await clara.invite(await clara.new_job(), farid, 1 + n // 2) for n in range(5)]
    ids = [answer["invitation"]["id"] for answer in made]
    return List(farid, farid.account_id, "... on Account { list: invitationsReceived", ids)


async def proposals_to_a_job(api: Api) -> List:
    clara = await api.client()
    job = await clara.new_job()
    made = [await (await api.freelancer(f"Farid{n}")).propose(job) for n in range(5)]
    return List(
        clara, job, "... on Job { list: proposals", [answer["proposal"]["id"] for answer in made]
    )


async def invitations_to_a_job(api: Api) -> List:
    clara = await api.client()
    job = await clara.new_job()
    made = [await clara.invite(job, await api.freelancer(f"Farid{n}")) for n in range(5)]
    ids = [answer["invitation"]["id"] for answer in made]
    return List(clara, job, "... on Job { list: invitations", ids)


async def lots(api: Api) -> List:
    clara = await api.client()
    wallet = await clara.wallet("id lots { nodes { id } }")
    made = [await clara.buy(10) for _ in range(4)]
    ids = [wallet["lots"]["nodes"][0]["id"], *(answer["purchase"]["lot"]["id"] for answer in made)]
    return List(clara, wallet["id"], "... on Wallet { list: lots", ids)


async def entries(api: Api) -> List:
    clara = await api.client()
    wallet = await clara.wallet("id entries { nodes { id } }")
    made = [await clara.post_job() for _ in range(4)]
    ids = [wallet["entries"]["nodes"][0]["id"], *(answer["entry"]["id"] for answer in made)]
    return List(clara, wallet["id"], "... on Wallet { list: entries", ids)


LISTS = (
    *(jobs, proposals, invitations_received),
    *(proposals_to_a_job, invitations_to_a_job, lots, entries),
)


async def test_a_list_is_read_to_its_end(api: Api, subtests: pytest.Subtests) -> None:
    for make in LISTS:
        with subtests.test(make.__name__):
            made = await make(api)

            assert sorted(await read_in_twos(made)) == sorted(made.ids)


async def read_in_twos(made: List) -> list[str]:
    ids: list[str] = []
    arguments = "first: 2"
    while True:
        selection = "nodes { id } edges { cursor } pageInfo { endCursor hasNextPage }"
        found = await made.reader.node(made.id, f"{made.field}({arguments}) {{ {selection} }} }}")
        page, info = found["list"], found["list"]["pageInfo"]
        ids += [node["id"] for node in page["nodes"]]
        assert info["endCursor"] == page["edges"][-1]["cursor"]
        if not info["hasNextPage"]:
            return ids
        arguments = f'first: 2, after: "{info["endCursor"]}"'
