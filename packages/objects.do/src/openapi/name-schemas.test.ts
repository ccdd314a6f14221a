import { Noun } from 'digital-objects'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { describeTenant } from './describe-tenant.ts'

interface Page {
  readonly properties: {
    readonly results: { readonly items: { readonly anyOf: readonly { readonly $ref: string }[] } }
  }
}

const endings = ['', 'Page', 'Partial', 'Create', 'Update', 'Schema', 'PageSchema']
const nounName = fc
  .tuple(fc.constantFrom('Robot', 'Status', 'EntityType', 'Problem', 'LogEvent'), fc.constantFrom(...endings))
  .map(([start, end]) => start + end)

test('every Noun keeps its name, whatever other schemas are called, and references lead where they should', () => {
  fc.assert(
    fc.property(fc.uniqueArray(nounName, { minLength: 1, maxLength: 8 }), (names) => {
      const own = names.map((name) => Noun(name, { name: 'string!', maker: `-> ${names[0] ?? name}` }).$schema)
      const document = describeTenant({ operations: [], nouns: own, tenantUrl: 'http://localhost/~t' })
      const { schemas } = document['components'] as { readonly schemas: Readonly<Record<string, unknown>> }
      const descriptionAt = ($ref: string | undefined): unknown =>
        (schemas[$ref?.split('/').at(-1) ?? ''] as { readonly description?: string }).description
      for (const name of names) {
        expect(schemas[name]).toMatchObject({
          properties: {
            $type: { const: name },
            maker: { anyOf: [{ $ref: `#/components/schemas/${names[0]}` }, {}, {}] },
          },
        })
        const pages = Object.values(schemas).filter((schema): schema is Page => isPageOf(name, schema))
        expect(pages).toHaveLength(1)
        const [whole, part] = pages[0]?.properties.results.items.anyOf ?? []
        expect(whole?.$ref).toBe(`#/components/schemas/${name}`)
        expect(descriptionAt(part?.$ref)).toBe(`The part of a ${name} that the parameter \`fields\` asks for.`)
      }
      const references = [...JSON.stringify(document).matchAll(/"#\/components\/schemas\/([^"]*)"/g)]
      expect(references.filter(([, name = '']) => !Object.hasOwn(schemas, name))).toEqual([])
    }),
    { numRuns: 50 },
  )
})

test('common schemas and parts of Nouns have their usual names unless a Noun takes them', () => {
  const { schemas } = describeTenant({
    operations: [],
    nouns: [Noun('Robot', { name: 'string!' }).$schema],
    tenantUrl: 'http://localhost/~t',
  })['components'] as { readonly schemas: object }
  for (const name of ['Robot', 'RobotPage', 'RobotPartial', 'RobotCreate', 'RobotUpdate', 'Status', 'Problem'])
    expect(schemas).toHaveProperty(name)
})

function isPageOf(name: string, schema: unknown): boolean {
  return (schema as { readonly description?: string }).description === `One page of a list of ${name} entities.`
}
