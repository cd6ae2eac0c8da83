"""Who a request comes from, by its Authorization header or, without one, by its address."""

from ipaddress import IPv6Address, ip_address

from resolvers.authentication import TokenReader, Unauthenticated
from resolvers.services import Services
from resolvers.users import Users
from schema.context import Caller


class SignIn:
    """Tells callers. `secret` is what their tokens are signed with."""

    def __init__(self, services: Services, secret: str) -> None:
        self._clock = services.clock
        self._tokens = TokenReader(secret)
        self._users = Users(services)

    async def caller(self, authorization: str | None, host: str | None) -> Caller:
        """Raises Unauthenticated for a bad token, and a Refusal where the ledger is busy."""
        if authorization is None:
            return Caller(None, None, _network(host))
        scheme, _, token = authorization.partition(" ")
        if scheme.lower() != "bearer" or not token.strip():
            raise Unauthenticated("The header must read Authorization: Bearer TOKEN.")
        claims = self._tokens.read(token.strip(), self._clock())
        return Caller(await self._users.signed_in(claims), claims.expires_at, host or "")


def _network(host: str | None) -> str:
    """The address, or its first half: whoever has one IPv6 address has 2**64."""
    try:
        address = ip_address(host or "")
    except ValueError:
        return host or ""
    if isinstance(address, IPv6Address):
        return str(IPv6Address(int(address) >> 64 << 64))
    return str(address)
