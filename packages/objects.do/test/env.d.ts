import type { DirectoryStub, PasswordHasherStub } from 'oauth.do/directory'
import type {
  PaymentsObject,
  RecordingObject,
  RegistryObject,
  ServedObject,
  SlicedObject,
  TenantObject,
} from './worker.ts'

declare global {
  namespace Cloudflare {
    interface Env {
      readonly BARE: DurableObjectNamespace
      readonly HASHER: { getByName(name: string): PasswordHasherStub }
      readonly DIRECTORY: { getByName(name: string): DirectoryStub & DurableObjectStub }
      readonly RECORDING: DurableObjectNamespace<RecordingObject>
      readonly REGISTRY: DurableObjectNamespace<RegistryObject>
      readonly SERVED: DurableObjectNamespace<ServedObject>
      /** Not bound: these tests import no files of a disk. */
      readonly IMPORTS_DISK?: { fetch(url: string): Promise<Response> }
      readonly PAYMENTS: DurableObjectNamespace<PaymentsObject>
      readonly SLICED: DurableObjectNamespace<SlicedObject>
      readonly TENANTS: DurableObjectNamespace<TenantObject>
    }
  }
}
