/*
 * The server's side of an LMTP session (RFC 2033), for a sink that takes mail for any recipient: octets in,
 * replies out. It offers PIPELINING, ENHANCEDSTATUSCODES, 8BITMIME, SMTPUTF8 and SIZE.
 *
 * Command lines and the end of a message are CR LF alone, so that what an MTA in front has passed on as part
 * of a message is never read as the next command.
 */
#ifndef WW_ENGINE_LMTP_H
#define WW_ENGINE_LMTP_H

#include "base/buf.h"

/* Of one mail, as RFC 5321 section 4.5.3.1.8 has it at least. */
#define WW_LMTP_RECIPIENTS_MAX 100
/* A line, its end included: what RFC 5321 has, and room for the extensions. */
#define WW_LMTP_LINE_MAX 1024
/* A path with its angle brackets. */
#define WW_LMTP_PATH_MAX 256
/* A reply as it is written, all its lines included. */
#define WW_LMTP_REPLY_MAX 512
/* The session is ended after so many commands that are wrong, */
#define WW_LMTP_FAULTS_MAX 10
/* or so many of any kind without a mail. */
#define WW_LMTP_COMMANDS_MAX 500

enum ww_lmtp_want {
    WW_LMTP_READ,   /* all octets were used: the next ones */
    WW_LMTP_WRITE,  /* room for replies; also where a message begins, which needs room as well */
    WW_LMTP_SUBMIT, /* the message is whole: ww_lmtp_answer, before which nothing else is taken */
    WW_LMTP_CLOSE,  /* the end, when the replies are out */
};

/* Private but for what is said of it. */
struct ww_lmtp {
    const char *host; /* ours, borrowed */
    size_t size_max;
    unsigned state;
    unsigned data; /* where in a message it is */
    unsigned faults;
    unsigned commands; /* that were taken since the last mail */
    unsigned recipients;
    char sender[WW_LMTP_PATH_MAX]; /* of the mail, as it was written, without brackets; "": nobody */
    bool utf8;                     /* the mail may have addresses in UTF-8 */
    bool skipping;                 /* a line that is too long */
    size_t octets;                 /* of the message so far */
    size_t line_n;
    char line[WW_LMTP_LINE_MAX];
    unsigned answers; /* that are still to be written, and each one: */
    char answer[WW_LMTP_REPLY_MAX];
};

/* Begins one with the greeting. size_max: octets of a message. */
void ww_lmtp_begin(struct ww_lmtp *lmtp, const char *host, size_t size_max, struct ww_buf *out);

/*
 * Takes what is at *in, and moves it on. out has room for WW_LMTP_REPLY_MAX octets, or no command is taken.
 * The message's octets (dots undone, each line with CR LF as it came) go to message, which is emptied where
 * one begins; where it has no room, with in->n + 2 octets always enough, the mail is read away and refused
 * for now.
 */
enum ww_lmtp_want ww_lmtp_take(struct ww_lmtp *lmtp, struct ww_slice *in, struct ww_buf *message,
                               struct ww_buf *out);

/* Within a message: its octets are awaited. */
bool ww_lmtp_is_in_message(const struct ww_lmtp *lmtp);

/*
 * What became of a message, told of each recipient by the next ww_lmtp_take: a line without its end, such as
 * "250 2.0.0 new report 12". What is not printable ASCII becomes a question mark, and it is cut where it is
 * too long.
 */
void ww_lmtp_answer(struct ww_lmtp *lmtp, const char *line);

/* Ends a session from our side (421); ww_lmtp_take wants nothing but to close from now on. */
void ww_lmtp_end(struct ww_lmtp *lmtp, const char *words, struct ww_buf *out);

#endif
