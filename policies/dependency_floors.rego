# METADATA
# scope: package
# title: Dependency floors
# description: >-
#   The lower bounds in pyproject.toml are ones that really work: below them lie known holes or missing features.
#   The input is pyproject.toml as JSON.
# related_resources:
#   - ref: https://packaging.python.org/en/latest/specifications/pyproject-toml/
#     description: pyproject.toml specification
# custom:
#   severity: high
#   category: supply chain
package gitguard.dependency_floors

import rego.v1

# The reason stands beside each floor, so that nobody lowers one without reading why it is there.
floors := {
	"GitPython": {"text": "GitPython>=3.2.1", "why": "33 advisories were fixed after 3.1.46"},
	"mkdocs": {"text": "mkdocs>=1.6,<2", "why": "1.6 brought File.generated; 2 drops plugins"},
}

# METADATA
# title: A dependency is missing or its floor was moved
# description: Each package that has a floor must be asked for with exactly that floor.
# custom:
#   severity: high
deny contains message if {
	some name, floor in floors
	not floor.text in input.project.dependencies
	message := sprintf("%s must be asked for as %s: %s.", [name, floor.text, floor.why])
}

# METADATA
# title: A dependency has no lower bound
# description: Without a lower bound, an old version that was never tried can be installed.
# custom:
#   severity: medium
warn contains message if {
	some dependency in input.project.dependencies
	not contains(dependency, ">=")
	message := sprintf("%s has no lower bound.", [dependency])
}
