resource "aws_s3_bucket" "invoices" {
  # checkov:skip=CKV_AWS_18:Access is logged by the proxy in front of it
  bucket = "acme-invoices"
}
