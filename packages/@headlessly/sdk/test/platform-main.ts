// Runs the platform program in a process, whose environment names the server. The last line says when it was done.

import { Contact } from '@headlessly/crm'
import { runPlatformProgram } from './platform-program.ts'

declare const process: { readonly env: Readonly<Record<string, string | undefined>> }

const { HEADLESSLY_ENDPOINT: endpoint = '', HEADLESSLY_TENANT: tenant = '' } = process.env
for (const line of await runPlatformProgram({ endpoint, tenant, Contact })) console.log(line)
console.log(Date.now())
