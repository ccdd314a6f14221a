// The Worker: the front door, and the class of the objects behind it.

import { app } from './app.ts'

export { TenantObject } from 'objects.do'
export default { fetch: app.fetch }
