-- The tables of the local service. Each "-- migration" opens a step that runs once, in order; never edit one
-- that has been released, add the next.

-- migration 1: resources, objects, logs and metrics

-- Every SageMaker resource: its Describe answer whole, as JSON with times in epoch seconds. A column stands
-- beside it only where lists filter or sort by it.
CREATE TABLE resources (
    kind     TEXT NOT NULL,           -- 'TrainingJob', 'Model', 'EndpointConfig', 'Endpoint', ...
    name     TEXT NOT NULL,
    status   TEXT,
    created  REAL NOT NULL,
    modified REAL NOT NULL,
    parent   TEXT,                    -- the tuning job a training job belongs to
    document TEXT NOT NULL,
    PRIMARY KEY (kind, name)
) WITHOUT ROWID;
CREATE INDEX resources_by_created ON resources (kind, created, name);
CREATE INDEX resources_by_parent ON resources (kind, parent, created) WHERE parent IS NOT NULL;

CREATE TABLE buckets (
    name    TEXT PRIMARY KEY,
    created REAL NOT NULL
) WITHOUT ROWID;

-- An object's bytes are the file `objects/<file>`; the row appears only once the file is whole.
CREATE TABLE objects (
    bucket   TEXT NOT NULL REFERENCES buckets (name),
    key      TEXT NOT NULL,
    file     TEXT NOT NULL UNIQUE,
    size     INTEGER NOT NULL,
    etag     TEXT NOT NULL,
    modified REAL NOT NULL,
    headers  TEXT NOT NULL,           -- JSON: Content-Type, Content-Encoding, x-amz-meta-*, ...
    PRIMARY KEY (bucket, key)
) WITHOUT ROWID;

CREATE TABLE uploads (
    id      TEXT PRIMARY KEY,
    bucket  TEXT NOT NULL,
    key     TEXT NOT NULL,
    created REAL NOT NULL,
    headers TEXT NOT NULL
) WITHOUT ROWID;

CREATE TABLE parts (
    upload   TEXT NOT NULL REFERENCES uploads (id),
    number   INTEGER NOT NULL,
    file     TEXT NOT NULL UNIQUE,
    size     INTEGER NOT NULL,
    etag     TEXT NOT NULL,
    modified REAL NOT NULL,
    PRIMARY KEY (upload, number)
) WITHOUT ROWID;

CREATE TABLE log_events (
    id        INTEGER PRIMARY KEY,
    log_group TEXT NOT NULL,
    stream    TEXT NOT NULL,
    timestamp INTEGER NOT NULL,       -- epoch milliseconds
    message   TEXT NOT NULL
);
CREATE INDEX log_events_by_stream ON log_events (log_group, stream, id);

CREATE TABLE datapoints (
    namespace  TEXT NOT NULL,
    name       TEXT NOT NULL,
    dimensions TEXT NOT NULL,         -- canonical JSON of {name: value}
    timestamp  REAL NOT NULL,         -- epoch seconds
    value      REAL NOT NULL
);
CREATE INDEX datapoints_by_metric ON datapoints (namespace, name, dimensions, timestamp);

-- migration 2: tags, and resources by their ARN

ALTER TABLE resources ADD COLUMN arn TEXT;
UPDATE resources SET arn = json_extract(document, '$.' || kind || 'Arn');
CREATE UNIQUE INDEX resources_by_arn ON resources (arn);

CREATE TABLE tags (
    arn   TEXT NOT NULL,              -- of a resource that exists
    key   TEXT NOT NULL,
    value TEXT NOT NULL,
    PRIMARY KEY (arn, key)
) WITHOUT ROWID;

-- migration 3: how far the journal goes

CREATE TABLE journal (
    number INTEGER NOT NULL           -- of the last transaction that was journaled
);
INSERT INTO journal VALUES (0);

-- migration 4: no infinite datapoints, which CloudWatch does not take either

DELETE FROM datapoints WHERE abs(value) > 1.7976931348623157e308;

-- migration 5: checksums of parts, in base64, by the algorithm of their upload; and what an object came in

ALTER TABLE parts ADD COLUMN checksum TEXT NOT NULL DEFAULT '';
ALTER TABLE objects ADD COLUMN part_sizes TEXT NOT NULL DEFAULT '[]';
