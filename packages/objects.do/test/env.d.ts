import type { TenantObject } from 'objects.do'
import type { RegistryObject, ServedObject, SlicedObject } from './worker.ts'

declare global {
  namespace Cloudflare {
    interface Env {
      readonly BARE: DurableObjectNamespace
      readonly REGISTRY: DurableObjectNamespace<RegistryObject>
      readonly SERVED: DurableObjectNamespace<ServedObject>
      readonly SLICED: DurableObjectNamespace<SlicedObject>
      readonly TENANTS: DurableObjectNamespace<TenantObject>
    }
  }
}
