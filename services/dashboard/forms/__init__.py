"""Forms made from the typed shapes of what is filled in; nothing here records."""
