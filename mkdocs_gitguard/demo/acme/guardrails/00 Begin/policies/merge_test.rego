package acme.merge_test

import data.acme.merge
import rego.v1

test_reviewed if count(merge.deny) == 1 with input as {"approvals": [], "forced": false}

test_forced if count(merge.deny) == 1 with input as {"approvals": ["mira"], "forced": true}
