// The statements, by name. Each parameter occurs once and in order, so that one text works on both
// databases; only the lock is specific to PostgreSQL. It protects everything that is read after it.

export const LOCK = 'FOR NO KEY UPDATE OF w'

export const STATEMENTS = {
  balance: `
    SELECT w.account_id AS "accountId", w.available, w.next_event_at AS "nextEventAt"
    FROM "user" AS u
    JOIN membership AS m ON m.user_id = u.id
    JOIN wallet AS w ON w.account_id = m.account_id
    WHERE u.subject = $1 AND w.account_id = $2`,
  entries: `
    SELECT sequence, kind, action, connects, available_after AS "availableAfter",
      created_at AS "createdAt"
    FROM entry WHERE account_id = $1 AND sequence < $2 ORDER BY sequence DESC LIMIT $3`,
  wallet: `
    SELECT u.id AS "userId", w.account_id AS "accountId", w.account_kind AS "accountKind",
      w.available, w.held, w.sequence, w.head_hash AS "headHash",
      w.next_event_at AS "nextEventAt", w.updated_at AS "updatedAt"
    FROM "user" AS u
    JOIN membership AS m ON m.user_id = u.id
    JOIN job AS j ON j.account_id = m.account_id
    JOIN wallet AS w ON w.account_id = m.account_id
    WHERE u.subject = $1 AND j.id = $2 ${LOCK}`,
  terms: `
    SELECT j.status AS "jobStatus", j.expires_at AS "jobExpiresAt",
      f.account_id AS "freelancerId",
      EXISTS (
        SELECT 1 FROM membership AS m WHERE m.account_id = f.account_id AND m.user_id = $1
      ) AS "isSelf",
      EXISTS (
        SELECT 1 FROM invitation AS v WHERE v.job_id = j.id AND v.freelancer_id = f.account_id
          AND (v.status = 'ACCEPTED' OR (v.status = 'PENDING' AND v.expires_at > $2))
      ) AS "isInvited",
      i.request_hash AS "earlierHash",
      c.connects AS price, c.chosen_by_payer AS "isChosen", c.maximum, r.percent
    FROM job AS j
    LEFT JOIN freelancer AS f ON f.account_id = $3
    LEFT JOIN idempotency AS i ON i.user_id = $4 AND i.key = $5
    LEFT JOIN cost_rule AS c ON c.action = 'INVITE_FREELANCER' AND c.account_kind = $6
      AND c.effective_from = (
        SELECT MAX(effective_from) FROM cost_rule
        WHERE action = c.action AND account_kind = c.account_kind AND effective_from <= $7)
    LEFT JOIN return_rule AS r ON r.reason = 'INVITATION_UNANSWERED'
      AND r.effective_from = (
        SELECT MAX(effective_from) FROM return_rule
        WHERE reason = r.reason AND effective_from <= $8)
    WHERE j.id = $9`,
  lots: `
    SELECT sequence, remaining FROM lot WHERE account_id = $1 AND remaining > 0
    ORDER BY expires_at, sequence LIMIT $2`,
  outcome: `
    SELECT v.id, v.status, v.connects, w.account_id AS "accountId", w.available, e.sequence,
      e.available_after AS "availableAfter", e.created_at AS "createdAt"
    FROM idempotency AS i
    JOIN invitation AS v ON v.id = i.subject_id
    JOIN wallet AS w ON w.account_id = i.account_id
    JOIN entry AS e ON e.account_id = i.account_id AND e.sequence = i.sequence
    WHERE i.user_id = $1 AND i.key = $2`,
  draw: 'UPDATE lot SET remaining = remaining - $1 WHERE account_id = $2 AND sequence = $3',
  charge: `
    UPDATE wallet SET available = $1, sequence = $2, head_hash = $3, updated_at = $4,
      next_event_at = $5
    WHERE account_id = $6`,
  awaitReturn: `
    UPDATE wallet SET next_return_at = $1 WHERE account_id = $2 AND next_return_at > $3`,
  insertInvitation: `
    INSERT INTO invitation (id, account_id, job_id, freelancer_id, message, connects, returnable,
      status, created_at, expires_at)
    VALUES ($1, $2, $3, $4, $5, $6, $7, 'PENDING', $8, $9)`,
  insertEntry: `
    INSERT INTO entry (account_id, sequence, kind, connects, available_after, held_after, action,
      subject_id, actor_id, created_at, prev_hash, hash)
    VALUES ($1, $2, 'SPEND', $3, $4, $5, 'INVITE_FREELANCER', $6, $7, $8, $9, $10)`,
  insertDraw: `
    INSERT INTO draw (account_id, sequence, lot_sequence, connects) VALUES ($1, $2, $3, $4)`,
  insertOutcome: `
    INSERT INTO idempotency (user_id, key, request_hash, account_id, sequence, subject_id,
      created_at)
    VALUES ($1, $2, $3, $4, $5, $6, $7)`
}
