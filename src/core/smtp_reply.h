/*
 * The replies of an SMTP server (RFC 5321 section 4.2), as they come in: a cutter of whole replies off the
 * front of what was received.
 */
#ifndef WW_CORE_SMTP_REPLY_H
#define WW_CORE_SMTP_REPLY_H

#include "base/slice.h"

/* Longest line with its end; RFC 5321 section 4.5.3.1.5 has 512, servers go beyond. */
#define WW_SMTP_LINE_MAX 2048

/* Longest reply, all its lines together. */
#define WW_SMTP_REPLY_MAX ((size_t)16 * 1024)

enum ww_smtp_cut {
    WW_SMTP_WHOLE,     /* a reply was cut off */
    WW_SMTP_MORE,      /* its end has not come yet */
    WW_SMTP_MALFORMED, /* this is no SMTP, or longer than the limits */
};

struct ww_smtp_reply {
    unsigned code;         /* 200 to 599 */
    struct ww_slice lines; /* all of it, each line ends in LF; borrowed from the input */
};

/*
 * Cuts the first reply off n octets; *used is its length. Lines may end in a bare LF. Every line of a reply
 * has the same code.
 */
enum ww_smtp_cut ww_smtp_reply_cut(const char *p, size_t n, struct ww_smtp_reply *reply, size_t *used);

/*
 * The text of the next line of a reply, without code and line end; false after the last. *lines is what is
 * left, at first that of the reply.
 */
bool ww_smtp_reply_line(struct ww_slice *lines, struct ww_slice *text);

/* True when a line after the first of a reply to EHLO begins with this keyword (RFC 5321 section 4.1.1.1),
 * given in lower case. */
bool ww_smtp_reply_offers(const struct ww_smtp_reply *reply, const char *keyword);

/*
 * True when a reply to RCPT, its last line with the code, says that there is no such mailbox, or that it
 * takes nothing for good: by its enhanced status code (RFC 3463), 5.1.x where that is the recipient's
 * address, 5.2.x or 5.4.x; without one by 550, 551 or 553. Others are about who sends, or what: relaying
 * denied, policy, syntax.
 */
bool ww_smtp_refuses_recipient(struct ww_slice line);

#endif
