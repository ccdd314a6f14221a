// The work of an operator of the business: types, members, rights, keys, webhooks, payments, work in the background, the lake, backups, the logs of
// events and of the audit, and the other businesses of the server.

import type { ReactNode } from 'react'
import { usePlace } from '../base/navigation.tsx'
import { useToolTexts } from '../base/tool-texts.ts'
import { Tabs } from '../ui/tabs.tsx'
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
import { Webhooks } from './webhooks.tsx'

export function OperatePage(): ReactNode {
  const say = useToolTexts()
  const { id } = usePlace()
  return (
    <div className="tool-page">
      <header className="page-head">
        <h1>{say('operate.title')}</h1>
      </header>
      <Tabs
        tool="operate"
        label={say('operate.title')}
        tabs={[
          { name: undefined, label: say('operate.types') },
          { name: 'members', label: say('operate.members') },
          { name: 'rules', label: say('operate.rules') },
          { name: 'keys', label: say('operate.keys') },
          { name: 'webhooks', label: say('operate.webhooks') },
          { name: 'payments', label: say('operate.payments') },
          { name: 'jobs', label: say('operate.jobs') },
          { name: 'lake', label: say('operate.lake') },
          { name: 'backup', label: say('operate.backup') },
          { name: 'events', label: say('operate.events') },
          { name: 'audit', label: say('operate.audit') },
          { name: 'tenants', label: say('operate.tenants') },
        ]}
      />
      <Part name={id} />
    </div>
  )
}

function Part({ name }: { readonly name: string | undefined }): ReactNode {
  switch (name) {
    case 'members':
      return <Members />
    case 'rules':
      return <RoleRules />
    case 'keys':
      return <Keys />
    case 'webhooks':
      return <Webhooks />
    case 'payments':
      return <Payments />
    case 'jobs':
      return <Jobs />
    case 'lake':
      return <LakeAccess />
    case 'backup':
      return <Backup />
    case 'events':
      return <EventLog />
    case 'audit':
      return <AuditLog />
    case 'tenants':
      return <TenantList />
    default:
      return <SchemaEditor />
  }
}
