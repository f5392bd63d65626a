/* Steps put to the model one by one: what the rules do not allow now is answered with "refused" and
 * changes nothing. The generated file ends with an init that calls these. */

#define TRY_TRANSFER(word, may, step) \
    if \
    :: may -> step \
    :: else -> printf(word); SAY_TRANSFER(t, m); ANSWER(" -> refused") \
    fi
#define TRY(word, may, step) \
    if \
    :: may -> step \
    :: else -> printf(word); ANSWER(" -> refused") \
    fi

inline try_sign(t, m) { TRY_TRANSFER("@sign", HAS(CAN_SIGN(t), m), sign(t, m)) }
inline try_cancel(t, m) { TRY_TRANSFER("@cancel", HAS(CAN_CANCEL(t), m), cancel(t, m)) }
inline try_sync(t, m) { TRY_TRANSFER("@sync", HAS(CAN_FREE(t), m), sync(t, m)) }
inline try_accept(t, m) { TRY_TRANSFER("@accept", HAS(CAN_ACCEPT(t), m), accept(t, m)) }
inline try_carry(t, m) { TRY_TRANSFER("@carry", HAS(CAN_CARRY(t), m), carry(t, m)) }
inline try_upload(t, m)
{
    if
    :: HAS(CAN_UPLOAD(t) | CAN_REPEAT(t), m) -> upload(t, m)
    :: else -> printf("@upload"); SAY_TRANSFER(t, m); ANSWER(" till - -> refused")
    fi
}
inline try_receipt(t, m)
{
    if
    :: HAS(CAN_SHOW_RECEIPT(t), m) -> show_receipt(t, m)
    :: else -> printf("@upload"); SAY_TRANSFER(t, m); ANSWER(" wallet receipt -> refused")
    fi
}
inline try_delivered(t, m)
{
    if
    :: HAS(CAN_SAY_DELIVERED(t), m) -> say_delivered(t, m)
    :: else -> printf("@upload"); SAY_TRANSFER(t, m); ANSWER(" wallet delivered -> refused")
    fi
}
inline try_cancelled(t, m)
{
    if
    :: HAS(CAN_CALL_OFF(t), m) -> call_off(t, m)
    :: else -> printf("@upload"); SAY_TRANSFER(t, m); ANSWER(" wallet cancelled -> refused")
    fi
}
inline try_review(t, m) { TRY_TRANSFER("@review", HAS(CAN_REVIEW(t), m), review(t, m)) }
inline try_credit(t, m)
{
    if
    :: HAS(CAN_CREDIT(0), m) -> credit(m)
    :: else -> printf("@credit %d %d", LOW(m), HIGH(m)); ANSWER(" -> refused")
    fi
}
inline try_restore(cell)
{
    if
    :: CAN_RESTORE -> restore(cell)
    :: else -> printf("@restore %d", cell); ANSWER(" -> refused")
    fi
}
inline try_steal() { TRY("@steal", CAN_STEAL, steal()) }
inline try_report() { TRY("@report", CAN_REPORT_LOSS, report_loss()) }
inline try_renew() { TRY("@renew", CAN_RENEW, renew()) }
inline try_expire() { TRY("@expire", CAN_EXPIRE, expire()) }
inline try_day() { TRY("@day", CAN_PASS_DAY, pass_day()) }
inline try_close() { TRY("@close", CAN_CLOSE, close()) }
inline try_down() { TRY("@down", CAN_FALL, fall()) }
inline try_up() { TRY("@up", CAN_RISE, rise()) }
