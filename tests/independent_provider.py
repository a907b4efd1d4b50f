"""An OpenID provider on loopback that shares no code with Kunxin: oidc-provider on Node.js, certified."""

from __future__ import annotations

import html
import json
import re
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, urljoin, urlsplit

import httpx

from engine.settings import ROOT
from tests import servers

FRONTEND = ROOT / "web/frontend"
PROGRAM = ROOT / "tests/independent_provider.mjs"
#: Pages and redirects between the question and its answer; more is going round in circles.
LONGEST_WAY = 12
_FORM = re.compile(r'<form[^>]* action="([^"]+)"')
_HIDDEN = re.compile(r'<input type="hidden" name="([^"]+)" value="([^"]*)"')


@dataclass
class Visitor:
    """A person's browser at the provider; it stays signed in there as browsers do."""

    line: httpx.Client = field(
        default_factory=lambda: httpx.Client(limits=httpx.Limits(max_keepalive_connections=0))
    )
    was_asked: list[str] = field(default_factory=list)  # login, consent, logout: pages it was shown

    def follow(self, address: str, back: str, **typed: str) -> str:
        """Go there and fill in every form until the provider sends the browser back; to where."""
        answer = self.line.get(address)
        for _ in range(LONGEST_WAY):
            if answer.has_redirect_location:
                target = urljoin(str(answer.url), answer.headers["Location"])
                if target.startswith(back):
                    return target
                answer = self.line.get(target)
            else:
                answer = self._submit(answer, typed)
        raise AssertionError(f"never sent back: {answer.url}")

    def _submit(self, page: httpx.Response, typed: Mapping[str, str]) -> httpx.Response:
        assert page.status_code == 200, page.text
        form = _FORM.search(page.text)
        assert form, page.text
        told = {name: html.unescape(value) for name, value in _HIDDEN.findall(page.text)}
        self.was_asked.append(told.get("prompt", "logout"))
        if typed.get("cancel"):
            return self.line.get(f"{html.unescape(form[1])}/abort")
        needed = typed if told.get("prompt") == "login" else {}
        signing_out = {"logout": "yes"} if "xsrf" in told else {}
        return self.line.post(
            urljoin(str(page.url), html.unescape(form[1])), data={**told, **needed, **signing_out}
        )


def brought_back(location: str) -> dict[str, str]:
    return {name: found[0] for name, found in parse_qs(urlsplit(location).query).items()}


@contextmanager
def served(
    people: Mapping[str, Mapping[str, Any]], clients: Sequence[Mapping[str, Any]]
) -> Iterator[str]:
    """Its issuer; gone at the end, and with whoever started it."""
    port = servers.free_port()
    told = json.dumps({"people": people, "clients": clients})
    command = ["sh", str(FRONTEND / "with-node.sh"), sys.executable, "node", str(PROGRAM)]
    with subprocess.Popen(
        [*command, str(port), told],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    ) as process:
        assert process.stdout is not None
        said = []
        for line in process.stdout:
            said.append(line)
            if line.strip() == "listening":
                break
        else:
            raise AssertionError("".join(said))
        try:
            yield f"http://127.0.0.1:{port}"
        finally:
            process.kill()
