-- Sealed records, identities, and what was decided about them.
--
-- The database sees a source's name, keyed MACs and tags, wrapped keys, ciphertext, ids we minted, weights and times.
-- Nothing here is a value of a person. Order comes from ids and ordinals, never from a sequence.

-- Records ------------------------------------------------------------------------------------------------------------

CREATE TABLE identity.record (
    record_id   uuid PRIMARY KEY,
    source      text NOT NULL,
    key_mac     bytea NOT NULL,
    version     int4 NOT NULL CHECK (version >= 1),
    content_mac bytea NOT NULL,
    deleted     bool NOT NULL,
    block_keys  int8[] NOT NULL,           -- the rows of block_key that are this record's, so that they can be found again
    changed_at  timestamptz NOT NULL,
    UNIQUE (source, key_mac)
);
COMMENT ON TABLE identity.record IS 'The newest state of each source record, without its content.';

CREATE TABLE identity.record_version (
    record_id    uuid NOT NULL,
    version      int4 NOT NULL,
    content_mac  bytea NOT NULL,
    bucket       int4 NOT NULL,
    epoch        int4 NOT NULL,
    wrapped_key  bytea NOT NULL,
    sealed       bytea NOT NULL,
    standardiser int4 NOT NULL,
    recorded_at  timestamptz NOT NULL,
    PRIMARY KEY (record_id, version)
);
COMMENT ON TABLE identity.record_version IS 'Every version of every record, sealed; append-only.';

-- Looked up by key, at most a cap of rows each, from the index alone; loaded in key order.
CREATE TABLE identity.block_key (
    key       int8 NOT NULL,
    record_id uuid NOT NULL,
    PRIMARY KEY (key, record_id)
);
COMMENT ON TABLE identity.block_key IS 'Keyed 64-bit blocking tags of live records.';

-- Identities ---------------------------------------------------------------------------------------------------------

CREATE TABLE identity.identity (
    identity_id   uuid PRIMARY KEY,
    state         text NOT NULL CHECK (state IN ('current', 'superseded', 'split', 'retired')),
    created_at    timestamptz NOT NULL,
    created_cause text NOT NULL,
    superseded_by uuid,
    split_into    uuid[] NOT NULL,
    quarantined   bool NOT NULL,
    CHECK ((state = 'superseded') = (superseded_by IS NOT NULL)),
    CHECK ((state = 'split') = (split_into <> '{}'))
);
COMMENT ON TABLE identity.identity IS 'Every id ever issued; none is ever removed, so that each answers for ever.';

CREATE TABLE identity.assignment (
    record_id   uuid NOT NULL,
    ordinal     int4 NOT NULL CHECK (ordinal >= 1),   -- counts a record's assignments
    identity_id uuid NOT NULL,
    valid_from  timestamptz NOT NULL,
    valid_to    timestamptz,
    cause       text NOT NULL,
    PRIMARY KEY (record_id, ordinal)
);
COMMENT ON TABLE identity.assignment IS 'Which record belonged to which identity, when, and why; only valid_to is ever written again, once.';
CREATE UNIQUE INDEX assignment_current ON identity.assignment (record_id) INCLUDE (identity_id) WHERE valid_to IS NULL;
CREATE INDEX assignment_of_identity ON identity.assignment (identity_id);

CREATE TABLE identity.identity_event (
    identity_id uuid NOT NULL,
    ordinal     int4 NOT NULL CHECK (ordinal >= 1),   -- counts an identity's events
    kind        text NOT NULL CHECK (kind IN ('superseded', 'split', 'revived', 'retired', 'quarantined', 'released')),
    at          timestamptz NOT NULL,
    cause       text NOT NULL,
    others      uuid[] NOT NULL,
    PRIMARY KEY (identity_id, ordinal)
);
COMMENT ON TABLE identity.identity_event IS 'What happened to an identity after its creation; append-only.';

-- Evidence and decisions ---------------------------------------------------------------------------------------------

CREATE TABLE identity.edge (
    left_id         uuid NOT NULL,
    right_id        uuid NOT NULL,
    match_weight    float8 NOT NULL,
    decision_weight float8 NOT NULL,
    grade           text NOT NULL CHECK (grade IN ('link', 'hold', 'review', 'veto')),
    PRIMARY KEY (left_id, right_id),
    CHECK (left_id < right_id)
);
COMMENT ON TABLE identity.edge IS 'Scored pairs under the active bundle; recomputed at will.';
CREATE INDEX edge_right ON identity.edge (right_id);
CREATE INDEX edge_review ON identity.edge (decision_weight) WHERE grade IN ('hold', 'review');

CREATE TABLE identity.judgement (
    left_id   uuid NOT NULL,
    right_id  uuid NOT NULL,
    ordinal   int4 NOT NULL CHECK (ordinal >= 1),     -- counts a pair's judgements
    verdict   text NOT NULL CHECK (verdict IN ('same', 'different', 'unsure')),
    authority int2 NOT NULL,
    author    text NOT NULL,
    at        timestamptz NOT NULL,
    PRIMARY KEY (left_id, right_id, ordinal),
    CHECK (left_id < right_id)
);
COMMENT ON TABLE identity.judgement IS 'Decisions on pairs; append-only.';
CREATE INDEX judgement_right ON identity.judgement (right_id);

-- Models, requests, keys ---------------------------------------------------------------------------------------------

CREATE TABLE identity.bundle (
    digest     text PRIMARY KEY,
    document   bytea NOT NULL,
    created_at timestamptz NOT NULL
);
COMMENT ON TABLE identity.bundle IS 'Sealed linkage models by the hash of their plain form; append-only.';

CREATE TABLE identity.promotion (
    ordinal int4 PRIMARY KEY CHECK (ordinal >= 1),    -- counts promotions; the highest is the one in force
    digest  text NOT NULL,
    at      timestamptz NOT NULL
);
COMMENT ON TABLE identity.promotion IS 'Which bundle was made active, when; append-only.';

CREATE TABLE identity.request (
    caller     text NOT NULL,
    method     text NOT NULL,
    request_id text NOT NULL,
    body_mac   bytea NOT NULL,
    answer     bytea NOT NULL,
    at         timestamptz NOT NULL,
    PRIMARY KEY (caller, method, request_id)
);
COMMENT ON TABLE identity.request IS 'Answers already given, so that a request repeated is answered alike; append-only.';
CREATE INDEX request_at ON identity.request (at);

CREATE TABLE identity.wrapped_key (
    kind       text NOT NULL,
    bucket     int4 NOT NULL,
    epoch      int4 NOT NULL CHECK (epoch >= 1),
    wrapped_by text NOT NULL,
    wrapped    bytea NOT NULL,
    PRIMARY KEY (kind, bucket, epoch)
);
COMMENT ON TABLE identity.wrapped_key IS 'Keys, encrypted under a key that is not in the database.';

-- Rights: read everything, append, and change only what must change. ---------------------------------------------------

GRANT USAGE ON SCHEMA identity TO entente_identity;
GRANT SELECT, INSERT ON ALL TABLES IN SCHEMA identity TO entente_identity;
REVOKE INSERT ON identity.schema_migration FROM entente_identity;
GRANT UPDATE (version, content_mac, deleted, block_keys, changed_at) ON identity.record TO entente_identity;
GRANT DELETE ON identity.block_key TO entente_identity;
GRANT UPDATE (state, superseded_by, split_into, quarantined) ON identity.identity TO entente_identity;
GRANT UPDATE (valid_to) ON identity.assignment TO entente_identity;
GRANT UPDATE (match_weight, decision_weight, grade), DELETE ON identity.edge TO entente_identity;
