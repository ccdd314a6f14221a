import type { TenantObject } from 'objects.do'
import type { ServedObject, SlicedObject } from './worker.ts'

declare global {
  namespace Cloudflare {
    interface Env {
      readonly BARE: DurableObjectNamespace
      readonly SERVED: DurableObjectNamespace<ServedObject>
      readonly SLICED: DurableObjectNamespace<SlicedObject>
      readonly TENANTS: DurableObjectNamespace<TenantObject>
    }
  }
}
