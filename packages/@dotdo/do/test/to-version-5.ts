// Takes versions 6 to 10 back from the system tables of a test, so that the next process upgrades them.

export function toVersion5(sql: SqlStorage): void {
  const tables = [
    'idempotency_results',
    'deliveries',
    'plans',
    'bulk_jobs',
    'bulk_commits',
    'undo_targets',
    'schedules',
    'schedule_marks',
    'external_ids',
    'credentials',
    'audit_entries',
    'secrets',
    'expiring_values',
    'erasure_requests',
    'erased_entities',
    'approval_requests',
    'import_sources',
    'import_pieces',
    'import_refused',
    'import_links',
    'import_names',
    'text_origins',
    'lake_tables',
    'lake_table_files',
  ]
  for (const name of tables) sql.exec(`DROP TABLE ${name}`)
  sql.exec('DROP INDEX log_effective')
  for (const name of ['undoes', 'approved_by', 'effective', 'reason', 'key'])
    sql.exec(`ALTER TABLE log DROP COLUMN ${name}`)
  sql.exec("UPDATE meta SET value = '5' WHERE key = 'schema'")
}
