// The three tools. Their definitions are part of every conversation, so they are short and never depend on the tenant: its
// types are an answer of `search`.

import type { Tool } from '@modelcontextprotocol/server'

const string = { type: 'string' } as const
const reads = { readOnlyHint: true, openWorldHint: false } as const

export const tools: readonly Tool[] = [
  {
    name: 'search',
    description:
      'Find entities, newest first. With nothing given: the types with counts. Without type: all types, one line each. ' +
      'filter is like MongoDB\'s, paths follow relations: {"stage":"Lead","organization.name":{"$in":["A"]}}.',
    inputSchema: {
      type: 'object',
      properties: {
        type: { ...string, description: 'Contact, Deal, Invoice…' },
        query: { ...string, description: 'words to find' },
        semantic: { type: 'boolean', description: 'by meaning of query' },
        filter: { type: 'object' },
        sort: { ...string, description: '-value,name' },
        limit: { type: 'integer', description: '1-100, default 25' },
        cursor: string,
        include: { ...string, description: 'relations' },
        fields: string,
        asOf: { ...string, description: 'past moment, RFC 3339' },
      },
    },
    outputSchema: {
      type: 'object',
      properties: { results: { type: 'array' }, hasMore: { type: 'boolean' }, cursor: string },
      required: ['results', 'hasMore'],
    },
    annotations: { title: 'Search', ...reads },
  },
  {
    name: 'fetch',
    description:
      'Read one: an entity by id. Or type Schema with id Contact (fields and verbs: read before writing), Metric with ' +
      'a name, History with an entity id, Events, Approval, Status.',
    inputSchema: {
      type: 'object',
      properties: {
        id: string,
        type: { ...string, description: 'only for those' },
        include: string,
        fields: string,
        asOf: string,
        limit: { type: 'integer' },
        cursor: string,
      },
    },
    outputSchema: { type: 'object' },
    annotations: { title: 'Fetch', ...reads },
  },
  {
    name: 'do',
    description:
      'Run the body of an async JavaScript function and return its result. $ is the client: await $.Deal.create({…}), ' +
      '.get(id), .find(filter), .update(id, {…}), .delete(id), and verbs: $.Contact.qualify(id). It is one commit: a ' +
      'throw undoes all. No imports, no network. dryRun shows what would change; use it first where it matters.',
    inputSchema: {
      type: 'object',
      properties: { code: string, dryRun: { type: 'boolean' } },
      required: ['code'],
    },
    outputSchema: {
      type: 'object',
      properties: { commit: { type: 'integer' }, changes: { type: 'array', items: string } },
      required: ['changes'],
    },
    annotations: { title: 'Do', readOnlyHint: false, destructiveHint: true, openWorldHint: false },
  },
]
