/* Who may do what, at any time, in any order. The index of a till is the number of its process, so
 * the tills come first. */

#define PICK(set) \
    if \
    :: HAS(set, 1) -> m = 1 \
    :: HAS(set, 2) -> m = 2 \
    :: HAS(set, 3) -> m = 3 \
    :: HAS(set, 4) -> m = 4 \
    :: HAS(set, 6) -> m = 6 \
    :: HAS(set, 7) -> m = 7 \
    fi
#define ANY(CAN) (CAN(0) || CAN(1) || CAN(2))
#define CHOOSE(CAN) \
    if \
    :: CAN(0) -> t = 0 \
    :: CAN(1) -> t = 1 \
    :: CAN(2) -> t = 2 \
    fi; \
    PICK(CAN(t))

active [T] proctype Till()
{
    byte m;
end:
    do
    :: atomic {
        CAN_ACCEPT(_pid) -> PICK(CAN_ACCEPT(_pid));
        STEP { accept(_pid, m); m = 0 }
    }
    :: atomic {
        CAN_UPLOAD(_pid) -> PICK(CAN_UPLOAD(_pid));
        STEP { upload(_pid, m); m = 0 }
    }
#if REPEATS
    :: atomic {
        CAN_REPEAT(_pid) -> PICK(CAN_REPEAT(_pid));
        STEP { upload(_pid, m); m = 0 }
    }
#endif
    od
}

/* Where the wallet is hostile it could sign everything before all else: PRESIGN says that it has,
 * which saves states and loses nothing, as signing alone tells nobody anything. */
active proctype Wallet()
{
    byte t, m;
end:
    do
#if !PRESIGN
    :: atomic {
        ANY(CAN_SIGN) -> CHOOSE(CAN_SIGN);
        STEP { sign(t, m); t = 0; m = 0 }
    }
#endif
#if HONEST
    :: atomic {
        ANY(CAN_CANCEL) -> CHOOSE(CAN_CANCEL);
        STEP { cancel(t, m); t = 0; m = 0 }
    }
#endif
#if SYNC
    :: atomic {
        ANY(CAN_FREE) -> CHOOSE(CAN_FREE);
        STEP { sync(t, m); t = 0; m = 0 }
    }
#endif
#if ROLLBACK
    :: atomic {
        CAN_RESTORE ->
        if
        :: m = 0
        :: cursor > 1 -> m = 1
        :: cursor > 2 -> m = 2
        fi;
        STEP { restore(m); m = 0 }
    }
#endif
#if THEFT
    :: atomic { CAN_STEAL -> STEP { steal() } }
#endif
#if LOSS
    :: atomic { CAN_REPORT_LOSS -> STEP { report_loss() } }
#endif
#if WALLET
    :: atomic {
        ANY(CAN_SHOW_RECEIPT) -> CHOOSE(CAN_SHOW_RECEIPT);
        STEP { show_receipt(t, m); t = 0; m = 0 }
    }
    :: atomic {
        ANY(CAN_SAY_DELIVERED) -> CHOOSE(CAN_SAY_DELIVERED);
        STEP { say_delivered(t, m); t = 0; m = 0 }
    }
    :: atomic {
        ANY(CAN_CALL_OFF) -> CHOOSE(CAN_CALL_OFF);
        STEP { call_off(t, m); t = 0; m = 0 }
    }
#endif
#if WALLET && ROOM
    :: atomic {
        ANY(CAN_CARRY) -> CHOOSE(CAN_CARRY);
        STEP { carry(t, m); t = 0; m = 0 }
    }
#endif
#if RENEW
    :: atomic { CAN_RENEW -> STEP { renew() } }
#endif
#if CREDIT
    :: atomic {
        CAN_CREDIT(0) -> PICK(CAN_CREDIT(0));
        STEP { credit(m); m = 0 }
    }
#endif
    :: closed -> break
    od
}

active proctype City()
{
    byte t, m;
    do
    :: atomic { CAN_EXPIRE -> STEP { expire() } }
    :: atomic { CAN_PASS_DAY -> STEP { pass_day() } }
#if WALLET
    :: atomic {
        ANY(CAN_REVIEW) -> CHOOSE(CAN_REVIEW);
        STEP { review(t, m); t = 0; m = 0 }
    }
#endif
    :: atomic { CAN_CLOSE -> STEP { close() } } -> break
    od
}

#if OUTAGES
active proctype Outage()
{
end:
    do
    :: atomic { CAN_FALL -> STEP { fall() } }
    :: atomic { CAN_RISE -> STEP { rise() } }
    :: closed -> break
    od
}
#endif
