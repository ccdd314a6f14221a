// German refusals for lack of a right, and of a server that has no time.

import type { SentenceTable } from '../message-pattern.ts'

export const accessRefusalsDe: SentenceTable = {
  'this caller may not call {noun}.{verb}': 'Sie dürfen das nicht: {noun} {verb}.',
  'this caller may not call {verb}': 'Sie dürfen das nicht: {verb}.',
  'this caller may not call {noun}.{names}, which brings {state_field} to {state}':
    'Sie dürfen das nicht: {noun} zu „{state}“ bringen.',
  'this caller may not write this {noun}': 'Diesen Datensatz ({noun}) dürfen Sie nicht ändern.',
  'only a caller who may do everything may set {field} of {noun}':
    '„{field}“ ({noun}) setzt nur, wer in diesem Unternehmen alles darf.',
  '{name} depends on fields that this caller may not see': 'Das hängt von Feldern ab, die Sie nicht sehen dürfen.',
  '{name} is about all data of the tenant, and this caller may not see or do everything':
    'Das betrifft alle Daten des Unternehmens, und Sie dürfen nicht alles sehen und tun.',
  'only a caller who may do everything imports files of the server':
    'Dateien des Servers importiert nur, wer in diesem Unternehmen alles darf.',
  'payments are only for callers that may do everything': 'Zahlungen sieht nur, wer in diesem Unternehmen alles darf.',
  'statements are only for callers that may do everything':
    'Kontoauszüge lädt nur, wer in diesem Unternehmen alles darf.',
  // Approvals
  '{call} needs the approval of a person, by the rule {names}: nothing was changed':
    '{call}: braucht eine Freigabe, nach der Regel {names}. Nichts wurde geändert.',
  '{call} needs the approval of a person, by the rule {names}: nothing was changed; it waits as {id} until a person approves it':
    '{call}: braucht eine Freigabe, nach der Regel {names}. Nichts wurde geändert; es wartet als {id} auf die Freigabe.',
  '{call} is refused: the mode of {id} is Manual, so it only recommends; a dry run shows what would change':
    '{call}: abgelehnt, weil der Agent {id} nur empfiehlt.',
  'only a person who may do everything approves': 'Freigeben kann nur, wer in diesem Unternehmen alles darf.',
  'an agent approves nothing: a person has to': 'Ein Agent gibt nichts frei: das tut ein Mensch.',
  'a key without an owner is no person': 'Ein Schlüssel ohne Inhaber ist kein Mensch.',
  'nobody approves an own request: another person has to':
    'Eigene Anträge gibt niemand selbst frei: das tut ein anderer Mensch.',
  "there is no approval '{id}': approvals are kept for 30 days":
    'Diese Freigabe gibt es nicht mehr: sie werden 30 Tage aufbewahrt.',
  // Signing in
  'this server expects a key, or a signed-in person who is a member of this tenant':
    'Melden Sie sich an. Sehen kann dieses Unternehmen nur, wer Mitglied ist.',
  'the key is not valid here: it does not exist, was revoked or has expired':
    'Der Schlüssel gilt hier nicht: es gibt ihn nicht, oder er wurde widerrufen oder ist abgelaufen.',
  'nobody is signed in here, or the session has ended': 'Sie sind nicht angemeldet, oder die Sitzung ist beendet.',
  'nobody is signed in here': 'Sie sind nicht angemeldet.',
  'only an owner of the server may do this': 'Das darf nur ein Inhaber des Servers.',
  'only an owner of the server may begin or join a tenant':
    'Nur ein Inhaber des Servers legt Unternehmen an oder tritt ihnen bei.',
  'email: the user {id} is suspended; activate it first': 'Der Benutzer {id} ist gesperrt; aktivieren Sie ihn zuerst.',
  "only pages of this server may do this with a signed-in browser, not those of '{name}'":
    'Mit einem angemeldeten Browser dürfen das nur Seiten dieses Servers, nicht die von {name}.',
  'a caller without a key reads, and writes to entities: POST /trials gives a key to a tenant of your own, for a day':
    'Ohne Schlüssel können Sie lesen und Datensätze ändern. Ein eigenes Unternehmen auf Probe hat einen Schlüssel.',
  // Limits
  'the tenant is busy: {name}; try again in {number} s':
    'Das Unternehmen ist gerade ausgelastet. Versuchen Sie es in {number} s erneut.',
  'the tenant is busy or is being started again; try again':
    'Das Unternehmen ist ausgelastet oder wird neu gestartet. Versuchen Sie es erneut.',
  'this key may make {number} requests per minute: try again in {number2} s':
    'Dieser Schlüssel darf {number} Anfragen je Minute stellen. Versuchen Sie es in {number2} s erneut.',
  'all keys of the tenant may make {number} requests per minute: try again in {number2} s':
    'Alle Schlüssel zusammen dürfen {number} Anfragen je Minute stellen. Versuchen Sie es in {number2} s erneut.',
  'at most {number} requests may be under way at the same time: wait for answers, or try again in {number2} s':
    'Höchstens {number} Anfragen laufen gleichzeitig. Versuchen Sie es in {number2} s erneut.',
  '{number} writes are waiting; try again shortly': '{number} Änderungen warten schon. Versuchen Sie es gleich erneut.',
  '{number} reads of many entities are waiting; try again shortly':
    '{number} große Abfragen warten schon. Versuchen Sie es gleich erneut.',
  'the read waited {number} s for other reads of many entities; try again shortly':
    'Die Abfrage hat {number} s auf andere gewartet. Versuchen Sie es gleich erneut.',
  'the read took longer than {number} s and examined {number2} entities; add a condition on an indexed field':
    'Die Abfrage hat länger als {number} s gedauert und {number2} Datensätze geprüft. Grenzen Sie sie ein.',
  'the words of {number1} of {number2} events are indexed, and $text needs all of them; try again shortly':
    'Die Wörter von {number1} der {number2} Ereignisse sind erfasst, die Suche braucht alle. Versuchen Sie es gleich erneut.',
  'the past of {number1} of {number2} events is indexed, and a list of the past needs all of it; try again shortly':
    'Die Vergangenheit von {number1} der {number2} Ereignisse ist erfasst, die Liste braucht alle. Versuchen Sie es gleich erneut.',
  '{number} jobs are running; try again when one has ended':
    '{number} Vorgänge laufen schon. Versuchen Sie es erneut, wenn einer beendet ist.',
  'this key may change at most {number} entities in a call: nothing was changed; divide it into several':
    'Dieser Schlüssel darf höchstens {number} Datensätze auf einmal ändern. Nichts wurde geändert; teilen Sie es auf.',
  '{id} has a budget of {number} {name} a day and has used {number2}; the next day begins at {time}':
    '{id} hat je Tag ein Budget von {number} ({name}) und hat {number2} verbraucht. Der nächste Tag beginnt um {time}.',
  'a body holds at most {number} bytes': 'Eine Anfrage hat höchstens {number} Bytes.',
  'the disk of the server is full: nothing was written; reads continue, and writes do once there is room':
    'Der Speicher des Servers ist voll. Nichts wurde geschrieben; Lesen geht weiter, Schreiben, sobald Platz ist.',
  'something went wrong here; the request id names it in the log':
    'Auf dem Server ist ein Fehler aufgetreten. Das Protokoll des Servers nennt ihn.',
  // Tenants
  "'{name}' is no name of a tenant, which has 2 to 64 lower-case letters, digits and hyphens":
    '„{name}“ geht nicht als Kurzname: erlaubt sind 2 bis 64 Kleinbuchstaben, Ziffern und Bindestriche.',
  "a tenant is 2 to 64 lower-case letters, digits and hyphens, got '{name}'":
    '„{name}“ geht nicht als Kurzname: erlaubt sind 2 bis 64 Kleinbuchstaben, Ziffern und Bindestriche.',
  "there is no tenant '{name}'": 'Das Unternehmen „{name}“ gibt es nicht.',
  "the tenant '{name}' was never written to": 'Das Unternehmen „{name}“ gibt es noch nicht.',
  "the tenant '{name}' is being deleted; its name can be used again afterwards":
    'Das Unternehmen „{name}“ wird gerade gelöscht; danach ist sein Name wieder frei.',
  "'{name}' cannot name a tenant: its paths are those of callers who try the server":
    '„{name}“ geht nicht als Kurzname: unter ihm wird der Server ausprobiert.',
  "'{name}' cannot name a tenant: a program has probably sent a missing value as the tenant's name":
    '„{name}“ geht nicht als Kurzname: so heißt ein fehlender Wert.',
  'the tenant has no data yet: create an entity first':
    'Das Unternehmen hat noch keine Daten: legen Sie zuerst etwas an.',
  'too many tenants are in use at the same time; try again':
    'Zu viele Unternehmen sind gleichzeitig geöffnet. Versuchen Sie es erneut.',
  'the tenant has no test clock': 'Das Unternehmen hat keine Testuhr.',
  'asOf expects a past time, got {time1}; it is {time2} now':
    'Sehen kann man nur die Vergangenheit: {time1} liegt nach {time2}.',
  "this tenant's first event is of {time1}, after {time2}: nothing is known of that time":
    'Das erste Ereignis ist von {time1}; über {time2} ist nichts bekannt.',
  'this tenant has no events yet: nothing is known of that time':
    'Es gibt noch keine Ereignisse, darum ist über die Zeit nichts bekannt.',
}
