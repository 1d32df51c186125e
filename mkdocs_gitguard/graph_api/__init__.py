"""Snapshot in, static JSON files out; and a server and a client for them."""

from mkdocs_gitguard.graph_api.export import Exported, export
from mkdocs_gitguard.graph_api.exports import BY_DEFAULT, EXPORTS
from mkdocs_gitguard.graph_api.kept_plans import KeptPlans
from mkdocs_gitguard.graph_api.layout import API_ROOT, kind_path, node_path

__all__ = ["API_ROOT", "BY_DEFAULT", "EXPORTS", "Exported", "KeptPlans", "export", "kind_path", "node_path"]
