-- For pgbench: the peers' spend, statement by statement, with nothing in front of the database.
\set wallet random(:first_wallet, :last_wallet)
\set freelancer random(1, 1000)
\set key random(1, 9000000000000000000)
BEGIN;
SELECT outcome FROM idempotency WHERE key = :key::bigint::text;
SELECT available, sequence + 1 AS next FROM wallet WHERE id = :wallet FOR UPDATE \gset
\if :available
UPDATE wallet SET available = available - 1, sequence = sequence + 1 WHERE id = :wallet RETURNING available AS available_after \gset
INSERT INTO entry (wallet_id, sequence, kind, action, connects, available_after, created_at) VALUES (:wallet, :next, 'SPEND', 'INVITE_FREELANCER', -1, :available_after, now());
INSERT INTO invitation (wallet_id, freelancer_id, message, connects, status, created_at) VALUES (:wallet, :freelancer, 'We like your bread.', 1, 'PENDING', now()) RETURNING id AS invitation \gset
INSERT INTO idempotency (key, outcome) VALUES (:key::bigint::text, :invitation::bigint::text);
\endif
COMMIT;
