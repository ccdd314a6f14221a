// Generates the code of a program of `do`: a few statements that create, find, change, link and delete entities of four types, and
// now and then a throw.

/** Values that a statement may use. */
interface Place {
  /** Returns a whole number from 0, below the given one. */
  readonly below: (count: number) => number
  readonly variable: string
  readonly name: string
  /** The variable of an entity of a type that the program has made. */
  readonly known: (type: string) => string | undefined
}

interface Statement {
  /** Returns undefined if there is nothing that it could work on. */
  readonly line: string | undefined
  /** The type of the entity that its variable has. */
  readonly makes?: string
}

const words = ['alpha', 'beta', 'gamma', 'delta', 'epsilon']

const statements: readonly ((place: Place) => Statement)[] = [
  ({ variable, name }) => ({
    line: `const ${variable} = await $.Organization.create({ name: '${name}' })`,
    makes: 'Organization',
  }),
  ({ variable, name, below, known }) => ({
    line: `const ${variable} = await $.Contact.create({ name: '${name}', leadScore: ${below(4)}${link('organization', known('Organization'))} })`,
    makes: 'Contact',
  }),
  ({ variable, name, below, known }) => ({
    line: `const ${variable} = await $.Deal.create({ name: '${name}', value: ${below(100)}${link('contact', known('Contact'))} })`,
    makes: 'Deal',
  }),
  ({ variable, name, below }) => ({
    line: `const ${variable} = await $.Ticket.create({ subject: '${name}', priority: '${below(2) === 0 ? 'Low' : 'High'}' })`,
    makes: 'Ticket',
  }),
  ({ name, known }) => ({
    line: using(known('Contact'), (one) => `await $.Contact.update(${one}.$id, { title: '${name}', leadScore: null })`),
  }),
  ({ known }) => ({ line: using(known('Contact'), (one) => `await $.Contact.qualify(${one}.$id)`) }),
  ({ known }) => ({ line: using(known('Deal'), (one) => `await $.Deal.advance(${one}.$id, { stage: 'Proposal' })`) }),
  ({ below }) => ({
    line: `for (const one of await $.Deal.find({ name: { $regex: '^${words[below(words.length)]}' } }, { limit: 3, sort: 'name' })) await $.Deal.update(one.$id, { value: one.value + 1 })`,
  }),
  ({ below }) => ({
    line: `for (const one of await $.Contact.find({ leadScore: ${below(4)} }, { limit: 2, sort: 'name' })) await $.Contact.delete(one.$id)`,
  }),
  ({ below }) => ({ line: `console.log(await $.Deal.count({ value: { $gt: ${below(100)} } }))` }),
]

export function generateProgram(random: () => number, number: number): string {
  const below = (count: number): number => Math.floor(random() * count)
  const made = new Map<string, string>()
  const lines: string[] = []
  for (let at = 0, count = 1 + below(7); at < count; at++) {
    const variable = `v${at}`
    const name = `${words[below(words.length)]} ${number}.${at}`
    const known = (type: string): string | undefined => [...made].find(([, of]) => of === type)?.[0]
    const { line, makes } = statements[below(statements.length)]?.({ below, variable, name, known }) ?? {}
    if (line !== undefined) lines.push(line)
    if (makes !== undefined) made.set(variable, makes)
  }
  const ids = [...made.keys()].map((variable) => `${variable}.$id`).join(', ')
  const end = `return { made: [${ids}], deals: await $.Deal.count() }`
  return [...lines, random() < 0.1 ? `throw new Error('stopped on purpose')` : end].join('\n')
}

function link(field: string, variable: string | undefined): string {
  return variable === undefined ? '' : `, ${field}: ${variable}.$id`
}

function using(variable: string | undefined, line: (variable: string) => string): string | undefined {
  return variable === undefined ? undefined : line(variable)
}
