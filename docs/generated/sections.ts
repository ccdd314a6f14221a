// All generated sections by name.

import { callOptions, clientOptions } from './client-options.ts'
import { commandFlags, commandList, entityCommandFlags, entityCommandList, flagsOfAll } from './commands.ts'
import { contextTables, sectorTable } from './contexts.ts'
import { entityIndex, entitySections, serviceEntityIndex, serviceEntitySections } from './entity-sections.ts'
import { clientErrorCodes, errorCodes } from './error-codes.ts'
import { limitSections } from './limits.ts'
import { parameters, requestHeaders, responseHeaders, routes } from './operations.ts'
import { serverRoutes } from './server-routes.ts'
import { paymentsFields } from './payments-fields.ts'
import { cloudflareBindings, flushSettings, serverOptions } from './settings.ts'
import { tenantSettings } from './tenant-settings.ts'
import { verbSections } from './verb-sections.ts'

export const sections: Readonly<Record<string, () => string>> = {
  'call-options': callOptions,
  'client-error-codes': clientErrorCodes,
  'client-options': clientOptions,
  'cloudflare-bindings': cloudflareBindings,
  'command-flags': commandFlags,
  commands: commandList,
  entities: entitySections,
  'contexts-domains': contextTables('domain'),
  'contexts-journeys': contextTables('journey'),
  'contexts-systems': contextTables('system'),
  'contexts-sectors': sectorTable,
  'entity-command-flags': entityCommandFlags,
  'entity-commands': entityCommandList,
  'entity-index': entityIndex,
  'error-codes': errorCodes,
  'flags-of-all-commands': flagsOfAll,
  'flush-settings': flushSettings,
  ...limitSections,
  parameters,
  'payments-fields': paymentsFields,
  'request-headers': requestHeaders,
  'response-headers': responseHeaders,
  routes,
  'server-options': serverOptions,
  'service-entities': serviceEntitySections,
  'service-entity-index': serviceEntityIndex,
  'server-routes': serverRoutes,
  'tenant-settings': tenantSettings,
  verbs: verbSections,
}
