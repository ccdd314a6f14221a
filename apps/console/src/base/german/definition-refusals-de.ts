// German refusals of definitions, rules, settings, keys and functions. Names are those of the API, as a person types them.

import type { SentenceTable } from '../message-pattern.ts'

export const definitionRefusalsDe: SentenceTable = {
  // Types
  '{name}: fields expects 1 to {number1} fields and verbs, got {number2}':
    '{name}: erwartet sind 1 bis {number1} Felder und Aktionen; es sind {number2}.',
  '{name}: fields expects an object such as {"name":"string!"}, got {given}':
    '{name}: Felder sind ein Objekt wie {"name":"string!"}; angegeben ist {given}.',
  "{path} expects a type such as 'string!', an enum 'A | B', a relation '-> Noun' or '<- Noun.field[]', or a verb's event such as 'Qualified', got {given}":
    '{path}: erwartet ist eine Art von Feld wie „string!“, eine Auswahl „A | B“, eine Beziehung „-> Noun“ oder das Ereignis einer Aktion wie „Qualified“; angegeben ist {given}.',
  "{path} refers to the unknown Noun '{name}'": '{path} bezieht sich auf die unbekannte Art „{name}“.',
  '{name} is built in: use PATCH to add to its definition': '„{name}“ ist eingebaut: ergänzen Sie nur etwas.',
  '{name} is built in and cannot be removed; PATCH with null for a field removes an addition':
    '„{name}“ ist eingebaut und lässt sich nicht entfernen.',
  "{name}: '{name2}' and '{name3}' differ only in letter case":
    '{name}: „{name2}“ und „{name3}“ unterscheiden sich nur in Groß- und Kleinschreibung.',
  '{name} is in use: delete its entities first, of which there are {number}':
    '„{name}“ wird verwendet: löschen Sie zuerst die {number} Datensätze.',
  '{name} is in use by {number} fields that refer to it: {names}':
    '„{name}“ wird verwendet: {number} Felder beziehen sich darauf: {names}.',
  '{path}: null removes an earlier addition, and this is not one':
    '{path} ist keine Ergänzung und lässt sich darum nicht entfernen.',
  "{path} expects '{name}' among its values, which {names} leads to; a transition or an effect of {names2} may lead elsewhere":
    '{path} braucht den Wert „{name}“, zu dem {names} führt.',
  "{name}: '{name2}' is not a part of a definition; the parts are {names}":
    '{name}: „{name2}“ gehört nicht zu einer Definition; möglich sind {names}.',
  '{name}: the name is reserved; reserved names are {names}': '„{name}“ ist als Name vergeben.',
  "{name}: a Noun '{name2}' already exists, and names compare without regard to case":
    '„{name}“: Die Art „{name2}“ gibt es schon; Groß- und Kleinschreibung zählt nicht.',
  'a tenant has at most {number} Nouns of its own': 'Ein Unternehmen hat höchstens {number} eigene Arten.',
  // Rules and keys
  '{path} is not a part of a rule': '{path} gehört nicht zu einer Regel.',
  'approvals expects a list of at most {number} rules': 'Erwartet ist eine Liste mit höchstens {number} Regeln.',
  '{path} is the name of an earlier rule': '{path}: Diesen Namen hat schon eine andere Regel.',
  '{path} expects {expected}': '{path} erwartet {expected}.',
  'roles.{name} is no value of User.role: add it with PATCH /schema/User, such as {names}':
    'Die Rolle „{name}“ gibt es nicht: ergänzen Sie sie zuerst bei der Art Benutzer.',
  '{path} needs types with one entity type': '{path} braucht genau eine Art.',
  "{path} names '{name}', which is no entity type": '{path} nennt „{name}“, und diese Art gibt es nicht.',
  'scopes: expects read, write, verb or admin, and :domain or :Noun after it, got {given}':
    'Berechtigungen: erwartet ist read, write, verb oder admin, danach :Bereich oder :Art; angegeben ist {given}.',
  'scopes: verb expects a domain or a Noun after it, such as verb:Deal, got {given}':
    'Berechtigungen: nach verb steht ein Bereich oder eine Art wie verb:Deal; angegeben ist {given}.',
  'capabilities: {given} names neither a domain, an entity type nor a verb of one':
    'Fähigkeiten: {given} ist weder ein Bereich noch eine Art oder deren Aktion.',
  'capabilities: {noun} has no verb {given}; its verbs are {names}':
    'Fähigkeiten: {noun} hat die Aktion {given} nicht, nur {names}.',
  'capabilities: expects a list such as ["Ticket.resolve","crm"], got {given}':
    'Fähigkeiten: erwartet ist eine Liste wie ["Ticket.resolve","crm"]; angegeben ist {given}.',
  // Settings
  'settings: {settings}': 'Einstellungen: {settings}.',
  "is not a setting; did you mean '{name}'?": 'ist keine Einstellung; meinten Sie „{name}“?',
  'is not a setting; the settings are {names}': 'ist keine Einstellung; es gibt {names}',
  // Functions and webhooks
  'the source is no TypeScript: {name}': 'der Quelltext ist kein TypeScript: {name}',
  "{noun}: 'source' the source is no TypeScript: {name}": '{noun}: Der Quelltext ist kein TypeScript: {name}',
  "there is no function '{name}'": 'Die Funktion „{name}“ gibt es nicht.',
  "the function '{name}' is disabled": 'Die Funktion „{name}“ ist ausgeschaltet.',
  'the code threw: {name}': 'Der Code ist mit einem Fehler abgebrochen: {name}',
  "Webhook.{field}: expects an entity type of the tenant, got '{name}'":
    'Webhook: „{field}“ erwartet eine Art des Unternehmens; angegeben ist „{name}“.',
  "expects an entity type of the tenant, got '{name}'": 'erwartet eine Art des Unternehmens; angegeben ist „{name}“',
  'Webhook.{field}: {fault}': 'Webhook: „{field}“ {fault}.',
  'IncomingWebhook.{field}: {fault}': 'Eingehender Webhook: „{field}“ {fault}.',
  "there is no metric '{name}'; GET /metrics lists them": 'Die Kennzahl „{name}“ gibt es nicht.',
  'by: {reason}': 'Gruppen: {reason}',
  'sum: {reason}': 'Summe: {reason}',
  "'{field}' holds no numbers": '„{field}“ enthält keine Zahlen',
  "a deletion cannot be undone: repeat the tenant's name in confirm={name}, or use dryRun=true":
    'Das Löschen lässt sich nicht rückgängig machen: wiederholen Sie den Namen {name}.',
}
