"""What the product promises, tried from outside: a demo as people start it, a browser, official
clients, the program; no part of it is called directly."""
