// Empties what is stored beside events and may repeat their values: answers under idempotency keys, plans, approvals, refusals of jobs
// that have ended, rows of files, and messages of failures. It is the whole tenant's, since such texts do not say whose values they have.

import { erasedResult } from '../write/idempotency.ts'

/**
 * Returns the number of rows that were emptied; undefined while an unfinished job still needs its request, which may have such
 * values. Call it in a transaction.
 */
export function eraseRequests(sql: SqlStorage): number | undefined {
  const open = sql.exec('SELECT 1 FROM bulk_jobs WHERE finished IS NULL LIMIT 1').toArray().length > 0
  if (open) return undefined
  const statements = [
    'DELETE FROM plans',
    'DELETE FROM approval_requests',
    // The key stays, so that a repeated request is not performed again.
    `UPDATE idempotency_results SET result = '${erasedResult}' WHERE result <> '${erasedResult}'`,
    "UPDATE bulk_jobs SET refusals = '[]', error = CASE WHEN error IS NULL THEN NULL ELSE 'erased' END WHERE refusals <> '[]' OR error IS NOT NULL",
    "UPDATE outbox SET error = 'erased' WHERE error IS NOT NULL",
    "UPDATE schedules SET error = 'erased' WHERE error IS NOT NULL",
    "UPDATE jobs SET error = 'erased' WHERE error <> 'erased'",
    // The log of runs of stored functions, with lines that they printed.
    "DELETE FROM expiring_values WHERE key >= 'function-run:' AND key < 'function-run;'",
    'DELETE FROM external_ids WHERE id IN (SELECT entity FROM erased_entities)',
    'DELETE FROM import_sources',
    'DELETE FROM import_pieces',
    'DELETE FROM import_refused',
    'DELETE FROM import_links',
    'DELETE FROM import_names WHERE id IN (SELECT entity FROM erased_entities)',
    'UPDATE audit_entries SET reason = NULL WHERE reason IS NOT NULL AND target IN (SELECT entity FROM erased_entities)',
  ]
  return statements.reduce((rows, statement) => rows + sql.exec(statement).rowsWritten, 0)
}
