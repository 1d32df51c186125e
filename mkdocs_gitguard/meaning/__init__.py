"""Search by meaning: texts as vectors, so that what is about the same is close, whatever words it uses.

`texts` says what of a snapshot has a meaning, `router` which model makes vectors of it (`word_table`, `minilm`,
`endpoint`), `vectors` keeps them between builds, `near` compares them. `files` writes what a browser needs to place a
question among them without any server: see docs/meaning-search.md.
"""
