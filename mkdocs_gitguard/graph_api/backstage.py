"""The snapshot as Backstage catalog entities (https://backstage.io/docs/features/software-catalog/descriptor-format).

Repositories become Components, teams Groups, people Users, the organisation a Group and a System. Register
the file as a catalog location and Backstage shows who owns what; each entity links back to the portal.
"""

import hashlib
import re
from collections.abc import Iterator
from typing import Any, Final

import yaml

from mkdocs_gitguard.model import Graph, Owner, Repository, Snapshot, label_of, name_of, path_of

_LONGEST_NAME: Final = 63
_API: Final = "backstage.io/v1alpha1"


def entities(snapshot: Snapshot, *, site_url: str = "") -> Iterator[dict[str, Any]]:
    """Yield a catalog entity for the organisation, each owner but bots, and each repository.

    Args:
        snapshot: what may be seen.
        site_url: the portal's URL, for links back; `""` for none.
    """
    graph = Graph(snapshot)
    system = _name(snapshot.organization.name or name_of(snapshot.organization.id), snapshot.organization.id)
    root = f"group:default/{system}"
    yield {
        "apiVersion": _API,
        "kind": "Group",
        "metadata": _metadata(snapshot.organization.id, snapshot.organization.name, system, site_url),
        "spec": {"type": "organization", "children": []},
    }
    yield {
        "apiVersion": _API,
        "kind": "System",
        "metadata": _metadata(snapshot.organization.id, snapshot.organization.name, system, site_url),
        "spec": {"owner": root},
    }
    for owner in snapshot.owners:
        if not owner.is_bot:
            yield _owner(owner, root, site_url)
    for repository in snapshot.repositories:
        yield _component(graph, repository, system, root, site_url)


def to_yaml(snapshot: Snapshot, *, site_url: str = "") -> str:
    """Return all entities as one `catalog-info.yaml` of several documents."""
    return yaml.safe_dump_all(entities(snapshot, site_url=site_url), sort_keys=False, allow_unicode=True)


def _owner(owner: Owner, root: str, site_url: str) -> dict[str, Any]:
    metadata = _metadata(owner.id, label_of(owner), _owner_name(owner), site_url)
    if owner.type == "team":
        spec: dict[str, Any] = {"type": "team", "profile": {"displayName": owner.name}, "parent": root, "children": []}
        return {"apiVersion": _API, "kind": "Group", "metadata": metadata, "spec": spec}
    teams = [f"group:default/{_name(name_of(team), team)}" for team in owner.teams]
    spec = {"profile": {"displayName": owner.name}, "memberOf": teams}
    return {"apiVersion": _API, "kind": "User", "metadata": metadata, "spec": spec}


def _component(graph: Graph, repository: Repository, system: str, root: str, site_url: str) -> dict[str, Any]:
    name = _name(
        f"{repository.namespace}.{repository.name}" if repository.namespace else repository.name, repository.id
    )
    metadata = _metadata(repository.id, label_of(repository), name, site_url)
    if repository.description:
        metadata["description"] = repository.description
    if repository.forge and repository.forge.web_url:
        metadata.setdefault("links", []).append({"url": repository.forge.web_url, "title": "Repository"})
        if repository.forge.name == "github":
            metadata["annotations"]["github.com/project-slug"] = f"{repository.namespace}/{repository.name}"
    if repository.languages:
        metadata["tags"] = [_tag(language.name) for language in repository.languages[:3] if _tag(language.name)]
    owners = [graph.owners[owner] for owner in graph.others(repository.id, "owned_by") if owner in graph.owners]
    # A Component has one owner. A team answers for longer than a person; the rest are told as an annotation.
    owners.sort(key=lambda owner: owner.type != "team")
    if len(owners) > 1:
        metadata["annotations"]["gitguard/owners"] = ", ".join(owner.id for owner in owners)
    spec = {
        "type": "repository",
        "lifecycle": "production",
        "owner": _reference(owners[0]) if owners else root,
        "system": system,
    }
    return {"apiVersion": _API, "kind": "Component", "metadata": metadata, "spec": spec}


def _metadata(node: str, title: str, name: str, site_url: str) -> dict[str, Any]:
    metadata: dict[str, Any] = {"name": name, "title": title or name, "annotations": {"gitguard/node-id": node}}
    if site_url:
        metadata["links"] = [{"url": f"{site_url.rstrip('/')}/{path_of(node)}/", "title": "Portal"}]
    return metadata


def _reference(owner: Owner) -> str:
    return f"{'group' if owner.type == 'team' else 'user'}:default/{_owner_name(owner)}"


def _owner_name(owner: Owner) -> str:
    return _name(name_of(owner.id) if owner.type == "team" else name_of(owner.id).partition("/")[2], owner.id)


def _name(text: str, node: str) -> str:
    """Return a valid entity name: letters, digits and `-_.` between them, at most 63 characters.

    One that had to be changed ends in a digest of the id, so that two of them stay two. Backstage compares names
    without regard to case, so capitals count as a change.
    """
    plain = re.sub(r"[-_.]*[^A-Za-z0-9._-]+[-_.]*|[-_.]{2,}", "-", text).strip("-_.").lower()
    if plain and plain == text and len(plain) <= _LONGEST_NAME:
        return plain
    digest = hashlib.sha256(node.encode("utf-8", "surrogatepass")).hexdigest()[:8]
    return f"{plain[: _LONGEST_NAME - 9].strip('-_.')}-{digest}".lstrip("-")


def _tag(language: str) -> str:
    text = language.lower().replace("#", "sharp").replace("+", "p")
    return re.sub(r"[^a-z0-9]+", "-", text).strip("-")
