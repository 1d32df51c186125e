"""`gitguard owners suggest` on real repositories: the patch applies, and then they own exactly what it says."""

import json
import subprocess
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from make.git import Scratch

from mkdocs_gitguard.cli import cli

MIRA = "Mira Hansen <1+mira@users.noreply.github.com>"
OLA = "Ola Nord <ola@acme.example>"
BOT = "dependabot[bot] <49699333+dependabot[bot]@users.noreply.github.com>"
OWNERS = "# Licence\n\n# Scripts\n*.sh @acme/ops\n/data/\n"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("suggest")
    for name, owners in (("billing", OWNERS), ("bare", "")):
        scratch = Scratch(folder / name)
        # Of the last weeks: who is not seen for a year owns nothing.
        scratch.git("remote", "add", "origin", f"https://github.com/acme/{name}.git")
        first = {"src/a.py": "0\n", "src/run.sh": "0\n", "data/x": "0\n", "docs/a.md": "0\n"}
        scratch.write("Begin", {**first, **({"CODEOWNERS": owners} if owners else {})}, author=MIRA)
        for number in range(1, 4):
            scratch.write(f"Work {number}", {"src/a.py": f"{number}\n", "data/x": f"{number}\n"}, author=MIRA)
            scratch.write(f"Words {number}", {"docs/a.md": f"{number}\n"}, author=OLA)
            scratch.write(f"Bump {number}", {"docs/a.md": f"b{number}\n"}, author=BOT)
    return folder


def run(*arguments: str, moment: int) -> Result:
    return CliRunner().invoke(cli, ["owners", "suggest", *arguments], env={"SOURCE_DATE_EPOCH": str(moment)})


@pytest.fixture
def moment(folder: Path) -> int:
    """The day after the last commit."""
    last = subprocess.run(
        ["git", "-C", str(folder / "billing"), "log", "-1", "--format=%ct"], capture_output=True, check=True, text=True
    )
    return int(last.stdout) + 86_400


def test_the_patch_applies_and_nothing_else_changes(folder: Path, moment: int, tmp_path: Path) -> None:
    result = run("-r", str(folder / "billing"), "--format", "codeowners", moment=moment)
    assert result.exit_code == 0, result.stderr
    clone = tmp_path / "clone"
    subprocess.run(["git", "clone", "--quiet", str(folder / "billing"), str(clone)], check=True)
    subprocess.run(["git", "apply"], input=result.stdout, text=True, cwd=clone, check=True)
    text = (clone / "CODEOWNERS").read_text()
    assert text.startswith("# Licence\n\n# Ola Nord (ola@acme.example): 3 commits, 75% of the changes, the last on ")
    assert "/src/a.py @mira\n" in text
    # Nobody knows what GitHub calls Ola, and it takes addresses.
    assert "\n/docs/ ola@acme.example\n" in text
    assert "dependabot" not in text
    assert text.endswith("\n\n# Scripts\n*.sh @acme/ops\n/data/\n")


def test_as_text_and_as_json(folder: Path, moment: int) -> None:
    both = ("-r", str(folder / "billing"), "-r", str(folder / "bare"))
    text = run(*both, moment=moment).stdout
    assert "acme/billing: 2 places without an owner\n" in text
    assert "  src/a.py  1 file\n    @mira: 4 commits, 100% of the changes, the last on " in text
    answers = json.loads(run(*both, "--format", "json", moment=moment).stdout)
    assert [answer["repository"] for answer in answers] == ["repository:acme/bare", "repository:acme/billing"]
    [bare, billing] = answers
    assert [place["path"] for place in billing["places"]] == ["docs", "src/a.py"]
    assert billing["places"][0]["owners"][0]["login"] == ""
    assert [place["owners"][0]["written"] for place in billing["places"]] == ["ola@acme.example", "@mira"]
    assert {"data", "src", "docs"} == {place["path"] for place in bare["places"]}


def test_a_patch_is_of_one_repository_by_its_name(folder: Path, moment: int, tmp_path: Path) -> None:
    both = ("-r", str(folder / "billing"), "-r", str(folder / "bare"))
    assert "A patch is of one repository, and here are 2" in run(*both, "--format", "codeowners", moment=moment).stderr
    file = tmp_path / "owners.patch"
    result = run("acme/bare", *both, "--format", "codeowners", "-o", str(file), moment=moment)
    assert result.exit_code == 0, result.stderr
    assert "+++ b/.github/CODEOWNERS" in file.read_text()
    assert "is not a repository that is shown" in run("acme/other", *both, moment=moment).stderr
    assert "--output is for a patch" in run(*both, "-o", str(file), moment=moment).stderr


def test_in_a_folder_of_the_clone_a_patch_is_refused_since_git_would_leave_it_out(
    folder: Path, moment: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(folder / "billing" / "docs")
    result = run("--format", "codeowners", moment=moment)
    assert (result.exit_code, result.stdout) == (1, "")
    assert "the top of the clone" in result.stderr
    assert run(moment=moment).stdout.startswith("acme/billing: 2 places")
    assert run("--format", "codeowners", "-o", str(tmp_path / "owners.patch"), moment=moment).exit_code == 0
    assert "/docs/ ola@acme.example" in (tmp_path / "owners.patch").read_text()


def test_a_place_that_no_line_can_say_is_told_and_not_called_nobody(tmp_path: Path) -> None:
    scratch = Scratch(tmp_path / "x")
    scratch.git("remote", "add", "origin", "https://github.com/acme/x.git")
    for number in range(3):
        scratch.write(f"Work {number}", {"a#b": f"{number}\n"}, author=MIRA)
    at = int(scratch.git("log", "-1", "--format=%ct")) + 86_400
    result = run("-r", str(tmp_path / "x"), "--format", "codeowners", moment=at)
    assert (result.exit_code, result.stdout) == (0, "")
    assert "No line of CODEOWNERS can say a#b alone" in result.stderr
    assert "acme/x: nothing that a line could say." in result.stderr


def test_a_shallow_clone_is_said_to_tell_nothing(folder: Path, moment: int, tmp_path: Path) -> None:
    url = (folder / "billing").as_uri()
    subprocess.run(["git", "clone", "--quiet", "--depth", "1", url, str(tmp_path / "shallow")], check=True)
    result = run("-r", str(tmp_path / "shallow"), moment=moment)
    assert result.stdout.endswith(
        ": nobody to suggest. The clone is shallow: its history does not tell who works where.\n"
    )


def test_who_was_not_seen_for_a_year_is_not_suggested(folder: Path, moment: int) -> None:
    result = run("-r", str(folder / "billing"), moment=moment + 400 * 86_400)
    assert result.stdout == "acme/billing: nobody to suggest.\n"


# What each forge calls Mira is told by her address there alone, and that she is mira on GitHub tells no other forge's.
FORGES = {
    "https://github.com/acme/x.git": (".github/CODEOWNERS", "/src/ @mira", "/docs+/ ola@acme.example"),
    "https://gitlab.com/acme/group/x.git": ("CODEOWNERS", "/src/ @mhansen", "/docs+/ ola@acme.example"),
    "https://bitbucket.org/acme/x.git": (
        ".bitbucket/CODEOWNERS",
        "/src/ mira@acme.example",
        "/docs+/ ola@acme.example",
    ),
    "https://codeberg.org/acme/x.git": ("CODEOWNERS", "src/.* @mira-h", ""),
    "https://gitea.com/acme/x.git": ("CODEOWNERS", "", ""),
    "https://git.acme.example/acme/x.git": (
        ".github/CODEOWNERS",
        "/src/ mira@acme.example",
        "/docs+/ ola@acme.example",
    ),
    "https://dev.azure.com/acme/shop/_git/x": (
        ".github/CODEOWNERS",
        "/src/ mira@acme.example",
        "/docs+/ ola@acme.example",
    ),
}


@pytest.mark.parametrize("remote", FORGES)
def test_each_forge_gets_its_own_file_patterns_and_names(remote: str, tmp_path: Path) -> None:
    place, of_src, of_docs = FORGES[remote]
    scratch = Scratch(tmp_path / "x")
    scratch.git("remote", "add", "origin", remote)
    addresses = ["1+mira@users.noreply.github.com", "2-mhansen@users.noreply.gitlab.com", "mira-h@noreply.codeberg.org"]
    mailmap = "".join(f"Mira Hansen <mira@acme.example> <{address}>\n" for address in addresses)
    scratch.write("Begin", {"src/a.py": "0\n", "docs+/a.md": "0\n", ".mailmap": mailmap}, author=MIRA)
    for number, address in enumerate(addresses):
        scratch.write(f"Work {number}", {"src/a.py": f"{number}a\n"}, author=f"Mira Hansen <{address}>")
        scratch.write(f"More {number}", {"src/a.py": f"{number}b\n"}, author="Mira Hansen <mira@acme.example>")
        scratch.write(f"Words {number}", {"docs+/a.md": f"w{number}\n"}, author=OLA)
    at = int(scratch.git("log", "-1", "--format=%ct")) + 86_400
    result = run("-r", str(tmp_path / "x"), "--format", "codeowners", moment=at)
    assert result.exit_code == 0, result.stderr
    subprocess.run(["git", "apply"], input=result.stdout, text=True, cwd=tmp_path / "x", check=True)
    lines = (tmp_path / "x" / place).read_text().splitlines()
    assert {line for line in lines if not line.startswith("#")} == {of_src, of_docs} - {""}
    if not of_docs:
        assert "# docs+/ has no owner yet:" in lines
        host = remote.split("/")[2]
        assert any(line.startswith(f"# Ola Nord (no login on {host} is known): 3 commits") for line in lines)
    unread = "acme.example" in remote or "azure" in remote
    assert ("forge is not known" in result.stderr or "reads no CODEOWNERS" in result.stderr) == unread
    # What is read back is what was meant.
    scratch.git("add", ".")
    scratch.git("commit", "--quiet", "-m", "Own")
    owners = CliRunner().invoke(cli, ["owners", "of", "src/a.py", "docs+/a.md", "-r", str(tmp_path / "x")]).stdout
    owners_of = {line.split("  ")[0]: line.split("  ")[1] for line in owners.splitlines()}
    assert owners_of["src/a.py"] == (of_src.partition(" ")[2] or "no owner")
    assert owners_of["docs+/a.md"] == (of_docs.partition(" ")[2] or "no owner")
