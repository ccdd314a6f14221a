// Uses the client that @hey-api/openapi-ts generates.

import { contactCreate, contactFind, contactGet, contactQualify, contactUpdate, organizationCreate } from './generated'
import { client } from './generated/client.gen'

client.setConfig({ baseUrl: process.env['TENANT_URL'] ?? '' })
const organization = await organizationCreate({ body: { name: 'Engines' } })
const created = await contactCreate({ body: { name: 'Ada', organization: organization.data!.$id } })
const { $id: id, name, stage } = created.data!
console.log('create', created.response!.status, name, stage)
const page = await contactFind({ query: { stage: 'Lead', sort: '-$createdAt', limit: 2 } })
console.log('find', page.data!.total, page.data!.results[0]!.name)
console.log('verb', (await contactQualify({ path: { id } })).data!.stage)
const included = (await contactGet({ path: { id }, query: { include: 'organization' } })).data!.organization
console.log('include', typeof included === 'object' ? included?.name : included)
const conflict = await contactUpdate({ path: { id }, headers: { 'If-Match': '"1"' }, body: { name: 'Ada L' } })
console.log('conflict', conflict.response!.status, conflict.error!.code)
