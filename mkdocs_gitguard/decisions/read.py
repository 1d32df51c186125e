"""From the site's decision reports to what they say. Reports are read on this machine; nothing is fetched."""

import glob
from collections.abc import Iterable, Iterator, Sequence
from functools import partial
from hashlib import file_digest, sha256
from pathlib import Path
from typing import Any, Final

from msgspec.structs import replace

from mkdocs_gitguard.decisions.documents import LARGEST_REPORT, Document, documents
from mkdocs_gitguard.decisions.format import DecisionFormat
from mkdocs_gitguard.decisions.options import DecisionSource
from mkdocs_gitguard.decisions.redaction import Redaction, redact_input, redact_text
from mkdocs_gitguard.decisions.registry import decision_formats, format_of
from mkdocs_gitguard.decisions.report import ReportedDecision, ReportProblem, ReportRead
from mkdocs_gitguard.decisions.untyped import items, mapping, text
from mkdocs_gitguard.errors import Interruption, SettingError
from mkdocs_gitguard.model import Finding

MOST_DECISIONS: Final = 200_000
"""Decisions that one site reads."""
MOST_OF_A_REPORT: Final = 20_000
"""Decisions of one report that are shown; each adds some kilobytes to a site, many times what a report needs for it."""
_MOST_FINDINGS: Final = 20
"""Findings of one report; the rest are counted."""
_CHUNK: Final = 1 << 18


def load(
    sources: Sequence[DecisionSource], folder: Path, redaction: Redaction, *, limit: int = LARGEST_REPORT
) -> ReportRead:
    """Return what the reports of `sources` say, in the order of the entries and then of the file names.

    Args:
        sources: the site's entries.
        folder: what relative paths start from.
        redaction: what of the inputs may be kept; the rest is dropped while reading.
        limit: bytes of one report to read.

    Raises:
        SettingError: an entry names a format that nobody provides.
    """
    decisions: list[ReportedDecision] = []
    findings: list[Finding] = []
    for source in sources:
        files = _files(source, folder)
        if not files:
            findings.append(
                _finding(
                    ReportProblem(message="There is no decision report at this path.", hint="Fix `decisions:`."),
                    source.path,
                )
            )
        for path in files:
            # A published page need not tell where on the builder's disk the report was.
            name = Path(path).name if Path(path).is_absolute() else path
            try:
                with (folder / path).open("rb") as file:
                    reading = read(iter(partial(file.read, _CHUNK), b""), source, name, redaction, limit=limit)
            except OSError as error:
                problem = ReportProblem(
                    message=f"The report cannot be read: {error.strerror}.", hint="Make it readable."
                )
                findings.append(_finding(problem, name))
                continue
            findings += reading.findings
            newest, left_out = _newest(reading.decisions, MOST_OF_A_REPORT, "The report holds")
            decisions += newest
            findings += _findings(left_out, name)
    shown, left_out = _newest(decisions, MOST_DECISIONS, "The reports hold")
    return ReportRead(decisions=tuple(shown), findings=(*findings, *_findings(left_out, "decisions")))


def digest_of_reports(sources: Sequence[DecisionSource], folder: Path) -> str:
    """Return a digest that is another whenever `load` may read something else.

    Args:
        sources: the site's entries.
        folder: what relative paths start from.
    """
    digest = sha256()
    for source in sources:
        for path in _files(source, folder):
            try:
                with (folder / path).open("rb") as file:
                    content = file_digest(file, sha256).hexdigest()
            except OSError as error:
                content = f"{error.errno}"
            digest.update(f"{path}\0{content}\0".encode("utf-8", "surrogateescape"))
    return digest.hexdigest()


def _files(source: DecisionSource, folder: Path) -> list[str]:
    # `Path.glob` takes no absolute pattern before Python 3.13.
    paths = sorted(glob.glob(source.path, root_dir=folder, recursive=True))  # noqa: PTH207 - as said above
    return [path for path in paths if (folder / path).is_file()]


def _newest(
    decisions: Sequence[ReportedDecision], most: int, holder: str
) -> tuple[Sequence[ReportedDecision], Sequence[ReportProblem]]:
    """Return the newest of too many decisions, and what is to be told of the others."""
    if len(decisions) <= most:
        return decisions, ()
    by_time = sorted(decisions, key=lambda decision: decision.at.timestamp() if decision.at else 0.0, reverse=True)
    problem = ReportProblem(
        message=f"{holder} {len(decisions):,} decisions; the newest {most:,} are shown.",
        hint="Name only the reports of the last weeks.",
    )
    return by_time[:most], [problem]


def read(
    chunks: Iterable[bytes], source: DecisionSource, name: str, redaction: Redaction, *, limit: int = LARGEST_REPORT
) -> ReportRead:
    """Return what one report says; pure.

    Args:
        chunks: the report's bytes, as they are: plain or gzip.
        source: what the site says of the report.
        name: what to call the report in findings and in `Decision.source`.
        redaction: what of the inputs may be kept.
        limit: bytes to read.
    """
    formats = _formats(source)
    decisions: list[ReportedDecision] = []
    problems: list[ReportProblem] = []
    strangers: list[int] = []
    for document in documents(chunks, limit):
        if isinstance(document, ReportProblem):
            problems.append(document)
            continue
        for part in _parts(document):
            format_ = _claimed(part.value, formats)
            if isinstance(format_, ReportProblem):
                problems.append(replace(format_, line=part.line))
                continue
            if format_ is None:
                strangers.append(part.line)
                continue
            for reported in _reported(format_, part.value):
                if isinstance(reported, ReportProblem):
                    problems.append(reported if reported.line else replace(reported, line=part.line))
                else:
                    decisions.append(_completed(reported, source, f"{name}:{part.line}", redaction))
    if strangers:
        kinds = ", ".join(format_.title for format_ in formats)
        problems.append(
            ReportProblem(
                message=f"{len(strangers)} documents are not in a known format of decision reports."
                if len(strangers) > 1
                else "The document is not in a known format of decision reports.",
                hint=f"Use one of: {kinds}.",
                line=strangers[0],
            )
        )
    return ReportRead(decisions=tuple(decisions), findings=tuple(_findings(problems, name)))


def _claimed(document: Any, formats: Sequence[DecisionFormat]) -> DecisionFormat | ReportProblem | None:
    """Return the format of a document; one that nobody can even look at is told of."""
    try:
        return format_of(document, formats)
    except Interruption:
        raise
    except Exception as error:  # noqa: BLE001 - another package's code, a stranger's document
        return ReportProblem(
            message=f"A document cannot be told by its form: {type(error).__name__}.",
            hint="Set `format:` beside its path, or take it out of `decisions:`.",
        )


def _reported(format_: DecisionFormat, document: Any) -> Iterator[ReportedDecision | ReportProblem]:
    try:
        yield from format_.read(document)
    except Interruption:
        raise
    except Exception as error:  # noqa: BLE001 - another package's code: its fault becomes a finding, not the build's end
        yield ReportProblem(
            message=f"The reader of {format_.name} failed: {type(error).__name__}.",
            hint="Tell the package that provides the format. What it said before was used.",
        )


def _formats(source: DecisionSource) -> list[DecisionFormat]:
    known = decision_formats()
    if not source.format:
        return list(known.values())
    if source.format not in known:
        raise SettingError(
            f"`decisions` names the format {source.format!r} for {source.path}.",
            hint=f"Choose one of {', '.join(known)}.",
        )
    return [known[source.format]]


def _flattened(values: list[Any]) -> Iterator[Any]:
    waiting = list(reversed(values))
    while waiting:
        value = waiting.pop()
        if isinstance(value, list):
            waiting.extend(reversed(value))
        else:
            yield value


def _parts(document: Document) -> Iterator[Document]:
    """Yield the members of a Kubernetes List, or of arrays within one another as `jq -s` makes them, else itself."""
    if isinstance(document.value, list):
        yield from (Document(item, document.line) for item in _flattened(document.value))
        return
    value = mapping(document.value)
    kind = text(value.get("kind"))
    if kind.endswith("List") and isinstance(value.get("items"), list):
        api = text(value.get("apiVersion"))
        for item in items(value["items"]):
            # The members of a typed list leave out what the list says: PolicyReportList of wgpolicyk8s.io/v1alpha2.
            typed = {"apiVersion": api, "kind": kind.removesuffix("List")} if kind != "List" else {}
            yield Document({**typed, **mapping(item)}, document.line)
    else:
        yield document


def _completed(
    reported: ReportedDecision, source: DecisionSource, position: str, redaction: Redaction
) -> ReportedDecision:
    subject = reported.subject
    is_elsewhere = bool(subject.repository and source.repository and subject.repository != source.repository)
    path = subject.path.removeprefix("file://")
    if source.root:
        path = path.removeprefix(source.root.rstrip("/"))
    while path.startswith(("./", "/")):
        path = path.removeprefix(".").lstrip("/")
    return replace(
        reported,
        revision=reported.revision or source.revision,
        policies=reported.policies or source.policies,
        policies_path=source.policies_path,
        subject=replace(
            subject,
            repository=subject.repository or source.repository,
            commit=subject.commit or ("" if is_elsewhere else source.commit),
            pull_request=subject.pull_request or (0 if is_elsewhere else source.pull_request),
            name=redact_text(subject.name),
            path=redact_text(path),
        ),
        input=redact_input(reported.input, redaction),
        source=position,
    )


def _findings(problems: Sequence[ReportProblem], name: str) -> Iterator[Finding]:
    for problem in problems[:_MOST_FINDINGS]:
        yield _finding(problem, name)
    if len(problems) > _MOST_FINDINGS:
        more = len(problems) - _MOST_FINDINGS
        yield _finding(ReportProblem(message=f"{more:,} more parts of the report could not be used."), name)


def _finding(problem: ReportProblem, name: str) -> Finding:
    return Finding(
        code="decision-report",
        severity="warning",
        message=redact_text(problem.message),
        hint=problem.hint,
        source=name,
        line=problem.line,
    )
