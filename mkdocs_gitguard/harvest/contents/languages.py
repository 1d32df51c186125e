"""Which language a file is of, told by its name.

Names and endings as in GitHub's linguist
(https://github.com/github-linguist/linguist/blob/main/lib/linguist/languages.yml), the common ones; where several
languages share an ending, the commonest.
"""

from collections import Counter
from collections.abc import Iterable
from functools import lru_cache
from typing import Final

_BY_LANGUAGE: Final[dict[str, str]] = {
    "Assembly": ".asm .s",
    "Astro": ".astro",
    "Batchfile": ".bat .cmd",
    "Bicep": ".bicep .bicepparam",
    "C": ".c .h",
    "C#": ".cs .csx",
    "C++": ".cc .cpp .cxx .hh .hpp .hxx .ipp",
    "CMake": ".cmake CMakeLists.txt",
    "COBOL": ".cob .cbl",
    "CSS": ".css",
    "Cedar": ".cedar .cedarschema",
    "Clojure": ".clj .cljs .cljc .edn",
    "CoffeeScript": ".coffee",
    "Crystal": ".cr",
    "Cuda": ".cu .cuh",
    "Cython": ".pyx .pxd",
    "D": ".d",
    "Dart": ".dart",
    "Dockerfile": ".dockerfile Dockerfile Containerfile",
    "Elixir": ".ex .exs",
    "Elm": ".elm",
    "Erlang": ".erl .hrl",
    "F#": ".fs .fsi .fsx",
    "Fortran": ".f .f90 .f95",
    "Gherkin": ".feature",
    "Go": ".go go.mod",
    "GraphQL": ".graphql .gql",
    "Groovy": ".groovy .gvy Jenkinsfile",
    "HCL": ".hcl .tf .tfvars",
    "HTML": ".html .htm .xhtml",
    "Haskell": ".hs .lhs",
    "INI": ".ini .cfg .editorconfig .properties",
    "JSON": ".json .jsonc .json5 .webmanifest",
    "Java": ".java",
    "JavaScript": ".js .cjs .mjs .jsx",
    "Jinja": ".j2 .jinja .jinja2",
    "Jsonnet": ".jsonnet .libsonnet",
    "Julia": ".jl",
    "Jupyter Notebook": ".ipynb",
    "Kotlin": ".kt .kts",
    "Less": ".less",
    "Lua": ".lua",
    "MDX": ".mdx",
    "Makefile": ".mk .mak Makefile GNUmakefile",
    "Markdown": ".md .markdown",
    "Mustache": ".mustache .hbs .handlebars",
    "Nim": ".nim",
    "Nix": ".nix",
    "OCaml": ".ml .mli",
    "Objective-C": ".m",
    "Objective-C++": ".mm",
    "PHP": ".php .phtml",
    "Pascal": ".pas .dpr",
    "Perl": ".pl .pm",
    "PowerShell": ".ps1 .psm1 .psd1",
    "Protocol Buffers": ".proto",
    "Pug": ".pug .jade",
    "Puppet": ".pp",
    "Python": ".py .pyi .pyw .wsgi",
    "R": ".r .rmd",
    "Rego": ".rego",
    "Ruby": ".rb .rake .gemspec .erb Gemfile Rakefile",
    "Rust": ".rs",
    "SCSS": ".scss .sass",
    "SQL": ".sql",
    "SVG": ".svg",
    "Scala": ".scala .sbt",
    "Scheme": ".scm .ss",
    "Shell": ".sh .bash .zsh .bats .ksh",
    "Smarty": ".tpl",
    "Solidity": ".sol",
    "Starlark": ".bzl .star BUILD BUILD.bazel WORKSPACE",
    "Svelte": ".svelte",
    "Swift": ".swift",
    "TOML": ".toml",
    "Tcl": ".tcl",
    "TeX": ".tex .sty .bib",
    "Text": ".txt",
    "Thrift": ".thrift",
    "TypeScript": ".ts .tsx .mts .cts",
    "Verilog": ".v .sv",
    "Vim Script": ".vim",
    "Visual Basic .NET": ".vb",
    "Vue": ".vue",
    "XML": ".xml .xsd .xsl .csproj .props .targets .resx",
    "YAML": ".yml .yaml",
    "Zig": ".zig",
    "reStructuredText": ".rst",
}
_BY_NAME: Final = {
    name.lower(): language
    for language, names in _BY_LANGUAGE.items()
    for name in names.split()
    if not name.startswith(".")
}
_BY_ENDING: Final = {
    name: language for language, names in _BY_LANGUAGE.items() for name in names.split() if name.startswith(".")
}
_NOT_WRITTEN_HERE: Final = frozenset(["node_modules", "vendor", "third_party", "bower_components", ".yarn"])


def language_of(path: str) -> str:
    """Return the language's name as linguist writes it, or `""` for a file of none or one copied in from elsewhere."""
    folder, _, name = path.rpartition("/")
    return _language_of_name(name.lower()) if _is_written_here(folder) else ""


def count_languages(paths: Iterable[str]) -> list[tuple[str, int]]:
    """Return the languages of `paths` with their numbers of files, most files first, then by name."""
    counts = Counter(map(language_of, paths))
    del counts[""]
    return sorted(counts.items(), key=lambda item: (-item[1], item[0]))


# Ten thousands of files share a few hundred folders, and names like `README.md`.
@lru_cache(maxsize=1_000)
def _is_written_here(folder: str) -> bool:
    return _NOT_WRITTEN_HERE.isdisjoint(folder.split("/"))


@lru_cache(maxsize=100_000)
def _language_of_name(name: str) -> str:
    if known := _BY_NAME.get(name):
        return known
    dot = name.rfind(".")
    if dot > 0 and (by_ending := _BY_ENDING.get(name[dot:])):
        return by_ending
    return _BY_NAME.get(name.partition(".")[0], "") if name.startswith(("dockerfile.", "makefile.")) else ""
