// The platform program where there is a process: its environment says which server. The last line tells when it was done.

import { Contact } from '@headlessly/crm'
import { runPlatformProgram } from './platform-program.ts'

declare const process: { readonly env: Readonly<Record<string, string | undefined>> }

const { HEADLESSLY_ENDPOINT: endpoint = '', HEADLESSLY_TENANT: tenant = '' } = process.env
for (const line of await runPlatformProgram({ endpoint, tenant, Contact })) console.log(line)
console.log(Date.now())
