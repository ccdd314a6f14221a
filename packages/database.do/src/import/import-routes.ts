// The routes of imports.

import type { ServiceRoute } from '@dotdo/service'
import { fileFormats } from './file-formats.ts'

export const importRoutes: readonly ServiceRoute[] = [
  {
    path: '/import',
    method: 'GET',
    about: 'Lists the formats of files that can be imported.',
    answer: () => Promise.resolve({ ok: true, body: JSON.stringify({ formats: fileFormats }) }),
  },
]
