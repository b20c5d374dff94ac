"""PostgreSQL 18: the server, its connections and its schema; what is done with it has rooms of its
own. SQL lives in `.sql` files beside these modules."""
