/*
 * What is changed outside for a published domain, in messages. The steward, who reads what strangers say,
 * asks the keeper for it, and can name no more than a domain and a kind of order (WW_MSG_ORDER_ASK). The
 * keeper looks into its store whether that is due for a domain under management, and gives the clerk the
 * order with what is to be written (WW_MSG_ORDER). The clerk makes the names itself, of the domain and the
 * kind alone, and tells the keeper what has come of it (WW_MSG_ORDER_DONE), which tells the steward
 * (WW_MSG_ORDER_TOLD).
 */
#ifndef WW_PROC_MSG_ORDER_H
#define WW_PROC_MSG_ORDER_H

#include "core/published.h"
#include "proc/msg.h"

/* Orders that are open at a time: the steward has no more domains (WW_STEWARD_MAX). */
#define WW_ORDERS_MAX 16
#define WW_ORDER_DETAIL_SIZE 512

enum ww_order {
    WW_ORDER_NONE,
    WW_ORDER_FILES,       /* see to the policy's file in publish.tree; say how long the certificate lasts */
    WW_ORDER_CERTIFICATE, /* have one made for mta-sts.<domain>, by ACME */
    WW_ORDER_RECORD,      /* the TXT record at _mta-sts.<domain> has the id `text` */
    WW_ORDER_NO_RECORD,   /* there is none */
    WW_ORDER_TLSRPT,      /* the one at _smtp._tls.<domain> has the list of URIs `text` */
    WW_ORDER_COUNT,
};

/* The label before the domain of the record that it is about; NULL: it is about none. */
const char *ww_order_label(enum ww_order what);

struct ww_msg_order_ask {
    uint64_t number; /* the steward's, of each ask another; comes back */
    uint64_t version;
    char domain[WW_DNAME_SIZE];
    enum ww_order what;
};

struct ww_msg_order {
    uint64_t number; /* the keeper's */
    char domain[WW_DNAME_SIZE];
    enum ww_order what;
    bool tree; /* the host is another web server's, that shows what lies in publish.tree */
    bool gone; /* with WW_ORDER_FILES: what lies in the tree is to go; it stays as it is where there is
                  neither this nor a text. Without tree both are for a host that has moved on: somebody may
                  still be led to what lies there */
    bool acme; /* with WW_ORDER_FILES and tree: the certificate is the one in publish.folder */
    struct ww_slice text; /* as said above; of WW_ORDER_FILES the policy; borrowed */
};

struct ww_msg_order_done {
    uint64_t number;
    bool good;
    bool seen;                         /* WW_ORDER_FILES: the certificate in publish.folder was looked at */
    int64_t from, until;               /* its time; 0: there is none */
    char detail[WW_ORDER_DETAIL_SIZE]; /* what went wrong, printable ASCII; "" */
};

/*
 * Whether an order can be one: its domain is a canonical name that has room for what comes before it, its
 * text is a policy, an id or a list of URIs as its kind wants it. Whoever carries it out asks that, whoever
 * gave it.
 */
bool ww_order_check(const struct ww_msg_order *m);

/* The value of the TXT record that it sets, into out; "": it removes it. False: there is no room. */
bool ww_order_value(const struct ww_msg_order *m, char *out, size_t size);

void ww_msg_put_order_ask(struct ww_buf *b, const struct ww_msg_order_ask *m);
WW_MUST_CHECK enum ww_err ww_msg_get_order_ask(struct ww_slice payload, struct ww_msg_order_ask *m);
/* get takes none but those that pass ww_order_check. */
void ww_msg_put_order(struct ww_buf *b, const struct ww_msg_order *m);
WW_MUST_CHECK enum ww_err ww_msg_get_order(struct ww_slice payload, struct ww_msg_order *m);
void ww_msg_put_order_done(struct ww_buf *b, const struct ww_msg_order_done *m);
WW_MUST_CHECK enum ww_err ww_msg_get_order_done(struct ww_slice payload, struct ww_msg_order_done *m);

#endif
