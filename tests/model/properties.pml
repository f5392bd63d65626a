/* What is judged after every step whose property the run switches on. */

#define HONOURED (paid - claims - (fund - overlap))
#define LIMIT (T * LESSER(K, A))
#define UNSETTLED(t) (IS_EVIL(t) -> 0 : accepted[t] & ~settled[t])
#define BEFORE_REPORT(t) ((accepted[t] & ~too_late[t]) | (settled[t] & ~accepted[t]))

#define conservation (reserve >= 0 && reserve + returned + recovered + (paid - fund) == A)
#define exactloss \
    (!closed || (overlap - recovered == EXCESS(HONOURED, A) && \
                 (WALLET || EVIL || LOSS || overlap - recovered == EXCESS(SUM(accepted), A))))
#define grossbound (fund <= LIMIT - 1)
#define grossboundall (fund <= LIMIT)
#define netbound (!closed || fund - recovered <= EXCESS(LIMIT, A))
#define netboundall (!closed || fund - recovered <= LIMIT)
#define merchantpaid \
    (!closed || ((UNSETTLED(0) | UNSETTLED(1) | UNSETTLED(2)) == 0 && \
                 paid - claims == SUM(settled) && (WALLET || EVIL || paid == SUM(accepted))))
#define attributable \
    ((overlap == 0 || proof) && (fund == overlap || lost) && \
     (!proof || SUM(known) > BITS(UNION(known))))
#define noframe (stolen || !proof)
#define ownerloss \
    (!closed || A - returned <= AMOUNT(BEFORE_REPORT(0)) + AMOUNT(BEFORE_REPORT(1)) + \
                                    AMOUNT(BEFORE_REPORT(2)))

/* Judged where the ledger decides. disjointpaid: what it pays from the fund, or refuses, because of an
 * overlap does overlap another transfer that a till accepted or the ledger has seen. nocancelsettle:
 * a cancelled sale that settles was accepted by its till. */
#define OTHERS(x, t, m) \
    ((known[x] | accepted[x]) & TOUCHING(m) & ~(((x) == (t)) * ONLY(m)))
#define OVERLAPS_ANOTHER(t, m) (OTHERS(0, t, m) | OTHERS(1, t, m) | OTHERS(2, t, m))
#define CANCELLED(t, m) ((!stolen && HAS(cancelled[t], m)) || HAS(called_off[t], m))

/* For the runs that look at what comes about in time. */
#define pending ((PENDING(0) | PENDING(1) | PENDING(2)) != 0)
#ifdef LIVENESS
ltl settle { [] (pending -> <> !pending) }
ltl allclosed { <> closed }
#endif

#if COVER
#define JUDGE(name, holds) assert(holds)
#else
#define JUDGE(name, holds) \
    if \
    :: !(holds) -> printf("@violated "); printf(#name); printf("\n"); assert(false) \
    :: else -> skip \
    fi
#endif

#define TOTALS \
    printf("@total %d %d %d %d %d %d %d %d %d\n", reserve, fund, overlap, recovered, returned, paid, \
           claims, proof, closed)

inline judge_settlement(t, m)
{
    TOTALS;
#ifdef P_nocancelsettle
    JUDGE(nocancelsettle, IS_EVIL(t) || HAS(accepted[t], m) || !CANCELLED(t, m));
#endif
}

inline judge_overlap(t, m)
{
    TOTALS;
#ifdef P_disjointpaid
    JUDGE(disjointpaid, OVERLAPS_ANOTHER(t, m) != 0);
#endif
}

inline judge()
{
    TOTALS;
#ifdef P_conservation
    JUDGE(conservation, conservation);
#endif
#ifdef P_exactloss
    JUDGE(exactloss, exactloss);
#endif
#ifdef P_grossbound
    JUDGE(grossbound, grossbound);
#endif
#ifdef P_grossboundall
    JUDGE(grossboundall, grossboundall);
#endif
#ifdef P_netbound
    JUDGE(netbound, netbound);
#endif
#ifdef P_netboundall
    JUDGE(netboundall, netboundall);
#endif
#ifdef P_merchantpaid
    JUDGE(merchantpaid, merchantpaid);
#endif
#ifdef P_attributable
    JUDGE(attributable, attributable);
#endif
#ifdef P_noframe
    JUDGE(noframe, noframe);
#endif
#ifdef P_ownerloss
    JUDGE(ownerloss, ownerloss);
#endif
#ifdef REACH
    JUDGE(reached, !(REACH));
#endif
}
