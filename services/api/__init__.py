"""The HTTP side: routes, access, problems and the server; it never decides what is true."""
