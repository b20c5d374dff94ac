"""Claims in spreadsheets, CSV and XLSX: read, matched, written; what is recorded is decided
elsewhere."""
