"""What of a site needs the user's word."""

from pathlib import Path

import pytest
from make.git import git, make_repository

from mkdocs_gitguard.site_build.config_file import read_site_file
from mkdocs_gitguard.site_build.plain_site import reasons_for_a_word

CHECKOUT = Path(__file__).parents[2]


def reasons(folder: Path, text: str, *, is_emptied: bool = True) -> tuple[str, ...]:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "mkdocs.yml").write_text(f"site_name: x\n{text}\n")
    return reasons_for_a_word(read_site_file(folder / "mkdocs.yml"), is_emptied=is_emptied)


@pytest.mark.parametrize(
    "text",
    [
        "plugins: [search, gitguard]",
        "plugins: [gitguard, tags, {group: {enabled: true, plugins: [search]}}]",
        "plugins: {gitguard: {repositories: ['../*', 'https://github.com/acme/billing'], people: ../people.yml}}",
        "markdown_extensions:\n- pymdownx.emoji:\n    emoji_index: !!python/name:material.extensions.emoji.twemoji",
        "markdown_extensions: {markdown.extensions.toc: {permalink: true}}",
        "theme: {name: material, palette: {scheme: slate}, features: [navigation.top]}",
        "site_url: !ENV [SITE_URL, 'https://x.org']",
        "site_dir: out/html",
    ],
)
def test_a_plain_site_needs_none(tmp_path: Path, text: str) -> None:
    assert reasons(tmp_path, text) == ()


def test_ours_is_plain() -> None:
    assert reasons_for_a_word(read_site_file(CHECKOUT / "mkdocs.yml"), is_emptied=False) == ()


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("hooks: [evil.py]", "`hooks` (Python files: evil.py)"),
        ("INHERIT: base.yml", "`hooks` (Python files: evil.py)"),
        ("<<: {hooks: [evil.py]}", "`hooks` (Python files: evil.py)"),
        ("extra_templates: [x.html]", "`extra_templates` (templates: x.html)"),
        ("theme: {name: material, custom_dir: overrides}", "`theme.custom_dir` (templates: overrides)"),
        ("plugins: [macros]", "the plugin macros"),
        ("plugins: {gen-files: {scripts: [a.py]}}", "the plugin gen-files"),
        ("plugins: [{group: {enabled: false, plugins: [{group: {plugins: [exec]}}]}}]", "the plugin exec"),
        ("plugins: [{macros: {enabled: false}}]", "the plugin macros"),
        ("plugins: [{tags: {export_file: ../../x}}]", "the plugin tags with options"),
        ("markdown_extensions: [pymdownx.snippets]", "the Markdown extension pymdownx.snippets"),
        ("markdown_extensions: [evil]", "the Markdown extension evil"),
        ("x: !!python/object/apply:os.system [id]", "the tag !!python/object/apply:os.system"),
        ("site_dir: ../../home", "`site_dir`"),
        ("site_dir: .", "`site_dir`"),
        ("site_dir: link/out", "`site_dir`"),
        ("site_dir: linked", "`site_dir`"),
        ("site_dir: .git/hooks", "`site_dir`"),
        ("docs_dir: /etc", "`docs_dir`"),
        ("docs_dir: .git", "`docs_dir`"),
        ("docs_dir: pages", "`docs_dir`"),
        ("plugins: [{gitguard: {state_dir: ../elsewhere}}]", "the option `state_dir`"),
        ("plugins: [{gitguard: {state_dir: link/state}}]", "the option `state_dir`"),
    ],
)
def test_code_and_folders_of_others_need_it(tmp_path: Path, text: str, reason: str) -> None:
    folder = tmp_path / "site"
    for name in ("linked", "pages", ".git"):
        (folder / name).mkdir(parents=True)
    (tmp_path / "private").write_text("x")
    (folder / "link").symlink_to(tmp_path)
    (folder / "linked/repository").symlink_to(tmp_path)
    (folder / "pages/x.md").symlink_to(tmp_path / "private")
    (folder / "base.yml").write_text("hooks: [evil.py]\n")
    [only_reason] = reasons(folder, text)
    assert only_reason.startswith(reason)


@pytest.mark.parametrize(
    ("options", "is_shown"),
    [
        ("{}", False),
        ("{repositories: ['.', sub], people: people.yml, decisions: ['reports/*.json']}", False),
        ("{repositories: [{path: ., url: 'https://github.com/acme/x'}]}", False),
        ("{repositories: ['../*']}", True),
        ("{repositories: ['*']}", True),
        ("{repositories: [{path: ../private}]}", True),
        ("{repositories: [~/private]}", True),
        ("{repositories: ['file:///etc']}", True),
        ("{repositories: ['https://github.com/acme/billing']}", True),
        ("{repositories: ['git@github.com:acme/billing.git']}", True),
        ("{people: ../people.yml}", True),
        ("{decisions: [{path: reports/linked.json}]}", True),
        ("{snapshot: /tmp/x.json}", True),
        ("{embeddings: {model: endpoint, url: 'https://evil.example/v1/embeddings', name: x}}", True),
    ],
)
def test_a_committed_site_shows_its_own_repository_only(tmp_path: Path, options: str, *, is_shown: bool) -> None:
    folder = make_repository(tmp_path / "clone", {"README.md": "x"})
    (tmp_path / "private").mkdir()
    (folder / "linked").symlink_to(tmp_path / "private")
    (folder / "reports").mkdir()
    (folder / "reports/linked.json").symlink_to(tmp_path / "private")
    (folder / "reports/a.txt").touch()
    text = f"plugins: [{{gitguard: {options}}}]"
    text = text.replace("reports/*.json", "reports/*.txt")
    assert reasons(folder, text) == (), "what is not committed was written here"
    git(folder, "add", "mkdocs.yml")
    assert bool(reasons(folder, text)) is is_shown


def test_a_committed_site_shows_no_variable(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "s3cr3t")
    monkeypatch.setenv("LIVE", "True")
    folder = make_repository(tmp_path / "clone", {"portal/mkdocs.yml": "x"})
    [reason] = reasons(folder / "portal", "site_author: !ENV AWS_SECRET_ACCESS_KEY\nplugins: [gitguard]")
    assert "AWS_SECRET_ACCESS_KEY" in reason
    assert "s3cr3t" not in reason
    text = "site_url: !ENV [NOT_SET_HERE, LIVE, 'https://x.org']\nplugins: [gitguard]"
    assert reasons(folder / "portal", text) == ()
    assert reasons(folder / "portal", "plugins: [{gitguard: {repositories: ['..']}}]") == ()


def test_a_server_that_its_own_env_file_names_needs_one_where_it_came_with_its_repository(tmp_path: Path) -> None:
    config, env = "config/rollout/current.env", "config/rollout/production.env"
    files = {"mkdocs.yml": "site_name: x\nplugins: [gitguard]\n", env: "JETSTREAM_URL=nats://evil.example\n"}
    make_repository(tmp_path / "site", {**files, config: "CODEX_ROLLOUT_PHASE=production\n"})
    assert reasons(tmp_path / "site", "plugins: [gitguard]") == (
        f"`JETSTREAM_URL` (asks a server: nats://evil.example, {env}:1)",
    )
    assert reasons(tmp_path / "site", "plugins: {gitguard: {events: false}}") == ()
    for name, text in files.items():
        (tmp_path / "own" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "own" / name).write_text(text)
    assert reasons(tmp_path / "own", "plugins: {gitguard: {phase: production}}") == ()
