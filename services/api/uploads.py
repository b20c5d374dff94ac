"""Files that people upload by a form, streamed into a temporary file with bounds; the token of the
form stands before the file and is checked before a byte of it is kept."""

import asyncio
import tempfile
from typing import Any, BinaryIO, Final, cast

import msgspec
from multipart import MultipartError, MultipartSegment, PushMultipartParser, parse_options_header

from domain.errors import Article20Error
from services.api.access import CSRF_FIELD, Access
from services.api.problems import ForgedRequest
from services.api.requests import (
    BodyTooLarge,
    BodyTooSlow,
    ClientGone,
    UnsupportedMediaType,
    header,
)

MULTIPART: Final = "multipart/form-data"
FIELD_BYTES_MAX: Final = 4096
FIELDS_MAX: Final = 8
SPOOLED_BYTES_MAX: Final = 1024 * 1024
NAME_CHARS_MAX: Final = 200


class NoFile(Article20Error):
    """No file was chosen. Choose one, then send it."""

    slug, status = "no-upload", 422


class Upload(msgspec.Struct, frozen=True):
    """A file that was uploaded: its name as its sender has it, and its content; whoever takes it
    closes it."""

    filename: str
    file: BinaryIO


async def read_upload(
    scope: Any, receive: Any, access: Access, cookie: str, *, bytes_max: int, seconds_max: float
) -> Upload:
    """The one file of a form; ForgedRequest where the token is not that of the session,
    BodyTooLarge and BodyTooSlow where it breaks a bound, NoFile where there is none."""
    kind, options = parse_options_header(header(scope, b"content-type") or "")
    boundary = options.get("boundary", "")
    if kind != MULTIPART or not boundary:
        raise UnsupportedMediaType(allowed=MULTIPART)
    taking = _Taking(access, cookie, bytes_max)
    try:
        async with asyncio.timeout(seconds_max):
            with PushMultipartParser(
                boundary, max_segment_count=FIELDS_MAX, max_segment_size=bytes_max
            ) as parser:
                more = True
                while more and not parser.closed:
                    message = await receive()
                    if message["type"] != "http.request":
                        raise ClientGone()
                    more = message.get("more_body", False)
                    if body := message.get("body", b""):
                        for event in parser.parse(body):
                            taking.take(event)
        return taking.upload()
    except TimeoutError:
        raise BodyTooSlow(seconds_max=seconds_max) from None
    except MultipartError as error:
        if "size" in str(error).lower():
            raise BodyTooLarge(bytes_max=bytes_max) from None
        raise NoFile() from None
    finally:
        taking.close()


class _Taking:
    """Takes the parts of a form as they come: fields within bounds, then one file."""

    def __init__(self, access: Access, cookie: str, bytes_max: int) -> None:
        self.access, self.cookie, self.bytes_max = access, cookie, bytes_max
        self.is_ours = False
        self.segment: MultipartSegment | None = None
        self.field = bytearray()
        self.size = 0
        self.name = ""
        self.file: Any = None

    def take(self, event: Any) -> None:
        """One event of the parser."""
        if isinstance(event, MultipartSegment):
            self.segment, self.field = event, bytearray()
            if event.filename is not None:
                self._begin(event.filename)
        elif event is None:
            self._end()
        elif self.segment is not None and self.segment.filename is not None:
            self.size += len(event)
            if self.size > self.bytes_max:
                raise BodyTooLarge(bytes_max=self.bytes_max)
            self.file.write(event)
        else:
            self.field += event
            if len(self.field) > FIELD_BYTES_MAX:
                raise BodyTooLarge(bytes_max=FIELD_BYTES_MAX)

    def upload(self) -> Upload:
        """The file, once everything came."""
        if not self.is_ours:
            raise ForgedRequest()
        if self.file is None or not self.name:
            raise NoFile()
        file, self.file = self.file, None
        file.seek(0)
        return Upload(self.name, cast(BinaryIO, file))

    def close(self) -> None:
        """Let go of what was not handed on."""
        if self.file is not None:
            self.file.close()

    def _begin(self, filename: str) -> None:
        if not self.is_ours or self.file is not None:
            raise ForgedRequest()
        bare = filename.replace("\\", "/").rpartition("/")[2]
        self.name = "".join(c for c in bare if c.isprintable())[:NAME_CHARS_MAX]
        # Handed on to whoever reads it in the background.
        self.file = tempfile.SpooledTemporaryFile(  # noqa: SIM115  # who reads it closes it
            max_size=SPOOLED_BYTES_MAX
        )

    def _end(self) -> None:
        named = self.segment is not None and self.segment.name == CSRF_FIELD
        if named:
            token = self.field.decode("ascii", "replace")
            self.is_ours = self.access.is_token_of(self.cookie, token)
        self.segment = None
