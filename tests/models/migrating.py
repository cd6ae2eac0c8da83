"""One process that migrates a database when it is told to, and names what it applied."""

from models.migrate import migrate
from models.store.database import open_database
from models.store.statements import both
from tests.processes import Go, run


async def work(go: Go, arguments: list[str]) -> list[str]:
    (url,) = arguments
    await go()
    database = await open_database(url)
    try:
        applied = await migrate(database, url)
        await database.fetch(both("SELECT count(*) FROM wallet"))
        return applied
    finally:
        await database.close()


if __name__ == "__main__":
    run(work)
