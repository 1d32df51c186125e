"""What a policy's source is for: a policy in its own right, automation, a sample, test data, or another's version.

Told by the format and by where the source stands. The path of a folder says so by its name: `samples/`,
`data_filter_example/`, `testdata/`. A folder named after a version, `1.0.2/`, makes what stands in it a version of what
stands in the highest of its siblings, or of the policy of the same name outside of such folders. Of files with the same
bytes and the same name one is the policy, and the others are copies.
"""

import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from functools import lru_cache
from typing import Final, NamedTuple

from mkdocs_gitguard.late_pattern import late_pattern
from mkdocs_gitguard.model import Policy, PolicyRole

_BEFORE: Final = r"(?:[\w.-]*[-_.])?"
_AFTER: Final = r"(?:[-_.][\w.-]+)?"
_TEST_FOLDER: Final = late_pattern(
    rf"(?:\A|/)(?:{_BEFORE}(?:tests?|testing|testdata|testcases?|fixtures?)|tests?[-_][\w.-]+|e2e"
    r"|mocks?|inputs?|\.[^/]*test[^/]*)/",
    re.IGNORECASE,
)
_TEST_FILE: Final = late_pattern(r"(?:\A|/)(?:tests?_[^/]*|[^/]+[-_.]tests?|input)\.\w+\Z", re.IGNORECASE)
_SAMPLE_FOLDER: Final = late_pattern(
    rf"(?:\A|/)(?:{_BEFORE}(?:examples?|samples?|demos?|tutorials?|quick-?starts?|playgrounds?|workshops?){_AFTER}"
    r"|docs?|documentation|website|guides?)/",
    re.IGNORECASE,
)
_SAMPLE_FILE: Final = late_pattern(
    rf"(?:\A|/)(?:{_BEFORE}(?:examples?|samples?|demo)|(?:example|sample)[-_][^/]*)\.\w+\Z", re.IGNORECASE
)
_TEST_PACKAGE: Final = late_pattern(r"test_\w+|\w+_tests?|tests?")
_VERSION_FOLDER: Final = late_pattern(r"(?<=/)v?(\d+(?:\.\d+)+|(?<=v)\d+)((?:[-.]?(?:alpha|beta|rc))?[-.]?\d*)(?=/)")
_MEANT_BY_PLACE: Final = frozenset({"github-ruleset"})
"""Formats of which the same text means something else at another path."""
_REMEMBERED: Final = 16_384
"""Places whose role a process that stays need not tell again at each merge."""
_PRE_RELEASE: Final = late_pattern(r"([a-z]*)[-.]?(\d*)")


class Role(NamedTuple):
    """What a policy's source is for."""

    name: PolicyRole = "policy"
    version_of: str = ""
    """Of a version: the id of the policy that it is a version of."""


class _Version(NamedTuple):
    """A version as its folder writes it, in an order in which later ones are greater."""

    numbers: tuple[int, ...]
    is_final: bool
    stage: str
    step: int


def roles_of(
    policies: Sequence[Policy], automation: Collection[str] = (), packages: Mapping[str, Sequence[str]] | None = None
) -> dict[str, Role]:
    """Return the role of each policy of one repository by its id.

    Args:
        policies: all of the repository.
        automation: names of the formats whose sources are automation.
        packages: by policy id, the Rego package that it belongs to.
    """
    roles = {
        policy.id: Role("automation")
        if policy.format in automation
        else _by_place(policy.span.path, "".join((packages or {}).get(policy.id, ())[-1:]))
        for policy in policies
    }
    for policy_id, main in _versions([policy for policy in policies if roles[policy.id].name == "policy"]).items():
        roles[policy_id] = Role("version", main)
    return roles


def role_of_place(path: str) -> PolicyRole:
    """Return what a file is for as its place tells it: `test`, `sample` or `policy`."""
    return _by_place(path, "").name


@lru_cache(_REMEMBERED)
def _by_place(path: str, package: str) -> Role:
    if _TEST_FOLDER.search(path) or _TEST_FILE.search(path) or _TEST_PACKAGE.fullmatch(package):
        return Role("test")
    if _SAMPLE_FOLDER.search(path) or _SAMPLE_FILE.search(path):
        return Role("sample")
    return Role()


def _versions(policies: Iterable[Policy]) -> dict[str, str]:
    """Return what is an older version or a copy, id to the id of the policy that it is one of."""
    main: dict[str, str] = {}
    unversioned: defaultdict[tuple[str, str, str], list[Policy]] = defaultdict(list)
    families: defaultdict[tuple[str, str, str, str], list[tuple[_Version, Policy]]] = defaultdict(list)
    copies: defaultdict[tuple[str, str, str, str], list[Policy]] = defaultdict(list)
    for policy in policies:
        name = (policy.format, policy.type, policy.name)
        version = _VERSION_FOLDER.search(f"/{policy.span.path}")
        if version is None:
            unversioned[name].append(policy)
        else:
            families[(*name, _VERSION_FOLDER.sub("*", f"/{policy.span.path}"))].append((_version(version), policy))
        if policy.format not in _MEANT_BY_PLACE:
            copies[(*name, policy.span.blob)].append(policy)
    for (form, kind, title, _), family in families.items():
        outside = unversioned.get((form, kind, title), [])
        if policy_of_name := outside[0] if len(outside) == 1 else None:
            main |= dict.fromkeys((policy.id for _, policy in family), policy_of_name.id)
        else:
            newest = max(family, key=lambda item: (item[0], item[1].id))[1]
            main |= {policy.id: newest.id for _, policy in family if policy is not newest}
    for group in copies.values():
        standing = sorted((one for one in group if one.id not in main), key=_depth)
        main |= {copy.id: standing[0].id for copy in standing[1:]}
    return main


def _version(match: re.Match[str]) -> _Version:
    numbers = tuple(int(number) for number in match[1].split("."))
    # `1.0` is `1.0.0`, and what is not yet final comes before what is.
    while len(numbers) > 1 and numbers[-1] == 0:
        numbers = numbers[:-1]
    stage = _PRE_RELEASE.fullmatch(match[2].lstrip("-."))
    word, step = (stage[1], int(stage[2] or 0)) if stage else ("", 0)
    return _Version(numbers, not word, word, step)


def _depth(policy: Policy) -> tuple[int, str]:
    return policy.span.path.count("/"), policy.id
