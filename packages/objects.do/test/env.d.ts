import type { TenantObject } from 'objects.do'
import type { ServedObject } from './worker.ts'

declare global {
  namespace Cloudflare {
    interface Env {
      readonly BARE: DurableObjectNamespace
      readonly SERVED: DurableObjectNamespace<ServedObject>
      readonly TENANTS: DurableObjectNamespace<TenantObject>
    }
  }
}
