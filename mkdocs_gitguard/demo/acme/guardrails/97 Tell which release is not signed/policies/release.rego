# METADATA
# title: What may be released
# custom:
#   severity: medium
package acme.release

import rego.v1

# METADATA
# title: Signed releases
# custom:
#   short_name: signed
#   severity: critical
deny contains message if {
	not input.signature
	message := sprintf("The release %s is not signed.", [input.tag])
}

# METADATA
# title: Release notes
# custom:
#   short_name: noted
warn contains message if {
	input.notes == ""
	message := "The release has no notes."
}
