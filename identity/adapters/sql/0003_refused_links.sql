-- Links that clustering refused wait for a steward too. The mark says why; it is clustering's, not the pair's own.
-- Links stored before have none until they are clustered again, by the next batch link at the latest.

ALTER TABLE identity.edge
    ADD COLUMN refusal text CHECK (refusal IN ('torn', 'contradicted', 'unsupported')),
    ADD CHECK (refusal IS NULL OR grade = 'link');
COMMENT ON COLUMN identity.edge.refusal IS 'Why clustering left the ends of a link in two identities.';
CREATE INDEX edge_refused ON identity.edge (decision_weight) WHERE refusal IS NOT NULL;

GRANT UPDATE (refusal) ON identity.edge TO entente_identity;
