// The Worker that tests inside workerd run in: the real object, and a bare one that only has a storage.

import { DurableObject } from 'cloudflare:workers'

export { TenantObject } from 'objects.do'

export class BareObject extends DurableObject {}

export default { fetch: (): Response => new Response('tests') }
