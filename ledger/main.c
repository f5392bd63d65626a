#include "carry.h"
#include "run.h"

static const struct command commands[] = {
    {"create", "ORDNER --network N --name NAME --origin URL", 1, 1, run_create,
     "eine Stadt anlegen: Schlüssel, Buch, Rollen", "make a city: keys, log, roles"},
    {"key", "DATEI", 1, 1, run_key, "eine neue Schlüsseldatei; zeigt den öffentlichen Schlüssel",
     "a new key file; shows the public key"},
    {"sign", "ART FELD=WERT... --network N --key DATEI --out DATEI", 1, 40, run_sign,
     "eine Anweisung schreiben und unterschreiben (Felder: protocol.cddl)",
     "write and sign an act (fields: protocol.cddl)"},
    {"cosign", "DATEI --key DATEI", 1, 1, run_cosign,
     "eine Anweisung lesen und als Zweite unterschreiben", "read an act and sign it as the second"},
    {"submit", "ORDNER DATEI... | --server URL DATEI... [--out DATEI]", 1, 64, run_submit,
     "Anweisungen, Sendungen, Bitten und Erklärungen buchen; die Antwort schreiben",
     "book acts, uploads, requests and statements; write the answer"},
    {"day", "ORDNER", 1, 1, run_day, "den heutigen Servicetag eintragen",
     "log today's service day"},
    {"close", "ORDNER [ID]", 1, 2, run_close,
     "alle fälligen Guthaben abschließen, abgelaufene Gutscheine ausbuchen",
     "close all allowances that are due, take expired lots off the books"},
    {"payouts", "ORDNER [--key DATEI]", 1, 1, run_payouts,
     "Auszahlungsliste; mit dem Schlüssel der Kämmerei auch anweisen",
     "list of payouts; with the treasury's key also order them"},
    {"city", "ORDNER --out DATEI", 1, 1, run_city, "was neue Kassen und Geräte wissen müssen",
     "what new tills and wallets must know"},
    {"till", "ORDNER NUMMER --out DATEI", 2, 2, run_till, "womit eine Kasse eingerichtet wird",
     "what a till is set up with"},
    {"news", "ORDNER [--from STAND] [--out DATEI]", 1, 1, run_news, "die Sperrliste",
     "the deny list"},
    {"show", "ORDNER accounts|purses|lines|tills|series|log|entry N|digest", 1, 3, run_show,
     "zeigen, was im Buch steht", "show what the ledger says"},
    {"verify", "ORDNER", 1, 1, run_verify,
     "alles nachrechnen: Datenordner, Kopie oder Ausfuhr; ohne Schlüssel, ohne zu schreiben",
     "check everything: data folder, copy or export; without keys, without writing"},
    {"backup", "ORDNER NEUER-ORDNER [--with-keys]", 2, 2, run_backup,
     "eine geprüfte Kopie, auch neben dem laufenden Dienst",
     "a verified copy, also beside the running service"},
    {"export", "ORDNER NEUER-ORDNER", 2, 2, run_export, "das Buch für fremde Programme ausgeben",
     "export the log for other programs"},
    {"serve", "ORDNER [--listen ADRESSE:PORT]", 1, 1, run_serve,
     "das Buch als Dienst: nimmt Sendungen an, zeigt das prüfbare Buch",
     "the ledger as a service: takes parcels, shows the verifiable log"},
    {"vkey", "ORDNER", 1, 1, run_vkey, "Prüfschlüssel der Kontrollstände",
     "verifier key of the checkpoints"},
};

static const struct command_option options[] = {
    {"--network", "N", "Netz: 1 Wuppertal, 2 Testbetrieb", "network: 1 Wuppertal, 2 test"},
    {"--name", "NAME", "Name der Stadt", "name of the city"},
    {"--origin", "URL", "Name des Buches, ohne https:// und ohne Schrägstrich am Ende",
     "name of the log, without https:// and without a final slash"},
    {"--key", "DATEI", "mit diesem Schlüssel unterschreiben", "sign with this key"},
    {"--from", "STAND", "nur Änderungen ab diesem Stand", "changes from this version on only"},
    {"--dry-run", NULL, "prüfen, aber nicht buchen", "check, but do not book"},
    {"--listen", "ADRESSE:PORT", "hier lauschen (sonst 127.0.0.1:8017)",
     "listen here (else 127.0.0.1:8017)"},
    {"--certificate", "DATEI", "TLS: Zertifikatskette (PEM); neu gelesen nach SIGHUP",
     "TLS: chain of certificates (PEM); read anew after SIGHUP"},
    {"--certificate-key", "DATEI", "TLS: Schlüssel dazu (PEM)", "TLS: its key (PEM)"},
    {"--open-entries", NULL, "Einträge jedem zeigen, nicht nur der Prüfung",
     "show entries to everybody, not to auditors alone"},
    {"--with-keys", NULL, "auch die verschlüsselten Schlüssel des Knotens sichern",
     "back up the node's encrypted keys too"},
    {"--out", "DATEI", "hierhin schreiben", "write to this file"},
    CARRY_OPTIONS,
};

static const struct command_program program = {
    .name = "ledger",
    .german = "ledger - das Buch der Stadt: Gutscheine, Parkguthaben, Auszahlungen, Prüfung",
    .english = "ledger - the city's ledger: vouchers, parking balances, payouts, audit",
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
