// `POST /~acme/invitations`: invites a person to the tenant. The answer has a link to send them, and nothing else has its code.

import { ObjectError } from 'digital-objects'
import type { Handler } from '../base/visit.ts'
import { invite } from '../identity/join-tenant.ts'
import { type Fields, readJsonFields, requireField } from './form-request.ts'

const known = ['email', 'name', 'role']

export const invitations: Handler = async (visit) => {
  const { request, env, caller } = visit
  const fields = await readJsonFields(request)
  refuseUnknown(fields)
  const asked = { env, caller, email: requireField(fields, 'email'), name: fields['name'], role: fields['role'] }
  const { user, code, endsMs } = await visit.inWork(() => invite(asked))
  const base = caller.context.slice(0, caller.context.lastIndexOf('/~'))
  const body = { user, link: `${base}/sign-in/invitation#${code}`, endsAt: new Date(endsMs).toISOString() }
  return Response.json(body, { status: 201, headers: { 'cache-control': 'no-store' } })
}

function refuseUnknown(fields: Fields): void {
  const unknown = Object.keys(fields).find((name) => !known.includes(name))
  if (unknown === undefined) return
  const message = `${unknown.slice(0, 64)} is not known here: expected ${known.join(', ')}`
  throw new ObjectError({ code: 'validation_error', field: unknown.slice(0, 64), message })
}
