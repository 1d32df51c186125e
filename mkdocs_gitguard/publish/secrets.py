"""Are there secrets in a built site? By the detectors of detect-secrets, on every byte that would be published.

Only detectors of one unmistakable form are asked. Entropy and keywords are left out on purpose: a portal is full of
commit ids and digests, and of policies that speak of passwords.
"""

import gzip
import hashlib
import json
import re
from collections.abc import Iterable, Iterator, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any, Final

from mkdocs_gitguard.errors import PublishError, SettingError
from mkdocs_gitguard.model import Finding

BASELINE: Final = ".secrets.baseline"
"""detect-secrets' own file of findings that somebody has looked at and found harmless."""

_DETECTORS: Final = (
    ("aws", "AWSKeyDetector"),
    ("azure_storage_key", "AzureStorageKeyDetector"),
    ("basic_auth", "BasicAuthDetector"),
    ("discord", "DiscordBotTokenDetector"),
    ("github_token", "GitHubTokenDetector"),
    ("gitlab_token", "GitLabTokenDetector"),
    ("jwt", "JwtTokenDetector"),
    ("mailchimp", "MailchimpDetector"),
    ("npm", "NpmDetector"),
    ("openai", "OpenAIDetector"),
    ("private_key", "PrivateKeyDetector"),
    ("pypi_token", "PypiTokenDetector"),
    ("sendgrid", "SendGridDetector"),
    ("slack", "SlackDetector"),
    ("square_oauth", "SquareOAuthDetector"),
    ("stripe", "StripeDetector"),
    ("telegram_token", "TelegramBotTokenDetector"),
    ("twilio", "TwilioKeyDetector"),
)
_ALLOWED: Final = "pragma: allowlist secret"
_MAX_UNPACKED: Final = 200_000_000


def scanner_version() -> str:
    """Return what scans, for the manifest: a file that one version has passed need not be scanned by it again.

    Raises:
        PublishError: detect-secrets is not installed.
    """
    try:
        return f"detect-secrets {version('detect-secrets')}"
    except ImportError as error:
        raise PublishError("detect-secrets is not installed.", hint="pip install 'mkdocs-gitguard[publish]'") from error


def read_baseline(path: Path) -> frozenset[str]:
    """Return the fingerprints (SHA-1 of the secret) that the site's baseline accepts; none where there is no file.

    Raises:
        SettingError: the file is not a baseline.
    """
    try:
        content = json.loads(path.read_bytes())
        return frozenset(item["hashed_secret"] for items in content["results"].values() for item in items)
    except FileNotFoundError:
        return frozenset()
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise SettingError(
            f"{path} is not a detect-secrets baseline: {type(error).__name__} {error}.",
            hint="Write one with: detect-secrets scan SITE > .secrets.baseline",
        ) from error


def scan_secrets(site: Path, paths: Iterable[str], *, accepted: frozenset[str] = frozenset()) -> list[Finding]:
    """Return a finding for each secret in the files, by path and line. The secret itself is never shown.

    Args:
        site: the built site.
        paths: the files to scan; compressed ones are unpacked.
        accepted: fingerprints from the baseline.
    """
    detectors = _detectors()
    found = []
    for path in paths:
        text = _text(site / path)
        if not text:
            continue
        for line, name, fingerprint in sorted(_hits(text, detectors)):
            if fingerprint not in accepted:
                found.append(
                    Finding(
                        code="secret-in-output",
                        severity="error",
                        message=f"looks like a secret: {name}, fingerprint {fingerprint}.",
                        hint=f"Take it out of the source and revoke it; if it is harmless, accept it in {BASELINE}.",
                        path=path,
                        line=line,
                    )
                )
    return found


def _detectors() -> list[tuple[Any, Sequence[re.Pattern[str]]]]:
    from importlib import import_module  # noqa: PLC0415 detect-secrets is an extra

    scanner_version()
    made = [getattr(import_module(f"detect_secrets.plugins.{module}"), name)() for module, name in _DETECTORS]
    return [(detector, tuple(detector.denylist)) for detector in made]


def _text(path: Path) -> str:
    """Return a file as text in which each byte is a character, unpacked where it is gzip."""
    data = path.read_bytes()
    if path.suffix == ".gz":
        with gzip.open(path) as stream:
            data = stream.read(_MAX_UNPACKED)
    elif path.suffix == ".br":
        return ""  # the packed sibling of a file that is scanned itself
    return data.decode("latin-1")


def _hits(text: str, detectors: Sequence[tuple[Any, Sequence[re.Pattern[str]]]]) -> Iterator[tuple[int, str, str]]:
    """Yield line, kind and fingerprint of each secret, once for each line."""
    for detector, patterns in detectors:
        lines = {text.rfind("\n", 0, match.start()) + 1 for pattern in patterns for match in pattern.finditer(text)}
        for start in lines:
            end = text.find("\n", start)
            line = text[start : end if end >= 0 else len(text)]
            if _ALLOWED in line:
                continue
            # The detector's own word on the line: it knows more than its patterns, for instance what is a real JWT.
            for secret in set(detector.analyze_string(line)):
                fingerprint = hashlib.sha1(secret.encode(), usedforsecurity=False).hexdigest()
                yield text.count("\n", 0, start) + 1, detector.secret_type, fingerprint
