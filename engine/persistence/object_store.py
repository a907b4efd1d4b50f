"""The file store in an object store that speaks S3: a bucket that any number of machines share.

The library is an optional extra (kunxin[objects]); without an address nothing of it is loaded.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from ssl import get_default_verify_paths
from typing import Any
from urllib.parse import parse_qs, urlsplit

import structlog

from engine.domain.errors import NotFound
from engine.persistence.file_store import key_of, missing, out_of_reach, whole

#: Seconds until a store that is silent counts as away; a person waits meanwhile.
CONNECT_WITHIN, ANSWER_WITHIN = 3, 20
#: Tries of one request in all.
TRIES = 2
#: Connections at once: threads of a web process or of the doctor.
CONNECTIONS = 16
_ABSENT = frozenset({"404", "NoSuchKey", "NotFound"})

_log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Bucket:
    """Where a bucket is. `is_virtual`: its name belongs before the host (OSS, OBS), not in the path."""

    endpoint: str
    name: str
    prefix: str
    region: str
    is_virtual: bool


def bucket_at(address: str) -> Bucket:
    """`https://host[:port]/bucket[/prefix][?region=…&addressing=virtual]`. ValueError otherwise."""
    told = urlsplit(address)
    name, _, prefix = told.path.strip("/").partition("/")
    asked = parse_qs(told.query, strict_parsing=bool(told.query))
    unknown = asked.keys() - {"region", "addressing"}
    is_whole = told.scheme in {"http", "https"} and told.hostname and name and not told.username
    addressing = asked.get("addressing", ["path"])[0]
    if not is_whole or unknown or addressing not in {"path", "virtual"}:
        raise ValueError("it is https://host/bucket[/prefix][?region=…&addressing=path|virtual]")
    return Bucket(
        endpoint=f"{told.scheme}://{told.netloc}",
        name=name,
        prefix=f"{prefix}/" if prefix else "",
        region=asked.get("region", ["us-east-1"])[0],
        is_virtual=addressing == "virtual",
    )


class ObjectStore:
    """A FileStore in a bucket, one object for each content: `<prefix><two digits>/<hash>`."""

    def __init__(self, client: Any, bucket: Bucket) -> None:
        self._client, self._bucket = client, bucket

    def put(self, content: bytes) -> str:
        """The store recomputes the SHA-256 that is signed with the request: what was changed on the
        way is refused by it."""
        key = key_of(content)
        if not self._is_there(key):
            with told_as_outage():
                self._client.put_object(**self._named(key), Body=content)
        return key

    def get(self, key: str) -> bytes:
        with told_as_outage():
            content = self._client.get_object(**self._named(key))["Body"].read()
        return whole(content, key)

    def holds(self, key: str) -> bool:
        try:
            self.get(key)
        except NotFound:
            return False
        return True

    def erase(self, key: str) -> None:
        with told_as_outage():
            self._client.delete_object(**self._named(key))

    def _is_there(self, key: str) -> bool:
        try:
            with told_as_outage():
                self._client.head_object(**self._named(key))
        except NotFound:
            return False
        return True

    def _named(self, key: str) -> dict[str, str]:
        return {"Bucket": self._bucket.name, "Key": f"{self._bucket.prefix}{key[:2]}/{key}"}


@contextmanager
def told_as_outage() -> Iterator[None]:
    """NotFound for an object that is not there; Unavailable for every other failure of the store: a
    wrong key or a missing bucket is mended by an administrator, who reads of it in the log."""
    from botocore.exceptions import BotoCoreError, ClientError, HTTPClientError  # noqa: PLC0415

    try:
        yield
    except ClientError as refused:
        code = str(refused.response.get("Error", {}).get("Code"))
        if code in _ABSENT:
            raise missing() from None
        _log.error("the object store refused", code=code)
        raise out_of_reach() from refused
    except (BotoCoreError, HTTPClientError) as failure:
        _log.error("the object store does not answer", problem=type(failure).__name__)
        raise out_of_reach() from failure


def open_object_store(address: str, key: str, secret: str) -> ObjectStore:
    """The store at an address of `bucket_at`.

    ValueError for another address; ModuleNotFoundError where the extra is not installed.
    """
    bucket = bucket_at(address)
    from boto3.session import Session  # noqa: PLC0415
    from botocore.config import Config  # noqa: PLC0415

    client = Session(aws_access_key_id=key, aws_secret_access_key=secret).client(
        "s3",
        endpoint_url=bucket.endpoint,
        region_name=bucket.region,
        # whom the system trusts, as in every other call; the library brings a list of its own
        verify=get_default_verify_paths().cafile,
        config=Config(
            connect_timeout=CONNECT_WITHIN,
            read_timeout=ANSWER_WITHIN,
            retries={"mode": "standard", "total_max_attempts": TRIES},
            max_pool_connections=CONNECTIONS,
            # newer checksums are refused by stores that are not Amazon's; the signed hash is ours
            request_checksum_calculation="when_required",
            response_checksum_validation="when_required",
            s3={
                "addressing_style": "virtual" if bucket.is_virtual else "path",
                "payload_signing_enabled": True,
            },
        ),
    )
    return ObjectStore(client, bucket)
