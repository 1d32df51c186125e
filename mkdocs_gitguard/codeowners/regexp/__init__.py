"""Regular expressions as forges' programs read them, matched in time linear in the text.

Two languages: `re2` is Go's own (https://github.com/google/re2/wiki/Syntax, as in Go 1.25), which Forgejo uses;
`regexp2` is .NET's as github.com/dlclark/regexp2 2.5 has it, which Gitea uses since 1.26.
"""

from mkdocs_gitguard.codeowners.regexp.expression import Language, Regexp, State
from mkdocs_gitguard.codeowners.regexp.tree import RegexpError

__all__ = ["Language", "Regexp", "RegexpError", "State"]
