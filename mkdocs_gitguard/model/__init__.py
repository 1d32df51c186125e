"""Records, stable ids, the graph and the snapshot. No I/O, no MkDocs, nothing else of ours."""

from mkdocs_gitguard.model.decision import Decision, Outcome, Resolution, Subject
from mkdocs_gitguard.model.finding import Finding, Severity
from mkdocs_gitguard.model.flags import ALL_VIEWS, Flags
from mkdocs_gitguard.model.forge import (
    Forge,
    ForgeName,
    commit_url,
    file_url,
    pull_request_url,
    tag_url,
    tree_url,
    user_url,
)
from mkdocs_gitguard.model.ids import KINDS, Kind, encode_segment, kind_of, name_of, node_id, path_of, rule_id
from mkdocs_gitguard.model.owner import Owner
from mkdocs_gitguard.model.policy import Change, Policy, Rule, SourceSpan, SourceText
from mkdocs_gitguard.model.policy_keys import policy_key, rego_package_key, rego_ref, rego_rule_key, rego_segments
from mkdocs_gitguard.model.pull_request import Confidence, FileChange, PullRequest
from mkdocs_gitguard.model.record import Record
from mkdocs_gitguard.model.relation import INVERSE, Relation, RelationType
from mkdocs_gitguard.model.repository import (
    Contribution,
    FileEntry,
    LanguageShare,
    MonthActivity,
    Organization,
    Repository,
    Tag,
)
from mkdocs_gitguard.model.schema import json_schema
from mkdocs_gitguard.model.snapshot import SCHEMA_VERSION, Graph, Node, Seen, Snapshot

__all__ = [
    "ALL_VIEWS",
    "INVERSE",
    "KINDS",
    "SCHEMA_VERSION",
    "Change",
    "Confidence",
    "Contribution",
    "Decision",
    "FileChange",
    "FileEntry",
    "Finding",
    "Flags",
    "Forge",
    "ForgeName",
    "Graph",
    "Kind",
    "LanguageShare",
    "MonthActivity",
    "Node",
    "Organization",
    "Outcome",
    "Owner",
    "Policy",
    "PullRequest",
    "Record",
    "Relation",
    "RelationType",
    "Repository",
    "Resolution",
    "Rule",
    "Seen",
    "Severity",
    "Snapshot",
    "SourceSpan",
    "SourceText",
    "Subject",
    "Tag",
    "commit_url",
    "encode_segment",
    "file_url",
    "json_schema",
    "kind_of",
    "name_of",
    "node_id",
    "path_of",
    "policy_key",
    "pull_request_url",
    "rego_package_key",
    "rego_ref",
    "rego_rule_key",
    "rego_segments",
    "rule_id",
    "tag_url",
    "tree_url",
    "user_url",
]
