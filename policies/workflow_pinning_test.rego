package gitguard.workflow_pinning_test

import rego.v1

import data.gitguard.workflow_pinning

pinned := {
	"permissions": {},
	"jobs": {"test": {"steps": [
		{"uses": "actions/checkout@08c6903cd8c0fde910a37f88322edcfb5dd907a8"},
		{"uses": "./"},
		{"run": "pytest"},
	]}},
}

test_pinned_passes if count(workflow_pinning.deny) == 0 with input as pinned

test_tag_is_denied if {
	count(workflow_pinning.deny) == 1 with input as {
		"permissions": {},
		"jobs": {"test": {"steps": [{"uses": "actions/checkout@v5"}]}},
	}
}

test_unstated_permissions_are_denied if count(workflow_pinning.deny) == 1 with input as {"jobs": {}}
