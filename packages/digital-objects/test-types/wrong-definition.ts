// A test compiles this file and reads the compiler's errors.

import { type CreateInput, type FilterInput, Noun, nouns } from 'digital-objects'

export const wrongType = Noun('X', { a: 'strng' })
export const wrongNull = Noun('X', { a: null })
export const wrongEnum: CreateInput<typeof nouns.Contact> = { name: 'a', stage: 'Led' }
export const wrongName: CreateInput<typeof nouns.Contact> = { name: 'a', emial: 'x' }
export const wrongOperator: FilterInput<typeof nouns.Deal> = { value: { $gtt: 1 } }
export const wrongFilter: FilterInput<typeof nouns.Deal> = { stage: 'Winning' }
