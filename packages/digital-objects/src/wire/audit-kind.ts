// The kinds of entries in a tenant's audit log.

export const auditKinds = [
  'signed_in',
  'sign_in_refused',
  'signed_out',
  'account_changed',
  'token_issued',
  'token_revoked',
  'unauthorized',
  'forbidden',
  'rate_limited',
  'rights_changed',
  'secret_changed',
  'forced',
  'erasure',
  'approval_asked',
  'approved',
  'approval_refused',
  'approval_outdated',
] as const

export type AuditKind = (typeof auditKinds)[number]
