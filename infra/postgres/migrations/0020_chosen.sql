-- What somebody chose for a row of an uploaded spreadsheet, before it is recorded.
ALTER TABLE sheet_import_row ADD COLUMN choice text
    CONSTRAINT choice_is_known CHECK (choice IN ('take', 'leave', 'same'));
COMMENT ON COLUMN sheet_import_row.choice IS
    'Taken as a new claim, left out, or the same as the claim it resembles; null where nobody chose.';
