/* Every way in which an operation can end: one append-only registry, the same number in C, on the
 * wire and in the second reader. PROTOCOL.md section 3. */
#ifndef SCHWEBE_STATUS_H
#define SCHWEBE_STATUS_H

#define MUST_CHECK __attribute__((warn_unused_result))

/* X(number, name, German sentence, English sentence). Numbers are never reused or changed.
 * 0 fine; 1-39 bytes and envelope; 40-69 identity and keys; 70-109 payment; 110-149 settlement and
 * book; 150-179 log; 180-199 machine; from 200 on in order of arrival. */
/* clang-format off */
#define STATUS_LIST(X)                                                                             \
    X(0, OK, "In Ordnung.", "Fine.")                                                               \
    X(1, TEXT_PREFIX, "Das ist kein Schwebe-Code. Bitte den Code auf der Kasse oder im "           \
                      "Guthaben-Programm scannen.",                                                \
      "This is not a Schwebe code. Please scan the code shown by the till or the wallet.")         \
    X(2, TEXT_CHARACTER, "Der Code enthält falsche Zeichen. Bitte noch einmal scannen.",           \
      "The code contains wrong characters. Please scan again.")                                    \
    X(3, TEXT_LENGTH, "Der Code ist unvollständig. Bitte noch einmal scannen.",                    \
      "The code is incomplete. Please scan again.")                                                \
    X(4, TEXT_PADDING, "Der Code ist beschädigt. Bitte noch einmal scannen.",                      \
      "The code is damaged. Please scan again.")                                                   \
    X(5, TEXT_TYPE, "Dieser Code gehört zu einem anderen Schritt. Bitte den verlangten Code "      \
                    "zeigen.",                                                                     \
      "This code belongs to another step. Please show the code that is asked for.")                \
    X(6, TOO_LARGE, "Das ist zu groß und wurde nicht gelesen. Bitte den richtigen Code oder die "  \
                    "richtige Datei nehmen.",                                                      \
      "This is too large and was not read. Please take the right code or the right file.")         \
    X(7, CBOR_TRUNCATED, "Die Nachricht ist abgeschnitten. Bitte noch einmal übertragen.",         \
      "The message is cut off. Please transfer it again.")                                         \
    X(8, CBOR_TYPE, "Die Nachricht hat einen falschen Aufbau. Bitte die richtige Datei nehmen.",   \
      "The message has a wrong structure. Please take the right file.")                            \
    X(9, CBOR_NOT_CANONICAL, "Die Nachricht ist nicht in der vorgeschriebenen Form geschrieben. "  \
                             "Bitte nicht annehmen; der Absender muss sie neu ausstellen.",        \
      "The message is not written in the prescribed form. Please do not accept it; the sender "    \
      "has to issue it anew.")                                                                     \
    X(10, CBOR_KEY, "Die Nachricht enthält ein unbekanntes oder falsch eingeordnetes Feld. Bitte " \
                    "die richtige Datei nehmen oder das Programm erneuern.",                       \
      "The message contains an unknown field or one out of order. Please take the right file or "  \
      "update the program.")                                                                       \
    X(11, CBOR_MISSING, "In der Nachricht fehlt ein Feld. Bitte nicht annehmen; der Absender "     \
                        "muss sie neu ausstellen.",                                                \
      "The message lacks a field. Please do not accept it; the sender has to issue it anew.")      \
    X(12, CBOR_RANGE, "Ein Wert in der Nachricht liegt außerhalb der Grenzen. Bitte nicht "        \
                      "annehmen; der Absender muss sie neu ausstellen.",                           \
      "A value in the message is out of its limits. Please do not accept it; the sender has to "   \
      "issue it anew.")                                                                            \
    X(13, CBOR_TEXT, "Ein Text in der Nachricht enthält unerlaubte Zeichen. Bitte nicht "          \
                     "annehmen; der Absender muss sie neu ausstellen.",                            \
      "A text in the message contains characters that are not allowed. Please do not accept it; "  \
      "the sender has to issue it anew.")                                                          \
    X(14, CBOR_TRAILING, "Hinter der Nachricht steht noch etwas. Bitte die richtige Datei nehmen " \
                         "oder noch einmal übertragen.",                                           \
      "Something follows the message. Please take the right file or transfer it again.")           \
    X(15, CBOR_DEPTH, "Die Nachricht ist zu tief geschachtelt. Bitte die richtige Datei nehmen.",  \
      "The message is nested too deeply. Please take the right file.")                             \
    X(16, COSE_TAG, "Die Unterschriftshülle hat nicht die Marke 18. Bitte die richtige Datei "     \
                    "nehmen.",                                                                     \
      "The signature envelope does not carry tag 18. Please take the right file.")                 \
    X(17, COSE_SHAPE, "Die Unterschriftshülle hat eine falsche Form. Bitte die richtige Datei "    \
                      "nehmen.",                                                                   \
      "The signature envelope has a wrong shape. Please take the right file.")                     \
    X(18, COSE_ALGORITHM, "Das Unterschriftsverfahren ist nicht zugelassen. Bitte nicht "          \
                          "annehmen.",                                                             \
      "The signature algorithm is not allowed. Please do not accept it.")                          \
    X(19, COSE_HEADER, "Der geschützte Kopf der Unterschrift ist falsch. Bitte nicht annehmen.",   \
      "The protected header of the signature is wrong. Please do not accept it.")                  \
    X(20, COSE_UNPROTECTED, "Die Unterschrift hat ungeschützte Kopffelder. Bitte nicht annehmen.", \
      "The signature has unprotected header fields. Please do not accept it.")                     \
    X(21, COSE_PAYLOAD, "Der unterschriebene Inhalt fehlt. Bitte nicht annehmen.",                 \
      "The signed content is missing. Please do not accept it.")                                   \
    X(22, COSE_SIGNATURE_SIZE, "Die Unterschrift hat eine falsche Länge. Bitte nicht annehmen.",   \
      "The signature has a wrong length. Please do not accept it.")                                \
    X(23, MESSAGE_TYPE, "Das ist eine andere Art von Nachricht als erwartet. Bitte die richtige "  \
                        "Datei oder den richtigen Code nehmen.",                                   \
      "This is another kind of message than expected. Please take the right file or the right "    \
      "code.")                                                                                     \
    X(24, NETWORK, "Diese Nachricht gehört zu einem anderen Netz, etwa zum Testbetrieb. Bitte "    \
                   "nicht annehmen.",                                                              \
      "This message belongs to another network, such as the test system. Please do not accept "    \
      "it.")                                                                                       \
    X(25, VERSION, "Diese Nachricht ist in einer Fassung, die dieses Programm nicht kennt. Bitte " \
                   "das Programm erneuern.",                                                       \
      "This message has a version that this program does not know. Please update the program.")    \
    X(40, SIGNER_UNKNOWN, "Der Unterzeichner ist nicht bekannt. Bitte nicht annehmen und bei der " \
                          "Stadt nachfragen.",                                                     \
      "The signer is not known. Please do not accept it and ask the city.")                        \
    X(41, SIGNATURE_BAD, "Die Unterschrift stimmt nicht. Bitte nicht annehmen.",                   \
      "The signature is not right. Please do not accept it.")                                      \
    X(42, ROLE_NOT_ALLOWED, "Diese Stelle darf das nicht unterschreiben. Bitte nicht annehmen "    \
                            "und bei der Stadt nachfragen.",                                       \
      "This office may not sign this. Please do not accept it and ask the city.")                  \
    X(43, KEY_NOT_YET, "Der Schlüssel gilt noch nicht. Bitte Datum und Uhrzeit prüfen.",           \
      "The key is not valid yet. Please check date and time.")                                     \
    X(44, KEY_EXPIRED, "Der Schlüssel gilt nicht mehr. Bitte mit der Stadt abgleichen.",           \
      "The key is no longer valid. Please synchronise with the city.")                             \
    X(45, KEY_KILLED, "Der Schlüssel wurde gesperrt. Bitte nicht annehmen; der Kunde muss sich "   \
                      "neu verbinden.",                                                            \
      "The key has been revoked. Please do not accept it; the customer has to go online again.")   \
    X(46, SECOND_SIGNATURE, "Hier fehlt die zweite Unterschrift einer anderen Stelle. Bitte erst " \
                            "dort unterschreiben lassen.",                                         \
      "The second signature of another office is missing. Please have it signed there first.")     \
    X(47, PURSE_UNKNOWN, "Dieses Konto gibt es nicht. Bitte die Nummer prüfen oder das Konto "     \
                         "erst anmelden.",                                                         \
      "This purse does not exist. Please check its number or make it known first.")                \
    X(48, PURSE_KEY, "Dieser Schlüssel gehört nicht zu diesem Konto. Bitte ein angemeldetes "      \
                     "Gerät nehmen.",                                                              \
      "This key does not belong to this purse. Please use a device that is enrolled.")             \
    X(49, TILL_UNKNOWN, "Diese Kasse ist nicht angemeldet. Bitte die Nummer prüfen oder sie bei "  \
                        "der Stadt anmelden.",                                                     \
      "This till is not enrolled. Please check its number or have the city enrol it.")             \
    X(50, TILL_REVOKED, "Diese Kasse ist abgemeldet. Bitte eine neue Kasse anmelden.",             \
      "This till has been revoked. Please enrol a new till.")                                      \
    X(51, MERCHANT_UNKNOWN, "Diesen Händler gibt es nicht. Bitte die Nummer prüfen.",              \
      "This merchant does not exist. Please check the number.")                                    \
    X(52, DUPLICATE_ID, "Diese Nummer ist schon vergeben. Bitte eine andere nehmen.",              \
      "This number is already taken. Please take another one.")                                    \
    X(53, PASSPHRASE, "Das Kennwort ist falsch. Bitte noch einmal eingeben.",                      \
      "The passphrase is wrong. Please enter it again.")                                           \
    X(54, KEYFILE, "Die Schlüsseldatei ist beschädigt. Bitte die Sicherung verwenden.",            \
      "The key file is damaged. Please use the backup.")                                           \
    X(55, CERTIFICATE_EXPIRED, "Die Zulassung der Kasse fehlt oder ist abgelaufen. Bitte mit der " \
                               "Stadt abgleichen.",                                                \
      "The till's certificate is missing or has expired. Please synchronise with the city.")       \
    X(70, WRONG_PAYEE, "Das ist für eine andere Kasse bestimmt. Nicht bezahlt. Bitte dort "        \
                       "zeigen.",                                                                  \
      "This is meant for another till. Not paid. Please show it there.")                           \
    X(71, REQUEST_UNKNOWN, "Zu diesem Code gibt es hier keine offene Forderung. Nicht bezahlt. "   \
                           "Bitte den Betrag neu eingeben.",                                       \
      "There is no open request here for this code. Not paid. Please enter the amount again.")     \
    X(72, REQUEST_EXPIRED, "Die Zeit für diese Zahlung ist abgelaufen. Bitte den Betrag neu "      \
                           "eingeben.",                                                            \
      "The time for this payment has run out. Please enter the amount again.")                     \
    X(73, CLASS, "Dieses Guthaben gilt hier nicht (Gutschein und Parken sind getrennt). Bitte "    \
                 "anders zahlen.",                                                                 \
      "This balance is not valid here (voucher and parking are kept apart). Please pay in "        \
      "another way.")                                                                              \
    X(74, RESTRICTION, "Dieser Gutschein gilt nicht in diesem Geschäft. Bitte anders zahlen.",     \
      "This voucher is not valid in this shop. Please pay in another way.")                        \
    X(75, ALLOWANCE_NOT_YET, "Das Guthaben auf dem Gerät gilt noch nicht. Bitte Datum und Uhrzeit "\
                             "der Kasse prüfen.",                                                  \
      "The allowance is not valid yet. Please check the date and time of the till.")               \
    X(76, ALLOWANCE_EXPIRED, "Das Guthaben auf dem Gerät ist abgelaufen. Bitte im Netz erneuern; " \
                             "das Geld ist nicht verloren.",                                       \
      "The allowance has expired. Please renew it online; the money is not lost.")                 \
    X(77, ALLOWANCE_DENIED, "Dieses Guthaben ist gesperrt. Nicht bezahlt. Bitte anders zahlen.",   \
      "This allowance is blocked. Not paid. Please pay in another way.")                           \
    X(78, ONLINE_ONLY, "Dieses Guthaben geht nur mit Netz. Bitte mit Netz oder anders zahlen.",    \
      "This allowance works online only. Please pay online or in another way.")                    \
    X(79, AMOUNT_ZERO, "Der Betrag muss mindestens 1 Cent sein. Bitte neu eingeben.",              \
      "The amount must be at least 1 cent. Please enter it again.")                                \
    X(80, AMOUNT_MISMATCH, "Der Betrag im Code ist nicht der verlangte Betrag. Nicht bezahlt. "    \
                           "Bitte den verlangten Betrag nehmen.",                                  \
      "The amount in the code is not the amount asked for. Not paid. Please take the amount "      \
      "asked for.")                                                                                \
    X(81, AMOUNT_OVER_LIMIT, "Der Betrag ist höher, als auf einmal erlaubt ist. Bitte weniger "    \
                             "nehmen oder aufteilen.",                                             \
      "The amount is higher than is allowed at once. Please take less or split it.")               \
    X(82, AMOUNT_OVER_ALLOWANCE, "Dafür reicht das Guthaben auf dem Gerät nicht. Bitte weniger "   \
                                 "zahlen oder im Netz aufladen.",                                  \
      "The allowance on the device does not cover this. Please pay less or top up online.")        \
    X(83, INTERVAL_OVERLAP, "Dieses Guthaben wurde hier schon ausgegeben. Nicht bezahlt. Bitte "   \
                            "anders zahlen.",                                                      \
      "This part of the allowance was already spent here. Not paid. Please pay in another way.")   \
    X(84, TILL_ALLOWANCE_LIMIT, "Von diesem Guthaben kann ohne Netz hier nicht mehr angenommen "   \
                                "werden. Bitte den Rest anders zahlen.",                           \
      "Without a network this till can take no more from this allowance. Please pay the rest in "  \
      "another way.")                                                                              \
    X(85, TILL_TOTAL_LIMIT, "Die Kasse hat ihre Grenze ohne Netz erreicht. Bitte abgleichen.",     \
      "The till has reached its limit without a network. Please synchronise.")                     \
    X(86, TILL_COUNT_LIMIT,                                                                        \
      "Die Kasse hat ohne Netz genug Zahlungen angenommen. Bitte abgleichen.",                     \
      "The till has taken its number of payments without a network. Please synchronise.")          \
    X(87, NEWS_STALE, "Die Sperrliste der Kasse ist älter als 7 Tage. Bitte erst abgleichen.",     \
      "The till's deny list is older than 7 days. Please synchronise first.")                      \
    X(88, CLOCK_BEHIND, "Die Uhr der Kasse geht nach. Bitte Datum und Uhrzeit stellen.",           \
      "The clock of the till is slow. Please set date and time.")                                  \
    X(89, CLOCK_AHEAD, "Die Uhr der Kasse geht vor, oder der letzte Abgleich ist zu lange her. "   \
                       "Bitte Datum und Uhrzeit prüfen, dann abgleichen.",                         \
      "The clock of the till is fast, or it has not been synchronised for too long. Please check " \
      "date and time, then synchronise.")                                                          \
    X(90, SEQUENCE_USED, "Dieses Guthaben ist doppelt in Gebrauch. Nicht bezahlt. Bitte anders "   \
                         "zahlen.",                                                                \
      "This allowance is in use twice. Not paid. Please pay in another way.")                      \
    X(91, ANONYMOUS_LIMIT, "Ohne Netz nimmt die Kasse von nicht angemeldeten Konten nichts mehr "  \
                           "an. Bitte anders zahlen.",                                             \
      "Without a network the till takes no more from unregistered purses. Please pay in another "  \
      "way.")                                                                                      \
    X(92, ALREADY_PAID, "Diese Zahlung ist schon angenommen, und ihr Beleg gilt. Zurücknehmen "    \
                        "kann sie nur die Kasse.",                                                 \
      "This payment is already accepted, and its receipt stands. Only the till can take it back.") \
    X(93, CANCELLED, "Diese Zahlung wurde abgebrochen. Wer doch bezahlen will, lässt den Betrag "  \
                     "an der Kasse neu eingeben.",                                                 \
      "This payment was cancelled. To pay after all, please have the amount entered at the till "  \
      "again.")                                                                                    \
    X(94, NO_ALLOWANCE, "Auf diesem Gerät ist kein passendes Guthaben. Bitte im Netz aufladen "    \
                        "oder erneuern.",                                                          \
      "There is no suitable allowance on this device. Please top up or renew online.")             \
    X(95, RESTORED, "Dieses Gerät wurde wiederhergestellt. Vor dem ersten Bezahlen bitte einmal "  \
                    "mit dem Netz abgleichen.",                                                    \
      "This device was restored. Please synchronise once before paying.")                          \
    X(96, RECEIPT_MISMATCH, "Dieser Beleg gehört zu keiner Zahlung dieses Geräts. Bitte den "      \
                            "Beleg der eigenen Zahlung lesen.",                                    \
      "This receipt belongs to no payment of this device. Please read the receipt of its own "     \
      "payment.")                                                                                  \
    X(97, STATIC_REQUEST, "Diese gedruckte Forderung nennt keinen Betrag. Bitte den Betrag "       \
                          "eingeben.",                                                             \
      "This printed request names no amount. Please enter the amount.")                            \
    X(98, LINE_BUSY, "Die letzte Zahlung ist noch offen. Bitte erst abschließen oder abbrechen.",  \
      "The last payment is still open. Please finish or cancel it first.")                         \
    X(110, BUDGET, "Das Budget des Programms reicht dafür nicht. Bitte weniger ausgeben oder das " \
                   "Budget erhöhen.",                                                              \
      "The budget of the programme does not cover this. Please issue less or raise the budget.")   \
    X(111, FUNDS, "Dafür ist kein Geld eingegangen. Bitte erst die Einzahlung buchen.",            \
      "No money has come in for this. Please book the payment first.")                             \
    X(112, BALANCE, "Dafür reicht das Guthaben auf dem Konto nicht. Bitte weniger nehmen.",        \
      "The balance of the purse does not cover this. Please take less.")                           \
    X(113, TIER_LIMIT, "Für unterwegs ist schon so viel reserviert, wie für dieses Konto erlaubt " \
                       "ist. Bitte weniger nehmen oder erst davon ausgeben.",                      \
      "As much is reserved for offline use as this purse allows. Please take less or spend some "  \
      "of it first.")                                                                              \
    X(114, SERIES_UNKNOWN, "Dieses Programm gibt es nicht. Bitte die Nummer prüfen.",              \
      "This series does not exist. Please check the number.")                                      \
    X(115, SERIES_CLOSED, "Dieses Programm gibt zurzeit keine Gutscheine aus. Bitte die Laufzeit " \
                          "prüfen.",                                                               \
      "This series issues no vouchers at this time. Please check its dates.")                      \
    X(116, ALLOWANCE_UNKNOWN, "Dieses Guthaben ist hier nicht bekannt. Bitte die Nummer oder die " \
                              "Datei prüfen.",                                                     \
      "This allowance is not known here. Please check its number or the file.")                    \
    X(117, ALLOWANCE_CLOSED, "Dieses Guthaben ist schon abgerechnet; der Rest ist auf dem Konto. " \
                             "Bitte bei Bedarf ein neues holen.",                                  \
      "This allowance is already closed; the rest is back in the purse. Please fetch a new one "   \
      "if needed.")                                                                                \
    X(118, ALLOWANCE_FROZEN, "Dieses Guthaben ist wegen einer Doppelausgabe eingefroren. Bitte "   \
                             "bei der Stadt nachfragen.",                                          \
      "This allowance is frozen because of a double spend. Please ask the city.")                  \
    X(119, NOT_DUE, "Dafür ist es noch zu früh. Bitte später noch einmal versuchen.",              \
      "It is too early for this. Please try again later.")                                         \
    X(120, ON_HOLD, "Alle Abrechnungen sind zurzeit angehalten. Bitte später noch einmal "         \
                    "versuchen.",                                                                  \
      "All closes are on hold at this time. Please try again later.")                              \
    X(121, REFUND_OVER, "Es kann nicht mehr erstattet werden, als bezahlt wurde. Bitte höchstens " \
                        "den Rest nehmen.",                                                        \
      "No more can be refunded than was paid. Please take the rest at most.")                      \
    X(122, REFUND_OWED, "Die Erstattung ist höher als das Guthaben des Händlers. Bitte mit dem "   \
                        "Händlerschlüssel unterschreiben.",                                        \
      "The refund is higher than what is owed to the merchant. Please sign it with the "           \
      "merchant's own key.")                                                                       \
    X(123, REFUND_DAY, "Ab dem nächsten Tag braucht eine Erstattung den Händlerschlüssel. Bitte "  \
                       "mit ihm unterschreiben.",                                                  \
      "From the next day on a refund needs the merchant's own key. Please sign it with that.")     \
    X(124, TRANSFER_UNKNOWN, "Diese Zahlung ist hier nicht bekannt. Bitte die Nummer prüfen oder " \
                             "es später noch einmal versuchen.",                                   \
      "This payment is not known here. Please check its number or try again later.")               \
    X(125, VOIDED, "Diese Zahlung wurde storniert. Zum Bezahlen bitte den Betrag neu eingeben.",   \
      "This payment was voided. To pay, please enter the amount again.")                           \
    X(126, ALREADY_SETTLED, "Diese Zahlung ist schon gebucht. Zurücknehmen kann sie nur die "      \
                            "Kasse.",                                                              \
      "This payment is already settled. Only the till can take it back.")                          \
    X(127, UPLOAD_GAP, "Vor diesen Einträgen fehlt ein Stück. Bitte erst den früheren Teil "       \
                       "senden.",                                                                  \
      "A part before these entries is missing. Please send the earlier part first.")               \
    X(128, UPLOAD_FORK, "Die Einträge widersprechen früheren Einträgen dieser Kasse. Bitte die "   \
                        "Kasse neu anmelden.",                                                     \
      "The entries contradict earlier ones of this till. Please enrol the till anew.")             \
    X(129, UPLOAD_ITEM, "Ein Eintrag der Sendung stimmt nicht mit ihrer Unterschrift überein. "    \
                        "Bitte noch einmal senden.",                                               \
      "An item of the upload does not match its signature. Please send it again.")                 \
    X(130, TILL_RULE, "Die Kasse hat eine Regel gebrochen; diesen Betrag trägt der Händler.",      \
      "The till broke a rule; the merchant bears this amount.")                                    \
    X(131, IN_REVIEW, "Diese Zahlung wird geprüft. Zwei Stellen entscheiden darüber.",             \
      "This payment is in review. Two offices decide on it.")                                      \
    X(132, NO_OVERLAP, "Die beiden Zahlungen widersprechen einander nicht.",                       \
      "The two payments do not contradict each other.")                                            \
    X(133, UNSETTLED_CLAIM, "Zu diesem Guthaben ist noch eine Prüfung offen. Bitte ihr Ergebnis "  \
                            "abwarten.",                                                           \
      "A claim on this allowance is still in review. Please wait for its result.")                 \
    X(134, LINE_LIMIT, "Dieses Guthaben ist verbraucht. Bitte im Netz ein neues holen.",           \
      "This allowance is used up. Please fetch a new one online.")                                 \
    X(135, NOTHING_OWED, "Diesem Händler wird zurzeit nichts geschuldet.",                         \
      "Nothing is owed to this merchant at this time.")                                            \
    X(136, PAYOUT_AMOUNT, "Der Betrag der Auszahlung ist nicht der geschuldete Betrag. Bitte "     \
                          "diesen nehmen.",                                                        \
      "The amount of the payout is not the amount owed. Please take that.")                        \
    X(137, NOT_DELIVERED, "Ohne Beleg wird diese Zahlung nur gebucht, wenn Sie die Übergabe "      \
                          "bestätigen.",                                                           \
      "Without a receipt this payment is only settled when you confirm the delivery.")             \
    X(138, LOT_UNKNOWN, "Diesen Gutschein gibt es auf dem Konto nicht. Bitte die Nummer prüfen.",  \
      "This lot is not in the purse. Please check the number.")                                    \
    X(139, LOT_EXPIRED, "Dieser Gutschein ist abgelaufen. Bitte einen anderen nehmen.",            \
      "This lot has expired. Please take another one.")                                            \
    X(140, REPLAY, "Diese Anweisung wurde schon ausgeführt. Für eine weitere bitte die nächste "   \
                   "Nummer nehmen.",                                                               \
      "This instruction has already been carried out. For another one please take the next "       \
      "number.")                                                                                   \
    X(141, PARAMETERS_MISSING, "Es sind noch keine Regeln festgelegt. Bitte das zuerst tun.",      \
      "No parameters have been set yet. Please do that first.")                                    \
    X(142, BOOKS, "Die Bücher gehen nicht auf. Der Dienst hält an; bitte die Prüfung starten.",    \
      "The books do not balance. The service stops; please start the verification.")               \
    X(150, ENTRY_SHAPE, "Der Eintrag oder die Sendung hat einen falschen Aufbau. Bitte die "       \
                        "richtige Datei nehmen.",                                                  \
      "The entry or parcel has a wrong structure. Please take the right file.")                    \
    X(151, ENTRY_KIND,                                                                             \
      "Diese Art von Eintrag gibt es nicht.", "This kind of entry does not exist.")                \
    X(152, ENTRY_AUTHOR, "Der Eintrag ist nicht von der Stelle, die ihn machen darf.",             \
      "The entry is not made by the office that may make it.")                                     \
    X(153, ENTRY_TIME, "Die Zeit des Eintrags läuft rückwärts. Bitte Datum und Uhrzeit stellen.",  \
      "The time of the entry runs backwards. Please set date and time.")                           \
    X(154, ENTRY_RECOMPUTE, "Der Eintrag folgt nicht aus den früheren Einträgen. Bitte eine "      \
                            "Kopie behalten und die Stadt verständigen.",                          \
      "The entry does not follow from the earlier entries. Please keep a copy and tell the city.") \
    X(155, LOG_ROOT, "Der Stand des Buches passt nicht zu seiner Unterschrift. Bitte eine Kopie "  \
                     "behalten und die Stadt verständigen.",                                       \
      "The root of the log does not match its signature. Please keep a copy and tell the city.")   \
    X(156, LOG_PROOF, "Der Nachweis passt nicht zum Stand des Buches. Bitte eine Kopie behalten "  \
                      "und die Stadt verständigen.",                                               \
      "The proof does not fit the root of the log. Please keep a copy and tell the city.")         \
    X(157, CHECKPOINT_FORM, "Der Kontrollstand hat eine falsche Form. Bitte die richtige Datei "   \
                            "nehmen.",                                                             \
      "The checkpoint has a wrong form. Please take the right file.")                              \
    X(158, CHECKPOINT_SIGNATURE, "Die Unterschrift des Kontrollstands stimmt nicht. Bitte eine "   \
                                 "Kopie behalten und die Stadt verständigen.",                     \
      "The signature of the checkpoint is not right. Please keep a copy and tell the city.")       \
    X(159, LOG_ROLLBACK, "Dieser Stand ist älter als ein schon unterschriebener oder eine "        \
                         "Sicherung. Bitte nicht damit weitermachen: beim Buch ledger(1), "        \
                         "RECOVERY, lesen; eine Kasse neu anmelden.",                              \
      "This state is older than one already signed, or a backup. Please do not go on with it: "    \
      "for the ledger read ledger(1), RECOVERY; enrol a till anew.")                               \
    X(160, STATE_DIGEST, "Der nachgerechnete Stand stimmt nicht mit dem gespeicherten überein. "   \
                         "Bitte eine Kopie behalten und die Stadt verständigen.",                  \
      "The recomputed state does not match the stored one. Please keep a copy and tell the city.") \
    X(161, NEWS_GAP, "Zu dieser Sperrliste fehlt ein früherer Teil. Bitte abgleichen.",            \
      "An earlier part of this deny list is missing. Please synchronise.")                         \
    X(162, NEWS_OLD, "Diese Sperrliste ist älter als die vorhandene. Es bleibt bei der neueren.",  \
      "This deny list is older than the present one. The newer one stays.")                        \
    X(163, NEWS_HASH, "Die Sperrliste ist unvollständig. Bitte abgleichen.",                       \
      "The deny list is incomplete. Please synchronise.")                                          \
    X(180, NOT_FOUND, "Das gibt es hier nicht. Bitte den Namen oder die Nummer prüfen.",           \
      "This does not exist here. Please check the name or the number.")                            \
    X(181, IO, "Die Datei konnte nicht gelesen oder geschrieben werden. Bitte Ort und Rechte "     \
               "prüfen.",                                                                          \
      "The file could not be read or written. Please check its place and permissions.")            \
    X(182, STORE_FULL, "Der Speicher ist voll. Bitte Platz schaffen und noch einmal versuchen; "   \
                       "nichts ist verloren.",                                                     \
      "The store is full. Please make room and try again; nothing is lost.")                       \
    X(183, STORE_BROKEN, "Der Speicher meldet einen Fehler. Bitte prüfen, ob noch Platz ist, und " \
                         "das Programm neu starten.",                                              \
      "The store reports an error. Please check that there is room and restart the program.")      \
    X(184, STORE_BUSY, "Ein anderes Programm benutzt diese Daten gerade. Bitte kurz warten und "   \
                       "noch einmal versuchen.",                                                   \
      "Another program is using this data. Please wait a moment and try again.")                   \
    X(185, USAGE, "So lässt sich der Befehl nicht ausführen. Bitte --help lesen.",                 \
      "The command cannot be run like this. Please read --help.")                                  \
    X(186, IMAGE, "Im Bild wurde kein lesbarer Code gefunden. Bitte näher heran und ruhig halten.",\
      "No readable code was found in the picture. Please move closer and hold still.")             \
    X(187, IMAGE_TOO_LARGE, "Das Bild ist zu groß. Bitte ein kleineres nehmen.",                   \
      "The picture is too large. Please take a smaller one.")                                      \
    X(188, BUFFER, "Das passt nicht in den vorgesehenen Platz. Bitte einen kürzeren Namen oder "   \
                   "weniger auf einmal nehmen.",                                                   \
      "This does not fit into its space. Please take a shorter name or less at once.")             \
    X(189, CRYPTO, "Die Verschlüsselung lässt sich auf diesem Gerät nicht starten. Bitte die "     \
                   "Einrichtung prüfen.",                                                          \
      "Cryptography cannot be started on this device. Please check the installation.")             \
    X(190, AMOUNT_RANGE, "Der Betrag liegt außerhalb der Grenzen. Bitte einen anderen nehmen.",    \
      "The amount is out of its limits. Please take another one.")                                 \
    X(191, AMOUNT_SHORT, "Der Betrag ist zu klein dafür. Bitte mehr nehmen.",                      \
      "The amount is too small for this. Please take more.")                                       \
    X(192, EXISTS, "Das gibt es schon. Es wurde nichts überschrieben. Bitte einen anderen Namen "  \
                   "nehmen.",                                                                      \
      "This exists already. Nothing was overwritten. Please take another name.")                   \
    X(193, CAPACITY, "Die Liste dafür ist voll. Bitte erst etwas darin abschließen oder "          \
                     "entfernen.",                                                                 \
      "The list for this is full. Please finish or remove something in it first.")                 \
    X(200, IMAGE_FORMAT, "Diese Datei ist kein lesbares Bild. Bitte ein Bild im Format PNG oder "  \
                         "PGM nehmen.",                                                            \
      "This file is not a readable picture. Please take a picture in the format PNG or PGM.")      \
    X(201, SCANNER, "Das Leseprogramm für Codes arbeitet nicht. Bitte die Einrichtung prüfen.",    \
      "The program that reads codes does not work. Please check the installation.")                \
    X(202, SCANNER_TIMEOUT, "Das Lesen des Bildes dauert zu lange. Bitte ein kleineres Bild "      \
                            "nehmen.",                                                             \
      "Reading the picture takes too long. Please take a smaller picture.")                        \
    X(203, TERMINAL, "Ohne Terminal kann niemand gefragt werden. Bitte das Kennwort mit "          \
                     "--passphrase-file angeben, zum Bezahlen auch --yes.",                        \
      "Without a terminal nobody can be asked. Please give the passphrase with --passphrase-file " \
      "and, for paying, --yes.")                                                                   \
    X(204, PAYMENT_KEPT, "Die Zahlung ist gespeichert, aber noch nicht gezeigt. Bitte Platz und "  \
                         "Rechte prüfen und sie mit \"wallet again\" zeigen; es bleibt bei einer " \
                         "Zahlung.",                                                               \
      "The payment is stored but has not been shown. Please check room and permissions and show "  \
      "it with \"wallet again\"; it stays one payment.")                                           \
    X(205, OFFLINE, "Der Server ist nicht zu erreichen. Bitte die Verbindung prüfen und später "   \
                    "noch einmal versuchen.",                                                      \
      "The server cannot be reached. Please check the connection and try again later.")            \
    X(206, SERVER_BUSY, "Der Server hat gerade zu viel zu tun. Bitte gleich noch einmal "          \
                        "versuchen.",                                                              \
      "The server is too busy just now. Please try again in a moment.")                            \
    X(207, SERVER_ANSWER, "Die Antwort des Servers ist nicht lesbar. Bitte seine Adresse prüfen.", \
      "The answer of the server is not readable. Please check its address.")                       \
    X(208, SERVER_TIMEOUT, "Der Server antwortet nicht rechtzeitig. Bitte später noch einmal "     \
                           "versuchen.",                                                           \
      "The server does not answer in time. Please try again later.")                               \
    X(209, SERVER_ADDRESS, "Diese Adresse lässt sich nicht benutzen. Bitte Schreibweise und Port " \
                           "prüfen.",                                                              \
      "This address cannot be used. Please check its spelling and port.")                          \
    X(210, SERVER_TLS, "Die gesicherte Verbindung kommt nicht zustande. Bitte Zertifikat, Namen "  \
                       "und Uhrzeit prüfen.",                                                      \
      "The secure connection cannot be made. Please check certificate, name and clock.")           \
    X(211, SERVER_START, "Der Server lässt sich auf diesem Gerät nicht starten. Bitte Speicher "   \
                         "und Grenzen des Systems prüfen.",                                        \
      "The server cannot be started on this device. Please check memory and system limits.")       \
    X(212, POLICY_FORM, "Diese Zeile der Zeugenregel hat eine falsche Form. Bitte sie ändern.",    \
      "This line of the witness policy has a wrong form. Please change it.")                       \
    X(213, POLICY_KEY, "In dieser Zeile steht kein Prüfschlüssel der richtigen Art. Bitte ihn "    \
                       "neu eintragen.",                                                           \
      "This line holds no verifier key of the right kind. Please enter it anew.")                  \
    X(214, POLICY_NAME, "Diesen Namen legt keine frühere Zeile fest. Bitte die Reihenfolge "       \
                        "prüfen.",                                                                 \
      "No earlier line defines this name. Please check the order.")                                \
    X(215, POLICY_TWICE, "Das steht schon in einer früheren Zeile. Bitte eine von beiden "         \
                         "entfernen.",                                                             \
      "An earlier line says this already. Please remove one of the two.")                          \
    X(216, POLICY_THRESHOLD, "So viele Mitglieder hat die Gruppe nicht. Bitte die Zahl ändern.",   \
      "The group has not so many members. Please change the number.")                              \
    X(217, POLICY_QUORUM, "Der Zeugenregel fehlt die Zeile quorum. Bitte sie anfügen.",            \
      "The witness policy lacks its line quorum. Please add it.")                                  \
    X(218, WITNESSES_MISSING, "Es haben nicht genügend Zeugen unterschrieben. Bitte später "       \
                              "noch einmal versuchen.",                                            \
      "Not enough witnesses have signed. Please try again later.")                                 \
    X(219, WITNESS_CONFLICT, "Ein Zeuge hat ein anderes Buch gesehen. Bitte nichts löschen und "   \
                             "die Prüfung rufen.",                                                 \
      "A witness has seen another history of this log. Please delete nothing and call the "        \
      "auditors.")                                                                                 \
    X(220, WITNESS_REFUSED, "Ein Zeuge nimmt den Kontrollstand nicht an. Bitte ihm den "           \
                            "Prüfschlüssel des Buches geben.",                                     \
      "A witness does not take the checkpoint. Please give it the verifier key of the log.")       \
    X(221, CONFIG, "In der Einstellungsdatei stimmt etwas nicht. Bitte die genannten Zeilen "      \
                   "berichtigen.",                                                                 \
      "Something in the configuration file is not right. Please correct the named lines.")         \
    X(222, DECLINED, "Abgelehnt: nichts wurde unterschrieben. Derselbe Code lässt sich noch "      \
                     "bezahlen.",                                                                  \
      "Declined: nothing was signed. The same code can still be paid.")                            \
    X(223, AUDITORS_ONLY, "Einträge zeigt dieser Knoten nur der Prüfung. Bitte mit ihrem "         \
                          "Schlüssel anfragen oder eine Ausfuhr nehmen.",                          \
      "This node shows entries to auditors alone. Please ask with their key, or take an export.")

/* clang-format on */

enum status {
#define X(number, name, german, english) STATUS_##name = number,
    STATUS_LIST(X)
#undef X
};

/* The name without its prefix, such as "CBOR_TYPE"; never NULL. Static storage. */
const char *status_name(enum status status);

/* One sentence for a person, without line break; never NULL. Static storage. */
const char *status_german(enum status status);
const char *status_english(enum status status);

#endif
