/* Rows of the error table: WW_ERR(name, id, message, source). Included by err.h and err.c; no guard. */

WW_ERR(NONE, "ok", "no error", "")

/* base */
WW_ERR(NO_MEMORY, "no-memory", "out of memory", "")
WW_ERR(TOO_LONG, "too-long", "longer than its limit", "")
WW_ERR(TRUNCATED, "truncated", "ends too early", "")

/* core: names and addresses */

/* core: STS record */

/* core: STS policy */

/* core: MX patterns */

/* core: TLSRPT record */

/* core: DNS answers and presentation format */

/* core: socketmap */

/* codec */

/* net: DNS */

/* net: HTTPS */

/* store */

/* proc */
WW_ERR(MSG_MALFORMED, "msg-malformed", "a message between roles is malformed", "")
WW_ERR(CHAN_DOWN, "chan-down", "the role at the other end is gone", "")
WW_ERR(CHAN_FULL, "chan-full", "too many messages wait for the role at the other end", "")
WW_ERR(CHAN_PAIR, "chan-pair", "cannot make a pair of sockets", "")
WW_ERR(CONFINE, "confine", "cannot give up rights", "")
