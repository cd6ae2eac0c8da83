"""One process that sends a server the largest requests, on some connections, until it is stopped.

Its arguments: the server's host and port. Prints a line once each connection has had an answer.
"""

import http.client
import json
import sys
from itertools import count, cycle
from threading import Barrier, Thread

CONNECTIONS = 3
ALIASES = 50
VARIABLES = ("DE", 250), ("ZZ", 250), ("ZZ", 11_000), ("ZZ", 29_000), ("ZZ", 190_000)
HEADERS = {"content-type": "application/json"}


def searches(filter: str) -> str:
    return " ".join(
        f"a{number}: freelancers(filter: {filter}, first: 1) {{ nodes {{ id }} }}"
        for number in range(ALIASES)
    )


def bodies() -> list[bytes]:
    by_variables = [
        {
            "query": f"query($f: FreelancerFilter) {{ {searches('$f')} }}",
            "variables": {"f": {"countries": [word] * times}},
        }
        for word, times in VARIABLES
    ]
    some, many = (json.dumps(["ZZ"] * times) for times in (80, 4_900))
    by_literals = [
        {"query": f"{{ {searches(f'{{countries: {some}}}')} }}"},
        {"query": f"{{ freelancers(filter: {{countries: {many}}}) {{ nodes {{ id }} }} }}"},
    ]
    return [json.dumps(body).encode() for body in (*by_variables, *by_literals)]


def attack(host: str, port: int, begun: Barrier) -> None:
    connection = http.client.HTTPConnection(host, port, timeout=60)
    for number, body in zip(count(), cycle(bodies())):
        connection.request("POST", "/graphql", body, HEADERS)
        answer = connection.getresponse()
        answer.read()
        assert answer.status in (200, 400, 413), answer.status
        if number == 0:
            begun.wait()


def main() -> None:
    host, port = sys.argv[1:]
    begun = Barrier(CONNECTIONS + 1)
    for _ in range(CONNECTIONS):
        Thread(target=attack, args=(host, int(port), begun), daemon=True).start()
    begun.wait()
    sys.stdout.write("begun\n")
    sys.stdout.flush()
    sys.stdin.read()


if __name__ == "__main__":
    main()
