"""Secrets at rest: sealed with keys made from the secret key of the installation; it never logs or
shows one."""

import hashlib
import hmac
import os
import secrets
from base64 import urlsafe_b64encode
from pathlib import Path
from typing import Final

from cryptography.fernet import Fernet, InvalidToken, MultiFernet

from domain.errors import Article20Error, SetupRefused

KEY_FILE: Final = "secret_key"


class Unsealable(Article20Error):
    """What was sealed for {purpose} cannot be opened with the secret key at hand. Give the key it
    was sealed with as ARTICLE20_SECRET_KEY or ARTICLE20_SECRET_KEY_PREVIOUS, or make it anew."""

    slug, status = "unsealable", 500


class Sealer:
    """Seals and opens short secrets; each is bound to the purpose it was sealed for."""

    def __init__(self, secret_key: str, previous: str = "") -> None:
        keys = [key for key in (secret_key, previous) if key]
        self._fernet = MultiFernet(
            [Fernet(urlsafe_b64encode(_derived(key, "sealing"))) for key in keys]
        )
        self.signing_key = _derived(secret_key, "signing")
        """For signing what comes back by itself, such as the tokens of forms."""

    def seal(self, purpose: str, secret: bytes) -> bytes:
        """The sealed form, to be kept."""
        return self._fernet.encrypt(f"{purpose}\0".encode() + secret)

    def open(self, purpose: str, sealed: bytes) -> bytes:
        """The secret; Unsealable when the key is another one or the purpose does not fit."""
        try:
            bound, _, secret = self._fernet.decrypt(sealed).partition(b"\0")
        except InvalidToken as error:
            raise Unsealable(purpose=purpose) from error
        if bound != purpose.encode():
            raise Unsealable(purpose=purpose)
        return secret


def kept_key(data_dir: Path) -> str:
    """The secret key of a data folder, made at the first call, readable by its owner alone."""
    path = data_dir / KEY_FILE
    try:
        if not path.exists():
            _make(path)
        return path.read_text("ascii").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise SetupRefused(
            what=f"the secret key in {path} cannot be read or made",
            how="mend its permissions, or give a key as ARTICLE20_SECRET_KEY",
        ) from error


def _make(path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "w") as file:
            file.write(secrets.token_urlsafe(48))
            file.flush()
            os.fsync(file.fileno())
        # A link is made once: of two processes that start together both end up with one key.
        os.link(draft, path)
    except FileExistsError:
        pass  # the other process was first
    finally:
        draft.unlink()


def _derived(key: str, purpose: str) -> bytes:
    return hmac.digest(key.encode(), f"article20 {purpose}".encode(), hashlib.sha256)
