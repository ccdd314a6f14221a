// A company defines entity types of its own, and adds to built-in ones, while the server runs.

import { describe, expect, test } from 'vitest'
import { useServer } from './server.ts'

const { call, tenant } = useServer({ flush: { intervalMs: 200 } })

const vehicle = {
  about: 'A vehicle of the fleet.',
  fields: {
    name: 'string!',
    seats: 'integer(1..60) = 5',
    plate: 'string?##',
    mood: 'Calm | Busy = Calm',
    owner: '-> Organization.vehicles',
    drive: 'Driven',
  },
  descriptions: { seats: 'Seats without the driver.' },
}

describe('an own Noun', () => {
  test('is used at once on every path, and its inverse appears at the other end', async () => {
    const t = `/~${tenant()}`
    const put = await call('PUT', `${t}/schema/Vehicle`, vehicle)
    expect(put.body).toMatchObject({ name: 'Vehicle', idPrefix: 'vehicle', definition: vehicle, definitionVersion: 1 })
    expect([put.status, put.headers.get('location')]).toEqual([201, `${t}/schema/Vehicle`])
    const acme = String((await call('POST', `${t}/Organization`, { name: 'Acme' })).body['$id'])
    const made = await call('POST', `${t}/Vehicle`, { name: 'Bus', plate: 'B 1', owner: acme })
    expect(made).toMatchObject({ status: 201, body: { name: 'Bus', seats: 5, mood: 'Calm', owner: acme } })
    const id = String(made.body['$id'])
    expect((await call('POST', `${t}/Vehicle/${id}/drive`, {})).status).toBe(200)
    expect((await call('GET', `${t}/Vehicle?sort=-seats&seats=5&include=owner`)).body['results']).toMatchObject([
      { $id: id, $version: 2, owner: { $id: acme, name: 'Acme' } },
    ])
    expect((await call('GET', `${t}/Organization/${acme}?include=vehicles`)).body).toMatchObject({
      vehicles: [{ $id: id }],
    })
    const filter = encodeURIComponent(JSON.stringify({ 'vehicles.plate': 'B 1' }))
    expect((await call('GET', `${t}/Organization/count?filter=${filter}`)).body).toEqual({ count: 1 })
    expect((await call('GET', `${t}/Vehicle/${id}/history`)).body['results']).toMatchObject([
      { type: 'Vehicle.Created' },
      { type: 'Vehicle.Driven' },
    ])
    const { paths } = (await call('GET', `${t}/openapi`)).body as { paths: object }
    expect(Object.keys(paths)).toContain('/Vehicle/{id}/drive')
    expect(Object.keys((await call('GET', `${t}/schema`)).body)).toContain('Vehicle')
  })
})

describe('a definition', () => {
  const defined = async (): Promise<string> => {
    const t = `/~${tenant()}`
    await call('PUT', `${t}/schema/Vehicle`, vehicle)
    return t
  }
  const patch = (t: string, noun: string, body: object) => call('PATCH', `${t}/schema/${noun}`, body)

  test('is replaced, and a read as of an earlier time has the fields of then', async () => {
    const t = await defined()
    const made = (await call('POST', `${t}/Vehicle`, { name: 'Bus', plate: 'B 1' })).body
    const id = String(made['$id'])
    const before = new Date().toISOString()
    await new Promise((resolve) => setTimeout(resolve, 5))
    expect((await call('PATCH', `${t}/Vehicle/${id}`, { plate: null })).status).toBe(200)
    const { plate: _, ...fields } = vehicle.fields
    const put = await call('PUT', `${t}/schema/Vehicle`, { ...vehicle, fields: { ...fields, wheels: 'integer?' } })
    expect([put.status, put.headers.get('etag')]).toEqual([200, '"2"'])
    expect((await call('PATCH', `${t}/Vehicle/${id}`, { wheels: 6 })).body).toMatchObject({ wheels: 6, seats: 5 })
    const then = `asOf=${before}`
    expect((await call('GET', `${t}/Vehicle/${id}?${then}`)).body).toMatchObject({ plate: 'B 1', $version: 1 })
    expect((await call('GET', `${t}/Vehicle?plate=B%201&${then}`)).body).toMatchObject({ total: 1 })
    expect((await call('GET', `${t}/Vehicle?wheels=6&${then}`)).status).toBe(400)
    expect((await call('GET', `${t}/Vehicle?plate=B%201`)).status).toBe(400)
    expect((await call('GET', `${t}/Vehicle?wheels=6`)).body).toMatchObject({ total: 1 })
  })

  test('of a built-in Noun takes fields, enum values, verbs and descriptions, and gives back what was added', async () => {
    const t = `/~${tenant()}`
    const contact = (await call('GET', `${t}/schema/Contact`)).body as {
      definition: { fields: Record<string, string> }
    }
    const values = `${contact.definition.fields['stage']?.split(' = ')[0]} | Friend`
    const added = { fields: { churnReason: 'Price | Feature', stage: values, recall: 'Recalled' } }
    const patched = await patch(t, 'Contact', added)
    expect(patched).toMatchObject({ status: 200, body: { name: 'Contact', definitionVersion: 1 } })
    const made = await call('POST', `${t}/Contact`, { name: 'Ada', churnReason: 'Price', stage: 'Friend' })
    expect(made).toMatchObject({ status: 201, body: { churnReason: 'Price', stage: 'Friend' } })
    expect((await call('POST', `${t}/Contact/${String(made.body['$id'])}/recall`, {})).status).toBe(200)
    expect((await call('GET', `${t}/Contact?churnReason=Price`)).body).toMatchObject({ total: 1 })
    expect(await patch(t, 'Contact', { fields: { churnReason: null } })).toMatchObject({
      status: 409,
      body: { code: 'conflict', field: 'churnReason', count: 1 },
    })
    expect(await patch(t, 'Contact', { fields: { stage: null } })).toMatchObject({ status: 409, body: { count: 1 } })
    await call('PATCH', `${t}/Contact/${String(made.body['$id'])}`, { churnReason: null })
    expect((await patch(t, 'Contact', { fields: { churnReason: null } })).status).toBe(200)
    expect((await call('POST', `${t}/Contact`, { name: 'Eve', churnReason: 'Price' })).status).toBe(422)
  })

  test('that is wrong is refused by the name of its field, and changes nothing', async () => {
    const t = await defined()
    const refused = async (method: string, noun: string, body?: object): Promise<unknown> => {
      const { status, body: problem } = await call(method, `${t}/schema/${noun}`, body)
      return [status, problem['code'], problem['field']]
    }
    expect(await refused('PUT', 'Contact', vehicle)).toEqual([409, 'conflict', 'name'])
    expect(await refused('PUT', 'CONTACT', vehicle)).toEqual([400, 'invalid_definition', 'name'])
    expect(await refused('PUT', 'Events', { fields: { name: 'string' } })).toEqual([400, 'invalid_definition', 'name'])
    expect(await refused('PUT', 'Car', { fields: { name: 'sting' } })).toEqual([400, 'invalid_definition', 'name'])
    expect(await refused('PUT', 'Car', { fields: {} })).toEqual([400, 'invalid_definition', 'fields'])
    expect(await refused('PUT', 'Car', { fields: { of: '-> Garage' } })).toEqual([400, 'invalid_definition', 'of'])
    expect(await refused('PUT', 'Car', { fields: { name: 'string' }, extra: 1 })).toEqual([
      400,
      'invalid_definition',
      'extra',
    ])
    expect(await refused('PATCH', 'Contact', { fields: { email: 'string' } })).toEqual([
      400,
      'invalid_definition',
      'email',
    ])
    expect(await refused('PATCH', 'Nothing', { fields: { email: 'string' } })).toEqual([404, 'not_found', 'type'])
    expect(await refused('DELETE', 'Contact')).toEqual([409, 'conflict', 'name'])
    expect(await refused('DELETE', 'Nothing')).toEqual([404, 'not_found', 'type'])
    expect((await call('GET', `${t}/events?type=Schema.*`)).body['results']).toHaveLength(1)
    expect((await call('GET', `${t}/Schema`)).status).toBe(404)
    expect((await call('GET', `${t}/status`)).body['entities']).toEqual({})
  })

  test('cannot lose what is in use, and is removed when nothing is', async () => {
    const t = await defined()
    await call('PUT', `${t}/schema/Trip`, { fields: { name: 'string', by: '-> Vehicle.trips' } })
    const id = String((await call('POST', `${t}/Vehicle`, { name: 'Bus', mood: 'Busy' })).body['$id'])
    const conflict = (field: string) => ({ status: 409, body: { code: 'conflict', field, count: 1 } })
    expect(await call('DELETE', `${t}/schema/Vehicle`)).toMatchObject(conflict('name'))
    expect((await call('DELETE', `${t}/schema/Trip`)).status).toBe(204)
    expect((await call('GET', `${t}/Trip`)).status).toBe(404)
    expect(await call('DELETE', `${t}/schema/Vehicle`)).toMatchObject(conflict('name'))
    expect(await patch(t, 'Vehicle', { fields: { mood: 'Calm | Idle' } })).toMatchObject(conflict('mood'))
    await call('POST', `${t}/Vehicle`, { name: 'Bus' })
    expect(await patch(t, 'Vehicle', { fields: { name: 'string!##' } })).toMatchObject(conflict('name'))
    const before = new Date().toISOString()
    await new Promise((resolve) => setTimeout(resolve, 5))
    const all = (await call('GET', `${t}/Vehicle?strong=true`)).body['results'] as { $id: string }[]
    for (const { $id } of all) await call('DELETE', `${t}/Vehicle/${$id}`)
    expect((await call('DELETE', `${t}/schema/Vehicle`)).status).toBe(204)
    expect((await call('POST', `${t}/Vehicle`, { name: 'Bus' })).status).toBe(404)
    expect((await call('GET', `${t}/Vehicle?asOf=${before}`)).body).toMatchObject({ total: 2 })
    expect((await call('GET', `${t}/Vehicle?asOf=2020-01-01T00:00:00Z`)).body).toMatchObject({
      code: 'not_found',
      detail: "unknown entity type 'Vehicle' as of 2020-01-01T00:00:00Z",
    })
    expect(await call('PUT', `${t}/schema/VEHICLE`, vehicle)).toMatchObject({ status: 409, body: { field: 'name' } })
    expect(await call('PUT', `${t}/schema/Vehicle`, { fields: { name: 'number' } })).toMatchObject({
      status: 409,
      body: { field: 'name' },
    })
    expect((await call('PUT', `${t}/schema/Vehicle`, vehicle)).status).toBe(201)
    expect((await call('GET', `${t}/Vehicle/${id}`)).status).toBe(404)
    expect((await call('POST', `${t}/lake/verify`)).body).toMatchObject({ isWhole: true })
  })

  test('is written once under a key, and only at the version that If-Match states', async () => {
    const t = `/~${tenant()}`
    const put = (body: object, headers: Record<string, string>) => call('PUT', `${t}/schema/Vehicle`, body, headers)
    const first = await put(vehicle, { 'idempotency-key': 'a' })
    const again = await put(vehicle, { 'idempotency-key': 'a' })
    expect([again.status, again.headers.get('idempotent-replay')]).toEqual([201, 'true'])
    expect(again.body).toEqual(first.body)
    expect((await put({ fields: { name: 'string' } }, { 'idempotency-key': 'a' })).status).toBe(422)
    expect((await put({ fields: { name: 'string' } }, { 'if-match': '"2"' })).status).toBe(412)
    expect((await put({ fields: { name: 'string' } }, { 'if-match': '"1"' })).status).toBe(200)
    const removed = await call('DELETE', `${t}/schema/Vehicle`, undefined, { 'idempotency-key': 'd' })
    const removedAgain = await call('DELETE', `${t}/schema/Vehicle`, undefined, { 'idempotency-key': 'd' })
    expect([removed.status, removedAgain.status]).toEqual([204, 204])
    expect((await put(vehicle, { 'if-match': '"1"' })).status).toBe(412)
    expect((await call('GET', `${t}/events?type=Schema.*`)).body['results']).toMatchObject([
      { type: 'Schema.Created', data: { name: 'Vehicle', definition: vehicle } },
      { type: 'Schema.Updated' },
      { type: 'Schema.Deleted' },
    ])
  })
})
