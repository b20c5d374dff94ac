-- What makes a key of searches is written so that the server puts it in line where it is called:
-- for that nothing in it may depend on settings, as `||` between a text and a number does. Keys
-- stay what they are, and the four of where a claim lies take a fifth of the time.
CREATE OR REPLACE FUNCTION search_key(p_workspace text, p_generation int, p_part bigint)
RETURNS int LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT ((hashtextextended(p_workspace || E'\x1f' || p_generation::text, p_part) & 4294967295)
        - 2147483648)::int
$$;
