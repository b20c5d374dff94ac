"""What each page shows, as frozen fields, and the pure functions that build it; never fetching."""
