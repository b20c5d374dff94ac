-- name: make_room
-- A value of 4 MiB, made and let go of.
SELECT octet_length(repeat(repeat(' ', 1024), 4096));
