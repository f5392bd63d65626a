#include "ledger/carry.h"
#include "merchant/run.h"

static const struct command commands[] = {
    {"create", "ORDNER --city DATEI | --server URL", 1, 1, run_create,
     "neue Kasse mit eigenem Schlüssel; zeigt ihn für die Anmeldung bei der Stadt",
     "new till with a key of its own; shows it for enrolment by the city"},
    {"install", "ORDNER DATEI | ORDNER NUMMER --server URL", 2, 2, run_install,
     "die Zulassung der Stadt übernehmen", "take the city's certificate"},
    {"request", "ORDNER BETRAG | ORDNER --static", 1, 2, run_request, "einen Betrag verlangen",
     "request an amount"},
    {"accept", "ORDNER [--image DATEI]", 1, 1, run_accept,
     "den Code des Kunden lesen; bei „bezahlt“ den Beleg zeigen",
     "read the customer's code; show the receipt when it is paid"},
    {"receipt", "ORDNER ID", 2, 2, run_receipt, "einen Beleg noch einmal zeigen",
     "show a receipt again"},
    {"cancel", "ORDNER [NUMMER]", 1, 2, run_cancel, "eine offene Forderung abbrechen",
     "cancel an open request"},
    {"void", "ORDNER [--image DATEI | --transfer ID]", 1, 1, run_void,
     "eine Zahlung stornieren, auch eine nicht angenommene", "void a payment, accepted or not"},
    {"refund", "ORDNER ID BETRAG [--key DATEI]", 3, 3, run_refund, "einen Betrag erstatten",
     "refund an amount"},
    {"upload", "ORDNER --out DATEI", 1, 1, run_upload, "schreiben, was das Buch noch nicht hat",
     "write what the ledger does not have yet"},
    {"sync", "ORDNER DATEI | ORDNER --server URL", 1, 2, run_sync,
     "die Antwort der Stadt übernehmen; mit --server auch senden, was das Buch noch nicht hat",
     "take the city's answer; with --server also send what the ledger does not have yet"},
    {"learn", "ORDNER [--image DATEI]", 1, 1, run_learn,
     "Sperrliste oder Buchungsnachweis lesen, den jemand zeigt",
     "read news or a settlement proof that somebody shows"},
    {"status", "ORDNER", 1, 1, run_status, "Stand der Kasse", "state of the till"},
    {"list", "ORDNER", 1, 1, run_list, "alle Verkäufe", "all sales"},
    {"verify", "ORDNER", 1, 1, run_verify, "das Buch der Kasse nachrechnen",
     "check the till's own log"},
    {"vkey", "ORDNER", 1, 1, run_vkey, "Prüfschlüssel für das Buch der Kasse",
     "verifier key of the till's log"},
};

static const struct command_option options[] = {
    {"--city", "DATEI", "womit sich die Stadt ausweist (ledger city)",
     "how the city identifies itself (ledger city)"},
    {"--class", "voucher|parking", "Gutschein (sonst) oder Parken", "voucher (else) or parking"},
    {"--partial", NULL, "auch ein Teil des Betrags ist recht", "less than the amount will do"},
    {"--static", NULL, "Forderung zum Ausdrucken, ohne Betrag",
     "a request for printing, without an amount"},
    {"--seconds", "ZAHL", "so lange gilt die Forderung (sonst 300)",
     "how long the request is open (else 300)"},
    {"--transfer", "ID", "die Zahlung mit dieser Nummer", "the payment with this id"},
    {"--key", "DATEI", "mit dem Händlerschlüssel unterschreiben",
     "sign with the merchant's own key"},
    {"--out", "DATEI", "hierhin schreiben", "write to this file"},
    CARRY_OPTIONS,
    COMMAND_READ_OPTIONS,
    COMMAND_WRITE_OPTIONS,
};

static const struct command_program program = {
    .name = "merchant",
    .german = "merchant - die Kasse: nimmt Gutscheine und Parkguthaben an, auch ohne Netz",
    .english = "merchant - the till: accepts vouchers and parking balance, also without a network",
    .commands = commands,
    .command_count = sizeof commands / sizeof commands[0],
    .options = options,
    .option_count = sizeof options / sizeof options[0],
};

int
main(int argc, char **argv)
{
    return command_main(&program, argc, argv);
}
