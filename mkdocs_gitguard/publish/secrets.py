"""Are there secrets in a built site? By the detectors of detect-secrets, on all that readers would see of it.

Only detectors of one unmistakable form are asked. Entropy and keywords are left out on purpose: a portal is full of
commit ids and digests, and of policies that speak of passwords.
"""

import hashlib
import json
import re
from collections.abc import Iterable, Iterator, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any, Final

from mkdocs_gitguard.bounded_file import read_file
from mkdocs_gitguard.errors import PublishError, SettingError
from mkdocs_gitguard.late_pattern import late_pattern
from mkdocs_gitguard.model import Finding
from mkdocs_gitguard.publish.readable import Place, readings

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
_SPREAD_KEY: Final = late_pattern(r"-----BEGIN\s+(?:[A-Z0-9]+\s+){0,3}PRIVATE\s+KEY(?:\s+BLOCK)?\s*-----")
"""A private key's first line (RFC 7468, section 2), however it is folded, and of kinds that detect-secrets lacks."""
_LARGEST_BASELINE: Final = 1 << 26
"""Bytes."""
_SCAN: Final = 2
"""Raise it whenever more is found than before: what was passed by an older scan is then scanned anew."""


def scanner_version(accepted: frozenset[str] = frozenset()) -> str:
    """Return what scans, for the manifest: a file that the very same has passed need not be scanned by it again.

    Args:
        accepted: fingerprints from the baseline, which are part of it: what is taken out of the baseline is to be
            found again.

    Raises:
        PublishError: detect-secrets is not installed.
    """
    baseline = hashlib.sha256("\n".join(sorted(accepted)).encode()).hexdigest()[:16]
    try:
        return f"detect-secrets {version('detect-secrets')}, scan {_SCAN}, baseline {baseline if accepted else 'none'}"
    except ImportError as error:
        raise PublishError(
            "detect-secrets is not installed.", hint="Install it: pip install 'mkdocs-gitguard[publish]'"
        ) from error


def read_baseline(path: Path) -> frozenset[str]:
    """Return the fingerprints (SHA-1 of the secret) that the site's baseline accepts; none where there is no file.

    Raises:
        SettingError: the file is not a baseline.
    """
    try:
        content = json.loads(read_file(path, _LARGEST_BASELINE))
        return frozenset(item["hashed_secret"] for items in content["results"].values() for item in items)
    except FileNotFoundError:
        return frozenset()
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise SettingError(
            f"{path} is not a detect-secrets baseline: {type(error).__name__} {error}.",
            hint="Write one with: detect-secrets scan SITE > .secrets.baseline",
        ) from error


def scan_secrets(site: Path, paths: Iterable[str], *, accepted: frozenset[str] = frozenset()) -> list[Finding]:
    """Return a finding for each secret in the files, by path and line. The secret itself is never shown.

    Only the baseline accepts one: a comment that turns a scanner off (`pragma: allowlist secret`) is of whoever wrote
    the repository that is shown, and not of whoever publishes.

    Args:
        site: the built site.
        paths: the files to scan; compressed ones are unpacked, and one that cannot be unpacked is a finding too.
        accepted: fingerprints from the baseline.
    """
    detectors = _detectors()
    findings = []
    for path in paths:
        hits: dict[tuple[str, str], dict[int, Place]] = {}
        try:
            for reading in readings(site / path):
                for at, kind, fingerprint in _hits(reading.text, detectors):
                    if fingerprint not in accepted:
                        place = reading.place(at)
                        places = hits.setdefault((kind, fingerprint), {})
                        if place.line or not places:
                            places.setdefault(place.line, place)
        except PublishError as error:
            findings.append(_unreadable(path, error.message, error.hint))
        except OSError as error:
            findings.append(_unreadable(path, f"cannot be read: {error.strerror or error}."))
        secrets = [(place, *secret) for secret, places in hits.items() for place in places.values()]
        findings += [_finding(path, kind, fingerprint, place) for place, kind, fingerprint in sorted(secrets)]
    return findings


def _finding(path: str, kind: str, fingerprint: str, place: Place) -> Finding:
    where = f" in {place.source}" if place.source else ""
    return Finding(
        code="secret-in-output",
        severity="error",
        message=f"looks like a secret{where}: {kind}, fingerprint {fingerprint}.",
        hint=f"Take it out of the source and revoke it; if it is harmless, accept it in {BASELINE}.",
        path=path,
        line=place.line,
    )


def _unreadable(path: str, problem: str, hint: str = "") -> Finding:
    hint = hint or "Take it out of the site, or make it again."
    return Finding(code="unreadable-output", severity="error", message=problem, hint=hint, path=path)


def _detectors() -> list[tuple[Any, Sequence[re.Pattern[str]]]]:
    from importlib import import_module  # noqa: PLC0415 detect-secrets is an extra

    scanner_version()
    made = [getattr(import_module(f"detect_secrets.plugins.{module}"), name)() for module, name in _DETECTORS]
    return [(detector, tuple(detector.denylist)) for detector in made]


def _hits(text: str, detectors: Sequence[tuple[Any, Sequence[re.Pattern[str]]]]) -> Iterator[tuple[int, str, str]]:
    """Yield place, kind and fingerprint of each secret, once for each line."""
    for detector, patterns in detectors:
        starts = {text.rfind("\n", 0, match.start()) + 1 for pattern in patterns for match in pattern.finditer(text)}
        for start in sorted(starts):
            end = text.find("\n", start)
            line = text[start : end if end >= 0 else len(text)]
            # The detector's own word on the line: it knows more than its patterns, for instance what is a real JWT.
            for secret in sorted(set(detector.analyze_string(line))):
                yield start + max(0, line.find(secret)), detector.secret_type, _fingerprint(secret)
    for match in _SPREAD_KEY.finditer(text):
        if not any(pattern.search(match[0]) for _, patterns in detectors for pattern in patterns):
            yield match.start(), "Private Key", _fingerprint(" ".join(match[0].strip("-").split()))


def _fingerprint(secret: str) -> str:
    return hashlib.sha1(secret.encode("utf-8", "surrogatepass"), usedforsecurity=False).hexdigest()
