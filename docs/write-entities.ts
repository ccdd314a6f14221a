// `npm run docs:entities`: writes `docs/entities.md`.

import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { entitiesPage } from './entities-page.ts'

writeFileSync(join(import.meta.dirname, 'entities.md'), entitiesPage())
