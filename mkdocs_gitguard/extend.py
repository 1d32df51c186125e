"""What other packages may use: everything here, and `mkdocs_gitguard.codeowners`. All else may change at any time.

An entry point adds a `PolicyFormat` (group `mkdocs_gitguard.policy_formats`), a `DecisionFormat`
(`mkdocs_gitguard.decision_formats`) or a `TargetFactory` (`mkdocs_gitguard.publish_targets`). The rest is what those
are made of, and what they may raise. docs/extending.md has an example of each.
"""

from mkdocs_gitguard.codeowners import Dialect, InvalidLine, Match, OwnerRule, Ruleset, Section, parse
from mkdocs_gitguard.decisions.format import DecisionFormat
from mkdocs_gitguard.decisions.report import (
    ReportedDecision,
    ReportedReason,
    ReportedSubject,
    ReportPlace,
    ReportProblem,
)
from mkdocs_gitguard.errors import GitGuardError, ParseError, PublishError, SettingError
from mkdocs_gitguard.model import (
    SCHEMA_VERSION,
    Finding,
    Release,
    Severity,
    Snapshot,
    json_schema,
    policy_key,
    rego_package_key,
    rego_rule_key,
)
from mkdocs_gitguard.policies import (
    Description,
    Found,
    FoundException,
    FoundPolicy,
    FoundRule,
    FoundTest,
    PolicyFile,
    PolicyFormat,
    PolicySource,
    PolicyUse,
    scan,
)
from mkdocs_gitguard.publish.release import Manifest, ReleaseFile
from mkdocs_gitguard.publish.target import Published, PublishTarget, TargetFactory

__all__ = [
    "SCHEMA_VERSION",
    "DecisionFormat",
    "Description",
    "Dialect",
    "Finding",
    "Found",
    "FoundException",
    "FoundPolicy",
    "FoundRule",
    "FoundTest",
    "GitGuardError",
    "InvalidLine",
    "Manifest",
    "Match",
    "OwnerRule",
    "ParseError",
    "PolicyFile",
    "PolicyFormat",
    "PolicySource",
    "PolicyUse",
    "PublishError",
    "PublishTarget",
    "Published",
    "Release",
    "ReleaseFile",
    "ReportPlace",
    "ReportProblem",
    "ReportedDecision",
    "ReportedReason",
    "ReportedSubject",
    "Ruleset",
    "Section",
    "SettingError",
    "Severity",
    "Snapshot",
    "TargetFactory",
    "json_schema",
    "parse",
    "policy_key",
    "rego_package_key",
    "rego_rule_key",
    "scan",
]
