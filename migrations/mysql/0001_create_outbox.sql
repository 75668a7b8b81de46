-- What happened to people, to be copied to the administrators' database: written in the transaction
-- that changes them. The relay claims undelivered rows in the order of their ids.
CREATE TABLE outbox (
    id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT,
    event_id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    kind VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    subject_kind VARCHAR(32) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    subject_id BIGINT UNSIGNED NOT NULL,
    version BIGINT UNSIGNED NOT NULL,
    payload JSON NOT NULL,
    created_at DATETIME(3) NOT NULL,
    claimed_until DATETIME(3) NULL,
    attempts INT UNSIGNED NOT NULL DEFAULT 0,
    delivered_at DATETIME(3) NULL,
    PRIMARY KEY (id),
    UNIQUE KEY outbox_by_event_id (event_id),
    KEY outbox_by_delivery (delivered_at, id),
    KEY outbox_by_subject (subject_kind, subject_id)
) ENGINE=InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin
