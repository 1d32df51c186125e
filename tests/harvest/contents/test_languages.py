"""Languages are told by file name."""

import pytest

from mkdocs_gitguard.harvest.contents.languages import count_languages, language_of


@pytest.mark.parametrize(
    ("path", "language"),
    [
        ("src/app.py", "Python"),
        ("Dockerfile", "Dockerfile"),
        ("docker/Dockerfile.alpine", "Dockerfile"),
        ("policy/repo.rego", "Rego"),
        ("infra/MAIN.TF", "HCL"),
        ("x.tar.gz", ""),
        (".py", ""),
        ("vendor/lib/a.go", ""),
        ("web/node_modules/a.js", ""),
        ("", ""),
    ],
)
def test_language(path: str, language: str) -> None:
    assert language_of(path) == language


def test_counts_are_those_of_the_files_one_by_one() -> None:
    paths = ["src/A.PY", "src/a.py", "lib/a.py", "vendor/x/a.py", "a/vendor/b.go", "vendored/b.go", "Makefile", "x"]
    assert count_languages(paths) == [("Python", 3), ("Go", 1), ("Makefile", 1)]
    assert [language_of(path) for path in paths].count("Python") == 3


def test_counts_most_first_then_by_name() -> None:
    assert count_languages(["a.go", "b.go", "c.py", "d.rs", "LICENSE"]) == [("Go", 2), ("Python", 1), ("Rust", 1)]
