// The route of an operation inside a batch: any read or write of entities and definitions, by its path and method.

import { ObjectError } from 'digital-objects'
import { type RouteOperation, splitPath } from '../batch/parse-batch.ts'
import { routeCall } from './http-routes.ts'
import { findWrite } from './operations.ts'

export const routeOperation: RouteOperation = ({ method, path }) => {
  const { call, allowed, path: pattern } = routeCall({ method, ...splitPath(path) })
  if (call === undefined) {
    if (allowed.length === 0) throw new ObjectError({ code: 'not_found', message: `'${path.slice(0, 64)}' is no path` })
    const message = `'${path.slice(0, 64)}' has the methods ${allowed.join(', ')}, and not ${method}`
    throw new ObjectError({ code: 'method_not_allowed', message })
  }
  if (call.kind === 'read') return call
  const write = call.kind === 'write' ? findWrite(call) : undefined
  if (call.kind !== 'write' || write?.performIn === undefined || write.isWhole === true)
    throw new ObjectError({ code: 'invalid_body', message: `${method} ${pattern} cannot be part of a batch` })
  if (call.isDryRun === true)
    throw new ObjectError({
      code: 'invalid_parameter',
      message: 'dryRun is for the whole batch, not for one operation',
    })
  return call
}
