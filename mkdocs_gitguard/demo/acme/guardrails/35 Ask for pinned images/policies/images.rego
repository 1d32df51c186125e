# METADATA
# title: What images may be deployed
# custom:
#   severity: high
package acme.images

import rego.v1

# METADATA
# title: Images are pinned by digest
# custom:
#   short_name: pinned
deny contains message if {
	some image in input.images
	not contains(image, "@sha256:")
	message := sprintf("The image %s is not pinned by its digest.", [image])
}

# METADATA
# title: Images come from our registry
# custom:
#   short_name: ours
#   severity: medium
warn contains message if {
	some image in input.images
	not startswith(image, "registry.acme.example/")
	message := sprintf("The image %s does not come from our registry.", [image])
}
