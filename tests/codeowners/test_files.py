import pytest

from mkdocs_gitguard.codeowners import CodeownersFile, choose, dialect_of


def file(path, data=b"* @a\n", mode="100644", size=None):
    return CodeownersFile(path=path, mode=mode, size=len(data or b"") if size is None else size, data=data)


def chosen(*files, dialect="github", folders=()):
    return choose(files, dialect, repository="repository:acme/billing", folders=folders)


@pytest.mark.parametrize(
    ("dialect", "winner"),
    [("github", ".github/CODEOWNERS"), ("gitlab", "CODEOWNERS"), ("gitea", "CODEOWNERS")],
)
def test_the_first_place_wins_and_the_rest_is_named(dialect, winner):
    result = chosen(file("docs/CODEOWNERS"), file("CODEOWNERS"), file(".github/CODEOWNERS"), dialect=dialect)
    assert result.path == winner
    assert result.text == "* @a\n"
    assert len(result.ignored) == 2
    assert [finding.code for finding in result.findings] == ["codeowners-ignored"] * 2
    assert all(winner in finding.message for finding in result.findings)


def test_none_at_all_is_a_normal_state():
    result = chosen()
    assert (result.path, result.findings) == ("", ())


def test_a_file_where_another_forge_looks():
    result = chosen(file(".gitlab/CODEOWNERS"))
    assert result.path == ""
    assert [finding.code for finding in result.findings] == ["codeowners-misplaced"]


@pytest.mark.parametrize("mode", ["120000", "160000"])
def test_links_are_not_followed(mode):
    result = chosen(file(".github/CODEOWNERS", b"/etc/passwd", mode), file("CODEOWNERS"))
    assert result.path == "CODEOWNERS"
    assert [finding.code for finding in result.findings] == ["codeowners-not-a-file"]
    assert "passwd" not in result.text


def test_a_folder_is_not_a_file():
    result = chosen(file("docs/CODEOWNERS"), folders=("CODEOWNERS",))
    assert result.path == "docs/CODEOWNERS"
    assert [finding.path for finding in result.findings] == ["CODEOWNERS"]


@pytest.mark.parametrize(
    ("bad", "code"),
    [
        (file("CODEOWNERS", None, size=3 * 1024 * 1024), "codeowners-too-large"),
        (file("CODEOWNERS", None, size=100), "codeowners-missing"),
        (file("CODEOWNERS", "* @a".encode("utf-16")), "codeowners-encoding"),
    ],
)
def test_what_cannot_be_read_is_an_error_and_has_no_rules(bad, code):
    result = chosen(bad)
    assert (result.path, result.text) == ("CODEOWNERS", "")
    assert [(finding.code, finding.severity) for finding in result.findings] == [(code, "error")]


@pytest.mark.parametrize(
    ("forge", "files", "dialect"),
    [
        ("github", (".gitlab/CODEOWNERS",), "github"),
        ("gitlab", (), "gitlab"),
        ("gitea", (".github/CODEOWNERS",), "gitea"),
        ("other", (".gitlab/CODEOWNERS",), "gitlab"),
        ("bitbucket", (".gitea/CODEOWNERS",), "gitea"),
        ("bitbucket", (), "bitbucket"),
        ("bitbucket", ("CODEOWNERS",), "github"),
        ("bitbucket", ("CODEOWNERS", ".bitbucket/CODEOWNERS"), "bitbucket"),
        ("other", (".bitbucket/CODEOWNERS",), "bitbucket"),
        ("other", ("CODEOWNERS", ".gitlab/CODEOWNERS"), "github"),
        ("azure", (), "github"),
    ],
)
def test_dialect_by_forge(forge, files, dialect):
    assert dialect_of(forge, files) == dialect
