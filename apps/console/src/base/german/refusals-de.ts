// German refusals of changes.

import type { SentenceTable } from '../message-pattern.ts'

export const refusalsDe: SentenceTable = {
  '{noun}.{verb}: {faults}': '{noun} {verb}: {faults}.',
  'the body: {faults}': '{faults}.',
  '{noun}: {faults}': '{noun}: {faults}.',
  "{noun}: '{field}' {fault}": '{noun}: „{field}“ {fault}.',
  'the body: {name} {fault}': '„{name}“ {fault}.',
  "{noun}.{field} {given} is taken by '{id}'": '{noun}: „{field}“ mit dem Wert {given} ist schon vergeben, an {id}.',
  '{noun}.{field} {given} is taken': '{noun}: „{field}“ mit dem Wert {given} ist schon vergeben.',
  '{noun}.{field} expects {expected}, got {given}': '{noun}: „{field}“ erwartet {expected}; angegeben ist {given}.',
  // Versions
  "expected version {number} of '{id}', which is at {number2}":
    'Jemand hat {id} inzwischen geändert: erwartet wurde Version {number}, jetzt ist es Version {number2}.',
  "expected {name} of '{id}', which is at {number2}":
    'Jemand hat {id} inzwischen geändert: jetzt ist es Version {number2}.',
  // States
  '{noun}.{verb} cannot start {state_field} at {state}; it starts at {states}':
    '{noun}: „{state_field}“ kann nicht mit „{state}“ beginnen, nur mit „{states}“.',
  '{noun}.{verb}: {state_field} is {state} already; an update changes other fields; {possible}':
    '{noun}: „{state_field}“ ist schon „{state}“. {possible}',
  '{noun}.{verb} expects {state_field} {states}, and it is {state}; {possible}':
    '{noun} {verb}: „{state_field}“ müsste „{states}“ sein und ist „{state}“. {possible}',
  '{noun}.{verb} expects {state_field} {states}, it is {state}':
    '{noun} {verb}: „{state_field}“ müsste „{states}“ sein und ist „{state}“.',
  '{noun}.{verb} cannot bring {state_field} from {state} to {states}; {possible}':
    '{noun} {verb}: „{state_field}“ kann nicht von „{state}“ zu „{states}“ werden. {possible}',
  '{noun}.rollback cannot bring {state_field} from {state} to {state2}; {possible}':
    '{noun}: „{state_field}“ kann nicht von „{state}“ zu „{state2}“ zurückkehren. {possible}',
  '{noun}.update cannot bring {state_field} to {state}: {verb} leads to {state2} with these fields; call {verb2}':
    '{noun}: „{state_field}“ wird nicht durch Bearbeiten zu „{state}“: „{verb}“ führt mit diesen Angaben zu „{state2}“. Wählen Sie „{verb2}“.',
  '{noun}.{verb} leads to {state_field} {state}, not to {state2}':
    '{noun} {verb}: führt zu „{state}“ und nicht zu „{state2}“.',
  // Records that are kept
  'a {noun} cannot be added while {field} is {state}':
    '{noun}: kann nicht hinzugefügt werden, solange „{field}“ „{state}“ ist.',
  "{noun}.{verb} cannot set '{field}': only verbs do": '{noun}: „{field}“ lässt sich nur durch Aktionen setzen.',
  'a {noun} cannot be deleted while {state_field} is {state}: its record is kept':
    '{noun}: kann nicht gelöscht werden, solange „{state_field}“ „{state}“ ist, weil der Beleg aufbewahrt wird.',
  'a {noun} cannot be deleted: its record is kept':
    '{noun}: kann nicht gelöscht werden, weil der Beleg aufbewahrt wird.',
  "{noun}.{verb} cannot change '{field}' while {state_field} is {state}, only its verbs do":
    '{noun}: „{field}“ lässt sich nur durch Aktionen ändern, solange „{state_field}“ „{state}“ ist.',
  "{noun}.{verb} cannot change '{field}' while {state_field} is {state}":
    '{noun}: „{field}“ kann nicht geändert werden, solange „{state_field}“ „{state}“ ist.',
  "{noun}.{verb} cannot change '{field}', only its verbs do": '{noun}: „{field}“ lässt sich nur durch Aktionen ändern.',
  "{noun}.{verb} cannot change '{field}'": '{noun}: „{field}“ kann nicht geändert werden.',
  "{noun}.{field} cannot change: {name} refers to it and would break its rule '{rule}'":
    '{noun}: „{field}“ kann nicht geändert werden: {name} bezieht sich darauf und würde die Regel „{rule}“ verletzen.',
  "{noun} '{id}' cannot be deleted: {number} {noun2} refers to it by '{field}', which restricts deletion":
    '{noun} {id} kann nicht gelöscht werden: {number} Datensatz ({noun2}) bezieht sich durch „{field}“ darauf.',
  "{noun} '{id}' cannot be deleted: {number} {noun2} refer to it by '{field}', which restricts deletion":
    '{noun} {id} kann nicht gelöscht werden: {number} Datensätze ({noun2}) beziehen sich durch „{field}“ darauf.',
  "{noun} '{id}' cannot be deleted: more than {number} {noun2} refer to it by '{field}', which restricts deletion":
    '{noun} {id} kann nicht gelöscht werden: mehr als {number} Datensätze ({noun2}) beziehen sich durch „{field}“ darauf.',
  'this {noun} cannot be deleted: other entities refer to it':
    '{noun}: kann nicht gelöscht werden, weil sich andere Datensätze darauf beziehen.',
  '{noun}.{verb}: its effect on another entity was refused':
    '{noun} {verb}: Die Folge für einen anderen Datensatz wurde abgelehnt.',
  '{noun}.{verb} expects an existing {noun2}, and there is none with {name}':
    '{noun} {verb}: erwartet einen vorhandenen Datensatz der Art {noun2}; keiner hat {name}.',
  '{noun} has no verb {verb}: its definition disables it': '{noun}: „{verb}“ gibt es für diese Art nicht.',
  "{noun} has no verb '{name}'; did you mean '{name2}'?":
    '{noun}: Die Aktion „{name}“ gibt es nicht; meinten Sie „{name2}“?',
  "{noun} has no verb '{name}'; its verbs are none": '{noun}: Die Aktion „{name}“ gibt es nicht.',
  "{noun} has no verb '{name}'; its verbs are {names}": '{noun}: Die Aktion „{name}“ gibt es nicht, nur {names}.',
  '{noun}.{verb} is called only by the server, when its time comes or as an effect of another verb':
    '{noun} {verb}: Das tut nur der Server, wenn es Zeit ist oder als Folge einer anderen Aktion.',
  'the id of a {noun} expects {name} and letters or digits, got {given}':
    'Die Kennung {given} ist keine dieser Art: {noun}.',
  "no event '{id}'": 'Das Ereignis {id} gibt es nicht.',
  "nothing is at '{name}'; entities are at {name2}": 'Diese Adresse gibt es nicht: {name}.',
  '{noun}.{verb}: {fault}': '{noun} {verb}: {fault}.',
  "no {noun} '{id}'": '{noun} {id} gibt es nicht.',
  "no {noun} '{id}': it was merged into '{id2}'": '{noun} {id} gibt es nicht mehr; sie ist in {id2} aufgegangen.',
  "there is no entity '{id}'": 'Den Datensatz {id} gibt es nicht.',
  "there is no entity type '{name}'": 'Die Art „{name}“ gibt es nicht.',
  "unknown entity type '{name}'; did you mean '{name2}'?": 'Die Art „{name}“ gibt es nicht; meinten Sie „{name2}“?',
  "unknown entity type '{name}'": 'Die Art „{name}“ gibt es nicht.',
  'an entity has at most {number1} characters, got {number2}':
    'Ein Datensatz hat höchstens {number1} Zeichen; dieser hätte {number2}.',
  // Services
  "a funnel's steps expects a list of 2 to {number} steps, such as {given}":
    'Trichter: Erwartet ist eine Liste von 2 bis {number} Schritten wie {given}.',
  "an experiment's variants expects a list of at least 2 variants":
    'Experiment: Erwartet ist eine Liste mit mindestens 2 Varianten.',
  'triggers {fault}': 'Auslöser: {fault}.',
  "{noun}.{verb} needs the connection in '{name}', which has no value, and this server has none: nothing was changed":
    '{noun} {verb}: braucht eine Verbindung („{name}“ ist leer), die hier nicht eingerichtet ist. Nichts wurde geändert.',
  "{noun}.{verb} needs the connection '{connection}', and this server has none: nothing was changed":
    '{noun} {verb}: braucht eine Verbindung ({connection}), die hier nicht eingerichtet ist. Nichts wurde geändert.',
  'only the server makes and changes a {noun}': '{noun}: Nur der Server legt das an und ändert es.',
  'only the server makes entries of the journal': 'Buchungen macht nur der Server.',
  'only the server changes what was found': 'Was gefunden wurde, ändert nur der Server.',
  'the books are open already: {id}': 'Die Bücher sind schon eröffnet: {id}.',
  'this belongs to {time1}, but the books are closed through {time2}: date it later, or reopen them':
    'Das gehört zum {time1}, aber die Bücher sind bis {time2} abgeschlossen: datieren Sie es später, oder öffnen Sie sie wieder.',
  'a run that is under way cannot be deleted: wait until it has ended':
    'Ein laufender Abgleich kann nicht gelöscht werden: warten Sie, bis er beendet ist.',
  'a dispute is a record of money, and is not deleted':
    'Eine Zahlungsanfechtung ist ein Beleg und wird nicht gelöscht.',
  'an open dispute cannot be deleted: resolve it first':
    'Eine offene Anfechtung kann nicht gelöscht werden: klären Sie sie zuerst.',
  'only the server says that a {noun} has succeeded; others may end it by {noun2}.fail':
    '{noun}: Nur der Server meldet, dass es erfolgreich war; andere können es als fehlgeschlagen melden.',
  'the asset is attached to entities that this caller may not see, so it may not attach it elsewhere':
    'Die Datei hängt an Datensätzen, die Sie nicht sehen dürfen; darum dürfen Sie sie nicht anderswo anhängen.',
  // Commits, undo and plans
  'a commit has at most {number} changes, effects included: nothing was changed':
    'Auf einmal sind höchstens {number} Änderungen möglich, mit ihren Folgen. Nichts wurde geändert.',
  'a commit has at most {number} changes, effects included: nothing was changed; divide it into several':
    'Auf einmal sind höchstens {number} Änderungen möglich, mit ihren Folgen. Nichts wurde geändert; teilen Sie es auf.',
  'effects follow each other for at most {number} levels, and {noun}.{verb} would be one more: nothing was changed':
    'Folgen gehen höchstens {number} Ebenen weit, und {noun} {verb} wäre eine mehr. Nichts wurde geändert.',
  'the undo conflicts with what happened since: {conflict}, and {number} more':
    'Das lässt sich nicht zurücknehmen, weil sich seitdem etwas geändert hat: {conflict}, und {number} weitere.',
  'the undo conflicts with what happened since: {conflict}':
    'Das lässt sich nicht zurücknehmen, weil sich seitdem etwas geändert hat: {conflict}.',
  "{noun}.{event} of '{id}' cannot be undone: {cause}":
    '{noun} {id}: „{event}“ lässt sich nicht zurücknehmen: {cause}.',
  'the commits have changes that this caller may not see, so this caller cannot undo them':
    'Dazu gehören Änderungen, die Sie nicht sehen dürfen; darum können Sie sie nicht zurücknehmen.',
  'the plan would not do what its dry run promised, since {name}: nothing was changed':
    'Inzwischen würde etwas anderes geschehen als gezeigt. Nichts wurde geändert.',
  "there is no plan '{id}': plans are kept for an hour": 'Die Vorschau ist abgelaufen: sie gilt eine Stunde.',
  'the plan was executed as commit {number}; a plan is executed once':
    'Das wurde schon ausgeführt, als Commit {number}.',
  'there is no commit {number}: event {number} belongs to commit {number2}':
    'Den Commit {number} gibt es nicht: das Ereignis gehört zu Commit {number2}.',
  'there is no commit {number}': 'Den Commit {number} gibt es nicht.',
  'an undo takes back at most {number} commits: nothing was changed; undo a part of them, the newest first':
    'Auf einmal lassen sich höchstens {number} Commits zurücknehmen. Nichts wurde geändert; beginnen Sie mit den neuesten.',
}

/** The end of a refusal by state: what is possible instead. */
export const possibleDe: SentenceTable = {
  'no verb is possible there': 'Dort ist keine Aktion möglich.',
  'possible there: {verbs}': 'Möglich: {verbs}.',
  '{state} was reached by a transition that cannot be undone':
    '„{state}“ wurde durch einen Schritt erreicht, der sich nicht zurücknehmen lässt.',
}

/** Why an undo is not possible. */
export const conflictsDe: SentenceTable = {
  "{noun} '{id}': {field} was changed by commit {number}":
    '{noun} {id}: „{field}“ wurde durch Commit {number} geändert',
  "{noun} '{id}': {field} was changed": '{noun} {id}: „{field}“ wurde geändert',
  "{noun} '{id}' was deleted by commit {number}": '{noun} {id} wurde durch Commit {number} gelöscht',
  "{noun} '{id}' was deleted": '{noun} {id} wurde gelöscht',
  "{noun} '{id}' was restored by commit {number}": '{noun} {id} wurde durch Commit {number} wiederhergestellt',
  "{noun} '{id}' was restored": '{noun} {id} wurde wiederhergestellt',
  "{noun} '{id}': {field} refers to '{id2}', which the undo would delete":
    '{noun} {id}: „{field}“ bezieht sich auf {id2}, was dabei gelöscht würde',
  "{noun} '{id}': {field} would refer to an entity that was deleted by commit {number}":
    '{noun} {id}: „{field}“ würde sich auf etwas beziehen, das Commit {number} gelöscht hat',
  "{noun} '{id}': {field} would refer to an entity that was deleted":
    '{noun} {id}: „{field}“ würde sich auf etwas beziehen, das gelöscht ist',
  "{noun} '{id}': another entity has the unique value of {field} now":
    '{noun} {id}: den Wert von „{field}“ hat jetzt ein anderer Datensatz',
  "{noun} '{id}': a rule refuses the earlier value of {field} now":
    '{noun} {id}: eine Regel lehnt den früheren Wert von „{field}“ jetzt ab',
  "{noun} '{id}': {field} is defined differently now": '{noun} {id}: „{field}“ ist jetzt anders definiert',
  'later changes that this caller may not see': 'spätere Änderungen, die Sie nicht sehen dürfen',
  "'{name}' has delivered it": 'es wurde schon nach außen gegeben ({name})',
  'its personal values were erased since': 'persönliche Angaben wurden seitdem gelöscht',
  '{field} went to {state} by a transition that is irreversible':
    '„{field}“ wurde „{state}“ durch einen Schritt, der sich nicht zurücknehmen lässt',
}
