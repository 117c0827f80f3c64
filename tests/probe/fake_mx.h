/* MX hosts for tests: each in a process of its own, on port 25 of an address, following a script. */
#ifndef WW_TESTS_PROBE_FAKE_MX_H
#define WW_TESTS_PROBE_FAKE_MX_H

#include <openssl/ssl.h>
#include <sys/types.h>

enum mx_then {
    THEN_SHAKE,   /* shakes hands, reads QUIT, says goodbye and closes */
    THEN_STAY,    /* the same, but says and closes nothing */
    THEN_ADMIT,   /* the same, but answers inside TLS what came along with STARTTLS */
    THEN_TIRE,    /* the same with the first, and greets all others with 421 */
    THEN_BABBLE,  /* shakes hands, and sends data without an end */
    THEN_REFUSE,  /* shakes hands with nobody */
    THEN_PLAIN,   /* sends plain text */
    THEN_SILENT,  /* sends nothing */
    THEN_HANG_UP, /* closes */
};

struct mx_script {
    /* What it says for a greeting, to EHLO and to STARTTLS; NULL: it hangs up, "": it stays silent. A text
     * that ends in "-\r\n" is said without an end. */
    const char *says[3];
    enum mx_then then;
};

/*
 * Starts it; ctx is as in pki_server, or NULL. It writes to `report`, unless that is -1, what it was told:
 * the lines of the client, and the name by SNI. End it with netns_end.
 */
pid_t fake_mx(const char *address, const struct mx_script *script, SSL_CTX *ctx, int report);

#endif
