# METADATA
# scope: package
# title: Workflow pinning
# description: >-
#   A GitHub Actions workflow uses actions by full commit id and asks for the least permissions. The input is one
#   workflow file as JSON.
# related_resources:
#   - ref: https://docs.github.com/en/actions/security-for-github-actions/security-guides/security-hardening-for-github-actions
#     description: GitHub's hardening guide
# custom:
#   severity: high
#   category: supply chain
package gitguard.workflow_pinning

import rego.v1

# METADATA
# title: An action is not pinned
# description: A tag or branch can be moved to other code; a commit id cannot.
# custom:
#   severity: high
deny contains message if {
	some job_name, job in input.jobs
	some step in job.steps
	uses := step.uses
	not startswith(uses, "./")
	not regex.match(`^[^@]+@[0-9a-f]{40}$`, uses)
	message := sprintf("Job %s uses %s: pin it to a commit id.", [job_name, uses])
}

# METADATA
# title: Permissions are not stated
# description: Without `permissions`, the token has whatever the repository's default gives it.
# custom:
#   severity: medium
deny contains message if {
	not is_object(input.permissions)
	message := "The workflow does not state its permissions: write `permissions: {}` and give each job what it needs."
}
