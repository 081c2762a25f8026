"""Images in files: OCI layout directories, OCI archives, docker archives."""
