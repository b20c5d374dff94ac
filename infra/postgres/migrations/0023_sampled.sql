-- After a build the planner is told what the new rows are like before they are read: of a generation
-- that nobody has looked at it believes that it has one row, and takes every index for equally good.

-- What rows carry in bytes and prose is asked for by nothing that is planned; looking at samples of
-- it took most of the time.
ALTER TABLE claim_version ALTER COLUMN body SET STATISTICS 0, ALTER COLUMN words SET STATISTICS 0;
ALTER TABLE government_claim ALTER COLUMN facts SET STATISTICS 0;
ALTER TABLE figure_part ALTER COLUMN body SET STATISTICS 0;

-- Take samples of the rows of all views: only the owner of a table may.
CREATE FUNCTION sample_views() RETURNS void LANGUAGE plpgsql SECURITY DEFINER
    SET search_path = article20, pg_temp AS $$
BEGIN
    ANALYZE claim_version, claim_relation, government_claim, figure_part;
END $$;

REVOKE ALL ON FUNCTION sample_views FROM PUBLIC;
GRANT EXECUTE ON FUNCTION sample_views TO article20_app;
