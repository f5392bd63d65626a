/* Offline payment on one line, small enough to be searched completely.
 *
 * A line holds A cells; a transfer is a pair (till, interval), and an interval is written as the mask
 * of its cells: 1, 2, 4 are single cells, 3 and 6 two cells, 7 all three. A set of transfers of one
 * till is a byte whose bit m stands for the transfer with mask m.
 *
 * The file is included by a generated one that defines the switches; README.md lists them. A step
 * prints lines beginning with @ when a trail is replayed, from which traces/ is made.
 */

#if COVER
#define STEP atomic /* lets the report on unreached statements look inside */
#else
#define STEP d_step
#endif

/* What happens to the reserve of a line with evidence. */
#define FORFEIT_NONE 0
#define FORFEIT_CLOSE 1 /* the rule: at close, the lesser of fund-paid and reserve left */
#define FORFEIT_TOTAL 2
#define FORFEIT_ONCE 3

/* Sets of intervals and masks of cells. */
#define HAS(set, m) (((set) >> (m)) & 1)
#define ONLY(m) (1 << (m))
#define ADD(set, m) set = set | ONLY(m)
#define LOW(m) (((m) & 1) -> 0 : (((m) & 2) -> 1 : 2))
#define HIGH(m) (((m) & 4) -> 3 : (((m) & 2) -> 2 : 1))
#define SIZE(m) (HIGH(m) - LOW(m))
#define TOUCHING(cells) \
    ((((cells) & 1) * 170) | ((((cells) >> 1) & 1) * 204) | ((((cells) >> 2) & 1) * 240))
#define CELLS(set) \
    (((((set) & 170) != 0) * 1) | ((((set) & 204) != 0) * 2) | ((((set) & 240) != 0) * 4))
#define BITS(cells) (((cells) & 1) + (((cells) >> 1) & 1) + (((cells) >> 2) & 1))
#define AMOUNT(set) \
    (HAS(set, 1) + HAS(set, 2) + HAS(set, 4) + 2 * (HAS(set, 3) + HAS(set, 6)) + 3 * HAS(set, 7))
#define AT_MOST(room) ((((room) > 0) * 22) | (((room) > 1) * 72) | (((room) > 2) * 128))
#define WITHIN_LINE (A == 1 -> 2 : (A == 2 -> 14 : 222))
#define INTERVALS (WITHIN_LINE & AT_MOST(L))
#define SUM(set) (AMOUNT(set[0]) + AMOUNT(set[1]) + AMOUNT(set[2]))
#define UNION(set) (CELLS(set[0]) | CELLS(set[1]) | CELLS(set[2]))
#define LESSER(a, b) ((a) < (b) -> (a) : (b))
#define EXCESS(a, b) ((a) > (b) -> (a) - (b) : 0)

/* The wallet and whoever holds its key. */
byte signed_for[3] = PRESIGN * INTERVALS;
byte cancelled[3]; /* called off by the honest user */
byte cursor;
bool restored, locked, stolen;

/* The tills. */
byte accepted[3];
byte broken[3];    /* accepted against the till's rules; its log shows it */
byte too_late[3];  /* accepted after the loss was reported */
byte uploaded[3];  /* by the till itself */
byte confirmed[3]; /* no longer counted by the till's limit */
bool informed[3];  /* the till has news of the denial */

/* The ledger. */
byte known[3];
byte settled[3];
byte called_off[3]; /* recorded as cancelled */
byte reviewed[3];   /* receipts that the wallet brought, held until the till's own upload or review */
byte refused[3];    /* overlaps of tills that broke their rules */
byte borne[3];      /* accepted against the rules after a reported loss */
byte provable[3];   /* settlement proofs that the wallet can show */
byte taken;         /* cells that are no longer free */
int reserve = A;
int fund;    /* all that the fund has paid */
int overlap; /* what it paid of that because of an overlap */
int recovered, returned, paid;
int claims; /* paid at close, out of the reserve left, for refused overlaps */
bool denied, proof, lost;
#ifdef REACH
byte waited[3]; /* was in review once */
#endif

/* Time and the service. */
bool expired, down, closed;
byte days, outages, renewals;

#include "rules.pml"
#include "properties.pml"
#include "steps.pml"

#ifdef REPLAY
#include "replay.pml"
#else
#include "actors.pml"
#endif
