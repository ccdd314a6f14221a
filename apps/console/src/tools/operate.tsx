// The work of an operator of the business: types, members, rights, keys, webhooks, payments, work in the background, the lake, backups, the logs of
// events and of the audit, and the other businesses of the server.

import type { ReactNode } from 'react'
import { useToolTexts } from '../base/tool-texts.ts'
import { AuditLog } from './audit-log.tsx'
import { Backup } from './backup.tsx'
import { EventLog } from './event-log.tsx'
import { Jobs } from './jobs.tsx'
import { Keys } from './keys.tsx'
import { LakeAccess } from './lake-access.tsx'
import { Members } from './members.tsx'
import { Payments } from './payments.tsx'
import { RoleRules } from './role-rules.tsx'
import { SchemaEditor } from './schema-editor.tsx'
import { TenantList } from './tenant-list.tsx'
import { ToolPage } from './tool-page.tsx'
import { Webhooks } from './webhooks.tsx'

const pages = {
  types: SchemaEditor,
  members: Members,
  rules: RoleRules,
  keys: Keys,
  webhooks: Webhooks,
  payments: Payments,
  jobs: Jobs,
  lake: LakeAccess,
  backup: Backup,
  events: EventLog,
  audit: AuditLog,
  tenants: TenantList,
}

export function OperatePage(): ReactNode {
  return <ToolPage tool="operate" title={useToolTexts()('operate.title')} pages={pages} />
}
