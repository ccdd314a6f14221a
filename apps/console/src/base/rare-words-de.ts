// German words of types that experts open, such as metrics, functions and integrations. The first page does not wait for them.

import type { Words } from './names.ts'
import { rareFieldWordsDe } from './rare-field-words-de.ts'
import { rareStateWordsDe } from './rare-state-words-de.ts'

export const rareWordsDe: Words = { ...rareFieldWordsDe, ...rareStateWordsDe }
