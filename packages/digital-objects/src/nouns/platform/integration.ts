// Integration: a connection to another system, such as a payment provider.

import type { Requirement } from '../../noun/requirement.ts'
import { Noun } from '../../noun/noun.ts'
import { clear, given, givenOrNow, ifEmpty } from '../../verb/effect-values.ts'
import { starts, updates } from '../../verb/transition-rows.ts'
import { commentsText, filesText, metadataText, tagsText, type NounTexts } from '../../noun/noun-texts.ts'

/** Credentials are not a field, because secrets must not enter the log. */
/** The connection to the provider of the integration. */
const provider: readonly Requirement[] = [{ connection: { field: 'provider' } }]

export const Integration = Noun(
  'Integration',
  {
    name: 'string?',
    provider: 'string!#',
    slug: 'string?##',
    description: 'text?',
    type: 'string?',
    category: 'Payment | CRM | Marketing | Analytics | Communication | Storage | AI | Other',
    authType: 'OAuth2 | ApiKey | Basic | Custom',
    status: 'Available | Connected | Disconnected | Synced | ComingSoon | Deprecated | Errored',
    providerUrl: 'url?',
    providerLogo: 'url?',
    oauthScopes: 'string?',
    configSchema: 'string?',
    apiBaseUrl: 'url?',
    url: 'url?',
    events: 'json?',
    featured: 'boolean?',
    webhookSupport: 'boolean?',
    lastSyncAt: 'datetime?',
    connectedAt: 'datetime?',
    disconnectedAt: 'datetime?',
    lastSyncCount: 'number(0..)?',
    error: 'string?',
    tags: 'string[]#',
    metadata: 'json?',
    comments: '<- Comment.about[]',
    files: '<- Asset.attachedTo[]',
    connect: 'Connected',
    disconnect: 'Disconnected',
    sync: 'Synced',
  },
  {
    state: 'status',
    transitions: [
      ...starts('ComingSoon', 'Disconnected', 'Deprecated'),
      { from: [], verb: 'connect', to: 'Connected' },
      { from: ['Available', 'Disconnected', 'Errored'], verb: 'connect', to: 'Connected' },
      { from: ['Connected', 'Synced', 'Errored'], verb: 'disconnect', to: 'Disconnected' },
      { from: ['Connected', 'Synced', 'Errored'], verb: 'sync', to: 'Synced' },
      ...updates(['Connected', 'Synced'], ['Errored']),
      ...updates(['Available', 'ComingSoon', 'Disconnected', 'Deprecated'], ['Available', 'ComingSoon', 'Deprecated']),
    ],
    states: {
      Connected: { sets: { connectedAt: givenOrNow('connectedAt') }, holds: ['connectedAt'] },
      Synced: { sets: { lastSyncAt: givenOrNow('lastSyncAt') }, holds: ['connectedAt'] },
      Errored: { holds: ['connectedAt'] },
      Disconnected: { sets: { disconnectedAt: givenOrNow('disconnectedAt') }, holds: ['disconnectedAt'] },
    },
    effects: {
      connect: {
        does: ['grants'],
        creates: true,
        requires: provider,
        argumentsOnly: ['credentials', 'config'],
        sets: { name: ifEmpty(given('provider')), error: clear },
      },
      sync: {
        repeats: true,
        requires: provider,
        sets: { lastSyncAt: givenOrNow('lastSyncAt'), error: clear },
      },
    },
  },
)

export const integrationTexts: NounTexts = {
  about: 'A connection to another system, such as a payment provider.',
  descriptions: {
    name: 'Title of the integration; connect uses provider if you send no name.',
    provider: 'Name of the other system, such as stripe.',
    slug: 'Short name for URLs, unique among integrations.',
    description: 'Text about what the integration does.',
    type: 'Kind of integration as free text, such as webhook.',
    category: 'Area that the other system serves.',
    authType: 'Way the other system authenticates calls.',
    status: 'State of the connection; connect, disconnect and sync change it.',
    providerUrl: 'URL of the provider.',
    providerLogo: 'URL of the logo of the provider.',
    oauthScopes: 'Permissions to ask the provider for, separated by commas.',
    configSchema: 'JSON Schema of the settings that the integration needs, as text.',
    apiBaseUrl: 'Base URL of the API of the provider.',
    url: 'URL that events are sent to.',
    events: 'Types of the events that concern the integration, as JSON.',
    featured: 'True if the integration is to be shown first.',
    webhookSupport: 'True if the provider can send webhooks.',
    lastSyncAt: 'Time of the latest sync; sync sets it.',
    connectedAt: 'Time the connection was made; connect sets it and disconnect clears it.',
    disconnectedAt: 'Time the connection was ended; disconnect sets it and connect clears it.',
    lastSyncCount: 'Number of records in the latest sync.',
    error: 'Message of the latest error; connect and sync clear it.',
    tags: tagsText,
    metadata: metadataText,
    comments: commentsText,
    files: filesText,
    connect: 'Sets status to Connected, clears error, drops credentials and config; without an id, creates it.',
    disconnect: 'Sets status to Disconnected.',
    sync: 'Sets status to Synced and lastSyncAt to now, or to the time you send, and clears error.',
  },
}
