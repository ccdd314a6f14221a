// The table of a tenant's settings.

import { settingNames, settingTable } from '../../packages/digital-objects/src/settings/tenant-settings.ts'
import { markdownTable } from './markdown-table.ts'

export function tenantSettings(): string {
  const rows = settingNames.map((name) => [
    `\`${name}\``,
    `\`${JSON.stringify(settingTable[name].default)}\``,
    settingTable[name].about,
  ])
  return markdownTable(['setting', 'default', 'is'], rows)
}
