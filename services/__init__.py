"""What people and machines talk to; it never decides what is true."""
