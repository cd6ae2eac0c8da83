-- What the peers keep: the least that a ledger of spends needs. {key} is a number that counts up.
CREATE TABLE wallet (
    id integer NOT NULL PRIMARY KEY,
    available integer NOT NULL CHECK (available >= 0),
    sequence integer NOT NULL
);
CREATE TABLE invitation (
    id {key},
    wallet_id integer NOT NULL REFERENCES wallet (id),
    freelancer_id integer NOT NULL,
    message text NOT NULL,
    connects integer NOT NULL,
    status text NOT NULL,
    created_at {time} NOT NULL
);
CREATE TABLE entry (
    wallet_id integer NOT NULL REFERENCES wallet (id),
    sequence integer NOT NULL,
    kind text NOT NULL,
    action text,
    connects integer NOT NULL,
    available_after integer NOT NULL,
    created_at {time} NOT NULL,
    PRIMARY KEY (wallet_id, sequence)
);
CREATE TABLE idempotency (
    key text NOT NULL PRIMARY KEY,
    outcome text NOT NULL
);
