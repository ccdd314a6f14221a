// Uses the types that openapi-typescript generates, with openapi-fetch.

import createClient from 'openapi-fetch'
import type { paths } from './generated/schema.ts'

const client = createClient<paths>({ baseUrl: process.env['TENANT_URL'] ?? '' })
const organization = await client.POST('/Organization', { body: { name: 'Engines' } })
const created = await client.POST('/Contact', { body: { name: 'Ada', organization: organization.data!.$id } })
const { $id: id, name, stage } = created.data!
console.log('create', created.response.status, name, stage)
const page = await client.GET('/Contact', { params: { query: { stage: 'Lead', sort: '-$createdAt', limit: 2 } } })
console.log('find', page.data!.total, page.data!.results[0]!.name)
const qualified = await client.POST('/Contact/{id}/qualify', { params: { path: { id } } })
console.log('verb', qualified.data!.stage)
const whole = await client.GET('/Contact/{id}', { params: { path: { id }, query: { include: 'organization' } } })
const included = whole.data!.organization
console.log('include', typeof included === 'object' ? included?.name : included)
const conflict = await client.PATCH('/Contact/{id}', {
  params: { path: { id }, header: { 'If-Match': '"1"' } },
  body: { name: 'Ada L' },
})
console.log('conflict', conflict.response.status, conflict.error!.code)
