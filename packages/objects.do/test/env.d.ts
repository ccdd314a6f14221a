import type { TenantObject } from 'objects.do'

declare global {
  namespace Cloudflare {
    interface Env {
      readonly BARE: DurableObjectNamespace
      readonly TENANTS: DurableObjectNamespace<TenantObject>
    }
  }
}
