#include "wallet/run.h"

static const struct command commands[] = {
    {"create", "ORDNER --city DATEI | --server URL --out DATEI", 1, 1, run_create,
     "neues Konto mit eigenen Schlüsseln; die Ausgabedatei macht es der Stadt bekannt",
     "new purse with keys of its own; the output file makes it known to the city"},
    {"ask", "ORDNER allowance BETRAG | renewal ID BETRAG | gift LOS KONTO | loss [ID] | device KEY",
     2, 4, run_ask, "die Stadt um etwas bitten (--out DATEI, oder gleich mit --server URL)",
     "ask the city for something (--out DATEI, or at once with --server URL)"},
    {"take", "ORDNER DATEI | ORDNER --server URL", 1, 2, run_take,
     "die Antwort der Stadt übernehmen; mit --server alle, die noch ausstehen",
     "take the city's answer; with --server all that are still due"},
    {"pay", "ORDNER [--image DATEI]", 1, 1, run_pay,
     "den Code der Kasse lesen, bestätigen, den eigenen Code zeigen",
     "read the till's code, confirm, show the own code"},
    {"again", "ORDNER [ID]", 1, 2, run_again, "den letzten Code noch einmal zeigen",
     "show the last code again"},
    {"cancel", "ORDNER [ID]", 1, 2, run_cancel, "eine Zahlung abbrechen", "cancel a payment"},
    {"receipt", "ORDNER [--image DATEI]", 1, 1, run_receipt, "den Beleg der Kasse lesen",
     "read the till's receipt"},
    {"upload", "ORDNER [ID] --claim receipt|delivered|settle|cancelled --out DATEI | --server URL",
     1, 2, run_upload, "der Stadt sagen, was aus einer Zahlung geworden ist",
     "tell the city what became of a payment"},
    {"show", "ORDNER", 1, 1, run_show, "was ohne Netz ausgegeben werden kann",
     "what can be spent without a network"},
    {"list", "ORDNER", 1, 1, run_list, "alle Zahlungen dieses Geräts",
     "all payments of this device"},
};

static const struct command_option options[] = {
    {"--city", "DATEI", "womit sich die Stadt ausweist (ledger city)",
     "how the city identifies itself (ledger city)"},
    {"--out", "DATEI", "hierhin schreiben", "write to this file"},
    {"--class", "voucher|parking", "Gutschein (sonst) oder Parken", "voucher (else) or parking"},
    {"--tier", "1|2|3", "anonym, angemeldet (sonst), geprüft",
     "anonymous, registered (else), verified"},
    {"--daily-limit", "BETRAG",
     "was das Gerät an einem Tag holen darf (sonst " RUN_DAILY_LIMIT " €)",
     "what the device may fetch in a day (else €" RUN_DAILY_LIMIT ")"},
    {"--restriction", "GRUPPE", "nur beschränktes Guthaben dieser Gruppe",
     "restricted balance of this group only"},
    {"--online", NULL, "nur für Zahlungen mit Netz", "for payments with a network only"},
    {"--revoke", NULL, "das Gerät abmelden statt anmelden", "revoke the device, do not enrol it"},
    {"--amount", "BETRAG", "so viel zahlen, wo die Kasse es offen lässt",
     "pay this much where the till leaves it open"},
    {"--claim", "WAS", "Beleg, übergeben, jetzt buchen oder abgebrochen",
     "receipt, delivered, settle or cancelled"},
    CARRY_OPTIONS,
    {"--yes", NULL, "nicht nachfragen", "do not ask"},
    COMMAND_READ_OPTIONS,
    COMMAND_WRITE_OPTIONS,
};

static const struct command_program program = {
    .name = "wallet",
    .german = "wallet - Gutscheine und Parkguthaben auf diesem Gerät, auch ohne Netz",
    .english = "wallet - vouchers and parking balance on this device, also without a network",
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
