// The tables of the directory, in its own SQLite. `docs/storage-schema.md` describes them. A change is a new step, never an
// edit of an old one.

/** Stands for the statement of the audit log's table, which tenants have too. */
const auditLog = 'the table of the audit log'

const upgrades: readonly (readonly string[])[] = [
  [
    'CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID',
    `CREATE TABLE accounts (
      id TEXT PRIMARY KEY,
      name TEXT NOT NULL,
      email TEXT NOT NULL UNIQUE,
      is_owner INTEGER NOT NULL,
      created_at INTEGER NOT NULL
    ) WITHOUT ROWID`,
    // The entity `User` by which an account is a member of a tenant.
    'CREATE TABLE memberships (account TEXT NOT NULL, tenant TEXT NOT NULL, user TEXT NOT NULL, PRIMARY KEY (account, tenant)) WITHOUT ROWID',
    'CREATE UNIQUE INDEX memberships_user ON memberships (tenant, user)',
    `CREATE TABLE sessions (
      id TEXT PRIMARY KEY,
      hash TEXT NOT NULL UNIQUE,
      account TEXT NOT NULL,
      created_at INTEGER NOT NULL,
      seen_at INTEGER NOT NULL,
      ends INTEGER NOT NULL,
      agent TEXT NOT NULL,
      address TEXT NOT NULL
    ) WITHOUT ROWID`,
    'CREATE INDEX sessions_account ON sessions (account, created_at)',
    'CREATE INDEX sessions_ends ON sessions (ends)',
    // The tenants in which a session was opened.
    'CREATE TABLE session_tenants (session TEXT NOT NULL, tenant TEXT NOT NULL, PRIMARY KEY (session, tenant)) WITHOUT ROWID',
    // Messages that tenants have still to get: sessions that ended, and users whose invitation was accepted.
    `CREATE TABLE owed (
      tenant TEXT NOT NULL,
      kind TEXT NOT NULL,
      subject TEXT NOT NULL,
      attempts INTEGER NOT NULL,
      due INTEGER NOT NULL,
      PRIMARY KEY (tenant, kind, subject)
    ) WITHOUT ROWID`,
    'CREATE INDEX owed_due ON owed (due)',
    `CREATE TABLE passkeys (
      id TEXT PRIMARY KEY,
      account TEXT NOT NULL,
      public_key BLOB NOT NULL,
      counter INTEGER NOT NULL,
      transports TEXT NOT NULL,
      name TEXT NOT NULL,
      created_at INTEGER NOT NULL,
      used_at INTEGER NOT NULL
    ) WITHOUT ROWID`,
    'CREATE INDEX passkeys_account ON passkeys (account)',
    // Challenges that browsers have still to answer; the subject is an account, or empty.
    'CREATE TABLE challenges (hash TEXT PRIMARY KEY, subject TEXT NOT NULL, ends INTEGER NOT NULL) WITHOUT ROWID',
    'CREATE INDEX challenges_ends ON challenges (ends)',
    'CREATE TABLE passwords (account TEXT PRIMARY KEY, salt BLOB NOT NULL, hash BLOB NOT NULL) WITHOUT ROWID',
    // Attempts to sign in, by the hash of an account's address or of an address of the network.
    'CREATE TABLE attempts (subject TEXT PRIMARY KEY, attempts INTEGER NOT NULL, due INTEGER NOT NULL, seen INTEGER NOT NULL) WITHOUT ROWID',
    'CREATE INDEX attempts_seen ON attempts (seen)',
    // Authenticator apps: the encrypted secret, and the step of the last code that was used.
    'CREATE TABLE second_factors (account TEXT PRIMARY KEY, sealed TEXT NOT NULL, is_confirmed INTEGER NOT NULL, step INTEGER NOT NULL) WITHOUT ROWID',
    'CREATE TABLE recovery_codes (account TEXT NOT NULL, hash TEXT NOT NULL, PRIMARY KEY (account, hash)) WITHOUT ROWID',
    // Accounts elsewhere that people have linked, and sign-ins that wait for the provider's answer.
    'CREATE TABLE identities (issuer TEXT NOT NULL, subject TEXT NOT NULL, account TEXT NOT NULL, PRIMARY KEY (issuer, subject)) WITHOUT ROWID',
    'CREATE INDEX identities_account ON identities (account)',
    'CREATE TABLE flows (hash TEXT PRIMARY KEY, verifier TEXT NOT NULL, nonce TEXT NOT NULL, account TEXT NOT NULL, ends INTEGER NOT NULL) WITHOUT ROWID',
    'CREATE INDEX flows_ends ON flows (ends)',
    // Invitations and links to recover an account, by the hash of their code.
    `CREATE TABLE links (
      hash TEXT PRIMARY KEY,
      kind TEXT NOT NULL,
      account TEXT,
      tenant TEXT,
      user TEXT,
      email TEXT NOT NULL,
      ends INTEGER NOT NULL
    ) WITHOUT ROWID`,
    'CREATE INDEX links_ends ON links (ends)',
    'CREATE INDEX links_user ON links (tenant, user)',
    'CREATE INDEX links_account ON links (account)',
  ],
  [
    // Trials, by tenant: the hash of the sender's network, open, claimed or ending, and the time at which something is due.
    'CREATE TABLE trials (tenant TEXT PRIMARY KEY, network TEXT NOT NULL, state TEXT NOT NULL, due INTEGER NOT NULL, claim TEXT UNIQUE) WITHOUT ROWID',
    'CREATE INDEX trials_due ON trials (due)',
    'CREATE INDEX trials_network ON trials (network, due)',
    // Identities of CI jobs that have claimed a trial. Each counts once.
    'CREATE TABLE used_tokens (hash TEXT PRIMARY KEY, ends INTEGER NOT NULL) WITHOUT ROWID',
    'CREATE INDEX used_tokens_ends ON used_tokens (ends)',
    auditLog,
  ],
]

/**
 * Creates or upgrades the tables, with `auditTable` for the audit log. Throws if they have a later version. Call it inside a
 * transaction.
 */
export function upgradeDirectoryTables(sql: SqlStorage, auditTable: string): void {
  const hasMeta = sql.exec("SELECT 1 FROM sqlite_master WHERE name = 'meta'").toArray().length > 0
  const version = hasMeta ? Number(readMeta(sql, 'schema')) : 0
  if (version > upgrades.length)
    throw new Error(`the directory has schema version ${version}; this program knows versions up to ${upgrades.length}`)
  if (version === upgrades.length) return
  for (const statement of upgrades.slice(version).flat()) sql.exec(statement === auditLog ? auditTable : statement)
  writeMeta(sql, 'schema', String(upgrades.length))
}

/** `ownerLink` is the hash of the last link of the operator that was used. */
type MetaKey = 'schema' | 'ownerLink'

export function readMeta(sql: SqlStorage, key: MetaKey): string | undefined {
  return sql.exec<{ value: string }>('SELECT value FROM meta WHERE key = ?', key).toArray()[0]?.value
}

export function writeMeta(sql: SqlStorage, key: MetaKey, value: string): void {
  sql.exec('INSERT INTO meta VALUES (?, ?) ON CONFLICT DO UPDATE SET value = excluded.value', key, value)
}
