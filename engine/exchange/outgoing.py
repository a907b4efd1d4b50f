"""The one door for HTTP calls that leave the house: to where they may go, for how long, how much comes back."""

import ssl
from collections.abc import Callable, Iterable, Mapping
from contextlib import closing
from dataclasses import dataclass, field
from functools import cache
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from socket import SOCK_STREAM, create_connection, getaddrinfo
from urllib.parse import SplitResult, urlsplit

from engine.domain.errors import EngineError, Invalid
from engine.domain.words import Words
from engine.exchange.hanging_up import Watch

Address = IPv4Address | IPv6Address
#: Host and port -> addresses; `getaddrinfo` unless a test says otherwise.
Resolve = Callable[[str, int], list[str]]

#: Seconds until somebody answers, and until the answer is there.
TO_CONNECT, IN_ALL = 5.0, 15.0
#: Bytes of an answer.
MOST = 256 * 1024
#: Ports of addresses that nobody has allowed by name.
PUBLIC_PORTS = frozenset({443, 8443})
#: Ways into an IPv4 network that look like global IPv6: 6to4, NAT64, Teredo.
_WAYS_ROUND = tuple(map(ip_network, ("2002::/16", "64:ff9b::/96", "64:ff9b:1::/48", "2001::/32")))


class CallRefused(Invalid):
    """The address is one to which nothing is sent: not https, or within a network of ours."""

    slug = "call-refused"


class CallFailed(EngineError):
    """Nobody answered, or not in time, or not with an answer that can be taken."""

    slug = "call-failed"


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    headers: Mapping[str, str]  # names in lower case
    body: bytes

    @property
    def is_good(self) -> bool:
        return 200 <= self.status < 300


@dataclass(frozen=True, slots=True)
class Allowed:
    """Hosts and networks that may be called though they are private, on any port, without TLS."""

    hosts: frozenset[str] = frozenset()
    networks: tuple[IPv4Network | IPv6Network, ...] = ()

    @classmethod
    def read(cls, given: Iterable[str]) -> "Allowed":
        """From names and networks: `erp.city.example`, `10.1.0.0/16`. ValueError for what is neither."""
        hosts, networks = set(), []
        for each in given:
            try:
                networks.append(ip_network(each))
            except ValueError:
                if "/" in each or ":" in each:
                    raise ValueError(f"neither a host nor a network: {each!r}") from None
                hosts.add(each.lower())
        return cls(frozenset(hosts), tuple(networks))

    def names(self, host: str) -> bool:
        return host.lower().rstrip(".") in self.hosts

    def holds(self, address: Address) -> bool:
        return any(address in network for network in self.networks)


@cache
def _system_trust() -> ssl.SSLContext:
    """Whom the system trusts, read once in a process: it is some hundred certificates."""
    return ssl.create_default_context()


def _resolved(host: str, port: int) -> list[str]:
    return [str(found[4][0]) for found in getaddrinfo(host, port, type=SOCK_STREAM)]


@dataclass(frozen=True, slots=True)
class _Target:
    """Where a call goes: the name for the certificate, the address that was looked at."""

    parts: SplitResult
    host: str
    port: int
    address: str

    @property
    def path(self) -> str:
        return (self.parts.path or "/") + (f"?{self.parts.query}" if self.parts.query else "")


@dataclass(frozen=True)
class Outgoing:
    """Calls out. Redirects are not followed: where they lead nobody has looked at."""

    allowed: Allowed = field(default_factory=Allowed)
    resolve: Resolve = _resolved
    context: ssl.SSLContext = field(default_factory=_system_trust)

    def check(self, url: str) -> None:
        """CallRefused when nothing would be sent there now."""
        self._target(url, is_trusted=False)

    def send(
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str] | None = None,
        body: bytes | None = None,
        is_trusted: bool = False,
        in_all: float = IN_ALL,
    ) -> Answer:
        """The answer, whatever its status. `is_trusted`: the address comes from the settings of this
        installation, whose operator answers for it; all others must be public or allowed.

        Errors: CallRefused before anything is sent; CallFailed, also for an answer above MOST.
        """
        target = self._target(url, is_trusted=is_trusted)
        watch = Watch(in_all)
        connection = self._connection(target, in_all, watch)
        told = {"User-Agent": "Kunxin", "Accept": "application/json", **(headers or {})}
        try:
            with watch, closing(connection):
                connection.connect()
                connection.request(method, target.path, body, told)
                answer = _read(connection)
                if watch.has_hung_up:  # as far as it came it may look whole
                    raise TimeoutError("the answer did not come to an end")
                return answer
        except (OSError, HTTPException) as problem:
            cause = str(problem) or type(problem).__name__
            raise CallFailed(
                f"对方没有答复：{cause}", f"no answer from there: {cause}"
            ) from problem

    def _target(self, url: str, *, is_trusted: bool) -> _Target:
        parts, port = _parts(url)
        host = parts.hostname or ""
        is_free = is_trusted or self.allowed.names(host)
        try:
            found = [ip_address(each.partition("%")[0]) for each in self.resolve(host, port)]
        except (OSError, UnicodeError, ValueError):
            found = []
        if not found:
            raise _refused(Words(f"找不到主机 {host}。", f"the host {host} is not known"))
        free = is_free or all(self.allowed.holds(each) for each in found)
        if not free:
            _must_be_public(parts, port, found)
        return _Target(parts, host, port, str(found[0]))

    def _connection(self, target: _Target, in_all: float, watch: Watch) -> HTTPConnection:
        if target.parts.scheme == "https":
            return _PinnedTLS(target, watch, in_all, self.context)
        return _Pinned(target, watch, in_all)


def _parts(url: str) -> tuple[SplitResult, int]:
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise _refused(Words("网址无效。", "this is no address")) from None
    is_plain = url.isascii() and url.isprintable() and " " not in url
    if parts.scheme not in ("http", "https") or not parts.hostname or not is_plain:
        raise _refused(Words("网址无效。", "this is no address"))
    if parts.username is not None or parts.password is not None:
        raise _refused(Words("网址里不能有账号密码。", "no name and password in the address"))
    return parts, port or (443 if parts.scheme == "https" else 80)


def _must_be_public(parts: SplitResult, port: int, found: Iterable[Address]) -> None:
    if not all(map(_is_public, found)):
        raise _refused(
            Words(
                "不能发往本机或内部网络的地址。",
                "nothing is sent to this machine or private networks",
            )
        )
    if parts.scheme != "https" or port not in PUBLIC_PORTS:
        raise _refused(
            Words("只发往 https 的 443 或 8443 端口。", "only https, on port 443 or 8443")
        )


def _is_public(address: Address) -> bool:
    if isinstance(address, IPv6Address):
        if address.ipv4_mapped is not None:
            return _is_public(address.ipv4_mapped)
        if any(address in network for network in _WAYS_ROUND):
            return False
    return address.is_global and not address.is_multicast and not address.is_reserved


def _refused(why: Words) -> CallRefused:
    return CallRefused(why.zh, why.en, fields={"url": why})


class _Pinned(HTTPConnection):
    """Connects to the address that was looked at, whatever the name resolves to by now."""

    def __init__(self, target: _Target, watch: Watch, in_all: float) -> None:
        super().__init__(target.host, target.port, timeout=in_all)
        self._address, self._wait, self._watch = target.address, min(TO_CONNECT, in_all), watch

    def connect(self) -> None:
        self.sock = create_connection((self._address, self.port), self._wait)
        self._watch.over(self.sock)
        self.sock.settimeout(self.timeout)


class _PinnedTLS(HTTPSConnection):
    """The same with TLS; the certificate must be of the name."""

    def __init__(
        self, target: _Target, watch: Watch, in_all: float, context: ssl.SSLContext
    ) -> None:
        super().__init__(target.host, target.port, timeout=in_all, context=context)
        self._address, self._wait, self._watch = target.address, min(TO_CONNECT, in_all), watch
        self._tls = context

    def connect(self) -> None:
        plain = create_connection((self._address, self.port), self._wait)
        self._watch.over(plain)  # the handshake may be dripped, too
        try:
            self.sock = self._tls.wrap_socket(plain, server_hostname=self.host)
        except BaseException:
            plain.close()
            raise
        self.sock.settimeout(self.timeout)


def _read(connection: HTTPConnection) -> Answer:
    answer = connection.getresponse()
    body = answer.read(MOST + 1)
    if len(body) > MOST:
        raise HTTPException("the answer is too long")
    declared = answer.length  # what was announced and never came: hung up half way
    if declared:
        raise HTTPException("the answer ended half way")
    headers = {name.lower(): value for name, value in answer.getheaders()}
    return Answer(answer.status, headers, body)
