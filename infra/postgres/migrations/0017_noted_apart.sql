-- Deliveries are noted without a look at the row of their workspace.
--
-- Every claim that is recorded changes that row; a reference from each delivery locked it thousands
-- of times a second. Row-level security holds every row to the workspace of its transaction as it
-- is, and a delivery is only noted of a source, which a workspace has.
ALTER TABLE webhook_delivery DROP CONSTRAINT workspace_exists;
