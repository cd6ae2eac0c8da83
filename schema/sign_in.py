"""Who a request comes from, by its Authorization header or, without one, by its address."""

import math
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from ipaddress import IPv6Address, ip_address
from typing import Final

from resolvers.people.tokens import BadTokenError, TokenRules, read_token
from resolvers.people.users import signed_in
from resolvers.services import Services
from schema.context import ConnectsCaller, ConnectsContext
from schema.newcomers import Newcomers, Openings, Origin
from serving.application import Unauthenticated
from serving.operations.throttle import Rate, Throttled

REMEMBERED: Final = 10_000


class SignIn:
    """Tells callers. `rules` say which tokens are good.

    `newcomers` is how many new users may come from one address, and again how many accounts may be
    opened from one; None for any number. Remembers the latest callers by their headers, so that a
    signature is checked and a user looked for once.
    """

    def __init__(
        self, services: Services, rules: TokenRules, newcomers: Rate | None = None
    ) -> None:
        self._services = services
        self._rules = rules
        self._new_users = Newcomers(newcomers, services.clock) if newcomers else None
        self._new_accounts = Newcomers(newcomers, services.clock) if newcomers else None
        self._being_made: Counter[str] = Counter()
        """How many requests make the user of each subject this moment."""
        self._remembered: dict[str, tuple[int, ConnectsCaller]] = {}

    def known(self, authorization: str | None) -> ConnectsCaller | None:
        """The caller of a header that was seen before, as long as its token is good."""
        if authorization is None or (found := self._remembered.get(authorization)) is None:
            return None
        expires_at, caller = found
        return caller if expires_at > self._services.clock() else None

    def nobody_at(self, host: str | None) -> ConnectsCaller:
        """Whoever comes from there without a token."""
        return ConnectsCaller(None, None, _network(host))

    def context(
        self, caller: ConnectsCaller, request_id: str, last_event_id: str | None = None
    ) -> ConnectsContext:
        return ConnectsContext(self._services, caller, request_id, [], last_event_id)

    async def caller(self, authorization: str | None, host: str | None) -> ConnectsCaller:
        """Raises Unauthenticated for a bad token, and a Refusal where the ledger is busy.

        Throttled for a new user where too many have come lately; then none is made.
        """
        if authorization is None:
            return self.nobody_at(host)
        return self.known(authorization) or await self._new(authorization, _network(host))

    async def _new(self, authorization: str, address: str) -> ConnectsCaller:
        scheme, _, token = authorization.partition(" ")
        if scheme.lower() != "bearer" or not token.strip():
            raise Unauthenticated("The header must read Authorization: Bearer TOKEN.")
        try:
            claims = read_token(self._rules, token.strip(), self._services.clock())
        except BadTokenError as error:
            raise Unauthenticated(str(error)) from error
        origin = Origin(address, claims.issuer)
        counted = partial(self._counted, claims.subject, origin)
        user = await signed_in(self._services, claims, counted)
        openings = None
        if self._new_accounts is not None:
            openings = Openings(self._new_accounts, origin, self._services.clock)
        caller = ConnectsCaller(user, claims.expires_at, address, openings)
        self._remembered[authorization] = (claims.expires_at, caller)
        if len(self._remembered) > REMEMBERED:
            del self._remembered[next(iter(self._remembered))]
        return caller

    @contextmanager
    def _counted(self, subject: str, origin: Origin) -> Iterator[None]:
        """Counts the user that is made within: once, however many requests come first together.

        Raises Throttled where there is no room for one more.
        """
        is_first = subject not in self._being_made
        if is_first:
            self._admit(origin)
        self._being_made[subject] += 1
        try:
            yield
        except Exception:
            if is_first and self._new_users is not None:
                self._new_users.take_back(origin)
            raise
        finally:
            self._being_made[subject] -= 1
            if not self._being_made[subject]:
                del self._being_made[subject]

    def _admit(self, origin: Origin) -> None:
        full = self._new_users.admit(origin) if self._new_users else None
        if full is not None:
            raise Throttled(
                f"Too many new users come from this {full.place}. "
                f"Try again in {math.ceil(full.wait)} s.",
                full.wait,
            )


def _network(host: str | None) -> str:
    """The address, or its first half: whoever has one IPv6 address has 2**64."""
    try:
        address = ip_address(host or "")
    except ValueError:
        return host or ""
    if isinstance(address, IPv6Address):
        if address.ipv4_mapped is not None:
            return str(address.ipv4_mapped)
        return str(IPv6Address(int(address) >> 64 << 64))
    return str(address)
