"""Every number that is claimed about speed, measured in one run; it never touches a workspace that
somebody uses."""
