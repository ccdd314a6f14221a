// A definition as a person fills it in, and as the grammar of Nouns writes it.

export interface DraftField {
  readonly name: string
  readonly type: string
  /** Values of a choice, or the type of a reference. */
  readonly of: string
  readonly isRequired: boolean
}

export const fieldTypes = [
  'string',
  'text',
  'number',
  'integer',
  'money',
  'boolean',
  'date',
  'datetime',
  'email',
  'url',
  'json',
  'choice',
  'reference',
] as const

export const emptyField: DraftField = { name: '', type: 'string', of: '', isRequired: false }
export const firstFields: readonly DraftField[] = [{ ...emptyField, name: 'name', isRequired: true }]

/** Rows without a name are left out. The server checks the rest. */
export function definitionOf(fields: readonly DraftField[]): { readonly fields: Readonly<Record<string, string>> } {
  const named = fields.filter(({ name }) => name.trim() !== '')
  return { fields: Object.fromEntries(named.map((field) => [field.name.trim(), typeText(field)])) }
}

function typeText({ type, of, isRequired }: DraftField): string {
  if (type === 'choice')
    return of
      .split(/[,|]/)
      .map((value) => value.trim())
      .join(' | ')
  if (type === 'reference') return `-> ${of.trim()}`
  return `${type}${isRequired ? '!' : '?'}`
}
