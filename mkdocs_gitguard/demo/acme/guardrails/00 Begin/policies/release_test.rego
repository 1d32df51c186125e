package acme.release_test

import data.acme.release
import rego.v1

test_unsigned if count(release.deny) == 1 with input as {"notes": "a"}
