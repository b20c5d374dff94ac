"""PostgreSQL, files, mail and outgoing HTTP; it holds no rule of what is true."""
