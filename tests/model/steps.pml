/* The steps. Each prints what it was asked and what the answer was. */

#define SAY_TRANSFER(t, m) printf(" t%d %d %d", t, LOW(m), HIGH(m))
#define ANSWER(word) printf(word); printf("\n")

inline sign(t, m)
{
    ADD(signed_for[t], m);
    if
    :: HONEST && !stolen -> cursor = HIGH(m)
    :: else -> skip
    fi;
    printf("@sign"); SAY_TRANSFER(t, m); ANSWER(" -> ok");
    judge()
}

inline cancel(t, m)
{
    ADD(cancelled[t], m);
#if !WRITE_AHEAD
    if
    :: cursor == HIGH(m) -> cursor = LOW(m)
    :: else -> skip
    fi;
#endif
    printf("@cancel"); SAY_TRANSFER(t, m); ANSWER(" -> ok");
    judge()
}

/* The wallet learns that the ledger has not settled a cancelled interval. By the rules it stays
 * burned all the same. */
inline sync(t, m)
{
    printf("@sync"); SAY_TRANSFER(t, m);
#if SYNC_FREES
    cursor = LOW(m);
    ANSWER(" -> freed");
#else
    ANSWER(" -> kept");
#endif
    judge()
}

inline restore(cell)
{
    restored = true;
    locked = LOCK;
    cursor = cell;
    printf("@restore %d", cell); ANSWER(" -> ok");
    judge()
}

/* Like the hostile wallet of PRESIGN, a thief is taken to have signed everything at once. */
inline steal()
{
    stolen = true;
#ifndef REPLAY
    signed_for[0] = INTERVALS;
    signed_for[1] = (T > 1) * INTERVALS;
    signed_for[2] = (T > 2) * INTERVALS;
#endif
    printf("@steal"); ANSWER(" -> ok");
    judge()
}

/* A till that has not heard of a reported loss still accepts; its log shows that it did not know. */
inline accept(t, m)
{
    printf("@accept"); SAY_TRANSFER(t, m);
    if
    :: lost && !HAS(settled[t], m) && (!IS_EVIL(t) || informed[t]) ->
        ADD(too_late[t], m);
        printf(" -> late")
    :: else -> printf(" -> ok")
    fi;
    if
    :: !HAS(BY_THE_RULES(t), m) ->
        ADD(broken[t], m);
        printf("-broken")
    :: else -> skip
    fi;
    printf("\n");
    ADD(accepted[t], m);
    judge()
}

/* A settlement proof shown at the till makes room there, or makes the sale without using any. */
inline carry(t, m)
{
    ADD(accepted[t], m);
    ADD(confirmed[t], m);
    printf("@carry"); SAY_TRANSFER(t, m); ANSWER(" -> ok");
    judge()
}

inline pay_from_reserve(t, m, with_proof)
{
    taken = taken | (m);
    reserve = reserve - SIZE(m);
    paid = paid + SIZE(m);
    ADD(settled[t], m);
    if
    :: with_proof -> ADD(provable[t], m)
    :: else -> skip
    fi;
    ANSWER(" -> reserve");
    judge_settlement(t, m)
}

inline take_if_free(cell, needed)
{
    if
    :: (needed) && cell < A && !((taken >> cell) & 1) ->
        taken = taken | (1 << cell);
        reserve--;
        recovered++
    :: else -> skip
    fi
}

inline pay_from_fund(t, m, for_overlap)
{
    fund = fund + SIZE(m);
    paid = paid + SIZE(m);
    ADD(settled[t], m);
#if RECEIPT_PAYS
    ADD(provable[t], m);
#endif
    if
    :: for_overlap -> overlap = overlap + SIZE(m)
    :: else -> skip
    fi;
    ANSWER(" -> fund");
#if FORFEIT == FORFEIT_ONCE
    take_if_free(0, recovered < overlap);
    take_if_free(1, recovered < overlap);
    take_if_free(2, recovered < overlap);
#endif
    if
    :: for_overlap -> judge_overlap(t, m)
    :: else -> skip
    fi
}

/* Two different messages on one cell are evidence, whatever becomes of either. A cancel claims no money
 * and is only remembered. */
inline record(t, m)
{
    if
    :: CONFLICTS(0, t, m) | CONFLICTS(1, t, m) | CONFLICTS(2, t, m) ->
        proof = true;
        denied = true
    :: else -> skip
    fi;
    ADD(known[t], m)
}

/* What is not free is paid by the fund, unless the till's log shows that it broke a rule. */
inline decide_overlap(t, m)
{
    if
    :: HAS(broken[t], m) && REFUSE ->
        ADD(refused[t], m);
        ANSWER(" -> bears");
        judge_overlap(t, m)
    :: else -> pay_from_fund(t, m, true)
    fi
}

/* After a reported loss the fund pays the till that could not know of it, and never the reserve. */
inline decide(t, m)
{
    reviewed[t] = reviewed[t] & ~ONLY(m);
    if
    :: HAS(too_late[t], m) && HAS(broken[t], m) ->
        ADD(borne[t], m);
        ANSWER(" -> bears-late")
    :: HAS(too_late[t], m) && !HAS(broken[t], m) && !LATE_FROM_RESERVE -> pay_from_fund(t, m, false)
    :: else ->
        if
        :: ((m) & taken) || (REFUSE_FREE && HAS(broken[t], m)) -> decide_overlap(t, m)
        :: else -> pay_from_reserve(t, m, false)
        fi
    fi
}

/* A receipt proves that the till accepted, not that it kept its rules: only its own log shows that. */
inline take_receipt(t, m)
{
    if
    :: ((m) & taken) || (HAS(too_late[t], m) && !LATE_FROM_RESERVE) ->
        ADD(reviewed[t], m);
#ifdef REACH
        ADD(waited[t], m);
#endif
        ANSWER(" -> review")
    :: else -> pay_from_reserve(t, m, false)
    fi
}

inline take_word_of_wallet(t, m)
{
    if
    :: HAS(called_off[t], m) && !CANCEL_SETTLES -> ANSWER(" -> cancelled")
    :: else ->
        record(t, m);
        if
        :: (m) & taken -> ANSWER(" -> overlap")
        :: else -> pay_from_reserve(t, m, WALLET && ROOM && !proof)
        fi
    fi
}

/* Only in mutants: cells leave the reserve for a purse before the line is closed. */
inline give_back(m)
{
    if
    :: !((m) & taken) ->
        taken = taken | (m);
        reserve = reserve - SIZE(m);
        returned = returned + SIZE(m)
    :: else -> skip
    fi
}

inline take_cancel(t, m)
{
#if CANCEL_SETTLES
    take_word_of_wallet(t, m);
#else
    ADD(known[t], m);
    ADD(called_off[t], m);
#if CANCEL_RETURNS
    give_back(m);
#endif
    ANSWER(" -> held");
#endif
}

inline upload(t, m)
{
    printf("@upload"); SAY_TRANSFER(t, m); printf(" till -");
    if
    :: HAS(DECIDED(t), m) && KEYED -> ANSWER(" -> duplicate")
    :: else ->
        record(t, m);
        decide(t, m)
    fi;
    ADD(uploaded[t], m);
    ADD(confirmed[t], m);
    informed[t] = denied;
    judge()
}

inline show_receipt(t, m)
{
    printf("@upload"); SAY_TRANSFER(t, m); printf(" wallet receipt");
    record(t, m);
#if RECEIPT_PAYS
    decide(t, m);
#else
    take_receipt(t, m);
#endif
    judge()
}

inline say_delivered(t, m)
{
    printf("@upload"); SAY_TRANSFER(t, m); printf(" wallet delivered");
    take_word_of_wallet(t, m);
    judge()
}

inline call_off(t, m)
{
    printf("@upload"); SAY_TRANSFER(t, m); printf(" wallet cancelled");
    take_cancel(t, m);
    judge()
}

inline review(t, m)
{
    printf("@review"); SAY_TRANSFER(t, m);
    decide(t, m);
    judge()
}

/* Value that moves to another purse before close: no rule allows it. */
inline credit(m)
{
    give_back(m);
    printf("@credit %d %d", LOW(m), HIGH(m)); ANSWER(" -> credited");
    judge()
}

inline report_loss()
{
    lost = true;
    denied = true;
    printf("@report"); ANSWER(" -> ok");
    judge()
}

inline expire()
{
    expired = true;
    printf("@expire"); ANSWER(" -> ok");
    judge()
}

inline renew()
{
    expired = false;
    days = 0;
    renewals++;
    printf("@renew"); ANSWER(" -> ok");
    judge()
}

inline fall()
{
    down = true;
    outages++;
    printf("@down"); ANSWER(" -> ok");
    judge()
}

inline rise()
{
    down = false;
    printf("@up"); ANSWER(" -> ok");
    judge()
}

inline pass_day()
{
    days++;
    printf("@day"); ANSWER(" -> ok");
    judge()
}

inline forfeit(most)
{
    if
    :: (most) < reserve ->
        reserve = reserve - (most);
        recovered = recovered + (most)
    :: else ->
        recovered = recovered + reserve;
        reserve = 0
    fi
}

inline close()
{
#if FORFEIT == FORFEIT_CLOSE
    forfeit(overlap);
#elif FORFEIT == FORFEIT_TOTAL
    forfeit(proof * A);
#elif FORFEIT == FORFEIT_ONCE
    forfeit(overlap - recovered);
#endif
    claims = LESSER(SUM(refused), reserve);
    reserve = reserve - claims;
    paid = paid + claims;
    returned = returned + reserve;
    reserve = 0;
    closed = true;
    printf("@close"); ANSWER(" -> ok");
    judge()
}
