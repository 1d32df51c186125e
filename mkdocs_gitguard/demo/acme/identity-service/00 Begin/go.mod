module gitlab.com/acme/identity-service

go 1.22
