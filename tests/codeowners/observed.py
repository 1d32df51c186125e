"""Which paths a GitHub pattern matches: 30 patterns, 153 paths.

The observations are those that github.com/hmarr/codeowners publishes in testdata/patterns.json (MIT License,
Copyright (c) 2020 Harry Marr), checked there against GitHub; written here as `pattern: (matches, does not match)`.
"""

OBSERVED: dict[str, tuple[str, str]] = {
    "foo": ("foo foo/bar bar/foo bar/foo/baz", "foo.txt bar/foo.txt bar/baz"),
    "/foo": ("foo foo/bar foo/bar/baz", "fool.txt bar/foo bar/baz bar/foo/baz"),
    "foo/": ("foo/bar foo/bar/baz bar/foo/baz bar/foo/baz/qux", "foo bar/foo bar/baz"),
    "/foo/": ("foo/bar foo/bar/baz", "foo bar/foo bar/baz bar/foo/baz bar/foo/baz/qux"),
    "foo/bar": ("foo/bar foo/bar/baz", "foo/bart baz/foo/bar baz/foo/bar/qux"),
    "/foo/bar": ("foo/bar foo/bar/baz", "foo/bart baz/foo/bar baz/foo/bar/qux"),
    "foo/bar/": ("foo/bar/baz", "foo/bar foo/bart baz/foo/bar baz/foo/bar/qux"),
    "/foo/bar/": ("foo/bar/baz foo/bar/baz/qux", "foo/bar foo/bart baz/foo/bar baz/foo/bar/qux"),
    "*": ("foo foo/bar bar/foo bar/foo/baz bar/baz xfoo", ""),
    "f*": ("foo foo/bar foo/bar/baz bar/foo bar/foo/baz", "bar/baz xfoo"),
    "/*": ("foo bar", "foo/bar foo/bar/baz"),
    "/f*": ("foo foo/bar foo/bar/baz", "bar/foo bar/foo/baz bar/baz xfoo"),
    "f*/": ("foo/bar bar/foo/baz", "foo bar/foo bar/baz xfoo"),
    "/*/": ("foo/bar bar/foo bar/foo/baz", "foo"),
    "/f*/": ("foo/bar", "foo bar/foo bar/foo/baz bar/baz xfoo"),
    "f\\*o": ("f*o", "foo"),
    "foo/*": ("foo/bar", "foo foo/bar/baz bar/foo bar/foo/baz bar/baz xfoo"),
    "foo/*.txt": ("foo/bar.txt", "foo foo/bar/baz.txt qux/foo/bar.txt qux/foo/bar/baz.txt"),
    "foo/*/baz": ("foo/bar/baz foo/bar/baz/qux", "foo foo/bar foo/baz"),
    "f?o": ("foo", "fo fooo"),
    "f\\?o": ("f?o", "foo"),
    "**/foo/bar": ("foo/bar qux/foo/bar qux/foo/bar/baz", "foo/baz/bar qux/foo/baz/bar"),
    "**/*bar*": ("bar foo/bar foo/rebar foo/barrio foo/qux/bar", ""),
    "foo/bar/**": ("foo/bar/baz foo/bar/baz/qux", "foo/bar qux/foo/bar qux/foo/bar/baz"),
    "foo/**/bar": (
        "foo/bar foo/bar/baz foo/qux/bar/baz foo/qux/quux/bar/baz foo/bar/baz/qux",
        "qux/foo/bar qux/foo/bar/baz",
    ),
    "foo/**/": ("foo/bar foo/bar/ foo/bar/baz", "foo"),
    "foo/**/bar/b*": ("foo/bar/baz foo/qux/bar/baz", "foo/bar foo/bar/qux foo/qux/bar foo/qux/bar/qux"),
    "/apps/[param]/file.ts": ("apps/[param]/file.ts", "apps/other/file.ts apps/[other]/file.ts apps/param/file.ts"),
    "services/foo:bar/**/*": ("services/foo:bar/baz.json", "services/foo-bar/baz.json"),
    "vllm/v1/worker/^cpu": ("vllm/v1/worker/^cpu", "vllm/v1/worker/cpu"),
}
