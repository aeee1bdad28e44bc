-- What people expressed, to whom it spread, and what they were shown. Append-only but for one row that counts.
--
-- The database sees keyed MACs in place of identifiers, names of the catalogue, enumerations, ids we minted and times; evidence is sealed.
-- Every row carries a MAC under a key that is not in the database, over all its columns and the table's name: none can be altered or
-- moved unnoticed. Rows are numbered without a gap, per anchor (``ordinal``) and overall (``position``), and the counts stand in the
-- one row of ``revision``: none can be taken out of the middle unnoticed, nor from the end once the whole is read in order.

CREATE TABLE consent.revision (
    single    bool PRIMARY KEY CHECK (single),
    revision  int8 NOT NULL CHECK (revision >= 0),
    entries   int8 NOT NULL CHECK (entries >= 0),          -- the highest position of an event or echo
    catalogue int8 NOT NULL CHECK (catalogue >= 0),        -- the number of published versions
    mac       bytea NOT NULL
);
COMMENT ON TABLE consent.revision IS 'One row: how far everything has come. Whoever writes holds it, so that revisions are committed in order.';

CREATE TABLE consent.event (
    source          text NOT NULL,
    anchor          bytea NOT NULL CHECK (length(anchor) = 16),
    ordinal         int4 NOT NULL CHECK (ordinal >= 1),    -- counts the events and echoes of an anchor together
    position        int8 NOT NULL CHECK (position >= 1),   -- counts all events and echoes together
    revision        int8 NOT NULL CHECK (revision >= 1),
    event_id        uuid NOT NULL,
    kind            text NOT NULL,
    purpose         text,
    purpose_version int4,
    channel         text,
    recipient       text,
    expressed_at    timestamptz NOT NULL,
    recorded_at     timestamptz NOT NULL,
    method          text NOT NULL,
    actor           text NOT NULL,
    assurance       int2 NOT NULL,
    notice          text,
    notice_version  int4,
    language        text,
    notice_digest   bytea,
    valid_until     timestamptz,
    evidence        bytea,                                 -- sealed
    concerns        uuid,
    mac             bytea NOT NULL,
    PRIMARY KEY (anchor, source, ordinal)
);
COMMENT ON TABLE consent.event IS 'What was expressed on an anchor; append-only.';
CREATE UNIQUE INDEX event_id ON consent.event (event_id);
CREATE UNIQUE INDEX event_order ON consent.event (revision, position);

CREATE TABLE consent.echo (
    source   text NOT NULL,
    anchor   bytea NOT NULL CHECK (length(anchor) = 16),
    ordinal  int4 NOT NULL CHECK (ordinal >= 1),
    position int8 NOT NULL CHECK (position >= 1),
    revision int8 NOT NULL CHECK (revision >= 1),
    event_id uuid NOT NULL,
    mac      bytea NOT NULL,
    PRIMARY KEY (anchor, source, ordinal)
);
COMMENT ON TABLE consent.echo IS 'Anchors with which a denial of another anchor stays; append-only.';
CREATE UNIQUE INDEX echo_event ON consent.echo (event_id, anchor, source);
CREATE UNIQUE INDEX echo_order ON consent.echo (revision, position);

-- What is published --------------------------------------------------------------------------------------------------

CREATE TABLE consent.purpose_version (
    name         text NOT NULL,
    version      int4 NOT NULL CHECK (version >= 1),
    document     bytea NOT NULL,                           -- canonical JSON
    digest       bytea NOT NULL,                           -- its SHA-256
    published_at timestamptz NOT NULL,
    mac          bytea NOT NULL,
    PRIMARY KEY (name, version)
);
COMMENT ON TABLE consent.purpose_version IS 'Purposes as published; append-only.';

CREATE TABLE consent.notice_version (
    name         text NOT NULL,
    version      int4 NOT NULL CHECK (version >= 1),
    document     bytea NOT NULL,
    digest       bytea NOT NULL,
    published_at timestamptz NOT NULL,
    mac          bytea NOT NULL,
    PRIMARY KEY (name, version)
);
COMMENT ON TABLE consent.notice_version IS 'Notices as published; append-only.';

CREATE TABLE consent.request (
    caller     text NOT NULL,
    method     text NOT NULL,
    request_id text NOT NULL,
    body_mac   bytea NOT NULL,
    answer     bytea NOT NULL,
    at         timestamptz NOT NULL,
    mac        bytea NOT NULL,
    PRIMARY KEY (caller, method, request_id)
);
COMMENT ON TABLE consent.request IS 'Answers already given, so that a request repeated is answered alike; append-only.';
CREATE INDEX request_at ON consent.request (at);

-- Rights: read everything, append, and change only what must change. ---------------------------------------------------

GRANT USAGE ON SCHEMA consent TO entente_consent;
GRANT SELECT, INSERT ON ALL TABLES IN SCHEMA consent TO entente_consent;
REVOKE INSERT ON consent.schema_migration FROM entente_consent;
GRANT UPDATE (revision, entries, catalogue, mac) ON consent.revision TO entente_consent;
