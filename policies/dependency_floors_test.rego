package gitguard.dependency_floors_test

import rego.v1

import data.gitguard.dependency_floors

good := {"project": {"dependencies": ["GitPython>=3.2.1", "mkdocs>=1.6,<2"]}}

test_good_floors_pass if {
	count(dependency_floors.deny) == 0 with input as good
	count(dependency_floors.warn) == 0 with input as good
}

test_lowered_floor_is_denied if {
	count(dependency_floors.deny) == 1 with input as {"project": {"dependencies": ["GitPython>=3.1", "mkdocs>=1.6,<2"]}}
}

test_missing_bound_is_warned_of if {
	count(dependency_floors.warn) == 1 with input as {"project": {"dependencies": ["click"]}}
}
