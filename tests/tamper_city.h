/* A city whose log has every kind of entry, and where in it each of them stands: what tampering
 * begins with. A failure in here ends the program. */
#ifndef SCHWEBE_TAMPER_CITY_H
#define SCHWEBE_TAMPER_CITY_H

#include "fixture.h"
#include "tamper.h"

/* Entries of the log, in its order. */
enum tamper_place {
    AT_GENESIS,
    AT_ROLE_KEY, /* the first, of role 2; that of role r is r - 2 behind it */
    AT_PARAMETERS,
    AT_SERIES,   /* series 1, budget 100,000 euros, then series 2 */
    AT_FUNDING,  /* subsidy of series 1, fund, unclear; fund and unclear of parking */
    AT_MERCHANT, /* 1, then 2 */
    AT_TILL,     /* 11, its anchor; then 21 and 31 of merchant 2 */
    AT_ANCHOR,
    AT_PURSE,        /* anna, bert, eva: tiers 2, 1, 3 */
    AT_ISSUE,        /* to each of them, then a lot for eva that ends after ten days */
    AT_ALLOWANCE,    /* anna 4000, then bert 1000 */
    AT_RENEWAL,      /* anna 5000 */
    AT_EARLY_REFUND, /* waits for its transfer */
    AT_CANCELLED,    /* a statement of anna's */
    AT_DISPUTED,     /* the till's own upload of that, then the dispute */
    AT_DISPUTE,
    AT_WAITED,     /* the settle that was waited for, then the refund */
    AT_SETTLE_NOW, /* a statement of anna's */
    AT_RECEIPT,    /* another one with a receipt */
    AT_VOID,
    AT_UPLOAD, /* of till 11: jam and its refund */
    AT_SETTLE,
    AT_REFUND,
    AT_QUIET,    /* no upload is under way; tills and anna are remembered as they are here */
    AT_EVIDENCE, /* bert pays twice: directly before what the fund pays */
    AT_FUND,
    AT_EVIDENCE_REVIEW, /* and three times: directly before what goes into review */
    AT_IN_REVIEW,
    AT_REVIEW,
    AT_TILL_BEARS, /* and again at the first till, which could have known */
    AT_LOSS,
    AT_DENIAL,
    AT_REVOCATION, /* of till 31 */
    AT_REJECT,     /* what it uploads all the same */
    AT_DEVICE,     /* a second one of eva's */
    AT_GIFT,       /* from eva to anna */
    AT_HOLD,
    AT_HOLD_END,
    AT_KILL,     /* of the parking key */
    AT_DAY,      /* the first service day */
    AT_LAST_DAY, /* the one that makes the lines due */
    AT_CLOSE,    /* anna's, with what she had not spent */
    AT_FORFEIT,  /* bert's, then his debt */
    AT_DEBT,
    AT_LATE,         /* by the till */
    AT_LATE_RECEIPT, /* by statement */
    AT_PAYOUT,       /* to merchant 1 */
    AT_EXPIRY,
    AT_END,
    TAMPER_PLACES
};

enum { TAMPER_SHOP, TAMPER_CAFE, TAMPER_KIOSK, TAMPER_TILLS };

/* About 25 MiB: static memory. */
struct tamper_city {
    struct fixture_city city;
    size_t at[TAMPER_PLACES];
    struct fixture_till tills[TAMPER_TILLS]; /* 11 of merchant 1, 21 and 31 of merchant 2 */
    struct fixture_till quiet[TAMPER_TILLS]; /* at AT_QUIET */
    struct fixture_wallet anna;              /* at AT_QUIET */
    struct fixture_wallet bert;
    struct fixture_wallet eva;
    struct fixture_payment bread;  /* 700 at the shop; 100 refunded */
    struct fixture_payment cake;   /* 250 at the cafe, settled online */
    struct fixture_payment jam;    /* 200 at the shop; 50 refunded */
    struct fixture_payment first;  /* bert's honest one, 400 at the shop */
    struct fixture_payment unsure; /* the one in review */
    struct tamper log;
};

/* Makes the city, and its log ready for tampering; fixture_close(&out->city) ends it. */
void tamper_city_open(struct tamper_city *out);

#endif
