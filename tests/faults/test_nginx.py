"""deploy/nginx.conf in front of the web, on loopback; run by `make test-faults` where nginx is."""

from __future__ import annotations

import http.client
import re
import shutil
import socket
import ssl
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import pytest

from engine.settings import ROOT
from tests import servers
from tests.faults.city import City, Program, open_city, wait_for

NGINX = shutil.which("nginx") or next(iter(map(str, Path("/usr/sbin").glob("nginx"))), "")
HOST = "credit.example.gov.cn"
NAME = "wangxiaoming"

pytestmark = [
    pytest.mark.heavy,
    pytest.mark.skipif(not NGINX, reason="NOT TESTED: no nginx here"),
]

AROUND = """
daemon off; master_process off; pid {folder}/nginx.pid; error_log stderr;
events {{}}
http {{
    include /etc/nginx/mime.types;
    client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/f; uwsgi_temp_path {folder}/u; scgi_temp_path {folder}/s;
    include {folder}/site.conf;
}}
"""


@dataclass(frozen=True)
class Proxy:
    city: City
    folder: Path
    open_port: int
    port: int
    web: Program

    def configure(self) -> None:
        """The example with this machine's ports, places and certificate, and nothing else changed."""
        site = (ROOT / "deploy/nginx.conf").read_text("utf-8")
        for example, here in {
            "server 127.0.0.1:8000;": f"server 127.0.0.1:{self.city.port};",
            "listen 80;": f"listen 127.0.0.1:{self.open_port};",
            "listen 443 ": f"listen 127.0.0.1:{self.port} ",
            "/etc/ssl/kunxin/": f"{self.folder}/",
            "/opt/kunxin/": f"{ROOT}/",
            "/var/log/nginx/": f"{self.folder}/",
        }.items():
            assert example in site, example
            site = site.replace(example, here)
        (self.folder / "site.conf").write_text(site)
        (self.folder / "nginx.conf").write_text(AROUND.format(folder=self.folder))
        subprocess.run(
            ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2",
             "-subj", f"/CN={HOST}", "-addext", f"subjectAltName=DNS:{HOST}",
             "-keyout", self.folder / "privkey.pem", "-out", self.folder / "fullchain.pem"],
            check=True, capture_output=True,
        )  # fmt: skip

    @property
    def command(self) -> list[str]:
        return [NGINX, "-e", "stderr", "-c", str(self.folder / "nginx.conf")]

    def ask(
        self,
        method: str,
        path: str,
        headers: Mapping[str, str] | None = None,
        body: bytes | None = None,
    ) -> http.client.HTTPResponse:
        """An answer over TLS, its body read."""
        trusted = ssl.create_default_context(cafile=str(self.folder / "fullchain.pem"))
        line = http.client.HTTPSConnection(HOST, self.port, timeout=60, context=trusted)
        raw = socket.create_connection(("127.0.0.1", self.port), 60)
        line.sock = trusted.wrap_socket(raw, server_hostname=HOST)
        with closing(line):
            line.request(method, path, body, dict(headers or {}))
            answer = line.getresponse()
            answer.read()
            return answer


@pytest.fixture
def proxy(tmp_path: Path) -> Iterator[Proxy]:
    try:
        with open_city() as city:
            city.settings["KUNXIN_TRUSTED_PROXIES"] = "1"
            with city.web() as web:
                found = Proxy(city, tmp_path, servers.free_port(), servers.free_port(), web)
                found.configure()
                with subprocess.Popen(found.command, stderr=subprocess.PIPE) as process:
                    try:
                        wait_for(lambda: is_open(found.port), "nginx")
                        yield found
                    finally:
                        process.terminate()
                        process.communicate(timeout=60)
    except servers.ServerMissing as missing:
        pytest.fail(str(missing))


def is_open(port: int) -> bool:
    with socket.socket() as line:
        return line.connect_ex(("127.0.0.1", port)) == 0


def test_nginx_takes_the_example_and_keeps_what_it_says(proxy: Proxy) -> None:
    plain = http.client.HTTPConnection("127.0.0.1", proxy.open_port, timeout=60)
    with closing(plain):
        plain.request("GET", "/track?x=1", headers={"Host": HOST})
        answer = plain.getresponse()
        assert (answer.status, answer.headers["Location"]) == (301, f"https://{HOST}/track?x=1")
        answer.read()
        plain.request("GET", "/api/v1/me", headers={"Host": HOST})
        assert plain.getresponse().status == 403  # a token was sent in the clear: not led on

    assert proxy.ask("GET", "/readyz").status == 200
    page = proxy.ask("GET", "/")
    assert page.status in (200, 302)
    assert "nginx/" not in page.headers.get("Server", "")
    style = proxy.ask("GET", "/static/kunxin.css", {"Accept-Encoding": "gzip"})
    assert (style.status, style.headers["X-Content-Type-Options"]) == (200, "nosniff")
    assert (style.headers["Content-Encoding"], style.headers["Vary"]) == ("gzip", "Accept-Encoding")
    assert style.headers["Cache-Control"] == "public, max-age=3600"
    named = proxy.ask("GET", "/static/kunxin.css?v=0123456789ab")
    assert named.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    shown = proxy.ask("GET", "/login", {"Accept-Encoding": "gzip"})
    assert "Content-Encoding" not in shown.headers  # its length would tell of the secrets in it
    assert proxy.ask("GET", "/static/../settings.py").status in (400, 404)
    assert proxy.ask("GET", "/metrics").status == 403
    assert proxy.ask("POST", "/login", body=b"x" * (25 << 20)).status == 413

    looked_for(proxy)
    signing_in = proxy.ask("GET", "/login").headers
    assert "Strict-Transport-Security" in signing_in  # the web knows that the browser came by https
    assert hurried(proxy).count(429) > 0
    assert proxy.ask("GET", "/readyz").status == 200  # others are not held back


def test_nginx_says_in_the_form_of_who_asks_that_the_web_is_away(proxy: Proxy) -> None:
    proxy.web.end()
    page = proxy.ask("GET", "/desk")
    assert (page.status, page.headers["Retry-After"]) == (503, "5")
    assert page.headers["Content-Type"] == "text/html; charset=utf-8"
    assert page.headers["Cache-Control"] == "no-store"
    told = proxy.ask("GET", "/api/v1/me")
    assert (told.status, told.headers["Content-Type"]) == (503, "application/problem+json")
    too_large = proxy.ask("POST", "/api/v1/cases", body=b"x" * (25 << 20))
    assert (too_large.status, too_large.headers["Content-Type"]) == (
        413,
        "application/problem+json",
    )
    assert proxy.ask("GET", "/away.html").status == 404  # not by its address
    assert proxy.ask("GET", "/static/kunxin.css").status == 200


def looked_for(proxy: Proxy) -> None:
    """What somebody searched for is in no log, its request is."""
    headers = {"Referer": f"https://{HOST}/track?q={NAME}"}
    proxy.ask("GET", f"/verify?number={NAME}", headers)
    proxy.ask("GET", f"/static/nothing.css?q={NAME}", headers)
    logged = "".join(path.read_text() for path in proxy.folder.glob("*.log"))
    assert re.search(r" GET /verify (200|302) ", logged), logged
    assert " POST /login 413 " in logged  # what was asked, not the page that is shown for it
    assert NAME not in logged


def hurried(proxy: Proxy) -> list[int]:
    """Somebody who signs in again and again, each time as if from elsewhere."""
    return [
        proxy.ask("GET", "/login", {"X-Forwarded-For": f"203.0.113.{number}"}).status
        for number in range(60)
    ]
