// German descriptions of the verbs. Fields are called by their German names where the sentence is about one of them.

import type { SentenceTable } from '../message-pattern.ts'

export const verbDescriptionsDe: SentenceTable = {
  'Creates the entity from the fields you send.': 'Legt den Datensatz mit den angegebenen Feldern an.',
  'Changes the fields you send; null clears a field.': 'Ändert die angegebenen Felder; null leert ein Feld.',
  'Deletes the entity; its history stays readable.': 'Löscht den Datensatz; sein Verlauf bleibt lesbar.',
  // Forms that many verbs share
  'Sets {state_field} to {state}.': 'Setzt „{state_field}“ auf „{state}“.',
  'Sets {state_field} to {number}.': 'Setzt „{state_field}“ auf {number}.',
  'Sets {state_field} to {state} and {field} to now, or to the time you send.':
    'Setzt „{state_field}“ auf „{state}“ und „{field}“ auf jetzt oder den angegebenen Zeitpunkt.',
  'Sets {state_field} to {state} and {field} to now, or to the time you send, and clears error.':
    'Setzt „{state_field}“ auf „{state}“ und „{field}“ auf jetzt oder den angegebenen Zeitpunkt, und leert den Fehler.',
  'Sets {state_field} to {state} and {field}.': 'Setzt „{state_field}“ auf „{state}“, und „{field}“.',
  'Sets {state_field} to {state} and clears {field}.': 'Setzt „{state_field}“ auf „{state}“ und leert „{field}“.',
  'Sets {state_field} to {state}; the server calls it.': 'Setzt „{state_field}“ auf „{state}“; das tut der Server.',
  'Stores the fields you send, such as {names}, and records the event {name}.':
    'Speichert die angegebenen Felder und hält das Ereignis fest.',
  'Stores {names} and the time in lastCall and records the event {name}.':
    'Speichert die Angaben und den Zeitpunkt als letzten Aufruf und hält das Ereignis fest.',
  'Needs the connection {connection}.': 'Braucht die Verbindung „{connection}“.',
  'Needs the connection {connection}, unless you send {names}.':
    'Braucht die Verbindung „{connection}“, außer wenn Sie dies angeben: {names}.',
  'Needs the connection {connection} if {field} is {state}, unless you send {name}.':
    'Braucht die Verbindung „{connection}“, wenn „{field}“ „{state}“ ist, außer wenn Sie „{name}“ angeben.',
  'Needs the connection {connection} if {field} is {state} and direction is not Inbound, unless you send sentAt.':
    'Braucht die Verbindung „{connection}“, wenn „{field}“ „{state}“ ist und die Nachricht ausgeht, außer wenn Sie „Gesendet am“ angeben.',
  'Needs the connection {connection} if the argument {name} is given.':
    'Braucht die Verbindung „{connection}“, wenn „{name}“ angegeben ist.',
  'Needs the connection webhooks if action is webhook.':
    'Braucht die Verbindung „Webhooks“, wenn die Aktion „webhook“ ist.',
  'Needs the connection stored-functions if action is given and action is not webhook.':
    'Braucht gespeicherte Funktionen, wenn eine andere Aktion als „webhook“ angegeben ist.',
  'Needs the connection in {field}.': 'Braucht die Verbindung, die in „{field}“ steht.',
  // People and sales
  'Sets status to Invited and sends nothing; without an id, creates the user from the email you send.':
    'Setzt den Status auf „Eingeladen“ und sendet nichts.',
  'Sets status to Revoked, and the key works no more; refused with 409 unless status is Active.':
    'Setzt den Status auf „Widerrufen“; der Schlüssel gilt dann nicht mehr.',
  'Sets status to Expired; called by the server at expiresAt.':
    'Setzt den Status auf „Abgelaufen“; das tut der Server zum angegebenen Zeitpunkt.',
  'Stores the healthScore you send, which you may also call score.': 'Speichert den angegebenen Zustand des Kunden.',
  'Stores the fields you send and sets capturedAt; without an id, creates the contact as a Lead.':
    'Speichert die angegebenen Felder und setzt „Erfasst am“.',
  'Stores the assignee you send and records the event Contact.Assigned.': 'Weist den Kontakt zu.',
  'Merges the contacts whose ids you send in from: fills empty fields, moves all references, and deletes them.':
    'Führt die Kontakte in „from“ mit diesem zusammen: füllt leere Felder, übernimmt alle Verweise und löscht sie.',
  'Sets status to Converted and convertedAt; links or creates the contact, the organization and the deal.':
    'Setzt den Status auf „Umgewandelt“; verknüpft Kontakt, Organisation und Geschäft oder legt sie an.',
  'Sets status to Lost and lostAt to now, or to the time you send.':
    'Setzt den Status auf „Verloren“ und „Verloren am“ auf jetzt oder den angegebenen Zeitpunkt.',
  'Sets stage to Closed and fills closedAt and actualCloseDate with now, or with what you send.':
    'Setzt die Stufe auf „Abgeschlossen“ und hält den Abschluss fest, mit jetzt oder der Angabe.',
  'Sets stage to Won, probability to 100 and the dates closedAt and actualCloseDate; sells the price you send.':
    'Setzt die Stufe auf „Gewonnen“, die Wahrscheinlichkeit auf 100, und hält den Abschluss fest; verkauft den angegebenen Preis.',
  'Sets stage to Lost and probability to 0; fills closedAt and actualCloseDate with now or what you send.':
    'Setzt die Stufe auf „Verloren“, die Wahrscheinlichkeit auf 0, und hält den Abschluss fest.',
  'Sets stage to the one you send, or the next one of the pipeline, with its probability.':
    'Setzt die Stufe auf die angegebene oder die nächste der Pipeline, mit ihrer Wahrscheinlichkeit.',
  'Sets stage to Prospecting, clears closedAt and actualCloseDate, and clears probability unless you send one.':
    'Setzt die Stufe auf „Ansprache“ und leert den Abschluss, und die Wahrscheinlichkeit, wenn Sie keine angeben.',
  'Sets rottingAt; called by the server after the days in dealRotting of the pipeline, else 14, without an activity.':
    'Setzt „Ruht seit“; das tut der Server nach den Tagen der Pipeline, sonst 14, ohne Aktivität.',
  'Sets status to Completed and completedAt to now or what you send; moves the times of its contact and deal on.':
    'Setzt den Status auf „Abgeschlossen“ und „Erledigt am“; Kontakt und Geschäft gelten als bearbeitet.',
  'Sets status to Completed and completedAt to now or what you send; without an id, creates the activity.':
    'Setzt den Status auf „Abgeschlossen“ und „Erledigt am“ auf jetzt oder die Angabe.',
  'Sets remindedAt; called by the server at reminderAt.':
    'Setzt „Erinnert am“; das tut der Server zum Zeitpunkt der Erinnerung.',
  // Billing
  'Sets status to Cancelled with canceledAt and endedAt; with cancelAtPeriodEnd true, only sets that flag.':
    'Setzt den Status auf „Gekündigt“; mit Kündigung zum Periodenende wird nur diese vermerkt.',
  'Sets status to Active and cancelAtPeriodEnd to false; a new period begins now if one has ended meanwhile.':
    'Setzt den Status auf „Aktiv“ und nimmt die Kündigung zurück; ist die Periode vorbei, beginnt jetzt eine neue.',
  'Raises price, plan, amount or quantity to those you send, and prorates the period in pendingItems.':
    'Erhöht Preis, Tarif, Betrag oder Menge auf die Angaben und rechnet die laufende Periode anteilig ab.',
  'Lowers price, plan, amount or quantity to those you send, and prorates the period in pendingItems.':
    'Senkt Preis, Tarif, Betrag oder Menge auf die Angaben und rechnet die laufende Periode anteilig ab.',
  'Moves the current period on by one and creates its invoice; a trial becomes Active.':
    'Beginnt die nächste Periode und legt ihre Rechnung an; eine Testphase wird „Aktiv“.',
  'Sets status to Unpaid, in which nothing is billed until a late invoice is paid, and unpaidAt.':
    'Setzt den Status auf „Unbezahlt“: nichts wird abgerechnet, bis eine späte Rechnung bezahlt ist.',
  'Puts the items into recurringItems, and an amount of 0 if it is empty; called when an item changes.':
    'Übernimmt die Positionen; das geschieht, wenn sich eine ändert.',
  'Creates a Payment of the amount you send, else of all that is due; status is Paid, with paidAt, once nothing is due.':
    'Legt eine Zahlung über den angegebenen oder den ganzen offenen Betrag an; ist nichts mehr offen, ist die Rechnung „Bezahlt“.',
  'Sets status to Voided and voidedAt; refused with a payment on it.':
    'Setzt den Status auf „Storniert“; mit einer Zahlung ist das nicht möglich.',
  'Sets status to Open, issuedAt, dueAt and number, or Paid and paidAt if nothing is due; without an id, creates one.':
    'Stellt die Rechnung aus, mit Datum, Fälligkeit und Nummer; ist nichts offen, ist sie „Bezahlt“.',
  'Creates a CreditNote of the amount you send, else of all that is due; status is Paid, with paidAt, once nothing is due.':
    'Legt eine Gutschrift über den angegebenen oder den ganzen offenen Betrag an; ist nichts mehr offen, ist die Rechnung „Bezahlt“.',
  'Sets overdueAt and pastDueAt, and marks the subscription past due; called by the server when an open invoice is due.':
    'Vermerkt, dass die Rechnung überfällig und das Abonnement im Verzug ist; das tut der Server bei Fälligkeit.',
  'Sets pastDueAt, and marks the subscription past due; called when a payment of the open invoice fails.':
    'Setzt das Abonnement in Verzug; das geschieht, wenn eine Zahlung fehlschlägt.',
  'Adds 1 to retryCount; called by the server on the days of the setting paymentRetryDays, for those who collect payments.':
    'Zählt einen weiteren Versuch; das tut der Server an den eingestellten Tagen.',
  'Puts the line items of a draft into lineItems; called by the server when one of them changes.':
    'Übernimmt die Posten eines Entwurfs; das tut der Server, wenn sich einer ändert.',
  'Adds to refundedAmount; called by the server when a payment is refunded, or a refund fails.':
    'Rechnet eine Erstattung an; das tut der Server.',
  'Adds to refundedCredits; called by the server when a refund pays out a credit, or fails.':
    'Rechnet eine ausgezahlte Gutschrift an; das tut der Server.',
  'Creates a Refund of amount, else of all that is left, pending if you say so, or one that pays out a creditNote.':
    'Legt eine Erstattung über den angegebenen oder den ganzen übrigen Betrag an, oder eine, die eine Gutschrift auszahlt.',
  'Sets status to Succeeded and capturedAt, and pays the invoice; without an id, creates a received payment.':
    'Setzt den Status auf „Erfolgreich“ und bezahlt die Rechnung.',
  'Sets status to Failed with failureCode and failureMessage, and the subscription of the invoice to PastDue.':
    'Setzt den Status auf „Fehlgeschlagen“ und das Abonnement der Rechnung auf „Im Verzug“.',
  'Reduces refundedAmount and sets status to Succeeded; called by the server when a refund fails or is cancelled.':
    'Nimmt eine Erstattung zurück; das tut der Server, wenn sie fehlschlägt oder abgebrochen wird.',
  'Sets status to Succeeded and refundedAt.': 'Setzt den Status auf „Erfolgreich“, und „Erstattet am“.',
  'Sets status to Failed and failedAt, and gives the amount back to the payment.':
    'Setzt den Status auf „Fehlgeschlagen“ und gibt der Zahlung den Betrag zurück.',
  'Sets status to Cancelled and canceledAt, and gives the amount back to the payment.':
    'Setzt den Status auf „Abgebrochen“ und gibt der Zahlung den Betrag zurück.',
  'Adds to refundedAmount; called by the server when a refund pays out the credit, or fails.':
    'Rechnet eine Auszahlung der Gutschrift an; das tut der Server.',
  'Ends the discount if the next bill has none; called by the server at each renewal.':
    'Beendet den Nachlass, wenn die nächste Rechnung keinen hat; das tut der Server bei jeder Verlängerung.',
  'Adds 1 to timesRedeemed and sets redeemedAt; called by the server when an item is created with the coupon.':
    'Zählt eine Einlösung; das tut der Server, wenn der Gutschein verwendet wird.',
  'Pays the invoice whose id you send, with the whole amount at bookedAt, and sets status to Matched.':
    'Bezahlt die angegebene Rechnung mit dem ganzen Betrag und setzt den Status auf „Zugeordnet“.',
  'Sets status to Ignored: it pays no invoice.': 'Setzt den Status auf „Übergangen“: sie bezahlt keine Rechnung.',
  'Creates a task for a person, since no invoice was found; the server calls it.':
    'Legt eine Aufgabe an, weil keine Rechnung gefunden wurde; das tut der Server.',
  'Closes the books through closedThrough, which is past and later than before.':
    'Schließt die Bücher bis zum angegebenen, vergangenen Zeitpunkt ab.',
  'Reopens the books after closedThrough, or all without it, for the reason that you send.':
    'Öffnet die Bücher nach dem angegebenen Zeitpunkt wieder, oder alle, mit dem angegebenen Grund.',
  'Sets status to UnderReview; the server calls it when evidence was sent.':
    'Setzt den Status auf „Wird geprüft“; das tut der Server, wenn Nachweise gesendet sind.',
  'Sets status to Closed; the server calls it when an inquiry ends.':
    'Setzt den Status auf „Geschlossen“; das tut der Server am Ende einer Rückfrage.',
  'Sets status to Resolved; in a Conflict, resolution says which value both sides get: Ours or Theirs.':
    'Setzt den Status auf „Gelöst“; bei einem Widerspruch sagt die Lösung, welchen Wert beide Seiten erhalten: hier (Ours) oder dort (Theirs).',
  'Sets status to Open; the server calls it if the matter comes up again.':
    'Setzt den Status auf „Offen“; das tut der Server, wenn es wieder vorkommt.',
  'Records the progress; the server calls it after each page.': 'Hält den Fortschritt fest; das tut der Server.',
  'Sets status to Succeeded; the server calls it at the end.':
    'Setzt den Status auf „Erfolgreich“; das tut der Server am Ende.',
  'Sets status to Failed; the server calls it if the provider refuses the key.':
    'Setzt den Status auf „Fehlgeschlagen“; das tut der Server, wenn der Anbieter den Schlüssel ablehnt.',
}
