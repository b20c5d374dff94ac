-- The language that pages speak to somebody, where they chose one; else their browser says.
ALTER TABLE person ADD COLUMN language text CHECK (language ~ '^[a-z]{2}$');
COMMENT ON COLUMN person.language IS 'ISO 639-1; none where the browser says what is spoken.';
