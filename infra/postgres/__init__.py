"""The log and the views in PostgreSQL 18; SQL lives in `.sql` files beside these modules."""
