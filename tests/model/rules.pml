/* Which transfers of till t may take which step now. The expressions give sets; zero means none. */

#define UP (!down && !closed)
#define OWNER_HOLDS_IT (HONEST && !stolen && !locked)

/* A till takes what its rules allow; the evil one takes whatever is signed for it. */
#define IS_EVIL(t) (EVIL && (t) == 0)
#define ROOM_LEFT(t) (K - AMOUNT(accepted[t] & ~(ROOM * confirmed[t])))
#define BY_THE_RULES(t) \
    ((expired || closed || informed[t]) -> 0 : \
     (signed_for[t] & ~TOUCHING(CELLS(accepted[t])) & AT_MOST(ROOM_LEFT(t))))
#define CAN_ACCEPT(t) \
    (IS_EVIL(t) -> (closed -> 0 : signed_for[t] & ~accepted[t]) : BY_THE_RULES(t))
#define PENDING(t) (accepted[t] & ~uploaded[t])
#define CAN_UPLOAD(t) (UP -> PENDING(t) : 0)
#define CAN_REPEAT(t) ((REPEATS && UP) -> uploaded[t] : 0)

/* The honest wallet signs at its cursor, the hostile one anything; after a restore only the lock
 * keeps an honest one from signing. A cancelled interval may go on sale again only in mutants. */
#define NEXT_INTERVALS \
    ((((cursor + 1 <= A) * ONLY(1 << cursor)) | ((cursor + 2 <= A) * ONLY(3 << cursor)) | \
      ((cursor + 3 <= A) * ONLY(7 << cursor))) & INTERVALS)
#define CAN_SIGN(t) \
    (((t) >= T || expired || closed) -> 0 : \
     ((HONEST && !stolen) -> (locked -> 0 : NEXT_INTERVALS) : INTERVALS & ~signed_for[t]))
#define CAN_CANCEL(t) \
    ((OWNER_HOLDS_IT && !closed) -> signed_for[t] & ~cancelled[t] & ~settled[t] : 0)
#define ENDING_AT(cell) \
    ((cell) == 1 -> 2 : ((cell) == 2 -> 12 : ((cell) == 3 -> 208 : 0)))
#define CAN_FREE(t) \
    ((OWNER_HOLDS_IT && UP && SYNC) -> cancelled[t] & ~settled[t] & ENDING_AT(cursor) : 0)

#define SIGNED(t) ((t) < T -> signed_for[t] : 0)

/* What a wallet may bring to the ledger. Once a loss is reported its device is revoked, but a till's
 * receipt may be carried in by anyone. */
#define CONFLICTS(x, t, m) (known[x] & TOUCHING(m) & ~(((x) == (t)) * ONLY(m)))
#define WALLET_CALLS (WALLET && UP && !locked)
#define DECIDED(t) (settled[t] | refused[t] | borne[t])
#define CAN_SHOW_RECEIPT(t) \
    (WALLET_CALLS -> accepted[t] & ~DECIDED(t) & ~reviewed[t] : 0)
#define CAN_SAY_DELIVERED(t) \
    ((WALLET_CALLS && !lost) -> \
     SIGNED(t) & ~DECIDED(t) & ~reviewed[t] & \
     (OWNER_HOLDS_IT -> ~cancelled[t] & ~known[t] : 255) : 0)
#define CAN_CALL_OFF(t) \
    ((WALLET_CALLS && !lost) -> \
     SIGNED(t) & ~DECIDED(t) & ~reviewed[t] & ~called_off[t] & \
     (OWNER_HOLDS_IT -> cancelled[t] : 255) : 0)
#define CAN_CARRY(t) \
    ((WALLET && ROOM && !closed) -> \
     provable[t] & ~confirmed[t] & (accepted[t] | ~TOUCHING(CELLS(accepted[t]))) : 0)
#define CAN_CREDIT(t) (((t) == 0 && CREDIT && UP) -> INTERVALS & ~TOUCHING(taken) : 0)
#define CAN_RENEW \
    (renewals < RENEW && UP && !denied && !locked && \
     (!HONEST || ((signed_for[0] & ~known[0]) | (signed_for[1] & ~known[1]) | \
                  (signed_for[2] & ~known[2])) == 0))
#define CAN_RESTORE (ROLLBACK && OWNER_HOLDS_IT && !restored && !closed && cursor > 0)
#define CAN_STEAL (THEFT && OWNER_HOLDS_IT && !closed)
#define CAN_REPORT_LOSS (LOSS && UP && !lost && (!HONEST || stolen))

/* A day of service ends. OFFLINE is the contract: a till that keeps it has uploaded everything within
 * so many days on which the service was there. */
#define HONEST_PENDING ((IS_EVIL(0) -> 0 : PENDING(0)) | PENDING(1) | PENDING(2))
#define DAY_OF_SERVICE (UP && (days < OFFLINE || !HONEST_PENDING))
#define DAY_OF_OUTAGE (CALENDAR && down && !closed)
#define CAN_PASS_DAY (expired && days < GRACE && (DAY_OF_SERVICE || DAY_OF_OUTAGE))
/* What is in review then is ended by two roles; a till that keeps the contract has uploaded by then
 * and needs none. */
#define IN_REVIEW (reviewed[0] | reviewed[1] | reviewed[2])
#define CAN_REVIEW(t) ((WALLET && UP && expired && days >= GRACE) -> reviewed[t] : 0)
#define CAN_CLOSE (expired && !closed && (!down || CALENDAR) && days >= GRACE && !IN_REVIEW)
#define CAN_FALL (!down && !closed && outages < OUTAGES)
#define CAN_RISE (down && !closed && !NEVER_UP)
#define CAN_EXPIRE (!expired && !closed)
