-- The members of an identity come from one index alone. With two to combine, a plan made while the table was small could read
-- every current assignment for each question, and be kept while the table grew.

DROP INDEX identity.assignment_of_identity;
CREATE INDEX assignment_of_identity ON identity.assignment (identity_id, valid_to) INCLUDE (record_id);
