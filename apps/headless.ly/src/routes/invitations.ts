// `POST /~acme/invitations`: invites a person to the tenant. The link is mailed, or the answer has it for the inviter to send;
// nothing else has its code.

import { ObjectError } from 'digital-objects'
import type { Handler } from '../base/visit.ts'
import { invite } from '../identity/join-tenant.ts'
import { invitationLetter, sendLetter, serverMailOf } from '../identity/server-mail.ts'
import { type Fields, readJsonFields, requireField } from './form-request.ts'

const known = ['email', 'name', 'role']

export const invitations: Handler = async (visit) => {
  const { request, env, caller } = visit
  const fields = await readJsonFields(request)
  refuseUnknown(fields)
  const asked = { env, caller, email: requireField(fields, 'email'), name: fields['name'], role: fields['role'] }
  const { user, code, endsMs } = await visit.inWork(() => invite(asked))
  const base = caller.context.slice(0, caller.context.lastIndexOf('/~'))
  const link = `${base}/sign-in/invitation#${code}`
  const invited = { user, endsAt: new Date(endsMs).toISOString() }
  const fault = await sendLetter(env, invitationLetter({ email: asked.email, tenant: caller.tenant, link }))
  const isMailed = fault === undefined
  const notSent = serverMailOf(env) === undefined ? {} : { notMailed: fault }
  const body = isMailed ? { ...invited, mailedTo: asked.email } : { ...invited, link, ...notSent }
  return Response.json(body, { status: 201, headers: { 'cache-control': 'no-store' } })
}

function refuseUnknown(fields: Fields): void {
  const unknown = Object.keys(fields).find((name) => !known.includes(name))
  if (unknown === undefined) return
  const message = `${unknown.slice(0, 64)} is not known here: expected ${known.join(', ')}`
  throw new ObjectError({ code: 'validation_error', field: unknown.slice(0, 64), message })
}
