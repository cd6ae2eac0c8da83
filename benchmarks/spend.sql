-- For pgbench: a spend of 1 Connect with the statements of mercurius/statements.js and no server:
-- no token is checked, and no response is sent.
-- bench_turn enumerates all pairs of a job and a freelancer, each once.
BEGIN;
SELECT t.turn, n.freelancer_id, u.id AS user_id, j.id AS job_id, w.account_id, w.account_kind,
  w.available, w.held, w.sequence, w.head_hash, w.next_event_at, w.updated_at
FROM (SELECT nextval('bench_turn') AS turn) AS t
JOIN bench_spend AS b ON b.number = :first + t.turn % :jobs
JOIN bench_freelancer AS n ON n.number = t.turn / :jobs % :freelancers
JOIN "user" AS u ON u.subject = b.subject
JOIN membership AS m ON m.user_id = u.id
JOIN job AS j ON j.account_id = m.account_id AND j.id = b.job_id
JOIN wallet AS w ON w.account_id = m.account_id
FOR NO KEY UPDATE OF w \gset
SELECT t.now,
  j.status = 'OPEN' AND j.expires_at > t.now AND f.account_id IS NOT NULL
  AND NOT EXISTS (
    SELECT 1 FROM membership AS m WHERE m.account_id = f.account_id AND m.user_id = :user_id
  )
  AND NOT EXISTS (
    SELECT 1 FROM invitation AS v WHERE v.job_id = j.id AND v.freelancer_id = f.account_id
      AND (v.status = 'ACCEPTED' OR (v.status = 'PENDING' AND v.expires_at > t.now))
  )
  AND i.key IS NULL AND :next_event_at > t.now AND :available >= 1
  AND c.connects <= 1 AND COALESCE(r.percent, 0) < 100 AS may_spend
FROM (
  SELECT GREATEST((extract(epoch FROM clock_timestamp()) * 1000000)::bigint, :updated_at) AS now
) AS t
JOIN job AS j ON j.id = :job_id
LEFT JOIN freelancer AS f ON f.account_id = :freelancer_id
LEFT JOIN idempotency AS i ON i.user_id = :user_id AND i.key = :turn
LEFT JOIN cost_rule AS c ON c.action = 'INVITE_FREELANCER' AND c.account_kind = :account_kind
  AND c.effective_from = (
    SELECT MAX(effective_from) FROM cost_rule
    WHERE action = c.action AND account_kind = c.account_kind AND effective_from <= t.now)
LEFT JOIN return_rule AS r ON r.reason = 'INVITATION_UNANSWERED'
  AND r.effective_from = (
    SELECT MAX(effective_from) FROM return_rule
    WHERE reason = r.reason AND effective_from <= t.now) \gset
\if :may_spend
SELECT sequence AS lot FROM lot WHERE account_id = :account_id AND remaining > 0
ORDER BY expires_at, sequence LIMIT 1 \gset
\set next :sequence + 1
\set rest :available - 1
INSERT INTO invitation (id, account_id, job_id, freelancer_id, message, connects, returnable,
  status, created_at, expires_at)
VALUES (bench_id(), :account_id, :job_id, :freelancer_id, 'We like your bread.', 1, 0,
  'PENDING', :now, :now + 604800000000) RETURNING id AS invitation_id \gset
INSERT INTO entry (account_id, sequence, kind, connects, available_after, held_after, action,
  subject_id, actor_id, created_at, prev_hash, hash)
VALUES (:account_id, :next, 'SPEND', -1, :rest, :held, 'INVITE_FREELANCER',
  :invitation_id, :user_id, :now, :head_hash, sha256(:head_hash::bytea || convert_to(concat_ws('|',
    :account_id::text, :next::text, 'SPEND|-1', :rest::text, :held::text, 'INVITE_FREELANCER',
    :invitation_id::text, :user_id::text, :now::text, '-', :lot::text || ':1'), 'UTF8')))
RETURNING hash AS head_hash \gset
INSERT INTO draw (account_id, sequence, lot_sequence, connects)
VALUES (:account_id, :next, :lot, 1);
UPDATE lot SET remaining = remaining - 1 WHERE account_id = :account_id AND sequence = :lot;
UPDATE wallet SET available = :rest, sequence = :next, head_hash = :head_hash, updated_at = :now
WHERE account_id = :account_id;
INSERT INTO idempotency (user_id, key, request_hash, account_id, sequence, subject_id, created_at)
VALUES (:user_id, :turn, sha256(convert_to(concat_ws('|', :job_id::text, :freelancer_id::text),
  'UTF8')), :account_id, :next, :invitation_id, :now);
\endif
COMMIT;
