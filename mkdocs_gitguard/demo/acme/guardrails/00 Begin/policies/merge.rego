# METADATA
# title: What may be merged
# description: Every pull request is reviewed by a code owner, and history is never rewritten.
# custom:
#   severity: high
package acme.merge

import rego.v1

# METADATA
# title: Reviewed by a code owner
# custom:
#   short_name: reviewed
deny contains message if {
	count(input.approvals) == 0
	message := "No code owner has approved this pull request."
}

# METADATA
# title: No rewritten history
# custom:
#   short_name: no_force
#   severity: critical
deny contains message if {
	input.forced
	message := "A force push would rewrite what others have built on."
}
