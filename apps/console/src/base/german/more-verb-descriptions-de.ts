// German descriptions of the verbs of work, marketing, automation and agents.

import type { SentenceTable } from '../message-pattern.ts'

export const moreVerbDescriptionsDe: SentenceTable = {
  'Sets status to Assigned and stores the assignee you send.':
    'Setzt den Status auf „Zugewiesen“ und weist die Aufgabe zu.',
  'Sets resolved to true.': 'Kennzeichnet den Kommentar als erledigt.',
  'Sets status to Scheduled and scheduledAt, also called publishAt, to the future time you send.':
    'Setzt den Status auf „Geplant“ und „Geplant am“ auf den angegebenen künftigen Zeitpunkt.',
  'Stores the assignee you send, which you may also call agent.': 'Weist die Anfrage zu.',
  'Sets status to Escalated and raises priority by one level, or to the priority you send.':
    'Setzt den Status auf „Eskaliert“ und erhöht die Priorität um eine Stufe oder auf die angegebene.',
  'Sets slaBreachedAt; called by the server when the first target for a response or resolution is missed.':
    'Setzt „Ziel verfehlt am“; das tut der Server, wenn das erste Ziel verfehlt ist.',
  'Adds the value you send to a Counter or stores it otherwise; sets timestamp to now or to what you send.':
    'Zählt den angegebenen Wert zu einem Zähler oder speichert ihn, mit Zeitpunkt.',
  'Sets timestamp to now, or to the time you send; the event Metric.Snapshotted has the value of that time.':
    'Hält den Wert zu jetzt oder zum angegebenen Zeitpunkt fest.',
  'Sets watch to the side of a limit and crossedAt to now, once each time the value goes beyond it.':
    'Vermerkt, dass der Wert eine Grenze überschritten hat.',
  'Sets watch to Inside and settledAt to now, once the value has come back by alertMargin.':
    'Vermerkt, dass der Wert wieder im Rahmen ist.',
  'Counts who takes the steps, and stores results and conversionRate, or yours; filter limits the first step.':
    'Zählt, wer die Schritte geht, und speichert Ergebnisse und Umwandlungsquote; ein Filter begrenzt den ersten Schritt.',
  'Sets status to OnTrack, and current and progress to 0.':
    'Setzt den Status auf „Im Plan“, Stand und Fortschritt auf 0.',
  'Sets current to the value of the metric, or to what you send, and progress and status by it.':
    'Setzt den Stand auf den Wert der Kennzahl oder die Angabe, und danach Fortschritt und Status.',
  'Sets status to Completed, and actualLeads, actualRevenue and roi to what the leads and won deals give.':
    'Setzt den Status auf „Abgeschlossen“ und Interessenten, Erlös und Ertrag auf das Erreichte.',
  'Sets actualLeads, actualRevenue and roi by the leads and won deals so far; the server calls it each day.':
    'Misst Interessenten, Erlös und Ertrag bis jetzt; das tut der Server jeden Tag.',
  'Counts the members into memberCount: those that criteria choose, or the items of members.':
    'Zählt die Mitglieder: nach den Kriterien oder nach der Liste.',
  'Checks and stores data, as an Event and in lastSubmission; adds 1 to submissionCount; 409 unless Published.':
    'Prüft und speichert eine Einsendung; das Formular muss „Veröffentlicht“ sein.',
  'Sets status to Running and fills an empty startAt with now.':
    'Setzt den Status auf „Läuft“ und einen leeren Beginn auf jetzt.',
  'Sets status to Concluded and endAt to now or what you send; stores winner and lift of the analysis, or yours.':
    'Setzt den Status auf „Ausgewertet“ und das Ende; speichert Gewinner und Zuwachs.',
  'Compares the variants, and stores results, sampleSize, conversions, confidence and lift, or yours.':
    'Vergleicht die Varianten und speichert die Ergebnisse.',
  'Sets rolloutPercentage to the percentage you send, else 100, and status to RolledOut at 100, otherwise to Enabled.':
    'Rollt auf den angegebenen Prozentsatz aus, sonst auf 100; bei 100 ist der Status „Ausgerollt“, sonst „Eingeschaltet“.',
  'Adds 1 to runCount, sets lastRunAt to now and lastInput to the input you send; status stays as it is.':
    'Startet einen Lauf mit der angegebenen Eingabe; der Status bleibt.',
  'Sets status to Connected, clears error, drops credentials and config; without an id, creates it.':
    'Setzt den Status auf „Verbunden“ und leert den Fehler.',
  'Sends a message to the person you send in to, in the app or by channel; stores the call in lastCall.':
    'Sendet der Person in „to“ eine Nachricht, in der Anwendung oder über den Kanal.',
  'Creates an activity with the task for the agent or person in to; stores the call in lastCall.':
    'Legt für den Agenten oder die Person in „to“ eine Aktivität mit der Aufgabe an.',
  'Stores the reason you send in lastEscalation and records the event Agent.Escalated.':
    'Speichert den Grund als letzte Eskalation und hält das Ereignis fest.',
  'Adds category, insight, outcome, context and the time to learnings and keeps the latest 100.':
    'Ergänzt das Gelernte und behält die neuesten 100.',
  'Sums up the work of the agent, stores the fields you send and records the event Agent.Reflected.':
    'Fasst die Arbeit des Agenten zusammen und hält das Ereignis fest.',
  'Sets status to Deployed and stores task, context and the time in lastCall.':
    'Setzt den Status auf „Eingesetzt“ und speichert die Aufgabe als letzten Aufruf.',
  'Sets status to Sent, sentAt to now or to the time you send, and an empty direction to Outbound.':
    'Setzt den Status auf „Gesendet“, „Gesendet am“ auf jetzt oder die Angabe, und eine leere Richtung auf „Ausgehend“.',
  'Stores the progress of the run, as the server does.': 'Hält den Fortschritt fest; das tut der Server.',
  'Sets status to Waiting until people have decided, as the server does.':
    'Setzt den Status auf „Wartet“, bis jemand entschieden hat; das tut der Server.',
  'Sets status to Running with what people have decided, as the server does.':
    'Setzt den Status auf „Läuft“, mit den Entscheidungen; das tut der Server.',
  'Sets status to Succeeded with the answer, as the server does.':
    'Setzt den Status auf „Erfolgreich“, mit der Antwort; das tut der Server.',
  'Sets status to Failed with the error, as the server does.':
    'Setzt den Status auf „Fehlgeschlagen“, mit dem Fehler; das tut der Server.',
  'Sets status to Failing, and reason to the reason you send; the server calls it after five retries.':
    'Setzt den Status auf „Gestört“, mit dem Grund; das tut der Server nach fünf Versuchen.',
  'Sets status to Active and clears reason; the server calls it when a delivery succeeds again.':
    'Setzt den Status auf „Aktiv“ und leert den Grund; das tut der Server, wenn wieder zugestellt ist.',
  'Sets status to Disabled, and reason to the reason you send; nothing is sent.':
    'Setzt den Status auf „Ausgeschaltet“, mit dem Grund; nichts wird gesendet.',
  'Sets status to Disabled, and reason to the reason you send.': 'Setzt den Status auf „Ausgeschaltet“, mit dem Grund.',
  'Sets status to Active and clears reason; events that wait are sent.':
    'Setzt den Status auf „Aktiv“ und leert den Grund; wartende Ereignisse werden gesendet.',
  'Sets secretName, oldSecretName and rotatedAt; the route for it makes the secret.':
    'Tauscht das Geheimnis aus; das alte gilt noch einen Tag.',
  'Sends events of the log again, from replayFrom to replayThrough, at most 10,000.':
    'Sendet Ereignisse des Protokolls erneut, höchstens 10.000.',
  'Sends the event again whose identifier you send as redelivered.': 'Sendet das angegebene Ereignis erneut.',
  'Sets status to Disabled; deliveries are refused.':
    'Setzt den Status auf „Ausgeschaltet“; Meldungen werden abgelehnt.',
  'Sets status to Enabled and clears reason; events that were parked run.':
    'Setzt den Status auf „Eingeschaltet“ und leert den Grund; aufgegebene Ereignisse laufen.',
  'Sets replayedAt; events that failed too often and were parked run again.':
    'Führt Ereignisse, die zu oft fehlgeschlagen sind, erneut aus.',
  'Sets status to Succeeded and endedAt, and adds 1 to the successCount of the workflow.':
    'Setzt den Status auf „Erfolgreich“ und zählt einen erfolgreichen Lauf.',
  'Sets status to Failed and endedAt, and adds 1 to the failureCount of the workflow.':
    'Setzt den Status auf „Fehlgeschlagen“ und zählt einen fehlgeschlagenen Lauf.',
}
