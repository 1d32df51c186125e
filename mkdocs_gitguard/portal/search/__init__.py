"""The portal's own search: what can be found, as a static index that a browser reads in small parts.

`docs/search.md` tells the format of the files. `text` says what a word is, `entries` what of a snapshot can be found,
`segments` what a group of entries puts into which table, `shards` how a table is parted, `index` writes what has
changed.
"""

from mkdocs_gitguard.portal.search.entries import digest_of, groups_of, reference_of_change, references_of
from mkdocs_gitguard.portal.search.index import SEARCH_ROOT, Indexed, write_index

__all__ = ["SEARCH_ROOT", "Indexed", "digest_of", "groups_of", "reference_of_change", "references_of", "write_index"]
