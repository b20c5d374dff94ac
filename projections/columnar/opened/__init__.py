"""What one government or one number opens into: explanation, dossier and page."""
