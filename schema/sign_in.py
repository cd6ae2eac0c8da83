"""Who a request comes from, by its Authorization header or, without one, by its address."""

from ipaddress import IPv6Address, ip_address
from typing import Final

from resolvers.authentication import Unauthenticated, read_token
from resolvers.services import Services
from resolvers.users import signed_in
from schema.context import Caller

REMEMBERED: Final = 10_000


class SignIn:
    """Tells callers. `secret` is what their tokens are signed with.

    Remembers the latest callers by their headers, so that a signature is checked and a user looked
    for once.
    """

    def __init__(self, services: Services, secret: str) -> None:
        self._services = services
        self._secret = secret
        self._remembered: dict[str, tuple[int, Caller]] = {}

    def known(self, authorization: str | None) -> Caller | None:
        """The caller of a header that was seen before, as long as its token is good."""
        if authorization is None or (found := self._remembered.get(authorization)) is None:
            return None
        expires_at, caller = found
        return caller if expires_at > self._services.clock() else None

    async def caller(self, authorization: str | None, host: str | None) -> Caller:
        """Raises Unauthenticated for a bad token, and a Refusal where the ledger is busy."""
        if authorization is None:
            return nobody_at(host)
        return self.known(authorization) or await self._new(authorization, host or "")

    async def _new(self, authorization: str, host: str) -> Caller:
        scheme, _, token = authorization.partition(" ")
        if scheme.lower() != "bearer" or not token.strip():
            raise Unauthenticated("The header must read Authorization: Bearer TOKEN.")
        claims = read_token(self._secret, token.strip(), self._services.clock())
        caller = Caller(await signed_in(self._services, claims), claims.expires_at, host)
        self._remembered[authorization] = (claims.expires_at, caller)
        if len(self._remembered) > REMEMBERED:
            del self._remembered[next(iter(self._remembered))]
        return caller


def nobody_at(host: str | None) -> Caller:
    """Whoever comes from there without a token."""
    return Caller(None, None, _network(host))


def _network(host: str | None) -> str:
    """The address, or its first half: whoever has one IPv6 address has 2**64."""
    try:
        address = ip_address(host or "")
    except ValueError:
        return host or ""
    if isinstance(address, IPv6Address):
        return str(IPv6Address(int(address) >> 64 << 64))
    return str(address)
