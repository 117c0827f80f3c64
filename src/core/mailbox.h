/*
 * A mailbox as a command takes it (RFC 5321 section 4.1.2): a dot-string before the at sign, of 64 octets at
 * most, and a domain name. A quoted local part, which nobody has, and an address literal are none here.
 */
#ifndef WW_CORE_MAILBOX_H
#define WW_CORE_MAILBOX_H

#include "core/dname.h"

#include <stdbool.h>

#define WW_MAILBOX_MAX 254

/* What may stand before the at sign. */
bool ww_mailbox_is_local_part(struct ww_slice text);

/* False: it is none. domain is canonical, and may be NULL. */
bool ww_mailbox_parse(struct ww_slice text, char domain[WW_DNAME_SIZE]);

#endif
